//! A relay between a current ffmpeg and targets, with a tap on either side: what was sent and what
//! arrived are compared as the bytes that were on the wire.

use std::path::Path;

use serde_json::json;

use crate::compare::{Comparison, Match};
use crate::ffmpeg;
use crate::flv::{Kind, Packet};
use crate::lab::manner::Manner;
use crate::lab::sink::Sink;
use crate::modern::Modern;
use crate::patience;
use crate::port;
use crate::program::Running;
use crate::relay_process::Relay;
use crate::rest::Api;
use crate::tap::Tap;

/// A relay with one stream, published to through a tap.
pub(crate) struct Stage {
    pub(crate) relay: Relay,
    pub(crate) api: Api,
    pub(crate) stream: i64,
    pub(crate) ingest: Tap,
}

/// A target that takes all it is given, behind a tap.
pub(crate) struct Watched {
    pub(crate) id: i64,
    pub(crate) sink: Sink,
    pub(crate) tap: Tap,
}

/// A target that is a current ffmpeg, which writes what it understands to a file.
pub(crate) struct Listening {
    id: i64,
    name: &'static str,
    port: u16,
    listener: Running,
    folder: tempfile::TempDir,
}

impl Stage {
    /// A relay whose stream has the key `key`.
    pub(crate) fn set(key: &str) -> Self {
        let relay = Relay::start();
        let api = relay.api();
        let stream = api.create_stream("Enhanced", key);
        let ingest = Tap::to(relay.rtmp_port());
        Self { relay, api, stream, ingest }
    }

    /// Publishes `clip` by a current ffmpeg with more of its options.
    pub(crate) fn publish(&self, clip: Modern, options: &[&str]) -> Running {
        let url = format!("rtmp://127.0.0.1:{}/live/source", self.ingest.port());
        ffmpeg::publish_file(ffmpeg::current(), &clip.path(), options, &url, self.relay.folder())
    }

    /// Adds a target that takes all.
    pub(crate) fn watched(&self, name: &str) -> Watched {
        let sink = Sink::start(Manner::Healthy);
        let tap = Tap::to(sink.port());
        let id =
            self.api.add_target(self.stream, name, &format!("rtmp://127.0.0.1:{}/live", tap.port()), name);
        Watched { id, sink, tap }
    }

    /// Adds a target that is ffmpeg.
    pub(crate) fn listening(&self, name: &'static str) -> Listening {
        let (port, folder) = (port::free(), tempfile::tempdir().unwrap());
        let listener = ffmpeg::listen_by(ffmpeg::current(), port, &folder.path().join("received.flv"));
        let id = self.api.add_target(self.stream, name, &format!("rtmp://127.0.0.1:{port}/live"), "any");
        Listening { id, name, port, listener, folder }
    }

    /// What the publisher `number` has sent, which has ended or is about to.
    pub(crate) fn sent(&self, number: usize) -> Vec<Packet> {
        patience::wait_until("the encoder to hang up", || self.ingest.is_over(number));
        self.ingest.packets(number)
    }
}

impl Watched {
    /// What its first connection brought.
    pub(crate) fn received(&self) -> Vec<Packet> {
        self.tap.packets(0)
    }

    /// Waits for the last of what was sent and stops the target, for a publisher that does not say that
    /// it ends; then as [`Watched::finish`].
    pub(crate) fn stop(&self, api: &Api, expected: &Comparison<'_>) -> Match {
        // When it never arrives, the comparison says what is wrong with what did.
        patience::poll(patience::LIMIT, || expected.check(&self.received()).ok());
        api.patch_target(self.id, &json!({ "enabled": false }));
        self.finish(expected)
    }

    /// Waits until its only connection is over, and compares what it brought.
    pub(crate) fn finish(&self, expected: &Comparison<'_>) -> Match {
        patience::wait_until("the stream to end", || {
            self.sink.visits().first().is_some_and(|visit| visit.is_over)
        });
        assert_eq!(self.tap.callers(), 1, "it was connected to more than once");
        self.assert_plain();
        expected.check(&self.received()).unwrap_or_else(|difference| panic!("{difference}"))
    }

    /// Fails if something was said to it that is allowed and that servers stumble over: a message of a
    /// type that is none of the usual ones, a channel of a high number, a header that leaves out the
    /// time, which they understand differently after a full one, or another message stream than 1.
    fn assert_plain(&self) {
        for message in self.tap.messages(0) {
            assert!(matches!(message.kind, 1 | 3..=6 | 8 | 9 | 18 | 20), "{message:?}");
            assert!((2..=8).contains(&message.channel), "{message:?}");
            assert!(message.form < 2, "{message:?}");
            assert!(message.stream <= 1, "{message:?}");
        }
    }

    /// The metadata it was given, in their order.
    pub(crate) fn metadata(&self) -> Vec<Packet> {
        self.received().into_iter().filter(|packet| packet.kind == Kind::Data).collect()
    }
}

impl Listening {
    /// Waits until the listener has ended with its stream; what it understood has to be all of `clip`.
    pub(crate) fn finish(mut self, api: &Api, clip: Modern) {
        patience::wait_until("ffmpeg to be sent all", || api.target(self.id)["state"] != "live");
        api.patch_target(self.id, &json!({ "enabled": false }));
        self.listener.wait();
        let file = self.folder.path().join("received.flv");
        let decoder = tempfile::tempdir().unwrap();
        let complaints = ffmpeg::complaints_by(ffmpeg::current(), &file, decoder.path());
        assert_eq!(complaints, "", "{} at {}", self.name, self.port);
        let (sent, received) = (streams(&clip.path()), streams(&file));
        assert_eq!(received.len(), sent.len(), "tracks");
        for (sent, received) in sent.iter().zip(&received) {
            assert_eq!((&received.kind, &received.codec), (&sent.kind, &sent.codec));
            // Of the sound, what comes before the first key frame is left out.
            let lacking = sent.packets.len().checked_sub(received.packets.len());
            let lacking = lacking.unwrap_or_else(|| panic!("there is more of the {}", sent.codec));
            assert!(lacking <= if sent.kind == "audio" { 8 } else { 0 }, "{lacking} of {}", sent.codec);
            assert!(sent.packets[lacking..] == received.packets, "another {}", sent.codec);
        }
    }
}

/// One stream of a file, as ffmpeg reads it.
#[derive(Default)]
struct Stream {
    /// Audio or video.
    kind: String,
    codec: String,
    /// The hashes of its packets.
    packets: Vec<String>,
}

/// What a current ffmpeg finds in `file`.
fn streams(file: &Path) -> Vec<Stream> {
    let output = ffmpeg::current()
        .args(["-loglevel", "error", "-i"])
        .arg(file)
        // Its data messages are subtitles to ffmpeg.
        .args(["-map", "0:v", "-map", "0:a", "-c", "copy", "-f", "framemd5", "-"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut streams: Vec<Stream> = Vec::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        match line.strip_prefix('#') {
            Some(told) => match told.split_once(": ").map(|(what, value)| (what.split_once(' '), value)) {
                Some((Some(("media_type", _)), kind)) => {
                    streams.push(Stream { kind: kind.to_owned(), ..Stream::default() });
                }
                Some((Some(("codec_id", number)), codec)) => {
                    codec.clone_into(&mut streams[number.parse::<usize>().unwrap()].codec);
                }
                _ => {}
            },
            None => {
                let columns: Vec<&str> = line.split(',').map(str::trim).collect();
                let hash = columns[columns.len() - 1].to_owned();
                streams[columns[0].parse::<usize>().unwrap()].packets.push(hash);
            }
        }
    }
    streams
}
