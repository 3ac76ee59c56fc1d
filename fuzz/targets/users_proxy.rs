//! A host in the first line, a list of proxies in the second, a list of exceptions behind them, as Windows keeps them: the
//! same host is excepted, or not, however the list is written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sm_token::fuzzing::users_proxy;

fuzz_target!(|written: &str| {
    let mut lines = written.splitn(3, '\n');
    let (Some(host), Some(proxies), Some(exceptions)) = (lines.next(), lines.next(), lines.next())
    else {
        return;
    };
    let base_url = format!("https://{host}");
    let _ = users_proxy(&base_url, proxies, exceptions);

    let Ok(through) = users_proxy(&base_url, "proxy.example", "") else { return };
    assert_eq!(through.as_deref(), Some("Proxy(Http proxy.example:80)"));
    let excepted = |list: &str| users_proxy(&base_url, "proxy.example", list).unwrap().is_none();
    let alone = exceptions.split([';', ' ', '\t', '\r', '\n']).any(excepted);
    assert_eq!(excepted(exceptions), alone, "{exceptions:?} for {host}");
    assert!(excepted(&format!("{exceptions};*")), "{exceptions:?} for {host}");
});
