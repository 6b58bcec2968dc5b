//! Client addresses: `RL#kind#address` / `WINDOW`. It ends by TTL.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Allowance, Metered, Quota, Window, spend};
use crate::clock::Timestamp;
use crate::dynamo::{Change, Item, Table, key, number, read};
use crate::error::{Error, Result, chain};

/// What one address may try that nobody stands behind yet: registering and logging in, together.
static AUTH: Allowance =
    Allowance { title: "Auth", calls: 10, window: Duration::from_mins(1), block: None, upgrade: None };

/// How long an address is kept after its last call.
const KEPT: Duration = Duration::from_hours(1);

/// The addresses.
#[derive(Clone)]
pub struct Addresses {
    table: Table,
}

impl Addresses {
    /// The addresses of a table.
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    /// Counts an attempt to register or to log in, or refuses it. Calls whose address is not known count as one.
    ///
    /// Where the table can not be reached the attempt is let through, and there is no quota to tell.
    pub async fn count_auth(&self, address: Option<IpAddr>, now: Timestamp) -> Result<Option<Quota>> {
        let meter = AddressMeter { table: &self.table, network: network(address) };
        match spend(&meter, now).await {
            Ok(spent) => Ok(Some(spent.quota)),
            Err(Error::Internal(cause) | Error::Unavailable(cause)) => {
                tracing::warn!(error = chain(&*cause), "a client address could not be counted");
                Ok(None)
            }
            Err(refused) => Err(refused),
        }
    }
}

struct AddressMeter<'a> {
    table: &'a Table,
    network: String,
}

impl Metered for AddressMeter<'_> {
    type Row = Window;

    fn table(&self) -> &Table {
        self.table
    }

    fn key(&self) -> Item {
        key(format!("RL#auth#{}", self.network), "WINDOW")
    }

    fn read(&self, item: Item) -> Result<Window> {
        read(item)
    }

    fn window<'row>(&self, row: &'row Window) -> &'row Window {
        row
    }

    fn allowance(&self, _: Option<&Window>) -> &'static Allowance {
        &AUTH
    }

    fn room(&self) -> (&'static str, Vec<(&'static str, AttributeValue)>) {
        ("used < :calls_max", vec![(":calls_max", number(i64::try_from(AUTH.calls).unwrap_or(i64::MAX)))])
    }

    fn with_call(&self, change: Change, now: Timestamp) -> Change {
        change.set("ttl", number(now.plus(KEPT).epoch_s()))
    }
}

/// Whom an address stands for: itself, or, in IPv6, its /64, all of which one subscriber has.
fn network(address: Option<IpAddr>) -> String {
    match address.map(|address| address.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => format!("{}/64", Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_subscriber_are_one() {
        for (address, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64"),
            ("::1", "::/64"),
        ] {
            assert_eq!(network(address.parse().ok()), expected);
        }
        assert_eq!(network(None), "unknown");
    }
}
