//! What Snowflake's own drivers speak. Its documented SQL API takes no password, which is what URIs hold; this does.
//!
//! Nothing of it is documented. What is used here is what open drivers send and read: a login, statements whose rows come as
//! JSON within the answer, and a logout. Rows that come in files of a cloud's storage are not fetched.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use shared::databases::Dialer;
use shared::id::RequestId;
use tokio::time::Instant;

use super::Account;
use crate::engine::bounds::SAMPLE_TIME_MAX;
use crate::engine::refusal::Cloud;
use crate::engine::web::{Answer, Sent, Web, with_options};
use crate::engine::{Refusal, Rows};

/// Somebody who is logged in.
pub(super) struct Login {
    web: Web,
    /// The database in the server's own spelling.
    pub(super) database: Option<String>,
}

/// What a statement found.
pub(super) struct Found {
    names: Vec<String>,
    pub(super) rows: Rows,
}

/// An answer of any kind.
#[derive(Deserialize)]
struct Envelope<T> {
    success: bool,
    #[serde(default)]
    code: Option<String>,
    data: Option<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Welcome {
    token: SecretString,
    #[serde(default)]
    session_info: SessionInfo,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionInfo {
    #[serde(default)]
    database_name: Option<String>,
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    rowtype: Vec<Named>,
    #[serde(default)]
    rowset: Rows,
    #[serde(default, rename = "queryResultFormat")]
    format: Option<String>,
    #[serde(default)]
    chunks: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Logs in. The session's own limit for statements is told with it.
pub(super) async fn login(account: &Account, dialer: &Dialer, deadline: Instant) -> Result<Login, Refusal> {
    let mut web = Web::new(account.place.clone(), dialer, deadline).accepting("application/snowflake");
    let id = RequestId::fresh().to_string();
    let mut options = vec![("requestId", &*id), ("databaseName", &account.database)];
    let named = [("warehouse", &account.warehouse), ("roleName", &account.role)];
    options.extend(named.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))));
    let body = json!({ "data": {
        "ACCOUNT_NAME": account.name, "LOGIN_NAME": account.user, "PASSWORD": account.password.expose_secret(),
        "SESSION_PARAMETERS": { "STATEMENT_TIMEOUT_IN_SECONDS": SAMPLE_TIME_MAX.as_secs(), "QUERY_TAG": "altus4" },
    }});
    let answer = web.post(&with_options("/session/v1/login-request", &options), Sent::Json(body)).await?;
    if let 403 | 404 = answer.status {
        return Err(Cloud::SnowflakeAccount.into());
    }
    // Whatever it does not like of a login, nobody is let in.
    let welcome: Welcome = read(&answer)?.map_err(|_| Cloud::SnowflakeAuth)?;
    let token = format!("\"{}\"", welcome.token.expose_secret()).into();
    let web = web.with_authorization("Snowflake Token=", &token).ok_or(Refusal::Protocol)?;
    Ok(Login { web, database: welcome.session_info.database_name })
}

impl Login {
    /// What a statement finds; none where something that it names is not there, or hidden.
    pub(super) async fn ask(&mut self, sql: &str) -> Result<Option<Found>, Refusal> {
        let id = RequestId::fresh().to_string();
        let path = with_options("/queries/v1/query-request", &[("requestId", &id)]);
        let answer = self.web.post(&path, Sent::Json(json!({ "sqlText": sql }))).await?;
        let Outcome { rowtype, rowset, format, chunks } = match read(&answer)? {
            Ok(found) => found,
            // "Object does not exist, or operation cannot be performed" and "does not exist or not authorized".
            Err(code) if code == "002003" || code == "002043" => return Ok(None),
            Err(code) => return Err(refusal(&code)),
        };
        let is_whole = chunks.is_none_or(|chunks| chunks.is_empty());
        if !is_whole || format.is_some_and(|format| format != "json") {
            return Err(Refusal::Protocol);
        }
        let names: Vec<String> = rowtype.into_iter().map(|column| column.name).collect();
        let fits = rowset.iter().all(|row| row.len() == names.len());
        if fits { Ok(Some(Found { names, rows: rowset })) } else { Err(Refusal::Protocol) }
    }

    /// Ends the session there. Where this fails, it ends by itself.
    pub(super) async fn end(mut self) {
        drop(self.web.post("/session?delete=true", Sent::Json(json!({}))).await);
    }
}

impl Found {
    /// The rows as these columns of them; nothing where one is missing.
    pub(super) fn only<const N: usize>(self, names: [&str; N]) -> Result<Vec<[Option<String>; N]>, Refusal> {
        let place = |name: &str| self.names.iter().position(|own| own.eq_ignore_ascii_case(name));
        let places: Vec<usize> = names.into_iter().map(place).collect::<Option<_>>().ok_or(Refusal::Protocol)?;
        let row = |mut row: Vec<Option<String>>| -> [Option<String>; N] {
            std::array::from_fn(|column| row.get_mut(places[column]).and_then(Option::take))
        };
        Ok(self.rows.into_iter().map(row).collect())
    }
}

/// What an answer holds, or the code of its error.
fn read<T: DeserializeOwned>(answer: &Answer) -> Result<Result<T, String>, Refusal> {
    if let 429 | 500..=599 = answer.status {
        return Err(Cloud::Unavailable.into());
    }
    let told: Envelope<serde_json::Value> = answer.read()?;
    if !told.success {
        return Ok(Err(told.code.unwrap_or_default()));
    }
    let data = told.data.ok_or(Refusal::Protocol)?;
    serde_json::from_value(data).map(Ok).map_err(|_| Refusal::Protocol)
}

/// What the code of an error means, as drivers have it.
fn refusal(code: &str) -> Refusal {
    match code {
        "003001" => Cloud::SnowflakePermission.into(),
        "000606" => Cloud::SnowflakeWarehouse.into(),
        // Cancelled, timed out, or still running when the answer was due.
        "000604" | "000630" | "333333" | "333334" => Refusal::Timeout,
        _ if code.starts_with("39") => Cloud::SnowflakeAuth.into(),
        _ => Refusal::Protocol,
    }
}
