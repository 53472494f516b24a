//! One reader of a hub.

use std::sync::Arc;

use super::hub::Hub;
use super::ring::{Batch, Changed, Counts, Cursor};
use crate::rtmp::Packet;

/// One reader of a hub.
#[derive(Debug)]
pub struct Feed {
    hub: Arc<Hub>,
    cursor: Cursor,
}

impl Feed {
    pub(super) fn new(hub: Arc<Hub>, cursor: Cursor) -> Self {
        Self { hub, cursor }
    }

    /// The next frame, if there is one.
    ///
    /// # Errors
    /// [`Changed`] once the stream goes on with other codecs.
    pub fn try_recv(&mut self) -> Result<Option<Packet>, Changed> {
        self.cursor.next(&self.hub.lock().ring)
    }

    /// Reads the broadcast that ended last to its end, and nothing of what comes after it.
    pub(super) fn end_with_broadcast(&mut self) {
        self.cursor.end_at(self.hub.lock().ended_at);
    }

    /// Gives the next frames to `take` for as long as it `wants` more; whether all that there are were
    /// given.
    ///
    /// # Errors
    /// As [`Feed::try_recv`].
    pub(super) fn read_while<T>(
        &mut self,
        taker: &mut T,
        wants: impl Fn(&T) -> bool,
        take: impl Fn(&mut T, &Packet),
    ) -> Result<bool, Changed> {
        let state = self.hub.lock();
        while wants(taker) {
            let Some(packet) = self.cursor.next(&state.ring)? else {
                return Ok(true);
            };
            take(taker, &packet);
        }
        Ok(false)
    }

    /// Whether a batch is just what comes next.
    pub(super) fn is_at(&self, batch: &Batch) -> bool {
        self.cursor.is_at(batch)
    }

    /// Takes note that the batch was sent.
    pub(super) fn pass_batch(&mut self, batch: &Batch) {
        self.cursor.pass_batch(batch);
    }

    /// The number of the next frame, unless a start is yet to be found.
    pub(super) fn next_position(&self) -> Option<u64> {
        self.cursor.next_position()
    }

    /// How much earlier than the newest frame the next one for this reader arrived, in milliseconds.
    pub fn lag_ms(&self) -> i64 {
        self.cursor.lag_ms(&self.hub.lock().ring)
    }

    /// Frames that the reader was given so far.
    pub fn sent(&self) -> Counts {
        self.cursor.sent()
    }

    /// Bytes of frames that the reader was not given yet.
    pub fn bytes_to_read(&self) -> u64 {
        self.cursor.next_position().map_or(0, |position| self.hub.lock().ring.bytes_from(position))
    }

    /// Frames left out so far because the reader was too slow.
    pub fn skipped(&self) -> Counts {
        self.cursor.skipped()
    }

    /// How often the reader was so slow that what it was to read next was gone.
    pub fn falls(&self) -> u64 {
        self.cursor.falls()
    }
}
