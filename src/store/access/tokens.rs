//! The table of tokens.

use sqlx::FromRow;

use super::super::error::Error;
use super::super::pool::Store;
use crate::model::{ApiToken, Name, PassDigest, Scope, TokenId, UserId};

/// A token, and what its secret is looked up by.
#[derive(Debug, Clone)]
pub struct KeptToken {
    /// The token.
    pub token: ApiToken,
    /// Its secret's fingerprint.
    pub digest: PassDigest,
}

impl Store {
    /// All tokens.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn tokens(&self) -> Result<Vec<KeptToken>, Error> {
        let rows: Vec<TokenRow> = sqlx::query_as(SELECT).fetch_all(&self.reads).await?;
        rows.into_iter().map(KeptToken::try_from).collect()
    }

    /// Makes a token.
    ///
    /// # Errors
    /// [`Error::Taken`] for a name that another has.
    pub async fn create_token(
        &self,
        name: &Name,
        scope: Scope,
        (digest, hint): (PassDigest, &str),
        made_by: Option<UserId>,
        expires_at: Option<i64>,
    ) -> Result<ApiToken, Error> {
        let row: TokenRow = sqlx::query_as(INSERT)
            .bind(name.as_str())
            .bind(digest.0.as_slice())
            .bind(hint)
            .bind(scope.as_str())
            .bind(made_by.map(|id| id.0))
            .bind(expires_at)
            .fetch_one(&self.pool)
            .await?;
        Ok(KeptToken::try_from(row)?.token)
    }

    /// Ends a token.
    ///
    /// # Errors
    /// [`Error::NoToken`].
    pub async fn delete_token(&self, id: TokenId) -> Result<(), Error> {
        let done = sqlx::query("delete from tokens where id = ?").bind(id.0).execute(&self.pool).await?;
        match done.rows_affected() {
            0 => Err(Error::NoToken(id)),
            _ => Ok(()),
        }
    }
}

#[derive(FromRow)]
struct TokenRow {
    id: i64,
    name: String,
    digest: Vec<u8>,
    hint: String,
    scope: String,
    user_id: Option<i64>,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
}

impl TryFrom<TokenRow> for KeptToken {
    type Error = Error;

    fn try_from(row: TokenRow) -> Result<Self, Error> {
        let damaged = || Error::Row { table: "tokens", id: row.id };
        let token = ApiToken {
            id: TokenId(row.id),
            name: Name::parse(&row.name).map_err(|_| damaged())?,
            scope: row.scope.parse().map_err(|_| damaged())?,
            hint: row.hint,
            made_by: row.user_id.map(UserId),
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        };
        let digest = row.digest.try_into().map_err(|_| damaged())?;
        Ok(Self { token, digest: PassDigest(digest) })
    }
}

const SELECT: &str = "select id, name, digest, hint, scope, user_id, created_at, expires_at, last_used_at
    from tokens order by id";

const INSERT: &str = "insert into tokens (name, digest, hint, scope, user_id, expires_at)
    values (?, ?, ?, ?, ?, ?)
    returning id, name, digest, hint, scope, user_id, created_at, expires_at, last_used_at";
