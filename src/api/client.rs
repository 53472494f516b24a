//! Who asks, from where, and over what: as the connection says, or as a proxy says that is trusted.
//!
//! Anyone can write what they like into `X-Forwarded-For`. What is believed is only what a trusted
//! proxy has added to it: read from the right, past the addresses of trusted proxies, to the first
//! that is not one. What stands left of that was there before, and may be a lie.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;

use super::Peer;
use crate::net::TrustedProxies;

/// Who asks. Each request carries one among its extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientAddress {
    /// Where the client is; 0.0.0.0 when nobody can tell.
    pub ip: IpAddr,
    /// Whether the client speaks HTTPS, with us or with a trusted proxy.
    pub is_https: bool,
    /// The host and port that the client asks for, as it wrote them.
    pub host: Option<String>,
}

impl ClientAddress {
    /// Who asks on a connection from `peer` with these headers.
    pub fn new(peer: Peer, headers: &HeaderMap, trusted: &TrustedProxies) -> Self {
        let ip = peer.address.ip().to_canonical();
        let own_host = || only(headers, &header::HOST).and_then(host);
        if !trusted.contain(ip) {
            return Self { ip, is_https: peer.is_tls, host: own_host() };
        }
        // The nearest proxy speaks last.
        let is_https = last(headers, &FORWARDED_PROTO)
            .map_or(peer.is_tls, |scheme| scheme.eq_ignore_ascii_case("https"));
        let host = last(headers, &FORWARDED_HOST).and_then(host).or_else(own_host);
        Self { ip: client(ip, headers, trusted), is_https, host }
    }

    /// A client of which nothing is known.
    fn unknown() -> Self {
        Self { ip: Ipv4Addr::UNSPECIFIED.into(), is_https: false, host: None }
    }
}

/// The address that the last of the trusted proxies, which begin at `proxy`, has seen. What is not an
/// address ends the search: a proxy that does not know says so, and nothing left of it is known either.
fn client(proxy: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    let mut seen = proxy;
    for item in items(headers, &FORWARDED_FOR).take(MOST_PROXIES) {
        let Some(address) = address(item) else {
            return seen;
        };
        seen = address;
        if !trusted.contain(seen) {
            return seen;
        }
    }
    seen
}

/// Some proxies write the port too, and IPv6 in brackets.
fn address(item: &str) -> Option<IpAddr> {
    let bare = item.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(item);
    let alone = bare.parse::<IpAddr>().ok();
    let with_port = || item.parse::<SocketAddr>().ok().map(|address| address.ip());
    alone.or_else(with_port).map(|address| address.to_canonical())
}

/// The items of a list, which may be spread over many headers, from the last to the first.
fn items<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).iter().rev();
    // A line that is no text is one item that says nothing.
    lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(',')).map(str::trim)
}

fn last<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    items(headers, name).next().filter(|item| !item.is_empty())
}

/// A header that must be there once: of two, nobody knows which one others believe.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut lines = headers.get_all(name).iter();
    let line = lines.next()?.to_str().ok()?;
    lines.next().is_none().then_some(line)
}

/// A host, perhaps with a port, and nothing else.
fn host(text: &str) -> Option<String> {
    let authority = text.parse::<Authority>().ok()?;
    let is_plain = !authority.host().is_empty() && !text.contains('@');
    is_plain.then(|| text.to_owned())
}

/// Lets every request carry who asks, and tells browsers to stay with HTTPS where it is ours.
pub fn identified(router: Router, trusted: TrustedProxies) -> Router {
    router.layer(middleware::from_fn_with_state(Arc::new(trusted), identify))
}

async fn identify(State(trusted): State<Arc<TrustedProxies>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<Peer>>().map(|info| info.0);
    let client = peer
        .map_or_else(ClientAddress::unknown, |peer| ClientAddress::new(peer, request.headers(), &trusted));
    tracing::debug!(
        ip = %client.ip,
        is_https = client.is_https,
        host = client.host.as_deref(),
        method = %request.method(),
        "a client asks"
    );
    let is_ours = peer.is_some_and(|peer| peer.is_tls) && client.host.as_deref().is_some_and(is_name);
    request.extensions_mut().insert(client);
    let mut response = next.run(request).await;
    if is_ours {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, STAY);
    }
    response
}

/// Whether a host is a name that others could point elsewhere: neither an address nor this machine.
fn is_name(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host().trim_matches(['[', ']']);
    let is_local =
        name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost");
    !is_local && name.parse::<IpAddr>().is_err()
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Half a year, for this very name.
const STAY: HeaderValue = HeaderValue::from_static("max-age=15552000");

/// More proxies than stand in any row.
const MOST_PROXIES: usize = 32;

#[cfg(test)]
mod tests;
