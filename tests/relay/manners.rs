//! Encoders that send what platforms mind, and others that do not.

use std::time::Duration;

use bytes::Bytes;
use splitcast::media::{Kind, Tag};
use splitcast::relay::publication::Publication;
use tokio::time::sleep;

use super::world::World;

/// What an encoder sends: 25 pictures a second, with a frame of sound to each.
#[derive(Clone, Copy)]
pub(crate) struct Manners {
    /// Pictures from one key frame to the next.
    pub(crate) key_every: u32,
    pub(crate) picture_bytes: usize,
    pub(crate) has_b_frames: bool,
    /// Each frame of sound.
    pub(crate) sound: Option<&'static [u8]>,
}

impl Manners {
    /// The beginning of a tone, as ffmpeg codes it.
    pub(crate) const SOUND: [u8; 8] = [0xaf, 1, 0x21, 0x4c, 0x6c, 0xfe, 0x07, 0xfe];
    /// Zeros, as ffmpeg codes them.
    pub(crate) const SILENCE: [u8; 8] = [0xaf, 1, 0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c];

    /// What every platform takes.
    pub(crate) fn good() -> Self {
        Self { key_every: 25, picture_bytes: 2_000, has_b_frames: false, sound: Some(&Self::SOUND) }
    }

    pub(crate) fn publish(self, world: &World) -> Rude {
        let rude = Rude { manners: self, publication: world.publish(), serial: 0 };
        rude.send(Kind::VideoHeader, &[0x17, 0, 0, 0, 0, 1]);
        if self.sound.is_some() {
            rude.send(Kind::AudioHeader, &[0xaf, 0, 0x11, 0x90]);
        }
        rude
    }
}

/// An encoder.
pub(crate) struct Rude {
    manners: Manners,
    publication: Publication,
    serial: u32,
}

impl Rude {
    /// Sends for some seconds in real (paused) time.
    pub(crate) async fn run(&mut self, seconds: u32) {
        for _ in 0..seconds * 25 {
            self.picture();
            sleep(Duration::from_millis(40)).await;
        }
    }

    pub(crate) fn set_sound(&mut self, sound: Option<&'static [u8]>) {
        self.manners.sound = sound;
    }

    /// Sends so many pictures at once, as after a network that stood still.
    pub(crate) fn catch_up(&mut self, pictures: u32) {
        (0..pictures).for_each(|_| self.picture());
    }

    /// Ends in good order.
    pub(crate) fn end(self) {
        self.publication.end();
    }

    fn picture(&mut self) {
        let is_key = self.serial.is_multiple_of(self.manners.key_every);
        let (kind, first) = if is_key { (Kind::VideoKey, 0x17) } else { (Kind::VideoInter, 0x27) };
        // Every fourth is shown after the two that follow it.
        let later = match (self.manners.has_b_frames, self.serial % 4) {
            (true, 1) => 120,
            (true, 0) => 40,
            _ => 0,
        };
        let mut payload = vec![first, 1, 0, 0, later];
        payload.extend_from_slice(&self.serial.to_be_bytes());
        payload.resize(self.manners.picture_bytes, 0x5a);
        self.send(kind, &payload);
        if let Some(sound) = self.manners.sound {
            self.send(Kind::Audio, sound);
        }
        self.serial += 1;
    }

    fn send(&self, kind: Kind, payload: &[u8]) {
        let payload = Bytes::copy_from_slice(payload);
        let sent = self.publication.send(Tag { kind, timestamp: self.serial * 40, payload });
        assert!(sent, "taken over");
    }
}
