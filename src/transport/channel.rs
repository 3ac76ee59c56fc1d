//! A connection that waits within the limits of its attempt.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags};

use super::attempt::Attempt;

/// What bytes go over: TCP, or TLS over another channel.
pub(super) trait Channel: Read + Write + Send + Sync {}

impl<T: Read + Write + Send + Sync> Channel for T {}

/// TCP. Reading and writing wait, at most until the attempt's deadline, and end when it is interrupted.
pub(super) struct Tcp {
    socket: TcpStream,
    attempt: Arc<Attempt>,
    /// Why nothing can be sent any more. A server may answer and close before it has read a request: what it said
    /// can still be read.
    unsendable: Option<io::ErrorKind>,
    /// The last read may have left something behind.
    has_more: bool,
}

impl Tcp {
    pub(super) fn new(socket: TcpStream, attempt: Arc<Attempt>) -> Self {
        Tcp { socket, attempt, unsendable: None, has_more: false }
    }

    fn wait_for(&self, what: PollFlags) -> io::Result<()> {
        self.attempt.wait(&[PollFd::new(&self.socket, what)], None)?;
        Ok(())
    }
}

impl Read for Tcp {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.has_more {
                self.attempt.go_on()?;
            } else {
                self.wait_for(PollFlags::IN)?;
            }
            match self.socket.read(into) {
                Ok(0) if !into.is_empty() => {
                    return self.unsendable.map_or(Ok(0), |kind| Err(kind.into()));
                }
                Ok(amount) => {
                    self.has_more = amount == into.len();
                    return Ok(amount);
                }
                Err(error) if is_passing(&error) => self.has_more = false,
                Err(error) => return Err(error),
            }
        }
    }
}

impl Write for Tcp {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        while self.unsendable.is_none() {
            self.attempt.go_on()?;
            // `write` alone: what takes several pieces at once would raise SIGPIPE.
            match self.socket.write(bytes) {
                Ok(amount) => return Ok(amount),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.wait_for(PollFlags::OUT)?;
                }
                Err(error) if is_passing(&error) => {}
                Err(error)
                    if matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset) =>
                {
                    self.unsendable = Some(error.kind());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(bytes.len())
    }

    /// Joins the pieces, so that they leave in one segment.
    fn write_vectored(&mut self, pieces: &[io::IoSlice<'_>]) -> io::Result<usize> {
        match pieces {
            [piece] => self.write(piece),
            pieces => {
                let mut joined = Vec::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
                pieces.iter().for_each(|piece| joined.extend_from_slice(piece));
                self.write(&joined)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
