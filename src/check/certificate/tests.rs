use super::*;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::time::Duration;

// Both were made for these tests; nobody holds their keys.
const WHOLE: &str = "\
    MIIBpzCCAUygAwIBAgIBBzAKBggqhkjOPQQDAjAxMRgwFgYDVQQKDA9BbiBPcmdhbml6YXRpb24xFTATBgNVBAMMDEFuIEF1\
    dGhvcml0eTAgFw0yMDAyMjkwMTAyMDNaGA8yMDYwMDYwMTAzMDQwNVowDDEKMAgGA1UEAwwBczBZMBMGByqGSM49AgEGCCqG\
    SM49AwEHA0IABIgMWwWIQzn9RU1W+hwsXWqX9ZuAdrvNEIOukLVDDK3dHDHx36kEcK/rl+f3ZxWNipQJFsEkqhOUti6lkkvh\
    rnujeDB2MAwGA1UdEwEB/wQCMAAwZgYDVR0RAQH/BFwwWoIJYS5leGFtcGxlggliLmV4YW1wbGWHBMAAAgeHECABDbgAAAAA\
    AAAAAAAAAAGCCWMuZXhhbXBsZYIJZC5leGFtcGxlggllLmV4YW1wbGWCCWYuZXhhbXBsZTAKBggqhkjOPQQDAgNJADBGAiEA\
    /0bmz4Sjdvj0WyG1W7p/8plr2liVimoTpBkBMr1TmcQCIQDIYocPiaYQQJKE3+rhp47osCSIikeBXtZorhefn+eLmw==";

const BARE: &str = "\
    MIIBJTCBy6ADAgECAgEHMAoGCCqGSM49BAMCMBoxGDAWBgNVBAoMD0FuIE9yZ2FuaXphdGlvbjAeFw0yMDAyMjkwMTAyMDNa\
    Fw0yNDAzMDEwMDAwMDBaMAwxCjAIBgNVBAMMAXMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQHaBSQCyCt84N7CaaWrL5T\
    UGQe78xir/extS1slf7QyrpQV5IHZAdJw0b/Mqt6hIZa4+1auI4C9d7meYACE8NeoxAwDjAMBgNVHRMBAf8EAjAAMAoGCCqG\
    SM49BAMCA0kAMEYCIQCLpE91EfrpbOKD2UGXPomVuRNWAa2NLnjfNwb30VU9xAIhALLZVzHZB1r0JMKFhRyX6O3LQPVOioBY\
    3O9gxehV6Kuo";

fn der(base64: &str) -> Vec<u8> {
    BASE64_STANDARD.decode(base64).unwrap()
}

fn at(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds as u64)
}

#[test]
fn names_issuer_and_life_are_read() {
    let certificate = Certificate::parse(&der(WHOLE)).unwrap();
    let names = ["a.example", "b.example", "192.0.2.7", "2001:db8::1", "c.example", "d.example"];
    assert_eq!(certificate.names, names);
    assert_eq!((certificate.further_names, certificate.issuer.as_str()), (2, "An Authority"));
    // 2020-02-29T01:02:03Z and 2060-06-01T03:04:05Z
    assert_eq!((certificate.not_before, certificate.not_after), (1_582_938_123, 2_853_284_645));
    let described = certificate.described(at(2_853_284_645 - 3 * 86_400 - 5));
    let expected = "for a.example, b.example, 192.0.2.7, 2001:db8::1, c.example, d.example and 2 more; \
                    issued by An Authority; 3 days left";
    assert_eq!(described, expected);
}

#[test]
fn a_certificate_without_names_says_so() {
    let certificate = Certificate::parse(&der(BARE)).unwrap();
    let described = |seconds| certificate.described(at(seconds));
    // 2024-03-01T00:00:00Z
    let end = 1_709_251_200;
    let said = "for no host name; issued by An Organization; its life";
    assert_eq!(described(end + 2 * 86_400 + 9), format!("{said} ended 2 days ago"));
    assert_eq!(described(1_582_938_123 - 9), format!("{said} begins in 1 days"));
}

#[test]
fn a_piece_of_a_certificate_is_none_and_breaks_nothing() {
    let whole = der(WHOLE);
    for length in 0..whole.len() {
        assert_eq!(Certificate::parse(&whole[..length]), None, "{length}");
    }
    // Any byte may be another one; what is read then does not matter.
    for at in 0..whole.len() {
        for other in [0, 1, 0x7f, 0x80, 0x83, 0x84, 0xff] {
            let mut changed = whole.clone();
            changed[at] = other;
            if let Some(certificate) = Certificate::parse(&changed) {
                certificate.described(SystemTime::UNIX_EPOCH);
            }
        }
    }
}

#[test]
fn a_time_is_read_in_both_of_its_forms() {
    for (tag, text, seconds) in [
        (UTC_TIME, "700101000000Z", Some(0)),
        (UTC_TIME, "491231235959Z", Some(2_524_607_999)),
        (UTC_TIME, "500101000000Z", Some(-631_152_000)),
        (GENERALIZED_TIME, "20000301000000Z", Some(951_868_800)),
        (GENERALIZED_TIME, "20001301000000Z", None),
        (GENERALIZED_TIME, "20000100000000Z", None),
        (GENERALIZED_TIME, "2000010100000Z", None),
        (UTC_TIME, "20000101000000Z", None),
        (UTC_TIME, "7001010000000", None),
        (UTC_TIME, "70010100000xZ", None),
        (OID, "700101000000Z", None),
    ] {
        assert_eq!(time((tag, text.as_bytes())), seconds, "{text}");
    }
}
