//! Calls the API and shows what is said, in the words of curl.

use std::net::IpAddr;

use reqwest::Method;
use serde_json::Value;

use super::Failed;

/// The most lines of an answer that are shown.
const LINES_MAX: usize = 40;

/// A client of the service on this machine.
pub struct Client {
    http: reqwest::Client,
    url: String,
}

impl Client {
    /// A client of the service at this URL.
    pub fn new(url: String) -> Self {
        Self { http: reqwest::Client::new(), url }
    }

    /// The same, calling from this address of the loopback network.
    pub fn at(url: String, address: [u8; 4]) -> Result<Self, Failed> {
        let http = reqwest::Client::builder().local_address(IpAddr::from(address)).build()?;
        Ok(Self { http, url })
    }

    /// Calls, and shows call and answer. An answer that is no success ends the demo.
    pub async fn show(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Result<Value, Failed> {
        println!("\n$ curl -X {method} {}{path}{}", self.url, flags(token, body.as_ref()));
        let answer = self.quietly(method, path, token, body).await?;
        print(&answer);
        if answer["success"] == true { Ok(answer) } else { Err(format!("{method} {path} was refused").into()) }
    }

    /// Calls, shows nothing, and fails unless the answer is a success.
    pub async fn must(&self, method: &str, path: &str, token: &str, body: Value) -> Result<Value, Failed> {
        let answer = self.quietly(method, path, token, Some(body)).await?;
        if answer["success"] == true { Ok(answer) } else { Err(format!("{method} {path}: {}", answer["error"]).into()) }
    }

    /// Calls, and shows nothing.
    pub async fn quietly(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Result<Value, Failed> {
        Ok(self.ask(method, path, token, body).await?.1)
    }

    /// The same, with the status of the answer.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> Result<(u16, Value), Failed> {
        let mut request = self.http.request(Method::from_bytes(method.as_bytes())?, format!("{}{path}", self.url));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }
}

fn flags(token: &str, body: Option<&Value>) -> String {
    let secret_is_short = token.len() < 60;
    let shown = if secret_is_short { token.to_owned() } else { format!("{token:.20}…") };
    let header = if token.is_empty() { String::new() } else { format!(" \\\n    -H 'Authorization: Bearer {shown}'") };
    let data = body.map(|body| format!(" \\\n    -H 'Content-Type: application/json' -d '{}'", without_password(body)));
    header + &data.unwrap_or_default()
}

fn without_password(body: &Value) -> Value {
    let mut shown = body.clone();
    if let Some(password) = shown.get_mut("password") {
        *password = "…".into();
    }
    shown
}

fn print(answer: &Value) {
    let text = format!("{answer:#}");
    let lines = text.lines().count();
    text.lines().take(LINES_MAX).for_each(|line| println!("  {line:.200}"));
    if lines > LINES_MAX {
        println!("  … {} more lines", lines - LINES_MAX);
    }
}
