//! The audit log: who asked for what, when, and what became of it.

mod record;
mod routes;

pub(super) use record::{FieldNames, record};
pub(super) use routes::routes;
