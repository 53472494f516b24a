//! A laboratory of faults: servers that behave in every bad way, an encoder that vanishes and comes
//! back, a line that swallows what it is given, and a look at what the kernel holds.
//!
//! All of it runs in the test's own process, so that every frame can be stamped where it is sent and
//! timed where it arrives by one clock. Each target that uses the laboratory includes it as a module,
//! beside the rig.

pub(crate) mod encoder;
pub(crate) mod footage;
pub(crate) mod line;
pub(crate) mod manner;
pub(crate) mod memory;
pub(crate) mod peer;
pub(crate) mod sink;
pub(crate) mod task;
pub(crate) mod trial;
pub(crate) mod visit;
