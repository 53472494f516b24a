//! Short FLV clips of what only Enhanced RTMP carries, made by a current ffmpeg when a test first asks
//! for one.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::ffmpeg;
use super::flv::{self, Packet};

/// A clip by what is in it. All last four seconds, with a key frame every second unless their name says
/// otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Modern {
    /// With B-frames.
    HevcAac,
    Av1Opus,
    Vp9Opus,
    /// With B-frames.
    AvcOpus,
    AvcFlac,
    AvcAc3,
    /// Six channels.
    AvcEac3,
    /// One picture, two sounds: AAC both.
    TwoSounds,
    /// Two pictures of different size, one sound: HEVC both, with B-frames.
    TwoPictures,
    /// H.264 and AV1, AAC and Opus.
    TwoOfEach,
    /// A key frame every two seconds.
    LongHevc,
    /// A key frame every two seconds.
    LongAv1,
}

impl Modern {
    /// All of them.
    pub(crate) const ALL: [Self; 12] = [
        Self::HevcAac,
        Self::Av1Opus,
        Self::Vp9Opus,
        Self::AvcOpus,
        Self::AvcFlac,
        Self::AvcAc3,
        Self::AvcEac3,
        Self::TwoSounds,
        Self::TwoPictures,
        Self::TwoOfEach,
        Self::LongHevc,
        Self::LongAv1,
    ];

    /// The clip's file.
    pub(crate) fn path(self) -> PathBuf {
        static MADE: Mutex<Option<HashMap<Modern, PathBuf>>> = Mutex::new(None);
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        made.get_or_insert_default().entry(self).or_insert_with(|| self.make()).clone()
    }

    /// The packets in the clip.
    pub(crate) fn packets(self) -> Vec<Packet> {
        flv::read(&self.path())
    }

    fn make(self) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clips");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{self:?}.flv"));
        let status = ffmpeg::current()
            // Encoders of AV1 talk through a channel of their own.
            .env("SVT_LOG", "1")
            .args(["-loglevel", "error", "-y"])
            .args(self.recipe().iter().flat_map(|words| words.split_whitespace()))
            .args(["-pix_fmt", "yuv420p", "-f", "flv", "-flvflags", "no_duration_filesize"])
            .arg(&file)
            .status()
            .unwrap();
        assert!(status.success(), "ffmpeg could not make {}", file.display());
        file
    }

    fn recipe(self) -> Vec<&'static str> {
        match self {
            Self::HevcAac => vec![PICTURE, SOUND, HEVC, EACH_SECOND, AAC],
            Self::Av1Opus => vec![PICTURE, SOUND, AV1, EACH_SECOND, OPUS],
            Self::Vp9Opus => vec![PICTURE, SOUND, VP9, EACH_SECOND, OPUS],
            Self::AvcOpus => vec![PICTURE, SOUND, AVC, EACH_SECOND, OPUS],
            Self::AvcFlac => vec![PICTURE, SOUND, AVC, EACH_SECOND, "-c:a flac -ac 2"],
            Self::AvcAc3 => vec![PICTURE, SOUND, AVC, EACH_SECOND, "-c:a ac3 -ac 2"],
            Self::AvcEac3 => vec![PICTURE, SOUND, AVC, EACH_SECOND, "-c:a eac3 -ac 6"],
            Self::TwoSounds => {
                vec![PICTURE, SOUND, OTHER_SOUND, "-map 0 -map 1 -map 2", AVC, EACH_SECOND, AAC]
            }
            Self::TwoPictures => {
                vec![PICTURE, OTHER_PICTURE, SOUND, "-map 0 -map 1 -map 2", HEVC, EACH_SECOND, AAC]
            }
            Self::TwoOfEach => vec![
                PICTURE,
                OTHER_PICTURE,
                SOUND,
                OTHER_SOUND,
                "-map 0 -map 1 -map 2 -map 3 -b:v 150k -b:a 64k -ac 2",
                "-c:v:0 libx264 -preset:v:0 veryfast -c:v:1 libsvtav1 -preset:v:1 12 -bf 0",
                "-c:a:0 aac -c:a:1 libopus",
                EACH_SECOND,
            ],
            Self::LongHevc => vec![PICTURE, SOUND, HEVC, EACH_OTHER_SECOND, AAC],
            Self::LongAv1 => vec![PICTURE, SOUND, AV1, EACH_OTHER_SECOND, AAC],
        }
    }
}

const PICTURE: &str = "-f lavfi -i testsrc2=size=160x90:rate=25:duration=4";
const OTHER_PICTURE: &str = "-f lavfi -i testsrc2=size=128x72:rate=25:duration=4";
const SOUND: &str = "-f lavfi -i anoisesrc=color=pink:seed=7:sample_rate=48000:duration=4";
const OTHER_SOUND: &str = "-f lavfi -i anoisesrc=color=white:seed=9:sample_rate=48000:duration=4";
const AVC: &str = "-c:v libx264 -preset veryfast -sc_threshold 0 -b:v 150k";
const HEVC: &str =
    "-c:v libx265 -preset ultrafast -b:v 150k -x265-params log-level=error:scenecut=0:bframes=2";
const AV1: &str = "-c:v libsvtav1 -preset 12 -b:v 150k";
const VP9: &str = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 150k";
const AAC: &str = "-c:a aac -b:a 64k -ac 2";
const OPUS: &str = "-c:a libopus -b:a 64k -ac 2";
const EACH_SECOND: &str = "-g 25 -keyint_min 25";
const EACH_OTHER_SECOND: &str = "-g 50 -keyint_min 50";
