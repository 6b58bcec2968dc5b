use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use shared::app::App;
use shared::audit::Action;
use shared::databases::{
    ConnectionName, ConnectionOptions, Database, Host, Port, Schema, SearchOptions, Settings, Target, Tls,
    TlsVerification, Username, discover,
};
use shared::error::{InvalidKind, Refusal};
use shared::http::{Body, Caller, Reply, State, Witness, may, object};
use shared::{Error, Result};

use crate::view::DatabaseView;

/// What an owner says of a database.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddDatabase {
    name: ConnectionName,
    host: Host,
    #[serde(default = "mysql_port")]
    port: Port,
    database: Schema,
    username: Username,
    password: SecretString,
    #[serde(default)]
    ssl: Ssl,
    #[serde(default, deserialize_with = "object")]
    connection_options: ConnectionOptions,
    #[serde(default, deserialize_with = "object")]
    search_options: SearchOptions,
}

/// `POST /api/v1/databases`: nothing is stored of a database that can not be connected.
pub async fn add(
    State(app): State<App>,
    caller: Caller<may::ManageDatabases>,
    witness: Witness,
    Body(request): Body<AddDatabase>,
) -> Result<Reply<DatabaseView>> {
    let (settings, password) = request.into_parts();
    let target = Target { settings: &settings, password: &password };
    let catalogue = discover(&app.connector, target, app.clock.now()).await.map_err(Error::DatabaseRefused)?;
    let now = app.clock.now();
    let database = Database::new(caller.user, settings, &password, catalogue, &app.vault, now).await?;
    app.databases.insert(&database, &witness.saw(caller.user, Action::ConnectionAdded, database.id)).await?;
    Ok(Reply::created(DatabaseView::from(database)))
}

impl AddDatabase {
    fn into_parts(self) -> (Settings, SecretString) {
        let settings = Settings {
            name: self.name,
            host: self.host,
            port: self.port,
            schema: self.database,
            username: self.username,
            tls: self.ssl.0,
            connection_options: self.connection_options,
            search_options: self.search_options,
        };
        (settings, self.password)
    }
}

fn mysql_port() -> Port {
    Port::MYSQL
}

/// How the wire is protected: `true`, `false`, or an object `{ enabled, rejectUnauthorized?, ca? }`.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
struct Ssl(Tls);

impl Default for Ssl {
    fn default() -> Self {
        Self(Tls::Off)
    }
}

impl TryFrom<Value> for Ssl {
    type Error = Refusal;

    fn try_from(value: Value) -> Result<Self, Refusal> {
        let flag = |name: &str, default: bool| match &value[name] {
            Value::Null => Ok(default),
            Value::Bool(flag) => Ok(*flag),
            _ => Err(Refusal(InvalidKind::Type, "enabled and rejectUnauthorized must be booleans")),
        };
        match &value {
            Value::Null | Value::Bool(false) => return Ok(Self(Tls::Off)),
            Value::Bool(true) => return Ok(Self(Tls::On(TlsVerification::Full { ca: None }))),
            Value::Object(object) if object.contains_key("cert") || object.contains_key("key") => {
                return Err(Refusal(InvalidKind::Choice, "client certificates can not be used yet"));
            }
            Value::Object(_) => {}
            _ => return Err(Refusal(InvalidKind::Type, "must be a boolean or an object")),
        }
        let ca = match &value["ca"] {
            Value::Null => None,
            Value::String(pem) => Some(pem.clone()),
            _ => return Err(Refusal(InvalidKind::Type, "ca must be a certificate in PEM")),
        };
        let (enabled, verified) = (flag("enabled", true)?, flag("rejectUnauthorized", true)?);
        Ok(Self(match (enabled, verified) {
            (false, _) => Tls::Off,
            (true, true) => Tls::On(TlsVerification::Full { ca }),
            (true, false) => Tls::On(TlsVerification::None),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ssl_is_a_boolean_or_an_object() {
        let full = |ca: Option<&str>| Tls::On(TlsVerification::Full { ca: ca.map(str::to_owned) });
        for (value, tls) in [
            (json!(null), Tls::Off),
            (json!(false), Tls::Off),
            (json!(true), full(None)),
            (json!({}), full(None)),
            (json!({ "enabled": false }), Tls::Off),
            (json!({ "enabled": true, "rejectUnauthorized": true }), full(None)),
            (json!({ "ca": "PEM" }), full(Some("PEM"))),
            (json!({ "enabled": true, "rejectUnauthorized": false }), Tls::On(TlsVerification::None)),
        ] {
            assert_eq!(Ssl::try_from(value.clone()).unwrap().0, tls, "{value}");
        }
        for value in
            [json!("true"), json!(1), json!([]), json!({ "enabled": "yes" }), json!({ "ca": 1 }), json!({ "key": "" })]
        {
            assert!(Ssl::try_from(value.clone()).is_err(), "{value}");
        }
    }
}
