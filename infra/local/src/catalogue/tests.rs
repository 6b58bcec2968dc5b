use mysql_async::prelude::Queryable;
use mysql_async::{Conn, OptsBuilder};

use super::account;
use super::package::Package;
use super::table::Table;
use crate::server::tests::TempFolder;
use crate::server::{Brand, Server};

fn package(name: &str, section: &str) -> Package {
    Package {
        name: name.to_owned(),
        version: "1".to_owned(),
        section: section.to_owned(),
        maintainer: "Somebody".to_owned(),
        homepage: None,
        size_bytes: 7,
        title: format!("The title of {name}"),
        description: "Paints pictures – and \u{1f3a8}.".to_owned(),
        tags: Some("use::editing".to_owned()),
    }
}

async fn demo_account(server: &Server) -> Conn {
    let options = OptsBuilder::default()
        .ip_or_hostname("127.0.0.1")
        .tcp_port(server.port())
        .user(Some(account::NAME))
        .pass(Some("secret"))
        .prefer_socket(false);
    #[expect(clippy::disallowed_methods, reason = "the connector is for databases of users, and refuses loopback")]
    Conn::new(options).await.unwrap()
}

#[tokio::test]
async fn an_interrupted_load_is_not_taken_for_a_complete_one_and_is_begun_anew() {
    let folder = TempFolder::new();
    let server = Server::start(&Brand::MariaDb, &folder.0, None).await.unwrap();
    let mut conn = server.connect().await.unwrap();
    conn.query_drop("CREATE DATABASE demo_packages").await.unwrap();
    conn.query_drop("CREATE TABLE demo_packages.packages_loading (half INT)").await.unwrap();
    assert_eq!(Table::Packages.rows(&mut conn).await.unwrap(), None);

    let (first, second) = (package("gimp", "graphics"), package("krita", "graphics"));
    let mut reports = Vec::new();
    let mut progress = |line: &str| reports.push(line.to_owned());
    Table::Packages.load(&mut conn, &[&first, &second], &mut progress).await.unwrap();

    assert_eq!(Table::Packages.rows(&mut conn).await.unwrap(), Some(2));
    assert_eq!(
        reports,
        ["demo_packages.packages: 2 of 2 rows", "demo_packages.packages: building the full-text index"]
    );
    let search =
        "SELECT name, description FROM demo_packages.packages WHERE MATCH (title, description) AGAINST ('krita')";
    let hits: Vec<(String, String)> = conn.query(search).await.unwrap();
    assert_eq!(hits, [("krita".to_owned(), second.description)]);
    let left: Option<String> = conn.query_first("SHOW TABLES FROM demo_packages LIKE '%loading'").await.unwrap();
    assert_eq!(left, None);
    server.stop().await;
}

#[tokio::test]
async fn the_account_of_the_demo_reads_its_databases_and_nothing_else() {
    let folder = TempFolder::new();
    let server = Server::start(&Brand::MariaDb, &folder.0, None).await.unwrap();
    let mut root = server.connect().await.unwrap();
    root.query_drop("CREATE DATABASE demoXpackages").await.unwrap();
    root.query_drop("CREATE TABLE demoXpackages.private (id INT)").await.unwrap();
    for (table, section) in [(Table::Packages, "net"), (Table::Libraries, "libs"), (Table::Documentation, "doc")] {
        table.load(&mut root, &[&package("one", section)], &mut |_| {}).await.unwrap();
    }
    account::create(&mut root, "first").await.unwrap();
    account::create(&mut root, "secret").await.unwrap();

    let mut demo = demo_account(&server).await;

    for table in Table::ALL {
        assert_eq!(table.rows(&mut demo).await.unwrap(), Some(1));
    }
    for refused in [
        "SELECT * FROM demoXpackages.private",
        "SELECT * FROM mysql.global_priv",
        "DELETE FROM demo_packages.packages",
        "DROP TABLE demo_libraries.documentation",
    ] {
        assert!(demo.query_drop(refused).await.is_err(), "{refused}");
    }
    server.stop().await;
}
