//! What can be done with people.

use super::super::desk::Control;
use super::super::error::Error;
use crate::model::{MAX_USERS, Name, Password, Role, User, UserId};
use crate::store::{self, KeptUser};

impl Control {
    /// Everybody, in the order they came.
    pub fn users(&self) -> Vec<User> {
        self.access.book().users()
    }

    /// One of them.
    ///
    /// # Errors
    /// `store::Error::NoUser`.
    pub fn user(&self, id: UserId) -> Result<User, Error> {
        let user = self.access.book().user(id).cloned();
        Ok(user.ok_or(store::Error::NoUser(id))?)
    }

    /// Takes somebody in.
    ///
    /// # Errors
    /// [`Error::TooManyUsers`], or `store::Error::Taken`.
    pub async fn create_user(&self, name: &Name, role: Role, password: Password) -> Result<User, Error> {
        let hash = self.access.hashing.hash(password).await?;
        let change = self.change_access().await?;
        if self.users().len() >= MAX_USERS {
            return Err(Error::TooManyUsers);
        }
        let user = self.store.create_user(name, role, &hash).await?;
        change.enter(|book| book.enter_user(KeptUser { user: user.clone(), password: hash }));
        tracing::info!(user = %user.id, role = role.as_str(), "user created");
        Ok(user)
    }

    /// Gives somebody another role or password; a new password ends their sessions.
    ///
    /// # Errors
    /// `store::Error::NoUser`, or [`Error::LastOwner`].
    pub async fn update_user(
        &self,
        id: UserId,
        role: Option<Role>,
        password: Option<Password>,
    ) -> Result<User, Error> {
        self.user(id)?;
        if let Some(role) = role {
            self.change_role(id, role).await?;
        }
        if let Some(password) = password {
            self.set_password(id, password, None).await?;
        }
        self.user(id)
    }

    /// Forgets somebody, with their sessions and tokens.
    ///
    /// # Errors
    /// `store::Error::NoUser`, or [`Error::LastOwner`].
    pub async fn delete_user(&self, id: UserId) -> Result<(), Error> {
        let change = self.change_access().await?;
        if self.access.book().is_last_owner(id) {
            return Err(Error::LastOwner);
        }
        self.store.delete_user(id).await?;
        change.enter(|book| book.strike_user(id));
        tracing::info!(user = %id, "user removed");
        Ok(())
    }

    async fn change_role(&self, id: UserId, role: Role) -> Result<(), Error> {
        let change = self.change_access().await?;
        if role != Role::Owner && self.access.book().is_last_owner(id) {
            return Err(Error::LastOwner);
        }
        self.store.change_role(id, role).await?;
        change.enter(|book| book.change_user(id, |kept| kept.user.role = role));
        tracing::info!(user = %id, role = role.as_str(), "role changed");
        Ok(())
    }
}
