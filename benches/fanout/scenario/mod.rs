//! What can be measured, each by one command.

pub(crate) mod fanout;
