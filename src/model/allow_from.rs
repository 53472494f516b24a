//! From where encoders may come.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};

use super::name::Invalid;

/// The networks that a stream's encoders may come from; with none, they may come from anywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowFrom(Vec<IpNet>);

impl AllowFrom {
    /// Most networks of one stream: each is compared with every encoder that comes.
    pub const MOST: usize = 64;

    /// Takes addresses and networks as people write them. What means the same is kept once.
    ///
    /// # Errors
    /// [`Invalid::Network`], or [`Invalid::TooManyNetworks`].
    pub fn parse<'a>(items: impl IntoIterator<Item = &'a str>) -> Result<Self, Invalid> {
        let mut networks = Vec::new();
        for item in items {
            let network = parse_network(item.trim()).ok_or(Invalid::Network)?;
            if !networks.contains(&network) {
                networks.push(network);
            }
            if networks.len() > Self::MOST {
                return Err(Invalid::TooManyNetworks);
            }
        }
        Ok(Self(networks))
    }

    /// Whether an encoder may come from there.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.is_empty() || self.0.iter().any(|network| network.contains(&address))
    }

    /// Each network by itself, as it is shown: an address without the length of its network.
    pub fn words(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|network| match network.prefix_len() == network.max_prefix_len() {
            true => network.addr().to_string(),
            false => network.to_string(),
        })
    }
}

/// All of them with spaces between, which [`AllowFrom::parse`] takes word by word.
impl fmt::Display for AllowFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().collect::<Vec<_>>().join(" "))
    }
}

fn parse_network(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?.trunc();
    match network {
        // What a socket for both kinds calls an IPv4 address.
        IpNet::V6(mapped) if mapped.prefix_len() >= MAPPED => match mapped.addr().to_ipv4_mapped() {
            Some(address) => canonical(address, mapped.prefix_len() - MAPPED),
            None => Some(network),
        },
        _ => Some(network),
    }
}

fn canonical(address: Ipv4Addr, prefix_len: u8) -> Option<IpNet> {
    Ipv4Net::new(address, prefix_len).ok().map(IpNet::from)
}

/// Bits of an IPv6 address before the IPv4 address in it.
const MAPPED: u8 = 96;

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> Result<AllowFrom, Invalid> {
        AllowFrom::parse(text.split_whitespace())
    }

    #[test]
    fn nobody_is_kept_out_unless_somebody_is_named() {
        for address in ["192.0.2.1", "::1", "2001:db8::1"] {
            assert!(AllowFrom::default().allows(address.parse().unwrap()));
        }
        assert_eq!(from(""), Ok(AllowFrom::default()));
    }

    #[test]
    fn addresses_and_networks_of_both_kinds_are_told_apart() {
        let some =
            from("192.0.2.7 10.1.0.0/16 2001:db8::/32 ::ffff:198.51.100.0/120 ::ffff:203.0.113.9").unwrap();
        for inside in [
            "192.0.2.7",
            "::ffff:192.0.2.7",
            "10.1.255.255",
            "2001:db8:1::1",
            "198.51.100.200",
            "::ffff:198.51.100.1",
            "203.0.113.9",
        ] {
            assert!(some.allows(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["192.0.2.8", "10.2.0.1", "2001:db9::1", "::1", "198.51.101.1", "::192.0.2.7"] {
            assert!(!some.allows(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn all_of_one_kind_is_none_of_the_other() {
        let (four, six) = (from("0.0.0.0/0").unwrap(), from("::/0").unwrap());
        let (address_of_four, address_of_six) =
            ("192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap());
        assert!(four.allows(address_of_four) && !four.allows(address_of_six));
        assert!(six.allows(address_of_six) && !six.allows(address_of_four));
    }

    #[test]
    fn what_was_written_is_shown_as_what_it_means() {
        let some = from("10.1.2.3/8 10.0.0.0/8 192.0.2.7/32 ::ffff:192.0.2.7 2001:DB8::1/64 ::1").unwrap();
        assert_eq!(some.to_string(), "10.0.0.0/8 192.0.2.7 2001:db8::/64 ::1");
        assert_eq!(from(&some.to_string()), Ok(some));
    }

    #[test]
    fn what_is_no_network_and_too_many_of_them_are_refused() {
        for bad in ["home", "10.0.0", "10.0.0.0/33", "::/129", "192.0.2.1:80", "[::1]", "fe80::1%eth0", "/8"]
        {
            assert_eq!(from(bad), Err(Invalid::Network), "{bad}");
        }
        assert_eq!(AllowFrom::parse([""]), Err(Invalid::Network));
        let many = |count: usize| (0..count).map(|n| format!("10.0.{n}.0/24")).collect::<Vec<_>>().join(" ");
        assert!(from(&many(AllowFrom::MOST)).is_ok());
        assert_eq!(from(&many(AllowFrom::MOST + 1)), Err(Invalid::TooManyNetworks));
        assert!(from(&[many(AllowFrom::MOST), many(1)].join(" ")).is_ok(), "it is the same twice");
    }
}
