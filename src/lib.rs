//! splitcast.

pub mod api;
pub mod config;
pub mod control;
pub mod media;
pub mod model;
pub mod net;
pub mod relay;
pub mod rtmp;
pub mod secret;
pub mod store;
