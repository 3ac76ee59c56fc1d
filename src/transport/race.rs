//! Connects to whichever address of a peer answers first (RFC 8305, "happy eyeballs").

use std::collections::VecDeque;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use socket2::{Domain, Protocol, Socket, Type};

use super::attempt::Attempt;
use super::fault::{Fault, io_reason};
use super::peer::Peer;
use super::progress::{self, Phase, Tried};
use super::sightings::Sighting;
use crate::clock::Seconds;
use crate::io_reason::is_out_of_resources;
use crate::options::host::Host;
use crate::{Error, Status};

/// How long one address is waited for before the next one is tried beside it (RFC 8305 section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// The family of the address that answered last, which is tried first the next time.
#[derive(Default)]
pub(crate) struct LastFamily(AtomicU8);

impl LastFamily {
    pub(crate) fn note(&self, address: &SocketAddr) {
        self.0.store(if address.is_ipv6() { 6 } else { 4 }, Ordering::Relaxed);
    }

    /// The addresses with the families in turn (RFC 8305 section 4), the one that answered last first, else that of
    /// the first address.
    pub(crate) fn in_turn(&self, addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
        let begins_with_v6 = match self.0.load(Ordering::Relaxed) {
            4 => false,
            6 => true,
            _ => addresses.first().is_some_and(SocketAddr::is_ipv6),
        };
        let (first, second): (Vec<_>, Vec<_>) =
            addresses.into_iter().partition(|address| address.is_ipv6() == begins_with_v6);
        let (mut first, mut second) = (first.into_iter(), second.into_iter());
        let mut in_turn = VecDeque::new();
        loop {
            match (first.next(), second.next()) {
                (None, None) => return in_turn,
                (one, other) => in_turn.extend(one.into_iter().chain(other)),
            }
        }
    }
}

/// A connection to the first address that answers. One that fails is followed by the next at once, one that does
/// not answer after a while, and all are waited for together.
///
/// # Errors
/// `CONNECT` or `PROXY` with the failures of all addresses, `RESOURCES`, and as [`Attempt::wait`].
pub(super) fn connect(
    peer: &Arc<Peer>,
    addresses: Vec<SocketAddr>,
    last_family: &LastFamily,
    attempt: &Attempt,
) -> Result<TcpStream, Fault> {
    let mut race = Race {
        began: Instant::now(),
        waiting: last_family.in_turn(addresses),
        under_way: Vec::new(),
        tried: Vec::new(),
    };
    let (address, socket) = race.run(peer, attempt)?;
    last_family.note(&address);
    attempt.meet(|| Sighting::Connection(race.success(peer, &address)));
    let connection = TcpStream::from(socket);
    // What is sent is sent whole, so that nothing is gained by waiting for more.
    let _ = connection.set_nodelay(true);
    Ok(connection)
}

struct Race {
    began: Instant,
    waiting: VecDeque<SocketAddr>,
    under_way: Vec<(SocketAddr, Socket)>,
    tried: Vec<Tried>,
}

impl Race {
    fn run(&mut self, peer: &Arc<Peer>, attempt: &Attempt) -> Result<(SocketAddr, Socket), Fault> {
        let mut next_at = Instant::now();
        loop {
            if self.under_way.is_empty() || Instant::now() >= next_at {
                if let Some(address) = self.waiting.pop_front() {
                    self.tried.push(Tried { address, failure: None });
                    match begin(&address) {
                        Ok((socket, true)) => return Ok((address, socket)),
                        Ok((socket, false)) => self.under_way.push((address, socket)),
                        Err(error) if is_out_of_resources(&error) => {
                            return Err(Error::no_resources("socket", &error).into());
                        }
                        Err(error) => {
                            self.note_failure(address, &error);
                            continue;
                        }
                    }
                    next_at = Instant::now() + HEAD_START;
                } else if self.under_way.is_empty() {
                    return Err(self.failure(peer));
                }
            }
            attempt.enter(Phase::Connect(Arc::clone(peer), self.tried.as_slice().into()));
            let until = (!self.waiting.is_empty()).then_some(next_at);
            let sockets: Vec<PollFd<'_>> = self
                .under_way
                .iter()
                .map(|(_, socket)| PollFd::new(socket, PollFlags::OUT))
                .collect();
            let ready = attempt.wait(&sockets, until)?;
            for at in (0..ready.len()).rev().filter(|at| ready[*at]) {
                let (address, socket) = self.under_way.swap_remove(at);
                match socket.take_error() {
                    Ok(None) => return Ok((address, socket)),
                    Ok(Some(error)) | Err(error) => self.note_failure(address, &error),
                }
                next_at = Instant::now();
            }
        }
    }

    fn note_failure(&mut self, address: SocketAddr, error: &io::Error) {
        if let Some(tried) = self.tried.iter_mut().find(|tried| tried.address == address) {
            tried.failure = Some(io_reason(error));
        }
    }

    /// The address that answered, how long it took, and what became of the others that were tried.
    fn success(&self, peer: &Peer, address: &SocketAddr) -> String {
        let took = self.began.elapsed().as_millis() as u64;
        let mut text = format!("{peer} takes connections: {} in {took} ms", address.ip());
        let others = progress::list(self.tried.iter().filter(|tried| tried.address != *address));
        if !others.is_empty() {
            text.push_str("; ");
            text.push_str(&others);
        }
        text
    }

    fn failure(&self, peer: &Peer) -> Fault {
        let took = Seconds(self.began.elapsed());
        let reasons = match self.tried.as_slice() {
            [Tried { failure: Some(failure), .. }] if matches!(peer.host, Host::Address(_)) => {
                failure.clone()
            }
            tried => progress::list(tried.iter()),
        };
        let advice = match &self.tried[..] {
            tried if tried.iter().any(|one| one.is("connection refused")) => {
                "check the port, and that a server listens there"
            }
            tried if tried.iter().any(|one| one.is("not permitted")) => {
                "a firewall of this machine forbids it"
            }
            _ => "check the network; it may need a proxy",
        };
        let advice = peer.advice(advice);
        let what = if peer.is_proxy {
            format!("{peer} can't be reached after {took} s: {reasons}; {advice}")
        } else {
            format!("no connection to {peer} after {took} s: {reasons}; {advice}")
        };
        peer.failure(Status::Connect, what).into()
    }
}

impl Tried {
    fn is(&self, what: &str) -> bool {
        self.failure.as_deref().is_some_and(|failure| failure.contains(what))
    }
}

/// Begins to connect, and returns whether that is done already.
fn begin(address: &SocketAddr) -> io::Result<(Socket, bool)> {
    let kind = Type::STREAM;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let kind = kind.nonblocking();
    let socket = Socket::new(Domain::for_address(*address), kind, Some(Protocol::TCP))?;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    socket.set_nonblocking(true)?;
    match socket.connect(&(*address).into()) {
        Ok(()) => Ok((socket, true)),
        Err(error) if is_under_way(&error) => Ok((socket, false)),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn is_under_way(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR))
}

#[cfg(not(unix))]
fn is_under_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(text: &str) -> Vec<SocketAddr> {
        text.split(' ').map(|address| address.parse().unwrap()).collect()
    }

    #[test]
    fn families_take_turns_and_begin_with_the_one_that_answered_last() {
        let given = "[::1]:1 [::2]:1 1.1.1.1:1 [::3]:1 2.2.2.2:1";
        let memory = LastFamily::default();
        let in_turn = || memory.in_turn(addresses(given)).into_iter().collect::<Vec<_>>();
        assert_eq!(in_turn(), addresses("[::1]:1 1.1.1.1:1 [::2]:1 2.2.2.2:1 [::3]:1"));
        memory.note(&addresses("9.9.9.9:9")[0]);
        assert_eq!(in_turn(), addresses("1.1.1.1:1 [::1]:1 2.2.2.2:1 [::2]:1 [::3]:1"));
        memory.note(&addresses("[::9]:9")[0]);
        assert_eq!(in_turn(), addresses("[::1]:1 1.1.1.1:1 [::2]:1 2.2.2.2:1 [::3]:1"));
        assert!(memory.in_turn(Vec::new()).is_empty());
    }
}
