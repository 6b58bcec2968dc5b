//! `docs/openapi.yaml` as a judge: whether an answer is one that the document promises, and whether what was accepted is
//! what it says one may send.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::{Registry, Validator};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::called;

/// Where schemas refer to each other from.
const HOME: &str = "urn:contract";

/// Headers of answers that say something of ours, and not of the protocol or the browser.
const OURS: [&str; 9] =
    ["x-request-id", "x-ratelimit-", "x-next-", "retry-after", "set-cookie", "link", "etag", "deprecation", "allow"];

/// The document, with its anchors filled in.
static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("../../docs/openapi.yaml");
    let mut document: serde_yaml_ng::Value = serde_yaml_ng::from_str(text).expect("docs/openapi.yaml is YAML");
    document.apply_merge().expect("its anchors are mappings");
    serde_json::to_value(document).expect("its keys are text")
});

static SCHEMAS: LazyLock<Registry<'static>> = LazyLock::new(|| {
    let registry = Registry::new().add(HOME, &*DOCUMENT).expect("its own name is a URI");
    registry.prepare().expect("every reference leads somewhere")
});

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(operations_of_document);

/// Compiled when they are needed first, and for the whole process: a test needs few of them, and many tests the same.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Something that one can ask of the service.
#[derive(Debug)]
pub struct Operation {
    /// The method, such as `GET`.
    pub method: String,
    /// The path, with parameters in braces.
    pub path: String,
    /// Where it stands in the document, as a JSON pointer (RFC 6901).
    pointer: String,
}

/// Every operation of the document.
pub fn operations() -> &'static [Operation] {
    &OPERATIONS
}

/// The document.
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// What does not fit the schema at this place of the document.
pub fn misfits(pointer: &str, instance: &Value) -> Vec<String> {
    let errors = validator(pointer);
    errors.iter_errors(instance).map(|error| format!("{}: {error:.600}", error.instance_path())).collect()
}

impl Operation {
    /// What the document says of it.
    pub fn definition(&self) -> &'static Value {
        DOCUMENT.pointer(&self.pointer).expect("it stands there")
    }

    /// Its examples of a body.
    pub fn examples(&self) -> Vec<&'static Value> {
        let content = &self.definition()["requestBody"]["content"]["application/json"];
        let several = content["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
        content.get("example").into_iter().chain(several).collect()
    }

    /// Whether an account has to be an administrator's to call it.
    pub fn is_for_administrators(&self) -> bool {
        let ways = self.definition()["security"].as_array();
        ways.is_some_and(|ways| ways.iter().any(|way| way["session"][0] == "admin"))
    }

    /// Whether a call of it names databases of the caller's.
    pub fn names_databases(&self) -> bool {
        self.definition()["responses"]["404"]["$ref"] == "#/components/responses/UnknownDatabase"
    }

    /// Whether its answer is no envelope, but the document itself.
    pub fn is_page(&self) -> bool {
        ["/openapi.json", "/docs"].contains(&self.path.as_str())
    }

    fn fits(&self, method: &str, path: &str) -> bool {
        let same = |(ours, theirs): (&str, &str)| ours == theirs || ours.starts_with('{') && !theirs.is_empty();
        self.method == method
            && self.path.split('/').count() == path.split('/').count()
            && self.path.split('/').zip(path.split('/')).all(same)
    }

    /// The place of the answer with this status.
    pub fn answer(&self, status: u16) -> Option<String> {
        let place = format!("{}/responses/{status}", self.pointer);
        DOCUMENT.pointer(&place).map(|_| resolved(&place))
    }

    /// Its parameters and those of its path, each with the place where it stands.
    pub fn parameters(&self) -> impl Iterator<Item = (String, &'static Value)> {
        let of_path = self.pointer.rsplit_once('/').map_or("", |(path, _)| path).to_owned();
        [of_path, self.pointer.clone()].into_iter().flat_map(|owner| {
            let place = format!("{owner}/parameters");
            let count = DOCUMENT.pointer(&place).and_then(Value::as_array).map_or(0, Vec::len);
            (0..count).map(move |number| {
                let place = resolved(&format!("{place}/{number}"));
                let parameter = DOCUMENT.pointer(&place).expect("it stands there");
                (place, parameter)
            })
        })
    }
}

/// A request, as it was sent.
pub(crate) struct Sent {
    pub method: String,
    pub url: reqwest::Url,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Sent {
    /// Fails the test where the answer, or the request that was accepted, is not as the document says.
    pub fn check(&self, answer: &Answer) {
        let wrong = |what: &str| self.wrong(&format!("{what}: {:#}", answer.body));
        let operation = self.operation();
        let place = self.place(operation, answer.status);
        check_headers(&place, &answer.headers, &wrong);
        let misfits = misfits(&format!("{place}/content/application~1json/schema"), &answer.body);
        if !misfits.is_empty() {
            wrong(&format!("the answer {} does not fit: {}", answer.status, misfits.join("; ")));
        }
        if let Some(operation) = operation.filter(|_| answer.status < 300) {
            self.check_body(operation, &wrong);
            self.check_query(operation, &wrong);
            called::note(operation);
        }
    }

    /// The same for an answer that is no envelope.
    pub fn check_text(&self, status: u16, headers: &HeaderMap) {
        // Preflights belong to the protocol of browsers, and are described as a whole.
        if self.method == "OPTIONS" {
            return;
        }
        let wrong = |what: &str| self.wrong(what);
        let operation = self.operation();
        let place = self.place(operation, status);
        check_headers(&place, headers, &wrong);
        // What has not changed is told without a body.
        if status == 304 {
            return;
        }
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default();
        if DOCUMENT.pointer(&place).is_none_or(|answer| answer["content"].get(kind).is_none()) {
            wrong(&format!("{kind:?} is not documented"));
        }
        operation.filter(|_| status < 300).into_iter().for_each(called::note);
    }

    /// What was called. What is written out wins over a parameter, as in the routers.
    fn operation(&self) -> Option<&'static Operation> {
        let fitting = OPERATIONS.iter().filter(|operation| operation.fits(&self.method, self.url.path()));
        fitting.min_by_key(|operation| operation.path.matches('{').count())
    }

    /// Where the answer with this status stands in the document.
    fn place(&self, operation: Option<&Operation>, status: u16) -> String {
        match operation {
            None if status == 404 => "/components/responses/UnknownPath".to_owned(),
            None => self.wrong("there is no such operation"),
            Some(operation) => match operation.answer(status) {
                None => self.wrong(&format!("there is no answer {status}")),
                Some(place) => place,
            },
        }
    }

    fn wrong(&self, what: &str) -> ! {
        panic!("docs/openapi.yaml: {} {}: {what}", self.method, self.url.path())
    }

    fn check_body(&self, operation: &Operation, wrong: &dyn Fn(&str)) {
        let is_form = self.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().ends_with(b"urlencoded"));
        if is_form || operation.definition().get("requestBody").is_none() {
            return;
        }
        // An empty body and `null` are an empty object.
        let body = match serde_json::from_slice(&self.body) {
            Ok(Value::Null) | Err(_) => json!({}),
            Ok(body) => body,
        };
        let misfits = misfits(&format!("{}/requestBody/content/application~1json/schema", operation.pointer), &body);
        if !misfits.is_empty() {
            wrong(&format!("the body {body} was accepted, but does not fit: {}", misfits.join("; ")));
        }
    }

    fn check_query(&self, operation: &Operation, wrong: &dyn Fn(&str)) {
        for (place, parameter) in operation.parameters().filter(|(_, parameter)| parameter["in"] == "query") {
            let pairs = self.url.query_pairs();
            let values = pairs.filter(|(name, _)| name.split('[').next() == parameter["name"].as_str());
            for (name, value) in values {
                let value = typed(&value, &parameter["schema"]["type"]);
                let misfits = misfits(&format!("{place}/schema"), &value);
                if !misfits.is_empty() {
                    wrong(&format!("{name}={value} was accepted, but does not fit: {}", misfits.join("; ")));
                }
            }
        }
    }
}

/// Headers of ours are documented, those that have to be there are, and all have the form that is promised.
fn check_headers(place: &str, headers: &HeaderMap, wrong: &dyn Fn(&str)) {
    let documented = DOCUMENT.pointer(&format!("{place}/headers")).and_then(Value::as_object);
    let documented: HashMap<String, &String> =
        documented.into_iter().flatten().map(|(name, _)| (name.to_lowercase(), name)).collect();
    for name in headers.keys().map(|name| name.as_str()) {
        if OURS.iter().any(|ours| name.starts_with(ours)) && !documented.contains_key(name) {
            wrong(&format!("the header {name} is not documented"));
        }
    }
    for (lower, name) in documented {
        let header = resolved(&format!("{place}/headers/{name}"));
        let definition = DOCUMENT.pointer(&header).expect("it stands there");
        match headers.get(&lower) {
            None if definition["required"] == true => wrong(&format!("the header {name} is missing")),
            None => {}
            Some(value) => {
                let value = typed(&String::from_utf8_lossy(value.as_bytes()), &definition["schema"]["type"]);
                let misfits = misfits(&format!("{header}/schema"), &value);
                if !misfits.is_empty() {
                    wrong(&format!("the header {name} does not fit: {}", misfits.join("; ")));
                }
            }
        }
    }
}

/// A text of a header or of a query string, as what the schema has in mind.
fn typed(text: &str, kind: &Value) -> Value {
    match kind.as_str() {
        Some("integer") => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
        Some("boolean") => match text.to_ascii_lowercase().as_str() {
            "" | "1" | "true" => json!(true),
            "0" | "false" => json!(false),
            other => json!(other),
        },
        Some("array") => text.split(',').collect(),
        _ => json!(text),
    }
}

/// The place itself, or the one that it refers to.
fn resolved(place: &str) -> String {
    let reference = DOCUMENT.pointer(place).and_then(|value| value["$ref"].as_str());
    reference.map_or(place, |reference| reference.trim_start_matches('#')).to_owned()
}

fn validator(pointer: &str) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let compile = || {
        let fragment = pointer.replace('{', "%7B").replace('}', "%7D");
        let schema = json!({ "$ref": format!("{HOME}#{fragment}") });
        let options = jsonschema::options().with_registry(&SCHEMAS).should_validate_formats(true);
        Arc::new(options.build(&schema).unwrap_or_else(|error| panic!("{pointer}: {error}")))
    };
    Arc::clone(validators.entry(pointer.to_owned()).or_insert_with(compile))
}

fn operations_of_document() -> Vec<Operation> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let of_path = |(path, item): (&String, &Value)| {
        let escaped = path.replace('~', "~0").replace('/', "~1");
        let methods: BTreeSet<String> = item.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        let operations =
            methods.into_iter().filter(|name| name != "parameters").map(move |method| (path.clone(), method));
        operations
            .map(|(path, method)| Operation {
                pointer: format!("/paths/{escaped}/{method}"),
                method: method.to_uppercase(),
                path,
            })
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}
