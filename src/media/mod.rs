//! What flows, and just enough reading of it to relay it well.

mod aac;
mod av1;
mod avc;
mod bits;
mod described;
mod enhanced;
mod frame;
mod hevc;
mod opus;

pub mod flv;
pub mod reduce;
pub mod timeline;

pub use described::{Level, Picture, Size, Sound, is_default_track, is_digital_silence};
pub use frame::{Frame, Kind, Tag};
pub use timeline::Timeline;
