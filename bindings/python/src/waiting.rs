//! Tasks that await a token: one thread, which lives as long as the request, waits for all of them.
//!
//! That thread never attaches to the interpreter, which could be ending: it wakes each event loop through a
//! socket, and the tasks then fetch the outcome by themselves.

use std::io::Write;
use std::net::Shutdown;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use pyo3::prelude::*;
use sm_token::internal::{self, TokenWait};
use sm_token::{Client, Error};

use crate::error;
use crate::log::Backlog;
use crate::sockets::{self, Number, Socket};
use crate::token::Token;

/// The event loops that wait for the token of one client.
#[derive(Default)]
pub(crate) struct Waiting {
    open: ArcSwapOption<Batch>,
    /// What was logged while they wait, for the first that emits it, or for the client's next caller.
    pub(crate) backlog: Arc<Backlog>,
}

/// Those who get the outcome of the same wait.
struct Batch {
    /// In a child after a fork the thread that waits does not exist.
    process: u32,
    /// Whether those who come from now on have to wait anew.
    is_closed: AtomicBool,
    state: Mutex<State>,
    backlog: Arc<Backlog>,
}

#[derive(Default)]
struct State {
    outcome: Option<Result<sm_token::Token, Error>>,
    /// One for each event loop, with the number of its [`Wait`].
    wakers: Vec<(u64, Socket)>,
    next_number: u64,
}

impl Waiting {
    /// Adds an event loop to those that wait; the first of them starts the thread. Returns its wait, and the
    /// number of a socket, which is the caller's to close.
    pub(crate) fn join(&self, core: &Arc<Client>) -> std::io::Result<(Wait, Number)> {
        let (reader, mut waker) = sockets::pair()?;
        reader.set_nonblocking(true)?;
        waker.set_nonblocking(true)?;
        loop {
            let open = self.open.load_full();
            let (batch, joined) = match &open {
                Some(batch) if batch.is_open() => (Arc::clone(batch), batch.take_in(waker)),
                _ => {
                    let batch = Arc::new(Batch::new(Arc::clone(&self.backlog)));
                    let seen = self.open.compare_and_swap(&open, Some(Arc::clone(&batch)));
                    if seen.as_ref().map(Arc::as_ptr) != open.as_ref().map(Arc::as_ptr) {
                        continue;
                    }
                    // Before the thread starts, which may be done at once.
                    let joined = batch.take_in(waker);
                    batch.start(core);
                    (batch, joined)
                }
            };
            match joined {
                Ok(number) => return Ok((Wait { batch, number }, sockets::into_number(reader))),
                Err(late) => waker = late,
            }
        }
    }

    /// Has those who come from now on wait anew: what comes of the wait that is under way may be a
    /// token that they have dropped.
    pub(crate) fn close(&self) {
        if let Some(batch) = self.open.swap(None) {
            batch.is_closed.store(true, Ordering::Release);
        }
    }
}

impl Batch {
    fn new(backlog: Arc<Backlog>) -> Self {
        Batch {
            process: process::id(),
            is_closed: AtomicBool::new(false),
            state: Mutex::new(State::default()),
            backlog,
        }
    }

    /// Takes a waker in, or gives it back where it would come too late.
    fn take_in(&self, waker: Socket) -> Result<u64, Socket> {
        if !self.is_open() {
            return Err(waker);
        }
        let mut state = self.state();
        if state.outcome.is_some() {
            return Err(waker);
        }
        let number = state.next_number;
        state.next_number += 1;
        state.wakers.push((number, waker));
        Ok(number)
    }

    /// Starts the thread that waits.
    fn start(self: &Arc<Self>, core: &Arc<Client>) {
        let (core, batch) = (Arc::clone(core), Arc::clone(self));
        let started = internal::spawn("sm-token", move || {
            let outcome = internal::contain(|| batch.wait(&core)).and_then(|outcome| outcome);
            batch.backlog.add();
            batch.end(outcome);
        });
        if let Err(reason) = started {
            self.end(Err(error::no_thread(&reason)));
        }
    }

    /// Waits for the outcome, and has what is logged meanwhile emitted.
    fn wait(&self, core: &Client) -> Result<sm_token::Token, Error> {
        let wait = TokenWait::start(core)?;
        loop {
            if let Some(outcome) = wait.wait(Duration::MAX) {
                return outcome;
            }
            if self.backlog.add() {
                for (_, waker) in &mut self.state().wakers {
                    // It fails where one that was sent before is not read yet, or where nothing waits any more.
                    let _ = waker.write(&[1]);
                }
            }
        }
    }

    /// Keeps the outcome and wakes all.
    fn end(&self, outcome: Result<sm_token::Token, Error>) {
        self.is_closed.store(true, Ordering::Release);
        let wakers = {
            let mut state = self.state();
            state.outcome = Some(outcome);
            std::mem::take(&mut state.wakers)
        };
        for (_, waker) in wakers {
            // Seen by the other end also where a child of a fork holds this one open. It fails where the other
            // end is closed, and then nothing waits.
            let _ = waker.shutdown(Shutdown::Both);
        }
    }

    /// Whether an event loop that comes now can join. In a child of a fork none can: the lock may be held by a
    /// thread that is not there.
    fn is_open(&self) -> bool {
        self.is_of_this_process() && !self.is_closed.load(Ordering::Acquire)
    }

    fn is_of_this_process(&self) -> bool {
        self.process == process::id()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The wait of one event loop for the token of a client.
#[pyclass(frozen, module = "sm_token._core")]
pub(crate) struct Wait {
    batch: Arc<Batch>,
    number: u64,
}

#[pymethods]
impl Wait {
    /// Whether a task that comes now can join.
    fn is_open(&self) -> bool {
        self.batch.is_open()
    }

    /// Emits the log records of the wait.
    fn emit(&self, py: Python<'_>) -> PyResult<()> {
        self.batch.backlog.emit(py)
    }

    /// The token, once the socket has ended; or raises why there is none. Emits the last log records first.
    fn outcome(&self, py: Python<'_>) -> PyResult<Token> {
        self.emit(py)?;
        let outcome = self.batch.state().outcome.clone();
        match outcome {
            Some(Ok(token)) => Ok(Token::from(token)),
            Some(Err(failure)) => Err(error::of_core(py, &failure)),
            None => Err(error::internal(py, "the outcome of a wait was asked for before its end")),
        }
    }

    /// Gives up the wait; the request goes on for others.
    fn leave(&self) {
        if self.batch.is_of_this_process() {
            let number = self.number;
            self.batch.state().wakers.retain(|(of, _)| *of != number);
        }
    }
}
