//! The samples of the two documents that describe the API, in `seeds/` as they are printed there, with their indentation put
//! back. They are run by curl, Node.js and Python's requests; only hosts, credentials and ids are others.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "what panics here is a failed test")]

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tests::{Schema, TestApi, fetched};

use crate::mysql;

/// A text with each of these in the place of what the document has.
fn adapted(sample: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(sample.to_owned(), |text, (printed, ours)| {
        assert!(text.contains(printed), "{printed} does not stand in {text}");
        text.replace(printed, ours)
    })
}

/// What a program prints that reads this.
async fn run(program: &str, arguments: &[&str], input: String) -> String {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let ran = tokio::task::spawn_blocking(move || {
        let mut child = command.spawn().expect("the program is there");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
        child.wait_with_output().expect("it ends")
    });
    let output = ran.await.unwrap();
    assert!(output.status.success(), "{program}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What the service answers to a sample for a shell.
async fn answer(sample: &str, changes: &[(&str, &str)]) -> Value {
    let printed = run("sh", &[], adapted(sample, changes)).await;
    let answer: Value = serde_json::from_str(&printed).unwrap_or_else(|e| panic!("{e} in {printed}"));
    assert_eq!(answer["success"], true, "{answer:#}");
    answer["data"].clone()
}

/// Node.js, with a module on its standard input.
async fn node(module: String) -> String {
    run("node", &["--input-type=module"], module).await
}

/// A Python that has `requests`: `./dev clients` makes it, and installs what the other samples run with.
async fn python(script: String) -> String {
    static PYTHON: OnceLock<String> = OnceLock::new();
    let python = PYTHON.get_or_init(|| fetched("clients").expect("./dev clients makes it"));
    run(python, &["-"], script).await
}

async fn articles() -> Schema {
    mysql()
        .schema(&[
            "CREATE TABLE articles (id INT PRIMARY KEY AUTO_INCREMENT, title VARCHAR(255), content TEXT, \
             FULLTEXT idx_title_content (title, content))",
            "INSERT INTO articles (title, content) VALUES \
             ('MySQL performance', 'Database optimization is performance tuning of MySQL.')",
        ])
        .await
}

#[tokio::test]
async fn the_shell_samples_of_the_reference_run_one_after_the_other() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let samples: Vec<&str> = include_str!("seeds/reference.sh").split("\n\n").collect();
    let [register, login, setup, search] = samples[..] else { panic!("four samples") };
    let url = api.service.url();
    let host = ("http://localhost:3000", url.as_str());

    let registered = answer(register, &[host]).await;
    let session = answer(login, &[host]).await;
    assert_eq!(session["user"]["id"], registered["user"]["id"]);
    let token = session["token"].as_str().unwrap();
    let key = answer(setup, &[host, ("YOUR_JWT_TOKEN", token)]).await;
    assert_eq!(key["apiKey"]["permissions"], serde_json::json!(["search"]));

    let connect = || async {
        let call = api.call("POST", "/api/v1/databases").bearer(token).json(&schema.connection());
        call.send().await.expect(201)["id"].as_str().unwrap().to_owned()
    };
    let (one, other, key) = (connect().await, connect().await, key["secretKey"].as_str().unwrap());
    let ids = [("db-uuid-1", one.as_str()), ("db-uuid-2", other.as_str())];
    let found = answer(search, &[host, ("altus4_sk_test_abc123def456...", key), ids[0], ids[1]]).await;
    assert_eq!(found["results"].as_array().unwrap().len(), 2, "a row in each of two connections: {found:#}");
}

#[tokio::test]
async fn the_samples_of_a_search_in_javascript_and_python_print_what_was_found() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let user = api.register("ursula").await;
    let (id, key) = (user.connect(&schema).await, user.search_key().await);
    let url = api.service.url();
    let changes = [("http://localhost:3000", url.as_str()), ("db-uuid-1", id.as_str())];
    let script = adapted(include_str!("seeds/reference.js"), &changes);
    let printed = node(format!("const apiKey = '{key}';\n{script}")).await;
    assert!(printed.contains("title: 'MySQL performance'"), "{printed}");
    let script = adapted(include_str!("seeds/reference.py"), &changes);
    let printed = python(format!("api_key = '{key}'\n{script}")).await;
    assert!(printed.contains("'title': 'MySQL performance'"), "{printed}");
}

#[tokio::test]
async fn the_shell_samples_of_the_databases_add_one_and_read_its_schema() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let (key, _) = api.register("ursula").await.create_key(&["admin"]).await;
    let samples: Vec<&str> = include_str!("seeds/databases.sh").split("\n\n").collect();
    let [add, read] = samples[..] else { panic!("two samples") };
    let connection = schema.connection();
    let port = connection["port"].to_string();
    let url = api.service.url();
    let caller = [("http://localhost:3000", url.as_str()), ("YOUR_API_KEY", key.as_str())];
    let database = [
        ("db.example.com", "127.0.0.1"),
        ("3306", port.as_str()),
        ("app_production", schema.name.as_str()),
        ("altus4_user", schema.name.as_str()),
        ("secure_password_123", connection["password"].as_str().unwrap()),
    ];
    let added = answer(add, &[&caller[..], &database[..]].concat()).await;
    assert_eq!((&added["name"], &added["ssl"]), (&Value::from("Production Database"), &Value::Bool(false)));
    let id = added["id"].as_str().unwrap();
    let tables = answer(read, &[&caller[..], &[("db_abc123def456", id)]].concat()).await;
    assert_eq!(tables[0]["fullTextIndexes"][0]["columns"], serde_json::json!(["title", "content"]));
}

#[tokio::test]
async fn the_class_in_javascript_manages_a_database_over_tls() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let (key, _) = api.register("ursula").await.create_key(&["admin"]).await;
    let connection = schema.connection();
    let host = format!("host: 'localhost', port: {}", connection["port"]);
    let ssl = format!("ssl: {{ enabled: true, ca: {:?} }}", mysql().certificates.ca);
    let script = adapted(
        include_str!("seeds/databases.js"),
        &[
            ("https://api.altus4.dev", &api.service.url()),
            ("altus4_sk_live_abc123...", &key),
            ("host: 'db.example.com'", &host),
            ("'myapp'", &format!("'{}'", schema.name)),
            ("'user'", &format!("'{}'", schema.name)),
            ("'password'", &format!("'{}'", connection["password"].as_str().unwrap())),
            // The authority of the tests is not a public one.
            ("ssl: { enabled: true }", &ssl),
        ],
    );
    let printed = node(script).await;
    assert_eq!(printed, "Database connected: true\nFound tables: 1\n");
}

#[tokio::test]
async fn the_class_in_python_manages_a_database_over_tls() {
    let (api, schema) = (TestApi::start().await, articles().await);
    let (key, _) = api.register("ursula").await.create_key(&["admin"]).await;
    let connection = schema.connection();
    let ssl = format!("'enabled': True, 'ca': {:?}", mysql().certificates.ca);
    let script = adapted(
        include_str!("seeds/databases.py"),
        &[
            ("https://api.altus4.dev", &api.service.url()),
            ("altus4_sk_live_abc123...", &key),
            ("mysql.example.com", "localhost"),
            ("3306", &connection["port"].to_string()),
            ("'production_db'", &format!("'{}'", schema.name)),
            ("'altus4_user'", &format!("'{}'", schema.name)),
            ("'secure_password'", &format!("'{}'", connection["password"].as_str().unwrap())),
            // The authority of the tests is not a public one.
            ("'enabled': True", &ssl),
        ],
    );
    let printed = python(script).await;
    for line in [
        "Connection test successful!",
        "Found 1 tables:",
        "- articles (1 rows)",
        " Searchable columns: title, content",
        "Connection status: healthy",
    ] {
        assert!(printed.lines().any(|printed| printed == line), "{line} is not in {printed}");
    }
}
