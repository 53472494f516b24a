//! What platforms told of their own servers.

use std::collections::HashMap;

use super::error::Error;
use super::pool::Store;
use crate::model::{FetchedServer, FetchedServers, Platform};

impl Store {
    /// The lists that were kept, by their platforms' ids. What cannot be a platform's any more, since this
    /// program knows better than the one that kept it, is left out.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn platform_servers(&self) -> Result<HashMap<String, FetchedServers>, Error> {
        let rows: Vec<(String, i64, String, String, String)> = sqlx::query_as(
            "select platform, at, id, name, url from platform_servers order by platform, position",
        )
        .fetch_all(&self.reads)
        .await?;
        let mut lists = HashMap::<String, FetchedServers>::new();
        for (platform, at, id, name, url) in rows {
            let known = Platform::called(&platform).and_then(|known| FetchedServer::read(known, &name, &url));
            if let Some(server) = known {
                let list =
                    lists.entry(platform).or_insert_with(|| FetchedServers { at, servers: Vec::new() });
                list.servers.push(FetchedServer { id, ..server });
            }
        }
        Ok(lists)
    }

    /// Keeps a platform's list in place of the one before.
    ///
    /// # Errors
    /// As the database fails.
    pub async fn keep_platform_servers(
        &self,
        platform: &str,
        servers: &[FetchedServer],
    ) -> Result<(), Error> {
        let mut tx = self.pool.begin_with("begin immediate").await?;
        sqlx::query("delete from platform_servers where platform = ?")
            .bind(platform)
            .execute(&mut *tx)
            .await?;
        for (position, server) in (0_i64..).zip(servers) {
            sqlx::query(
                "insert into platform_servers (platform, position, id, name, url) values (?, ?, ?, ?, ?)",
            )
            .bind(platform)
            .bind(position)
            .bind(&server.id)
            .bind(&server.name)
            .bind(&server.url)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
