//! What wakes an event loop: a descriptor, or an event object on Windows.

#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(windows)]
pub(crate) use windows::*;

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

    /// A duplicate of the caller's descriptor: the caller may close its own at any time, and nothing is written to what
    /// then gets that number.
    pub(crate) struct Signal(OwnedFd);

    impl Signal {
        /// # Errors
        /// `InvalidInput` for what is not open for writing; another where the machine has no descriptor to give.
        pub(crate) fn to(descriptor: isize) -> io::Result<Self> {
            let unfit = || io::Error::from(io::ErrorKind::InvalidInput);
            let descriptor = RawFd::try_from(descriptor).map_err(|_| unfit())?;
            // SAFETY: these calls look at a number that the caller gives, whatever it is.
            let flags = unsafe { libc::fcntl(descriptor, libc::F_GETFL) };
            if flags < 0 || flags & libc::O_ACCMODE == libc::O_RDONLY {
                return Err(unfit());
            }
            // SAFETY: as above.
            let duplicate = unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 3) };
            if duplicate < 0 {
                // Its kind may be that of what is unfit.
                return Err(io::Error::other(io::Error::last_os_error()));
            }
            // SAFETY: it was just made, and nobody else knows it.
            Ok(Signal(unsafe { OwnedFd::from_raw_fd(duplicate) }))
        }

        /// Writes eight bytes, unless that would block: who has not read those before wakes anyhow. Call it where
        /// `SIGPIPE` is blocked.
        pub(crate) fn give(&self) {
            let mut writable =
                libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLOUT, revents: 0 };
            let eight_bytes = 1_u64.to_ne_bytes();
            // SAFETY: both places live on this stack frame, and are as large as is said.
            unsafe {
                if libc::poll(&mut writable, 1, 0) == 1 && writable.revents & libc::POLLOUT != 0 {
                    libc::write(self.0.as_raw_fd(), eight_bytes.as_ptr().cast(), eight_bytes.len());
                }
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use std::io::{Read, Write};
        use std::os::unix::net::UnixStream;

        use super::*;

        #[test]
        fn a_signal_arrives_after_the_caller_closed_its_descriptor() {
            let (mut reader, writer) = UnixStream::pair().unwrap();
            let signal = Signal::to(writer.as_raw_fd() as isize).unwrap();
            drop(writer);
            signal.give();
            drop(signal);
            let mut read = Vec::new();
            reader.read_to_end(&mut read).unwrap();
            assert_eq!(read, 1_u64.to_ne_bytes());
        }

        #[test]
        fn a_full_descriptor_is_not_waited_for() {
            let (_reader, mut writer) = UnixStream::pair().unwrap();
            writer.set_nonblocking(true).unwrap();
            while writer.write(&[0; 4096]).is_ok() {}
            writer.set_nonblocking(false).unwrap();
            Signal::to(writer.as_raw_fd() as isize).unwrap().give();
        }

        #[test]
        fn what_is_not_open_for_writing_is_refused() {
            let only_read = std::fs::File::open("/dev/null").unwrap();
            for descriptor in [-1, isize::MAX, 1_000_000, only_read.as_raw_fd() as isize] {
                let refused = Signal::to(descriptor).err().unwrap();
                assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{descriptor}");
            }
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::io;
    use std::os::windows::io::{AsRawHandle, BorrowedHandle, OwnedHandle, RawHandle};

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn SetEvent(event: RawHandle) -> i32;
    }

    /// A duplicate of the caller's handle of an event object: the caller may close its own at any time.
    pub(crate) struct Signal(OwnedHandle);

    impl Signal {
        /// # Errors
        /// `InvalidInput` for what is no handle; another where the machine has none to give.
        pub(crate) fn to(handle: isize) -> io::Result<Self> {
            if handle == 0 || handle == -1 {
                return Err(io::ErrorKind::InvalidInput.into());
            }
            // SAFETY: it is only duplicated, which fails for what is no handle.
            let handle = unsafe { BorrowedHandle::borrow_raw(handle as RawHandle) };
            handle.try_clone_to_owned().map(Signal)
        }

        /// Sets the event.
        pub(crate) fn give(&self) {
            // SAFETY: the handle is this one's own; what it is a handle of is looked at by the system.
            unsafe { SetEvent(self.0.as_raw_handle()) };
        }
    }
}
