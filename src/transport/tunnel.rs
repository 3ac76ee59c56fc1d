//! A tunnel through an HTTP proxy: `CONNECT` (RFC 9110 section 9.3.6).

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use zeroize::Zeroizing;

use super::attempt::Attempt;
use super::channel::Channel;
use super::fault::Fault;
use super::head;
use super::peer::Peer;
use super::progress::Phase;
use crate::exchange::{self, MAX_HEADERS};
use crate::options::proxy::Proxy;
use crate::{Error, Status};

const MAX_HEADER_LINES: usize = 256;

/// Lets the proxy at the other end of the channel connect to the server.
///
/// # Errors
/// `PROXY`; those of the channel.
pub(super) fn open(
    channel: &mut Box<dyn Channel>,
    proxy: (&Proxy, &Arc<Peer>),
    server: &Arc<Peer>,
    user_agent: &str,
    attempt: &Attempt,
) -> Result<(), Fault> {
    let (proxy, peer) = proxy;
    attempt.enter(Phase::Tunnel { proxy: Arc::clone(peer), server: Arc::clone(server) });
    let head = ask(channel, &request(proxy, server, user_agent))
        .map_err(|error| peer.broke_off(server, error))?;
    let (head, has_more) = head.ok_or_else(|| not_http(peer))?;
    let answer = Answer::parse(&head).ok_or_else(|| not_http(peer))?;
    match answer.status {
        // In TLS the client speaks first.
        200..=299 if has_more => Err(not_http(peer).into()),
        200..=299 => Ok(()),
        _ => Err(answer.refusal(peer, server, proxy.username.is_some()).into()),
    }
}

fn request(proxy: &Proxy, server: &Peer, user_agent: &str) -> Zeroizing<String> {
    let mut request = Zeroizing::new(String::with_capacity(8 * 1024));
    let authority = server.to_string();
    for part in
        ["CONNECT ", &authority, " HTTP/1.1\r\nHost: ", &authority, "\r\nUser-Agent: ", user_agent]
    {
        request.push_str(part);
    }
    if let Some(basic) = proxy.basic() {
        request.push_str("\r\nProxy-Authorization: Basic ");
        request.push_str(&basic);
    }
    request.push_str("\r\n\r\n");
    request
}

/// The head of the final answer, mended, and whether more came behind it; `None` where it is not HTTP or too long.
fn ask(channel: &mut Box<dyn Channel>, request: &str) -> io::Result<Option<(Vec<u8>, bool)>> {
    channel.write_all(request.as_bytes())?;
    channel.flush()?;
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    loop {
        let amount = channel.read(&mut piece)?;
        if amount == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        head.extend_from_slice(&piece[..amount]);
        while let Some(length) = head::length(&head) {
            if matches!(head::status(&head[..length]), Some(100 | 102..=199)) {
                head.drain(..length);
                continue;
            }
            let has_more = head.len() > length;
            head.truncate(length);
            head::mend(&mut head);
            return Ok(Some((head, has_more)));
        }
        if !head::is_http(&head) || head.len() > MAX_HEADERS {
            return Ok(None);
        }
    }
}

fn not_http(proxy: &Peer) -> Error {
    let what = "refused the connection: what it answered is not HTTP; check its port and scheme";
    Error::new(Status::Proxy, format!("{proxy} {what}"))
}

/// What a proxy answered, as far as it matters.
struct Answer {
    status: u16,
    retry_after: Option<Duration>,
    schemes: Vec<String>,
}

impl Answer {
    fn parse(head: &[u8]) -> Option<Self> {
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADER_LINES];
        let mut response = httparse::Response::new(&mut headers);
        let mut config = httparse::ParserConfig::default();
        config.ignore_invalid_headers_in_responses(true);
        if !config.parse_response(&mut response, head).ok()?.is_complete() {
            return None;
        }
        let values = |name: &'static str| {
            response
                .headers
                .iter()
                .filter(move |header| header.name.eq_ignore_ascii_case(name))
                .filter_map(|header| std::str::from_utf8(header.value).ok())
        };
        let date = values("Date").next();
        let wait = values("Retry-After")
            .next()
            .and_then(|wait| exchange::retry_after(wait, date, SystemTime::now()));
        let schemes = values("Proxy-Authenticate").filter_map(scheme).collect();
        Some(Answer { status: response.code?, retry_after: wait, schemes })
    }

    fn refusal(&self, proxy: &Peer, server: &Peer, gave_credentials: bool) -> Error {
        let status = self.status;
        let passes = matches!(status, 429 | 500 | 502 | 503 | 504);
        let advice = match status {
            407 => self.wanted(gave_credentials),
            403 | 405 => "it does not allow this server or port".to_owned(),
            401 | 400 | 404 | 501 => "it may be no proxy; check the proxy's address".to_owned(),
            429 => "it asks for fewer connections".to_owned(),
            _ if passes => "it may not reach the server; try later".to_owned(),
            _ => "check the proxy's address".to_owned(),
        };
        let message = format!(
            "{proxy} refused the connection to {server}: it answered HTTP {status}; {advice}"
        );
        let error = Error::new(Status::Proxy, message);
        if passes { error.retryable().with_retry_after(self.retry_after) } else { error }
    }

    fn wanted(&self, gave_credentials: bool) -> String {
        let offers_basic = self.schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("Basic"));
        if !offers_basic && !self.schemes.is_empty() {
            return format!(
                "it offers {} authentication alone, and this library knows Basic; put a proxy that \
                 knows the other in between",
                self.schemes.join(", ")
            );
        }
        if gave_credentials {
            "it does not accept the user name and password that were given; check both".to_owned()
        } else {
            "it wants credentials; give them as http://USER:PASSWORD@HOST:PORT".to_owned()
        }
    }
}

/// The scheme at the start of a challenge (RFC 9110 section 11.6.1), where it has the form of one.
fn scheme(challenge: &str) -> Option<String> {
    let scheme = challenge.trim_start().split([' ', ',']).next()?;
    let is_one = (1..=32).contains(&scheme.len())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_one.then(|| scheme.to_owned())
}

/// A proxy's answer, for the fuzzer: its status, and the message of the refusal that it makes.
#[cfg(any(test, fuzzing))]
pub(crate) fn judged(answer: &[u8]) -> Option<(u16, String)> {
    let length = head::length(answer)?;
    let mut head = answer[..length].to_vec();
    head::mend(&mut head);
    let peer = |is_proxy| Peer {
        host: crate::options::host::Host::Name("h".to_owned()),
        port: 1,
        is_proxy,
        not_done: None,
    };
    let answer = Answer::parse(&head)?;
    let refusal = answer.refusal(&peer(true), &peer(false), true);
    Some((answer.status, refusal.message().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(answer: &str) -> String {
        judged(answer.as_bytes()).unwrap().1
    }

    #[test]
    fn a_refusal_for_want_of_credentials_tells_which_it_takes() {
        let with = |challenges: &str| refused(&format!("HTTP/1.1 407 No\r\n{challenges}\r\n"));
        for basic in
            ["", "Proxy-Authenticate: Basic realm=\"x\"\r\n", "proxy-authenticate:\r\n basic\r\n"]
        {
            assert!(with(basic).contains("does not accept the user name and password"), "{basic}");
        }
        let ntlm = with("Proxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate\r\n");
        assert!(ntlm.contains("it offers NTLM, Negotiate authentication alone"), "{ntlm}");
        let hostile = with("Proxy-Authenticate: \u{202e}\u{7}\r\n");
        assert!(hostile.is_ascii(), "{hostile}");
    }

    #[test]
    fn what_is_no_head_of_an_answer_is_none() {
        for text in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 \r\n\r\n", "HTTP/3.1 200 OK\r\n\r\n"] {
            assert_eq!(judged(text.as_bytes()), None, "{text:?}");
        }
        let many = "X: y\r\n".repeat(MAX_HEADER_LINES);
        assert_eq!(judged(format!("HTTP/1.0 204\r\n{many}\r\n").as_bytes()).unwrap().0, 204);
    }
}
