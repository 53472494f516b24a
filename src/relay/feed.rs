//! One reader of a hub.

use std::sync::Arc;

use tokio::sync::watch;

use super::hub::Hub;
use super::ring::{Changed, Counts, Cursor};
use crate::media::Frame;

/// One reader of a hub.
#[derive(Debug)]
pub struct Feed {
    hub: Arc<Hub>,
    cursor: Cursor,
    head: watch::Receiver<u64>,
}

impl Feed {
    pub(super) fn new(hub: Arc<Hub>, cursor: Cursor, head: watch::Receiver<u64>) -> Self {
        Self { hub, cursor, head }
    }

    /// The next frame, as soon as there is one. Cancel-safe.
    ///
    /// # Errors
    /// [`Changed`] once the stream goes on with other codecs.
    pub async fn recv(&mut self) -> Result<Frame, Changed> {
        loop {
            // Looked at before the ring, so that no frame can come unseen between the two.
            self.head.borrow_and_update();
            if let Some(frame) = self.try_recv()? {
                return Ok(frame);
            }
            // The sender lives in the hub, which this feed keeps.
            let _ = self.head.changed().await;
        }
    }

    /// The next frame, if there is one.
    ///
    /// # Errors
    /// As [`Feed::recv`].
    pub fn try_recv(&mut self) -> Result<Option<Frame>, Changed> {
        self.cursor.next(&self.hub.lock().ring)
    }

    /// How much earlier than the newest frame the next one for this reader arrived, in milliseconds.
    pub fn lag_ms(&self) -> i64 {
        self.cursor.lag_ms(&self.hub.lock().ring)
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
