//! I/O errors in words.

use std::io;

/// An I/O error of the system in plain words.
pub(crate) fn io_reason(error: &io::Error) -> String {
    let known = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset => "connection reset by the other side",
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            "connection closed by the other side"
        }
        io::ErrorKind::UnexpectedEof => "the other side closed it early",
        io::ErrorKind::HostUnreachable => "no route to host",
        io::ErrorKind::NetworkUnreachable => "network is unreachable",
        io::ErrorKind::PermissionDenied => "not permitted",
        io::ErrorKind::TimedOut => "no answer",
        _ => {
            let text = error.to_string().to_ascii_lowercase();
            // The number says nothing that the words do not.
            return text.split(" (os error ").next().unwrap_or(&text).to_owned();
        }
    };
    known.to_owned()
}

/// Whether this process or the machine is at a limit, so that no other address would fare better.
pub(crate) fn is_out_of_resources(error: &io::Error) -> bool {
    #[cfg(unix)]
    const WANTS: [i32; 4] = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM];
    // ERROR_TOO_MANY_OPEN_FILES, ERROR_NOT_ENOUGH_MEMORY, ERROR_OUTOFMEMORY, ERROR_NO_SYSTEM_RESOURCES, WSAEMFILE,
    // WSAENOBUFS
    #[cfg(windows)]
    const WANTS: [i32; 6] = [4, 8, 14, 1450, 10024, 10055];
    error.raw_os_error().is_some_and(|number| WANTS.contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn other_words_of_the_system_are_told_without_the_number() {
        let error = io::Error::from_raw_os_error(libc::EMFILE);
        assert_eq!(io_reason(&error), "too many open files");
    }

    #[test]
    fn a_want_of_resources_is_told_from_other_failures() {
        #[cfg(unix)]
        let numbers = [(libc::EMFILE, true), (libc::ENOMEM, true), (libc::EACCES, false)];
        #[cfg(windows)]
        let numbers = [(10055, true), (10024, true), (8, true), (10061, false)];
        for (number, is_want) in numbers {
            assert_eq!(is_out_of_resources(&io::Error::from_raw_os_error(number)), is_want);
        }
    }
}
