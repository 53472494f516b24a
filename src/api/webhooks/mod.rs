//! `/webhooks`: addresses that are told what happens.

mod body;
mod fields;
mod routes;

pub(super) use fields::new_webhook;
pub(super) use routes::routes;
