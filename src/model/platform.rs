//! The platforms people push to: where they are, and what is known of them.
//!
//! What is known stands in [`table`], as data. A platform that is not listed is reached by its address. Limits are
//! advice; only a codec that a platform does not take by its own word, or OBS Studio's, is kept from it, unless a
//! person knows better.

use super::codec::{AudioCodec, CodecName, CodecSet, VideoCodec};
use super::intake::{Intake, TagForm, Tracks};
use super::target::BackupPolicy;
use super::word::words;

mod address;
mod fetched;
mod table;

pub use address::{completed, completed_with_key};
pub use fetched::{FetchedServer, FetchedServers};

/// A place that many people push to.
#[derive(Debug)]
pub struct Platform {
    /// What programs call it; never changes.
    pub id: &'static str,
    /// What it calls itself.
    pub name: &'static str,
    /// A server is its if its name is one of these or ends with a dot and one of these.
    pub domains: &'static [&'static str],
    /// Its servers, the one for most people first.
    pub servers: &'static [Server],
    /// Where it tells everybody which servers it has now, if anywhere: JSON, as Twitch has it.
    pub list: Option<&'static str>,
    /// Where a person gets the address from.
    pub server_from: ServerFrom,
    /// Where a person sees their key, if that has an address.
    pub key_page: Option<&'static str>,
    /// How long a key is good for.
    pub key_life: KeyLife,
    /// Whether pushing is all it takes to be on air.
    pub on_air: OnAir,
    /// It wants a user name and a password besides the key.
    pub needs_login: bool,
    /// What it takes.
    pub limits: Limits,
    /// The codecs of pictures that it takes; none if that is not known.
    pub codecs: &'static [VideoCodec],
    /// The codecs of sound that it takes; none if that is not known.
    pub audio_codecs: &'static [AudioCodec],
    /// Which tracks it takes.
    pub tracks: Tracks,
    /// Who says so.
    pub sources: &'static [Source],
}

/// One of a platform's servers.
#[derive(Debug)]
pub struct Server {
    /// What programs call it; unique among its platform's.
    pub id: &'static str,
    /// Where it stands or what is special about it.
    pub name: &'static str,
    /// Its address, without a key.
    pub url: &'static str,
    /// The address that goes with it as a second one; it takes the same key.
    pub backup: Option<Standby>,
}

/// A platform's second address.
#[derive(Debug)]
pub struct Standby {
    /// Where it is.
    pub url: &'static str,
    /// What the platform means it for.
    pub policy: BackupPolicy,
}

/// What a platform takes at most, or wants; what is not known is `None`.
#[derive(Debug)]
pub struct Limits {
    /// Video, in kbit/s.
    pub video_kbps: Option<u32>,
    /// Sound, in kbit/s.
    pub audio_kbps: Option<u32>,
    /// The time from one key frame to the next that it wants, in seconds.
    pub key_frame_seconds: Option<u8>,
    /// The longest such time it takes.
    pub key_frame_max_seconds: Option<u8>,
    /// How long a broadcast may be.
    pub hours: Option<u8>,
    /// The shorter side of the picture: 720 for 720p.
    pub lines: Option<u16>,
    /// Pictures per second.
    pub frame_rate: Option<u8>,
    /// The picture stands upright, 9:16.
    pub portrait: bool,
    /// It wants no B-frames.
    pub no_b_frames: bool,
}

/// Where a platform's address comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerFrom {
    /// It is one of the listed ones.
    List,
    /// It is shown in the account and stays; a listed one is the usual.
    Account,
    /// It is another one for each broadcast.
    Broadcast,
}

words!(ServerFrom { List = "list", Account = "account", Broadcast = "broadcast" });

/// How long a key is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyLife {
    /// Until it is changed.
    Lasting,
    /// For one broadcast.
    Broadcast,
}

words!(KeyLife { Lasting = "lasting", Broadcast = "broadcast" });

/// What puts a broadcast on air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnAir {
    /// Pushing.
    ByPushing,
    /// A person, on the platform's page.
    ByHand,
    /// Either, as it is set there.
    AsSet,
}

words!(OnAir { ByPushing = "by_pushing", ByHand = "by_hand", AsSet = "as_set" });

/// Where something was read.
#[derive(Debug)]
pub struct Source {
    /// What it says.
    pub of: Fact,
    /// Its address.
    pub url: &'static str,
    /// Whose word it is.
    pub word: WordOf,
    /// When it was looked at, year and month.
    pub checked: &'static str,
}

/// Part of what is known of a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// Addresses, and where they and the key come from.
    Server,
    /// Limits and codecs.
    Limits,
}

words!(Fact { Server = "server", Limits = "limits" });

/// Whose word something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordOf {
    /// The platform's own.
    Platform,
    /// OBS Studio's: advice that platforms give its users.
    Obs,
    /// Somebody else's: it may be wrong.
    Others,
}

words!(WordOf { Platform = "platform", Obs = "obs", Others = "others" });

impl Platform {
    /// What it takes of a stream: of codecs any, where they are not known or only others speak of them. H.264 and
    /// AAC are sent in the form that every program knows.
    pub fn intake(&self) -> Intake {
        if self.domains.is_empty() {
            return Intake::EVERYTHING;
        }
        Intake {
            video_codecs: self.sure(self.codecs),
            audio_codecs: self.sure(self.audio_codecs),
            tracks: self.tracks,
            video_track: 0,
            audio_track: 0,
            tags: TagForm::Common,
        }
    }

    /// The same with the codecs that anybody says it takes: what is advice.
    pub fn said_intake(&self) -> Intake {
        let of = self.intake();
        let video_codecs = if self.codecs.is_empty() { of.video_codecs } else { CodecSet::of(self.codecs) };
        let audio_codecs =
            if self.audio_codecs.is_empty() { of.audio_codecs } else { CodecSet::of(self.audio_codecs) };
        Intake { video_codecs, audio_codecs, ..of }
    }

    /// These codecs if that is sure, or any.
    fn sure<C: CodecName>(&self, codecs: &[C]) -> CodecSet<C> {
        let is_sure = |source: &Source| source.of == Fact::Limits && source.word != WordOf::Others;
        match !codecs.is_empty() && self.sources.iter().any(is_sure) {
            true => CodecSet::of(codecs),
            false => CodecSet::ANY,
        }
    }

    /// All that are known, those first that most people want.
    pub fn all() -> &'static [Self] {
        table::PLATFORMS
    }

    /// The one that programs call so.
    pub fn called(id: &str) -> Option<&'static Self> {
        Self::all().iter().find(|platform| platform.id == id)
    }

    /// The one that a host belongs to.
    pub fn of_host(host: &str) -> Option<&'static Self> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let belongs = |domain: &&&str| {
            host.strip_suffix(**domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        let domains = table::PLATFORMS.iter().flat_map(|platform| {
            platform.domains.iter().filter(belongs).map(move |domain| (domain.len(), platform))
        });
        // Several platforms stand on one cloud's domain: the longest name tells most.
        domains.max_by_key(|(length, _)| *length).map(|(_, platform)| platform)
    }
}

#[cfg(test)]
mod tests;
