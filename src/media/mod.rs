//! What flows, and just enough reading of it to relay it well.

mod enhanced;
mod frame;

pub mod avc;
pub mod flv;
pub mod reduce;
pub mod timeline;

pub use frame::{Frame, Kind, Tag};
pub use timeline::Timeline;
