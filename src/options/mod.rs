//! What a caller can choose, checked when it is set.

pub(crate) mod chosen_proxy;
pub(crate) mod endpoint;
pub(crate) mod host;
pub(crate) mod proxy;
pub(crate) mod settings;

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::Error;
use crate::log::{Log, LogLevel};
use crate::options::endpoint::Endpoint;
use crate::options::proxy::Proxy;
use crate::trust::Trust;

/// More retries than these would only burden a server that is failing already.
const MOST_RETRIES: u32 = 100;

/// What messages call the files of the credentials.
pub(crate) const CLIENT_ID_FILE: &str = "client_id_file";
pub(crate) const CLIENT_SECRET_FILE: &str = "client_secret_file";

/// What a caller can choose about how a token is fetched. Each default is stated at its setter.
///
/// For every text, `None` means the default again. The environment is not read here but at the
/// start of the call that uses the options.
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) scope: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) proxy: ProxyChoice,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) credential_files: Option<CredentialFiles>,
    pub(crate) trust: Trust,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
    pub(crate) log: Log,
    pub(crate) keep_waiting: Option<KeepWaiting>,
}

/// The files that the client credentials are read from.
#[derive(Debug, Clone)]
pub(crate) struct CredentialFiles {
    pub(crate) client_id: PathBuf,
    pub(crate) client_secret: PathBuf,
}

/// The handler that a waiting caller asks whether to go on.
#[derive(Clone)]
pub(crate) struct KeepWaiting(Arc<dyn Fn() -> bool + Send + Sync>);

impl KeepWaiting {
    pub(crate) fn ask(&self) -> bool {
        (self.0)()
    }
}

impl fmt::Debug for KeepWaiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeepWaiting")
    }
}

#[derive(Debug, Clone)]
pub(crate) enum ProxyChoice {
    FromEnvironment,
    Direct,
    Through(Proxy),
}

impl Default for Options {
    fn default() -> Self {
        Options {
            endpoint: None,
            scope: None,
            user_agent: None,
            proxy: ProxyChoice::FromEnvironment,
            ca_file: None,
            credential_files: None,
            trust: Trust::default(),
            timeout: Duration::from_millis(30_000),
            connect_timeout: Duration::from_millis(10_000),
            max_retries: 2,
            log: Log::off(),
            keep_waiting: None,
        }
    }
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Options::default()
    }

    /// The server. Default: `SMX_BASE_URL`, else `https://api.standardmetrics.io`.
    ///
    /// It may carry a path (a gateway's prefix), but no query, fragment or credentials; `/o/token/`
    /// is appended unless it is there. `http:` is only for `127.0.0.0/8`, `[::1]` and exactly
    /// `localhost`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a malformed URL, `INSECURE_URL` for `http:` to another machine.
    pub fn set_base_url(&mut self, base_url: Option<&str>) -> Result<&mut Self, Error> {
        self.endpoint = base_url.map(|url| Endpoint::parse("base_url", url)).transpose()?;
        Ok(self)
    }

    /// The scope to ask for (RFC 6749 section 3.3), space separated. Default, and where empty:
    /// none, so that the server chooses.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a character that no scope may hold.
    pub fn set_scope(&mut self, scope: Option<&str>) -> Result<&mut Self, Error> {
        let scope = scope.unwrap_or("");
        let allowed = |b: u8| matches!(b, b' ' | 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if !scope.bytes().all(allowed) {
            return Err(Error::invalid_argument(
                "scope holds a character that RFC 6749 section 3.3 does not allow",
            ));
        }
        let tokens: Vec<&str> = scope.split(' ').filter(|token| !token.is_empty()).collect();
        self.scope = (!tokens.is_empty()).then(|| tokens.join(" "));
        Ok(self)
    }

    /// The `User-Agent` header. Default: `sm-token/VERSION`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where it is empty or blank, longer than 256 bytes, or not printable ASCII.
    pub fn set_user_agent(&mut self, user_agent: Option<&str>) -> Result<&mut Self, Error> {
        if let Some(text) = user_agent {
            let printable = text.bytes().all(|b| matches!(b, b' '..=b'~'));
            if text.trim().is_empty() || text.len() > 256 || !printable {
                return Err(Error::invalid_argument(
                    "user_agent is not 1 to 256 characters of printable ASCII, or is blank",
                ));
            }
        }
        self.user_agent = user_agent.map(str::to_owned);
        Ok(self)
    }

    /// The proxy: `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]` with a scheme of `http` (the default),
    /// `https`, `socks5` or `socks5h`, and percent-encoded credentials. `""` means none. Default:
    /// from `HTTPS_PROXY`, then `ALL_PROXY` (either case), less `NO_PROXY`; on Windows then the proxy
    /// of the user's settings, less their exceptions. A server on this machine is never reached
    /// through a proxy.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a malformed proxy.
    pub fn set_proxy(&mut self, proxy: Option<&str>) -> Result<&mut Self, Error> {
        self.proxy = match proxy {
            None => ProxyChoice::FromEnvironment,
            Some("") => ProxyChoice::Direct,
            Some(text) => ProxyChoice::Through(Proxy::parse("proxy", text)?),
        };
        Ok(self)
    }

    /// A PEM file of certificate authorities, trusted in place of the system's store. Read once,
    /// when a fetch starts or a client is made; at most 16 MiB. Default: none.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where the path is empty or holds a NUL. Whether the file is good is reported
    /// by the call that reads it.
    pub fn set_ca_file<P>(&mut self, ca_file: Option<&P>) -> Result<&mut Self, Error>
    where
        P: AsRef<OsStr> + ?Sized,
    {
        self.ca_file = ca_file.map(|path| checked_path("ca_file", path.as_ref())).transpose()?;
        Ok(self)
    }

    /// The files that hold the client id and the client secret, where a call gives no credentials; they count before
    /// the environment's. Both or neither. Read when a fetch starts and when a client is made, then again for each
    /// token request, so that their operator may change them. Default: none.
    ///
    /// Each holds one line of UTF-8, at most 4 KiB; a byte order mark and one line break at the end are dropped.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where only one is given, and where a path is empty or holds a NUL. Whether a file is good is
    /// reported by the call that reads it.
    pub fn set_credential_files<P>(
        &mut self,
        client_id_file: Option<&P>,
        client_secret_file: Option<&P>,
    ) -> Result<&mut Self, Error>
    where
        P: AsRef<OsStr> + ?Sized,
    {
        let only = |given: &str, missing: &str| {
            Err(Error::invalid_argument(format!(
                "{missing} is missing, though {given} is given; give both or neither"
            )))
        };
        self.credential_files = match (client_id_file, client_secret_file) {
            (Some(client_id), Some(client_secret)) => Some(CredentialFiles {
                client_id: checked_path(CLIENT_ID_FILE, client_id.as_ref())?,
                client_secret: checked_path(CLIENT_SECRET_FILE, client_secret.as_ref())?,
            }),
            (None, None) => None,
            (Some(_), None) => return only(CLIENT_ID_FILE, CLIENT_SECRET_FILE),
            (None, Some(_)) => return only(CLIENT_SECRET_FILE, CLIENT_ID_FILE),
        };
        Ok(self)
    }

    /// Whose certificate authorities are trusted where no CA file is given. Default: the system's.
    pub fn set_trust(&mut self, trust: Trust) -> &mut Self {
        self.trust = trust;
        self
    }

    /// The deadline of a whole call, retries included. Default: 30 s.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for less than 1 ms or more than `u32::MAX` ms (49 days).
    pub fn set_timeout(&mut self, timeout: Duration) -> Result<&mut Self, Error> {
        self.timeout = checked_duration("timeout", timeout)?;
        Ok(self)
    }

    /// How long one connection may take: resolving, proxy and TLS. Default: 10 s.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for less than 1 ms or more than `u32::MAX` ms (49 days).
    pub fn set_connect_timeout(&mut self, timeout: Duration) -> Result<&mut Self, Error> {
        self.connect_timeout = checked_duration("connect_timeout", timeout)?;
        Ok(self)
    }

    /// How often a request that failed in passing is sent again, within the deadline: at most 100.
    /// Default: 2; 0 turns retries off.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for more than 100.
    pub fn set_max_retries(&mut self, max_retries: u32) -> Result<&mut Self, Error> {
        if max_retries > MOST_RETRIES {
            return Err(Error::invalid_argument(format!(
                "max_retries is not between 0 and {MOST_RETRIES}"
            )));
        }
        self.max_retries = max_retries;
        Ok(self)
    }

    /// Sets the handler of log messages, and the lowest level that it gets. Default: none.
    ///
    /// The handler is only called on a thread that is inside a call to this library, with no lock
    /// held.
    pub fn set_log(
        &mut self,
        level: LogLevel,
        handler: impl Fn(LogLevel, &str) + Send + Sync + 'static,
    ) -> &mut Self {
        self.log = Log::new(level, handler);
        self
    }

    /// No message is logged: the default.
    pub fn clear_log(&mut self) -> &mut Self {
        self.log = Log::off();
        self
    }

    /// Whom a caller that waits asks whether to go on, at least every 100 ms, on its own thread and with no lock held.
    /// `false` lets that caller go with `CANCELED`. The request of a client goes on for others, that of a fetch is
    /// interrupted. A wait of 0 does not ask. Default: none.
    pub fn set_keep_waiting(
        &mut self,
        keep_waiting: impl Fn() -> bool + Send + Sync + 'static,
    ) -> &mut Self {
        self.keep_waiting = Some(KeepWaiting(Arc::new(keep_waiting)));
        self
    }

    /// No handler is asked: the default.
    pub fn clear_keep_waiting(&mut self) -> &mut Self {
        self.keep_waiting = None;
        self
    }
}

fn checked_path(parameter: &str, path: &OsStr) -> Result<PathBuf, Error> {
    if path.is_empty() || path.as_encoded_bytes().contains(&0) {
        return Err(Error::invalid_argument(format!("{parameter} is empty or holds a NUL")));
    }
    Ok(PathBuf::from(path))
}

fn checked_duration(parameter: &str, duration: Duration) -> Result<Duration, Error> {
    if (1..=u128::from(u32::MAX)).contains(&duration.as_millis()) {
        Ok(duration)
    } else {
        Err(Error::invalid_argument(format!(
            "{parameter} is not between 1 ms and {} ms; there is no way to wait without end",
            u32::MAX
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    #[test]
    fn a_handler_that_is_asked_whether_to_go_on_is_kept_until_it_is_cleared() {
        for answer in [true, false] {
            let mut options = Options::new();
            options.set_keep_waiting(move || answer);
            let keep_waiting = options.keep_waiting.as_ref().unwrap();
            assert_eq!(keep_waiting.ask(), answer);
            assert!(!format!("{keep_waiting:?}").is_empty());
            options.clear_keep_waiting();
            assert!(options.keep_waiting.is_none());
        }
    }

    #[test]
    fn an_empty_scope_is_none_and_blanks_are_folded() {
        let mut options = Options::new();
        assert_eq!(options.set_scope(Some("  ")).unwrap().scope, None);
        assert_eq!(
            options.set_scope(Some(" read  write ")).unwrap().scope.as_deref(),
            Some("read write")
        );
        assert_eq!(options.set_scope(None).unwrap().scope, None);
    }

    #[test]
    fn a_scope_holds_what_the_rfc_allows() {
        let mut options = Options::new();
        for scope in ["read", "all read write", "urn:x/y!z~"] {
            options.set_scope(Some(scope)).unwrap();
        }
        for scope in ["read\nwrite", "read\twrite", "re\"ad", "re\\ad", "r\u{e9}ad", "\u{7f}"] {
            assert!(options.set_scope(Some(scope)).is_err(), "{scope:?}");
        }
    }

    #[test]
    fn a_user_agent_is_printable_and_at_most_256_characters_long() {
        let mut options = Options::new();
        let longest = "u".repeat(256);
        for user_agent in ["ledger/3.1 (month end)", "~", &longest] {
            options.set_user_agent(Some(user_agent)).unwrap();
            assert_eq!(options.user_agent.as_deref(), Some(user_agent));
        }
        let too_long = format!("{longest}u");
        for user_agent in ["", " ", "ledger\n", "ledger\r\nX: 1", "ledger\u{7f}", &too_long] {
            assert!(options.set_user_agent(Some(user_agent)).is_err(), "{user_agent:?}");
        }
    }

    #[test]
    fn the_limits_of_the_numbers_belong_to_their_ranges() {
        let mut options = Options::new();
        for timeout in [Duration::from_millis(1), Duration::from_millis(u32::MAX.into())] {
            assert_eq!(options.set_timeout(timeout).unwrap().timeout, timeout);
            assert_eq!(options.set_connect_timeout(timeout).unwrap().connect_timeout, timeout);
        }
        for timeout in [Duration::from_micros(999), Duration::from_millis(1 << 32)] {
            assert!(options.set_timeout(timeout).is_err(), "{timeout:?}");
        }
        for retries in [0, 100] {
            assert_eq!(options.set_max_retries(retries).unwrap().max_retries, retries);
        }
    }

    #[test]
    fn trust_and_log_are_kept_as_they_are_set() {
        let mut options = Options::new();
        assert_eq!(options.set_trust(Trust::Bundled).trust, Trust::Bundled);
        options.set_log(LogLevel::Warn, |_, _| ());
        assert!(options.log.journal().note(LogLevel::Warn, || "worded".to_owned()));
        options.clear_log();
        assert!(!options.log.journal().note(LogLevel::Error, || panic!("worded")));
    }

    #[test]
    fn a_refused_value_names_its_parameter_and_leaves_the_old_one() {
        let mut options = Options::new();
        options.set_scope(Some("read")).unwrap();
        let refused = [
            options.set_scope(Some("a\"b")).unwrap_err(),
            options.set_user_agent(Some("a\r\nX: y")).unwrap_err(),
            options.set_user_agent(Some("")).unwrap_err(),
            options.set_timeout(Duration::ZERO).unwrap_err(),
            options.set_connect_timeout(Duration::from_secs(1 << 40)).unwrap_err(),
            options.set_ca_file(Some("")).unwrap_err(),
            options.set_credential_files(Some(""), Some("s")).unwrap_err(),
            options.set_credential_files(Some("i"), Some("s\0")).unwrap_err(),
            options.set_credential_files(Some("i"), None).unwrap_err(),
            options.set_credential_files(None, Some("s")).unwrap_err(),
            options.set_proxy(Some("ftp://h")).unwrap_err(),
            options.set_max_retries(101).unwrap_err(),
        ];
        let names = [
            "scope",
            "user_agent",
            "user_agent",
            "timeout",
            "connect_timeout",
            "ca_file",
            "client_id_file",
            "client_secret_file",
            "client_secret_file",
            "client_id_file",
            "proxy",
            "max_retries",
        ];
        for (error, name) in refused.iter().zip(names) {
            assert_eq!(error.status(), Status::InvalidArgument);
            assert!(error.message().starts_with(&format!("{name} ")), "{error}");
        }
        assert_eq!(options.scope.as_deref(), Some("read"));
    }
}
