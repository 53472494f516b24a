//! What is known of those who ask, of those who are told, and of what both rest on.

use std::fmt;

use super::family::{Family, Labels, Writer};
use crate::control::{Control, Delivered, Wrong};

/// How it stands now.
#[derive(Debug)]
pub(super) struct Service {
    wrong: Vec<(Wrong, u64)>,
    deliveries: Vec<(Delivered, u64)>,
    database_up: bool,
    certificate_until: Option<u64>,
}

impl Service {
    pub(super) fn of(control: &Control) -> Self {
        Self {
            wrong: control.tallies().wrong().collect(),
            deliveries: control.tallies().deliveries().collect(),
            database_up: control.known_trouble().is_none(),
            certificate_until: control.certificate_until(),
        }
    }
}

pub(super) fn write(writer: &mut Writer<'_>, service: &Service) -> fmt::Result {
    writer.counter(
        &Family::new(
            "splitcast_auth_failures",
            "Passwords, tokens and set-up links that were wrong, or not looked at after many that were.",
        ),
        service.wrong.iter().map(|(what, count)| (word("kind", what.as_str()), *count as f64)),
    )?;
    writer.counter(
        &Family::new("splitcast_webhook_deliveries", "Tries to deliver a message to a webhook."),
        service.deliveries.iter().map(|(what, count)| (word("outcome", what.as_str()), *count as f64)),
    )?;
    writer.gauge(
        &Family::new("splitcast_database_up", "1 while the database takes changes, as far as is known."),
        [(Labels::new(), f64::from(service.database_up))],
    )?;
    writer.gauge(
        &Family::seconds(
            "splitcast_tls_cert_expiry_timestamp",
            "Until when the TLS certificate is good, in seconds since 1970.",
        ),
        service.certificate_until.map(|until| (Labels::new(), until as f64)),
    )
}

fn word(label: &'static str, word: &str) -> Labels {
    vec![(label, word.to_owned())]
}
