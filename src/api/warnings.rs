//! What a target's platform would mind in what the encoder sends, as it is told.

use serde::Serialize;
use utoipa::ToSchema;

use super::seconds::Seconds;
use super::words::{self, Word};
use crate::relay::status::WarningShown;

/// Something that a target's platform would mind in what the encoder sends.
#[derive(Serialize, ToSchema)]
#[schema(as = Warning)]
pub(super) struct WarningBody {
    /// What is minded; by the name that YouTube has for it, where it has one.
    kind: words::FindingKind,
    severity: words::Severity,
    /// How it is, where that is a number.
    measured: Option<f64>,
    /// How it should be at most.
    limit: Option<f64>,
    /// What those are counted in.
    unit: Option<words::Unit>,
    /// How it is, where that is a name, as of a codec.
    found: Option<&'static str>,
    /// Who minds it; null for nobody in particular.
    platform: Option<&'static str>,
    /// How long it has been so.
    for_seconds: Seconds,
    /// What is wrong and what can be done, in words.
    reason: String,
}

impl WarningBody {
    /// All that are told of a target.
    pub(super) fn all(warnings: &[WarningShown]) -> Vec<Self> {
        warnings.iter().map(Self::from).collect()
    }
}

impl From<&WarningShown> for WarningBody {
    fn from(WarningShown { finding, lasts_for }: &WarningShown) -> Self {
        let rounded = |value: f64| (value * 10.0).round() / 10.0;
        Self {
            kind: Word(finding.kind),
            severity: Word(finding.severity),
            measured: finding.measured.map(rounded),
            limit: finding.limit.map(rounded),
            unit: finding.kind.unit().map(Word),
            found: finding.found,
            platform: finding.platform,
            for_seconds: Seconds(*lasts_for),
            reason: finding.sentence(),
        }
    }
}
