//! Reads out of a certificate (RFC 5280) what a message says of it: its names, its issuer, how long it lives.
//!
//! It judges nothing: that is the verifier's. What it can't read, it leaves out.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::{SystemTime, UNIX_EPOCH};

/// More names are counted and not listed.
const MOST_NAMES: usize = 6;

/// A longer name is cut, in bytes.
const LONGEST_NAME: usize = 64;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OID: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const ORGANIZATION: &[u8] = &[0x55, 4, 10];
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 29, 17];

/// What a message says of a certificate.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(crate) struct Certificate {
    /// The subject alternative names, at most as many as are listed.
    names: Vec<String>,
    /// How many further ones there are.
    further_names: usize,
    /// The common name of the issuer, else its organization; `""` where it has neither.
    issuer: String,
    /// From when and until when it is valid, in seconds of Unix time.
    not_before: i64,
    not_after: i64,
}

impl Certificate {
    /// Reads DER; `None` where it is no certificate.
    pub(crate) fn parse(der: &[u8]) -> Option<Self> {
        let mut certificate = Der(Der(der).expect(SEQUENCE)?);
        let mut fields = Der(certificate.expect(SEQUENCE)?);
        if fields.0.first() == Some(&VERSION) {
            fields.next()?;
        }
        fields.next()?; // serial number
        fields.next()?; // signature
        let issuer = issuer_of(Der(fields.expect(SEQUENCE)?));
        let mut validity = Der(fields.expect(SEQUENCE)?);
        let not_before = time(validity.next()?)?;
        let not_after = time(validity.next()?)?;
        let (mut names, mut further_names) = (Vec::new(), 0);
        while let Some((tag, content)) = fields.next() {
            if tag == EXTENSIONS {
                for name in alternative_names(content) {
                    if names.len() < MOST_NAMES { names.push(name) } else { further_names += 1 }
                }
            }
        }
        Some(Certificate { names, further_names, issuer, not_before, not_after })
    }

    /// `for NAMES, issued by ISSUER, N days left`.
    pub(crate) fn described(&self, now: SystemTime) -> String {
        const DAY: i64 = 24 * 60 * 60;
        let mut names = self.names.join(", ");
        if self.names.is_empty() {
            names.push_str("no host name");
        }
        if self.further_names > 0 {
            names.push_str(&format!(" and {} more", self.further_names));
        }
        let issuer = if self.issuer.is_empty() { "an unnamed authority" } else { &self.issuer };
        let now = match now.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            Err(_) => 0,
        };
        let life = if now < self.not_before {
            format!("its life begins in {} days", (self.not_before - now).div_euclid(DAY) + 1)
        } else if now > self.not_after {
            format!("its life ended {} days ago", (now - self.not_after) / DAY)
        } else {
            format!("{} days left", (self.not_after - now) / DAY)
        };
        format!("for {names}; issued by {issuer}; {life}")
    }
}

/// The rest of a text in DER.
#[derive(Clone, Copy)]
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The next element: its tag and its content.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let length = match first {
            0..=0x7f => usize::from(first),
            // No certificate that a handshake carries has a longer length (RFC 8446 section 4.4.2).
            0x81..=0x83 => {
                let (digits, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
                rest = after;
                digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit))
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// The content of the next element, where it has this tag.
    fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }
}

fn issuer_of(mut name: Der<'_>) -> String {
    let (mut common_name, mut organization) = (None, None);
    while let Some(set) = name.expect(SET) {
        let mut set = Der(set);
        while let Some(attribute) = set.expect(SEQUENCE) {
            let mut attribute = Der(attribute);
            let (Some(kind), Some((_, value))) = (attribute.expect(OID), attribute.next()) else {
                break;
            };
            match kind {
                COMMON_NAME => common_name = Some(text(value)),
                ORGANIZATION => organization = Some(text(value)),
                _ => {}
            }
        }
    }
    common_name.or(organization).unwrap_or_default()
}

fn alternative_names(extensions: &[u8]) -> Vec<String> {
    let mut extensions = Der(Der(extensions).expect(SEQUENCE).unwrap_or_default());
    let mut names = Vec::new();
    while let Some(extension) = extensions.expect(SEQUENCE) {
        let mut extension = Der(extension);
        if extension.expect(OID) != Some(SUBJECT_ALTERNATIVE_NAME) {
            continue;
        }
        // "critical" may stand before the value.
        let value = std::iter::from_fn(|| extension.next()).find(|(tag, _)| *tag == OCTET_STRING);
        let value = value.and_then(|(_, value)| Der(value).expect(SEQUENCE)).unwrap_or_default();
        let mut general_names = Der(value);
        while let Some((tag, name)) = general_names.next() {
            match (tag, name.len()) {
                (DNS_NAME, _) => names.push(text(name)),
                (IP_ADDRESS, 4) => {
                    names
                        .extend(<[u8; 4]>::try_from(name).map(|ip| Ipv4Addr::from(ip).to_string()));
                }
                (IP_ADDRESS, 16) => {
                    names.extend(
                        <[u8; 16]>::try_from(name).map(|ip| Ipv6Addr::from(ip).to_string()),
                    );
                }
                _ => {}
            }
        }
    }
    names
}

/// A name as a message shows it. The report cleans it.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_NAME)]).into_owned()
}

/// Seconds of Unix time (RFC 5280 section 4.1.2.5): `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
fn time((tag, text): (u8, &[u8])) -> Option<i64> {
    let digits = text.strip_suffix(b"Z")?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| digits.iter().fold(0, |sum, it| sum * 10 + i64::from(it - b'0'));
    let (year, rest) = match (tag, digits.len()) {
        (UTC_TIME, 12) => {
            let (year, rest) = digits.split_at(2);
            let year = number(year);
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        (GENERALIZED_TIME, 14) => {
            let (year, rest) = digits.split_at(4);
            (number(year), rest)
        }
        _ => return None,
    };
    let mut parts = rest.chunks(2).map(number);
    let mut next = || parts.next().unwrap_or_default();
    let (month, day, hour, minute, second) = (next(), next(), next(), next(), next());
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    Some(((days_since_epoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

/// The days from 1970-01-01 to a date of the Gregorian calendar. A year begins in March here, so that the day of a
/// leap year is its last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests;
