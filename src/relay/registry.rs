//! Stream key → hub: who may publish what.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::hub::Hub;
use super::publication::Publication;
use super::takeover::Busy;
use crate::model::{AllowFrom, AppName, KeyDigest, KeyHasher};
use crate::rtmp::StreamKey;

/// A stream that accepts its encoder.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name, for logs.
    pub name: String,
    /// The only app accepted, or any.
    pub app: Option<AppName>,
    /// From where its encoder may come.
    pub allow_from: AllowFrom,
    /// Where it meets its targets.
    pub hub: Arc<Hub>,
}

/// Why nobody may publish with a key now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No stream has it, or not with this app.
    #[error("unknown stream key")]
    UnknownKey,
    /// The stream's encoders may not come from there.
    #[error("the stream takes no encoder from this address")]
    Address,
    /// Another publisher sends.
    #[error(transparent)]
    Busy(#[from] Busy),
}

type Entries = HashMap<KeyDigest, Entry>;

/// All streams, by the fingerprints of their keys.
pub struct Registry {
    hasher: KeyHasher,
    entries: RwLock<Entries>,
}

impl Registry {
    /// An empty registry whose fingerprints are made by `hasher`.
    pub fn new(hasher: KeyHasher) -> Arc<Self> {
        Arc::new(Self { hasher, entries: RwLock::default() })
    }

    /// The stream that one of the keys belongs to; the first that is known counts.
    pub fn find(&self, app: &str, keys: &[StreamKey]) -> Option<Entry> {
        self.look_up(&self.read(), app, keys).cloned()
    }

    /// The right to send to the stream that one of the keys belongs to, and that stream's name.
    /// Whoever has it is known to the hub before [`Registry::replace`] returns, and can be evicted.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn publish(
        &self,
        app: &str,
        keys: &[StreamKey],
        peer: SocketAddr,
    ) -> Result<(String, Publication), Refusal> {
        let entries = self.read();
        let entry = self.look_up(&entries, app, keys).ok_or(Refusal::UnknownKey)?;
        if !entry.allow_from.allows(peer.ip()) {
            return Err(Refusal::Address);
        }
        Ok((entry.name.clone(), entry.hub.publish(peer)?))
    }

    /// Replaces all entries.
    pub fn replace(&self, entries: Entries) {
        *self.entries.write().unwrap_or_else(PoisonError::into_inner) = entries;
    }

    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_up<'a>(&self, entries: &'a Entries, app: &str, keys: &[StreamKey]) -> Option<&'a Entry> {
        let entry = keys.iter().find_map(|key| entries.get(&self.hasher.digest(key)))?;
        let fits = entry.app.as_ref().is_none_or(|only| only.as_str() == app);
        fits.then_some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::super::status::Board;
    use super::super::workers::Worker;
    use super::*;
    use crate::model::{Rules, StreamId};

    #[tokio::test]
    async fn finds_by_any_meaning_of_the_key_and_minds_the_app() {
        let hasher = KeyHasher::new(&[1; 32]);
        let registry = Registry::new(hasher.clone());
        let hub = Hub::new(Board::default().open_stream(StreamId(1)), Rules::default(), Worker::here());
        let entry = |app: Option<&str>| Entry {
            name: String::new(),
            app: app.map(|app| AppName::parse(app).unwrap()),
            allow_from: AllowFrom::default(),
            hub: hub.clone(),
        };
        let keys = |keys: &[&str]| keys.iter().map(|key| StreamKey::new(*key)).collect::<Vec<_>>();
        let digest = hasher.digest(&StreamKey::new("good"));

        registry.replace(HashMap::from([(digest, entry(None))]));
        assert!(registry.find("any", &keys(&["good?x=1", "good"])).is_some());
        assert!(registry.find("any", &keys(&["bad"])).is_none());
        assert!(registry.find("any", &[]).is_none());

        registry.replace(HashMap::from([(digest, entry(Some("live")))]));
        assert!(registry.find("live", &keys(&["good"])).is_some());
        assert!(registry.find("other", &keys(&["good"])).is_none());
    }
}
