//! The first owner.

use std::net::IpAddr;
use std::sync::{MutexGuard, PoisonError};

use super::super::desk::Control;
use super::super::error::Error;
use super::super::tallies::Wrong;
use super::log_in::{Visitor, new_pass};
use crate::model::{Name, Pass, Password, Role, User};
use crate::net::Place;
use crate::store::KeptUser;

impl Control {
    /// Whether there is no owner yet.
    pub fn needs_set_up(&self) -> bool {
        !self.access.book().has_owner()
    }

    /// What the link to the set-up page must hold, while there is no owner: to be shown to whoever started
    /// the relay, and to nobody else.
    pub fn set_up_pass(&self) -> Option<Pass> {
        self.set_up_lock().clone()
    }

    /// Lets whoever started the relay become its owner.
    ///
    /// # Errors
    /// [`Error::HasOwner`], [`Error::WrongSetUpLink`], or [`Error::TooManyTries`].
    pub async fn set_up(
        &self,
        link: &Pass,
        name: &Name,
        password: Password,
        visitor: &Visitor,
    ) -> Result<(User, Pass), Error> {
        self.check_set_up(link, visitor.address)?;
        let hash = self.access.hashing.hash(password).await?;
        let change = self.change_access().await?;
        // Somebody may have been quicker while the password was hashed.
        self.check_set_up(link, visitor.address)?;
        let user = self.store.create_user(name, Role::Owner, &hash).await?;
        change.enter(|book| book.enter_user(KeptUser { user: user.clone(), password: hash }));
        *self.set_up_lock() = None;
        tracing::info!(user = %user.id, address = %visitor.address, "set up: there is an owner");
        let session = self.start_session(user.id, visitor).await?;
        Ok((user, session))
    }

    /// Makes a link to the set-up page, if there is no owner.
    pub(in super::super) fn prepare_set_up(&self) -> Result<(), Error> {
        if self.needs_set_up() {
            *self.set_up_lock() = Some(new_pass("")?);
        }
        Ok(())
    }

    fn check_set_up(&self, link: &Pass, from: IpAddr) -> Result<(), Error> {
        let Some(expected) = self.set_up_pass() else {
            return Err(Error::HasOwner);
        };
        self.take_try(from, Wrong::SetUpLink)?;
        if expected.as_secret() != link.as_secret() {
            self.tallies.count_wrong(Wrong::SetUpLink);
            return Err(Error::WrongSetUpLink);
        }
        self.access.places.give_back(&Place::of(from));
        Ok(())
    }

    fn set_up_lock(&self) -> MutexGuard<'_, Option<Pass>> {
        self.access.set_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
