//! Where a stranger comes from.

use std::net::IpAddr;

/// The part of an address that one customer cannot choose freely: an IPv4 address, or an IPv6 network
/// of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place(u64);

impl Place {
    /// Where an address is.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => u64::from(u32::from(address)),
            IpAddr::V6(address) => u64::try_from(u128::from(address) >> 64).unwrap_or(0),
        })
    }
}
