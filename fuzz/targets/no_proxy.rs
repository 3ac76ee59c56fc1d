//! A host in the first line, a `NO_PROXY` list behind it: the same host is excepted, or not, however the
//! list is written.

#![no_main]

use std::ptr;
use std::sync::Once;

use libfuzzer_sys::fuzz_target;
use sm_token::fuzzing::is_excepted_from_proxies;

const LONGEST_LIST: usize = 1000;
const NAME: &[u8] = b"NO_PROXY=";

fuzz_target!(|written: &str| {
    let Some((host, list)) = written.split_once('\n') else { return };
    if list.contains('\0') || list.len() > LONGEST_LIST {
        return;
    }
    let base_url = format!("https://{host}");
    let excepted = |list: &str| {
        set_no_proxy(list);
        is_excepted_from_proxies(&base_url)
    };
    let Ok(is_excepted) = excepted(list) else { return };

    let alone: Vec<bool> =
        list.split([',', ' ', '\t']).map(|entry| excepted(entry).unwrap()).collect();
    assert_eq!(is_excepted, alone.contains(&true), "{list:?} for {host}");
    assert_eq!(is_excepted, excepted(&format!(" {list}\t,")).unwrap(), "{list:?} for {host}");
    if list.trim_matches([',', ' ', '\t']).is_empty() {
        assert!(!is_excepted, "{list:?} for {host}");
    }
    // A plain name is excepted by itself and by `*`, and by nothing that only ends as it does.
    let is_plain = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphabetic());
    if is_plain && list.len() < LONGEST_LIST - host.len() - 1 {
        assert!(excepted(&format!("{list},{host}")).unwrap(), "{host}");
        assert!(!excepted(&host[1..]).unwrap() || host.len() == 1, "{host}");
    }
});

/// Writes over the value in place: `setenv` would keep each old one for ever.
fn set_no_proxy(list: &str) {
    static mut VARIABLE: [u8; NAME.len() + LONGEST_LIST + 8] = [0; NAME.len() + LONGEST_LIST + 8];
    static ONCE: Once = Once::new();
    let variable = &raw mut VARIABLE;
    // SAFETY: there is one thread, the text holds no NUL and fits, and the array lives for ever.
    unsafe {
        ONCE.call_once(|| {
            ptr::copy_nonoverlapping(NAME.as_ptr(), variable.cast(), NAME.len());
            libc::putenv(variable.cast());
        });
        let value = variable.cast::<u8>().add(NAME.len());
        ptr::copy_nonoverlapping(list.as_ptr(), value, list.len());
        value.add(list.len()).write(0);
    }
}
