//! `/users`: people who may log in.

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
use super::bodies::{UserBody, UsersBody};
use crate::control::Control;
use crate::model::{Name, Password, Role, SubjectKind, UserId};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(list_users, create_user)).routes(routes!(update_user, remove_user))
}

/// Everybody who may log in.
#[utoipa::path(
    get, path = "/users", tag = "Access", security(("token" = ["admin"])),
    responses((status = 200, description = "Everybody.", body = UsersBody)),
)]
async fn list_users(State(control): State<Arc<Control>>) -> Json<UsersBody> {
    Json(UsersBody { users: control.users().into_iter().map(UserBody::from).collect() })
}

/// Somebody to be let in.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
struct NewUser {
    /// What they log in as; unique.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    name: String,
    role: words::Role,
    /// At least 10 characters. They can change it.
    #[schema(min_length = 10, max_length = 1024)]
    password: String,
}

/// Lets somebody in.
#[utoipa::path(
    post, path = "/users", tag = "Access", security(("token" = ["admin"])), request_body = NewUser,
    responses(
        (status = 201, description = "They may log in.", body = UserBody),
        (status = 409, description = "The name is taken, or there are too many."),
    ),
)]
async fn create_user(
    State(control): State<Arc<Control>>,
    fields: Fields,
) -> Result<Created<Json<UserBody>>, Error> {
    let mut fields = fields.only(&["name", "role", "password"])?;
    let name = fields.required_text("name", Name::parse)?;
    let role = fields.required_text("role", str::parse::<Role>)?;
    let password = fields.required_text("password", Password::choose)?;
    let user = control.create_user(&name, role, password).await?;
    Ok(Created(Made(SubjectKind::User, user.id.0), Json(user.into())))
}

/// A change to somebody; what is left out stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
struct UserChanges {
    #[serde(default)]
    role: words::Role,
    /// Another password, which ends all their sessions.
    #[serde(default)]
    #[schema(min_length = 10, max_length = 1024)]
    password: String,
}

/// Gives somebody another role or password.
#[utoipa::path(
    patch, path = "/users/{id}", tag = "Access", security(("token" = ["admin"])), params(Id),
    request_body = UserChanges,
    responses(
        (status = 200, description = "They as they are now.", body = UserBody),
        (status = 409, description = "There would be no owner."),
    ),
)]
async fn update_user(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    fields: Fields,
) -> Result<Json<UserBody>, Error> {
    let mut fields = fields.only(&["role", "password"])?;
    let role = fields.text("role", str::parse::<Role>)?;
    let password = fields.text("password", Password::choose)?;
    Ok(Json(control.update_user(UserId(id), role, password).await?.into()))
}

/// Lets somebody in no more. Their sessions and tokens end.
#[utoipa::path(
    delete, path = "/users/{id}", tag = "Access", security(("token" = ["admin"])), params(Id),
    responses(
        (status = 204, description = "They are gone."),
        (status = 409, description = "There would be no owner."),
    ),
)]
async fn remove_user(State(control): State<Arc<Control>>, Id(id): Id) -> Result<StatusCode, Error> {
    control.delete_user(UserId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
