//! What is wanted, remembered in SQLite: streams and targets, with their secrets sealed.
//!
//! A data folder holds `splitcast.db`, the key file `splitcast.key` and a lock. Nothing in it is ever
//! replaced because it could not be read: a folder that is not whole is refused with a sentence.

mod access;
mod answers;
mod audit;
mod backup;
mod backups;
mod configuration;
mod connect;
mod error;
mod events;
mod folder;
mod health;
mod history;
mod inventory;
mod key_file;
mod keys;
mod logins;
mod onlooker;
mod order;
mod orders;
mod outbox;
mod platforms;
mod pool;
mod restore;
mod rotate;
mod seal;
mod streams;
mod takes;
mod targets;
mod webhooks;

pub use access::{KeptSession, KeptToken, KeptUser};
pub use backup::backup;
pub use backups::{BackupName, KeptBackup, NotABackupName};
pub use configuration::Imported;
pub use error::Error;
pub use health::{Trial, Trouble};
pub use history::{HistoryFilter, Kept, KeptEvent};
pub use onlooker::{Onlooker, Schema, SeenTarget};
pub use orders::Ended;
pub use outbox::{Fate, Message, NewMessage};
pub use pool::Store;
pub use restore::{Restored, restore};
pub use rotate::{Rotated, rotate_keys};
