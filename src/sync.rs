//! The locks of the library: the standard ones, or loom's where all interleavings are tried.

#[cfg(not(loom))]
pub(crate) use std::sync::{
    Condvar, Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU64},
};

#[cfg(loom)]
pub(crate) use loom::sync::{
    Condvar, Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU64},
};

pub(crate) use std::sync::PoisonError;
pub(crate) use std::sync::atomic::Ordering;

/// Takes a lock. A panic while it was held is contained elsewhere and leaves nothing half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a change, at most so long.
pub(crate) fn wait<'a, T>(
    changed: &Condvar,
    guard: MutexGuard<'a, T>,
    at_most: std::time::Duration,
) -> MutexGuard<'a, T> {
    changed.wait_timeout(guard, at_most).unwrap_or_else(PoisonError::into_inner).0
}

pub(crate) use slot::Slot;

/// A place for a shared value that is read without any lock.
#[cfg(not(loom))]
mod slot {
    use std::ops::Deref;
    use std::sync::Arc;

    use arc_swap::ArcSwapOption;

    pub(crate) struct Slot<T>(ArcSwapOption<T>);

    impl<T> Slot<T> {
        pub(crate) fn empty() -> Self {
            Slot(ArcSwapOption::empty())
        }

        pub(crate) fn look(&self) -> impl Deref<Target = Option<Arc<T>>> + use<T> {
            self.0.load()
        }

        pub(crate) fn put(&self, value: Option<Arc<T>>) {
            self.0.store(value);
        }
    }
}

/// loom knows no arc-swap, so a lock stands in for it: the cached read is outside the model.
#[cfg(loom)]
mod slot {
    use std::ops::Deref;
    use std::sync::Arc;

    use super::{Mutex, lock};

    pub(crate) struct Slot<T>(Mutex<Option<Arc<T>>>);

    impl<T> Slot<T> {
        pub(crate) fn empty() -> Self {
            Slot(Mutex::new(None))
        }

        pub(crate) fn look(&self) -> impl Deref<Target = Option<Arc<T>>> + use<T> {
            Box::new(lock(&self.0).clone())
        }

        pub(crate) fn put(&self, value: Option<Arc<T>>) {
            *lock(&self.0) = value;
        }
    }
}
