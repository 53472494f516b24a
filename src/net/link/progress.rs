//! The single steps in which a link writes and reads, and the clock of a peer that takes nothing.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::AsyncWrite;
use tokio::time::Instant;
use tokio_util::io::poll_read_buf;

use super::{HIGH_WATER, Link};
use crate::rtmp::Role;

/// Pieces of memory written at once.
const SLICES: usize = 64;

/// Bytes read at once.
const READ: usize = 64 << 10;

/// Bytes after which a peer is given a buffer of its own to be read into.
const TALKATIVE: usize = 1 << 20;

/// What a step did.
pub(super) enum Progress {
    Read(usize),
    Wrote,
}

impl<R: Role> Link<R> {
    /// Writes if anything waits, else reads; registers for both.
    pub(super) fn poll_progress(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Progress>> {
        if let Poll::Ready(written) = self.poll_write(cx) {
            // A peer that is gone may have said why before.
            if written.is_err()
                && let Poll::Ready(Ok(read @ 1..)) = self.poll_read(cx)
            {
                return Poll::Ready(Ok(Progress::Read(read)));
            }
            return Poll::Ready(written.map(|()| Progress::Wrote));
        }
        // Only answers stop the reading: a target may refuse while a long frame waits.
        if self.answers >= HIGH_WATER {
            return Poll::Pending;
        }
        self.poll_read(cx).map_ok(Progress::Read)
    }

    /// Writes once, all that waits if it is taken. Pending also if nothing waits.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let taken = self.transport.taken();
        let written = match self.transport.holds_bytes() {
            // As long as these are not taken no more is encrypted: what waits is shared with others,
            // and what is encrypted is not.
            true => Pin::new(&mut self.transport).poll_flush(cx),
            false => self.poll_write_output(cx),
        };
        if self.transport.taken() > taken {
            self.waiting_since = None;
        }
        self.note_waiting();
        written
    }

    fn poll_write_output(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let output = self.session.output();
        if output.is_empty() {
            return Poll::Pending;
        }
        let mut slices = [IoSlice::new(&[]); SLICES];
        let used = output.chunks_vectored(&mut slices);
        let transport = Pin::new(&mut self.transport);
        let written = ready!(match slices.get(..used).unwrap_or_default() {
            // The kernel takes a single piece by a shorter way.
            [only] => transport.poll_write(cx, only),
            slices => transport.poll_write_vectored(cx, slices),
        })?;
        output.advance(written);
        self.answers = self.answers.min(output.len());
        Poll::Ready(Ok(()))
    }

    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.input.reserve(READ);
        let read = poll_read_buf(Pin::new(&mut self.transport), cx, &mut self.input);
        if let Poll::Ready(Ok(read)) = read {
            self.heard = self.heard.saturating_add(read);
        }
        // A target says a few bytes an hour, and should hold no buffer for them.
        if self.input.is_empty() && self.heard < TALKATIVE {
            self.input = BytesMut::new();
        }
        read
    }

    /// The stall clock runs from the first byte that waits, and anew from each that the peer takes.
    pub(super) fn note_waiting(&mut self) {
        if self.waiting_since.is_none() && self.has_unsent() {
            self.waiting_since = Some(Instant::now());
        }
    }
}
