//! One attempt: until when it may take, what ends it, how far it came, and how it waits.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::fault::Fault;
use super::interrupt::Interrupt;
use super::progress::{Phase, Progress};
use super::sightings::Sighting;
use super::waker::Waker;
use crate::Error;
use crate::clock::Deadline;
use crate::sys::{self, ForkGate};

/// A kernel may wake a wait late by a part of its length (Linux: 0.1 %, 0.5 % for a process that is nice). So a
/// wait that is longer than this ends a little before its time, and another one takes the rest.
const EXACT: Duration = Duration::from_millis(50);
/// Windows takes no more milliseconds than an `i32` holds, 24.8 days: another wait takes the rest.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) struct Attempt {
    whole: Deadline,
    connection: Deadline,
    connected: AtomicBool,
    cut_short: AtomicBool,
    fork_generation: u32,
    fork_gate: Mutex<Option<ForkGate>>,
    interrupt: Interrupt,
    waker: Arc<Waker>,
    progress: Progress,
}

impl Attempt {
    /// # Errors
    /// `RESOURCES` where the system has no descriptor to give.
    pub(super) fn new(
        whole: Deadline,
        connect_timeout: Duration,
        interrupt: &Interrupt,
        progress: &Progress,
    ) -> Result<Self, Error> {
        Ok(Attempt {
            whole,
            connection: whole.at_most(connect_timeout),
            connected: AtomicBool::new(false),
            cut_short: AtomicBool::new(false),
            fork_generation: sys::fork_generation(),
            fork_gate: Mutex::new(ForkGate::begin()),
            interrupt: interrupt.clone(),
            waker: interrupt.waker().map_err(|error| Error::no_resources("descriptor", &error))?,
            progress: progress.clone(),
        })
    }

    /// Waits until one of the sockets is ready, at most until `until`; returns for each whether it is. None may be
    /// where the waker woke, too.
    ///
    /// # Errors
    /// `TIMEOUT` at the deadline, and `CANCELED` where the attempt was interrupted, or this process is a child of
    /// the one that it began in.
    pub(super) fn wait(
        &self,
        sockets: &[PollFd<'_>],
        until: Option<Instant>,
    ) -> Result<Vec<bool>, Fault> {
        let mut waited_for: Vec<PollFd<'_>> = sockets.to_vec();
        waited_for.push(PollFd::new(&*self.waker, PollFlags::IN));
        loop {
            self.check()?;
            let left = match until {
                Some(until) => {
                    self.deadline().remaining().min(until.saturating_duration_since(Instant::now()))
                }
                None => self.deadline().remaining(),
            };
            if left.is_zero() {
                self.in_time()?;
                return Ok(vec![false; sockets.len()]);
            }
            let slice = if left > EXACT { left - left / 64 } else { left };
            let slice = Timespec::try_from(slice.min(LONGEST)).ok();
            match poll(&mut waited_for, slice.as_ref()) {
                Ok(0) | Err(Errno::INTR) => {}
                Ok(_) => {
                    self.check()?;
                    let mut ready: Vec<bool> =
                        waited_for.iter().map(|one| !one.revents().is_empty()).collect();
                    if ready.pop() == Some(true) {
                        self.waker.clear();
                    }
                    return Ok(ready);
                }
                Err(error) => return Err(Error::no_resources("way to wait", &error.into()).into()),
            }
        }
    }

    /// Whether the attempt may go on, at this moment.
    ///
    /// # Errors
    /// `CANCELED` as [`Attempt::wait`].
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.interrupt.is_interrupted() || self.fork_generation != sys::fork_generation() {
            return Err(Error::canceled().into());
        }
        Ok(())
    }

    /// As [`Attempt::check`], and whether there is time left.
    ///
    /// # Errors
    /// `TIMEOUT` at the deadline, else as [`Attempt::check`].
    pub(super) fn go_on(&self) -> Result<(), Fault> {
        self.check()?;
        self.in_time()
    }

    fn in_time(&self) -> Result<(), Fault> {
        if !self.deadline().has_passed() {
            return Ok(());
        }
        Err(if self.whole.has_passed() {
            self.progress.timed_out(self.whole.allowed()).into()
        } else {
            self.progress.not_within(self.connection.allowed()).into()
        })
    }

    /// The limit that counts now.
    fn deadline(&self) -> Deadline {
        if self.is_connected() { self.whole } else { self.connection }
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.progress.enter(phase);
    }

    /// Notes what is met, where somebody wants to know it.
    pub(super) fn meet(&self, sighting: impl FnOnce() -> Sighting) {
        self.progress.meet(sighting);
    }

    /// Notes that there is a connection to the server, by which it can answer.
    pub(super) fn set_connected(&self) {
        self.connected.store(true, Ordering::Relaxed);
    }

    fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Notes that the connection ended without close_notify (RFC 8446 section 6.1), as it does where it is cut: the HTTP library takes this for the end of a body without a length.
    pub(super) fn note_end(&self, error: &io::Error) {
        use io::ErrorKind::{ConnectionAborted, ConnectionReset, UnexpectedEof};
        if matches!(error.kind(), UnexpectedEof | ConnectionAborted | ConnectionReset) {
            self.cut_short.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn was_cut_short(&self) -> bool {
        self.cut_short.load(Ordering::Relaxed)
    }

    /// Ends what keeps a fork waiting, when it is dropped.
    pub(super) fn open_fork_gate(&self) -> Option<ForkGate> {
        self.fork_gate.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// What wakes [`Attempt::wait`].
    pub(super) fn waker(&self) -> &Arc<Waker> {
        &self.waker
    }
}
