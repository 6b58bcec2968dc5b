//! The page for people: every operation of the document and every schema, on one page without a script.

use serde_json::Value;

use crate::prose::{escape, line, paragraphs};
use crate::schema::{anchor, fields, kind};

/// The whole page, with its style in it.
pub fn page(document: &Value, style: &str) -> String {
    let title = text(&document["info"]["title"]);
    let tags = document["tags"].as_array().into_iter().flatten();
    let groups: String = tags.clone().map(|tag| group(document, tag)).collect();
    let menu: String = tags.map(|tag| menu(document, tag)).collect();
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    let schemas: String = schemas.map(|(name, schema)| named(name, schema)).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{style}</style>\n</head>\n\
         <body>\n<nav>\n<p><a href=\"/openapi.json\">openapi.json</a></p>\n{menu}<p><a href=\"#schemas\">schemas</a></p>\n\
         </nav>\n<main>\n<h1>{title}</h1>\n<p>{}</p>\n{}{groups}<h2 id=\"schemas\">schemas</h2>\n{schemas}</main>\n</body>\n\
         </html>\n",
        line(text(&document["info"]["summary"])),
        paragraphs(text(&document["info"]["description"])),
    )
}

/// The operations of a tag, as path, method and definition.
fn tagged<'a>(document: &'a Value, tag: &'a Value) -> impl Iterator<Item = (&'a str, &'a str, &'a Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        let operations = item.as_object().into_iter().flatten();
        operations.map(|(method, operation)| (path.as_str(), method.as_str(), operation))
    });
    all.filter(|(_, _, operation)| operation["tags"][0] == tag["name"])
}

fn menu(document: &Value, tag: &Value) -> String {
    let link = |(_, _, operation): (&str, &str, &Value)| {
        format!("<li><a href=\"#{0}\">{0}</a></li>\n", text(&operation["operationId"]))
    };
    format!("<p>{}</p>\n<ul>\n{}</ul>\n", text(&tag["name"]), tagged(document, tag).map(link).collect::<String>())
}

fn group(document: &Value, tag: &Value) -> String {
    let operations: String = tagged(document, tag).map(|one| operation(document, one)).collect();
    format!("<h2>{}</h2>\n<p>{}</p>\n{operations}", text(&tag["name"]), line(text(&tag["description"])))
}

fn operation(document: &Value, (path, method, operation): (&str, &str, &Value)) -> String {
    let (of_path, own) = (&document["paths"][path]["parameters"], &operation["parameters"]);
    let listed = [of_path, own].into_iter().filter_map(Value::as_array).flatten();
    let parameters: String = listed.map(|one| parameter(resolved(document, one))).collect();
    let parameters = if parameters.is_empty() { parameters } else { format!("<table>{parameters}</table>\n") };
    let answers = operation["responses"].as_object().into_iter().flatten();
    let answers: String = answers.map(|(status, one)| answer(status, resolved(document, one))).collect();
    format!(
        "<section id=\"{}\">\n<h3><b>{}</b> <code>{}</code></h3>\n<p><strong>{}</strong></p>\n{}<p>{}</p>\n{parameters}{}\
         {answers}</section>\n",
        text(&operation["operationId"]),
        method.to_uppercase(),
        escape(path),
        line(text(&operation["summary"])),
        operation["description"].as_str().map(paragraphs).unwrap_or_default(),
        callers(&operation["security"]),
        body(&operation["requestBody"]),
    )
}

/// Who may call.
fn callers(security: &Value) -> String {
    let ways = security.as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
    let way = |(name, needs): (&String, &Value)| {
        let needs = needs.as_array().into_iter().flatten().map(text).collect::<Vec<_>>().join(", ");
        let name = match name.as_str() {
            "session" => "a session",
            "apiKey" => "an API key",
            _ => "the refresh cookie",
        };
        if needs.is_empty() { name.to_owned() } else { format!("{name} with <code>{needs}</code>") }
    };
    let ways: Vec<String> = ways.map(way).collect();
    if ways.is_empty() { "By anybody.".to_owned() } else { format!("By {}.", ways.join(", or ")) }
}

fn parameter(parameter: &Value) -> String {
    format!(
        "<tr><th><code>{}</code> <small>{}</small></th><td>{}</td><td>{}</td></tr>\n",
        escape(text(&parameter["name"])),
        text(&parameter["in"]),
        kind(&parameter["schema"]),
        parameter["description"].as_str().map(line).unwrap_or_default(),
    )
}

fn body(body: &Value) -> String {
    let content = &body["content"]["application/json"];
    let Some(schema) = content.get("schema") else { return String::new() };
    let several = content["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
    let examples: String = content.get("example").into_iter().chain(several).map(example).collect();
    format!("<h4>Body: {}</h4>\n{}{examples}", kind(schema), fields(schema))
}

fn answer(status: &str, answer: &Value) -> String {
    let content = &answer["content"]["application/json"];
    let properties = &content["schema"]["properties"];
    let is_enveloped = properties.get("data").or(properties.get("error")).is_some();
    let (data, mut codes) = (if is_enveloped { &properties["data"] } else { &content["schema"] }, Vec::new());
    find_codes(&properties["error"], &mut codes);
    codes.extend(properties["error_code"]["enum"].as_array().into_iter().flatten().filter_map(Value::as_str));
    let about = match (data.is_object(), codes.is_empty()) {
        (true, true) if is_enveloped => format!("<p><code>data</code>: {}</p>\n{}", kind(data), fields(data)),
        (true, true) => format!("<p>{}</p>\n{}", kind(data), fields(data)),
        (_, false) => {
            format!("<p>{}</p>\n", codes.iter().map(|code| line(&format!("`{code}`"))).collect::<Vec<_>>().join(", "))
        }
        (false, true) => String::new(),
    };
    let example: String = content.get("example").map(example).unwrap_or_default();
    let description = line(text(&answer["description"]));
    format!("<details><summary><b>{status}</b> {description}</summary>\n{about}{example}</details>\n")
}

/// The codes that an answer may have, wherever its schema names them.
fn find_codes<'a>(schema: &'a Value, codes: &mut Vec<&'a str>) {
    let code = &schema["properties"]["code"];
    codes.extend(code["enum"].as_array().into_iter().flatten().chain(code.get("const")).filter_map(Value::as_str));
    schema["oneOf"].as_array().into_iter().flatten().for_each(|choice| find_codes(choice, codes));
}

fn example(example: &Value) -> String {
    let text = serde_json::to_string_pretty(example).unwrap_or_default();
    format!("<pre>{}</pre>\n", escape(&text))
}

fn named(name: &str, schema: &Value) -> String {
    let description = schema["description"].as_str().map(paragraphs).unwrap_or_default();
    let about = fields(schema);
    let about = if about.is_empty() || schema.get("$ref").is_some() {
        format!("<p>{}</p>\n{about}", kind(schema))
    } else {
        about
    };
    format!("<section id=\"{}\">\n<h3>{}</h3>\n{description}{about}</section>\n", anchor(name), escape(name))
}

/// The thing itself, or the one that it refers to.
fn resolved<'a>(document: &'a Value, thing: &'a Value) -> &'a Value {
    let reference = thing["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    reference.unwrap_or(thing)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
