//! A certificate as a server presents it: what is said of it is bounded, and a day later it has a day less to live.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sm_token::fuzzing::described_certificate;

const NOW: u64 = 1_800_000_000;
const DAY: u64 = 24 * 60 * 60;

fuzz_target!(|der: &[u8]| {
    let Some(today) = described_certificate(der, NOW) else { return };
    // Six names and an issuer of 64 bytes each, of which each may be shown as three, and the words around them.
    assert!(today.len() < 7 * 3 * 64 + 200, "{today}");
    assert!(today.starts_with("for ") && today.contains("; issued by "), "{today}");
    let left = |text: &str| -> Option<u64> {
        text.strip_suffix(" days left")?.rsplit(' ').next()?.parse().ok()
    };
    let tomorrow = described_certificate(der, NOW + DAY).unwrap_or_default();
    if let (Some(today), Some(tomorrow)) = (left(&today), left(&tomorrow)) {
        assert_eq!(today, tomorrow + 1);
    }
});
