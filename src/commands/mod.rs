//! What operators can do besides relaying: each command says what it did, where, and what comes next.

mod bundle;
mod check;
mod folder;
mod password;
mod run;
mod test_target;

pub use run::run;
