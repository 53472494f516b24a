//! `/export` and `/import`: all that is wanted as one document, with its secrets sealed or without them.

mod body;
mod read;
mod routes;

pub(super) use routes::routes;

/// What a document says it is.
const FORMAT: &str = "splitcast-configuration";

/// The version of documents that is written and read.
const VERSION: u64 = 1;

/// Largest body read that holds a document, in bytes.
const BODY_LIMIT: usize = 4 * 1024 * 1024;
