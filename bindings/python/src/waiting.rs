//! Tasks that await a token: one thread, which lives as long as the request, waits for all of them.

use std::cell::RefCell;
use std::process;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwapOption;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use sm_token::{Client, face};

use crate::error;
use crate::token::Token;

/// The tasks of one client that wait.
pub(crate) struct Waiting(ArcSwapOption<Batch>);

/// Those who get the outcome of the same wait.
struct Batch {
    /// In a child after a fork nobody serves the parent's.
    process: u32,
    /// `None` once they are being served.
    tasks: Mutex<Option<Vec<Task>>>,
}

/// What a task awaits, and the event loop that it runs on.
pub(crate) struct Task {
    event_loop: Py<PyAny>,
    future: Py<PyAny>,
}

thread_local! {
    /// Where what the core has to say on this thread is told: on the loop of a task that waits.
    static EVENT_LOOP: RefCell<Option<Py<PyAny>>> = const { RefCell::new(None) };
}

/// The event loop for which this thread waits, if it is one that does.
pub(crate) fn event_loop_of_thread(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    EVENT_LOOP.with_borrow(|event_loop| Some(event_loop.as_ref()?.bind(py).clone()))
}

impl Waiting {
    pub(crate) fn new() -> Self {
        Waiting(ArcSwapOption::empty())
    }

    /// Adds a task to those who wait; the first of them starts the thread.
    pub(crate) fn join(&self, py: Python<'_>, core: &Arc<Client>, mut task: Task) {
        loop {
            let open = self.0.load_full();
            if let Some(batch) = &open {
                match batch.take_in(task) {
                    Ok(()) => return,
                    Err(late) => task = late,
                }
            }
            let batch = Arc::new(Batch::new());
            let seen = self.0.compare_and_swap(&open, Some(Arc::clone(&batch)));
            if seen.as_ref().map(Arc::as_ptr) == open.as_ref().map(Arc::as_ptr) {
                return batch.start(py, core, task);
            }
        }
    }

    /// Has those who come from now on wait anew: what comes of the wait that is under way may be a
    /// token that they have dropped.
    pub(crate) fn close(&self) {
        self.0.store(None);
    }
}

impl Batch {
    fn new() -> Self {
        Batch { process: process::id(), tasks: Mutex::new(Some(Vec::new())) }
    }

    /// Takes a task in, or gives it back where it would come too late.
    fn take_in(&self, task: Task) -> Result<(), Task> {
        // In a child the lock may be held by a thread that is not there.
        if self.process != process::id() {
            return Err(task);
        }
        match &mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(tasks) => {
                tasks.push(task);
                Ok(())
            }
            None => Err(task),
        }
    }

    /// Starts the thread that waits, with the first task.
    fn start(self: &Arc<Self>, py: Python<'_>, core: &Arc<Client>, first: Task) {
        let event_loop = first.event_loop.clone_ref(py);
        let _nobody_serves_yet = self.take_in(first);
        let (core, batch) = (Arc::clone(core), Arc::clone(self));
        let started = face::spawn("sm-token", move || {
            EVENT_LOOP.set(Some(event_loop));
            let outcome = face::contain(|| core.token()).and_then(|outcome| outcome);
            let tasks = batch.take_out();
            // An interpreter that is shutting down has no task left.
            Python::try_attach(|py| {
                drop(EVENT_LOOP.take());
                let token = outcome.map(|token| Py::new(py, Token::from(token)));
                settle(py, tasks, || match &token {
                    Ok(Ok(token)) => Ok(token.clone_ref(py)),
                    Ok(Err(failure)) => Err(failure.clone_ref(py)),
                    Err(failure) => Err(error::of_core(py, failure)),
                });
            });
        });
        if let Err(reason) = started {
            let message = format!("no thread to wait on: {reason}");
            settle(py, self.take_out(), || Err(error::internal(py, &message)));
        }
    }

    /// Lets nobody in any more.
    fn take_out(&self) -> Vec<Task> {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.take().unwrap_or_default()
    }
}

impl Task {
    pub(crate) fn new(event_loop: Bound<'_, PyAny>, future: Bound<'_, PyAny>) -> Self {
        Task { event_loop: event_loop.unbind(), future: future.unbind() }
    }
}

/// Has each task's loop settle its future, with an exception of its own where it gets one: what is
/// raised grows a traceback.
fn settle(py: Python<'_>, tasks: Vec<Task>, outcome: impl Fn() -> PyResult<Py<Token>>) {
    static SETTLE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    for Task { event_loop, future } in tasks {
        let hand_over = || {
            let outcome = match outcome() {
                Ok(token) => token.into_any(),
                Err(failure) => failure.into_value(py).into_any(),
            };
            let settle = SETTLE.import(py, "sm_token._async", "settle")?;
            event_loop.call_method1(
                py,
                intern!(py, "call_soon_threadsafe"),
                (settle, future, outcome),
            )
        };
        // It fails where the loop is closed, and then its tasks are gone too.
        let _closed = hand_over();
    }
}
