//! Schemas as HTML: what a value is, in a few words, and the fields of an object as a table.

use serde_json::Value;

use crate::prose::{escape, line};

/// Where a named schema stands on the page.
pub fn anchor(reference: &str) -> String {
    format!("schema-{}", name_of(reference))
}

/// What a value is.
pub fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return format!("<a href=\"#{}\">{}</a>", anchor(reference), name_of(reference));
    }
    if let Some(value) = schema.get("const") {
        return code(value);
    }
    if let Some(values) = schema["enum"].as_array() {
        return values.iter().map(code).collect::<Vec<_>>().join(", ");
    }
    let choices = ["oneOf", "anyOf"].iter().filter_map(|word| schema[*word].as_array()).flatten();
    let choices: Vec<String> = choices.map(kind).collect();
    if !choices.is_empty() {
        return choices.join(" or ");
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).map(|kind| plain(kind, schema)).collect(),
        Value::String(kind) => vec![plain(kind, schema)],
        _ => vec!["anything".to_owned()],
    };
    kinds.join(" or ") + &bounds(schema)
}

/// The fields of an object; nothing where it has none of its own.
pub fn fields(schema: &Value) -> String {
    let Some(properties) = schema["properties"].as_object() else { return String::new() };
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let row = |(name, field): (&String, &Value)| {
        let need = if required.contains(&name.as_str()) { "" } else { " <small>optional</small>" };
        let description = field["description"].as_str().map(line).unwrap_or_default();
        let inner = inner(field);
        format!(
            "<tr><th><code>{}</code>{need}</th><td>{}{inner}</td><td>{description}</td></tr>\n",
            escape(name),
            kind(field)
        )
    };
    format!("<table>{}</table>\n", properties.iter().map(row).collect::<String>())
}

/// The fields of an object, or of the objects of a list, that stands in a field and has no name of its own.
fn inner(field: &Value) -> String {
    let items = &field["items"];
    let values = &field["additionalProperties"];
    [field, items, values].into_iter().filter(|schema| schema.get("$ref").is_none()).map(fields).collect()
}

fn plain(kind: &str, schema: &Value) -> String {
    match kind {
        "array" if schema.get("items").is_some() => format!("list of {}", crate::schema::kind(&schema["items"])),
        "object" if schema["additionalProperties"].is_object() => {
            format!("object of {}", crate::schema::kind(&schema["additionalProperties"]))
        }
        "string" => schema["format"].as_str().unwrap_or("text").to_owned(),
        "integer" => "whole number".to_owned(),
        "array" => "list".to_owned(),
        other => other.to_owned(),
    }
}

fn bounds(schema: &Value) -> String {
    let bound = |(word, sign): (&str, &str)| schema.get(word).map(|bound| format!(" {sign} {bound}"));
    let bounds = [("minimum", "≥"), ("maximum", "≤"), ("minLength", "≥"), ("maxLength", "≤"), ("default", "default")];
    let told: String = bounds.into_iter().filter_map(bound).collect();
    if told.is_empty() { told } else { format!(" <small>{}</small>", escape(told.trim())) }
}

fn code(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("<code>{}</code>", escape(&text))
}

fn name_of(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or_default()
}
