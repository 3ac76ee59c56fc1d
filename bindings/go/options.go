package smtoken

// #include <sm_token.h>
import "C"

import (
	"math"
	"time"
)

// Credentials are the client credentials (RFC 6749 section 4.4).
type Credentials struct {
	ID     string
	Secret string
}

// String shows neither the id nor the secret.
func (Credentials) String() string { return "client credentials" }

// GoString shows neither the id nor the secret.
func (credentials Credentials) GoString() string { return credentials.String() }

// Trust says whose certificate authorities are trusted where no CA file is given.
type Trust int32

const (
	// TrustSystem: those of the operating system. The default.
	TrustSystem Trust = C.SM_TRUST_SYSTEM
	// TrustBundled: Mozilla's as of the library's build, for systems without a store.
	TrustBundled Trust = C.SM_TRUST_BUNDLED
)

// LogLevel says how important a log message is; as a setting, the least important that is wanted.
type LogLevel int32

const (
	// LogOff: nothing is logged.
	LogOff LogLevel = C.SM_LOG_OFF
	// LogError: a call failed.
	LogError LogLevel = C.SM_LOG_ERROR
	// LogWarn: something failed that the library makes up for.
	LogWarn LogLevel = C.SM_LOG_WARN
	// LogInfo: a token was fetched, refreshed, refused or invalidated.
	LogInfo LogLevel = C.SM_LOG_INFO
	// LogDebug: each attempt.
	LogDebug LogLevel = C.SM_LOG_DEBUG
)

// Options are what can be chosen about how tokens are fetched. A zero value means the default.
type Options struct {
	// Credentials; nil takes them from the environment, SMX_CLIENT_ID and SMX_CLIENT_SECRET.
	Credentials *Credentials
	// BaseURL of the server. Default: SMX_BASE_URL of the environment, else
	// https://api.standardmetrics.io.
	BaseURL string
	// Scope to ask for, space separated. Default: none, so that the server chooses.
	Scope string
	// UserAgent: 1 to 256 characters of printable ASCII. Default: "sm-token/" and the version.
	UserAgent string
	// Proxy: [SCHEME://][USER[:PASSWORD]@]HOST[:PORT]. Default: HTTPS_PROXY and its kin.
	Proxy string
	// Direct goes through no proxy, whatever Proxy and the environment say.
	Direct bool
	// CAFile is a PEM file of certificate authorities, trusted in place of the system's.
	CAFile string
	// Trust says whose authorities are trusted without a CAFile.
	Trust Trust
	// Timeout is the deadline of a whole call, retries included. Default: 30 s.
	Timeout time.Duration
	// ConnectTimeout is that of one connection: resolving, proxy and TLS. Default: 10 s.
	ConnectTimeout time.Duration
	// MaxRetries says how often a request that failed in passing is sent again. Default: 2; a
	// negative number turns retries off.
	MaxRetries int
	// Log hears messages, none of which holds a secret, on whichever goroutines call this package,
	// also on several at once. A panic of it is dropped.
	Log func(level LogLevel, message string)
	// LogLevel is the least important level that Log hears. Default: LogInfo.
	LogLevel LogLevel
}

// chosen is what the library takes: the credentials, NULL for those of the environment, and its own
// options. It outlives the call only where there is a log.
type chosen struct {
	id, secret text
	options    *C.sm_options
	log        logHandle
	err        error
}

// native gives the options to the library; the caller frees them.
func (options *Options) native() (*chosen, error) {
	made := &chosen{options: C.sm_options_new()}
	if given := options.Credentials; given != nil {
		made.id = made.text(given.ID, "Credentials.ID")
		made.secret = made.text(given.Secret, "Credentials.Secret")
	}

	made.setText("BaseURL", options.BaseURL, func(value *C.char) C.sm_status {
		return C.sm_options_set_base_url(made.options, value)
	})
	made.setText("Scope", options.Scope, func(value *C.char) C.sm_status {
		return C.sm_options_set_scope(made.options, value)
	})
	made.setText("UserAgent", options.UserAgent, func(value *C.char) C.sm_status {
		return C.sm_options_set_user_agent(made.options, value)
	})
	made.setText("Proxy", options.Proxy, func(value *C.char) C.sm_status {
		return C.sm_options_set_proxy(made.options, value)
	})
	made.setText("CAFile", options.CAFile, func(value *C.char) C.sm_status {
		return C.sm_options_set_ca_file(made.options, value)
	})
	made.setDuration("Timeout", options.Timeout, func(value C.uint32_t) C.sm_status {
		return C.sm_options_set_timeout_ms(made.options, value)
	})
	made.setDuration("ConnectTimeout", options.ConnectTimeout, func(value C.uint32_t) C.sm_status {
		return C.sm_options_set_connect_timeout_ms(made.options, value)
	})
	made.check("Trust", C.sm_options_set_trust(made.options, C.int32_t(options.Trust)))
	if options.Direct {
		none := made.text("", "Direct")
		made.check("Direct", C.sm_options_set_proxy(made.options, none.native))
		none.free()
	}
	if options.MaxRetries != 0 {
		made.check("MaxRetries", C.sm_options_set_max_retries(made.options, retries(options.MaxRetries)))
	}
	if options.Log != nil {
		made.log = newLogHandle(options.Log)
		made.check("LogLevel", made.log.set(made.options, options.LogLevel))
	}

	if made.err != nil {
		made.free()
		made.log.free()
		return nil, made.err
	}
	return made, nil
}

// free leaves the log, which whatever took the options may still call.
func (made *chosen) free() {
	made.id.free()
	made.secret.free()
	C.sm_options_free(made.options)
}

func (made *chosen) text(value, name string) text {
	native, err := newText(value, name)
	made.note(err)
	return native
}

func (made *chosen) setText(name, value string, set func(value *C.char) C.sm_status) {
	if value == "" {
		return
	}
	native := made.text(value, name)
	if native.native != nil {
		made.check(name, set(native.native))
	}
	native.free()
}

// setDuration rounds up, so that no duration becomes none.
func (made *chosen) setDuration(name string, value time.Duration, set func(value C.uint32_t) C.sm_status) {
	if value == 0 {
		return
	}
	milliseconds := (value + time.Millisecond - 1) / time.Millisecond
	if value < 0 || milliseconds > math.MaxUint32 {
		made.note(refused(name + " must be more than 0 and less than 50 days"))
		return
	}
	made.check(name, set(C.uint32_t(milliseconds)))
}

func (made *chosen) check(name string, status C.sm_status) {
	if status != C.SM_OK {
		why := Status(status)
		made.note(&Error{Status: why, Message: name + ": " + why.Error(), retryAfterMS: -1})
	}
}

// note keeps the first error.
func (made *chosen) note(err error) {
	if made.err == nil {
		made.err = err
	}
}

func retries(wanted int) C.uint32_t {
	if wanted < 0 {
		return 0
	}
	if wanted > math.MaxInt32 {
		return math.MaxInt32
	}
	return C.uint32_t(wanted)
}
