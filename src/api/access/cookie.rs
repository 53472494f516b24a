//! The cookie that holds a session.
//!
//! Over HTTPS its name begins with `__Host-`, which browsers let only this very host set, over HTTPS and
//! for all paths. Over plain HTTP they would not keep such a cookie.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::api::ClientAddress;
use crate::model::Pass;

/// The session that a request brings.
pub(super) fn session(client: &ClientAddress, headers: &HeaderMap) -> Option<Pass> {
    let name = name(client);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| Pass::claim(value))
}

/// Gives a browser a session to keep.
pub(super) fn give(client: &ClientAddress, session: &Pass) -> Option<HeaderValue> {
    set(client, session.expose(), LONGEST)
}

/// Lets a browser forget its session.
pub(super) fn take(client: &ClientAddress) -> Option<HeaderValue> {
    set(client, "", 0)
}

fn set(client: &ClientAddress, value: &str, seconds: u32) -> Option<HeaderValue> {
    let (name, secure) = (name(client), if client.is_https { "; Secure" } else { "" });
    let line = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    let mut line = HeaderValue::try_from(line).ok()?;
    line.set_sensitive(true);
    Some(line)
}

fn name(client: &ClientAddress) -> &'static str {
    if client.is_https { "__Host-splitcast" } else { "splitcast" }
}

/// How long a browser keeps it, in seconds: as long as a session lasts at most.
const LONGEST: u32 = 7 * 24 * 3600;
