//! Scripted worlds: the relay between an encoder and targets that are made up, under paused time.
//!
//! Minutes of refusals, freezes and returns are played in milliseconds, and the same way each time.

mod encoders;
mod supervisor;
mod targets;
mod world;
