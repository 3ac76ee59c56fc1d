//! One half of the credentials out of a file, as operators mount it.

use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use super::{LONGEST, check};
use crate::io_reason::{io_reason, is_out_of_resources};
use crate::regular_file::{self, shown};
use crate::secret::Secret;
use crate::{Error, Status};

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// What a file of the longest text may hold besides: a byte order mark and a line break.
const LARGEST: u64 = LONGEST as u64 + BYTE_ORDER_MARK.len() as u64 + "\r\n".len() as u64;

/// Reads the text of a file, without a byte order mark and one line break at its end. `setting` is the option or
/// variable that names the file.
///
/// # Errors
/// `NO_CREDENTIALS` where it can't be read, `RESOURCES` where no descriptor can be had; `INVALID_ARGUMENT` where it is
/// not a regular file, not UTF-8, empty, longer than 4 KiB, or holds a control character.
pub(super) fn read(setting: &str, path: &Path) -> Result<Secret, Error> {
    let file = format!("{setting} {}", shown(path));
    let bytes = regular_file::read(path, LARGEST).map_err(|error| unreadable(&file, &error))?;
    let bytes = Zeroizing::new(bytes);
    if is_utf_16(&bytes) {
        return Err(Error::invalid_argument(format!("{file} is in UTF-16; save it as UTF-8")));
    }
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Error::invalid_argument(format!("{file} is not UTF-8")))?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if text.ends_with(['\n', '\r']) {
        return Err(Error::invalid_argument(format!(
            "{file} ends with more than one line break; leave at most one"
        )));
    }
    check(&file, text)?;
    Ok(Secret::new(text))
}

/// A byte order mark of UTF-16, or a first character of ASCII in it.
fn is_utf_16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..])
}

fn unreadable(file: &str, error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::FileTooLarge => {
            Error::invalid_argument(format!("{file} is longer than 4 KiB"))
        }
        io::ErrorKind::InvalidInput => {
            Error::invalid_argument(format!("{file} can't be used: {}", io_reason(error)))
        }
        _ if is_out_of_resources(error) => {
            Error::no_resources(&format!("descriptor to read {file} with"), error)
        }
        _ => Error::new(
            Status::NoCredentials,
            format!(
                "no client credentials: {file} can't be read: {}; check its path and permissions",
                io_reason(error)
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::scratch::Scratch;
    use super::*;

    fn text_of(content: &[u8]) -> Result<String, Error> {
        let scratch = Scratch::new();
        let path = scratch.write("half", content);
        read("client_secret_file", &path).map(|text| text.expose().to_owned())
    }

    #[test]
    fn a_byte_order_mark_and_one_line_break_are_dropped() {
        for content in
            ["s3cret", "s3cret\n", "s3cret\r\n", "\u{feff}s3cret", "\u{feff}s3cret\r\n", "s3cret"]
        {
            assert_eq!(text_of(content.as_bytes()).unwrap(), "s3cret", "{content:?}");
        }
        assert_eq!(text_of(" s\u{e9}cret \n".as_bytes()).unwrap(), " s\u{e9}cret ");
    }

    #[test]
    fn a_text_of_4_kib_is_taken_with_all_that_is_dropped() {
        let longest = "s".repeat(LONGEST);
        assert_eq!(text_of(format!("\u{feff}{longest}\r\n").as_bytes()).unwrap(), longest);
        for content in [format!("{longest}s"), format!("{longest}sssssss"), "s".repeat(100_000)] {
            let error = text_of(content.as_bytes()).unwrap_err();
            assert!(error.message().ends_with("is longer than 4 KiB"), "{error}");
        }
    }

    #[test]
    fn what_is_no_text_of_one_line_is_refused_with_its_path_and_its_reason() {
        let refused: [(&[u8], &str); 13] = [
            (b"", "is empty"),
            (b"\n", "is empty"),
            (b"\xef\xbb\xbf", "is empty"),
            (b"s3cret\n\n", "ends with more than one line break"),
            (b"s3cret\r", "ends with more than one line break"),
            (b"s3cret\r\r\n", "ends with more than one line break"),
            (b"s3\ncret\n", "holds a control character"),
            (b"s3cret\t", "holds a control character"),
            (b"s3\xff", "is not UTF-8"),
            (b"\xff\xfes\0", "is in UTF-16; save it as UTF-8"),
            (b"\xfe\xff\0s", "is in UTF-16; save it as UTF-8"),
            (b"s\x003\0", "is in UTF-16; save it as UTF-8"),
            (b"\0s\x003", "is in UTF-16; save it as UTF-8"),
        ];
        for (content, why) in refused {
            let error = text_of(content).unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument);
            let named = format!("client_secret_file {}", std::env::temp_dir().display());
            assert!(error.message().starts_with(named.trim_end_matches(['/', '\\'])), "{error}");
            assert!(error.message().contains(&format!("half {why}")), "{error}");
            assert!(!error.message().contains("s3"), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_missing_is_no_credentials_in_the_systems_words() {
        let error = read("SMX_CLIENT_SECRET_FILE", Path::new("/no/such\nfile")).unwrap_err();
        assert_eq!(error.status(), Status::NoCredentials);
        // Windows has other words, for a name with a line break.
        let words = if cfg!(windows) { "" } else { "no such file or directory" };
        let message = error.message();
        let named = "no client credentials: SMX_CLIENT_SECRET_FILE /no/such\\nfile can't be read: ";
        assert!(message.starts_with(&format!("{named}{words}")), "{message}");
        assert!(message.ends_with("; check its path and permissions"), "{message}");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_refused() {
        let scratch = Scratch::new();
        let link = scratch.path("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for path in [link.as_path(), Path::new("/"), Path::new("/dev/null")] {
            let error = read("client_id_file", path).unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument);
            assert!(error.message().ends_with("it is not a regular file"), "{error}");
        }
    }
}
