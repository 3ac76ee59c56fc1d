//! Pairs of connected sockets, and the numbers by which Python knows them.

#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(windows)]
pub(crate) use windows::*;

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::fd::{IntoRawFd, RawFd};
    use std::os::unix::net::UnixStream;

    pub(crate) type Socket = UnixStream;

    /// A descriptor.
    pub(crate) type Number = RawFd;

    pub(crate) fn pair() -> io::Result<(Socket, Socket)> {
        UnixStream::pair()
    }

    /// Gives the socket away.
    pub(crate) fn into_number(socket: Socket) -> Number {
        socket.into_raw_fd()
    }
}

/// Windows has no pairs: these connect over the loopback interface, as those of Python's `socket.socketpair` do.
#[cfg(windows)]
mod windows {
    use std::io;
    use std::net::{Ipv4Addr, TcpListener, TcpStream};
    use std::os::windows::io::{IntoRawSocket, RawSocket};

    pub(crate) type Socket = TcpStream;

    /// The handle of a socket.
    pub(crate) type Number = RawSocket;

    pub(crate) fn pair() -> io::Result<(Socket, Socket)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let one = TcpStream::connect(listener.local_addr()?)?;
        let own = one.local_addr()?;
        // Another program may connect as well.
        let other = loop {
            let (other, address) = listener.accept()?;
            if address == own {
                break other;
            }
        };
        one.set_nodelay(true)?;
        other.set_nodelay(true)?;
        Ok((one, other))
    }

    /// Gives the socket away.
    pub(crate) fn into_number(socket: Socket) -> Number {
        socket.into_raw_socket()
    }
}
