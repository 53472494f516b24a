//! `/tokens`: keys to the API, for programs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::answer::{Created, Made};
use super::super::error::Error;
use super::super::request::{Fields, Id};
use super::super::router::Api;
use super::super::words;
use super::bodies::{NewTokenBody, TokenBody, TokensBody};
use super::door::MaybeCaller;
use crate::control::Control;
use crate::model::{Actor, Name, Scope, SubjectKind, TokenId};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_tokens, create_token)).routes(routes!(remove_token))
}

/// All tokens, without their secrets.
#[utoipa::path(
    get, path = "/tokens", tag = "Access", security(("token" = ["admin"])),
    responses((status = 200, description = "All tokens.", body = TokensBody)),
)]
async fn list_tokens(State(control): State<Arc<Control>>) -> Json<TokensBody> {
    Json(TokensBody { tokens: control.tokens().into_iter().map(TokenBody::from).collect() })
}

/// A token to be made.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
struct NewToken {
    /// What a person calls it; unique.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        example = "Stream Deck"
    )]
    name: String,
    scope: words::Scope,
    /// When it ends, in seconds since 1970; never if null or left out.
    #[schema(minimum = 0)]
    expires_at: Option<i64>,
}

/// Makes a token. Its secret is in this answer and in no other.
#[utoipa::path(
    post, path = "/tokens", tag = "Access", security(("token" = ["admin"])), request_body = NewToken,
    responses(
        (status = 201, description = "The token with its secret.", body = NewTokenBody),
        (status = 409, description = "The name is taken, or there are too many."),
    ),
)]
async fn create_token(
    State(control): State<Arc<Control>>,
    MaybeCaller(caller): MaybeCaller,
    fields: Fields,
) -> Result<Created<Json<NewTokenBody>>, Error> {
    let mut fields = fields.only(&["name", "scope", "expires_at"])?;
    let name = fields.required_text("name", Name::parse)?;
    let scope = fields.required_text("scope", str::parse::<Scope>)?;
    let expires_at = fields.nullable_number("expires_at", moment)?.flatten();
    let made_by = caller.and_then(|caller| match caller.actor {
        Actor::User { id, .. } => Some(id),
        _ => None,
    });
    let (token, secret) = control.create_token(&name, scope, made_by, expires_at).await?;
    Ok(Created(Made(SubjectKind::Token, token.id.0), Json(NewTokenBody::new(token, &secret))))
}

fn moment(seconds: u64) -> Result<i64, &'static str> {
    i64::try_from(seconds).map_err(|_| "the token would never expire: leave \"expires_at\" out for that")
}

/// Ends a token.
#[utoipa::path(
    delete, path = "/tokens/{id}", tag = "Access", security(("token" = ["admin"])), params(Id),
    responses((status = 204, description = "It opens nothing any more.")),
)]
async fn remove_token(State(control): State<Arc<Control>>, Id(id): Id) -> Result<StatusCode, Error> {
    control.delete_token(TokenId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
