//! Passwords, hashed slowly on purpose.

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::super::error::Error;
use crate::model::{Password, PasswordHash};

/// Hashes a few passwords at once. Each takes 19 MiB and some 30 ms of a processor, which must not add
/// up.
pub(super) struct Hashing {
    at_once: Semaphore,
    waiting: Semaphore,
}

impl Default for Hashing {
    fn default() -> Self {
        Self { at_once: Semaphore::new(AT_ONCE), waiting: Semaphore::new(MOST_WAITING) }
    }
}

impl Hashing {
    /// What a password is to be kept as.
    ///
    /// # Errors
    /// [`Error::TooManyTries`] when too many wait for theirs already, or [`Error::Random`].
    pub(super) async fn hash(&self, password: Password) -> Result<PasswordHash, Error> {
        self.run(move || hash(&password)).await?
    }

    /// Whether somebody's password is as they say. It takes as long where nobody is of that name.
    ///
    /// # Errors
    /// [`Error::TooManyTries`] when too many wait for theirs already, or [`Error::Random`].
    pub(super) async fn is_right(
        &self,
        claimed: Password,
        kept: Option<PasswordHash>,
    ) -> Result<bool, Error> {
        let check = move || match kept {
            Some(kept) => Ok(is_right(&claimed, &kept)),
            None => hash(&claimed).map(|_| false),
        };
        self.run(check).await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let soon = || Error::too_many_tries(Instant::now());
        let _waits = self.waiting.try_acquire().map_err(|_| soon())?;
        let _turn = self.at_once.acquire().await.map_err(|_| soon())?;
        spawn_blocking(work).await.map_err(|_| Error::Hashing)
    }
}

fn hash(password: &Password) -> Result<PasswordHash, Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| Error::Random)?;
    let hash: Result<phc::PasswordHash, _> =
        argon2()?.hash_password_with_salt(password.expose().as_bytes(), &salt);
    hash.map(|hash| PasswordHash(hash.to_string())).map_err(|_| Error::Hashing)
}

/// The parameters are those of the hash, which may be older than today's.
fn is_right(claimed: &Password, kept: &PasswordHash) -> bool {
    let Ok(kept) = phc::PasswordHash::new(&kept.0) else { return false };
    Argon2::default().verify_password(claimed.expose().as_bytes(), &kept).is_ok()
}

/// What OWASP's password storage cheat sheet asks for at least.
fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|_| Error::Hashing)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Passwords hashed at once.
const AT_ONCE: usize = 2;

/// Those and the ones that wait for it.
const MOST_WAITING: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_same_password_is_right() {
        let hashing = Hashing::default();
        let password = |text| Password::claim(text).unwrap();
        let one = hashing.hash(password("correct horse")).await.unwrap();
        let two = hashing.hash(password("correct horse")).await.unwrap();
        assert!(one.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", one.0);
        assert_ne!(one.0, two.0);
        for (claimed, is_right) in [("correct horse", true), ("Correct horse", false), ("", false)] {
            assert_eq!(hashing.is_right(password(claimed), Some(one.clone())).await.unwrap(), is_right);
        }
        assert!(!hashing.is_right(password("correct horse"), None).await.unwrap());
        let broken = PasswordHash("$argon2id$".to_owned());
        assert!(!hashing.is_right(password("x"), Some(broken)).await.unwrap());
    }

    #[tokio::test]
    async fn no_more_wait_than_a_bound() {
        let hashing = Hashing::default();
        let _all = hashing.waiting.try_acquire_many(u32::try_from(MOST_WAITING).unwrap()).unwrap();
        let refused = hashing.hash(Password::claim("x").unwrap()).await;
        assert!(matches!(refused, Err(Error::TooManyTries { .. })));
    }
}
