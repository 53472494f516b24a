//! A certificate from files, taken anew when they change.
//!
//! What the files hold is compared, not when they were written: copies keep old times, links are
//! turned elsewhere, and some folders tell no changes. A pair is taken once it was the same at two
//! looks, so that one that is just being written is not taken for a wrong one.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::sync::Notify;
use tokio::time::sleep;
use zeroize::Zeroizing;

use super::{Chain, Flaw, Served};

/// Where a certificate and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The certificate, with those that vouch for it after it.
    pub certificate: PathBuf,
    /// The key; may be the same file.
    pub key: PathBuf,
}

/// Why files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One cannot be read.
    #[error("the {what} {} cannot be read: {error}", path.display())]
    Read {
        /// Which of the two it is.
        what: Part,
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// One is not what it should be.
    #[error("the {what} {} {flaw}", path.display())]
    Flaw {
        /// Which of the two it is.
        what: Part,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        flaw: Flaw,
    },
}

/// One of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `--tls-cert`
    Certificate,
    /// `--tls-key`
    Key,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "certificate file",
            Self::Key => "key file",
        })
    }
}

/// What the files hold, to be compared with what they held.
type Print = [u8; 32];

/// What the files held at one look.
struct Look {
    chain: Result<Chain, Error>,
    /// Nothing when they cannot be read.
    print: Option<Print>,
}

impl Files {
    /// Reads both.
    ///
    /// # Errors
    /// Which file is wrong, and how.
    pub async fn load(&self) -> Result<Chain, Error> {
        self.look().await.chain
    }

    /// Shows what the files hold now, and what they hold later, for ever. What cannot be used is told
    /// once, and what was shown before it stays. `asked` wants a look at once. Cancel-safe.
    pub async fn keep_shown(&self, served: &Served, asked: &Notify) {
        let mut judged = None;
        let mut before = None;
        loop {
            let look = self.look().await;
            let print = Some(look.print);
            if print != judged && (print == before || judged.is_none()) {
                show(look.chain, served);
                judged = print;
            }
            before = print;
            tokio::select! {
                () = sleep(PERIOD) => {}
                () = asked.notified() => (judged, before) = (None, None),
            }
        }
    }

    async fn look(&self) -> Look {
        let pair = self.read_both().await;
        let print = pair.as_ref().ok().map(|(certificate, key)| {
            let mut hash = Sha256::new_with_prefix(Sha256::digest(certificate));
            hash.update(key.as_slice());
            hash.finalize().into()
        });
        let chain = pair.and_then(|(certificate, key)| {
            Chain::from_pem(&certificate, &key).map_err(|flaw| self.blame(flaw))
        });
        Look { chain, print }
    }

    async fn read_both(&self) -> Result<(Vec<u8>, Zeroizing<Vec<u8>>), Error> {
        let certificate = read(&self.certificate, Part::Certificate).await?;
        let key = read(&self.key, Part::Key).await?;
        Ok((certificate, Zeroizing::new(key)))
    }

    fn blame(&self, flaw: Flaw) -> Error {
        let (what, path) = match flaw.is_of_key() {
            true => (Part::Key, &self.key),
            false => (Part::Certificate, &self.certificate),
        };
        Error::Flaw { what, path: path.clone(), flaw }
    }
}

fn show(chain: Result<Chain, Error>, served: &Served) {
    match chain {
        Ok(chain) => {
            tracing::info!(days_left = chain.days_left(), "the TLS certificate was read");
            served.show(chain);
            served.warn_if_it_is_time();
        }
        Err(error) => tracing::error!("{error}; until that is mended, the certificate from before is shown"),
    }
}

/// A file of a sensible size.
async fn read(path: &Path, what: Part) -> Result<Vec<u8>, Error> {
    let unreadable = |error| Error::Read { what, path: path.to_owned(), error };
    let file = File::open(path).await.map_err(unreadable)?;
    // Room for all of it at once: what grows leaves copies of a key behind.
    let mut text = Vec::with_capacity(LONGEST);
    let end = u64::try_from(LONGEST).unwrap_or(u64::MAX);
    file.take(end).read_to_end(&mut text).await.map_err(unreadable)?;
    Ok(text)
}

/// More than any chain of certificates needs.
const LONGEST: usize = 256 << 10;

/// How often the files are looked at.
const PERIOD: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests;
