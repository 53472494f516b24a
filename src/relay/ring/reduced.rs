//! The same past in another form.

use std::sync::Arc;

use super::recent::{Kept, Ring};
use crate::media::Frame;

impl Ring {
    /// The same past with other frames: what `reduce` makes of each, if anything.
    pub fn reduced(&self, mut reduce: impl FnMut(&Frame) -> Option<Frame>) -> Self {
        let mut ring = Self::new(self.limits);
        let headers =
            self.starts.front().map_or_else(|| self.headers.packets(), |start| Arc::clone(&start.headers));
        for header in headers.iter().filter_map(|packet| reduce(&packet.frame())) {
            ring.headers.remember(&header);
        }
        for Kept { packet, arrived_ms, .. } in &self.frames {
            let frame = packet.frame();
            if let Some(reduced) = reduce(&frame) {
                let shared = (reduced.payload.as_ptr() == frame.payload.as_ptr()).then_some(packet);
                ring.push(&reduced, *arrived_ms, shared);
            }
        }
        ring
    }
}
