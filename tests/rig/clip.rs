//! Short FLV clips to publish, made by ffmpeg when a test first asks for one.
//!
//! The picture is small and the sound is noise of a fixed seed: cheap to make, and no two packets are
//! alike, so a comparison can tell where a packet belongs.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::ffmpeg;
use super::flv::{self, Packet};

/// A clip by what is in it. All last five to six seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Clip {
    /// H.264 and AAC, a key frame every second.
    Plain,
    /// The same with B-frames, so that composition times differ from decoding times.
    BFrames,
    AudioOnly,
    VideoOnly,
    Mp3,
    /// A key frame every three seconds.
    LongGop,
    /// In the middle both codec headers change, as when an encoder switches its picture size.
    HeaderChange,
}

impl Clip {
    /// The clip's file.
    pub(crate) fn path(self) -> PathBuf {
        static MADE: Mutex<Option<HashMap<Clip, PathBuf>>> = Mutex::new(None);
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        let made = made.get_or_insert_default();
        made.entry(self).or_insert_with(|| self.make()).clone()
    }

    /// The packets in the clip.
    pub(crate) fn packets(self) -> Vec<Packet> {
        flv::read(&self.path())
    }

    fn make(self) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clips");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{self:?}.flv"));
        match self {
            Self::Plain => encode(&file, &[&picture("320x180", 30, 5), &sound(44_100, 5), &h264(30, 0), AAC]),
            Self::BFrames => {
                encode(&file, &[&picture("320x180", 30, 5), &sound(44_100, 5), &h264(30, 3), AAC])
            }
            Self::AudioOnly => encode(&file, &[&sound(44_100, 5), AAC]),
            Self::VideoOnly => encode(&file, &[&picture("320x180", 30, 5), &h264(30, 0)]),
            Self::Mp3 => encode(&file, &[&picture("320x180", 30, 5), &sound(44_100, 5), &h264(30, 0), MP3]),
            Self::LongGop => {
                encode(&file, &[&picture("320x180", 30, 6), &sound(44_100, 6), &h264(90, 0), AAC])
            }
            Self::HeaderChange => join(&file, &folder.join("Second half.flv")),
        }
        file
    }
}

/// Runs ffmpeg with `options`, each a few words, to write `file`.
fn encode(file: &Path, options: &[&str]) {
    let words = options.iter().flat_map(|words| words.split_whitespace());
    let status = ffmpeg::command()
        .args(["-loglevel", "error", "-y"])
        .args(words)
        .args(["-f", "flv", "-flvflags", "no_duration_filesize"])
        .arg(file)
        .status()
        .unwrap();
    assert!(status.success(), "ffmpeg could not make {}", file.display());
}

/// Writes the first half of the plain clip and then, its times going on, one of another picture size,
/// picture rate and sample rate, whose file is `second`.
fn join(file: &Path, second: &Path) {
    const HALF_MS: u32 = 3000;
    let first = file.with_file_name("First half.flv");
    encode(&first, &[&picture("320x180", 30, 3), &sound(44_100, 3), &h264(30, 0), AAC]);
    encode(second, &[&picture("256x144", 25, 3), &sound(48_000, 3), &h264(25, 0), AAC]);
    let mut packets: Vec<Packet> = flv::read(&first);
    packets.retain(|packet| packet.time < HALF_MS && !packet.is_end_mark());
    packets.extend(
        flv::read(second)
            .into_iter()
            .filter(|packet| packet.kind != flv::Kind::Data)
            .map(|packet| Packet { time: packet.time + HALF_MS, ..packet }),
    );
    fs::write(file, flv::build(&packets)).unwrap();
}

fn picture(size: &str, rate: u32, seconds: u32) -> String {
    format!("-f lavfi -i testsrc2=size={size}:rate={rate}:duration={seconds}")
}

fn sound(rate: u32, seconds: u32) -> String {
    format!("-f lavfi -i anoisesrc=color=pink:seed=7:sample_rate={rate}:duration={seconds}")
}

fn h264(key_frame_every: u32, b_frames: u32) -> String {
    format!(
        "-c:v libx264 -preset veryfast -pix_fmt yuv420p -b:v 300k -sc_threshold 0 \
         -g {key_frame_every} -keyint_min {key_frame_every} -bf {b_frames}"
    )
}

const AAC: &str = "-c:a aac -b:a 64k -ac 2";
const MP3: &str = "-c:a libmp3lame -b:a 64k -ac 2";
