//! Files that are read whole: regular ones of a bounded size.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// Room for this much is there from the start, so that a small file never moves while it is read and leaves no copy
/// behind: 8 KiB.
const ROOM: u64 = 8 * 1024;

/// Room for what the standard library asks of the file beyond its end. With less it reads into a place of its own.
const PROBE: u64 = 64;

/// Reads a regular file, also at the end of links: a pipe could hang, and a device never end.
///
/// # Errors
/// The system's; `InvalidInput` where it is not a regular file, `FileTooLarge` where it has more than `limit` bytes.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    // Looked at first, since opening some devices does something.
    expect_regular(&std::fs::metadata(path)?)?;
    let file = open(path)?;
    let metadata = file.metadata()?;
    // It may have been replaced meanwhile.
    expect_regular(&metadata)?;
    let room = metadata.len().max(ROOM).min(limit.saturating_add(1)) + PROBE;
    let mut bytes = Vec::with_capacity(usize::try_from(room).map_err(io::Error::other)?);
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is too large"));
    }
    Ok(bytes)
}

fn expect_regular(metadata: &std::fs::Metadata) -> io::Result<()> {
    if metadata.is_file() {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"))
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // A pipe that took the file's place must not be waited for, nor a terminal be taken over.
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    options.read(true).open(path)
}

/// A path as messages show it, in one line: what is no printable character is escaped.
pub(crate) fn shown(path: &Path) -> String {
    let mut shown = String::new();
    for c in path.to_string_lossy().chars() {
        match c {
            '\\' | '"' | '\'' => shown.push(c),
            _ => shown.extend(c.escape_debug()),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn place(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("sm-token-file-{}-{name}", std::process::id()))
    }

    #[test]
    fn a_file_of_the_limit_is_read_and_a_larger_one_is_refused() {
        let path = place("limit");
        let read = [10_u64, 11].map(|size| {
            std::fs::write(&path, vec![b'x'; size as usize]).unwrap();
            read(&path, 10).map(|bytes| bytes.len()).map_err(|error| error.kind())
        });
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read, [Ok(10), Err(io::ErrorKind::FileTooLarge)]);
    }

    #[test]
    fn a_file_that_grew_to_any_size_is_read_whole() {
        let path = place("whole");
        std::fs::write(&path, vec![b'x'; 100_000]).unwrap();
        let read = read(&path, 1 << 20).map(|bytes| bytes.len());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read.unwrap(), 100_000);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let path = place("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        for other in [path.as_path(), Path::new("/dev/zero"), Path::new("/")] {
            assert_eq!(read(other, 10).unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
        // Nor is one waited for that takes the place of the file after the first look.
        drop(open(&path).unwrap());
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_path_is_shown_in_one_line() {
        let shown = shown(Path::new("/run/a\nb\u{1b}[31m\u{202e}/C:\\caf\u{e9} 'x'"));
        assert_eq!(shown, "/run/a\\nb\\u{1b}[31m\\u{202e}/C:\\caf\u{e9} 'x'");
    }
}
