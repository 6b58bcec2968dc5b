//! A service that was deployed somewhere on this machine: the template on an emulator of AWS.

use std::net::{Ipv4Addr, SocketAddr};

use aws_sdk_dynamodb::types::AttributeValue;
use shared::config::{Config, Env};

/// Where a stack was deployed to.
pub struct Remote {
    url: reqwest::Url,
    table: String,
}

impl Remote {
    /// What `./dev ministack` names in `ALTUS4_TEST_URL` and `ALTUS4_TEST_TABLE`.
    pub fn of_this_run() -> Option<Self> {
        let env = Env::of_process();
        let url = env.optional("ALTUS4_TEST_URL")?.parse().expect("a URL");
        Some(Self { url, table: env.required("ALTUS4_TEST_TABLE").expect("a table").to_owned() })
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

    /// Forgets how often this address has registered: all tests have the same, and ten a minute would be all there are.
    pub async fn forget_attempts(&self, aws: &aws_config::SdkConfig, config: &Config) {
        let port = self.url.port().expect("a port");
        let mut config = config.clone();
        config.endpoints.dynamodb = Some(format!("http://127.0.0.1:{port}"));
        let window = shared::app::dynamodb(aws, &config).delete_item().table_name(&self.table);
        let window = window.key("pk", AttributeValue::S("RL#auth#127.0.0.1".to_owned()));
        window.key("sk", AttributeValue::S("WINDOW".to_owned())).send().await.expect("the window is forgotten");
    }
}
