//! Findings in words for a person: what is wrong, and what to set. The names of settings are those of OBS.

use super::{Finding, FindingKind, Severity};

impl Finding {
    /// What is wrong and what can be done.
    pub fn sentence(&self) -> String {
        let takes = |what: &str| match self.platform {
            Some(platform) => format!("{platform} {what}s"),
            None => format!("most platforms {what}"),
        };
        // A platform's own word is told as that, and what others say of it as hearsay.
        let takes_at_most = match self.platform {
            Some(platform) if self.severity == Severity::Bad => format!("{platform} takes at most"),
            Some(platform) => format!("{platform} is said to take at most"),
            None => "most platforms take at most".to_owned(),
        };
        let wants_at_most = match self.severity {
            Severity::Bad => format!("{} at most", takes("want")),
            Severity::Warning => takes_at_most.clone(),
        };
        let refuses = match self.platform {
            Some(platform) if self.severity == Severity::Bad => format!("{platform} does not take"),
            Some(platform) => format!("{platform} is said not to take"),
            None => "this target does not take".to_owned(),
        };
        let found = self.found.unwrap_or("something else");
        // Two suit all but those who want less.
        let set_key_frames = format!(
            "In OBS: Settings, Output, Keyframe Interval {}.",
            seconds(self.limit.unwrap_or(USUAL_GAP_S).min(USUAL_GAP_S))
        );
        let measured = self.measured.unwrap_or_default();
        let limit = self.limit.unwrap_or_default();
        match self.kind {
            FindingKind::NoVideoStream => {
                format!("No picture comes from the encoder, and {} one. {CHECK_SCENE}", takes("want"))
            }
            FindingKind::VideoIngestionStarved => format!(
                "Sound comes, but there was no new picture for {}. Check whether the encoder is overloaded.",
                seconds(measured)
            ),
            FindingKind::NoAudioStream if self.measured.is_some() => {
                format!("The sound stopped {} ago, while pictures go on. {CHECK_SOUND}", seconds(measured))
            }
            FindingKind::NoAudioStream => format!(
                "No sound comes from the encoder; many platforms and players need a track, even a silent one. \
                 {CHECK_SOUND}"
            ),
            FindingKind::AudioSilent => format!(
                "There is a track of sound, but it has been completely silent for {}. Check in the audio mixer that \
                 nothing is muted and that the right device is chosen.",
                seconds(measured)
            ),
            FindingKind::VideoCodec => format!(
                "The picture is coded as {found}, which {refuses}. Choose another video encoder, most likely H.264."
            ),
            FindingKind::VideoProfile => format!(
                "The picture's profile is {found}, which browsers and phones do not play. In OBS: Settings, Advanced, \
                 Color Format NV12; and profile high or main."
            ),
            FindingKind::AudioCodec => {
                format!(
                    "The sound is coded as {found}, which {refuses}. Choose another audio encoder, most likely AAC."
                )
            }
            FindingKind::BitrateHigh => format!(
                "The video bitrate is {}, and {} {}. In OBS: Settings, Output, Bitrate.",
                kbps(measured),
                takes_at_most,
                kbps(limit)
            ),
            FindingKind::AudioBitrateHigh => format!(
                "The audio bitrate is {}, and {} {}. In OBS: Settings, Output, Audio Bitrate.",
                kbps(measured),
                takes_at_most,
                kbps(limit)
            ),
            FindingKind::GopSizeOver => format!(
                "Key frames are {} apart, and {} {}. {set_key_frames}",
                seconds(measured),
                wants_at_most,
                seconds(limit)
            ),
            FindingKind::GopSizeLong => format!(
                "Key frames are {} apart, and {} {}. {set_key_frames}",
                seconds(measured),
                takes("want"),
                seconds(limit)
            ),
            FindingKind::GopSizeUneven => format!(
                "Key frames come at uneven times, and {} them at even ones. {set_key_frames} With x264, add \
                 scenecut=0 to the options.",
                takes("want")
            ),
            FindingKind::BFrames => format!(
                "The encoder sends B-frames, and {} none. Set Max B-frames to 0 (with x264, add bframes=0 to the \
                 options).",
                takes("want")
            ),
            FindingKind::FrameRateHigh => format!(
                "There are {} pictures a second, and {} {}. In OBS: Settings, Video, FPS.",
                number(measured),
                takes_at_most,
                number(limit)
            ),
            FindingKind::VideoResolutionUnsupported => format!(
                "The picture is {}p, and {} {}p. In OBS: Settings, Video, Output (Scaled) Resolution.",
                number(measured),
                takes_at_most,
                number(limit)
            ),
            FindingKind::VideoResolutionSuboptimal => format!(
                "The picture is wider than high, and {} it upright (9:16). In OBS: Settings, Video, Base (Canvas) \
                 Resolution 1080x1920.",
                takes("show")
            ),
            FindingKind::InterlacedVideo => format!(
                "The picture may be interlaced, and {} whole pictures. Switch deinterlacing on for the source, or off \
                 interlaced coding in the encoder.",
                takes("want")
            ),
            FindingKind::AudioSampleRate => format!(
                "The sound has {} Hz, and {} 44100 or 48000. In OBS: Settings, Audio, Sample Rate.",
                number(measured),
                takes("want")
            ),
        }
    }

    /// That it is right again.
    pub fn sentence_when_over(kind: FindingKind) -> &'static str {
        match kind {
            FindingKind::NoVideoStream | FindingKind::VideoIngestionStarved => "Pictures come again.",
            FindingKind::NoAudioStream => "Sound comes again.",
            FindingKind::AudioSilent => "The sound is silent no longer.",
            FindingKind::VideoCodec | FindingKind::VideoProfile => "The picture is coded as it should be.",
            FindingKind::AudioCodec => "The sound is coded as it should be.",
            FindingKind::BitrateHigh => "The video bitrate is within the limit again.",
            FindingKind::AudioBitrateHigh => "The audio bitrate is within the limit again.",
            FindingKind::GopSizeOver | FindingKind::GopSizeLong => "Key frames come often enough again.",
            FindingKind::GopSizeUneven => "Key frames come at even times again.",
            FindingKind::BFrames => "There are no B-frames any more.",
            FindingKind::FrameRateHigh => "The frame rate is within the limit again.",
            FindingKind::VideoResolutionUnsupported => "The picture's size is within the limit again.",
            FindingKind::VideoResolutionSuboptimal => "The picture is upright.",
            FindingKind::InterlacedVideo => "The picture is interlaced no longer.",
            FindingKind::AudioSampleRate => "The sound has a usual rate again.",
        }
    }
}

/// 7934.6 is told as 7935 kbit/s.
fn kbps(value: f64) -> String {
    format!("{value:.0} kbit/s")
}

/// 4.04 is told as 4 s, 2.5 as it is.
fn seconds(value: f64) -> String {
    format!("{} s", number(value))
}

/// With a tenth where it has one.
fn number(value: f64) -> String {
    let tenths = (value * 10.0).round() / 10.0;
    if tenths.fract() == 0.0 { format!("{tenths:.0}") } else { format!("{tenths:.1}") }
}

const USUAL_GAP_S: f64 = 2.0;
const CHECK_SCENE: &str = "Check that the encoder sends video, too.";
const CHECK_SOUND: &str = "Check that an audio device is chosen in the encoder and that its track is sent.";

#[cfg(test)]
mod tests {
    use super::super::{Finding, FindingKind, Severity};

    fn finding(kind: FindingKind, platform: Option<&'static str>) -> Finding {
        let (measured, limit) = (Some(8_123.4), Some(6_000.0));
        Finding { kind, severity: Severity::Warning, measured, limit, found: Some("HEVC"), platform }
    }

    #[test]
    fn a_sentence_says_how_it_is_how_it_should_be_and_where_to_change_it() {
        assert_eq!(
            finding(FindingKind::BitrateHigh, Some("Twitch")).sentence(),
            "The video bitrate is 8123 kbit/s, and Twitch is said to take at most 6000 kbit/s. In OBS: \
             Settings, Output, Bitrate."
        );
        let gap =
            Finding { measured: Some(10.04), limit: Some(2.5), ..finding(FindingKind::GopSizeLong, None) };
        assert_eq!(
            gap.sentence(),
            "Key frames are 10 s apart, and most platforms want 2.5 s. In OBS: Settings, Output, Keyframe Interval \
             2 s."
        );
    }

    #[test]
    fn whose_word_a_limit_is_can_be_told() {
        let own = Finding { severity: Severity::Bad, ..finding(FindingKind::BitrateHigh, Some("Rumble")) };
        assert!(own.sentence().contains("and Rumble takes at most 6000 kbit/s."), "{}", own.sentence());
        for kind in [
            FindingKind::BitrateHigh,
            FindingKind::AudioBitrateHigh,
            FindingKind::FrameRateHigh,
            FindingKind::VideoResolutionUnsupported,
            FindingKind::GopSizeOver,
        ] {
            let text = finding(kind, Some("Kick")).sentence();
            assert!(text.contains("and Kick is said to take at most 6000"), "{text}");
        }
    }

    #[test]
    fn every_kind_has_whole_sentences() {
        for kind in FindingKind::ALL {
            for platform in [Some("Twitch"), None] {
                let text = finding(*kind, platform).sentence();
                assert!(text.ends_with('.') && !text.contains("  ") && text.len() < 260, "{text}");
            }
            assert!(Finding::sentence_when_over(*kind).ends_with('.'));
        }
    }
}
