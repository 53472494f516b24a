//! Who may use the API.
//!
//! With a token: whoever has it. It travels in a header that no browser adds by itself, so other
//! sites cannot borrow it. Without one: whoever is on this machine, which includes every page its
//! browser has open. So `Host` must be a local name (against DNS that a stranger points here), and
//! what changes something must not come from another site's page.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use super::error::Error;
use super::router::Api;
use crate::secret::Secret;

/// Who may use the API.
#[derive(Debug, Clone)]
pub enum Access {
    /// Whoever has the token.
    Token(Secret),
    /// Whoever is on this machine. Only for loopback listeners.
    Local,
}

impl Access {
    fn check(&self, method: &Method, headers: &HeaderMap) -> Result<(), Error> {
        match self {
            Self::Token(token) => check_token(token, headers),
            Self::Local => check_local(method, headers),
        }
    }
}

/// Lets through what [`Access`] allows.
pub(super) async fn guard(State(api): State<Api>, request: Request, next: Next) -> Result<Response, Error> {
    api.access.check(request.method(), request.headers())?;
    Ok(next.run(request).await)
}

fn check_token(token: &Secret, headers: &HeaderMap) -> Result<(), Error> {
    let given = text(headers, &header::AUTHORIZATION)
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| Secret::new(token.trim()));
    match given {
        Some(given) if given == *token => Ok(()),
        _ => Err(Error::Token),
    }
}

fn check_local(method: &Method, headers: &HeaderMap) -> Result<(), Error> {
    let host = text(headers, &header::HOST).ok_or(Error::Host)?;
    if !is_local(host) {
        return Err(Error::Host);
    }
    if !method.is_safe() && !is_same_origin(host, headers) {
        return Err(Error::CrossSite);
    }
    Ok(())
}

/// Addresses cannot be pointed elsewhere by DNS, and `localhost` is not looked up.
fn is_local(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let host = authority.host().trim_matches(['[', ']']);
    let address = host.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Programs send neither header; browsers send at least one with whatever changes something. Another
/// port of this machine is another site too.
fn is_same_origin(host: &str, headers: &HeaderMap) -> bool {
    let site = text(headers, &SEC_FETCH_SITE).unwrap_or("none");
    let own_origin = |origin: &str| {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
    };
    matches!(site, "same-origin" | "none")
        && (!headers.contains_key(header::ORIGIN) || text(headers, &header::ORIGIN).is_some_and(own_origin))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_names_with_any_port() {
        for local in ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "127.9.9.9", "[::1]:80", "[::1]"] {
            assert!(is_local(local), "{local}");
        }
    }

    #[test]
    fn all_other_names_are_strangers() {
        for stranger in [
            "",
            "relay.example",
            "localhost.example",
            "127.0.0.1.example:80",
            "192.168.1.2",
            "[::2]:80",
            "evil@",
            "a b",
        ] {
            assert!(!is_local(stranger), "{stranger}");
        }
    }
}
