//! What goes wrong while clients work.

use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::data::USERNAME;
use crate::faults::{Fault, Faults};

/// Between two troubles.
const INTERVAL: Duration = Duration::from_millis(200);

/// Makes some, again and again, until it is told to stop. What can not be made now is made later.
pub(super) async fn make(mut root: Conn, aws: Faults, mysql: Faults) {
    for round in 0.. {
        tokio::time::sleep(INTERVAL).await;
        let of_aws = of_aws();
        let (calls, count, fault) = &of_aws[round % of_aws.len()];
        aws.next(calls, *count, fault.clone());
        let of_mysql = of_mysql(round);
        mysql.next("", 1, of_mysql[round % of_mysql.len()].clone());
        if round % 3 == 0 {
            let _ = kill(&mut root).await;
        }
    }
}

/// Calls of AWS. The SDK makes three attempts, so that what meets fewer than three calls need not be noticed.
fn of_aws() -> [(&'static str, usize, Fault); 12] {
    let throttled = || Fault::refused("ProvisionedThroughputExceededException");
    [
        ("UpdateItem", 3, throttled()),
        ("BatchGetItem", 2, Fault::Unread),
        ("PutItem", 6, throttled()),
        ("TransactWriteItems", 3, Fault::canceled(&["None", "TransactionConflict"])),
        ("GetItem", 1, Fault::Reset(0)),
        ("Query", 3, Fault::refused("InternalServerError")),
        ("DynamoDB_20120810", 5, Fault::Late(Duration::from_millis(200))),
        ("UpdateItem", 2, Fault::refused("TransactionConflictException")),
        ("TransactWriteItems", 1, Fault::Cut(0)),
        ("TrentService", 3, Fault::refused("AccessDeniedException")),
        ("secretsmanager", 3, Fault::refused("ThrottlingException")),
        ("GetItem", 1, Fault::Garbled(40)),
    ]
}

/// Connections to the server of customers, at another place each time.
fn of_mysql(round: usize) -> [Fault; 4] {
    let said = round * 97 % 4_000;
    [Fault::Cut(said), Fault::Reset(said), Fault::Garbled(said), Fault::Late(Duration::from_millis(300))]
}

/// Ends a connection of the service, as an impatient operator does.
async fn kill(root: &mut Conn) -> mysql_async::Result<()> {
    let sql = "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = ? ORDER BY ID DESC LIMIT 1";
    if let Some(id) = root.exec_first::<u64, _, _>(sql, (USERNAME,)).await? {
        root.query_drop(format!("KILL CONNECTION {id}")).await?;
    }
    Ok(())
}
