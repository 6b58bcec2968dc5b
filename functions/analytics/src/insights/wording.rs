//! Insights in the words of a model, where the operator has named one that writes.
//!
//! It is told what an insight is about and its numbers. What people have typed, and what databases and tables are called,
//! stays here: a sentence has a name in braces in its place, which is filled in when the sentence is there. So nobody's query
//! can tell the model anything. What comes back is a sentence for each insight or nothing, and no sentence with a number that
//! the insight does not rest on is used.

mod sentence;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};
use shared::app::App;
use shared::databases::Impact;
use shared::models::Task;

use super::{Category, Insight, Wording};
use sentence::Fact;

/// The longest that an answer waits for a model.
const BUDGET: Duration = Duration::from_secs(5);

/// The most insights that are put into words, and how many tokens each may take: three times what a sentence has.
const INSIGHTS_MAX: usize = 20;
const TOKENS_EACH: u32 = 120;

const INSTRUCTION: &str = "\
You put findings about the searches of an application into words, for the person who runs it. The message is JSON: a list \
of findings, each with an id, what it is about, facts, which are numbers, and perhaps names. Answer with JSON and nothing \
else, of this form: {\"sentences\":[{\"id\":1,\"text\":\"...\"}]}, with one plain English sentence of at most 200 characters \
for each finding. Write numbers in digits, exactly as the facts have them; write no other number, none in words, and compute \
none. A fact whose name ends with Percent is followed by a percent sign, and no other number is. Where a sentence needs one \
of the names, write the name in braces, as in {query}: it is filled in afterwards.";

/// An insight as the model is told of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    id: usize,
    about: Category,
    impact: Impact,
    /// What the adviser calls what it advises, such as `missing_index`: a word of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'a Value>,
    facts: BTreeMap<String, Number>,
    names: Vec<&'static str>,
}

#[derive(Deserialize)]
struct Written {
    sentences: Vec<Sentence>,
}

#[derive(Deserialize)]
struct Sentence {
    id: usize,
    text: String,
}

/// Puts insights into a model's words, as far as there is a model and what it writes can be used. Those of the rules stay
/// otherwise.
pub async fn word(app: &App, insights: &mut [Insight]) {
    let count = insights.len().min(INSIGHTS_MAX);
    let insights = &mut insights[..count];
    if insights.is_empty() {
        return;
    }
    let findings: Vec<Finding> = insights.iter().zip(1..).map(|(insight, id)| Finding::of(insight, id)).collect();
    let task = Task {
        instruction: INSTRUCTION,
        material: serde_json::json!(findings).to_string(),
        tokens_max: TOKENS_EACH * u32::try_from(count).unwrap_or(1),
    };
    let Ok(texts) = app.models.write(&task, BUDGET, |text| read(text, count)).await else { return };
    for (insight, text) in insights.iter_mut().zip(texts) {
        if let Some(sentence) = sentence::checked(&text, &facts(insight), &names(insight)) {
            insight.description = sentence;
            insight.wording = Wording::Model;
        }
    }
}

impl<'a> Finding<'a> {
    fn of(insight: &'a Insight, id: usize) -> Self {
        Self {
            id,
            about: insight.category,
            impact: insight.impact,
            advice: insight.data.get("advice"),
            facts: numbers(&insight.data),
            names: names(insight).into_iter().map(|(name, _)| name).collect(),
        }
    }
}

/// The sentences in the order of their ids, if there is exactly one for each. What stands around the object, as models like
/// to put it, is passed over.
fn read(text: &str, count: usize) -> Option<Vec<String>> {
    let object = text.get(text.find('{')?..=text.rfind('}')?)?;
    let Written { mut sentences } = serde_json::from_str(object).ok()?;
    sentences.sort_by_key(|sentence| sentence.id);
    let is_whole = sentences.iter().map(|sentence| sentence.id).eq(1..=count);
    is_whole.then(|| sentences.into_iter().map(|sentence| sentence.text).collect())
}

fn facts(insight: &Insight) -> Vec<Fact> {
    let fact = |(name, number): (String, Number)| {
        Some(Fact { number: number.as_f64()?, is_percent: name.ends_with("Percent") })
    };
    numbers(&insight.data).into_iter().filter_map(fact).collect()
}

/// Every number of a value, by the names that lead to it.
fn numbers(data: &Value) -> BTreeMap<String, Number> {
    let mut found = BTreeMap::new();
    collect(data, String::new(), &mut found);
    found
}

fn collect(value: &Value, name: String, found: &mut BTreeMap<String, Number>) {
    let within = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(field, value)| collect(value, within(field), found)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(place, value)| collect(value, within(&place.to_string()), found));
        }
        Value::Number(number) => drop(found.insert(name, number.clone())),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// What stands for a name in a sentence, with the text that is put in its place.
fn names(insight: &Insight) -> Vec<(&'static str, String)> {
    let places: &[(&'static str, &str)] = match insight.category {
        Category::Trends => &[("query", "/query")],
        Category::ZeroResults => &[("query", "/query"), ("nearest", "/nearest/query")],
        Category::Indexes => &[("database", "/databaseName"), ("table", "/table")],
        Category::Vocabulary | Category::Performance | Category::Reliability => &[("database", "/databaseName")],
    };
    let name = |(name, place): &(&'static str, &str)| {
        let text = insight.data.pointer(place)?.as_str()?;
        let is_quoted = ["query", "nearest"].contains(name);
        Some((*name, if is_quoted { format!("\"{text}\"") } else { text.to_owned() }))
    };
    places.iter().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_sentence_for_each_or_nothing() {
        let text = |ids: &[u64]| {
            let sentences: Vec<Value> = ids.iter().map(|id| json!({ "id": id, "text": format!("of {id}") })).collect();
            json!({ "sentences": sentences }).to_string()
        };
        assert_eq!(read(&text(&[2, 1]), 2).unwrap(), ["of 1", "of 2"]);
        assert!(read(&format!("```json\n{}\n```", text(&[1, 2])), 2).is_some());
        for ids in [&[1][..], &[1, 1], &[1, 2, 3], &[0, 1], &[2, 3], &[]] {
            assert!(read(&text(ids), 2).is_none(), "{ids:?}");
        }
        for text in ["", "{}", "}{", "[]", "{\"sentences\":[\"x\",\"y\"]}", "{\"sentences\":{\"1\":\"x\"}}"] {
            assert!(read(text, 2).is_none(), "{text}");
        }
    }

    #[test]
    fn numbers_are_found_wherever_they_stand_and_texts_are_not_told() {
        let data = json!({ "query": "zebra 7", "searches": 40, "share": 0.25, "isOn": true, "last": "2026-11-22",
            "nearest": { "query": "horse", "searches": 3 }, "words": [{ "word": "go", "searches": 30 }] });
        assert_eq!(
            json!(numbers(&data)),
            json!({ "nearest.searches": 3, "searches": 40, "share": 0.25, "words.0.searches": 30 })
        );
    }
}
