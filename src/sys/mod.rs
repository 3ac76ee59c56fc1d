//! The calls to the operating system that no kept crate wraps, behind safe functions.
//!
//! What a system does not have, such as `fork()` on Windows, has a plain fallback there.

mod cancellation;
mod clock;
mod exit;
#[cfg(all(unix, not(loom)))]
mod floating_point;
mod fork;
#[cfg(windows)]
mod loaded;
mod privileges;
mod signal;
mod thread;
mod user_proxy;

pub(crate) use cancellation::CancellationHeld;
pub(crate) use clock::{boot, coarse_monotonic, coarse_wall, monotonic, wall};
pub(crate) use exit::{unless_it_exits, watch_for_exit};
pub(crate) use fork::{ForkGate, fork_generation};
pub(crate) use privileges::has_raised_privileges;
pub(crate) use signal::Signal;
pub use thread::spawn;
pub(crate) use user_proxy::{UserProxy, user_proxy};
