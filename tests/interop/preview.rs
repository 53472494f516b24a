//! What an encoder sends, as a player gets it over HTTP.

use std::process::Command;

use crate::clip::Clip;
use crate::ffmpeg;
use crate::flv::{self, Kind, Packet};
use crate::patience;
use crate::program;
use crate::relay_process::{Relay, TOKEN};

/// ffmpeg, whose FLV nobody here wrote, plays the preview, and everything from a key frame to the last packet of
/// the clip is as it was sent.
#[test]
fn a_player_gets_what_was_sent_from_a_key_frame_to_the_end() {
    for clip in [Clip::Plain, Clip::BFrames] {
        let relay = Relay::start();
        let api = relay.api();
        let stream = api.create_stream("Seen", "source");
        let mut publisher = ffmpeg::publish(clip, &relay.ingest_url("source"), relay.folder());
        let sends =
            || (api.get(&format!("/streams/{stream}"))["source"]["key_frames"].as_u64()? >= 2).then_some(());
        patience::poll(patience::LIMIT, sends).expect("the encoder sends no key frames");

        let (copied, raw) = (relay.folder().join("copied.flv"), relay.folder().join("raw.flv"));
        let url = format!("http://127.0.0.1:{}/api/v1/streams/{stream}/preview.flv", relay.http_port());
        let header = format!("Authorization: Bearer {TOKEN}\r\n");
        let mut player = ffmpeg::command();
        player
            .args(["-loglevel", "warning", "-y", "-headers", &header, "-i", &url, "-c", "copy"])
            .arg(&copied);
        let mut player = program::Running::spawn(&mut player, &relay.folder().join("player.log"));
        let mut reader = program::command("curl", "curl");
        reader.args(["-sS", "--fail", "-H", header.trim(), "-o"]).arg(&raw).arg(&url);
        let mut reader = program::Running::spawn(&mut reader, &relay.folder().join("curl.log"));
        assert!(publisher.wait().success(), "{}", publisher.output());
        assert!(player.wait().success(), "{}", player.output());
        assert!(reader.wait().success(), "{}", reader.output());
        assert_eq!(player.output(), "", "{clip:?}");
        assert_eq!(ffmpeg::complaints_about(&raw, relay.folder()), "", "{clip:?}");
        assert_eq!(streams_of(&raw), "h264,video\naac,audio", "{clip:?}");

        let seen = flv::read(&raw);
        let kinds: Vec<Kind> = seen.iter().map(|packet| packet.kind).take(4).collect();
        assert!(kinds.contains(&Kind::Data) && seen[..3].iter().filter(|one| one.is_header()).count() == 2);
        let first = seen.iter().find(|packet| packet.is_media()).unwrap();
        assert!(first.is_key_frame() && first.time == 0, "{clip:?}: {first:?}");
        for kind in [Kind::Audio, Kind::Video] {
            let times: Vec<u32> = seen.iter().filter(|one| one.kind == kind).map(|one| one.time).collect();
            assert!(times.is_sorted() && times.len() > 10, "{clip:?} {kind:?}: {times:?}");
        }
        // One constant apart in time, and the same in all else.
        let sent = clip.packets();
        let pictures = |packets: &[Packet]| -> Vec<Packet> {
            packets.iter().filter(|one| one.kind == Kind::Video && one.is_media()).cloned().collect()
        };
        let (sent, mut seen) = (pictures(&sent), pictures(&seen));
        let began = sent[sent.len() - seen.len()].time;
        seen.iter_mut().filter(|one| !one.is_end_mark()).for_each(|one| one.time += began);
        for (sent, seen) in sent[sent.len() - seen.len()..].iter().zip(&seen) {
            assert_eq!(sent.payload, seen.payload, "{clip:?}");
            assert!(sent.time == seen.time || sent.is_end_mark(), "{clip:?}: {} {}", sent.time, seen.time);
        }
        assert!(seen.len() > 60, "{clip:?}: {}", seen.len());
    }
}

/// What ffprobe makes of a file's streams.
fn streams_of(file: &std::path::Path) -> String {
    let mut command: Command = program::command("ffprobe", "ffmpeg");
    command
        .args(["-v", "error", "-show_entries", "stream=codec_name,codec_type", "-of", "csv=p=0"])
        .arg(file);
    let output = command.output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
