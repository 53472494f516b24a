//! Frames as they come in at one connection: what stands at their beginning is kept, the rest is only
//! hashed where it lies.

use crc32fast::Hasher;

use super::ledger::{Ledger, Window};
use crate::chunks::{Message, Receiver};
use crate::clock;
use crate::footage::stamp::Stamp;
use crate::footage::{MEDIA, Medium};
use crate::histogram::Histogram;

/// The frames of one connection that are on their way, by slot.
#[derive(Default)]
pub(crate) struct Intake {
    frames: Vec<Frame>,
}

struct Frame {
    head: [u8; HEAD],
    count: usize,
    /// Its stamp, and the checksum that its sender computed.
    stamp: Option<(Stamp, u32)>,
    /// Computes the checksum anew.
    hasher: Option<Hasher>,
}

/// Where frames are entered.
pub(crate) struct Desk<'a> {
    pub(crate) intake: &'a mut Intake,
    pub(crate) ledger: &'a mut Ledger,
    /// How many targets have got a key frame.
    pub(crate) with_key: &'a mut usize,
    /// Of those whose latency counts.
    pub(crate) latency: Option<&'a mut [Histogram; MEDIA]>,
    pub(crate) window: Window,
    pub(crate) stream: u16,
    /// One frame of so many is hashed whole, of all others only the beginning.
    pub(crate) hash_one_of: u32,
}

impl Receiver for Desk<'_> {
    fn piece(&mut self, message: &Message, at: usize, bytes: &[u8]) {
        let Some(medium) = Medium::of_type(message.kind) else { return };
        let frames = &mut self.intake.frames;
        if frames.len() <= message.slot {
            frames.resize_with(message.slot + 1, Frame::new);
        }
        let frame = &mut frames[message.slot];
        if at == 0 {
            *frame = Frame::new();
        }
        frame.take(medium, bytes, self.hash_one_of);
        if at + bytes.len() == message.length {
            self.complete(medium, message.slot);
        }
    }
}

impl Desk<'_> {
    fn complete(&mut self, medium: Medium, slot: usize) {
        let frame = &mut self.intake.frames[slot];
        if !Medium::is_frame(&frame.head[..frame.count]) {
            return;
        }
        let now = clock::now();
        let hashed = frame.hasher.take().map(Hasher::finalize);
        let sound = frame.stamp.filter(|(stamp, whole)| {
            stamp.stream == self.stream && hashed.is_none_or(|hashed| hashed == *whole)
        });
        let Some((stamp, _)) = sound else {
            self.ledger.tracks[medium as usize].damaged += 1;
            return;
        };
        let had_key = self.ledger.first_key.is_some();
        self.ledger.enter(medium, stamp, medium.is_key(&frame.head), now, self.window);
        *self.with_key += usize::from(!had_key && self.ledger.first_key.is_some());
        if let Some(latency) = self.latency.as_mut().filter(|_| self.window.contains(stamp.sent)) {
            latency[medium as usize].record(now.saturating_sub(stamp.sent));
        }
    }
}

impl Frame {
    fn new() -> Self {
        Self { head: [0; HEAD], count: 0, stamp: None, hasher: None }
    }

    fn take(&mut self, medium: Medium, mut bytes: &[u8], hash_one_of: u32) {
        if self.count < HEAD {
            let (head, rest) = bytes.split_at(bytes.len().min(HEAD - self.count));
            self.head[self.count..self.count + head.len()].copy_from_slice(head);
            self.count += head.len();
            bytes = rest;
            if self.count == HEAD && Medium::is_frame(&self.head) {
                self.stamp = Stamp::read(&self.head, medium.stamp_at());
                let is_hashed = |(stamp, _): &(Stamp, u32)| stamp.serial.is_multiple_of(hash_one_of);
                self.hasher =
                    self.stamp.filter(is_hashed).map(|_| Stamp::hash(&self.head, medium.stamp_at()));
            }
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(bytes);
        }
    }
}

/// Beyond every stamp's end, and shorter than every frame.
const HEAD: usize = 128;
