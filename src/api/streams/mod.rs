//! `/streams`: places to publish to.

mod body;
mod fields;
mod routes;

pub(super) use body::StreamBody;
pub(super) use fields::new_stream;
pub(super) use routes::routes;
