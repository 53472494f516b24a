//! ffmpeg is killed in mid-stream and started again, and nothing of it shows in what nginx records.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::rig::authority::Authority;
use crate::rig::clip::Clip;
use crate::rig::ffmpeg;
use crate::rig::flv::{Kind, Packet};
use crate::rig::nginx::Nginx;
use crate::rig::patience::{self, Stopwatch};
use crate::rig::program::Running;
use crate::rig::publisher::Publisher;
use crate::rig::relay_process::{Options, Relay};
use crate::rig::rest::Api;
use crate::rig::tls_front::TlsFront;

/// Four encoders die at the same time; two are back after five seconds, two after forty. Each has a
/// plain target and one behind TLS.
#[test]
fn a_killed_encoder_that_returns_leaves_no_trace_at_its_targets() {
    let nginx = Nginx::start();
    let authority = Authority::new();
    let front = TlsFront::start(nginx.port(), &authority, "localhost");
    let folder = tempfile::tempdir().unwrap();
    let options = Options { target_ca: Some(authority.write_to(folder.path())), ..Options::default() };
    let relay = Relay::start_with(options);
    let api = relay.api();
    let broadcasts = [
        ("plain-5", Clip::Plain, Duration::from_secs(5)),
        ("b-frames-5", Clip::BFrames, Duration::from_secs(5)),
        ("plain-40", Clip::Plain, Duration::from_secs(40)),
        ("b-frames-40", Clip::BFrames, Duration::from_secs(40)),
    ]
    .map(|(key, clip, away)| Broadcast::begin(&relay, &api, &nginx, &front, key, clip, away));
    for broadcast in &broadcasts {
        broadcast.wait_for_recordings(&nginx, |recording| lasts(recording) > 2_000);
    }
    let killed = Stopwatch::start();
    let mut broadcasts = broadcasts.map(Broadcast::kill_encoder);
    for broadcast in &mut broadcasts {
        killed.sleep_until(broadcast.away);
        broadcast.encoder = Some(broadcast.publish(&relay));
    }
    for broadcast in &mut broadcasts {
        broadcast.finish(&api, &nginx, folder.path());
    }
}

/// The encoder vanishes between a picture and those that are sent after it and shown before it. What it
/// sends when it is back must be shown later than all of that.
#[test]
fn an_encoder_cut_off_among_b_frames_goes_on_after_the_last_picture_shown() {
    let nginx = Nginx::start();
    let relay = Relay::start();
    let api = relay.api();
    let stream = api.create_stream("Cut", "source");
    let target = api.add_target(stream, "cut", &nginx.url(), "cut");
    let clip = Clip::BFrames.packets();
    let latest = |packet: &Packet| packet.shown_at() - i64::from(packet.time) > 100;
    let cut = clip.iter().position(|packet| packet.time > 1_500 && packet.is_media() && latest(packet));
    let (until_cut, _) = clip.split_at(cut.unwrap() + 1);
    for packets in [until_cut, &clip[..]] {
        let mut publisher = Publisher::connect(relay.rtmp_port(), "live", "source").unwrap();
        publisher.send_all(packets, 0).unwrap();
        if packets.len() < clip.len() {
            drop(publisher);
            api.wait_for_target(target, "holding");
        } else {
            publisher.finish().unwrap();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    assert_flawless("cut", &nginx, folder.path());
}

/// A stream with an encoder and two targets.
struct Broadcast {
    key: &'static str,
    clip: Clip,
    /// How long its encoder is dead.
    away: Duration,
    encoder: Option<Running>,
    /// The targets by the names of their recordings.
    targets: [(String, i64); 2],
}

impl Broadcast {
    fn begin(
        relay: &Relay,
        api: &Api,
        nginx: &Nginx,
        front: &TlsFront,
        key: &'static str,
        clip: Clip,
        away: Duration,
    ) -> Self {
        let stream = api.create_stream(key, key);
        let targets = [("open", nginx.url()), ("secure", front.url())].map(|(how, url)| {
            let name = format!("{key}-{how}");
            let target = api.add_target(stream, &name, &url, &name);
            (name, target)
        });
        let broadcast = Self { key, clip, away, encoder: None, targets };
        let encoder = Some(broadcast.publish(relay));
        Self { encoder, ..broadcast }
    }

    fn publish(&self, relay: &Relay) -> Running {
        ffmpeg::publish(self.clip, &relay.ingest_url(self.key), relay.folder())
    }

    fn kill_encoder(mut self) -> Self {
        self.encoder = None;
        self
    }

    fn wait_for_recordings(&self, nginx: &Nginx, holds: impl Fn(&[Packet]) -> bool) {
        for (name, _) in &self.targets {
            patience::wait_until(&format!("enough of {name}"), || holds(&nginx.recorded(name)));
        }
    }

    /// Waits for the end of the second clip and looks at all that was recorded.
    fn finish(&mut self, api: &Api, nginx: &Nginx, folder: &Path) {
        let status = self.encoder.as_mut().unwrap().wait();
        assert!(status.success(), "{}", self.encoder.as_ref().unwrap().output());
        for (name, target) in &self.targets {
            let reconnects = api.target(*target)["reconnects"].clone();
            assert_eq!(reconnects, 0, "{name}: {:#}", api.target(*target));
            api.patch_target(*target, &json!({ "enabled": false }));
            assert_flawless(name, nginx, folder);
        }
    }
}

/// Waits until the stream `name` has ended; fails unless its one recording is longer than one clip, its
/// times rise, and ffmpeg decodes it without a word. `folder` takes ffmpeg's words.
fn assert_flawless(name: &str, nginx: &Nginx, folder: &Path) {
    let recording = nginx.recording(name);
    assert!(lasts(&recording) > 6_000, "{name} lasts {} ms", lasts(&recording));
    assert_rising(name, &recording);
    let complaints = ffmpeg::complaints_about(&nginx.recording_file(name), folder);
    assert_eq!(complaints, "", "{name}");
}

/// The time of the last packet.
fn lasts(recording: &[Packet]) -> u32 {
    recording.iter().filter(|packet| !packet.is_end_mark()).map(|packet| packet.time).max().unwrap_or(0)
}

/// Fails unless the times of decoding rise in each track, no two pictures are shown at one time, and
/// every key frame is shown after all that came before it.
fn assert_rising(name: &str, recording: &[Packet]) {
    for kind in [Kind::Audio, Kind::Video] {
        let frames = recording.iter().filter(|packet| packet.kind == kind && packet.is_media());
        let frames: Vec<&Packet> = frames.filter(|packet| !packet.is_end_mark()).collect();
        for pair in frames.windows(2) {
            assert!(pair[0].time < pair[1].time, "{name}: {} then {} ms", pair[0].time, pair[1].time);
        }
        if kind == Kind::Video {
            assert_shown_in_order(name, &frames);
        }
    }
}

fn assert_shown_in_order(name: &str, pictures: &[&Packet]) {
    let mut latest = i64::MIN;
    let mut group_starts_after = i64::MIN;
    let mut shown = HashSet::new();
    for picture in pictures {
        if picture.is_key_frame() {
            group_starts_after = latest;
        }
        let at = picture.shown_at();
        assert!(shown.insert(at), "{name}: two pictures at {at} ms");
        assert!(at > group_starts_after, "{name}: {at} ms is shown after {group_starts_after} ms");
        latest = latest.max(at);
    }
}
