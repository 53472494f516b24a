//! One reader of a hub.

use std::sync::Arc;

use super::form::Form;
use super::hub::Hub;
use super::ring::{Batch, Changed, Counts, Cursor, Spot};
use crate::rtmp::Packet;

/// One reader of a hub.
#[derive(Debug)]
pub struct Feed {
    hub: Arc<Hub>,
    form: Form,
    cursor: Cursor,
}

impl Feed {
    /// A reader whose form was taken up.
    pub(super) fn new(hub: Arc<Hub>, form: Form, cursor: Cursor) -> Self {
        Self { hub, form, cursor }
    }

    /// The next frame, if there is one.
    ///
    /// # Errors
    /// [`Changed`] once the stream goes on with other codecs.
    pub fn try_recv(&mut self) -> Result<Option<Packet>, Changed> {
        self.cursor.next(self.hub.lock().renditions.of(self.form))
    }

    /// Reads the broadcast that ended last to its end, and nothing of what comes after it.
    pub(super) fn end_with_broadcast(&mut self) {
        self.cursor.end_at(self.hub.lock().renditions.of(self.form).ended_at());
    }

    /// Reads up to the first key frame that comes from now on. Returns the number of the frame from which on an
    /// heir begins with the same one.
    pub(super) fn hand_over(&mut self) -> u64 {
        let from = self.hub.lock().renditions.of(self.form).head();
        self.cursor.end_at_start(from);
        from
    }

    /// Reads on, though it was to end.
    pub(super) fn go_on(&mut self) {
        self.cursor.go_on();
    }

    /// Whether nothing more is to come.
    pub(super) fn is_over(&self) -> bool {
        self.cursor.is_over()
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
        let ring = state.renditions.of(self.form);
        while wants(taker) {
            let Some(packet) = self.cursor.next(ring)? else {
                return Ok(true);
            };
            take(taker, &packet);
        }
        Ok(false)
    }

    /// In which form it reads the stream.
    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// The number of the frame whose way is timed.
    pub(super) fn mark(&self) -> Option<u64> {
        self.hub.lock().renditions.of(self.form).mark()
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

    /// How far it has come, unless a start is yet to be found.
    pub(super) fn spot(&self) -> Option<Spot> {
        self.cursor.spot()
    }

    /// How much earlier than the newest frame the next one for this reader arrived, in milliseconds.
    pub fn lag_ms(&self) -> i64 {
        self.cursor.lag_ms(self.hub.lock().renditions.of(self.form))
    }

    /// Frames that the reader was given so far.
    pub fn sent(&self) -> Counts {
        self.cursor.sent()
    }

    /// Bytes of frames that the reader was not given yet.
    pub fn bytes_to_read(&self) -> u64 {
        let state = self.hub.lock();
        let ring = state.renditions.of(self.form);
        self.cursor.next_position().map_or(0, |position| ring.bytes_from(position))
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

impl Drop for Feed {
    fn drop(&mut self) {
        self.hub.lock().renditions.leave(self.form);
    }
}
