//! A service that was deployed somewhere on this machine: the template on an emulator of AWS.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Select};
use shared::analytics::Analytics;
use shared::config::{Config, Env};
use shared::dynamo::Table;
use shared::id::UserId;
use shared::later::Later;

use crate::patience::comes_true;

/// How long the functions that the stream calls may take to be done with what an account has asked for: all tests have the
/// same stream, which an emulator reads with one thread.
const SETTLED_MAX: Duration = Duration::from_mins(2);

/// Where a stack was deployed to.
#[derive(Clone)]
pub struct Remote {
    url: reqwest::Url,
    table: Table,
}

impl Remote {
    /// What `./dev ministack` names in `ALTUS4_TEST_URL` and `ALTUS4_TEST_TABLE`.
    pub fn of_this_run(aws: &SdkConfig, config: &Config) -> Option<Self> {
        let env = Env::of_process();
        let url: reqwest::Url = env.optional("ALTUS4_TEST_URL")?.parse().expect("a URL");
        let mut config = config.clone();
        config.endpoints.dynamodb = Some(format!("http://127.0.0.1:{}", url.port().expect("a port")));
        let name = env.required("ALTUS4_TEST_TABLE").expect("a table").to_owned();
        let aws = aws.clone();
        let table = Table { client: Later::new(move || shared::app::dynamodb(&aws, &config)), name };
        Some(Self { url, table })
    }

    /// Where the API answers, as the beginning of a URL.
    pub fn url(&self) -> String {
        self.url.as_str().trim_end_matches('/').to_owned()
    }

    /// A client that knows where that is. No name is asked for: `….localhost` is this machine (RFC 6761, 6.3).
    pub fn client(&self) -> reqwest::Client {
        let host = self.url.host_str().expect("a host");
        assert!(host == "127.0.0.1" || host.ends_with(".localhost"), "{host}: tests call nothing but this machine");
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, self.url.port().expect("a port")));
        reqwest::Client::builder().resolve(host, here).build().expect("a client")
    }

    /// Its table.
    pub fn table(&self) -> &str {
        &self.table.name
    }

    /// A client of the DynamoDB that has it.
    pub fn dynamodb(&self) -> Client {
        Client::clone(&self.table.client)
    }

    /// The settings of its functions, but for the table. `./dev ministack` names key and secret in `ALTUS4_TEST_KEY` and
    /// `ALTUS4_TEST_SECRET`.
    pub fn config(&self, table: &str) -> Config {
        let env = Env::of_process();
        let output = |name: &'static str| env.required(name).expect("an output of the stack").to_owned();
        let emulator = format!("http://127.0.0.1:{}", self.url.port().expect("a port"));
        let settings = Env::from([
            ("ALTUS4_TABLE", table.to_owned()),
            ("ALTUS4_KMS_KEY", output("ALTUS4_TEST_KEY")),
            ("ALTUS4_SESSION_SECRET", output("ALTUS4_TEST_SECRET")),
            ("ALTUS4_AWS_ENDPOINT", emulator),
            ("ALTUS4_ALLOW_LOOPBACK", "true".to_owned()),
        ]);
        Config::from_env(&settings).expect("the settings of a function")
    }

    /// The searches and figures in its table.
    pub fn analytics(&self) -> Analytics {
        Analytics::new(self.table.clone())
    }

    /// Forgets how often this address has tried to register or to log in: all tests have the same, and ten a minute would be
    /// all there are.
    pub async fn forget_attempts(&self) {
        let window = self.table.client.delete_item().table_name(&self.table.name);
        let window = window.key("pk", AttributeValue::S("RL#auth#127.0.0.1".to_owned()));
        window.key("sk", AttributeValue::S("WINDOW".to_owned())).send().await.expect("the window is forgotten");
    }

    /// Waits until the searches in this account's history are in its figures, and nobody is looking into its tables. There
    /// is no Extensions API, so that a search is in the history when it is answered.
    pub async fn settle(&self, owner: UserId) {
        let (history, tables) = (format!("USER#{owner}#H"), format!("USER#{owner}#W"));
        let is_settled = async || {
            self.count(&history, "attribute_not_exists(rolled_up)").await == 0
                && self.count(&tables, "attribute_exists(lease_until)").await == 0
        };
        assert!(comes_true(SETTLED_MAX, is_settled).await, "the functions of the stream are far behind");
    }

    /// How many items under this key are so. A test has few: one page has all of them.
    async fn count(&self, pk: &str, filter: &str) -> i32 {
        let all = self.table.client.query().table_name(&self.table.name).key_condition_expression("pk = :pk");
        let all = all.expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()));
        let some = all.filter_expression(filter).select(Select::Count).consistent_read(true);
        some.send().await.expect("items").count
    }
}
