use super::*;

fn allow(text: &str) -> AllowTargets {
    text.parse().unwrap()
}

fn permits(policy: &str, address: &str) -> bool {
    allow(policy).permits(address.parse().unwrap())
}

#[test]
fn public_permits_what_everyone_can_reach() {
    for address in ["142.250.1.1", "8.8.8.8", "2a00:1450::1", "2002:0808:0808::1", "64:ff9b::8.8.8.8"] {
        assert!(permits("public", address), "{address}");
    }
    for address in [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.2",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::127.0.0.1",
        "2002:7f00:1::",
        "2001:db8::1",
        "2001::1",
    ] {
        assert!(!permits("public", address), "{address}");
    }
}

#[test]
fn lan_permits_the_home_but_never_metadata_services() {
    for address in ["127.0.0.1", "192.168.1.2", "::ffff:192.168.1.2", "fd00::1", "::1", "8.8.8.8"] {
        assert!(permits("lan", address), "{address}");
    }
    for address in [
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "::ffff:168.63.129.16",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "0.0.0.0",
        "224.0.0.1",
    ] {
        assert!(!permits("lan", address), "{address}");
    }
}

#[test]
fn a_list_permits_what_it_lists() {
    assert!(permits("192.168.1.0/24", "192.168.1.20"));
    assert!(permits("192.168.1.0/24", "::ffff:192.168.1.20"));
    assert!(!permits("192.168.1.0/24", "192.168.2.20"));
    assert!(!permits("192.168.1.0/24", "8.8.8.8"));
    assert!(permits("public, 10.0.0.7", "8.8.8.8"));
    assert!(permits("public, 10.0.0.7", "10.0.0.7"));
}

#[test]
fn policies_read_back() {
    for text in ["public", "lan", "10.0.0.0/8", "public,10.0.0.0/8,fd00::/8"] {
        assert_eq!(allow(text).to_string(), text);
    }
    for text in ["", "private", "10.0.0.0/99", "public,,lan"] {
        assert!(text.parse::<AllowTargets>().is_err(), "{text}");
    }
}

fn check(policy: &str, address: &str) -> Result<(), String> {
    let guard = Guard::new(allow(policy), vec!["0.0.0.0:1935".parse().unwrap()]);
    guard.filter([address.parse().unwrap()]).map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn a_refusal_says_how_to_permit() {
    let said = check("public", "192.168.1.5:1935").unwrap_err();
    assert!(said.contains("--allow-targets lan (or public,192.168.1.5/32)"), "{said}");
    let said = check("10.0.0.0/8", "192.168.1.5:1935").unwrap_err();
    assert!(said.contains("--allow-targets 10.0.0.0/8,192.168.1.5/32"), "{said}");
}

#[test]
fn low_ports_and_this_relay_are_refused() {
    assert!(check("lan", "192.168.1.5:22").unwrap_err().contains("port 22"));
    assert!(check("192.168.1.5/32", "192.168.1.5:22").is_ok());
    assert!(check("lan", "192.168.1.5:443").is_ok());
    assert!(check("lan", "127.0.0.1:1935").unwrap_err().contains("itself"));
    assert!(check("lan", "127.0.0.1:1936").is_ok());
}

#[test]
fn one_good_address_is_enough() {
    let guard = Guard::new(AllowTargets::default(), vec![]);
    let addresses = ["10.0.0.1:1935", "8.8.8.8:1935"].map(|text| text.parse().unwrap());
    assert_eq!(guard.filter(addresses).unwrap(), [addresses[1]]);
}
