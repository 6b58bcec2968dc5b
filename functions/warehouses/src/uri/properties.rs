//! The five forms of the documentation, those that came later, and what holds for every URI.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;

fn parsed(text: &str) -> Uri {
    Uri::parse(&text.into()).unwrap_or_else(|refused| panic!("{text}: {refused}"))
}

/// Everything of a URI, in the order in which it is written.
type Parts = (Dialect, Option<String>, Option<String>, Option<String>, Option<u16>, Option<String>);

fn parts(text: &str) -> Parts {
    let uri = parsed(text);
    let password = uri.password.as_ref().map(|password| password.expose_secret().to_owned());
    (uri.dialect, uri.user, password, uri.host, uri.port, uri.path)
}

#[expect(clippy::unnecessary_wraps, reason = "most parts of a URI may be missing")]
fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn the_five_forms_of_the_documentation_are_read() {
    assert_eq!(
        parts("postgresql+psycopg2://admin:123456@foo.rds.amazonaws.com:5432/my-database"),
        (
            Dialect::Postgresql,
            some("admin"),
            some("123456"),
            some("foo.rds.amazonaws.com"),
            Some(5432),
            some("my-database")
        )
    );
    let databricks = "databricks://token:abcd1234abcd1234abcd1234abcd1234@foo-bar.cloud.databricks.com\
                      ?http_path=sql/protocolv1/o/123456/123-1234-abcdabcd&catalog=foobar&schema=default";
    let uri = parsed(databricks);
    assert_eq!(uri.host.as_deref(), Some("foo-bar.cloud.databricks.com"));
    assert_eq!(uri.option("http_path"), Some("sql/protocolv1/o/123456/123-1234-abcdabcd"));
    assert_eq!((uri.option("catalog"), uri.option("schema")), (Some("foobar"), Some("default")));
    assert_eq!(
        parts("snowflake://jon:123456@foo-bar/my-database/public"),
        (Dialect::Snowflake, some("jon"), some("123456"), some("foo-bar"), None, some("my-database/public"))
    );
    let athena = "awsathena+rest://foobar:foobar@athena.us-east-2.amazonaws.com:443/db_test\
                  ?s3_staging_dir=s3://my-bucket/output/&work_group=primary";
    let uri = parsed(athena);
    assert_eq!((uri.dialect, uri.port, uri.path.as_deref()), (Dialect::Awsathena, Some(443), Some("db_test")));
    assert_eq!(uri.option("s3_staging_dir"), Some("s3://my-bucket/output/"));
    assert_eq!(uri.option("work_group"), Some("primary"));
    assert_eq!(
        parts("bigquery://v2-real-estate/K2"),
        (Dialect::Bigquery, None, None, some("v2-real-estate"), None, some("K2"))
    );
}

#[test]
fn the_forms_that_came_later_and_the_aliases_are_read() {
    for (text, dialect) in [
        ("postgres://u:p@h/db", Dialect::Postgresql),
        ("PostgreSQL://u@h", Dialect::Postgresql),
        ("mysql+pymysql://user:pass@host:3306/db", Dialect::Mysql),
        ("mariadb://user:pass@host/db", Dialect::Mysql),
        ("mssql+pymssql://user:pass@host:1433/db", Dialect::Mssql),
        ("redshift+psycopg2://user:pass@host:5439/db", Dialect::Redshift),
        ("clickhouse+http://user:pass@host:8443/db?protocol=https", Dialect::Clickhouse),
        ("duckdb:///md:db?motherduck_token=t", Dialect::Duckdb),
    ] {
        assert_eq!(parsed(text).dialect, dialect, "{text}");
    }
    assert_eq!(parsed("sqlite:///mydb.db").path.as_deref(), Some("mydb.db"));
    assert_eq!(parsed("sqlite:////abs/my%20db.sqlite").path.as_deref(), Some("/abs/my db.sqlite"));
}

#[test]
fn a_search_path_is_found_however_it_is_written() {
    for text in [
        "options=-csearch_path=sales",
        "options=-c%20search_path%3Dsales&sslmode=require",
        "sslmode=require&options=-c+search_path=sales",
        "options=-cstatement_timeout=5+-csearch_path=sales",
    ] {
        assert_eq!(parsed(&format!("postgresql://u:p@h/db?{text}")).search_path(), ["sales"], "{text}");
    }
    assert_eq!(parsed("postgresql://h/db?options=-csearch_path=sales,\"Hr\"").search_path(), ["sales", "Hr"]);
    assert!(parsed("postgresql://h/db?search_path=sales").search_path().is_empty());
}

#[test]
fn a_password_is_what_stands_between_the_first_colon_and_the_last_at_sign() {
    for (written, password) in [
        ("a@b/c:d#e", "a@b/c:d#e"),
        ("a%40b%2Fc", "a@b/c"),
        ("50%", "50%"),
        ("100%zz", "100%zz"),
        ("a%2540b", "a%40b"),
        ("a+b c", "a+b c"),
        ("%3F", "?"),
        ("", ""),
    ] {
        let text = format!("mysql://user:{written}@db.example.com:3306/shop?charset=utf8mb4");
        let expected = (Dialect::Mysql, some("user"), some(password), some("db.example.com"), Some(3306), some("shop"));
        assert_eq!(parts(&text), expected, "{written}");
    }
    assert_eq!(parsed("mysql://user%40org:p@h/d").user.as_deref(), Some("user@org"));
}

#[test]
fn what_leads_nowhere_is_refused_in_words_that_hold_nothing_of_it() {
    for text in [
        "",
        "s3cret",
        "s3cret://u:p@h/db",
        "oracle://u:s3cret@h/db",
        "postgresql:u:s3cret@h",
        "postgresql://u:s3cret@/db",
        "postgresql://u:s3cret@h:port/db",
        "postgresql://u:s3cret@h:0/db",
        "postgresql://u:s3cret@h:65536/db",
        "postgresql://u:s3cret@[::1/db",
        "postgresql://u:s3cret@[s3cret]:1/db",
        "postgresql://u:s3cret@[::1]x/db",
        "postgresql://u:s3cret?x@h/db",
        "postgresql://u:s3cret%00@h/db",
        "postgresql://u:s3cret%ff@h/db",
        "postgresql://u:s3cret\n@h/db",
        "postgresql://u:s3cret@a b/db",
        "sqlite://mydb.db",
        "sqlite:///",
        "sqlite:///:memory:",
        "bigquery:///s3cret",
        "databricks://token:s3cret@h",
        "awsathena+rest://k:s3cret@athena.us-east-2.amazonaws.com:443/db",
        "awsathena+rest://k:s3cret@s3cret.example.com/db?s3_staging_dir=s3://b/",
        "snowflake://foo-bar/db",
        &format!("postgresql://u:s3cret@h/{}", "x".repeat(9_000)),
    ] {
        let Err(refused) = Uri::parse(&text.into()) else { panic!("{text} was read") };
        let told = format!("{refused} {:?}", refused.description());
        assert!(!told.contains("s3cret") && refused.code().contains('_'), "{text}: {told}");
    }
}

fn hosts() -> impl Strategy<Value = (String, String)> {
    let plain = "[a-z][a-z0-9-]{0,20}(\\.[a-z]{2,5})?".prop_map(|host| (host.clone(), host));
    let v6 = any::<[u16; 8]>().prop_map(|segments| {
        let address = std::net::Ipv6Addr::from(segments).to_string();
        (format!("[{address}]"), address)
    });
    prop_oneof![plain, v6]
}

/// Text that people have in passwords, the signs that take URIs apart among it.
fn secrets() -> impl Strategy<Value = String> {
    "[ -~éß日€]{0,24}".prop_filter("the ends of a URI are trimmed", |text| text.trim() == text)
}

proptest! {
    #[test]
    fn what_is_escaped_comes_out_as_it_was(
        user in secrets(), password in secrets(), (written, host) in hosts(), port in proptest::option::of(1_u16..),
        database in "[a-zA-Z0-9_é -]{1,12}", value in secrets(), turned in any::<bool>(),
    ) {
        let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let port_text = port.map(|port| format!(":{port}")).unwrap_or_default();
        let mut options = [format!("some_option={}", escaped(&value)), "options=-csearch_path=sales".to_owned()];
        if turned {
            options.reverse();
        }
        let text = format!(
            "postgresql+psycopg2://{}:{}@{written}{port_text}/{}?{}",
            escaped(&user), escaped(&password), escaped(&database), options.join("&"),
        );
        let uri = parsed(&text);
        prop_assert_eq!(uri.user.clone().unwrap_or_default(), user);
        prop_assert_eq!(uri.password.as_ref().unwrap().expose_secret(), password);
        prop_assert_eq!((uri.host.as_deref(), uri.port), (Some(host.as_str()), port));
        prop_assert_eq!(uri.path.as_deref(), Some(database.as_str()));
        prop_assert_eq!(uri.option("some_option"), Some(value.as_str()));
        prop_assert_eq!(uri.search_path(), ["sales"]);
    }

    #[test]
    fn a_password_needs_no_escapes_but_for_two_signs(password in secrets(), (written, host) in hosts()) {
        let raw = password.replace('%', "%25").replace('?', "%3F");
        let uri = parsed(&format!("postgresql://user:{raw}@{written}:5432/db?sslmode=require"));
        prop_assert_eq!(uri.password.as_ref().unwrap().expose_secret(), password);
        prop_assert_eq!((uri.host, uri.port, uri.path), (Some(host), Some(5432), some("db")));
    }

    #[test]
    fn no_text_makes_the_parser_panic_or_tell_what_it_read(
        text in "\\PC{0,60}", secret in "[0-9]{12}", dialect in 0..Dialect::ALL.len(),
    ) {
        // No message of ours holds twelve digits in a row, so whatever tells them has read them.
        for text in [format!("{text}{secret}"), format!("{}://{text}{secret}", Dialect::ALL[dialect]), text] {
            if let Err(refused) = Uri::parse(&text.as_str().into()) {
                prop_assert!(!refused.to_string().contains(&secret), "{}: {}", text, refused);
            }
        }
    }
}
