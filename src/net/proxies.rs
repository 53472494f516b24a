//! Which proxies are believed when they say for whom they ask.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// The networks of the proxies that are believed; nobody unless told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
}

/// Text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is neither an address such as 127.0.0.1 nor a network such as 10.0.0.0/8")]
pub struct ParseError(String);

impl TrustedProxies {
    /// Whether an address is one of theirs.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for TrustedProxies {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        // An empty variable is how compose files leave one out.
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        items.map(network).collect::<Result<_, _>>().map(|networks| Self { networks })
    }
}

fn network(item: &str) -> Result<IpNet, ParseError> {
    let address = || item.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
    item.parse::<IpNet>().or_else(|_| address()).map_err(|_| ParseError(item.to_owned()))
}

impl fmt::Display for TrustedProxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.networks.iter().map(IpNet::to_string).collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(text: &str) -> TrustedProxies {
        text.parse().unwrap()
    }

    #[test]
    fn nobody_is_believed_unless_told() {
        for nobody in [TrustedProxies::default(), proxies(""), proxies(" , ")] {
            assert!(!nobody.contain("127.0.0.1".parse().unwrap()));
            assert!(!nobody.contain("::1".parse().unwrap()));
        }
    }

    #[test]
    fn who_is_in_a_network_is_believed() {
        let some = proxies("127.0.0.1, 10.1.0.0/16,fd00::/8,::ffff:192.0.2.7");
        for inside in
            ["127.0.0.1", "10.1.255.1", "fd12::1", "::ffff:10.1.0.1", "192.0.2.7", "::ffff:192.0.2.7"]
        {
            assert!(some.contain(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["127.0.0.2", "10.2.0.1", "fe80::1", "::1", "192.0.2.8"] {
            assert!(!some.contain(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn what_is_no_network_is_told() {
        for bad in ["all", "10.0.0.0/33", "10.0.0", "127.0.0.1:80", "nginx.local"] {
            assert_eq!(bad.parse::<TrustedProxies>(), Err(ParseError(bad.to_owned())));
        }
    }
}
