//! splitcast.

pub mod media;
pub mod model;
pub mod net;
pub mod relay;
pub mod rtmp;
pub mod secret;
