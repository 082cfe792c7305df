//! Lines over TCP, with what tokio's `net` has.

use std::io::{self, ErrorKind};

use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// The lines that the other end sends.
pub(super) struct Lines {
    reader: OwnedReadHalf,
    buffer: Vec<u8>,
}

impl Lines {
    pub(super) fn new(reader: OwnedReadHalf) -> Self {
        Self { reader, buffer: Vec::new() }
    }

    /// The next line; none if the other end says no more. May be dropped and asked again: what was read of a
    /// line is kept.
    pub(super) async fn next(&mut self) -> io::Result<Option<String>> {
        let mut part = [0; 4096];
        loop {
            if let Some(end) = self.buffer.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(Some(String::from_utf8_lossy(&line[..end]).into_owned()));
            }
            self.reader.readable().await?;
            match self.reader.try_read(&mut part) {
                Ok(0) => return Ok(None),
                Ok(length) => self.buffer.extend_from_slice(&part[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Sends all of it. The writer's drop tells the other end that no more will come.
pub(super) async fn send(writer: &OwnedWriteHalf, text: &str) -> io::Result<()> {
    let mut left = text.as_bytes();
    while !left.is_empty() {
        writer.writable().await?;
        match writer.try_write(left) {
            Ok(length) => left = &left[length..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
