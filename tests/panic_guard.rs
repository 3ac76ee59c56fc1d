//! A panic becomes a status, and nothing is printed.

#![cfg(feature = "panic-test")]

use std::ffi::CStr;
use std::process::Command;

use sm_token::Status;
use sm_token::ffi::error::{sm_error_free, sm_error_message, sm_error_status};
use sm_token::ffi::panic_test::sm_panic_test;

/// Set in the process that panics, so that its standard error can be read.
const INNER: &str = "SM_TOKEN_TEST_PANICS_HERE";

#[test]
// promise: panic-caught
fn a_panic_becomes_an_internal_error_and_prints_nothing() {
    if std::env::var_os(INNER).is_some() {
        panic_behind_the_guard();
        return;
    }
    let this_test = std::env::current_exe().expect("a path to this test");
    let output = Command::new(this_test)
        .args(["--nocapture", "a_panic_becomes_an_internal_error_and_prints_nothing"])
        .env(INNER, "1")
        .output()
        .expect("this test runs itself");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_panic_of_the_program_itself_is_still_told() {
    if std::env::var_os(INNER).is_some() {
        panic_behind_the_guard();
        panic!("of the program");
    }
    let this_test = std::env::current_exe().expect("a path to this test");
    let output = Command::new(this_test)
        .args(["--nocapture", "a_panic_of_the_program_itself_is_still_told"])
        .env(INNER, "1")
        .output()
        .expect("this test runs itself");
    assert!(String::from_utf8_lossy(&output.stderr).contains("of the program"), "{output:?}");
}

fn panic_behind_the_guard() {
    let mut error = std::ptr::null_mut();
    // SAFETY: `error` is a valid out parameter, and the handle is used and freed once.
    unsafe {
        assert_eq!(sm_panic_test(&mut error), Status::Internal.code());
        assert_eq!(sm_error_status(error), Status::Internal.code());
        let message = CStr::from_ptr(sm_error_message(error)).to_str().expect("UTF-8");
        assert!(message.contains("defect of sm-token"), "{message}");
        sm_error_free(error);
    }
}
