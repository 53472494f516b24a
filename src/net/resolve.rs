//! Host names to addresses, by the system's own means.
//!
//! The system's lookup blocks a thread until its servers answer or give up, which no timeout of ours
//! can shorten. So threads are counted until they really end, all together and for each name, and a
//! name whose servers hang holds up no other. When the servers fail, what they said last still holds:
//! an outage of theirs must not end a broadcast that needs no more of them.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout};

use super::{Error, Step};

/// How the addresses of a name are found; blocks.
type Lookup = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

/// Looks up host names.
pub(super) struct Resolver {
    lookup: Arc<Lookup>,
    places: Arc<Semaphore>,
    names: Arc<Names>,
}

type Names = Mutex<HashMap<String, Name>>;

/// What is known of a name.
#[derive(Default)]
struct Name {
    /// Held by who looks it up.
    turn: Arc<Turn<()>>,
    found: Option<Found>,
}

struct Found {
    at: Instant,
    addresses: Vec<IpAddr>,
}

impl Resolver {
    /// A resolver that asks the system.
    pub(super) fn system() -> Self {
        Self::new(|host| Ok((host, 0).to_socket_addrs()?.map(|address| address.ip()).collect()))
    }

    /// A resolver that asks `lookup`.
    pub(super) fn new(lookup: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        Self { lookup: Arc::new(lookup), places: Arc::new(Semaphore::new(THREADS)), names: Arc::default() }
    }

    /// The addresses of a host, at least one. Cancel-safe.
    ///
    /// # Errors
    /// [`Error::UnknownHost`] if the name has no address; [`Error::Lookup`] or [`Error::Timeout`] if
    /// that cannot be told now, and was not told in the last ten minutes.
    pub(super) async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, Error> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        let limit = Step::Resolving.limit();
        let failure = match timeout(limit, self.look_up(host, Instant::now())).await {
            Ok(Ok(addresses)) => return Ok(addresses),
            Ok(Err(error)) if is_final(&error) => return Err(Error::UnknownHost),
            Ok(Err(error)) => Error::Lookup(error),
            Err(_) => Error::Timeout { step: Step::Resolving, limit },
        };
        let known = self.found_since(host, Instant::now().checked_sub(KEPT));
        if known.is_some() {
            tracing::debug!(%failure, "a host name is taken to mean what it meant a while ago");
        }
        known.ok_or(failure)
    }

    async fn look_up(&self, host: &str, asked_at: Instant) -> io::Result<Vec<IpAddr>> {
        let turn = self.turn(host).lock_owned().await;
        // Many targets of one platform ask together: one answer is enough.
        if let Some(addresses) = self.found_since(host, Some(asked_at)) {
            return Ok(addresses);
        }
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(io::Error::other)?;
        let (lookup, names, host) = (Arc::clone(&self.lookup), Arc::clone(&self.names), host.to_owned());
        let looking_up = spawn_blocking(move || {
            let found = lookup(&host).and_then(at_least_one);
            // Also when nobody waits any more: the next attempt may need it.
            note(&names, &host, &found);
            drop((turn, place));
            found
        });
        looking_up.await.unwrap_or_else(|panicked| Err(io::Error::other(panicked)))
    }

    fn turn(&self, host: &str) -> Arc<Turn<()>> {
        let mut names = lock(&self.names);
        if !names.contains_key(host) {
            make_room(&mut names);
        }
        Arc::clone(&names.entry(host.to_owned()).or_default().turn)
    }

    /// What was found at a time or later; `None` is the beginning of time.
    fn found_since(&self, host: &str, since: Option<Instant>) -> Option<Vec<IpAddr>> {
        let names = lock(&self.names);
        let found = names.get(host)?.found.as_ref()?;
        since.is_none_or(|since| found.at >= since).then(|| found.addresses.clone())
    }
}

fn lock(names: &Names) -> MutexGuard<'_, HashMap<String, Name>> {
    names.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps what was found; forgets a name that is no more.
fn note(names: &Names, host: &str, result: &io::Result<Vec<IpAddr>>) {
    let mut names = lock(names);
    let Some(name) = names.get_mut(host) else {
        return;
    };
    match result {
        Ok(addresses) => name.found = Some(Found { at: Instant::now(), addresses: addresses.clone() }),
        Err(error) if is_final(error) => name.found = None,
        Err(_) => {}
    }
}

/// Drops names, those first that were found longest ago or never, until one more has room.
fn make_room(names: &mut HashMap<String, Name>) {
    while names.len() >= NAMES {
        let oldest = names.iter().min_by_key(|(_, name)| name.found.as_ref().map(|found| found.at));
        let Some(oldest) = oldest.map(|(host, _)| host.clone()) else {
            return;
        };
        names.remove(&oldest);
    }
}

fn at_least_one(addresses: Vec<IpAddr>) -> io::Result<Vec<IpAddr>> {
    if addresses.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(addresses) }
}

/// Whether the name service knows that the name has no address. The standard library passes the
/// system's words on and nothing else; words that are not known here count as a failure for now, for
/// those are the ones that pass.
fn is_final(error: &io::Error) -> bool {
    if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput) {
        return true;
    }
    // Windows' words are in the user's language, its numbers are not.
    if cfg!(windows) {
        return matches!(error.raw_os_error(), Some(WSAHOST_NOT_FOUND | WSANO_DATA));
    }
    let words = error.to_string();
    FINAL.iter().any(|known| words.contains(known))
}

const WSAHOST_NOT_FOUND: i32 = 11_001;
const WSANO_DATA: i32 = 11_004;

/// `EAI_NONAME`, `EAI_NODATA` and `EAI_ADDRFAMILY` in the words of glibc, musl, macOS and the BSDs.
const FINAL: [&str; 7] = [
    "Name or service not known",
    "No address associated with",
    "Address family for hostname not supported",
    "Name does not resolve",
    "Name has no usable address",
    "nodename nor servname provided",
    "hostname nor servname provided",
];

/// Lookups at once, each on a thread of its own.
const THREADS: usize = 16;

/// Names that are remembered; somebody may enter new ones for ever.
const NAMES: usize = 4_096;

/// For how long an answer holds when there is no newer one.
const KEPT: Duration = Duration::from_secs(600);

#[cfg(test)]
mod tests;
