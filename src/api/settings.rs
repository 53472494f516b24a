//! `/settings`: what the relay was started with, and what of it can be changed while it runs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Error;
use super::request::Fields;
use super::router::Api;
use crate::config::LogFilter;
use crate::control::Control;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(show_settings, update_settings))
}

/// What the relay was started with, but for secrets.
#[utoipa::path(
    get, path = "/settings", tag = "Relay", security(("token" = ["admin"])),
    responses((status = 200, description = "The settings in force.", body = SettingsBody)),
)]
async fn show_settings(State(control): State<Arc<Control>>) -> Json<SettingsBody> {
    Json(SettingsBody::of(&control))
}

/// A change of settings; what is left out stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
struct SettingsChanges {
    /// What to log, until the relay ends: error, warn, info, debug or trace, also by part.
    #[serde(default)]
    #[schema(max_length = 512, example = "info,splitcast::relay=debug")]
    log: String,
}

/// Changes what can be changed while the relay runs. The rest is changed by its flags.
#[utoipa::path(
    patch, path = "/settings", tag = "Relay", security(("token" = ["admin"])), request_body = SettingsChanges,
    responses((status = 200, description = "The settings in force.", body = SettingsBody)),
)]
async fn update_settings(
    State(control): State<Arc<Control>>,
    fields: Fields,
) -> Result<Json<SettingsBody>, Error> {
    let mut fields = fields.only(&["log"])?;
    if let Some(filter) = fields.text("log", str::parse::<LogFilter>)? {
        control.change_log(filter);
    }
    Ok(Json(SettingsBody::of(&control)))
}

/// The settings in force.
#[derive(Serialize, ToSchema)]
#[schema(as = Settings)]
struct SettingsBody {
    /// The relay's version.
    version: &'static str,
    /// What is logged.
    log: String,
    /// What else it was started with.
    flags: Vec<FlagBody>,
}

impl SettingsBody {
    fn of(control: &Control) -> Self {
        let settings = control.settings();
        let flags = settings.flags.iter().map(|(name, value)| FlagBody { name, value: value.clone() });
        Self {
            version: env!("CARGO_PKG_VERSION"),
            log: settings.logging.filter().to_string(),
            flags: flags.collect(),
        }
    }
}

/// A setting.
#[derive(Serialize, ToSchema)]
#[schema(as = Flag)]
struct FlagBody {
    /// The flag or the environment's variable that sets it.
    #[schema(example = "--rtmp")]
    name: &'static str,
    /// Empty where it is not given; never a secret.
    value: String,
}
