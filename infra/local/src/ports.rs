//! Ports for programs that have to be told theirs before they start.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Ports that a system gives only to who asks for them by number: Linux gives others from 32768 on (`ip_local_port_range` in ip(7)).
const FIRST: u16 = 15_000;
const COUNT: u16 = 17_000;

/// Where this process is among them. Each process begins somewhere else.
static NEXT: LazyLock<AtomicU32> = LazyLock::new(|| AtomicU32::new(std::process::id().wrapping_mul(7_919)));

/// A port on 127.0.0.1 that nobody listens on. No other caller is given it, until 17,000 have been given, and the system gives
/// it to nobody: neither what listens on any port, nor a connection to somewhere else, is in its place when it is used.
pub fn free_port() -> io::Result<u16> {
    let ports = (0..COUNT).map(|_| FIRST + one_of(NEXT.fetch_add(1, Ordering::Relaxed)));
    let mut free = ports.filter(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    free.next().ok_or_else(|| io::Error::from(io::ErrorKind::AddrInUse))
}

#[expect(clippy::cast_possible_truncation, reason = "it is less than the number of ports")]
fn one_of(number: u32) -> u16 {
    (number % u32::from(COUNT)) as u16
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_port_is_given_twice_and_none_that_somebody_has() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, free_port().unwrap())).unwrap();
        let given: Vec<u16> = (0..1_000).map(|_| free_port().unwrap()).collect();
        assert_eq!(given.iter().collect::<HashSet<_>>().len(), given.len());
        assert!(!given.contains(&taken.local_addr().unwrap().port()));
        assert!(given.iter().all(|port| (15_000..32_000).contains(port)));
    }
}
