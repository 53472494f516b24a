//! The yardstick measured without the relay: what a publisher sends straight to a recorder has to
//! compare as equal. When one of these fails, no other result here means anything.

use std::collections::BTreeSet;

use tempfile::TempDir;

use crate::authority::Authority;
use crate::clip::Clip;
use crate::compare::Comparison;
use crate::ffmpeg;
use crate::flv;
use crate::modern::Modern;
use crate::nginx::Nginx;
use crate::port;
use crate::publisher::Publisher;
use crate::tls_front::TlsFront;

#[test]
fn every_clip_is_what_its_name_says() {
    for clip in ALL {
        let packets = clip.packets();
        let count = |test: fn(&flv::Packet) -> bool| packets.iter().filter(|one| test(one)).count();
        let headers = count(flv::Packet::is_header);
        let key_frames = count(flv::Packet::is_key_frame);
        let expected = match clip {
            Clip::Plain | Clip::BFrames => (2, 5),
            Clip::AudioOnly => (1, 0),
            Clip::VideoOnly | Clip::Mp3 => (1, 5),
            Clip::LongGop => (2, 2),
            Clip::HeaderChange => (4, 6),
        };
        assert_eq!((headers, key_frames), expected, "{clip:?}");
        let composed = count(|one| one.payload.starts_with(&[0x27, 1]) && one.payload[2..5] != [0; 3]);
        assert_eq!(composed > 0, clip == Clip::BFrames, "{clip:?}");
    }
}

#[test]
fn every_modern_clip_is_what_its_name_says() {
    for clip in Modern::ALL {
        let packets = clip.packets();
        let tracks: BTreeSet<String> =
            packets.iter().filter(|packet| packet.is_media() && !packet.is_end_mark()).map(name).collect();
        let expected = match clip {
            Modern::HevcAac | Modern::LongHevc => &["aac", "hvc1"][..],
            Modern::Av1Opus => &["Opus", "av01"],
            Modern::Vp9Opus => &["Opus", "vp09"],
            Modern::AvcOpus => &["Opus", "h264"],
            Modern::AvcFlac => &["fLaC", "h264"],
            Modern::AvcAc3 => &["ac-3", "h264"],
            Modern::AvcEac3 => &["ec-3", "h264"],
            Modern::TwoSounds => &["aac", "h264", "mp4a 1"],
            Modern::TwoPictures => &["aac", "hvc1", "hvc1 1"],
            Modern::TwoOfEach => &["Opus 1", "aac", "av01 1", "h264"],
            Modern::LongAv1 => &["aac", "av01"],
        };
        assert_eq!(tracks, expected.iter().map(|&track| track.to_owned()).collect(), "{clip:?}");
        let key_frames = packets.iter().filter(|packet| packet.is_key_frame()).count();
        assert_eq!(key_frames, if matches!(clip, Modern::LongHevc | Modern::LongAv1) { 2 } else { 4 });
        let mut pictures =
            packets.iter().filter(|packet| packet.kind == flv::Kind::Video && packet.is_media());
        let composed = pictures.any(|picture| picture.shown_at() != i64::from(picture.time));
        let reorders = tracks.contains("hvc1") || (tracks.contains("h264") && clip != Modern::TwoOfEach);
        assert_eq!(composed, reorders, "{clip:?}");
    }
}

/// The codec of a packet and its track's number, if it is made for tracks.
fn name(packet: &flv::Packet) -> String {
    let Some(tag) = packet.enhanced() else {
        return if packet.kind == flv::Kind::Audio { "aac" } else { "h264" }.to_owned();
    };
    let codec = String::from_utf8(tag.four_cc.to_vec()).unwrap();
    match tag.track {
        Some(track) => format!("{codec} {track}"),
        None => codec,
    }
}

#[test]
fn ffmpeg_to_nginx_is_exact_for_every_clip() {
    let nginx = Nginx::start();
    let folder = TempDir::new().unwrap();
    let mut publishers: Vec<_> = ALL
        .iter()
        .map(|clip| ffmpeg::publish(*clip, &format!("{}/{clip:?}", nginx.url()), folder.path()))
        .collect();
    for (publisher, clip) in publishers.iter_mut().zip(ALL) {
        assert!(publisher.wait().success(), "{}", publisher.output());
        let recorded = nginx.recording(&format!("{clip:?}"));
        if let Err(difference) = Comparison::with(&clip.packets()).starting_at_first_packet().check(&recorded)
        {
            panic!("{clip:?}: {difference}");
        }
    }
}

#[test]
fn ffmpeg_to_ffmpeg_is_exact() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("received.flv");
    let port = port::free();
    let mut listener = ffmpeg::listen(port, &file);
    let url = format!("rtmp://127.0.0.1:{port}/live/any");
    let mut publisher =
        ffmpeg::publish_with(&["-output_ts_offset", "16776.960"], Clip::BFrames, &url, folder.path());
    assert!(publisher.wait().success(), "{}", publisher.output());
    assert!(listener.wait().success(), "{}", listener.output());
    Comparison::with(&Clip::BFrames.packets()).check(&flv::read(&file)).unwrap();
}

#[test]
fn our_publisher_to_nginx_is_exact_across_the_wrap_of_the_clock() {
    let nginx = Nginx::start();
    let clip = Clip::Plain.packets();
    let mut publisher = Publisher::connect(nginx.port(), "live", "wrap").unwrap();
    publisher.send_all(&clip, 0_u32.wrapping_sub(2000)).unwrap();
    publisher.finish().unwrap();
    Comparison::with(&clip).starting_at_first_packet().check(&nginx.recording("wrap")).unwrap();
}

#[test]
fn a_tls_server_in_front_changes_nothing() {
    let nginx = Nginx::start();
    let authority = Authority::new();
    let front = TlsFront::start(nginx.port(), &authority, "localhost");
    let folder = TempDir::new().unwrap();
    let ca = authority.write_to(folder.path());
    let options = ["-tls_verify", "1", "-ca_file", ca.to_str().unwrap()];
    let url = format!("{}/secure", front.url());
    let mut publisher = ffmpeg::publish_with(&options, Clip::Plain, &url, folder.path());
    assert!(publisher.wait().success(), "{}", publisher.output());
    Comparison::with(&Clip::Plain.packets())
        .starting_at_first_packet()
        .check(&nginx.recording("secure"))
        .unwrap();
}

const ALL: [Clip; 7] = [
    Clip::Plain,
    Clip::BFrames,
    Clip::AudioOnly,
    Clip::VideoOnly,
    Clip::Mp3,
    Clip::LongGop,
    Clip::HeaderChange,
];
