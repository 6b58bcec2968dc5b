//! Hosts that strangers might name, and what the resolver makes of each: those that the connector must not dial, and
//! those that it must. Ranges are those of IANA's registries of special-purpose addresses for IPv4 and IPv6: of each the
//! first, a middle and the last address, and its neighbours where they are public. What `getaddrinfo` makes of numbers
//! was asked of glibc; nothing here is looked up.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;
use shared::databases::{
    Connector, Credentials, Dialer, Host, Network, Policy, Port, Reason, Ssh, SshCredentials, Target,
};
use tests::{TestApi, settings};

use crate::articles;

/// A host as it is sent, and the addresses that the resolver answers with.
pub type Row = (&'static str, &'static [&'static str]);

fn allows(policy: &Policy, addresses: &[IpAddr]) -> bool {
    policy.check(addresses).is_ok()
}

fn addresses(row: &Row) -> Vec<IpAddr> {
    row.1.iter().map(|text| text.parse().unwrap()).collect()
}

/// What the connector does with a host, when the resolver answers so: what it would have dialled, all of which is
/// refused before a packet leaves, and the fault. None where the name can not even be sent.
async fn connect(host: &str, answers: Vec<Vec<IpAddr>>, through: bool) -> Option<(Vec<IpAddr>, Reason, usize)> {
    let host = Host::try_from(host.to_owned()).ok()?;
    let (dialled, asked) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
    let (recorder, counter) = (Arc::clone(&dialled), Arc::clone(&asked));
    let network = Network::new(
        move |_| {
            let time = counter.fetch_add(1, Ordering::Relaxed);
            let answer = answers[time.min(answers.len() - 1)].clone();
            Box::pin(async move { Ok(answer) })
        },
        move |addresses| {
            recorder.lock().unwrap().extend(addresses.iter().map(SocketAddr::ip));
            Err(io::ErrorKind::ConnectionRefused.into())
        },
    );
    let mut settings = settings(&json!({
        "name": "hostile", "host": "db.example.com", "port": 3306, "database": "shop", "username": "reader",
    }));
    let mut credentials = Credentials::password(SecretString::from("x"));
    if through {
        let username = settings.username.clone();
        settings.ssh = Some(Ssh { host, port: Port::SSH, username, host_key: None });
        credentials.ssh = Some(SshCredentials::Password(SecretString::from("x")));
    } else {
        settings.host = host;
    }
    let connector = Connector::new(Dialer::new(Policy::default(), network), Duration::from_secs(5));
    let target = Target { id: None, settings: &settings, credentials: &credentials };
    let reason = connector.open(target).await.err().expect("nothing is dialled").reason;
    let dialled = dialled.lock().unwrap().clone();
    Some((dialled, reason, asked.load(Ordering::Relaxed)))
}

#[tokio::test]
async fn nothing_is_dialled_for_a_hostile_host_neither_for_a_database_nor_for_the_server_before_it() {
    assert!(REFUSED.len() >= 220, "{} rows", REFUSED.len());
    for row in REFUSED {
        for (through, forbidden) in [(false, Reason::Forbidden), (true, Reason::SshForbidden)] {
            let Some((dialled, reason, asked)) = connect(row.0, vec![addresses(row)], through).await else { continue };
            let unknown = [Reason::Dns, Reason::SshUnreachable];
            let expected = if row.1.is_empty() { unknown[usize::from(through)] } else { forbidden };
            assert_eq!((dialled, reason, asked), (vec![], expected, 1), "{row:?}");
        }
    }
}

#[tokio::test]
async fn a_public_host_is_dialled_at_the_addresses_that_were_checked_and_at_no_others() {
    for row in DIALLED {
        for (through, refused) in [(false, Reason::Refused), (true, Reason::SshUnreachable)] {
            let found = connect(row.0, vec![addresses(row)], through).await;
            assert_eq!(found, Some((addresses(row), refused, 1)), "{row:?}");
        }
    }
}

#[tokio::test]
async fn a_name_that_answers_differently_the_second_time_is_not_asked_a_second_time() {
    let answers = ["8.8.8.8", "127.0.0.1"].map(|text| vec![text.parse().unwrap()]);
    let found = connect("rebinding.example.com", answers.to_vec(), false).await;
    assert_eq!(found, Some((vec!["8.8.8.8".parse().unwrap()], Reason::Refused, 1)));
}

#[tokio::test]
async fn the_driver_dials_what_was_checked_and_never_asks_for_the_name_itself() {
    let network = Network::new(|_| Box::pin(async { Ok(vec![Ipv4Addr::LOCALHOST.into()]) }), |_| Ok(()));
    let (api, schema) = (TestApi::with_network(network).await, articles().await);
    let user = api.register("ursula").await;
    let mut connection = schema.connection();
    connection["host"] = json!("no-such-name.invalid");
    user.call("POST", "/api/v1/databases").json(&connection).send().await.expect(201);
    assert_eq!(user.search(&json!({ "query": "zebra" })).await["totalCount"], 2);
}

#[test]
fn one_address_in_a_thousand_refuses_the_name() {
    let public = |n: u16| IpAddr::from([8, 8, n.to_be_bytes()[0], n.to_be_bytes()[1]]);
    let mut many: Vec<IpAddr> = (0..1_000).map(public).collect();
    assert!(allows(&Policy::default(), &many));
    many.insert(777, IpAddr::from([10, 0, 0, 1]));
    assert!(!allows(&Policy::default(), &many));
}

/// Whatever an operator opens, it is inner networks and nothing else: no form that hides an address, and no service of
/// the cloud that hands out its keys.
#[test]
fn a_network_of_the_operator_opens_private_addresses_only() {
    let everything = ["0.0.0.0/0", "::/0"].map(|network| network.parse().unwrap()).to_vec();
    let open = Policy { allowed_networks: everything, allow_loopback: false };
    for inside in ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd12:3456::1", "fc00::1"] {
        assert!(allows(&open, &[inside.parse().unwrap()]), "{inside}");
    }
    for never in NEVER {
        assert!(!allows(&open, &[never.parse().unwrap()]), "{never}");
    }
}

/// Refused whatever an operator says.
const NEVER: &[&str] = &[
    "0.0.0.0",
    "127.0.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::1",
    "2001:0:a00:1::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fec0::1",
    "fd00::5efe:10.0.0.1",
    "ff02::1",
];

/// Never dialled, unless an operator opens the network.
pub const REFUSED: &[Row] = &[
    // 0.0.0.0/8: this network.
    ("0.0.0.0", &["0.0.0.0"]),
    ("0.128.0.7", &["0.128.0.7"]),
    ("0.255.255.255", &["0.255.255.255"]),
    // 10.0.0.0/8: private.
    ("10.0.0.0", &["10.0.0.0"]),
    ("10.128.0.7", &["10.128.0.7"]),
    ("10.255.255.255", &["10.255.255.255"]),
    // 100.64.0.0/10: shared, of carriers.
    ("100.64.0.0", &["100.64.0.0"]),
    ("100.96.0.7", &["100.96.0.7"]),
    ("100.127.255.255", &["100.127.255.255"]),
    // 127.0.0.0/8: loopback.
    ("127.0.0.0", &["127.0.0.0"]),
    ("127.128.0.7", &["127.128.0.7"]),
    ("127.255.255.255", &["127.255.255.255"]),
    // 169.254.0.0/16: link-local.
    ("169.254.0.0", &["169.254.0.0"]),
    ("169.254.128.7", &["169.254.128.7"]),
    ("169.254.255.255", &["169.254.255.255"]),
    // 172.16.0.0/12: private.
    ("172.16.0.0", &["172.16.0.0"]),
    ("172.24.0.7", &["172.24.0.7"]),
    ("172.31.255.255", &["172.31.255.255"]),
    // 192.0.0.0/24: protocol assignments.
    ("192.0.0.0", &["192.0.0.0"]),
    ("192.0.0.128", &["192.0.0.128"]),
    ("192.0.0.255", &["192.0.0.255"]),
    // 192.0.2.0/24: documentation.
    ("192.0.2.0", &["192.0.2.0"]),
    ("192.0.2.128", &["192.0.2.128"]),
    ("192.0.2.255", &["192.0.2.255"]),
    // 192.31.196.0/24: AS112.
    ("192.31.196.0", &["192.31.196.0"]),
    ("192.31.196.128", &["192.31.196.128"]),
    ("192.31.196.255", &["192.31.196.255"]),
    // 192.52.193.0/24: AMT.
    ("192.52.193.0", &["192.52.193.0"]),
    ("192.52.193.128", &["192.52.193.128"]),
    ("192.52.193.255", &["192.52.193.255"]),
    // 192.88.99.0/24: relays of 6to4.
    ("192.88.99.0", &["192.88.99.0"]),
    ("192.88.99.128", &["192.88.99.128"]),
    ("192.88.99.255", &["192.88.99.255"]),
    // 192.168.0.0/16: private.
    ("192.168.0.0", &["192.168.0.0"]),
    ("192.168.128.7", &["192.168.128.7"]),
    ("192.168.255.255", &["192.168.255.255"]),
    // 192.175.48.0/24: AS112.
    ("192.175.48.0", &["192.175.48.0"]),
    ("192.175.48.128", &["192.175.48.128"]),
    ("192.175.48.255", &["192.175.48.255"]),
    // 198.18.0.0/15: benchmarks.
    ("198.18.0.0", &["198.18.0.0"]),
    ("198.19.0.7", &["198.19.0.7"]),
    ("198.19.255.255", &["198.19.255.255"]),
    // 198.51.100.0/24: documentation.
    ("198.51.100.0", &["198.51.100.0"]),
    ("198.51.100.128", &["198.51.100.128"]),
    ("198.51.100.255", &["198.51.100.255"]),
    // 203.0.113.0/24: documentation.
    ("203.0.113.0", &["203.0.113.0"]),
    ("203.0.113.128", &["203.0.113.128"]),
    ("203.0.113.255", &["203.0.113.255"]),
    // 224.0.0.0/4: multicast.
    ("224.0.0.0", &["224.0.0.0"]),
    ("232.0.0.7", &["232.0.0.7"]),
    ("239.255.255.255", &["239.255.255.255"]),
    // 240.0.0.0/4: reserved, and broadcast.
    ("240.0.0.0", &["240.0.0.0"]),
    ("248.0.0.7", &["248.0.0.7"]),
    ("255.255.255.255", &["255.255.255.255"]),
    // ::/128: unspecified.
    ("::", &["::"]),
    // ::1/128: loopback.
    ("::1", &["::1"]),
    // ::/96: compatible with IPv4.
    ("::8000:0", &["::8000:0"]),
    ("::ffff:ffff", &["::ffff:ffff"]),
    // ::ffff:0:0/96: mapped IPv4.
    ("::ffff:0:0", &["::ffff:0:0"]),
    ("::ffff:8000:0", &["::ffff:8000:0"]),
    ("::ffff:ffff:ffff", &["::ffff:ffff:ffff"]),
    // ::ffff:0:0:0/96: translated IPv4.
    ("::ffff:0:0:0", &["::ffff:0:0:0"]),
    ("::ffff:0:8000:0", &["::ffff:0:8000:0"]),
    ("::ffff:0:ffff:ffff", &["::ffff:0:ffff:ffff"]),
    // 64:ff9b::/96: NAT64.
    ("64:ff9b::", &["64:ff9b::"]),
    ("64:ff9b::8000:0", &["64:ff9b::8000:0"]),
    ("64:ff9b::ffff:ffff", &["64:ff9b::ffff:ffff"]),
    // 64:ff9b:1::/48: local NAT64.
    ("64:ff9b:1::", &["64:ff9b:1::"]),
    ("64:ff9b:1:8000::", &["64:ff9b:1:8000::"]),
    ("64:ff9b:1:ffff:ffff:ffff:ffff:ffff", &["64:ff9b:1:ffff:ffff:ffff:ffff:ffff"]),
    // 100::/64: discard only.
    ("100::", &["100::"]),
    ("100::8000:0:0:0", &["100::8000:0:0:0"]),
    ("100::ffff:ffff:ffff:ffff", &["100::ffff:ffff:ffff:ffff"]),
    // 100:0:0:1::/64: dummy.
    ("100:0:0:1::", &["100:0:0:1::"]),
    ("100:0:0:1:8000::", &["100:0:0:1:8000::"]),
    ("100::1:ffff:ffff:ffff:ffff", &["100::1:ffff:ffff:ffff:ffff"]),
    // 2001::/32: Teredo.
    ("2001::", &["2001::"]),
    ("2001:0:8000::", &["2001:0:8000::"]),
    ("2001:0:ffff:ffff:ffff:ffff:ffff:ffff", &["2001:0:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // 2001:1::/48: anycasts of protocols.
    ("2001:1::", &["2001:1::"]),
    ("2001:1:0:8000::", &["2001:1:0:8000::"]),
    ("2001:1:0:ffff:ffff:ffff:ffff:ffff", &["2001:1:0:ffff:ffff:ffff:ffff:ffff"]),
    // 2001:2::/48: benchmarks.
    ("2001:2::", &["2001:2::"]),
    ("2001:2:0:8000::", &["2001:2:0:8000::"]),
    ("2001:2:0:ffff:ffff:ffff:ffff:ffff", &["2001:2:0:ffff:ffff:ffff:ffff:ffff"]),
    // 2001:3::/32: AMT.
    ("2001:3::", &["2001:3::"]),
    ("2001:3:8000::", &["2001:3:8000::"]),
    ("2001:3:ffff:ffff:ffff:ffff:ffff:ffff", &["2001:3:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // 2001:4:112::/48: AS112.
    ("2001:4:112::", &["2001:4:112::"]),
    ("2001:4:112:8000::", &["2001:4:112:8000::"]),
    ("2001:4:112:ffff:ffff:ffff:ffff:ffff", &["2001:4:112:ffff:ffff:ffff:ffff:ffff"]),
    // 2001:10::/28: the first ORCHID.
    ("2001:10::", &["2001:10::"]),
    ("2001:18::", &["2001:18::"]),
    ("2001:1f:ffff:ffff:ffff:ffff:ffff:ffff", &["2001:1f:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // 2001:20::/28: ORCHID.
    ("2001:20::", &["2001:20::"]),
    ("2001:28::", &["2001:28::"]),
    ("2001:2f:ffff:ffff:ffff:ffff:ffff:ffff", &["2001:2f:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // 2001:30::/28: remote IDs of drones.
    ("2001:30::", &["2001:30::"]),
    ("2001:38::", &["2001:38::"]),
    ("2001:3f:ffff:ffff:ffff:ffff:ffff:ffff", &["2001:3f:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // 2001::/23: protocol assignments.
    ("2001:100::", &["2001:100::"]),
    ("2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", &["2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // 2001:db8::/32: documentation.
    ("2001:db8::", &["2001:db8::"]),
    ("2001:db8:8000::", &["2001:db8:8000::"]),
    ("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", &["2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // 2002::/16: 6to4.
    ("2002::", &["2002::"]),
    ("2002:8000::", &["2002:8000::"]),
    ("2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &["2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // 2620:4f:8000::/48: AS112.
    ("2620:4f:8000::", &["2620:4f:8000::"]),
    ("2620:4f:8000:8000::", &["2620:4f:8000:8000::"]),
    ("2620:4f:8000:ffff:ffff:ffff:ffff:ffff", &["2620:4f:8000:ffff:ffff:ffff:ffff:ffff"]),
    // 3fff::/20: documentation.
    ("3fff::", &["3fff::"]),
    ("3fff:800::", &["3fff:800::"]),
    ("3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", &["3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // 5f00::/16: segment routing.
    ("5f00::", &["5f00::"]),
    ("5f00:8000::", &["5f00:8000::"]),
    ("5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &["5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // Fc00::/7: unique local.
    ("fc00::", &["fc00::"]),
    ("fd00::", &["fd00::"]),
    ("fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &["fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // Fe80::/10: link-local.
    ("fe80::", &["fe80::"]),
    ("fea0::", &["fea0::"]),
    ("febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &["febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // Fec0::/10: site-local.
    ("fec0::", &["fec0::"]),
    ("fee0::", &["fee0::"]),
    ("feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &["feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // Ff00::/8: multicast.
    ("ff00::", &["ff00::"]),
    ("ff80::", &["ff80::"]),
    ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // Not assigned to anybody (only 2000::/3 is).
    ("200::1", &["200::1"]),
    ("1fff:ffff::1", &["1fff:ffff::1"]),
    ("4000::1", &["4000::1"]),
    ("8000::1", &["8000::1"]),
    ("a000::1", &["a000::1"]),
    ("e000::1", &["e000::1"]),
    ("fbff:ffff::1", &["fbff:ffff::1"]),
    ("fe00::1", &["fe00::1"]),
    // IPv4 inside IPv6, public or not.
    ("::ffff:127.0.0.1", &["::ffff:127.0.0.1"]),
    ("::ffff:10.0.0.1", &["::ffff:10.0.0.1"]),
    ("::ffff:169.254.169.254", &["::ffff:169.254.169.254"]),
    ("::ffff:8.8.8.8", &["::ffff:8.8.8.8"]),
    ("::FFFF:7F00:1", &["::ffff:7f00:1"]),
    ("0:0:0:0:0:ffff:7f00:0001", &["::ffff:7f00:1"]),
    ("::127.0.0.1", &["::127.0.0.1"]),
    ("::10.0.0.1", &["::10.0.0.1"]),
    ("::8.8.8.8", &["::8.8.8.8"]),
    ("::ffff:0:127.0.0.1", &["::ffff:0:127.0.0.1"]),
    ("64:ff9b::127.0.0.1", &["64:ff9b::127.0.0.1"]),
    ("64:ff9b::10.0.0.1", &["64:ff9b::10.0.0.1"]),
    ("64:ff9b::a9fe:a9fe", &["64:ff9b::a9fe:a9fe"]),
    ("64:ff9b::8.8.8.8", &["64:ff9b::8.8.8.8"]),
    ("64:ff9b:1::10.0.0.1", &["64:ff9b:1::10.0.0.1"]),
    ("64:ff9b:1:ffff::a9fe:a9fe", &["64:ff9b:1:ffff::a9fe:a9fe"]),
    ("2002:7f00:1::", &["2002:7f00:1::"]),
    ("2002:7f00:1::1", &["2002:7f00:1::1"]),
    ("2002:a00:1::", &["2002:a00:1::"]),
    ("2002:a9fe:a9fe::1", &["2002:a9fe:a9fe::1"]),
    ("2002:808:808::1", &["2002:808:808::1"]),
    ("2001:0:7f00:1::", &["2001:0:7f00:1::"]),
    ("2001:0:4136:e378:8000:63bf:3fff:fdd2", &["2001:0:4136:e378:8000:63bf:3fff:fdd2"]),
    ("2001::f5ff:fffe", &["2001::f5ff:fffe"]),
    // ISATAP: an IPv4 address in the last half (RFC 5214).
    ("fe80::5efe:10.0.0.1", &["fe80::5efe:10.0.0.1"]),
    ("fe80::200:5efe:127.0.0.1", &["fe80::200:5efe:127.0.0.1"]),
    ("2001:4860::5efe:10.0.0.1", &["2001:4860::5efe:10.0.0.1"]),
    ("2001:4860::5efe:169.254.169.254", &["2001:4860::5efe:169.254.169.254"]),
    ("2606:4700::200:5efe:127.0.0.1", &["2606:4700::200:5efe:127.0.0.1"]),
    ("2a00:1450::5efe:192.168.1.1", &["2a00:1450::5efe:192.168.1.1"]),
    ("2a00:1450::200:5efe:a9fe:a9fe", &["2a00:1450::200:5efe:a9fe:a9fe"]),
    // Short, decimal, octal and hexadecimal forms, as getaddrinfo reads them.
    ("2130706433", &["127.0.0.1"]),
    ("0177.0.0.1", &["127.0.0.1"]),
    ("0x7f.1", &["127.0.0.1"]),
    ("127.1", &["127.0.0.1"]),
    ("127.0.1", &["127.0.0.1"]),
    ("0x7f000001", &["127.0.0.1"]),
    ("0X7F000001", &["127.0.0.1"]),
    ("0x7F.0X0.0.1", &["127.0.0.1"]),
    ("017700000001", &["127.0.0.1"]),
    ("00000000177.1", &["127.0.0.1"]),
    ("127.0.0.0x1", &["127.0.0.1"]),
    ("127.0.0.01", &["127.0.0.1"]),
    ("0000000000000000000000000000000000000000000000000177.0.0.1", &["127.0.0.1"]),
    ("0", &["0.0.0.0"]),
    ("0.0", &["0.0.0.0"]),
    ("0x0", &["0.0.0.0"]),
    ("00", &["0.0.0.0"]),
    ("4294967295", &["255.255.255.255"]),
    ("3232235521", &["192.168.0.1"]),
    ("192.168.257", &["192.168.1.1"]),
    ("10.1", &["10.0.0.1"]),
    ("0xa.1", &["10.0.0.1"]),
    ("012.1", &["10.0.0.1"]),
    ("0xa9fea9fe", &["169.254.169.254"]),
    ("169.16689662", &["169.254.169.254"]),
    ("2852039166", &["169.254.169.254"]),
    ("0251.0376.0251.0376", &["169.254.169.254"]),
    ("0xac.0x10.0.1", &["172.16.0.1"]),
    ("0x64.0x40.1", &["100.64.0.1"]),
    // Numbers that are no address: nothing answers.
    ("4294967296", &[]),
    ("256.1.1.1", &[]),
    ("1.2.3.4.5", &[]),
    ("08.8.8.8", &[]),
    ("127..1", &[]),
    (".127.0.0.1", &[]),
    ("-1", &[]),
    ("+1", &[]),
    ("1e3", &[]),
    ("0x", &[]),
    ("0xg", &[]),
    ("0b1", &[]),
    ("99999999999999999999", &[]),
    ("::ffff:127.1", &[]),
    ("::ffff:0x7f.1", &[]),
    ("1::2::3", &[]),
    ("12345::", &[]),
    (":::", &[]),
    ("::1::", &[]),
    // Brackets.
    ("[::1]", &["::1"]),
    ("[::ffff:127.0.0.1]", &["::ffff:127.0.0.1"]),
    ("[fe80::1]", &["fe80::1"]),
    ("[fd00:ec2::254]", &["fd00:ec2::254"]),
    ("[127.0.0.1]", &["127.0.0.1"]),
    ("[10.1]", &["10.0.0.1"]),
    ("[::1", &[]),
    ("::1]", &[]),
    ("[[::1]]", &[]),
    ("[]", &[]),
    ("[::1]:3306", &[]),
    ("[::1]@127.0.0.1", &[]),
    // Zones.
    ("fe80::1%lo", &["fe80::1"]),
    ("fe80::1%1", &["fe80::1"]),
    ("::1%0", &["::1"]),
    ("::1%1", &["::1"]),
    ("[fe80::1%1]", &["fe80::1"]),
    ("ff02::1%1", &["ff02::1"]),
    ("::1%lo", &[]),
    ("fe80::1%25lo", &[]),
    ("fe80::1%nope", &[]),
    ("::1%4294967296", &[]),
    ("127.0.0.1%lo", &[]),
    ("fe80::1%", &[]),
    // Trailing dots.
    ("localhost.", &["127.0.0.1"]),
    ("db.internal.example.", &["10.0.0.1"]),
    ("metadata.google.internal.", &["169.254.169.254"]),
    ("127.0.0.1.", &[]),
    ("127.0.0.1..", &[]),
    ("10.0.0.1.", &[]),
    ("2130706433.", &[]),
    (".", &[]),
    // Letters and dots of other scripts, which the resolver does not fold.
    ("１２７.0.0.1", &[]),
    ("127。0。0。1", &[]),
    ("127．0．0．1", &[]),
    ("①②⑦.⓪.⓪.①", &[]),
    ("١٢٧.٠.٠.١", &[]),
    ("𝟏𝟐𝟕.𝟎.𝟎.𝟏", &[]),
    ("127.0.0.1\u{200b}", &[]),
    ("\u{202e}1.0.0.721", &[]),
    ("ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", &[]),
    ("lосalhost", &[]),
    ("ｌｏｃａｌｈｏｓｔ", &[]),
    // The same, where a resolver does fold them.
    ("１２７.0.0.1", &["127.0.0.1"]),
    ("127。0。0。1", &["127.0.0.1"]),
    ("ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", &["127.0.0.1"]),
    ("ｌｏｃａｌｈｏｓｔ", &["::1"]),
    // Percent-encoding.
    ("%31%32%37.0.0.1", &[]),
    ("127.0.0.1%00", &[]),
    ("%6c%6f%63%61%6c%68%6f%73%74", &[]),
    ("127%2e0%2e0%2e1", &[]),
    ("%5b::1%5d", &[]),
    // URLs, user names, ports and paths.
    ("mysql://127.0.0.1", &[]),
    ("http://169.254.169.254/latest/meta-data/", &[]),
    ("//127.0.0.1", &[]),
    ("user@127.0.0.1", &[]),
    ("8.8.8.8@127.0.0.1", &[]),
    ("user:password@10.0.0.1", &[]),
    ("127.0.0.1:3306", &[]),
    ("127.0.0.1/8", &[]),
    ("127.0.0.1/", &[]),
    ("127.0.0.1?x", &[]),
    ("127.0.0.1#x", &[]),
    ("127.0.0.1;x", &[]),
    ("127.0.0.1\\", &[]),
    ("\\\\127.0.0.1", &[]),
    ("8.8.8.8#@127.0.0.1", &[]),
    ("/var/run/mysqld/mysqld.sock", &[]),
    ("./mysqld.sock", &[]),
    ("file:///etc/passwd", &[]),
    ("unix:/tmp/mysql.sock", &[]),
    ("127.0.0.1,8.8.8.8", &[]),
    // NUL, white space and line ends inside.
    ("127.0.0.1\0", &[]),
    ("127.0.0.1\0.example.com", &[]),
    ("example.com\n7.0.0.1", &[]),
    ("127.0.0.1 8.8.8.8", &[]),
    ("127.0.0.1 foo", &[]),
    ("127.0.0.1\r\nx: y", &[]),
    ("127.0.0.1\tx", &[]),
    ("127.0.0.1\u{a0}", &[]),
    ("a b.example.com", &[]),
    // This machine by its names.
    ("localhost", &["127.0.0.1", "::1"]),
    ("LOCALHOST", &["127.0.0.1"]),
    ("LocalHost", &["::1"]),
    ("localhost.localdomain", &["127.0.0.1"]),
    ("localhost6", &["::1"]),
    ("ip6-localhost", &["::1"]),
    ("ip6-loopback", &["::1"]),
    ("foo.localhost", &["127.0.0.1"]),
    ("broadcasthost", &["255.255.255.255"]),
    ("ip6-allnodes", &["ff02::1"]),
    ("host.docker.internal", &["172.17.0.1"]),
    ("kubernetes.default.svc", &["10.96.0.1"]),
    // Metadata and other services of clouds.
    ("metadata.google.internal", &["169.254.169.254"]),
    ("METADATA.GOOGLE.INTERNAL", &["169.254.169.254"]),
    ("metadata", &["169.254.169.254"]),
    ("instance-data", &["169.254.169.254"]),
    ("instance-data.ec2.internal", &["169.254.169.254"]),
    ("imds.example.com", &["fd00:ec2::254"]),
    ("fd00:ec2::254", &["fd00:ec2::254"]),
    ("fd00:ec2::23", &["fd00:ec2::23"]),
    ("fd00:ec2::253", &["fd00:ec2::253"]),
    ("fd00:ec2::123", &["fd00:ec2::123"]),
    ("169.254.169.253", &["169.254.169.253"]),
    ("169.254.169.123", &["169.254.169.123"]),
    ("169.254.170.2", &["169.254.170.2"]),
    ("169.254.170.23", &["169.254.170.23"]),
    ("169.254.100.1", &["169.254.100.1"]),
    ("metadata.azure.example", &["169.254.169.254"]),
    ("100.100.100.200", &["100.100.100.200"]),
    ("192.0.0.192", &["192.0.0.192"]),
    ("168.63.129.16", &["168.63.129.16"]),
    ("wireserver.example", &["168.63.129.16"]),
    ("fd20:ce::254", &["fd20:ce::254"]),
    // Names of strangers that lead inside.
    ("10.0.0.1.nip.example", &["10.0.0.1"]),
    ("127-0-0-1.sslip.example", &["127.0.0.1"]),
    ("a9fea9fe.nip.example", &["169.254.169.254"]),
    ("localtest.example", &["127.0.0.1"]),
    ("lvh.example", &["127.0.0.1", "::1"]),
    ("customer1.app.localhost.example", &["127.0.0.1"]),
    ("xn--bcher-kva.example", &["192.168.0.7"]),
    ("DB.EXAMPLE.COM", &["10.2.3.4"]),
    ("db_1.example.com", &["172.31.0.1"]),
    ("v6.example.com", &["fd12:3456::1"]),
    ("mapped.example.com", &["::ffff:10.0.0.1"]),
    ("nat64.example.com", &["64:ff9b::a00:1"]),
    ("6to4.example.com", &["2002:a00:1::1"]),
    ("carrier.example.com", &["100.127.255.254"]),
    ("zero.example.com", &["0.0.0.0"]),
    ("zero6.example.com", &["::"]),
    // Names that lead outside and inside.
    ("first.example.com", &["8.8.8.8", "10.0.0.1"]),
    ("last.example.com", &["10.0.0.1", "8.8.8.8"]),
    ("middle.example.com", &["8.8.8.8", "127.0.0.1", "1.1.1.1"]),
    ("both.example.com", &["2606:4700::1111", "::1"]),
    ("families.example.com", &["8.8.8.8", "fd00::1"]),
    ("hidden.example.com", &["8.8.8.8", "::ffff:8.8.8.8"]),
    ("meta.example.com", &["1.1.1.1", "1.0.0.1", "169.254.169.254"]),
    ("unspecified.example.com", &["9.9.9.9", "0.0.0.0"]),
    // Names without an address.
    ("nothing.example.com", &[]),
    ("", &[]),
    ("-", &[]),
    ("_", &[]),
    ("a..example.com", &[]),
    (".example.com", &[]),
    ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.example.com", &[]),
    (
        "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.b",
        &[],
    ),
];

/// Public, and dialled.
pub const DIALLED: &[Row] = &[
    // Beside 0.0.0.0/8.
    ("1.0.0.0", &["1.0.0.0"]),
    // Beside 10.0.0.0/8.
    ("9.255.255.255", &["9.255.255.255"]),
    ("11.0.0.0", &["11.0.0.0"]),
    // Beside 100.64.0.0/10.
    ("100.63.255.255", &["100.63.255.255"]),
    ("100.128.0.0", &["100.128.0.0"]),
    // Beside 127.0.0.0/8.
    ("126.255.255.255", &["126.255.255.255"]),
    ("128.0.0.0", &["128.0.0.0"]),
    // Beside 169.254.0.0/16.
    ("169.253.255.255", &["169.253.255.255"]),
    ("169.255.0.0", &["169.255.0.0"]),
    // Beside 172.16.0.0/12.
    ("172.15.255.255", &["172.15.255.255"]),
    ("172.32.0.0", &["172.32.0.0"]),
    // Beside 192.0.0.0/24.
    ("191.255.255.255", &["191.255.255.255"]),
    ("192.0.1.0", &["192.0.1.0"]),
    // Beside 192.0.2.0/24.
    ("192.0.1.255", &["192.0.1.255"]),
    ("192.0.3.0", &["192.0.3.0"]),
    // Beside 192.31.196.0/24.
    ("192.31.195.255", &["192.31.195.255"]),
    ("192.31.197.0", &["192.31.197.0"]),
    // Beside 192.52.193.0/24.
    ("192.52.192.255", &["192.52.192.255"]),
    ("192.52.194.0", &["192.52.194.0"]),
    // Beside 192.88.99.0/24.
    ("192.88.98.255", &["192.88.98.255"]),
    ("192.88.100.0", &["192.88.100.0"]),
    // Beside 192.168.0.0/16.
    ("192.167.255.255", &["192.167.255.255"]),
    ("192.169.0.0", &["192.169.0.0"]),
    // Beside 192.175.48.0/24.
    ("192.175.47.255", &["192.175.47.255"]),
    ("192.175.49.0", &["192.175.49.0"]),
    // Beside 198.18.0.0/15.
    ("198.17.255.255", &["198.17.255.255"]),
    ("198.20.0.0", &["198.20.0.0"]),
    // Beside 198.51.100.0/24.
    ("198.51.99.255", &["198.51.99.255"]),
    ("198.51.101.0", &["198.51.101.0"]),
    // Beside 203.0.113.0/24.
    ("203.0.112.255", &["203.0.112.255"]),
    ("203.0.114.0", &["203.0.114.0"]),
    // Beside 224.0.0.0/4.
    ("223.255.255.255", &["223.255.255.255"]),
    // Beside 2001::/32.
    ("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &["2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    // Beside 2001::/23.
    ("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &["2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ("2001:200::", &["2001:200::"]),
    // Beside 2001:db8::/32.
    ("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", &["2001:db7:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ("2001:db9::", &["2001:db9::"]),
    // Beside 2002::/16.
    ("2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &["2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ("2003::", &["2003::"]),
    // Beside 2620:4f:8000::/48.
    ("2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", &["2620:4f:7fff:ffff:ffff:ffff:ffff:ffff"]),
    ("2620:4f:8001::", &["2620:4f:8001::"]),
    // Beside 3fff::/20.
    ("3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", &["3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
    ("3fff:1000::", &["3fff:1000::"]),
    // Well-known servers.
    ("1.1.1.1", &["1.1.1.1"]),
    ("8.8.8.8", &["8.8.8.8"]),
    ("9.9.9.9", &["9.9.9.9"]),
    ("2606:4700:4700::1111", &["2606:4700:4700::1111"]),
    ("2001:4860:4860::8888", &["2001:4860:4860::8888"]),
    ("2620:fe::fe", &["2620:fe::fe"]),
    ("2a00:1450:4001::1", &["2a00:1450:4001::1"]),
    ("2400:cb00::1", &["2400:cb00::1"]),
    ("3ffe::1", &["3ffe::1"]),
    ("2001:200::1", &["2001:200::1"]),
    // Other forms of public addresses, as getaddrinfo reads them.
    ("134744072", &["8.8.8.8"]),
    ("0x08080808", &["8.8.8.8"]),
    ("0x8.8.8.8", &["8.8.8.8"]),
    ("010.8.8.8", &["8.8.8.8"]),
    ("8.8.2056", &["8.8.8.8"]),
    ("8.526344", &["8.8.8.8"]),
    ("16843009", &["1.1.1.1"]),
    ("1.1", &["1.0.0.1"]),
    ("001.001.001.001", &["1.1.1.1"]),
    ("[2606:4700::1111]", &["2606:4700::1111"]),
    ("2606:4700:0000:0000:0000:0000:0000:1111", &["2606:4700::1111"]),
    ("2A00:1450::1", &["2a00:1450::1"]),
    // Names.
    ("db.example.com", &["8.8.4.4"]),
    ("DB.example.COM", &["8.8.4.4"]),
    ("db.example.com.", &["8.8.4.4"]),
    ("two.example.com", &["8.8.8.8", "8.8.4.4"]),
    ("families.example.com", &["8.8.8.8", "2001:4860:4860::8888"]),
    ("cluster.rds.example.com", &["52.95.110.1", "3.5.140.2", "18.32.0.9"]),
    ("xn--bcher-kva.example", &["93.184.215.14"]),
    ("db_1.example.com", &["20.42.65.92"]),
    ("10.0.0.1.example.com", &["1.1.1.1"]),
    ("localhost.example.com", &["1.1.1.1"]),
    ("metadata.example.com", &["9.9.9.9"]),
];
