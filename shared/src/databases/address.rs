//! Whom the connector may dial. Hosts are named by strangers, and our network is not theirs.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Which addresses may be dialled: public ones, and those that the operator allows.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Networks of the operator, such as the VPC that the functions run in.
    pub allowed_networks: Vec<IpNet>,
    /// Whether this machine may be dialled: the local runner searches databases beside it.
    pub allow_loopback: bool,
}

/// The address lies where the connector does not go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is not one that may be dialled")]
pub struct Refused;

impl Policy {
    /// Whether every one of the addresses may be dialled. One that may not refuses them all, because a name that points
    /// inside and outside at once is an attack or a mistake.
    pub fn check(&self, addresses: &[IpAddr]) -> Result<(), Refused> {
        let all_good = !addresses.is_empty() && addresses.iter().all(|address| self.allows(*address));
        if all_good { Ok(()) } else { Err(Refused) }
    }

    fn allows(&self, address: IpAddr) -> bool {
        match kind(address) {
            Kind::Public => true,
            Kind::Loopback => self.allow_loopback,
            Kind::Private => self.allowed_networks.iter().any(|network| network.contains(&address)),
            Kind::Never => false,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// Somewhere on the internet.
    Public,
    /// This machine.
    Loopback,
    /// Somebody's inner network: dialled where the operator says that it is theirs.
    Private,
    /// Metadata services, multicast, and forms that hide another address: dialled never.
    Never,
}

fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(address) => kind_v4(address),
        IpAddr::V6(address) => kind_v6(address),
    }
}

/// The special registry of IANA for IPv4 (RFC 6890 and its updates).
#[expect(clippy::unnested_or_patterns, reason = "a range a line can be compared with the registry")]
fn kind_v4(address: Ipv4Addr) -> Kind {
    match address.octets() {
        [127, ..] => Kind::Loopback,
        // This network, link-local with its metadata service, protocol assignments with Oracle's, AS112, AMT,
        // documentation, the old 6to4 relay, benchmarks, multicast, and everything from 240 on with the broadcast
        // address. Two metadata services lie among others: Alibaba's, and the host of Azure's machines.
        [0, ..]
        | [100, 100, 100, 200]
        | [168, 63, 129, 16]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [192, 31, 196, _]
        | [192, 52, 193, _]
        | [192, 88, 99, _]
        | [192, 175, 48, _]
        | [198, 18..=19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [224..=255, ..] => Kind::Never,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Kind::Private,
        _ => Kind::Public,
    }
}

/// The special registry of IANA for IPv6. Only what is globally assigned today is public: the rest is refused until it
/// is assigned.
#[expect(clippy::unnested_or_patterns, reason = "a range a line can be compared with the registry")]
fn kind_v6(address: Ipv6Addr) -> Kind {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Kind::Loopback,
        // Amazon's and Google's metadata services lie inside the range of private addresses. ISATAP has an address of
        // IPv4 in its last half, whatever stands before (RFC 5214, 6.1). Teredo, ORCHID, documentation, AS112 and 6to4
        // hide other addresses or lead nowhere.
        [0xfd00, 0x0ec2, ..]
        | [0xfd20, 0x00ce, ..]
        | [_, _, _, _, 0 | 0x0200, 0x5efe, ..]
        | [0x2001, 0..=0x01ff, ..]
        | [0x2001, 0x0db8, ..]
        | [0x2002, ..]
        | [0x2620, 0x004f, 0x8000, ..]
        | [0x3fff, 0..=0x0fff, ..] => Kind::Never,
        [0xfc00..=0xfdff, ..] => Kind::Private,
        [0x2000..=0x3fff, ..] => Kind::Public,
        // Unspecified, mapped and compatible IPv4, NAT64, link-local, multicast, and all that is unassigned.
        _ => Kind::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(policy: &Policy, text: &str) -> bool {
        policy.check(&[text.parse().unwrap()]).is_ok()
    }

    #[test]
    fn only_public_addresses_are_dialled_by_default() {
        let policy = Policy::default();
        for good in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "193.0.0.1", "2606:4700::1111", "2a00::1"] {
            assert!(allowed(&policy, good), "{good}");
        }
        for bad in [
            "127.0.0.1",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:808:808::1",
            "2001:db8::1",
            "2001::1",
            "64:ff9b:1::1",
            "4000::1",
        ] {
            assert!(!allowed(&policy, bad), "{bad}");
        }
    }

    #[test]
    fn the_operator_can_open_inner_networks_but_not_metadata_services() {
        let policy = Policy {
            allowed_networks: ["10.1.0.0/16", "169.254.0.0/16", "fd00::/8", "127.0.0.0/8"]
                .map(|network| network.parse().unwrap())
                .to_vec(),
            allow_loopback: false,
        };
        assert!(allowed(&policy, "10.1.2.3"));
        assert!(allowed(&policy, "fd12::1"));
        for bad in ["10.2.0.1", "169.254.169.254", "fd00:ec2::254", "127.0.0.1"] {
            assert!(!allowed(&policy, bad), "{bad}");
        }
    }

    #[test]
    fn one_bad_address_refuses_the_name() {
        let both = ["8.8.8.8", "10.0.0.1"].map(|text| text.parse().unwrap());
        assert!(Policy::default().check(&both).is_err());
        assert!(Policy::default().check(&[]).is_err());
    }
}
