//! Who may use the API: the door that every request goes through, and the routes for those who live
//! behind it.
//!
//! Programs bring a token, which travels in a header that no browser adds by itself. People have a
//! session in a cookie, which browsers do add by themselves; so whatever comes without a token must ask
//! for a name that is ours, against DNS that a stranger points here, and if it changes something, must
//! come from our own page.

mod bodies;
mod cookie;
mod door;
mod origin;
mod rules;
mod sessions;
mod tokens;
mod users;

use utoipa_axum::router::OpenApiRouter;

pub use door::Access;
pub(super) use door::{Credential, guard};
pub(super) use rules::{METRICS, Rules};

use super::router::Api;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().merge(sessions::routes()).merge(users::routes()).merge(tokens::routes())
}
