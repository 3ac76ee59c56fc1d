//! An access token and how long it is good.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::clock::Moment;
use crate::exchange::Grant;

/// What precedes the token in the `Authorization` header (RFC 6750 section 2.1).
const SCHEME: &str = "Bearer ";

const NUL: &str = "\0";

/// An access token. Clones share one copy of it, which is wiped when the last is dropped. Debug
/// output does not show it.
#[derive(Clone)]
pub struct Token(Arc<Inner>);

struct Inner {
    /// The scheme, the token and a NUL in one text, so that the token is kept once, for C too.
    authorization: Zeroizing<Box<str>>,
    token_type: String,
    scope: String,
    lifetime: Duration,
    /// When the request for it was sent: the server starts counting no earlier.
    requested: Moment,
}

impl Token {
    pub(crate) fn new(grant: Grant, requested: Moment) -> Self {
        let length = SCHEME.len() + grant.access_token.len() + NUL.len();
        let mut authorization = Zeroizing::new(String::with_capacity(length));
        for part in [SCHEME, &grant.access_token, NUL] {
            authorization.push_str(part);
        }
        Token(Arc::new(Inner {
            authorization: Zeroizing::new(authorization.as_str().into()),
            token_type: grant.token_type,
            scope: grant.scope,
            lifetime: grant.lifetime,
            requested,
        }))
    }

    /// The token itself.
    pub fn access_token(&self) -> &str {
        &self.authorization()[SCHEME.len()..]
    }

    /// `Bearer TOKEN`, ready for the `Authorization` header (RFC 6750 section 2.1).
    #[inline]
    pub fn authorization(&self) -> &str {
        let with_nul = &self.0.authorization;
        &with_nul[..with_nul.len() - NUL.len()]
    }

    /// [`Token::authorization`] with a NUL at its end, so that C needs no copy of its own.
    #[cfg(feature = "capi")]
    pub(crate) fn authorization_with_nul(&self) -> &str {
        &self.0.authorization
    }

    /// The type as the server wrote it: `Bearer`, in some case.
    pub fn token_type(&self) -> &str {
        &self.0.token_type
    }

    /// The granted scope, space separated; `""` where the server gave none.
    pub fn scope(&self) -> &str {
        &self.0.scope
    }

    /// When it expires, in seconds of Unix time, counted from when the request was sent.
    pub fn expires_at(&self) -> i64 {
        let expiry = Duration::from_nanos(self.0.requested.wall) + self.0.lifetime;
        i64::try_from(expiry.as_secs()).unwrap_or(i64::MAX)
    }

    /// How long it is still good, on whichever clock ends first; zero when it has expired.
    pub fn expires_in(&self) -> Duration {
        self.expires_in_at(Moment::now())
    }

    pub(crate) fn expires_in_at(&self, now: Moment) -> Duration {
        self.0.lifetime.saturating_sub(now.since(self.0.requested))
    }

    /// How long it lives from when the request for it was sent.
    pub(crate) fn lifetime(&self) -> Duration {
        self.0.lifetime
    }

    /// When the request for it was sent.
    pub(crate) fn requested(&self) -> Moment {
        self.0.requested
    }

    /// Whether both are one and the same token.
    pub(crate) fn is(&self, other: &Token) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.access_token() == other.access_token()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("access_token", &"[secret]")
            .field("token_type", &self.token_type())
            .field("scope", &self.scope())
            .field("expires_at", &self.expires_at())
            .finish()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn token(text: &str, lifetime: u64, requested: Moment) -> Token {
        let grant = Grant {
            access_token: Zeroizing::new(text.to_owned()),
            token_type: "Bearer".to_owned(),
            scope: "read".to_owned(),
            lifetime: Duration::from_secs(lifetime),
        };
        Token::new(grant, requested)
    }

    fn moment(monotonic: u64, wall: u64) -> Moment {
        Moment { monotonic: monotonic * 1_000_000_000, wall: wall * 1_000_000_000, boot: None }
    }

    #[test]
    fn both_texts_come_from_one_copy() {
        let token = token("abc", 60, moment(0, 0));
        assert_eq!(token.access_token(), "abc");
        assert_eq!(token.authorization(), "Bearer abc");
    }

    #[test]
    fn whichever_clock_ends_first_decides() {
        let token = token("abc", 3600, moment(1_000, 1_800_000_000));
        assert_eq!(token.expires_at(), 1_800_003_600);
        let left = |monotonic, wall| token.expires_in_at(moment(monotonic, wall)).as_secs();
        assert_eq!(left(1_000, 1_800_000_000), 3600);
        assert_eq!(left(1_010, 1_800_000_010), 3590);
        assert_eq!(left(1_010, 1_800_003_000), 600, "a suspended machine");
        assert_eq!(left(4_000, 1_799_999_000), 600, "a wall clock that was set back");
        assert_eq!(left(9_000, 1_800_000_000), 0);
    }

    #[test]
    // promise: no-debug-text
    fn debug_output_hides_the_token() {
        let shown = format!("{:?}", token("abcdef", 60, moment(0, 0)));
        assert!(!shown.contains("abcdef"), "{shown}");
    }
}
