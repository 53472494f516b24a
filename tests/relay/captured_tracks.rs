//! What ffmpeg sent with two tracks of each, H.264 and AV1, AAC and Opus, to targets that take some of it.
//! What they should get is worked out here, from the bytes that were sent.

use std::path::Path;
use std::time::Duration;

use splitcast::media::Kind;
use splitcast::model::{ErrorKind, TagForm, Takes, TargetState, Tracks, VideoCodec, WantedTarget};
use splitcast::relay::status::SourceState;
use tokio::time::{Instant, sleep_until};

use super::dialogue;
use super::flv::{self, Packet};
use super::odd::caller::Caller;
use super::world::{STREAM, World, target};

fn takes(tracks: Tracks, video_track: u8, audio_track: u8) -> Takes {
    Takes {
        tracks: Some(tracks),
        video_track: Some(video_track),
        audio_track: Some(audio_track),
        tags: Some(TagForm::Common),
        ..Takes::default()
    }
}

/// The kinds, times and bytes of sound and pictures: those from the first key frame on, after the
/// headers that come before it.
type Media = Vec<(u8, u32, Vec<u8>)>;

/// What is left of a packet, if anything.
type Reduce<'a> = dyn Fn(&Packet) -> Option<Vec<u8>> + 'a;

#[tokio::test(start_paused = true)]
async fn each_target_is_sent_the_tracks_that_it_takes_in_their_plain_form() {
    World::play(async {
        let said = fixture("ffmpeg-9.0-tracks.bin");
        let sent = dialogue::packets(&said);
        let world = play(
            &said,
            vec![
                Takes::default(),
                takes(Tracks::One, 0, 0),
                takes(Tracks::AllAudio, 0, 0),
                takes(Tracks::One, 1, 1),
                takes(Tracks::One, 0, 1),
            ],
        )
        .await;
        let all = |packet: &Packet| Some(packet.payload.clone());
        // Nothing of it belongs to track 0 but what is classic.
        let first = |packet: &Packet| packet.enhanced().is_none().then(|| packet.payload.clone());
        let is_sound = |packet: &Packet| packet.kind == flv::Kind::Audio;
        let expectations: [&Reduce<'_>; 5] = [
            &all,
            &first,
            &|packet| if is_sound(packet) { all(packet) } else { first(packet) },
            &second,
            &|packet| if is_sound(packet) { second(packet) } else { first(packet) },
        ];
        for (number, expected) in expectations.into_iter().enumerate() {
            let visits = world.visits(&format!("t{}", number + 1));
            assert_eq!(visits.len(), 1, "target {}", number + 1);
            let got: Media = visits[0]
                .tags
                .iter()
                .filter(|(kind, ..)| kind.is_audio() || kind.is_video())
                .map(|(kind, time, payload)| (if kind.is_audio() { 8 } else { 9 }, *time, payload.to_vec()))
                .collect();
            assert_same(&got, &reduced(&sent, expected), number + 1);
        }
    })
    .await;
}

/// AV1 as the only pictures is not for a target of H.264, and beside H.264 it is left out.
#[tokio::test(start_paused = true)]
async fn a_target_of_h264_is_refused_av1_and_sent_h264_beside_it() {
    World::play(async {
        let h264 = Takes { video_codecs: Some(vec![VideoCodec::H264]), ..Takes::default() };
        let world = play(
            &fixture("ffmpeg-9.0-tracks.bin"),
            vec![Takes { video_track: Some(1), tracks: Some(Tracks::One), ..h264.clone() }, h264.clone()],
        )
        .await;
        assert!(world.visits("t1").is_empty(), "it was asked");
        let got = &world.visits("t2")[0].tags;
        let pictures = got.iter().filter(|(kind, ..)| kind.is_video());
        assert!(pictures.clone().count() > 70);
        for (.., payload) in pictures {
            assert!(payload[0] & 0x80 == 0, "{:02x?}", &payload[..10]);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_target_of_h264_is_blocked_for_hevc_and_recovers() {
    World::play(async {
        let h264 = Takes { video_codecs: Some(vec![VideoCodec::H264]), ..Takes::default() };
        let mut world = World::running(1);
        world.change_key("lab-ffmpeg-9.0-list");
        world.targets().push(WantedTarget { takes: h264, ..target(2) });
        world.apply();
        send(&world, &fixture("ffmpeg-9.0-list.bin"), 0.9).await;
        let status = world.status(2);
        assert_eq!((status.state, status.kind), (TargetState::Blocked, Some(ErrorKind::Codec)));
        assert!(status.reason.contains("HEVC") && status.reason.contains("H.264"), "{}", status.reason);
        assert!(world.visits("t2").is_empty(), "it was asked");
        world.change_key("lab-ffmpeg-5.1");
        send(&world, &fixture("ffmpeg-5.1.bin"), 1.0).await;
        world.until_true(|world| world.visits("t2").first().is_some_and(|visit| visit.said_goodbye)).await;
        let visit = &world.visits("t2")[0];
        let kinds: Vec<Kind> =
            visit.tags.iter().map(|(kind, ..)| *kind).filter(|kind| kind.is_video()).collect();
        assert_eq!(kinds[..2], [Kind::VideoHeader, Kind::VideoKey]);
    })
    .await;
}

/// Replays `said`, which publishes the tracks, to targets that take such; the world when all is over.
async fn play(said: &[u8], takes: Vec<Takes>) -> World {
    let mut world = World::new(0);
    for (number, takes) in (1..).zip(takes) {
        world.targets().push(WantedTarget { takes, ..target(number) });
    }
    world.change_key("lab-ffmpeg-9.0-tracks");
    send(&world, said, 1.0).await;
    world.until_true(|world| world.board.stream(STREAM).unwrap().state == SourceState::Offline).await;
    // Whoever was sent it is told of the end.
    let all_told = |world: &World| {
        let visits = (1..6).flat_map(|number| world.visits(&format!("t{number}")));
        visits.into_iter().all(|visit| visit.said_goodbye)
    };
    world.until_true(all_told).await;
    world
}

/// Says a part of a recording to the ingest of `world`, each message when its time has come.
async fn send(world: &World, said: &[u8], part: f64) {
    let mut caller = Caller::knock(world);
    let (began, mut at) = (Instant::now(), 0);
    let messages = dialogue::messages(said);
    let count = (messages.len() as f64 * part) as usize;
    for message in &messages[..count] {
        sleep_until(began + Duration::from_millis(message.time.into())).await;
        caller.write(&said[at..message.end]).await;
        at = message.end;
    }
}

/// A tag of track 1 as it is without its track's number; `None` for all else.
fn second(packet: &Packet) -> Option<Vec<u8>> {
    let tag = packet.enhanced()?;
    // ffmpeg tells the colours of track 1 as if they were those of the default track.
    if tag.track != Some(1) {
        return None;
    }
    let first = if packet.kind == flv::Kind::Audio { 0x90 } else { 0x80 | tag.frame_type << 4 };
    Some([&[first | tag.packet_type][..], &tag.four_cc, &packet.payload[tag.body..]].concat())
}

/// What is left of `sent` at a target.
fn reduced(sent: &[Packet], of: &Reduce<'_>) -> Media {
    let reduced = |packet: &Packet| of(packet).map(|payload| Packet { payload, ..packet.clone() });
    let left: Vec<Packet> =
        sent.iter().filter(|packet| packet.kind != flv::Kind::Data).filter_map(reduced).collect();
    let start = left.iter().position(Packet::is_key_frame).unwrap();
    let (before, after) = left.split_at(start);
    let headers = before.iter().filter(|packet| packet.is_header());
    headers.chain(after).map(|packet| (packet.kind as u8, packet.time, packet.payload.clone())).collect()
}

/// Fails unless `got` is `expected`, all of it moved by one amount of time but for the headers at the
/// beginning and the marks at the end.
fn assert_same(got: &Media, expected: &Media, number: usize) {
    for (at, (got, expected)) in got.iter().zip(expected).enumerate() {
        let what = |(kind, time, payload): &(u8, u32, Vec<u8>)| {
            format!("{kind} at {time} of {} bytes: {:02x?}", payload.len(), &payload[..payload.len().min(12)])
        };
        assert!(
            (got.0, &got.2) == (expected.0, &expected.2),
            "target {number}, {at}: {}, expected {}",
            what(got),
            what(expected)
        );
    }
    assert_eq!(got.len(), expected.len(), "target {number}");
    let shifts = got.iter().zip(expected).map(|(got, expected)| got.1.wrapping_sub(expected.1));
    let mut shifts: Vec<u32> = shifts.collect();
    let usual = shifts[got.len() / 2];
    shifts.retain(|shift| *shift != usual);
    assert!(shifts.len() < 12, "target {number}: {shifts:?} and {usual}");
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}
