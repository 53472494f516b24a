//! The tables of those who may use the API.
//!
//! They are read once, at the start, and kept in memory by whoever asks at each request: being let in
//! must not wait for the database.

mod sessions;
mod tokens;
mod users;

pub use sessions::KeptSession;
pub use tokens::KeptToken;
pub use users::KeptUser;
