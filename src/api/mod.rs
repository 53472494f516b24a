//! HTTP: the REST API under `/api/v1`, and the page that uses it.
//!
//! Requests are parsed into the model's types here and go to [`Control`](crate::control::Control);
//! answers are made from what it reports. Whatever goes wrong is told as `application/problem+json`
//! (RFC 9457) with one sentence that says what to do, and with the field that is to blame.

mod access;
mod answer;
mod audit;
mod backups;
mod client;
mod configuration;
mod connection;
mod error;
mod handshake;
mod history;
mod listener;
mod live;
mod logins;
pub mod metrics;
mod numbers;
mod once;
mod openapi;
mod places;
mod platforms;
mod preview;
mod ready;
mod redirect;
mod request;
mod router;
mod samples;
mod seconds;
mod serving;
mod settings;
mod status;
mod streams;
mod targets;
mod warnings;
mod web;
mod webhooks;
mod words;

pub use access::Access;
pub use client::{ClientAddress, identified};
pub use handshake::Tls;
pub use listener::{Accepted, Listener, Peer};
pub use redirect::redirect;
pub use router::{IngestPorts, router};
pub use serving::serve_connection;
