//! Twitch's list of its servers, as a stranger might have written it.

use serde_json::Value;

use crate::model::{FetchedServer, Platform};

/// The servers in a list that can be understood and are the platform's. Of two addresses of one server the one
/// for TLS is taken.
pub(super) fn servers(platform: &Platform, body: &[u8]) -> Vec<FetchedServer> {
    let list = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let entries = list.get("ingests").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(|entry| server(platform, entry)).collect()
}

fn server(platform: &Platform, entry: &Value) -> Option<FetchedServer> {
    let name = entry.get("name")?.as_str()?;
    let is_out = entry.get("availability").and_then(Value::as_f64).is_some_and(|share| share <= 0.0);
    let address = |field| FetchedServer::read(platform, name, entry.get(field)?.as_str()?);
    (!is_out).then(|| address("url_template_secure").or_else(|| address("url_template"))).flatten()
}
