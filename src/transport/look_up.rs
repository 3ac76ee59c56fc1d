//! Finds a host's addresses, in a bounded time and with a bounded number of threads.
//!
//! The operating system's resolver runs on a thread of its own: it can't be interrupted, and has no timeout. One
//! that hangs is waited for by all who ask for the same name, so that a retry costs no further thread.

use std::io;
use std::mem;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;

use super::attempt::Attempt;
use super::fault::Fault;
use super::peer::Peer;
use super::progress::Phase;
use super::sightings::Sighting;
use super::waker::Waker;
use crate::options::host::Host;
use crate::sys::ForkGate;
use crate::{Error, Status, sys};

/// More addresses of one host than these are not tried.
const MAX_ADDRESSES: usize = 16;

/// More look-ups than these are not under way at a time.
const MAX_UNDER_WAY: usize = 32;

/// The addresses of a peer, in the resolver's order.
///
/// # Errors
/// `DNS` or `PROXY` where it has none, `RESOURCES` where no thread can be had, and as [`Attempt::wait`].
pub(super) fn addresses_of(peer: &Arc<Peer>, attempt: &Attempt) -> Result<Vec<SocketAddr>, Fault> {
    let found: Vec<IpAddr> = match &peer.host {
        Host::Address(address) => vec![*address],
        // RFC 6761 section 6.3: no name server is asked, whatever it would say.
        Host::Name(name) if name == "localhost" || name.ends_with(".localhost") => {
            vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()]
        }
        Host::Name(name) => {
            attempt.enter(Phase::LookUp(Arc::clone(peer)));
            look_up(name, attempt, |why| failure(peer, why))?
        }
    };
    attempt.open_fork_gate();
    if found.is_empty() {
        return Err(failure(peer, "it has no address").into());
    }
    attempt.meet(|| Sighting::Name(name_of(peer, &found)));
    Ok(found
        .into_iter()
        .take(MAX_ADDRESSES)
        .map(|address| SocketAddr::new(address, peer.port))
        .collect())
}

fn name_of(peer: &Peer, found: &[IpAddr]) -> String {
    match &peer.host {
        Host::Address(address) => format!("{address} is an address, which is not looked up"),
        Host::Name(name) => {
            let mut addresses: Vec<String> = Vec::new();
            for address in found.iter().take(MAX_ADDRESSES).map(IpAddr::to_string) {
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            let whose = if peer.is_proxy { "the proxy " } else { "" };
            format!("{whose}{name} is {}", addresses.join(", "))
        }
    }
}

fn failure(peer: &Peer, why: &str) -> Error {
    let advice = peer.advice(&format!("check {} and the network", peer.setting()));
    peer.failure(Status::Dns, format!("the name of {peer} can't be resolved: {why}; {advice}"))
}

/// A look-up under way, and those who wait for it.
struct LookUp {
    name: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    found: Option<Result<Vec<IpAddr>, String>>,
    waiting: Vec<Arc<Waker>>,
}

/// The look-ups of one process. A child after a fork gets others, since the threads did not come along.
struct Process {
    fork_generation: u32,
    under_way: Mutex<Vec<Arc<LookUp>>>,
}

static PROCESS: ArcSwapOption<Process> = ArcSwapOption::const_empty();

impl Process {
    fn this() -> Arc<Self> {
        let generation = sys::fork_generation();
        loop {
            let current = PROCESS.load_full();
            if let Some(current) =
                current.as_ref().filter(|current| current.fork_generation == generation)
            {
                return Arc::clone(current);
            }
            let fresh = Process { fork_generation: generation, under_way: Mutex::new(Vec::new()) };
            let seen = PROCESS.compare_and_swap(&current, Some(Arc::new(fresh)));
            if seen.as_ref().map(Arc::as_ptr) == current.as_ref().map(Arc::as_ptr) {
                // The parent's: a thread that did not come along may have been amid a change of it.
                mem::forget(current);
            }
        }
    }

    /// The look-up of this name that is under way, or a new one.
    fn join(
        self: &Arc<Self>,
        name: &str,
        attempt: &Attempt,
        failure: impl Fn(&str) -> Error,
    ) -> Result<Arc<LookUp>, Error> {
        let mut under_way = lock(&self.under_way);
        if let Some(same) = under_way.iter().find(|look_up| look_up.name == name) {
            return Ok(Arc::clone(same));
        }
        if under_way.len() >= MAX_UNDER_WAY {
            return Err(failure("too many look-ups of other names hang already"));
        }
        let look_up = Arc::new(LookUp { name: name.to_owned(), state: Mutex::default() });
        let (its_process, its_own) = (Arc::clone(self), Arc::clone(&look_up));
        // It lasts until the look-up ends, also where no call waits for it any more.
        let fork_gate = attempt.open_fork_gate();
        sys::spawn("sm-token-dns", move || its_own.run(&its_process, fork_gate))
            .map_err(|error| Error::no_resources("thread for a look-up", &error))?;
        under_way.push(Arc::clone(&look_up));
        Ok(look_up)
    }
}

impl LookUp {
    fn run(self: Arc<Self>, process: &Process, fork_gate: Option<ForkGate>) {
        let found = {
            let _until_found = fork_gate;
            (self.name.as_str(), 0).to_socket_addrs()
        };
        lock(&process.under_way).retain(|one| !Arc::ptr_eq(one, &self));
        let mut state = lock(&self.state);
        state.found = Some(match found {
            Ok(addresses) => Ok(addresses.map(|address| address.ip()).collect()),
            Err(error) => Err(reason(&error)),
        });
        for waker in state.waiting.drain(..) {
            waker.wake();
        }
    }
}

fn look_up(
    name: &str,
    attempt: &Attempt,
    failure: impl Fn(&str) -> Error,
) -> Result<Vec<IpAddr>, Fault> {
    let look_up = Process::this().join(name, attempt, &failure)?;
    let _waiting = Waiting::begin(&look_up, attempt.waker());
    loop {
        if let Some(found) = &lock(&look_up.state).found {
            return found.clone().map_err(|why| failure(&why).into());
        }
        attempt.wait(&[], None)?;
    }
}

/// One who waits for a look-up, until it is dropped.
struct Waiting<'a> {
    look_up: &'a LookUp,
    waker: &'a Arc<Waker>,
}

impl<'a> Waiting<'a> {
    fn begin(look_up: &'a LookUp, waker: &'a Arc<Waker>) -> Self {
        lock(&look_up.state).waiting.push(Arc::clone(waker));
        Waiting { look_up, waker }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        lock(&self.look_up.state).waiting.retain(|waker| !Arc::ptr_eq(waker, self.waker));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The resolver's own words, without the standard library's preface.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.strip_prefix("failed to lookup address information: ")
        .unwrap_or(&text)
        .to_ascii_lowercase()
}
