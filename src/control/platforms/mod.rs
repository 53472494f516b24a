//! What platforms tell of their servers, asked when a person wants to know.
//!
//! The built-in list is what there is without it, and what stays when a platform cannot be asked. A list that
//! was fetched is kept in the store: it is still good after a restart.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::desk::{Control, TURN};
use super::error::Error;
use crate::model::{FetchedServer, FetchedServers, Platform};
use crate::net::{Fetch, Page};
use crate::store;

mod read;

/// Who asks platforms.
pub(super) struct Lists {
    fetch: Arc<dyn Fetch>,
    /// When each was asked last. Who asks holds it.
    asked: Mutex<HashMap<&'static str, Instant>>,
}

impl Lists {
    pub(super) fn new(fetch: Arc<dyn Fetch>) -> Self {
        Self { fetch, asked: Mutex::default() }
    }
}

impl Control {
    /// Asks platforms by `fetch`.
    #[must_use]
    pub fn with_fetch(mut self, fetch: Arc<dyn Fetch>) -> Self {
        self.lists = Lists::new(fetch);
        self
    }

    /// The lists that were fetched, by their platforms' ids.
    ///
    /// # Errors
    /// As the store's.
    pub async fn platform_servers(&self) -> Result<HashMap<String, FetchedServers>, Error> {
        Ok(self.store.platform_servers().await?)
    }

    /// Asks a platform for its servers, unless somebody just did.
    ///
    /// # Errors
    /// [`Error::NoList`] where there is nobody to ask, [`Error::ListUnfetched`] and [`Error::ListUnread`] where
    /// that is in vain, or as the store's.
    pub async fn fetch_servers(&self, id: &str) -> Result<&'static Platform, Error> {
        let platform = Platform::called(id).ok_or(Error::NoList)?;
        let page = platform.list.and_then(Page::at).ok_or(Error::NoList)?;
        let mut asked = timeout(TURN, self.lists.asked.lock()).await.map_err(|_| store::Error::Busy)?;
        if asked.get(platform.id).is_some_and(|at| at.elapsed() < FRESH) {
            return Ok(platform);
        }
        let name = platform.name;
        let body = self.lists.fetch.fetch(&page).await;
        let body = body.map_err(|error| Error::ListUnfetched { name, error })?;
        let servers = FetchedServer::listed(platform, read::servers(platform, &body));
        if servers.is_empty() {
            return Err(Error::ListUnread { name });
        }
        tracing::info!(
            platform = platform.id,
            servers = servers.len(),
            "a platform's servers were asked for"
        );
        self.store.keep_platform_servers(platform.id, &servers).await?;
        asked.insert(platform.id, Instant::now());
        Ok(platform)
    }
}

/// For how long a list is not asked for again.
const FRESH: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
