//! The exit codes, as the help lists them.

use sm_token::{Error, Status};

pub(crate) const FAILED: u8 = 1;
pub(crate) const MISUSED: u8 = 2;
pub(crate) const UNUSABLE: u8 = 3;
pub(crate) const WRONG_CLOCK: u8 = 8;
pub(crate) const INTERRUPTED: i32 = 130;

/// The exit code of a failure: by the tens of its status.
pub(crate) fn of(error: &Error) -> u8 {
    of_status(error.status())
}

fn of_status(status: Status) -> u8 {
    match status.code() / 10 {
        1 => UNUSABLE,
        2 => 4,
        3 => 5,
        4 => 6,
        5 => 7,
        _ => FAILED,
    }
}
