//! Wakes a thread that waits for sockets.

use std::io;

pub(super) use platform::Waker;

#[cfg(unix)]
mod platform {
    use std::io::{self, Read, Write};
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::net::UnixStream;

    /// A pair of sockets: a byte in it wakes the thread that polls the other end.
    pub(in super::super) struct Waker {
        write: UnixStream,
        read: UnixStream,
    }

    impl Waker {
        pub(super) fn make() -> io::Result<Self> {
            UnixStream::pair().map(|(write, read)| Waker { write, read })
        }

        pub(super) fn put(&self) -> io::Result<()> {
            (&self.write).write(&[1]).map(drop)
        }

        pub(super) fn take(&self) -> io::Result<()> {
            (&self.read).read(&mut [0; 16]).map(drop)
        }
    }

    impl AsFd for Waker {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.read.as_fd()
        }
    }
}

#[cfg(windows)]
mod platform {
    use std::io;
    use std::net::{Ipv4Addr, UdpSocket};
    use std::os::windows::io::{AsSocket, BorrowedSocket};

    /// A socket that is connected to itself, since only sockets can be waited for beside sockets.
    pub(in super::super) struct Waker(UdpSocket);

    impl Waker {
        pub(super) fn make() -> io::Result<Self> {
            let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
            socket.connect(socket.local_addr()?)?;
            Ok(Waker(socket))
        }

        pub(super) fn put(&self) -> io::Result<()> {
            self.0.send(&[1]).map(drop)
        }

        pub(super) fn take(&self) -> io::Result<()> {
            self.0.recv(&mut [0; 16]).map(drop)
        }
    }

    impl AsSocket for Waker {
        fn as_socket(&self) -> BorrowedSocket<'_> {
            self.0.as_socket()
        }
    }
}

impl Waker {
    /// # Errors
    /// Where the system has no descriptor to give.
    pub(super) fn new() -> io::Result<Self> {
        Waker::make()
    }

    /// Lets the wait that is under way, or else the next one, end at once.
    pub(super) fn wake(&self) {
        // Fails only where it is full of what woke it before.
        let _ = self.put();
    }

    /// Takes back what woke. Call it only where there is something, since it would wait.
    pub(super) fn clear(&self) {
        let _ = self.take();
    }
}
