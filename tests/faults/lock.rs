//! Another process that has the relay's database open.

use std::path::Path;

use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::runtime::{Builder, Runtime};

/// Holds a database until dropped, as a backup program may.
pub(crate) struct Lock {
    _database: SqliteConnection,
    _runtime: Runtime,
}

impl Lock {
    pub(crate) fn of(data_dir: &Path) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let options = SqliteConnectOptions::new().filename(data_dir.join("splitcast.db"));
        let database = runtime.block_on(async {
            let mut database = options.connect().await.unwrap();
            sqlx::query("begin exclusive").execute(&mut database).await.unwrap();
            database
        });
        Self { _database: database, _runtime: runtime }
    }
}
