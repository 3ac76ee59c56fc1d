//! Carries the HTTP library's request and answer over a channel.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use ureq::unversioned::transport::{Buffers, NextTimeout, Transport};

use super::attempt::Attempt;
use super::channel::Channel;
use super::fault::Fault;
use super::head;
use super::peer::Peer;
use super::progress::Phase;
use crate::exchange::MAX_HEADERS;

/// Holds a usual answer.
const USUAL_INPUT: usize = 8 * 1024;

/// Holds the largest headers that are taken, and a little more, so that larger ones are noticed and there is
/// always room to read into: the HTTP library takes a read of nothing for the end.
const LARGEST_INPUT: usize = MAX_HEADERS + 8 * 1024;

/// What waits to be sent is sent sooner where less room than this is left behind it.
const LEAST_OUTPUT: usize = 1024;

/// One request on its way out and one answer on its way in.
///
/// The times that the HTTP library names are ignored: the channel keeps the attempt's own.
pub(super) struct Carrier {
    channel: Box<dyn Channel>,
    is_tls: bool,
    server: Arc<Peer>,
    attempt: Arc<Attempt>,
    room: Room,
    /// Until the head of the answer is there whole, the HTTP library sees nothing of it.
    awaits_head: bool,
}

impl Carrier {
    /// `output` bytes hold the whole request.
    pub(super) fn new(
        channel: Box<dyn Channel>,
        is_tls: bool,
        server: Arc<Peer>,
        attempt: Arc<Attempt>,
        output: usize,
    ) -> Self {
        let room = Room::new(output + LEAST_OUTPUT);
        Carrier { channel, is_tls, server, attempt, room, awaits_head: true }
    }

    /// Head and body leave together.
    fn send(&mut self) -> io::Result<()> {
        if self.room.unsent > 0 {
            self.attempt.enter(Phase::Answer(Arc::clone(&self.server)));
            self.channel.write_all(&self.room.output[..self.room.unsent])?;
            self.room.unsent = 0;
            self.channel.flush()?;
        }
        Ok(())
    }

    fn receive(&mut self) -> io::Result<usize> {
        self.send()?;
        if self.awaits_head {
            self.receive_head()
        } else {
            self.channel.read(self.room.input_append_buf())
        }
    }

    /// Reads the head and what follows it in the same breath. Interim answers (1xx) are left out; what is no HTTP,
    /// too long, or not whole is handed on as it is.
    fn receive_head(&mut self) -> io::Result<usize> {
        let mut amount = 0;
        loop {
            let free = self.room.free_behind(amount);
            if free.is_empty() {
                return Ok(amount);
            }
            let more = self.channel.read(free)?;
            amount += more;
            let arrived = &mut self.room.input[self.room.filled..][..amount];
            while let Some(length) = head::length(&arrived[..amount]) {
                if matches!(head::status(&arrived[..length]), Some(100 | 102..=199)) {
                    arrived.copy_within(length..amount, 0);
                    amount -= length;
                    continue;
                }
                head::mend(&mut arrived[..length]);
                self.awaits_head = false;
                self.attempt.enter(Phase::Body(Arc::clone(&self.server)));
                return Ok(amount);
            }
            if more == 0 || !head::is_http(&arrived[..amount]) {
                return Ok(amount);
            }
        }
    }
}

impl Transport for Carrier {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.room
    }

    fn transmit_output(&mut self, amount: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        self.room.unsent += amount;
        if self.room.output.len() - self.room.unsent < LEAST_OUTPUT {
            self.send().map_err(for_http)?;
        }
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let amount =
            self.receive().inspect_err(|error| self.attempt.note_end(error)).map_err(for_http)?;
        self.room.input_appended(amount);
        Ok(amount > 0)
    }

    /// Connections are not kept.
    fn is_open(&mut self) -> bool {
        false
    }

    fn is_tls(&self) -> bool {
        self.is_tls
    }
}

fn for_http(error: io::Error) -> ureq::Error {
    match error.downcast::<Fault>() {
        Ok(fault) => fault.into(),
        Err(error) => error.into(),
    }
}

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Carrier")
    }
}

/// The buffers of one request and answer.
struct Room {
    output: Vec<u8>,
    unsent: usize,
    input: Vec<u8>,
    /// The answer lies from `consumed` to `filled`.
    filled: usize,
    consumed: usize,
    made_progress: bool,
}

impl Room {
    fn new(output: usize) -> Self {
        Room {
            output: vec![0; output],
            unsent: 0,
            input: vec![0; USUAL_INPUT],
            filled: 0,
            consumed: 0,
            made_progress: false,
        }
    }

    /// The free bytes that lie behind `amount` further ones; none at the limit.
    fn free_behind(&mut self, amount: usize) -> &mut [u8] {
        if self.consumed > 0 {
            self.input.copy_within(self.consumed..self.filled + amount, 0);
            self.filled -= self.consumed;
            self.consumed = 0;
        }
        if self.filled + amount == self.input.len() {
            self.input.resize(LARGEST_INPUT, 0);
        }
        &mut self.input[self.filled + amount..]
    }
}

impl Buffers for Room {
    fn output(&mut self) -> &mut [u8] {
        &mut self.output[self.unsent..]
    }

    fn input(&self) -> &[u8] {
        &self.input[self.consumed..self.filled]
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        self.free_behind(0)
    }

    fn input_appended(&mut self, amount: usize) {
        self.filled += amount;
    }

    fn input_consume(&mut self, amount: usize) {
        self.made_progress = amount > 0;
        self.consumed += amount;
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        (&mut self.input[self.filled..], &mut self.output[self.unsent..])
    }

    fn can_use_input(&self) -> bool {
        self.consumed < self.filled && self.made_progress
    }
}
