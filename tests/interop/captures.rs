//! What real encoders sent, replayed byte for byte into a relay at the speed it was sent, and compared
//! packet by packet with what a target gets. The recordings in `tests/fixtures` were taken on loopback
//! from the programs their names say.

use std::io::{self, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use crate::compare::Comparison;
use crate::dialogue;
use crate::enhanced::Stage;
use crate::patience::Stopwatch;

#[test]
fn what_obs_sent_arrives_unchanged() {
    replays_exactly("obs-29.bin", "lab-obs-29");
}

#[test]
fn what_gstreamer_sent_arrives_unchanged() {
    replays_exactly("gst-rtmpsink.bin", "lab-gst-rtmpsink");
}

#[test]
fn what_another_relay_pushed_arrives_unchanged() {
    replays_exactly("push-nginx-rtmp.bin", "lab-push-nginx-rtmp");
}

#[test]
fn times_beyond_24_bits_arrive_unchanged() {
    replays_exactly("ffmpeg-5.1-ts24.bin", "lab-ffmpeg-5.1-ts24");
}

#[test]
fn hevc_arrives_unchanged() {
    replays_exactly("ffmpeg-9.0-hevc.bin", "lab-ffmpeg-9.0-hevc");
}

#[test]
fn av1_arrives_unchanged() {
    replays_exactly("ffmpeg-9.0-av1.bin", "lab-ffmpeg-9.0-av1");
}

#[test]
fn opus_arrives_unchanged() {
    replays_exactly("ffmpeg-9.0-opus.bin", "lab-ffmpeg-9.0-opus");
}

/// The encoder says in its `connect` which codecs it may send.
#[test]
fn what_an_encoder_with_a_list_of_codecs_sent_arrives_unchanged() {
    let said = fixture("ffmpeg-9.0-list.bin");
    let connect = &dialogue::messages(&said)[0].payload;
    assert!(contains(connect, b"fourCcList") && contains(connect, b"av01"));
    replays_exactly("ffmpeg-9.0-list.bin", "lab-ffmpeg-9.0-list");
}

#[test]
fn two_tracks_of_each_arrive_unchanged() {
    let sent = dialogue::packets(&fixture("ffmpeg-9.0-tracks.bin"));
    let tracks = sent.iter().filter(|packet| packet.enhanced().is_some_and(|tag| tag.track == Some(1)));
    assert!(tracks.count() > 100);
    replays_exactly("ffmpeg-9.0-tracks.bin", "lab-ffmpeg-9.0-tracks");
}

/// Replays the recording `name`, which publishes `key`.
fn replays_exactly(name: &str, key: &str) {
    let stage = Stage::set(key);
    let target = stage.watched("watched");
    let said = fixture(name);
    play(&said, stage.relay.rtmp_port()).unwrap();
    let sent = dialogue::packets(&said);
    let found = target.stop(&stage.api, &Comparison::with(&sent));
    let from_key_frame = sent.iter().skip_while(|packet| !packet.is_key_frame());
    assert_eq!(found.packets, from_key_frame.filter(|packet| packet.is_media()).count());
}

/// Says all of `said` to a server, each message when its time has come.
fn play(said: &[u8], port: u16) -> io::Result<()> {
    let socket = TcpStream::connect(("127.0.0.1", port))?;
    socket.set_nodelay(true)?;
    let mut answers = socket.try_clone()?;
    // What the server says goes nowhere, but it has to be read.
    let listening = std::thread::spawn(move || io::copy(&mut answers, &mut io::sink()));
    let watch = Stopwatch::start();
    let messages = dialogue::messages(said);
    let timed = |packet: &&dialogue::Message| packet.time > 0 && matches!(packet.kind, 8 | 9);
    let first = messages.iter().filter(timed).map(|message| message.time).min().unwrap_or(0);
    let mut at = 0;
    for message in &messages {
        let due = message.time.saturating_sub(first);
        if timed(&message) {
            watch.sleep_until(Duration::from_millis(due.into()));
        }
        (&socket).write_all(&said[at..message.end])?;
        at = message.end;
    }
    (&socket).write_all(&said[at..])?;
    socket.shutdown(std::net::Shutdown::Write)?;
    // It may end the connection by a reset.
    let _ = listening.join();
    Ok(())
}

fn contains(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
