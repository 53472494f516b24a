//! Whether a browser may send what it sends.

use std::net::IpAddr;

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, header};

use super::super::error::Error;
use crate::api::ClientAddress;

/// Names that the relay is known by, besides `localhost` and IP addresses: DNS can point neither of those
/// at another's machine.
#[derive(Debug, Clone, Default)]
pub(super) struct Hosts(Vec<String>);

impl Hosts {
    /// These names, whatever the case of their letters.
    pub(super) fn new(names: impl IntoIterator<Item = String>) -> Self {
        Self(names.into_iter().collect())
    }

    /// Checks the name that a client asks for.
    ///
    /// # Errors
    /// [`Error::Host`].
    pub(super) fn check(&self, client: &ClientAddress) -> Result<(), Error> {
        let asked = client.host.as_deref().and_then(|host| host.parse::<Authority>().ok());
        let known = asked.is_some_and(|asked| {
            let host = asked.host().trim_matches(['[', ']']);
            host.parse::<IpAddr>().is_ok()
                || host.eq_ignore_ascii_case("localhost")
                || self.0.iter().any(|own| own.eq_ignore_ascii_case(host))
        });
        if known { Ok(()) } else { Err(Error::Host) }
    }
}

/// Checks that a change does not come from another site's page. Programs send neither header; browsers
/// send at least one with whatever changes something. Another port of this machine is another site too.
///
/// # Errors
/// [`Error::CrossSite`].
pub(super) fn check_same_origin(client: &ClientAddress, headers: &HeaderMap) -> Result<(), Error> {
    let site = text(headers, &SEC_FETCH_SITE).unwrap_or("none");
    let own_origin = |origin: &str| {
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        let host = client.host.as_deref();
        authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
    };
    let is_own =
        !headers.contains_key(header::ORIGIN) || text(headers, &header::ORIGIN).is_some_and(own_origin);
    match matches!(site, "same-origin" | "none") && is_own {
        true => Ok(()),
        false => Err(Error::CrossSite),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[cfg(test)]
mod tests {
    use super::*;

    fn is_known(host: &str) -> bool {
        let ip = IpAddr::from([192, 0, 2, 1]);
        let client = ClientAddress { ip, is_https: false, host: Some(host.to_owned()) };
        Hosts::new(["relay.example".to_owned()]).check(&client).is_ok()
    }

    #[test]
    fn names_that_are_ours() {
        for own in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:8080",
            "192.168.1.2",
            "[::1]:80",
            "[2001:db8::1]",
            "Relay.Example:8443",
        ] {
            assert!(is_known(own), "{own}");
        }
    }

    #[test]
    fn all_other_names_are_strangers() {
        for stranger in [
            "",
            "evil.example",
            "localhost.example",
            "127.0.0.1.example:80",
            "a.relay.example",
            "evil@",
            "a b",
        ] {
            assert!(!is_known(stranger), "{stranger}");
        }
    }
}
