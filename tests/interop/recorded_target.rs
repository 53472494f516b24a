//! A target of the relay whose other end is a recording, from its creation over REST to the moment
//! when the recording is complete.

use serde_json::json;

use crate::compare::{Comparison, Match};
use crate::flv::Packet;
use crate::nginx::Nginx;
use crate::patience;
use crate::rest::Api;

/// The target and where it is recorded. Its name is its key and also the recording's.
pub(crate) struct RecordedTarget<'a> {
    api: &'a Api,
    nginx: &'a Nginx,
    id: i64,
    key: &'a str,
}

impl<'a> RecordedTarget<'a> {
    /// Adds a target on `nginx` to the stream.
    pub(crate) fn add(api: &'a Api, stream: i64, nginx: &'a Nginx, key: &'a str) -> Self {
        Self::add_through(&nginx.url(), api, stream, nginx, key)
    }

    /// Adds a target that reaches `nginx` by another server's `url`.
    pub(crate) fn add_through(url: &str, api: &'a Api, stream: i64, nginx: &'a Nginx, key: &'a str) -> Self {
        let id = api.add_target(stream, key, url, key);
        Self { api, nginx, id, key }
    }

    pub(crate) fn id(&self) -> i64 {
        self.id
    }

    /// Waits until the recording holds a packet that `wanted` likes.
    pub(crate) fn wait_for_packet(&self, wanted: impl Fn(&Packet) -> bool) {
        let what = format!("a certain packet at {}", self.key);
        patience::wait_until(&what, || self.nginx.recorded(self.key).iter().any(&wanted));
    }

    /// Waits for the last of what was sent, stops the target so that the recording ends, and compares
    /// all of it.
    pub(crate) fn finish(self, expected: &Comparison<'_>) -> Match {
        let arrived = || expected.check(&self.nginx.recorded(self.key)).ok();
        // When it never arrives, the comparison below says what is wrong with what did.
        patience::poll(patience::LIMIT, arrived);
        self.api.patch_target(self.id, &json!({ "enabled": false }));
        match expected.check(&self.nginx.recording(self.key)) {
            Ok(found) => found,
            Err(difference) => panic!("{}: {difference}\n{:#}", self.key, self.api.target(self.id)),
        }
    }
}
