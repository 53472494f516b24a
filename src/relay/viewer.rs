//! Somebody who watches a stream over HTTP, as its owner does in the dashboard.
//!
//! The stream's delivery puts what is new into each viewer's basket, right after it wrote it
//! to the targets. A basket is small: who does not empty it falls behind, and goes on with a later key frame,
//! as a slow target does. The publisher waits for no viewer, and nothing is kept for one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

use super::feed::Feed;
use super::hub::{Hub, Source};
use crate::media::Kind;
use crate::media::flv::write;
use crate::rtmp::Packet;

/// Somebody who watches one publication. It is let have nothing more once this is dropped.
#[derive(Debug)]
pub struct Viewer {
    hub: Arc<Hub>,
    /// Whose publication it is.
    turn: u64,
    basket: Arc<Basket>,
    source: watch::Receiver<Source>,
    /// The time of the first frame, by the stream's clock, once there was one.
    began: Option<i64>,
    rests_until: Instant,
    is_over: bool,
}

impl Viewer {
    pub(super) fn new(
        hub: Arc<Hub>,
        turn: u64,
        basket: Arc<Basket>,
        source: watch::Receiver<Source>,
    ) -> Self {
        Self { hub, turn, basket, source, began: None, rests_until: Instant::now(), is_over: false }
    }

    /// What comes next, as FLV whose time begins at 0; `None` once the publication is over, or goes on with other
    /// codecs. Cancel-safe.
    pub async fn next(&mut self) -> Option<Bytes> {
        while !self.is_over {
            // Frames that come shortly after each other share a write.
            sleep_until(self.rests_until).await;
            // Looked at first: what came before the end is given.
            self.is_over = !self.hub.is_published_by(self.turn);
            let load = self.basket.take();
            self.is_over |= load.is_last;
            if !load.packets.is_empty() {
                if load.bytes < MOST {
                    self.rests_until = Instant::now() + REST;
                }
                return Some(self.write(&load));
            }
            if !self.is_over {
                tokio::select! {
                    () = self.basket.news.notified() => {}
                    // The sender lives in the hub.
                    _ = self.source.changed() => {}
                }
            }
        }
        None
    }

    fn write(&mut self, load: &Load) -> Bytes {
        let mut out = BytesMut::with_capacity(load.bytes + load.packets.len() * AROUND);
        let began = match (self.began, load.packets.first()) {
            (Some(began), _) => began,
            (None, first) => {
                let facts = self.hub.status.snapshot().facts;
                write::put_header(&mut out, facts.audio_codec.is_some(), facts.video_codec.is_some());
                *self.began.insert(first.map_or(0, |first| first.time))
            }
        };
        for packet in &load.packets {
            // Sound that belongs to pictures which were not given.
            let is_early = packet.time < began;
            if is_early && packet.kind == Kind::Audio {
                continue;
            }
            let time = u32::try_from((packet.time - began).max(0) & i64::from(u32::MAX)).unwrap_or(0);
            if packet.kind.is_audio() || packet.kind.is_video() {
                write::put_tag(&mut out, packet.kind, time, packet.len(), packet.pieces());
            } else {
                let script = write::script_data(&packet.payload());
                write::put_tag(&mut out, packet.kind, time, script.len(), [&script[..]].into_iter());
            }
        }
        out.freeze()
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.hub.dismiss(&self.basket);
    }
}

/// What a viewer has not taken yet, and where it stands in the stream.
#[derive(Debug)]
pub(super) struct Basket {
    inside: Mutex<Inside>,
    news: Notify,
}

#[derive(Debug)]
struct Inside {
    feed: Feed,
    load: Load,
}

#[derive(Debug, Default)]
struct Load {
    packets: Vec<Packet>,
    bytes: usize,
    /// The stream goes on with other codecs.
    is_last: bool,
}

impl Basket {
    pub(super) fn new(feed: Feed) -> Self {
        Self { inside: Mutex::new(Inside { feed, load: Load::default() }), news: Notify::new() }
    }

    /// Puts in what is new, as far as there is room.
    pub(super) fn fill(&self) {
        let has_any = self.lock().fill();
        if has_any {
            self.news.notify_one();
        }
    }

    /// Takes all out, with what there was no room for before.
    fn take(&self) -> Load {
        let mut inside = self.lock();
        inside.fill();
        std::mem::take(&mut inside.load)
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Every change is finished before anything can panic.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Whether there is anything to be taken.
    fn fill(&mut self) -> bool {
        let read = self.feed.read_while(&mut self.load, |load| load.bytes < MOST, Load::add);
        self.load.is_last |= read.is_err();
        self.load.is_last || !self.load.packets.is_empty()
    }
}

impl Load {
    fn add(&mut self, packet: &Packet) {
        self.bytes += packet.len();
        self.packets.push(packet.clone());
    }
}

/// Bytes that wait for a viewer at most, and one frame more: half a second of a rich stream.
const MOST: usize = 512 << 10;

/// How long frames wait for those that follow: of a picture's way to the screen, hardly anything.
const REST: Duration = Duration::from_millis(30);

/// Bytes around a frame.
const AROUND: usize = 16;

#[cfg(test)]
mod tests;
