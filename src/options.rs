//! What a caller can choose, checked when it is set.

use std::path::PathBuf;
use std::time::Duration;

use crate::Error;
use crate::endpoint::Endpoint;
use crate::log::{Log, LogLevel};
use crate::proxy::Proxy;

/// Whose word is taken for who a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(i32)]
pub enum Trust {
    /// The certificate authorities that the operating system trusts.
    #[default]
    System = 0,
    /// Mozilla's list as of this library's build, for containers and old systems without a store.
    Bundled = 1,
}

impl Trust {
    /// The trust with this number, where there is one.
    pub fn from_code(code: i32) -> Option<Self> {
        [Trust::System, Trust::Bundled].into_iter().find(|trust| *trust as i32 == code)
    }
}

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
    pub(crate) trust: Trust,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
    pub(crate) log: Log,
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
            trust: Trust::default(),
            timeout: Duration::from_millis(30_000),
            connect_timeout: Duration::from_millis(10_000),
            max_retries: 2,
            log: Log::off(),
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
    /// `INVALID_ARGUMENT` where it is empty, longer than 256 bytes, or not printable ASCII.
    pub fn set_user_agent(&mut self, user_agent: Option<&str>) -> Result<&mut Self, Error> {
        if let Some(text) = user_agent {
            let printable = text.bytes().all(|b| matches!(b, b' '..=b'~'));
            if text.trim().is_empty() || text.len() > 256 || !printable {
                return Err(Error::invalid_argument(
                    "user_agent is not 1 to 256 characters of printable ASCII",
                ));
            }
        }
        self.user_agent = user_agent.map(str::to_owned);
        Ok(self)
    }

    /// The proxy: `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]` with a scheme of `http` (the default),
    /// `https`, `socks5` or `socks5h`, and percent-encoded credentials. `""` means none. Default:
    /// from `HTTPS_PROXY`, then `ALL_PROXY` (either case), less `NO_PROXY`. A server on this
    /// machine is never reached through a proxy.
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
    /// `INVALID_ARGUMENT` where the path is empty or holds a NUL. Whether the file is good is told
    /// by the call that reads it.
    pub fn set_ca_file(&mut self, ca_file: Option<&str>) -> Result<&mut Self, Error> {
        if ca_file.is_some_and(|path| path.is_empty() || path.contains('\0')) {
            return Err(Error::invalid_argument("ca_file is empty or holds a NUL"));
        }
        self.ca_file = ca_file.map(PathBuf::from);
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

    /// How often a request that failed in passing is sent again, within the deadline. Default: 2; 0
    /// turns retries off.
    pub fn set_max_retries(&mut self, max_retries: u32) -> &mut Self {
        self.max_retries = max_retries;
        self
    }

    /// Who hears what the library has to say, down to which level. Default: nobody.
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

    /// Nobody hears anything: the default.
    pub fn clear_log(&mut self) -> &mut Self {
        self.log = Log::off();
        self
    }
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
            options.set_proxy(Some("ftp://h")).unwrap_err(),
        ];
        let names =
            ["scope", "user_agent", "user_agent", "timeout", "connect_timeout", "ca_file", "proxy"];
        for (error, name) in refused.iter().zip(names) {
            assert_eq!(error.status(), Status::InvalidArgument);
            assert!(error.message().starts_with(&format!("{name} ")), "{error}");
        }
        assert_eq!(options.scope.as_deref(), Some("read"));
    }
}
