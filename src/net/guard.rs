//! Which addresses may be dialled.
//!
//! Whoever may add a target could otherwise make the relay connect to what only this machine can
//! reach: other services on it, the home network, a cloud's metadata service. The address that is
//! really dialled is checked, not the name, so that a name cannot be pointed elsewhere in between.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::str::FromStr;

use ipnet::IpNet;

use super::Error;

/// What `--allow-targets` says: `public`, `lan`, networks, or several of them with commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowTargets {
    public: bool,
    lan: bool,
    networks: Vec<IpNet>,
}

/// Text that is no address policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is neither public nor lan nor a network such as 192.168.1.0/24")]
pub struct ParseError(String);

impl AllowTargets {
    /// Whether the policy permits an address, whatever the port.
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if self.lists(address) {
            return true;
        }
        match Reach::of(address) {
            Reach::Public => self.public,
            Reach::Private => self.lan,
            Reach::Never => false,
        }
    }

    /// Whether a canonical address is in one of the networks.
    fn lists(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }
}

impl Default for AllowTargets {
    fn default() -> Self {
        Self { public: true, lan: false, networks: Vec::new() }
    }
}

impl FromStr for AllowTargets {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut allow = Self { public: false, lan: false, networks: Vec::new() };
        for item in text.split(',').map(str::trim) {
            match item {
                "public" => allow.public = true,
                // Who relays at home relays to the platforms too.
                "lan" => (allow.public, allow.lan) = (true, true),
                _ => allow.networks.push(parse_network(item)?),
            }
        }
        Ok(allow)
    }
}

fn parse_network(item: &str) -> Result<IpNet, ParseError> {
    let address = || item.parse::<IpAddr>().map(IpNet::from);
    item.parse::<IpNet>().or_else(|_| address()).map_err(|_| ParseError(item.to_owned()))
}

impl fmt::Display for AllowTargets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match (self.public, self.lan) {
            (_, true) => Some("lan".to_owned()),
            (true, false) => Some("public".to_owned()),
            (false, false) => None,
        };
        let items = word.into_iter().chain(self.networks.iter().map(IpNet::to_string));
        f.write_str(&items.collect::<Vec<_>>().join(","))
    }
}

/// From where an address can be reached.
#[derive(Debug, PartialEq)]
enum Reach {
    /// Anywhere.
    Public,
    /// This machine or its network.
    Private,
    /// Nothing that a stream could be pushed to, or a cloud's metadata service.
    Never,
}

impl Reach {
    fn of(address: IpAddr) -> Self {
        match address {
            _ if METADATA.contains(&address) => Self::Never,
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let [a, b, c, _] = address.octets();
        match (a, b, c) {
            _ if address.is_loopback() || address.is_private() => Self::Private,
            // Carrier-grade NAT, which also serves as a private network for VPNs.
            (100, 64..=127, _) => Self::Private,
            // This network, link-local with its metadata services, protocol assignments,
            // documentation, 6to4 relays, benchmarks.
            (0, ..) | (169, 254, _) | (192, 0, 0 | 2) | (192, 88, 99) | (198, 18 | 19, _) => Self::Never,
            (198, 51, 100) | (203, 0, 113) => Self::Never,
            // Multicast and reserved.
            (224..=255, ..) => Self::Never,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let segments = address.segments();
        let [first, second, ..] = segments;
        if address.is_loopback() || first & 0xfe00 == 0xfc00 {
            return Self::Private;
        }
        // An IPv4 address inside NAT64 and 6to4 prefixes reaches what that address reaches.
        let inner = match segments {
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(v4_from(high, low)),
            _ => None,
        };
        if inner.is_some_and(|inner| Self::of_v4(inner) != Self::Public) {
            return Self::Never;
        }
        // Global unicast is 2000::/3; of it, 2001::/23 (Teredo and the like) and documentation are not.
        let global = first & 0xe000 == 0x2000 || inner.is_some();
        let special = first == 0x2001 && (second < 0x200 || second == 0xdb8) || first == 0x3fff;
        if global && !special { Self::Public } else { Self::Never }
    }
}

/// Metadata services of clouds that lie among addresses which are harmless otherwise: Azure, Alibaba,
/// AWS and Google.
const METADATA: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

fn v4_from(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}

/// The policy together with what this relay itself listens on.
#[derive(Debug, Clone)]
pub struct Guard {
    allow: AllowTargets,
    listeners: Vec<SocketAddr>,
}

impl Guard {
    /// A guard under a policy, for a relay that listens on the given addresses.
    pub fn new(allow: AllowTargets, listeners: Vec<SocketAddr>) -> Self {
        Self { allow, listeners }
    }

    /// The addresses that may be dialled.
    ///
    /// # Errors
    /// When none of them may; says why for the first.
    pub fn filter(&self, addresses: impl IntoIterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, Error> {
        let mut first_error = None;
        let mut allowed = Vec::new();
        for address in addresses {
            match self.check(address) {
                Ok(()) => allowed.push(address),
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        match first_error {
            Some(error) if allowed.is_empty() => Err(error),
            _ => Ok(allowed),
        }
    }

    fn check(&self, address: SocketAddr) -> Result<(), Error> {
        let (ip, port) = (address.ip().to_canonical(), address.port());
        if !self.allow.permits(ip) {
            let suggestion = self.suggestion(ip);
            return Err(Error::Forbidden { address: ip, suggestion });
        }
        if port < 1024 && !matches!(port, 80 | 443) && !self.allow.lists(ip) {
            return Err(Error::Port(port));
        }
        if self.is_own(ip, port) {
            return Err(Error::Loop);
        }
        Ok(())
    }

    fn is_own(&self, ip: IpAddr, port: u16) -> bool {
        self.listeners.iter().any(|own| {
            let same = own.ip().to_canonical() == ip;
            own.port() == port && (same || (own.ip().is_unspecified() && is_this_machine(ip)))
        })
    }

    fn suggestion(&self, address: IpAddr) -> String {
        match Reach::of(address) {
            Reach::Private if self.allow == AllowTargets::default() => {
                format!("lan (or public,{address}/{})", bits(address))
            }
            _ => format!("{},{address}/{}", self.allow, bits(address)),
        }
    }
}

fn bits(address: IpAddr) -> u8 {
    IpNet::from(address).max_prefix_len()
}

/// Only an address of this machine can be bound.
fn is_this_machine(ip: IpAddr) -> bool {
    ip.is_loopback() || UdpSocket::bind((ip, 0)).is_ok()
}

#[cfg(test)]
mod tests;
