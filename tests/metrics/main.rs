//! What Prometheus is told, and what the rules, the dashboard and the manual say of it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod documents;
mod open_metrics;
mod page;
mod relay;
