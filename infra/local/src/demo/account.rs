//! The demo's own account: made at the first start, found again afterwards.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use aws_lc_rs::rand;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Failed;
use super::client::Client;

const EMAIL: &str = "demo@example.com";

/// An account with a session and a key.
pub struct Account {
    /// The session's token.
    pub token: String,
    /// The key.
    pub key: String,
}

/// What is kept between starts, in a file that only its owner can read.
#[derive(Serialize, Deserialize)]
struct Kept {
    password: String,
    key: Option<String>,
}

impl Account {
    /// Registers at the first start, logs in at the others, and makes the first key when there is none.
    pub async fn open(client: &Client, file: &Path) -> Result<Self, Failed> {
        let mut kept: Kept = if file.exists() { serde_json::from_slice(&fs::read(file)?)? } else { new(file)? };
        let body = json!({ "email": EMAIL, "password": kept.password, "name": "Demo" });
        let registered = client.quietly("POST", "/api/v1/auth/register", "", Some(body)).await?;
        if registered["success"] == true {
            println!("\n• registered {EMAIL}");
            // A key that was kept is one of a table that is no longer used.
            kept.key = None;
        }
        let login = json!({ "email": EMAIL, "password": kept.password });
        let answer = client.show("POST", "/api/v1/auth/login", "", Some(login)).await?;
        let token = answer["data"]["token"].as_str().unwrap_or_default().to_owned();
        let key = match kept.key.take() {
            Some(key) => key,
            None => first_key(client, &token).await?,
        };
        write(file, &Kept { password: kept.password, key: Some(key.clone()) })?;
        Ok(Self { token, key })
    }
}

async fn first_key(client: &Client, token: &str) -> Result<String, Failed> {
    let made = client.quietly("POST", "/api/v1/management/setup", token, None).await?;
    let made = if made["success"] == true {
        println!("\n• the first API key was made by POST /api/v1/management/setup");
        made
    } else {
        // An earlier start ended between making its key and keeping it.
        client.show("POST", "/api/v1/keys", token, Some(json!({ "name": "Demo key" }))).await?
    };
    Ok(made["data"]["secretKey"].as_str().unwrap_or_default().to_owned())
}

fn new(file: &Path) -> Result<Kept, Failed> {
    let mut bytes = [0; 18];
    rand::fill(&mut bytes)?;
    let kept = Kept { password: BASE64URL_NOPAD.encode(&bytes), key: None };
    write(file, &kept)?;
    Ok(kept)
}

fn write(file: &Path, kept: &Kept) -> Result<(), Failed> {
    let draft = file.with_extension("draft");
    let mut open = fs::OpenOptions::new();
    open.write(true).create(true).truncate(true).mode(0o600).open(&draft)?.write_all(&serde_json::to_vec(kept)?)?;
    Ok(fs::rename(draft, file)?)
}
