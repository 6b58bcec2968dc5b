//! The account of the demo: what a careful administrator would give to a search service.

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::table::Table;

pub(super) const NAME: &str = "altus4_demo";

/// Creates the account, or gives it its password anew, and lets it read the databases of the demo.
pub(super) async fn create(conn: &mut Conn, password: &str) -> mysql_async::Result<()> {
    // The password is our own, of hexadecimal digits, and an account cannot be bound to a placeholder.
    conn.query_drop(format!("CREATE USER IF NOT EXISTS '{NAME}'@'127.0.0.1'")).await?;
    conn.query_drop(format!("ALTER USER '{NAME}'@'127.0.0.1' IDENTIFIED BY '{password}'")).await?;
    for table in Table::ALL {
        // In a grant an underscore stands for any character, unless it is escaped.
        let database = table.database().replace('_', "\\_");
        conn.query_drop(format!("GRANT SELECT ON `{database}`.* TO '{NAME}'@'127.0.0.1'")).await?;
    }
    Ok(())
}
