//! `/webhooks`: addresses that are told what happens.

mod body;
mod fields;
mod routes;

pub(super) use routes::routes;
