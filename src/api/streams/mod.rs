//! `/streams`: places to publish to.

mod body;
mod fields;
mod routes;

pub(super) use body::StreamBody;
pub(super) use routes::routes;
