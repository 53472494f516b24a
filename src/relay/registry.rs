//! Stream key → hub: who may publish what.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use super::hub::Hub;
use super::publication::Publication;
use super::takeover::Busy;
use crate::model::{AllowFrom, AppName, KeyDigest, KeyHasher};
use crate::rtmp::StreamKey;
use crate::rtmp::auth::Login;

/// A stream that accepts its encoder.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name, for logs.
    pub name: String,
    /// The only app accepted, or any.
    pub app: Option<AppName>,
    /// From where its encoder may come.
    pub allow_from: AllowFrom,
    /// The login that its encoder must show, if it must.
    pub login: Option<Login>,
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
    /// The stream wants a login that its encoder has not shown.
    #[error("the stream asks for a user name and a password, and the encoder has not shown them")]
    Login,
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
        self.publish_with(&[], app, keys, peer)
    }

    /// The same for who has shown these logins.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn publish_with(
        &self,
        logins: &[Login],
        app: &str,
        keys: &[StreamKey],
        peer: SocketAddr,
    ) -> Result<(String, Publication), Refusal> {
        let entries = self.read();
        let entry = self.look_up(&entries, app, keys).ok_or(Refusal::UnknownKey)?;
        if !entry.allow_from.allows(peer.ip()) {
            return Err(Refusal::Address);
        }
        if entry.login.as_ref().is_some_and(|login| !logins.contains(login)) {
            return Err(Refusal::Login);
        }
        Ok((entry.name.clone(), entry.hub.publish(peer)?))
    }

    /// The logins of which an encoder must show one that connects to an app, be it that the app ends with
    /// its key, as from devices that have one field for all.
    pub fn logins(&self, app: &str) -> Vec<Login> {
        let entries = self.read();
        let may_be_meant = |only: &AppName| beyond(only, app).is_some();
        let named = entries.values().filter(|entry| entry.app.as_ref().is_some_and(may_be_meant));
        named.filter_map(|entry| entry.login.clone()).collect()
    }

    /// Replaces all entries.
    pub fn replace(&self, entries: Entries) {
        *self.entries.write().unwrap_or_else(PoisonError::into_inner) = entries;
    }

    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_up<'a>(&self, entries: &'a Entries, app: &str, keys: &[StreamKey]) -> Option<&'a Entry> {
        let (key, entry) = keys.iter().find_map(|key| Some((key, entries.get(&self.hasher.digest(key))?)))?;
        let fits = entry.app.as_ref().is_none_or(|only| is_meant(only, app, key));
        fits.then_some(entry)
    }
}

/// Whether an app is the only one that a stream takes. The key may have stayed in it: encoders cut an
/// address at slashes in its query, and devices with one field for all do not cut it.
fn is_meant(only: &AppName, app: &str, key: &StreamKey) -> bool {
    beyond(only, app).is_some_and(|rest| rest.is_empty() || rest == key.expose())
}

/// What an encoder's app has behind the name of one, without what encoders put between; `None` if it is another.
fn beyond<'a>(only: &AppName, app: &'a str) -> Option<&'a str> {
    let rest = app.strip_prefix(only.as_str())?;
    match rest.strip_prefix('/') {
        Some(rest) => Some(rest.strip_prefix("_definst_/").unwrap_or(rest)),
        None => rest.is_empty().then_some(""),
    }
}

#[cfg(test)]
mod tests {
    use super::super::status::Board;
    use super::super::workers::Worker;
    use super::*;
    use crate::model::{Rules, StreamId};
    use crate::rtmp::auth::{Password, User};

    #[tokio::test]
    async fn finds_by_any_meaning_of_the_key_and_minds_the_app() {
        let hasher = KeyHasher::new(&[1; 32]);
        let registry = Registry::new(hasher.clone());
        let hub = Hub::new(Board::default().open_stream(StreamId(1)), Rules::default(), Worker::here());
        let entry = |app: Option<&str>| Entry {
            name: String::new(),
            app: app.map(|app| AppName::parse(app).unwrap()),
            allow_from: AllowFrom::default(),
            login: None,
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
        assert!(registry.find("live/good", &keys(&["b", "good"])).is_some());
        assert!(registry.find("live/_definst_/good", &keys(&["good"])).is_some());
        for app in ["live/other", "livegood", "good", "other/good", "live/good/good", ""] {
            assert!(registry.find(app, &keys(&["good"])).is_none(), "{app}");
        }
    }

    #[tokio::test]
    async fn whatever_is_meant_by_an_app_is_asked_for_its_login() {
        let hasher = KeyHasher::new(&[1; 32]);
        let registry = Registry::new(hasher.clone());
        let hub = Hub::new(Board::default().open_stream(StreamId(1)), Rules::default(), Worker::here());
        let login = Login { user: User::parse("ann").unwrap(), password: Password::parse("canary").unwrap() };
        let entry = Entry {
            name: String::new(),
            app: Some(AppName::parse("studio").unwrap()),
            allow_from: AllowFrom::default(),
            login: Some(login.clone()),
            hub,
        };
        registry.replace([(hasher.digest(&StreamKey::new("k")), entry)].into());
        for app in ["studio", "studio/k", "studio/_definst_/k", "studio/a/b"] {
            assert_eq!(registry.logins(app), std::slice::from_ref(&login), "{app}");
        }
        for app in ["live", "studios", "studio2/k", "stud", ""] {
            assert_eq!(registry.logins(app), [], "{app}");
        }
    }
}
