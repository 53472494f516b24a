//! Who asks.

use std::net::IpAddr;

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
