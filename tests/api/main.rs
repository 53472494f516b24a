//! The API as a client meets it: every route and every refusal, on a real database.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test may fail wherever it is surprised, and is nobody's library"
)]

mod access;
mod audit;
mod backup;
mod backups;
mod browser;
mod client;
mod coalesce;
mod conditions;
mod configuration;
mod events;
mod fields;
mod history;
mod live;
mod logins;
mod numbers;
mod openapi;
mod order;
mod page;
mod platforms;
mod preview;
mod probes;
mod ready;
mod refusals;
mod samples;
mod secrets;
mod settings;
mod starts;
mod status;
mod streams;
mod targets;
mod upgrade;
mod warnings;
mod webhooks;
