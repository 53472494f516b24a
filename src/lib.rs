//! splitcast: one RTMP stream in, many RTMP and RTMPS targets out.
//!
//! The crate is a house of eight floors. A room uses only rooms on lower floors, so that each can be
//! read, tested and changed without what stands above it; `tests/architecture.rs` keeps it so.
//!
//! ```text
//! 8                       main.rs
//! 7             app           commands            wires, starts, stops | what else operators can do
//! 6                       api                    REST, the embedded page
//! 5                       control                every change an operator can make; webhooks
//! 4       relay     store     config             ring, hub, targets, ingest | SQLite | settings
//! 3       net     model     machine               sockets, TLS | the nouns | what is left of disk and memory
//! 2                       rtmp                   the protocol as values
//! 1            media             secret          frames and clocks | what is never printed
//! ```
//!
//! Four ideas carry it:
//!
//! 1. **The protocol is a value, not a task.** [`rtmp`] takes bytes and gives events and bytes. It is
//!    tested without a socket, a runtime or a clock.
//! 2. **One ring per stream, one cursor per target.** The ring is the start for newcomers and the
//!    backlog of the slow. A target costs a cursor; the publisher never waits.
//! 3. **Wanted and running are two things.** The store holds what is wanted;
//!    [`relay::Supervisor::apply`] makes what runs equal to it. Adding, editing, removing, booting and
//!    restarting are the same call.
//! 4. **`run` loops, `once` tries.** One attempt at a target is a straight line that returns why it
//!    ended; one loop decides what that means.

pub mod secret;

pub mod media;

pub mod rtmp;

pub mod machine;
pub mod model;
pub mod net;

pub mod config;
pub mod relay;
pub mod store;

pub mod control;

pub mod api;

pub mod app;
pub mod commands;
