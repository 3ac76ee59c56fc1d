//! A connection through a SOCKS 5 proxy (RFC 1928), with a password where it wants one (RFC 1929).

use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::attempt::Attempt;
use super::channel::Channel;
use super::fault::Fault;
use super::peer::Peer;
use super::progress::Phase;
use crate::options::host::Host;
use crate::options::proxy::Proxy;
use crate::{Error, Status};

const VERSION: u8 = 5;
const NO_PASSWORD: u8 = 0;
const PASSWORD: u8 = 2;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Lets the proxy at the other end of the channel connect to the server: at this address, or by name, where there is
/// none.
///
/// # Errors
/// `PROXY`; `INVALID_ARGUMENT` for credentials that SOCKS can't carry; those of the channel.
pub(super) fn open(
    channel: &mut Box<dyn Channel>,
    proxy: (&Proxy, &Arc<Peer>),
    server: &Arc<Peer>,
    address: Option<IpAddr>,
    attempt: &Attempt,
) -> Result<(), Fault> {
    let (proxy, peer) = proxy;
    attempt.enter(Phase::Tunnel { proxy: Arc::clone(peer), server: Arc::clone(server) });
    let credentials = credentials(proxy)?;
    let reply = speak(
        channel,
        credentials.as_ref().map(|message| message.as_slice()),
        &destination(server, address),
    );
    match reply {
        Ok(0) => Ok(()),
        Ok(reply) => Err(refusal(reply, peer, server).into()),
        Err(Broken::Refused(why)) => {
            let message = format!("{peer} refused the connection to {server}: {why}");
            Err(Error::new(Status::Proxy, message).into())
        }
        Err(Broken::Io(error)) => Err(peer.broke_off(server, error)),
    }
}

enum Broken {
    Io(io::Error),
    Refused(&'static str),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Broken::Io(error)
    }
}

/// Reads the proxy's reply to the request.
fn speak(
    channel: &mut (impl Read + Write),
    credentials: Option<&[u8]>,
    destination: &[u8],
) -> Result<u8, Broken> {
    const NOT_SOCKS: Broken =
        Broken::Refused("what it answered is not SOCKS 5; check its port and scheme");
    let methods: &[u8] = match credentials {
        Some(_) => &[VERSION, 2, NO_PASSWORD, PASSWORD],
        None => &[VERSION, 1, NO_PASSWORD],
    };
    send(channel, methods)?;
    match (receive(channel)?, credentials) {
        ([VERSION, NO_PASSWORD], _) => {}
        ([VERSION, PASSWORD], Some(credentials)) => {
            send(channel, credentials)?;
            let [_, outcome] = receive(channel)?;
            if outcome != 0 {
                return Err(Broken::Refused(
                    "it does not accept the user name and password that were given; check both",
                ));
            }
        }
        ([VERSION, _], None) => {
            return Err(Broken::Refused(
                "it wants credentials; give them as socks5h://USER:PASSWORD@HOST:PORT",
            ));
        }
        ([VERSION, _], Some(_)) => {
            return Err(Broken::Refused("it takes neither a password nor none; use another proxy"));
        }
        _ => return Err(NOT_SOCKS),
    }
    send(channel, destination)?;
    let [version, reply, _, kind] = receive(channel)?;
    if version != VERSION {
        return Err(NOT_SOCKS);
    }
    if reply != 0 {
        return Ok(reply);
    }
    // The address that the proxy connects from, and its port: nothing that matters here.
    match kind {
        IPV4 => receive::<6>(channel).map(drop)?,
        IPV6 => receive::<18>(channel).map(drop)?,
        NAME => {
            let [length] = receive(channel)?;
            channel.read_exact(&mut vec![0; usize::from(length) + 2])?;
        }
        _ => return Err(NOT_SOCKS),
    }
    Ok(reply)
}

fn send(channel: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    channel.write_all(bytes)?;
    channel.flush()
}

fn receive<const N: usize>(channel: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    channel.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The message of RFC 1929 section 2.
fn credentials(proxy: &Proxy) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
    let Some(username) = &proxy.username else { return Ok(None) };
    let password = proxy.password.as_ref().map_or("", |password| password.expose());
    let mut message = Zeroizing::new(Vec::with_capacity(3 + 2 * 255));
    message.push(1);
    for part in [username.expose(), password] {
        let length = u8::try_from(part.len()).map_err(|_| {
            Error::invalid_argument(
                "proxy has a user name or password of more than 255 bytes, which SOCKS can't carry",
            )
        })?;
        message.push(length);
        message.extend_from_slice(part.as_bytes());
    }
    Ok(Some(message))
}

/// The request of RFC 1928 section 4.
fn destination(server: &Peer, address: Option<IpAddr>) -> Vec<u8> {
    let mut request = vec![VERSION, CONNECT, 0];
    let address = match (&server.host, address) {
        (_, Some(address)) => Some(address),
        (Host::Address(address), None) => Some(*address),
        (Host::Name(name), None) => {
            request.push(NAME);
            // A host has at most 253 bytes.
            request.push(name.len() as u8);
            request.extend_from_slice(name.as_bytes());
            None
        }
    };
    match address {
        Some(IpAddr::V4(address)) => {
            request.push(IPV4);
            request.extend_from_slice(&address.octets());
        }
        Some(IpAddr::V6(address)) => {
            request.push(IPV6);
            request.extend_from_slice(&address.octets());
        }
        None => {}
    }
    request.extend_from_slice(&server.port.to_be_bytes());
    request
}

/// A reply other than success (RFC 1928 section 6).
fn refusal(reply: u8, proxy: &Peer, server: &Peer) -> Error {
    let (passes, why) = match reply {
        1 => (true, "it failed; try later"),
        2 => (false, "its rules do not allow this server; ask who keeps it"),
        3 => (true, "it finds the network unreachable; check its own network"),
        4 => (true, "it finds the host unreachable, or does not know its name; check the base URL"),
        5 => (true, "the server refuses the connection; check the port in the base URL"),
        6 => (true, "the server did not answer it in time; try later"),
        7 => (false, "it does not know the command; use another proxy"),
        8 => (
            false,
            "it does not know this kind of address; use the scheme socks5h, or another proxy",
        ),
        _ => (false, "it gave a reply that SOCKS 5 does not know; check its port and scheme"),
    };
    let message =
        format!("{proxy} refused the connection to {server}: {why} (SOCKS reply {reply})");
    let error = Error::new(Status::Proxy, message);
    if passes { error.retryable() } else { error }
}

/// What becomes of a proxy's answers, for the fuzzer: its reply, `None` where it is not SOCKS.
#[cfg(any(test, fuzzing))]
pub(crate) fn reply(answers: &[u8], credentials: Option<&[u8]>) -> Option<u8> {
    struct Played<'a>(&'a [u8]);
    impl Read for Played<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.0.read(into)
        }
    }
    impl Write for Played<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    speak(&mut Played(answers), credentials, &[VERSION]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read_in_every_form_of_address() {
        assert_eq!(reply(&[5, 0, 5, 0, 0, 1, 1, 2, 3, 4, 0, 80], None), Some(0));
        assert_eq!(reply(&[5, 0, 5, 0, 0, 3, 1, b'h', 0, 80], None), Some(0));
        assert_eq!(reply(&[[5, 0, 5, 0, 0, 4].as_slice(), &[0; 18]].concat(), None), Some(0));
        assert_eq!(reply(&[5, 2, 1, 0, 5, 5, 0, 1], Some(b"x")), Some(5));
    }

    #[test]
    fn what_is_not_socks_5_is_none() {
        for answers in
            [&[][..], &[4, 0], b"HTTP/1.1 400", &[5, 0, 5], &[5, 0, 5, 0, 0, 9], &[5, 255], &[5, 2]]
        {
            assert_eq!(reply(answers, None), None, "{answers:?}");
        }
        assert_eq!(reply(&[5, 2, 1, 1], Some(b"x")), None);
    }

    #[test]
    fn replies_that_may_pass_are_told_from_those_that_do_not() {
        let peer =
            |is_proxy| Peer { host: Host::Name("h".to_owned()), port: 1, is_proxy, not_done: None };
        let passing: Vec<u8> = (1..=9)
            .filter(|reply| refusal(*reply, &peer(true), &peer(false)).is_retryable())
            .collect();
        assert_eq!(passing, [1, 3, 4, 5, 6]);
    }
}
