//! What tests of the whole program are made with: splitcast's binary as a process, the programs that
//! stand around it, the clips they send and the clients that ask it how it goes.
//!
//! Each test target that uses the rig includes it as a module of its own.

pub(crate) mod authority;
pub(crate) mod clip;
pub(crate) mod dialogue;
pub(crate) mod enhanced;
pub(crate) mod ffmpeg;
pub(crate) mod flv;
pub(crate) mod gstreamer;
pub(crate) mod modern;
pub(crate) mod nginx;
pub(crate) mod obs;
pub(crate) mod own_trust;
pub(crate) mod patience;
pub(crate) mod port;
pub(crate) mod program;
pub(crate) mod publisher;
pub(crate) mod relay_process;
pub(crate) mod rest;
pub(crate) mod rtmps_relay;
pub(crate) mod screen;
pub(crate) mod tap;
pub(crate) mod tls_front;
pub(crate) mod wire;
