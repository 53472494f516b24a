//! The table of users.

use sqlx::FromRow;

use super::super::error::Error;
use super::super::pool::Store;
use crate::model::{Name, PasswordHash, Role, SessionId, User, UserId};

/// A person, and what their password is kept as.
#[derive(Debug, Clone)]
pub struct KeptUser {
    /// The person.
    pub user: User,
    /// Their password's hash.
    pub password: PasswordHash,
}

impl Store {
    /// Everybody.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn users(&self) -> Result<Vec<KeptUser>, Error> {
        let rows: Vec<UserRow> = sqlx::query_as(SELECT).fetch_all(&self.reads).await?;
        rows.into_iter().map(KeptUser::try_from).collect()
    }

    /// Takes somebody in.
    ///
    /// # Errors
    /// [`Error::Taken`] for a name that another has.
    pub async fn create_user(&self, name: &Name, role: Role, password: &PasswordHash) -> Result<User, Error> {
        let row: UserRow = sqlx::query_as(INSERT)
            .bind(name.as_str())
            .bind(role.as_str())
            .bind(&password.0)
            .fetch_one(&self.pool)
            .await?;
        Ok(KeptUser::try_from(row)?.user)
    }

    /// Gives somebody another role.
    ///
    /// # Errors
    /// [`Error::NoUser`].
    pub async fn change_role(&self, id: UserId, role: Role) -> Result<(), Error> {
        let done = sqlx::query("update users set role = ? where id = ?").bind(role.as_str()).bind(id.0);
        found(done.execute(&self.pool).await?.rows_affected(), id)
    }

    /// Gives somebody another password, which ends their sessions but for the one to `keep`.
    ///
    /// # Errors
    /// [`Error::NoUser`].
    pub async fn change_password(
        &self,
        id: UserId,
        password: &PasswordHash,
        keep: Option<SessionId>,
    ) -> Result<(), Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        let done = sqlx::query("update users set password = ? where id = ?")
            .bind(&password.0)
            .bind(id.0)
            .execute(&mut *tx)
            .await?;
        found(done.rows_affected(), id)?;
        sqlx::query("delete from sessions where user_id = ? and id is not ?")
            .bind(id.0)
            .bind(keep.map(|keep| keep.0))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets somebody, with their sessions and tokens.
    ///
    /// # Errors
    /// [`Error::NoUser`].
    pub async fn delete_user(&self, id: UserId) -> Result<(), Error> {
        let done = sqlx::query("delete from users where id = ?").bind(id.0).execute(&self.pool).await?;
        found(done.rows_affected(), id)
    }
}

#[derive(FromRow)]
struct UserRow {
    id: i64,
    name: String,
    role: String,
    password: String,
    created_at: i64,
    last_login_at: Option<i64>,
}

impl TryFrom<UserRow> for KeptUser {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self, Error> {
        let damaged = || Error::Row { table: "users", id: row.id };
        let user = User {
            id: UserId(row.id),
            name: Name::parse(&row.name).map_err(|_| damaged())?,
            role: row.role.parse().map_err(|_| damaged())?,
            created_at: row.created_at,
            last_login_at: row.last_login_at,
        };
        Ok(Self { user, password: PasswordHash(row.password) })
    }
}

fn found(rows: u64, id: UserId) -> Result<(), Error> {
    match rows {
        0 => Err(Error::NoUser(id)),
        _ => Ok(()),
    }
}

const SELECT: &str = "select id, name, role, password, created_at, last_login_at from users order by id";

const INSERT: &str = "insert into users (name, role, password) values (?, ?, ?)
    returning id, name, role, password, created_at, last_login_at";
