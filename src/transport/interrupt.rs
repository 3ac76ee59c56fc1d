//! Ends a request from another thread.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::waker::Waker;
use crate::sys;

/// A switch that ends the request under way, within milliseconds and in whatever phase it is, and
/// refuses further ones. A clone is the same switch.
#[derive(Clone)]
pub(crate) struct Interrupt(Arc<Switch>);

struct Switch {
    thrown: AtomicBool,
    /// The process that the request runs in. A child shares the descriptors of the waker: it must not wake its
    /// parent's request.
    fork_generation: u32,
    waker: Mutex<Option<Arc<Waker>>>,
}

impl Interrupt {
    pub(crate) fn new() -> Self {
        Interrupt(Arc::new(Switch {
            thrown: AtomicBool::new(false),
            fork_generation: sys::fork_generation(),
            waker: Mutex::new(None),
        }))
    }

    /// Ends what is under way, and whatever would start later.
    pub(crate) fn interrupt(&self) {
        // The waker is made before the switch is looked at, and looked for after the switch is thrown.
        self.0.thrown.store(true, Ordering::SeqCst);
        if self.0.fork_generation == sys::fork_generation() {
            let waker = self.0.waker.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.0.thrown.load(Ordering::SeqCst)
    }

    /// What wakes a wait when the switch is thrown; made for the first one who asks.
    ///
    /// # Errors
    /// Where the system has no descriptor to give.
    pub(super) fn waker(&self) -> io::Result<Arc<Waker>> {
        let mut waker = self.0.waker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waker) = &*waker {
            return Ok(Arc::clone(waker));
        }
        let made = Arc::new(Waker::new()?);
        *waker = Some(Arc::clone(&made));
        Ok(made)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::net::TcpListener;
    use std::sync::mpsc;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::clock::Deadline;
    use crate::exchange::TokenRequest;
    use crate::options::settings::Settings;
    use crate::transport::{Progress, attempt};
    use crate::{Credentials, Options, Status};

    /// How long an attempt to this port goes on after it is interrupted.
    fn lasts_after_interruption(port: u16) -> Duration {
        let interrupt = Interrupt::new();
        let (send, ended) = mpsc::channel();
        let switch = interrupt.clone();
        thread::spawn(move || {
            let mut options = Options::new();
            options.set_base_url(Some(&format!("http://127.0.0.1:{port}"))).unwrap();
            let deadline = Deadline::after(Duration::from_secs(20));
            let unread = Settings::resolve(&options).unwrap();
            let settings = unread.read_aside(deadline, &mut || Ok(())).ok().unwrap();
            let request = TokenRequest::new(&Credentials::new("id", "secret").unwrap(), None);
            let outcome = attempt(&request, &settings, deadline, &switch, &Progress::default());
            send.send((Instant::now(), outcome.err().map(|error| error.status()))).unwrap();
        });
        thread::sleep(Duration::from_millis(150));
        let began = Instant::now();
        interrupt.interrupt();
        let (at, status) = ended.recv_timeout(Duration::from_secs(10)).unwrap();
        assert_eq!(status, Some(Status::Canceled));
        assert!(interrupt.is_interrupted());
        at.saturating_duration_since(began)
    }

    #[test]
    fn an_attempt_that_waits_for_an_answer_ends_at_once() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let lasted = lasts_after_interruption(silent.local_addr().unwrap().port());
        assert!(lasted < Duration::from_secs(2), "{lasted:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_attempt_that_connects_ends_at_once() {
        use socket2::{Domain, Socket, Type};
        // A full backlog: what else wants in is dropped.
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let anywhere: std::net::SocketAddr = "127.0.0.1:0".parse().unwrap();
        listener.bind(&anywhere.into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap().as_socket().unwrap();
        let _filler = std::net::TcpStream::connect(address).unwrap();
        let lasted = lasts_after_interruption(address.port());
        assert!(lasted < Duration::from_secs(2), "{lasted:?}");
    }

    #[test]
    fn one_that_is_interrupted_before_it_begins_is_canceled() {
        let interrupt = Interrupt::new();
        interrupt.interrupt();
        let mut options = Options::new();
        options.set_base_url(Some("http://127.0.0.1:9")).unwrap();
        let deadline = Deadline::after(Duration::from_secs(20));
        let unread = Settings::resolve(&options).unwrap();
        let settings = unread.read_aside(deadline, &mut || Ok(())).ok().unwrap();
        let request = TokenRequest::new(&Credentials::new("id", "secret").unwrap(), None);
        let outcome = attempt(&request, &settings, deadline, &interrupt, &Progress::default());
        assert_eq!(outcome.err().unwrap().status(), Status::Canceled);
    }
}
