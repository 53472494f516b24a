//! What one target got: every frame once, in order and whole, or not.

use crate::footage::stamp::Stamp;
use crate::footage::{MEDIA, Medium};

/// The account of one target over all its connections.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    pub(crate) connections: u32,
    pub(crate) tracks: [Track; MEDIA],
    /// When its first key frame had arrived.
    pub(crate) first_key: Option<u64>,
    /// When the first frame, and key frame, of those sent after the source's return had arrived.
    pub(crate) first_returned: Option<u64>,
    pub(crate) key_returned: Option<u64>,
    /// The longest time in the window without a frame, of those that a frame has ended.
    longest_pause: u64,
    last_arrival: u64,
}

/// The account of its pictures or its sound.
#[derive(Clone, Default)]
pub(crate) struct Track {
    /// A bit for each serial number.
    received: Vec<u64>,
    next: u32,
    pub(crate) doubled: u64,
    pub(crate) reordered: u64,
    /// Not whole, or of another stream.
    pub(crate) damaged: u64,
}

/// The frames that count, by when they were sent.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// When the source came back.
    pub(crate) returned: u64,
}

impl Window {
    pub(crate) fn contains(&self, moment: u64) -> bool {
        (self.from..self.to).contains(&moment)
    }
}

impl Ledger {
    /// A whole frame arrived at `now`.
    pub(crate) fn enter(&mut self, medium: Medium, stamp: Stamp, is_key: bool, now: u64, window: Window) {
        self.tracks[medium as usize].enter(stamp.serial, window.contains(stamp.sent));
        if is_key {
            self.first_key.get_or_insert(now);
        }
        if stamp.sent >= window.returned {
            self.first_returned.get_or_insert(now);
            if is_key {
                self.key_returned.get_or_insert(now);
            }
        }
        if now >= window.from && self.last_arrival < window.to {
            self.longest_pause = self.longest_pause.max(now - self.last_arrival.max(window.from));
        }
        self.last_arrival = now;
    }

    /// The longest time without a frame from the window's beginning on, also if no frame ended it.
    pub(crate) fn longest_pause(&self, window: Window) -> u64 {
        let unended = window.to.saturating_sub(self.last_arrival.max(window.from));
        self.longest_pause.max(unended)
    }
}

impl Track {
    fn enter(&mut self, serial: u32, counts: bool) {
        let (word, bit) = (serial as usize / 64, 1 << (serial % 64));
        if self.received.len() <= word {
            self.received.resize(word + 1, 0);
        }
        let is_known = self.received[word] & bit != 0;
        self.received[word] |= bit;
        if counts {
            self.doubled += u64::from(is_known);
            self.reordered += u64::from(!is_known && serial < self.next);
        }
        self.next = self.next.max(serial + 1);
    }

    pub(crate) fn has(&self, serial: u32) -> bool {
        self.received.get(serial as usize / 64).is_some_and(|word| word >> (serial % 64) & 1 == 1)
    }
}
