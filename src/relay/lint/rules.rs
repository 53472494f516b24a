//! The rules, one after another.
//!
//! Limits are what platforms recommend, and what is measured wavers: each rule leaves some room.

use super::facts::{Presence, SourceFacts};
use crate::model::{CodecName, Fact, Finding, FindingKind, Intake, Platform, Severity, Takes, WordOf};
use crate::relay::offer::{Offer, Untaken};

/// What a target takes: what is known of its platform, and what was said of it.
#[derive(Debug, Clone, Copy)]
pub struct Judge {
    platform: Option<&'static Platform>,
    intake: Intake,
    /// The same by what anybody says of the platform.
    said: Intake,
}

impl Judge {
    /// That of a target on `host`, of which `takes` was said.
    pub fn at(host: &str, takes: &Takes) -> Self {
        let (intake, said) = (Intake::at(host, takes), Intake::said_at(host, takes));
        Self { platform: Platform::of_host(host), intake, said }
    }
}

/// What would be minded of what the target is sent; of a server of which nothing is known, what nobody should send.
pub fn lint(facts: &SourceFacts, offer: &Offer, judge: &Judge) -> Vec<Finding> {
    let facts = facts.as_sent(&judge.intake);
    let case = Case { facts, offer, platform: judge.platform, intake: &judge.intake, said: &judge.said };
    RULES.iter().filter_map(|rule| rule(&case)).collect()
}

/// What a rule looks at.
struct Case<'a> {
    /// Of what the target is sent.
    facts: SourceFacts,
    offer: &'a Offer,
    platform: Option<&'static Platform>,
    intake: &'a Intake,
    said: &'a Intake,
}

type Rule = fn(&Case<'_>) -> Option<Finding>;

const RULES: [Rule; 16] = [
    no_video,
    video_stopped,
    no_audio,
    audio_silent,
    video_codec,
    video_profile,
    audio_codec,
    bitrate,
    audio_bitrate,
    key_frame_gap,
    key_frames_uneven,
    b_frames,
    frame_rate,
    resolution,
    interlaced_video,
    audio_sample_rate,
];

impl Case<'_> {
    fn finding(&self, kind: FindingKind, severity: Severity) -> Finding {
        let platform = self.platform.map(|platform| platform.name);
        Finding { kind, severity, measured: None, limit: None, found: None, platform }
    }

    /// A value beyond a limit that the platform itself or somebody else tells.
    fn beyond(&self, kind: FindingKind, measured: f64, limit: f64) -> Finding {
        let severity = self.platform.map_or(Severity::Warning, word);
        Finding { measured: Some(measured), limit: Some(limit), ..self.finding(kind, severity) }
    }
}

/// How much a platform's limits count: which one is whose word is not known where there are several.
fn word(platform: &Platform) -> Severity {
    let limits = platform.sources.iter().filter(|source| source.of == Fact::Limits);
    let mut are_own = limits.map(|source| source.word == WordOf::Platform);
    let is_own = are_own.next() == Some(true) && are_own.all(|is_own| is_own);
    if is_own { Severity::Bad } else { Severity::Warning }
}

fn no_video(case: &Case<'_>) -> Option<Finding> {
    // To a server of one's own, sound alone may be all that is wanted.
    case.platform?;
    (case.facts.video == Presence::Never).then(|| case.finding(FindingKind::NoVideoStream, Severity::Warning))
}

fn video_stopped(case: &Case<'_>) -> Option<Finding> {
    let Presence::Stopped(time) = case.facts.video else {
        return None;
    };
    let finding = case.finding(FindingKind::VideoIngestionStarved, Severity::Bad);
    Some(Finding { measured: Some(time.as_secs_f64()), ..finding })
}

fn no_audio(case: &Case<'_>) -> Option<Finding> {
    let measured = match case.facts.audio {
        Presence::Never => None,
        Presence::Stopped(time) => Some(time.as_secs_f64()),
        Presence::Here | Presence::Unknown => return None,
    };
    Some(Finding { measured, ..case.finding(FindingKind::NoAudioStream, Severity::Warning) })
}

fn audio_silent(case: &Case<'_>) -> Option<Finding> {
    let time = case.facts.silent_for.filter(|time| time.as_secs() >= SILENT_S)?;
    let finding = case.finding(FindingKind::AudioSilent, Severity::Warning);
    Some(Finding { measured: Some(time.as_secs_f64()), ..finding })
}

fn video_codec(case: &Case<'_>) -> Option<Finding> {
    let minded = |intake, severity| match case.offer.video_suits(intake) {
        Err(Untaken::Video { codec, .. }) => {
            let found = Some(codec.map_or(UNKNOWN, CodecName::title));
            Some(Finding { found, ..case.finding(FindingKind::VideoCodec, severity) })
        }
        _ => None,
    };
    minded(case.intake, Severity::Bad).or_else(|| minded(case.said, Severity::Warning))
}

fn audio_codec(case: &Case<'_>) -> Option<Finding> {
    let minded = |intake, severity| match case.offer.audio_suits(intake) {
        Err(Untaken::Audio { codec, .. }) => {
            let found = Some(codec.map_or(UNKNOWN, CodecName::title));
            Some(Finding { found, ..case.finding(FindingKind::AudioCodec, severity) })
        }
        _ => None,
    };
    minded(case.intake, Severity::Bad).or_else(|| minded(case.said, Severity::Warning))
}

/// More bits or more colour than players can show.
fn video_profile(case: &Case<'_>) -> Option<Finding> {
    case.platform?;
    let picture = case.facts.picture;
    let is_deep = case.facts.video_codec == Some("avc") && picture.bit_depth.is_some_and(|depth| depth > 8);
    let is_colourful = matches!(picture.chroma, Some("4:2:2" | "4:4:4"));
    let found = picture.profile.or(picture.chroma);
    (is_deep || is_colourful)
        .then(|| Finding { found, ..case.finding(FindingKind::VideoProfile, Severity::Warning) })
}

fn bitrate(case: &Case<'_>) -> Option<Finding> {
    let (limit, measured) = (case.platform?.limits.video_kbps?, case.facts.video_bits_per_second? / 1_000.0);
    let limit = f64::from(limit);
    (measured > limit * 1.05).then(|| case.beyond(FindingKind::BitrateHigh, measured, limit))
}

fn audio_bitrate(case: &Case<'_>) -> Option<Finding> {
    let (limit, measured) = (case.platform?.limits.audio_kbps?, case.facts.audio_bits_per_second? / 1_000.0);
    let limit = f64::from(limit);
    (measured > limit * 1.1).then(|| case.beyond(FindingKind::AudioBitrateHigh, measured, limit))
}

fn key_frame_gap(case: &Case<'_>) -> Option<Finding> {
    let gap = case.facts.key_frames?.gap.as_secs_f64();
    let limits = case.platform.map(|platform| &platform.limits);
    let most = limits.and_then(|limits| limits.key_frame_max_seconds).map(f64::from);
    let wanted = limits.and_then(|limits| limits.key_frame_seconds).map(f64::from);
    let usual = wanted.unwrap_or(USUAL_GAP_S);
    if gap > NOBODYS_GAP_S {
        let finding = case.beyond(FindingKind::GopSizeOver, gap, most.unwrap_or(usual));
        return Some(Finding { severity: Severity::Bad, ..finding });
    }
    if let Some(most) = most {
        return (gap > most + 0.3).then(|| case.beyond(FindingKind::GopSizeOver, gap, most));
    }
    let room = if wanted.is_some() { usual * 1.5 + 0.1 } else { usual + 1.0 };
    (gap > room)
        .then(|| Finding { severity: Severity::Warning, ..case.beyond(FindingKind::GopSizeLong, gap, usual) })
}

fn key_frames_uneven(case: &Case<'_>) -> Option<Finding> {
    let limit = Some(f64::from(case.platform?.limits.key_frame_seconds?));
    let is_uneven = case.facts.key_frames?.are_uneven;
    is_uneven.then(|| Finding { limit, ..case.finding(FindingKind::GopSizeUneven, Severity::Warning) })
}

fn b_frames(case: &Case<'_>) -> Option<Finding> {
    let platform = case.platform?;
    let is_minded = platform.limits.no_b_frames && case.facts.has_b_frames == Some(true);
    is_minded.then(|| case.finding(FindingKind::BFrames, word(platform)))
}

fn frame_rate(case: &Case<'_>) -> Option<Finding> {
    let (limit, measured) = (case.platform?.limits.frame_rate?, case.facts.frame_rate?);
    let limit = f64::from(limit);
    (measured > limit * 1.05).then(|| case.beyond(FindingKind::FrameRateHigh, measured, limit))
}

fn resolution(case: &Case<'_>) -> Option<Finding> {
    let (limits, (width, height)) = (&case.platform?.limits, case.facts.size?);
    let (lines, limit) = (f64::from(width.min(height)), limits.lines.map(f64::from));
    if let Some(limit) = limit.filter(|limit| lines > *limit) {
        return Some(case.beyond(FindingKind::VideoResolutionUnsupported, lines, limit));
    }
    (limits.portrait && width > height)
        .then(|| case.finding(FindingKind::VideoResolutionSuboptimal, Severity::Warning))
}

/// What every platform minds and none has a number for.
fn interlaced_video(case: &Case<'_>) -> Option<Finding> {
    case.platform?;
    let is_minded = case.facts.picture.is_interlaced == Some(true);
    is_minded.then(|| case.finding(FindingKind::InterlacedVideo, Severity::Warning))
}

/// As is this.
fn audio_sample_rate(case: &Case<'_>) -> Option<Finding> {
    case.platform?;
    let rate = case.facts.sound.sample_rate.filter(|rate| !matches!(rate, 44_100 | 48_000))?;
    let finding = case.finding(FindingKind::AudioSampleRate, Severity::Warning);
    Some(Finding { measured: Some(f64::from(rate)), limit: Some(48_000.0), ..finding })
}

/// What stands for a codec that has no name here.
const UNKNOWN: &str = "something unusual";

/// A distance of key frames that most platforms take.
const USUAL_GAP_S: f64 = 4.0;
/// One that is too long for anybody: who begins to watch, and who lost something, waits for a key frame.
const NOBODYS_GAP_S: f64 = 9.0;
/// A pause may be silent for a while.
const SILENT_S: u64 = 10;

#[cfg(test)]
mod tests;
