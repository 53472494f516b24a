//! One encoder, three targets: each records exactly what was sent from the first key frame on, whatever
//! kind of stream it is.

use crate::authority::Authority;
use crate::clip::Clip;
use crate::compare::Comparison;
use crate::ffmpeg;
use crate::flv::Packet;
use crate::nginx::Nginx;
use crate::recorded_target::RecordedTarget;
use crate::relay_process::{Options, Relay};
use crate::tls_front::TlsFront;

#[test]
fn h264_with_aac_reaches_every_target_unchanged() {
    relays_exactly(Clip::Plain);
}

#[test]
fn b_frames_reach_every_target_unchanged() {
    relays_exactly(Clip::BFrames);
}

/// Where there is no key frame to go back to, a target begins with the first sound after it accepted
/// the stream.
#[test]
fn sound_alone_reaches_every_target_unchanged() {
    relays(Clip::AudioOnly, |target, sent| {
        let found = target.finish(&Comparison::with(sent).starting_at_any_key_frame());
        assert!(found.packets > sent.len() / 2, "{found:?}");
    });
}

#[test]
fn pictures_alone_reach_every_target_unchanged() {
    relays_exactly(Clip::VideoOnly);
}

#[test]
fn mp3_sound_reaches_every_target_unchanged() {
    relays_exactly(Clip::Mp3);
}

#[test]
fn codec_headers_that_change_in_mid_stream_reach_every_target_at_their_place() {
    relays_exactly(Clip::HeaderChange);
}

fn relays_exactly(clip: Clip) {
    relays(clip, |target, sent| {
        target.finish(&Comparison::with(sent));
    });
}

/// Publishes `clip` to two plain targets on different servers and one behind TLS, and lets `check` look
/// at each.
fn relays(clip: Clip, check: impl Fn(RecordedTarget<'_>, &[Packet])) {
    let (one, two) = (Nginx::start(), Nginx::start());
    let authority = Authority::new();
    let front = TlsFront::start(two.port(), &authority, "localhost");
    let folder = tempfile::tempdir().unwrap();
    let options = Options { target_ca: Some(authority.write_to(folder.path())), ..Options::default() };
    let relay = Relay::start_with(options);
    let api = relay.api();
    let stream = api.create_stream("Fan out", "source");
    let targets = [
        RecordedTarget::add(&api, stream, &one, "first"),
        RecordedTarget::add(&api, stream, &two, "second"),
        RecordedTarget::add_through(&front.url(), &api, stream, &two, "secure"),
    ];
    let mut publisher = ffmpeg::publish(clip, &relay.ingest_url("source"), relay.folder());
    assert!(publisher.wait().success(), "{}", publisher.output());
    let sent = clip.packets();
    for target in targets {
        check(target, &sent);
    }
}
