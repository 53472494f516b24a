//! Closed choices as the API tells them.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::model::{self, Choice};
use crate::relay::{probe, status};

/// One of a closed choice: its word in answers, all its words in the description of the API.
pub(super) struct Word<T>(pub(super) T);

// Named one by one, since the description cannot be derived for a field of a generic type.
pub(super) type ActorKind = Word<model::ActorKind>;
pub(super) type AudioCodec = Word<model::AudioCodec>;
pub(super) type BackupPolicy = Word<model::BackupPolicy>;
pub(super) type Edit = Word<model::Edit>;
pub(super) type EndpointRole = Word<model::EndpointRole>;
pub(super) type ErrorKind = Word<model::ErrorKind>;
pub(super) type Fact = Word<model::Fact>;
pub(super) type FindingKind = Word<model::FindingKind>;
pub(super) type HistoryOf = Word<model::HistoryOf>;
pub(super) type KeyLife = Word<model::KeyLife>;
pub(super) type OnAir = Word<model::OnAir>;
pub(super) type OnUnpublish = Word<model::OnUnpublish>;
pub(super) type Outcome = Word<model::Outcome>;
pub(super) type ProbeOutcome = Word<probe::ProbeOutcome>;
pub(super) type ProbeStep = Word<probe::ProbeStep>;
pub(super) type Role = Word<model::Role>;
pub(super) type Scope = Word<model::Scope>;
pub(super) type ServerFrom = Word<model::ServerFrom>;
pub(super) type Severity = Word<model::Severity>;
pub(super) type SourceState = Word<status::SourceState>;
pub(super) type StartMode = Word<model::StartMode>;
pub(super) type Step = Word<model::Step>;
pub(super) type SubjectKind = Word<model::SubjectKind>;
pub(super) type TagForm = Word<model::TagForm>;
pub(super) type Takeover = Word<model::Takeover>;
pub(super) type TargetState = Word<model::TargetState>;
pub(super) type Tracks = Word<model::Tracks>;
pub(super) type Unit = Word<model::Unit>;
pub(super) type VideoCodec = Word<model::VideoCodec>;
pub(super) type WebhookFormat = Word<model::WebhookFormat>;
pub(super) type WebhookKind = Word<model::WebhookKind>;
pub(super) type WordOf = Word<model::WordOf>;

/// A word of either choice, since streams and targets share a history.
pub(super) struct HappeningState(pub(super) &'static str);

impl<T: Choice> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

impl<T: Choice> PartialSchema for Word<T> {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(T::WORDS.iter().copied())).into()
    }
}

impl<T: Choice> ToSchema for Word<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}

impl Serialize for HappeningState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl PartialSchema for HappeningState {
    fn schema() -> RefOr<Schema> {
        let mut words =
            [model::StreamChange::WORDS, model::TargetState::WORDS, model::WarningChange::WORDS].concat();
        words.sort_unstable();
        words.dedup();
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
    }
}

impl ToSchema for HappeningState {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("HappeningState")
    }
}
