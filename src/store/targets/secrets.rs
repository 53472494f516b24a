//! What stands in a target's row and is told to nobody.

use sqlx::FromRow;

use super::super::error::Error;
use super::super::seal::Sealer;
use super::{backup_key_at, backup_password_at, key_at, password_at};
use crate::model::{Endpoint, NewTarget, Target};
use crate::rtmp::auth::User;

/// What a row holds that is told to nobody.
#[derive(FromRow)]
pub(in super::super) struct SecretsRow {
    pub(in super::super) id: i64,
    key: Vec<u8>,
    password: Option<Vec<u8>>,
    backup_key: Option<Vec<u8>>,
    backup_password: Option<Vec<u8>>,
}

impl SecretsRow {
    /// What would make another target like the one of the same row.
    pub(in super::super) fn with(&self, target: Target, sealer: &Sealer) -> Result<NewTarget, Error> {
        let id = self.id;
        let login = |at, user: Option<User>, password: &Option<Vec<u8>>| {
            sealer.unseal_login(at, user.as_ref().map(User::as_str), password.as_deref())
        };
        let backup = match target.backup_url.zip(self.backup_key.as_deref()) {
            Some((url, key)) => Some(Endpoint {
                url,
                key: sealer.unseal_key(backup_key_at(id), key)?,
                login: login(backup_password_at(id), target.backup_user, &self.backup_password)?,
            }),
            None => None,
        };
        Ok(NewTarget {
            name: target.name,
            endpoint: Endpoint {
                url: target.url,
                key: sealer.unseal_key(key_at(id), &self.key)?,
                login: login(password_at(id), target.user, &self.password)?,
            },
            backup,
            backup_policy: target.backup_policy,
            enabled: target.enabled,
            start_mode: target.start_mode,
            coalesce: target.coalesce,
            takes: target.takes,
            notes: target.notes,
        })
    }
}

/// What [`SecretsRow`] reads.
pub(in super::super) const SELECT: &str =
    "select id, key, password, backup_key, backup_password from targets";
