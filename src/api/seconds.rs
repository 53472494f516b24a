//! Times as the API tells them.

use std::time::Duration;

use serde::{Serialize, Serializer};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::machine;

/// A length of time: seconds, to the millisecond.
pub(super) struct Seconds(pub(super) Duration);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64((self.0.as_secs_f64() * 1000.0).round() / 1000.0)
    }
}

impl PartialSchema for Seconds {
    fn schema() -> RefOr<Schema> {
        number("A length of time: seconds, to the millisecond.")
    }
}

impl ToSchema for Seconds {}

/// A moment: seconds since 1970, to the millisecond.
pub(super) struct Moment {
    since_1970: Duration,
}

impl Moment {
    /// Milliseconds since 1970.
    pub(super) fn from_ms(ms: i64) -> Self {
        Self { since_1970: Duration::from_millis(u64::try_from(ms).unwrap_or(0)) }
    }

    /// This one.
    pub(super) fn now() -> Self {
        Self { since_1970: machine::since_1970() }
    }

    /// So much later than now.
    pub(super) fn after(wait: Duration) -> Self {
        Self { since_1970: machine::since_1970().saturating_add(wait) }
    }

    /// So much earlier than now.
    pub(super) fn before(length: Duration) -> Self {
        Self { since_1970: machine::since_1970().saturating_sub(length) }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Seconds(self.since_1970).serialize(serializer)
    }
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        number("A moment: seconds since 1970, to the millisecond.")
    }
}

impl ToSchema for Moment {}

fn number(what: &str) -> RefOr<Schema> {
    let schema = ObjectBuilder::new().schema_type(Type::Number).minimum(Some(0));
    schema.description(Some(what)).into()
}
