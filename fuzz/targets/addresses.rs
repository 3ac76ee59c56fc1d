//! A list of addresses, each of five or seventeen bytes: all are tried, once, in each family's own order, and the
//! families take turns as long as both have some.

#![no_main]

use std::net::{IpAddr, SocketAddr};

use libfuzzer_sys::fuzz_target;
use sm_token::fuzzing::order;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    let mut addresses: Vec<SocketAddr> = Vec::new();
    while let Some((kind, after)) = rest.split_first() {
        let address: IpAddr = if kind % 2 == 0 {
            let Some((octets, after)) = after.split_first_chunk::<4>() else { break };
            rest = after;
            (*octets).into()
        } else {
            let Some((octets, after)) = after.split_first_chunk::<16>() else { break };
            rest = after;
            (*octets).into()
        };
        addresses.push(SocketAddr::new(address, 443));
    }
    let last = bytes.last().filter(|byte| **byte > 127).and_then(|_| addresses.last().copied());
    let tried = order(addresses.clone(), last);

    let of = |list: &[SocketAddr], v6| -> Vec<SocketAddr> {
        list.iter().filter(|address| address.is_ipv6() == v6).copied().collect()
    };
    let (v4, v6) = (of(&addresses, false), of(&addresses, true));
    assert_eq!((of(&tried, false), of(&tried, true)), (v4.clone(), v6.clone()));
    let both = 2 * v4.len().min(v6.len());
    assert!(tried[..both].windows(2).all(|pair| pair[0].is_ipv6() != pair[1].is_ipv6()));
    if both > 0 {
        let first = last.unwrap_or(addresses[0]);
        assert_eq!(tried[0].is_ipv6(), first.is_ipv6());
    }
});
