//! Setting up, logging in and out, one's own sessions and password.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::AppendHeaders;
use axum::{Extension, Json};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::answer::Made;
use super::super::client::ClientAddress;
use super::super::error::Error;
use super::super::request::{Fields, Id};
use super::super::router::Api;
use super::super::words::Word;
use super::bodies::{MyselfBody, SessionBody, SessionsBody};
use super::cookie;
use super::door::{MaybeCaller, Person};
use crate::control::{Control, Visitor};
use crate::model::{Actor, Name, Pass, Password, SessionId, SubjectKind, User};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(set_up))
        .routes(routes!(show_myself, log_in, log_out))
        .routes(routes!(list_sessions))
        .routes(routes!(end_session))
        .routes(routes!(change_password))
}

type WithCookie<T> = (AppendHeaders<Option<(header::HeaderName, HeaderValue)>>, T);

/// The first owner.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
struct SetUp {
    /// What the set-up link holds after `#setup=`.
    link: String,
    /// What to log in as.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    name: String,
    /// At least 10 characters.
    #[schema(min_length = 10, max_length = 1024)]
    password: String,
}

/// Makes the first owner of a relay that has none, and logs them in.
#[utoipa::path(
    post, path = "/setup", tag = "Access", security(()), request_body = SetUp,
    responses(
        (status = 200, description = "There is an owner, who has logged in.", body = MyselfBody,
            headers(("Set-Cookie" = String, description = "The session."))),
        (status = 409, description = "There is an owner already."),
    ),
)]
async fn set_up(
    State(control): State<Arc<Control>>,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<(Extension<Made>, WithCookie<Json<MyselfBody>>), Error> {
    let mut fields = fields.only(&["link", "name", "password"])?;
    let link = fields.required_text("link", claim)?;
    let name = fields.required_text("name", Name::parse)?;
    let password = fields.required_text("password", Password::choose)?;
    let (user, session) = control.set_up(&link, &name, password, &visitor(&client, &headers)).await?;
    Ok(logged_in(&client, user, &session))
}

/// Who asks, and what they may.
#[utoipa::path(
    get, path = "/session", tag = "Access", security(()),
    responses((status = 200, description = "Who asks.", body = MyselfBody)),
)]
async fn show_myself(
    State(control): State<Arc<Control>>,
    MaybeCaller(caller): MaybeCaller,
) -> Json<MyselfBody> {
    let user = caller.as_ref().and_then(|caller| match &caller.actor {
        Actor::User { id, .. } => control.user(*id).ok(),
        _ => None,
    });
    Json(MyselfBody {
        needs_set_up: control.needs_set_up(),
        user: user.map(Into::into),
        scope: caller.map(|caller| Word(caller.scope)),
    })
}

/// What somebody logs in with.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
struct LogIn {
    name: String,
    #[schema(max_length = 1024)]
    password: String,
}

/// Logs in.
#[utoipa::path(
    post, path = "/session", tag = "Access", security(()), request_body = LogIn,
    responses(
        (status = 200, description = "Who has logged in.", body = MyselfBody,
            headers(("Set-Cookie" = String, description = "The session."))),
    ),
)]
async fn log_in(
    State(control): State<Arc<Control>>,
    Extension(client): Extension<ClientAddress>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<(Extension<Made>, WithCookie<Json<MyselfBody>>), Error> {
    let mut fields = fields.only(&["name", "password"])?;
    let name = fields.required_text("name", |text| Ok::<_, Error>(text.trim().to_owned()))?;
    let password = fields.required_text("password", Password::claim)?;
    let (user, session) = control.log_in(&name, password, &visitor(&client, &headers)).await?;
    Ok(logged_in(&client, user, &session))
}

/// Logs out: the session that asks ends.
#[utoipa::path(
    delete, path = "/session", tag = "Access", security(("token" = ["read"])),
    responses((status = 204, description = "It has ended.",
        headers(("Set-Cookie" = String, description = "No session.")))),
)]
async fn log_out(
    State(control): State<Arc<Control>>,
    Extension(client): Extension<ClientAddress>,
    Person { session, .. }: Person,
) -> Result<WithCookie<StatusCode>, Error> {
    control.end_session(session).await?;
    Ok((AppendHeaders(cookie::take(&client).map(set_cookie)), StatusCode::NO_CONTENT))
}

/// The sessions of who asks.
#[utoipa::path(
    get, path = "/sessions", tag = "Access", security(("token" = ["read"])),
    responses((status = 200, description = "Their sessions.", body = SessionsBody)),
)]
async fn list_sessions(
    State(control): State<Arc<Control>>,
    Person { id, session }: Person,
) -> Json<SessionsBody> {
    let sessions = control.sessions_of(id).into_iter().map(|each| SessionBody::new(each, session));
    Json(SessionsBody { sessions: sessions.collect() })
}

/// Ends one of the sessions of who asks.
#[utoipa::path(
    delete, path = "/sessions/{id}", tag = "Access", security(("token" = ["read"])), params(Id),
    responses((status = 204, description = "It has ended.")),
)]
async fn end_session(
    State(control): State<Arc<Control>>,
    person: Person,
    Id(id): Id,
) -> Result<StatusCode, Error> {
    let id = SessionId(id);
    if !control.sessions_of(person.id).iter().any(|session| session.id == id) {
        return Err(Error::NoRoute);
    }
    control.end_session(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Another password.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what is read field by field")]
struct NewPassword {
    #[schema(max_length = 1024)]
    current_password: String,
    /// At least 10 characters.
    #[schema(min_length = 10, max_length = 1024)]
    password: String,
}

/// Changes the password of who asks. Their other sessions end.
#[utoipa::path(
    put, path = "/password", tag = "Access", security(("token" = ["read"])), request_body = NewPassword,
    responses((status = 204, description = "It is changed.")),
)]
async fn change_password(
    State(control): State<Arc<Control>>,
    Extension(client): Extension<ClientAddress>,
    person: Person,
    fields: Fields,
) -> Result<StatusCode, Error> {
    let mut fields = fields.only(&["current_password", "password"])?;
    let current = fields.required_text("current_password", Password::claim)?;
    let new = fields.required_text("password", Password::choose)?;
    control.change_own_password((person.id, person.session), current, new, client.ip).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn logged_in(
    client: &ClientAddress,
    user: User,
    session: &Pass,
) -> (Extension<Made>, WithCookie<Json<MyselfBody>>) {
    let made = Extension(Made(SubjectKind::User, user.id.0));
    let scope = Some(Word(user.role.scope()));
    let body = MyselfBody { needs_set_up: false, user: Some(user.into()), scope };
    (made, (AppendHeaders(cookie::give(client, session).map(set_cookie)), Json(body)))
}

fn set_cookie(value: HeaderValue) -> (header::HeaderName, HeaderValue) {
    (header::SET_COOKIE, value)
}

fn visitor(client: &ClientAddress, headers: &HeaderMap) -> Visitor {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Visitor { address: client.ip, agent: agent.unwrap_or_default().to_owned() }
}

fn claim(text: &str) -> Result<Pass, Error> {
    Ok(Pass::claim(text.trim()))
}
