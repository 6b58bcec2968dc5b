//! Calls of AWS on a connection, one after the other: HTTP/1.1 with bodies whose length is told, as the SDK and the emulators
//! speak it.

use std::io;
use std::net::Ipv4Addr;

use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::spoiled::Spoiled;
use crate::faults::{Fault, Faults};

/// The longest head that is read.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// A request or an answer, whole.
struct Message {
    head: String,
    bytes: Vec<u8>,
}

/// Passes calls on to this port of loopback until either side ends, and lets each meet what it is to meet.
pub(super) async fn pass(client: TcpStream, port: u16, faults: Faults) -> io::Result<()> {
    let (from_server, mut to_server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?.into_split();
    let (from_client, to_client) = client.into_split();
    let (mut from_client, mut from_server) = (BufReader::new(from_client), BufReader::new(from_server));
    let mut to_client = Spoiled::new(to_client);
    while let Some(call) = Message::read(&mut from_client).await? {
        let met = faults.meet(call.header("x-amz-target").unwrap_or_default());
        let fault = match met {
            Some((Fault::Held, release)) => {
                tokio::select! {
                    () = release.come() => {}
                    // Whoever does not wait any longer has not asked.
                    gone = from_client.fill_buf() => if gone?.is_empty() { return Ok(()) },
                }
                None
            }
            Some((Fault::Refused(status, body), _)) => {
                to_client.suffer(None);
                to_client.write(&refusal(status, &body)).await?;
                continue;
            }
            Some((Fault::Unread, _)) => {
                to_client.suffer(None);
                to_client.write(&refusal(200, &call.left_unread()?)).await?;
                continue;
            }
            met => met.map(|(fault, _)| fault),
        };
        to_server.write_all(&call.bytes).await?;
        let Some(answer) = Message::read(&mut from_server).await? else { return Ok(()) };
        to_client.suffer(fault);
        to_client.write(&answer.bytes).await?;
    }
    Ok(())
}

impl Message {
    /// The next one; none where the connection has ended.
    async fn read(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            if from.read_until(b'\n', &mut bytes).await? == 0 {
                return Ok(None);
            }
            if bytes.len() > HEAD_BYTES_MAX {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        let mut message = Self { head: String::from_utf8_lossy(&bytes).into_owned(), bytes };
        let length: usize = message.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        let head = message.bytes.len();
        message.bytes.resize(head + length, 0);
        from.read_exact(&mut message.bytes[head..]).await?;
        Ok(Some(message))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut pairs = self.head.lines().filter_map(|line| line.split_once(':'));
        pairs.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The answer to a `BatchGetItem` that has read nothing.
    fn left_unread(&self) -> io::Result<Value> {
        let head = self.head.len();
        let call: Value = serde_json::from_slice(self.bytes.get(head..).unwrap_or_default())?;
        Ok(json!({ "Responses": {}, "UnprocessedKeys": call["RequestItems"] }))
    }
}

fn refusal(status: u16, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} To order\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.into_bytes(), body.into_bytes()].concat()
}
