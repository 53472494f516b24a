//! Tests as they are told.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::super::seconds::Seconds;
use super::super::super::words::{self, Word};
use crate::net::Shown;
use crate::relay::probe::{ProbeReport, Stepped};

/// How a test went.
#[derive(Serialize, ToSchema)]
#[schema(as = TestReport)]
pub(super) struct ReportBody {
    /// How it ended. `accepted` is the only good end.
    outcome: words::ProbeOutcome,
    /// What kind of failure a push would have had.
    kind: Option<words::ErrorKind>,
    /// How it ended and what to do about it.
    sentence: String,
    /// The platform was told that it is a test, so that nobody sees it.
    off_air: bool,
    /// What the test does not tell, or may have done, in sentences.
    caveats: Vec<String>,
    /// In their order, up to the one at which it ended.
    steps: Vec<StepBody>,
}

/// A step of a test.
#[derive(Serialize, ToSchema)]
#[schema(as = TestStep)]
pub(super) struct StepBody {
    step: words::ProbeStep,
    /// How long it took.
    seconds: Seconds,
    /// Whether it went well.
    passed: bool,
    /// What was seen.
    words: String,
    /// The host's addresses.
    addresses: Vec<String>,
    /// The address and port that answered first.
    peer: Option<String>,
    /// The version of TLS that was agreed on.
    #[schema(example = "TLS 1.3")]
    tls_version: Option<&'static str>,
    /// What the server showed, good or not.
    certificate: Option<CertificateBody>,
}

/// What a certificate says of itself.
#[derive(Serialize, ToSchema)]
#[schema(as = ShownCertificate)]
struct CertificateBody {
    /// To whom it is made out; often empty.
    subject: String,
    /// Who signed it.
    issuer: String,
    /// The host names and addresses that it is good for, sixteen at most.
    names: Vec<String>,
    /// From when on it is good, in seconds since 1970.
    not_before: u64,
    /// Until when.
    not_after: u64,
}

/// A line of a test that is told while it goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TestLine)]
pub(super) enum LineBody {
    /// A step is over.
    Step(StepBody),
    /// All of it is over. The last line; without it, the test was broken off.
    Result(ReportBody),
}

impl From<ProbeReport> for ReportBody {
    fn from(report: ProbeReport) -> Self {
        Self {
            outcome: Word(report.outcome),
            kind: report.kind.map(Word),
            sentence: report.sentence,
            off_air: report.off_air,
            caveats: report.caveats,
            steps: report.steps.into_iter().map(StepBody::from).collect(),
        }
    }
}

impl From<Stepped> for StepBody {
    fn from(Stepped { step, took, passed, words, found }: Stepped) -> Self {
        Self {
            step: Word(step),
            seconds: Seconds(took),
            passed,
            words,
            addresses: found.addresses.iter().map(ToString::to_string).collect(),
            peer: found.peer.map(|peer| peer.to_string()),
            tls_version: found.tls_version,
            certificate: found.certificate.map(CertificateBody::from),
        }
    }
}

impl From<Shown> for CertificateBody {
    fn from(shown: Shown) -> Self {
        Self {
            subject: shown.subject,
            issuer: shown.issuer,
            names: shown.names,
            not_before: shown.starts,
            not_after: shown.ends,
        }
    }
}
