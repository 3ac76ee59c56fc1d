package native

// #include <sm_token.h>
// #include "log_callback.h"
import "C"

// Options are an sm_options and the credentials beside it. The first value that is refused is the failure of
// the call that takes the options.
type Options struct {
	native     *C.sm_options
	id, secret text
	log        logHandle
	failure    *Failure
}

// NewOptions are the defaults. Free frees them, unless a client took them over.
func NewOptions() *Options { return &Options{native: C.sm_options_new()} }

// Free frees the options and the way to the log.
func (options *Options) Free() {
	options.freeButLog()
	options.log.free()
}

// freeButLog leaves the log, which a client that took the options still calls.
func (options *Options) freeButLog() {
	options.id.free()
	options.secret.free()
	C.sm_options_free(options.native)
}

// SetCredentials gives both credentials; without it they come from the environment.
func (options *Options) SetCredentials(id, secret string) {
	options.id = options.text(id, "Credentials.ID")
	options.secret = options.text(secret, "Credentials.Secret")
}

// SetCredentialFiles is sm_options_set_credential_files.
func (options *Options) SetCredentialFiles(id, secret string) {
	idFile := options.text(id, "CredentialFiles.ID")
	secretFile := options.text(secret, "CredentialFiles.Secret")
	if idFile.native != nil && secretFile.native != nil {
		options.check(C.sm_options_set_credential_files(options.native, idFile.native, secretFile.native))
	}
	idFile.free()
	secretFile.free()
}

// SetBaseURL is sm_options_set_base_url.
func (options *Options) SetBaseURL(url string) {
	options.setText("BaseURL", url, func(value *C.char) C.sm_status {
		return C.sm_options_set_base_url(options.native, value)
	})
}

// SetScope is sm_options_set_scope.
func (options *Options) SetScope(scope string) {
	options.setText("Scope", scope, func(value *C.char) C.sm_status {
		return C.sm_options_set_scope(options.native, value)
	})
}

// SetUserAgent is sm_options_set_user_agent.
func (options *Options) SetUserAgent(name string) {
	options.setText("UserAgent", name, func(value *C.char) C.sm_status {
		return C.sm_options_set_user_agent(options.native, value)
	})
}

// SetProxy is sm_options_set_proxy; "" means none.
func (options *Options) SetProxy(url string) {
	options.setText("Proxy", url, func(value *C.char) C.sm_status {
		return C.sm_options_set_proxy(options.native, value)
	})
}

// SetCAFile is sm_options_set_ca_file.
func (options *Options) SetCAFile(path string) {
	options.setText("CAFile", path, func(value *C.char) C.sm_status {
		return C.sm_options_set_ca_file(options.native, value)
	})
}

// SetTrust is sm_options_set_trust.
func (options *Options) SetTrust(trust int32) {
	options.check(C.sm_options_set_trust(options.native, C.int32_t(trust)))
}

// SetTimeout is sm_options_set_timeout_ms.
func (options *Options) SetTimeout(milliseconds uint32) {
	options.check(C.sm_options_set_timeout_ms(options.native, C.uint32_t(milliseconds)))
}

// SetConnectTimeout is sm_options_set_connect_timeout_ms.
func (options *Options) SetConnectTimeout(milliseconds uint32) {
	options.check(C.sm_options_set_connect_timeout_ms(options.native, C.uint32_t(milliseconds)))
}

// SetMaxRetries is sm_options_set_max_retries.
func (options *Options) SetMaxRetries(times uint32) {
	options.check(C.sm_options_set_max_retries(options.native, C.uint32_t(times)))
}

// SetLog is sm_options_set_log. A panic of the handler is dropped.
func (options *Options) SetLog(handler func(level int32, message string), level int32) {
	options.log = newLogHandle(handler)
	options.check(C.smtoken_set_log(options.native, C.uintptr_t(options.log), C.int32_t(level)))
}

func (options *Options) setText(name, value string, set func(value *C.char) C.sm_status) {
	native := options.text(value, name)
	if native.native != nil {
		options.check(set(native.native))
	}
	native.free()
}

func (options *Options) text(value, name string) text {
	native, failure := newText(value, name)
	options.note(failure)
	return native
}

// check notes why the last setter refused, in the library's own words.
func (options *Options) check(status C.sm_status) {
	if status != C.SM_OK {
		why := C.GoString(C.sm_options_message(options.native))
		options.note(&Failure{Status: int32(status), Message: why, RetryAfterMS: -1})
	}
}

// note keeps the first failure.
func (options *Options) note(failure *Failure) {
	if options.failure == nil {
		options.failure = failure
	}
}
