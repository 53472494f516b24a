//! People, sessions and tokens as they are shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::words::{self, Word};
use crate::model::{ApiToken, Pass, Session, SessionId, User};

/// A person who may log in.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct UserBody {
    /// Their number, which is never used again.
    id: i64,
    /// What they log in as; unique.
    name: String,
    role: words::Role,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970; null if they never did.
    last_login_at: Option<i64>,
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id.0,
            name: user.name.as_str().to_owned(),
            role: Word(user.role),
            created_at: user.created_at,
            last_login_at: user.last_login_at,
        }
    }
}

/// All people.
#[derive(Serialize, ToSchema)]
#[schema(as = UserList)]
pub(super) struct UsersBody {
    /// In the order they came.
    pub(super) users: Vec<UserBody>,
}

/// Who asks, and what they may.
#[derive(Serialize, ToSchema)]
#[schema(as = Myself)]
pub(super) struct MyselfBody {
    /// Whether nobody can log in yet: then there is a set-up page.
    pub(super) needs_set_up: bool,
    /// Who has logged in; null for programs and for those who have not.
    pub(super) user: Option<UserBody>,
    /// How far they reach; null for those who are not let in.
    pub(super) scope: Option<words::Scope>,
}

/// What starts with a log-in.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionBody {
    /// Its number.
    id: i64,
    /// Seconds since 1970.
    created_at: i64,
    /// When it was last used, in seconds since 1970.
    seen_at: i64,
    /// Where it was started from.
    address: String,
    /// What the browser said it was.
    agent: String,
    /// Whether this is the session that asks.
    is_own: bool,
}

impl SessionBody {
    pub(super) fn new(session: Session, own: SessionId) -> Self {
        Self {
            id: session.id.0,
            created_at: session.created_at,
            seen_at: session.seen_at,
            address: session.address,
            agent: session.agent,
            is_own: session.id == own,
        }
    }
}

/// A person's sessions.
#[derive(Serialize, ToSchema)]
#[schema(as = SessionList)]
pub(super) struct SessionsBody {
    /// Newest first.
    pub(super) sessions: Vec<SessionBody>,
}

/// A key to the API for a program, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(super) struct TokenBody {
    /// Its number, which is never used again.
    id: i64,
    /// What a person calls it; unique.
    name: String,
    scope: words::Scope,
    /// Its last four characters.
    hint: String,
    /// The number of who made it, with whom it ends; null if it was made with another token.
    made_by: Option<i64>,
    /// Seconds since 1970.
    created_at: i64,
    /// Seconds since 1970; null for never.
    expires_at: Option<i64>,
    /// Seconds since 1970; null if it never was.
    last_used_at: Option<i64>,
}

impl From<ApiToken> for TokenBody {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id.0,
            name: token.name.as_str().to_owned(),
            scope: Word(token.scope),
            hint: token.hint,
            made_by: token.made_by.map(|id| id.0),
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}

/// All tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenList)]
pub(super) struct TokensBody {
    /// In the order they were made.
    pub(super) tokens: Vec<TokenBody>,
}

/// A token with its secret, which nobody can be told again.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenWithSecret)]
pub(super) struct NewTokenBody {
    #[serde(flatten)]
    shown: TokenBody,
    /// What to send in the header `Authorization: Bearer`.
    token: String,
}

impl NewTokenBody {
    /// The one answer that holds a token.
    pub(super) fn new(token: ApiToken, secret: &Pass) -> Self {
        Self { shown: token.into(), token: secret.expose().to_owned() }
    }
}
