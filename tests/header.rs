//! The committed header is what cbindgen makes of `src/ffi`.

#![cfg(feature = "capi")]

use std::path::Path;

#[test]
fn the_committed_header_is_the_generated_one() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/sm_token.h");
    let committed = std::fs::read_to_string(committed).expect("include/sm_token.h is there");
    let generated = std::fs::read_to_string(env!("SM_TOKEN_GENERATED_HEADER"))
        .expect("the build wrote a header");
    assert!(
        committed == generated,
        "include/sm_token.h is stale; mend it with\n\n    make header\n"
    );
}
