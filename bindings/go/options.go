package smtoken

import (
	"math"
	"time"

	"github.com/standard-metrics/sm-token/bindings/go/internal/native"
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

// CredentialFiles are the paths of two files, each with one credential; a newline at its end is no part
// of it.
type CredentialFiles struct {
	ID     string
	Secret string
}

// Trust says whose certificate authorities are trusted where no CA file is given.
type Trust int32

const (
	// TrustSystem: those of the operating system. The default.
	TrustSystem Trust = 0
	// TrustBundled: Mozilla's as of the library's build, for systems without a store.
	TrustBundled Trust = 1
)

// LogLevel says how important a log message is; as a setting, the least important that is wanted.
type LogLevel int32

const (
	// LogOff: nothing is logged.
	LogOff LogLevel = 0
	// LogError: a call failed.
	LogError LogLevel = 1
	// LogWarn: something failed that the library makes up for.
	LogWarn LogLevel = 2
	// LogInfo: a token was fetched, refreshed, refused or invalidated.
	LogInfo LogLevel = 3
	// LogDebug: each attempt.
	LogDebug LogLevel = 4
)

// Options are what can be chosen about how tokens are fetched. A zero value means the default.
type Options struct {
	// Credentials; nil takes them from CredentialFiles, else from the environment.
	Credentials *Credentials
	// CredentialFiles hold the credentials where Credentials is nil: read when a fetch or a client
	// starts, and by a client again as they change. nil: none.
	CredentialFiles *CredentialFiles
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
	// Log gets messages, none of which holds a secret, on whichever goroutines call this package,
	// also on several at once. A panic of it is dropped.
	Log func(level LogLevel, message string)
	// LogLevel is the least important level that Log gets. Default: LogInfo.
	LogLevel LogLevel
}

// native gives the options to the library; whoever takes them reports what is refused, and frees them.
func (options *Options) native() *native.Options {
	made := native.NewOptions()
	if given := options.Credentials; given != nil {
		made.SetCredentials(given.ID, given.Secret)
	}
	if files := options.CredentialFiles; files != nil {
		made.SetCredentialFiles(files.ID, files.Secret)
	}
	setText(made.SetBaseURL, options.BaseURL)
	setText(made.SetScope, options.Scope)
	setText(made.SetUserAgent, options.UserAgent)
	setText(made.SetProxy, options.Proxy)
	setText(made.SetCAFile, options.CAFile)
	setDuration(made.SetTimeout, options.Timeout)
	setDuration(made.SetConnectTimeout, options.ConnectTimeout)
	made.SetTrust(int32(options.Trust))
	if options.Direct {
		made.SetProxy("")
	}
	if options.MaxRetries != 0 {
		made.SetMaxRetries(retries(options.MaxRetries))
	}
	if log := options.Log; log != nil {
		level := options.LogLevel
		if level == LogOff {
			level = LogInfo
		}
		made.SetLog(func(level int32, message string) { log(LogLevel(level), message) }, int32(level))
	}
	return made
}

func setText(set func(value string), value string) {
	if value != "" {
		set(value)
	}
}

// setDuration rounds up, so that no duration becomes none. What no uint32 can hold becomes 0, which the
// library refuses.
func setDuration(set func(milliseconds uint32), value time.Duration) {
	if value == 0 {
		return
	}
	milliseconds := (value + time.Millisecond - 1) / time.Millisecond
	if value < 0 || milliseconds > math.MaxUint32 {
		milliseconds = 0
	}
	set(uint32(milliseconds))
}

func retries(wanted int) uint32 {
	if wanted < 0 {
		return 0
	}
	if wanted > math.MaxInt32 {
		return math.MaxInt32
	}
	return uint32(wanted)
}
