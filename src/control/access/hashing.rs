//! Passwords, hashed slowly on purpose.

use argon2::password_hash::phc::{self, Output, ParamsString, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::super::error::Error;
use super::super::sealed::Cost;
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

    /// A key that nobody has who does not know the passphrase, and that takes as long to find as it costs.
    ///
    /// # Errors
    /// [`Error::TooManyTries`] when too many wait for theirs already.
    pub(super) async fn derive(
        &self,
        passphrase: Password,
        salt: [u8; 16],
        cost: Cost,
    ) -> Result<Zeroizing<[u8; 32]>, Error> {
        let derive = move || {
            let mut key = Zeroizing::new([0; 32]);
            let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None);
            let argon2 =
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(|_| Error::Hashing)?);
            let done = argon2.hash_password_into(passphrase.expose().as_bytes(), &salt, key.as_mut_slice());
            done.map(|()| key).map_err(|_| Error::Hashing)
        };
        self.run(derive).await?
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let soon = || Error::too_many_tries(Instant::now());
        let _waits = self.waiting.try_acquire().map_err(|_| soon())?;
        let _turn = self.at_once.acquire().await.map_err(|_| soon())?;
        spawn_blocking(work).await.map_err(|_| Error::Hashing)
    }
}

/// What a password is to be kept as.
///
/// # Errors
/// [`Error::Random`].
pub fn hash(password: &Password) -> Result<PasswordHash, Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| Error::Random)?;
    compute(password, &salt).ok_or(Error::Hashing)
}

/// What OWASP's password storage cheat sheet asks for at least.
fn compute(password: &Password, salt: &[u8]) -> Option<PasswordHash> {
    let params = Params::new(19 * 1024, 2, 1, None).ok()?;
    let hash = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(output(password, salt, Algorithm::Argon2id, Version::V0x13, params)?),
    };
    Some(PasswordHash(hash.to_string()))
}

/// The parameters are those of the hash, which may be older than today's.
fn is_right(claimed: &Password, kept: &PasswordHash) -> bool {
    let computed = || {
        let kept = phc::PasswordHash::new(&kept.0).ok()?;
        let algorithm = Algorithm::try_from(kept.algorithm.as_str()).ok()?;
        let version = kept.version.map(Version::try_from).transpose().ok()?.unwrap_or_default();
        let params = Params::try_from(&kept).ok()?;
        // Compared in constant time.
        Some(output(claimed, kept.salt.as_ref()?, algorithm, version, params)? == kept.hash?)
    };
    computed().unwrap_or(false)
}

fn output(
    password: &Password,
    salt: &[u8],
    algorithm: Algorithm,
    version: Version,
    params: Params,
) -> Option<Output> {
    let blocks = params.block_count();
    let mut memory = Vec::with_capacity(blocks.max(RETURNED_AT_ONCE));
    memory.resize(blocks, Block::new());
    let mut out = [0; Output::MAX_LENGTH];
    let out = out.get_mut(..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN))?;
    let argon2 = Argon2::new(algorithm, version, params);
    argon2.hash_password_into_with_memory(password.expose().as_bytes(), salt, out, &mut memory).ok()?;
    Output::new(out).ok()
}

/// Blocks of 1 KiB of which the allocator keeps none for later: glibc gives whatever is above 32 MiB back
/// to the system, but keeps what is below, for each thread anew. What is not used of it is never there.
const RETURNED_AT_ONCE: usize = 33 << 10;

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
        // Made by another program, with less.
        let other = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assert!(hashing.is_right(password("password"), Some(PasswordHash(other.to_owned()))).await.unwrap());
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
