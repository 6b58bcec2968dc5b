//! A provider of models on this machine: the one thing that the tests put something in the place of, because the
//! real ones are in the Internet, cost money and can not be told to misbehave.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use local::semantics::Semantics;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use crate::vendor::request;

/// What a provider answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// A vector for each text: those that hold this word point the way of the query, the others elsewhere.
    Near(&'static str),
    /// The same, as Amazon Bedrock has it for a model of Cohere or Titan.
    Bedrock(&'static str),
    /// This sentence for each finding that it is to put into words.
    Words(&'static str),
    /// This text, whatever it is to write.
    Writes(&'static str),
    /// Nothing, and it does not hang up either.
    Nothing,
    /// This status.
    Status(u16),
    /// A redirect to this port of this machine.
    Redirect(u16),
    /// This text, with a status of 200.
    Text(&'static str),
    /// Numbers without end.
    Endless,
    /// It hangs up.
    HangUp,
    /// A vector of zeros for each text.
    Zeros,
    /// The second vector has one dimension more.
    OtherDimension,
    /// One vector less than texts.
    TooFew,
}

/// A provider on a free port. It ends with this value.
pub struct Provider {
    port: u16,
    says: Arc<Mutex<Says>>,
    asked: Arc<Mutex<Vec<Value>>>,
    task: AbortHandle,
}

impl Provider {
    /// Starts one.
    pub async fn start(says: Says) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (says, asked) = (Arc::new(Mutex::new(says)), Arc::<Mutex<Vec<Value>>>::default());
        let (of_task, log) = (Arc::clone(&says), Arc::clone(&asked));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&of_task), Arc::clone(&log)));
            }
        });
        Self { port, says, asked, task: task.abort_handle() }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on it answers this.
    pub fn says(&self, says: Says) {
        *self.says.lock().unwrap_or_else(PoisonError::into_inner) = says;
    }

    /// Takes the bodies that it was sent, each with the header `authorization` beside it.
    pub fn asked(&self) -> Vec<Value> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a service needs to ask it.
    pub fn semantics(&self) -> Semantics {
        let base_url = format!("http://127.0.0.1:{}/v1", self.port);
        let secret =
            json!({ "baseUrl": base_url, "model": "a-model", "chatModel": "a-writer", "apiKey": "sk-of-the-operator" });
        Semantics::Secret(secret.to_string())
    }

    /// The same, as if it were Amazon Bedrock.
    pub fn bedrock(&self, model: &str) -> Semantics {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        Semantics::Bedrock { endpoint, model: model.to_owned(), writer: "a.writer-v1:0".to_owned() }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, says: Arc<Mutex<Says>>, asked: Arc<Mutex<Vec<Value>>>) {
    while let Some(request) = request(&mut stream).await {
        let (body, key) = (request.json(), request.header("authorization").unwrap_or_default().to_owned());
        asked.lock().unwrap_or_else(PoisonError::into_inner).push(json!({ "body": body, "authorization": key }));
        let says = *says.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, location, text) = match says {
            Says::Nothing => std::future::pending().await,
            Says::HangUp => return,
            Says::Endless => return endless(stream).await,
            Says::Status(status) => (status, 0, "{}".to_owned()),
            Says::Redirect(port) => (307, port, String::new()),
            Says::Text(text) => (200, 0, text.to_owned()),
            Says::Words(sentence) => (200, 0, written(&body, &for_each(&body, sentence)).to_string()),
            Says::Writes(text) => (200, 0, written(&body, text).to_string()),
            Says::Bedrock(word) => (200, 0, bedrock(&body, word).to_string()),
            Says::Near(_) | Says::Zeros | Says::OtherDimension | Says::TooFew => {
                (200, 0, vectors(&body, says).to_string())
            }
        };
        let answer = format!(
            "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\nlocation: http://127.0.0.1:{location}/v1/embeddings\r\n\
             content-length: {}\r\n\r\n{text}",
            text.len()
        );
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn endless(mut stream: TcpStream) {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"data\":[{\"embedding\":[";
    let mut going_on = stream.write_all(head).await;
    while going_on.is_ok() {
        going_on = stream.write_all(&b"0.125,".repeat(10_000)).await;
    }
}

fn vectors(body: &Value, says: Says) -> Value {
    let inputs = body["input"].as_array().cloned().unwrap_or_default();
    let wanted = if says == Says::TooFew { inputs.len() - 1 } else { inputs.len() };
    let vector = |(place, text): (usize, &Value)| {
        let embedding = match says {
            Says::Zeros => json!([0.0, 0.0]),
            Says::OtherDimension if place == 1 => json!([1.0, 0.0, 0.0]),
            Says::Near(word) => direction(place == 0, text, word),
            _ => json!([1.0, 0.0]),
        };
        json!({ "object": "embedding", "index": place, "embedding": embedding })
    };
    json!({ "data": inputs.iter().take(wanted).enumerate().map(vector).collect::<Vec<_>>() })
}

/// A text, in the form of whom the request was meant for.
fn written(body: &Value, text: &str) -> Value {
    let content = if body.get("system").is_some() { json!([{ "text": text }]) } else { json!(text) };
    let message = json!({ "role": "assistant", "content": content });
    let usage = json!({ "inputTokens": 1, "outputTokens": 1, "totalTokens": 2 });
    json!({
        "choices": [{ "index": 0, "finish_reason": "stop", "message": message }],
        "output": { "message": message }, "stopReason": "end_turn", "usage": usage, "metrics": { "latencyMs": 1 },
    })
}

/// This sentence for each of the findings of a request.
fn for_each(body: &Value, sentence: &str) -> String {
    let last = body["messages"].as_array().and_then(|messages| messages.last()).cloned().unwrap_or_default();
    let material = last["content"].as_str().or(last["content"][0]["text"].as_str()).unwrap_or_default();
    let findings: Vec<Value> = serde_json::from_str(material).unwrap_or_default();
    let sentence = |finding: &Value| json!({ "id": finding["id"], "text": sentence });
    json!({ "sentences": findings.iter().map(sentence).collect::<Vec<_>>() }).to_string()
}

fn bedrock(body: &Value, word: &str) -> Value {
    if let Some(text) = body.get("inputText") {
        // Titan does not know a query from a text; the tests' queries hold the word "query".
        let is_query = text.as_str().is_some_and(|text| text.contains("query"));
        return json!({ "embedding": direction(is_query, text, word), "inputTextTokenCount": 3 });
    }
    let is_query = body["input_type"] == "search_query";
    let texts = body["texts"].as_array().cloned().unwrap_or_default();
    json!({ "embeddings": texts.iter().map(|text| direction(is_query, text, word)).collect::<Vec<_>>() })
}

fn direction(is_query: bool, text: &Value, word: &str) -> Value {
    let is_near = is_query || text.as_str().is_some_and(|text| text.contains(word));
    if is_near { json!([1.0, 0.1]) } else { json!([0.1, 1.0]) }
}
