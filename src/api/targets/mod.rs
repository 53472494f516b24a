//! `/targets` and `/streams/{id}/targets`: places to push to, and what happened to them.

mod body;
mod endpoint;
mod events;
mod fields;
mod order;
mod probe;
mod routes;
mod takes;

pub(super) use body::TargetBody;
pub(super) use fields::new_target;
pub(super) use routes::routes;
pub(super) use takes::{IntakeBody, TakesBody};
