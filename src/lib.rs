//! splitcast.

pub mod api;
pub mod config;
pub mod control;
pub mod model;
pub mod relay;
pub mod rtmp;
pub mod secret;
pub mod store;
