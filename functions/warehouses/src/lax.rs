//! Values as clients of the original send them: a number where text is meant, `"yes"` where `true` is (pydantic 1, "Field
//! Types"). What does not fit is noted with its place, and reading goes on, so that everything is told at once.

use std::cell::RefCell;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};
use shared::error::{Misfit, Step};

/// An object of a body that is being read.
pub struct Fields<'a> {
    object: Map<String, Value>,
    place: Vec<Step>,
    wrong: &'a RefCell<Vec<Misfit>>,
}

/// Reads a body; what `read` makes of it counts only where everything fits.
pub fn whole<T>(body: Value, read: impl FnOnce(&mut Fields<'_>) -> T) -> Result<T, Vec<Misfit>> {
    let wrong = RefCell::default();
    let Value::Object(object) = body else {
        return Err(vec![not_an_object(vec![Step::Name("body")])]);
    };
    let read = read(&mut Fields { object, place: vec![Step::Name("body")], wrong: &wrong });
    let wrong = wrong.into_inner();
    if wrong.is_empty() { Ok(read) } else { Err(wrong) }
}

impl Fields<'_> {
    /// A text that has to be there.
    pub fn text(&mut self, name: &'static str, chars_max: usize) -> String {
        match self.object.remove(name) {
            None => self.note(Misfit::missing(self.at(name))),
            Some(Value::Null) => self.note(none_not_allowed(self.at(name))),
            Some(value) => return self.as_text(self.at(name), value, chars_max),
        }
        String::new()
    }

    /// A text that may be missing, or `null`.
    pub fn optional_text(&mut self, name: &'static str, chars_max: usize) -> Option<String> {
        let value = self.object.remove(name).filter(|value| !value.is_null())?;
        Some(self.as_text(self.at(name), value, chars_max))
    }

    /// A text, or the object that it is the JSON of, that may be missing, or `null`.
    pub fn optional_json(&mut self, name: &'static str, chars_max: usize) -> Option<String> {
        if let Some(object) = self.object.get_mut(name).filter(|value| value.is_object()) {
            *object = Value::String(object.to_string());
        }
        self.optional_text(name, chars_max)
    }

    /// Yes or no; no where it is missing.
    pub fn flag(&mut self, name: &'static str) -> bool {
        match self.object.remove(name) {
            None => false,
            Some(Value::Null) => {
                self.note(none_not_allowed(self.at(name)));
                false
            }
            Some(value) => self.as_flag(name, &value),
        }
    }

    /// Yes or no, where something is said.
    pub fn optional_flag(&mut self, name: &'static str) -> Option<bool> {
        let value = self.object.remove(name).filter(|value| !value.is_null())?;
        Some(self.as_flag(name, &value))
    }

    /// A number within these bounds, where one is said: also as a text.
    pub fn number(&mut self, name: &'static str, bounds: RangeInclusive<u64>) -> Option<u64> {
        let value = self.object.remove(name).filter(|value| !value.is_null())?;
        let number = match &value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if bounds.contains(&number) => return Some(number),
            Some(number) if number > *bounds.end() => {
                let why = format!("ensure this value is less than or equal to {}", bounds.end());
                self.note(Misfit::new(self.at(name), "value_error.number.not_le", why));
            }
            Some(_) => {
                let why = format!("ensure this value is greater than or equal to {}", bounds.start());
                self.note(Misfit::new(self.at(name), "value_error.number.not_ge", why));
            }
            None => self.note(Misfit::new(self.at(name), "type_error.integer", "value is not a valid integer")),
        }
        None
    }

    /// A list of texts that may be missing, or `null`.
    pub fn texts(&mut self, name: &'static str, items_max: usize, chars_max: usize) -> Option<Vec<String>> {
        let items = self.items(name, items_max)?.into_iter().enumerate();
        Some(items.map(|(index, item)| self.as_text(self.at_item(name, index), item, chars_max)).collect())
    }

    /// A list of objects that may be missing, or `null`.
    pub fn objects<T>(
        &mut self,
        name: &'static str,
        items_max: usize,
        read: impl Fn(&mut Fields<'_>) -> T,
    ) -> Option<Vec<T>> {
        let items = self.items(name, items_max)?.into_iter().enumerate();
        let read_one = |(index, item)| self.inner(self.at_item(name, index), item, &read);
        Some(items.filter_map(read_one).collect())
    }

    /// An object that may be missing, or `null`.
    pub fn object<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Fields<'_>) -> T) -> Option<T> {
        let value = self.object.remove(name).filter(|value| !value.is_null())?;
        self.inner(self.at(name), value, read)
    }

    /// An object that is kept as it is, of at most so many bytes of JSON.
    pub fn free(&mut self, name: &'static str, bytes_max: usize) -> Option<Map<String, Value>> {
        let place = self.at(name);
        let Value::Object(object) = self.object.remove(name).filter(|value| !value.is_null())? else {
            self.note(not_an_object(place));
            return None;
        };
        if serde_json::to_vec(&object).map_or(usize::MAX, |json| json.len()) > bytes_max {
            self.note(too_long(place, bytes_max));
        }
        Some(object)
    }

    /// Notes that something is wrong with a field which was read already.
    pub fn refuse(&mut self, name: &'static str, kind: &'static str, why: &'static str) {
        self.note(Misfit::new(self.at(name), kind, why));
    }

    /// Whether there is such a field that has not been read yet, and says something: an empty text is how answers spell a
    /// secret that is not there.
    pub fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null() && value != "")
    }

    fn items(&mut self, name: &'static str, items_max: usize) -> Option<Vec<Value>> {
        match self.object.remove(name).filter(|value| !value.is_null())? {
            Value::Array(items) if items.len() <= items_max => return Some(items),
            Value::Array(_) => {
                let why = format!("ensure this value has at most {items_max} items");
                self.note(Misfit::new(self.at(name), "value_error.list.max_items", why));
            }
            _ => self.note(Misfit::new(self.at(name), "type_error.list", "value is not a valid list")),
        }
        None
    }

    fn inner<T>(&self, place: Vec<Step>, value: Value, read: impl FnOnce(&mut Fields<'_>) -> T) -> Option<T> {
        let Value::Object(object) = value else {
            self.note(not_an_object(place));
            return None;
        };
        Some(read(&mut Fields { object, place, wrong: self.wrong }))
    }

    fn as_text(&self, place: Vec<Step>, value: Value, chars_max: usize) -> String {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            // As Python prints them.
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            _ => {
                self.note(Misfit::new(place, "type_error.str", "str type expected"));
                return String::new();
            }
        };
        if text.chars().count() > chars_max {
            self.note(too_long(place, chars_max));
        }
        text
    }

    fn as_flag(&self, name: &'static str, value: &Value) -> bool {
        let read = match value {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => [(0.0, false), (1.0, true)].into_iter().find_map(|(is, flag)| {
                number.as_f64().filter(|number| (number - is).abs() < f64::EPSILON).map(|_| flag)
            }),
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "1" | "on" | "t" | "true" | "y" | "yes" => Some(true),
                "0" | "off" | "f" | "false" | "n" | "no" => Some(false),
                _ => None,
            },
            _ => None,
        };
        if read.is_none() {
            let why = "value could not be parsed to a boolean";
            self.note(Misfit::new(self.at(name), "type_error.bool", why));
        }
        read.unwrap_or_default()
    }

    fn at(&self, name: &'static str) -> Vec<Step> {
        self.place.iter().cloned().chain([Step::Name(name)]).collect()
    }

    fn at_item(&self, name: &'static str, index: usize) -> Vec<Step> {
        self.at(name).into_iter().chain([Step::Index(index)]).collect()
    }

    fn note(&self, misfit: Misfit) {
        self.wrong.borrow_mut().push(misfit);
    }
}

fn none_not_allowed(place: Vec<Step>) -> Misfit {
    Misfit::new(place, "type_error.none.not_allowed", "none is not an allowed value")
}

fn not_an_object(place: Vec<Step>) -> Misfit {
    Misfit::new(place, "type_error.dict", "value is not a valid dict")
}

fn too_long(place: Vec<Step>, most: usize) -> Misfit {
    let why = format!("ensure this value has at most {most} characters");
    Misfit::new(place, "value_error.any_str.max_length", why)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn flag(value: &Value) -> Result<bool, &'static str> {
        whole(json!({ "use_ssh": value }), |fields| fields.flag("use_ssh")).map_err(|wrong| wrong[0].kind)
    }

    #[test]
    fn yes_and_no_have_many_words() {
        for value in [json!(true), json!(1), json!(1.0), json!("1"), json!("yes"), json!("ON"), json!("t"), json!("y")]
        {
            assert_eq!(flag(&value), Ok(true), "{value}");
        }
        for value in [json!(false), json!(0), json!("0"), json!("no"), json!("off"), json!("F"), json!("n")] {
            assert_eq!(flag(&value), Ok(false), "{value}");
        }
        for value in [json!(2), json!(0.5), json!(""), json!("maybe"), json!([]), json!({})] {
            assert_eq!(flag(&value), Err("type_error.bool"), "{value}");
        }
        assert_eq!(flag(&json!(null)), Err("type_error.none.not_allowed"));
    }

    #[test]
    fn a_number_is_text_and_everything_wrong_is_told_at_once() {
        let read = whole(json!({ "alias": 5, "other": true }), |f| (f.text("alias", 9), f.optional_text("other", 9)));
        assert_eq!(read.unwrap(), ("5".to_owned(), Some("True".to_owned())));
        let wrong = whole(json!({ "a": null, "b": [], "c": [1, {}], "d": 1, "e": [2], "f": "long" }), |fields| {
            fields.text("a", 3);
            fields.text("b", 3);
            fields.texts("c", 3, 3);
            fields.object("d", |_| ());
            fields.objects("e", 3, |_| ());
            fields.text("f", 3);
            fields.text("g", 3);
        });
        let told: Vec<String> =
            wrong.unwrap_err().iter().map(|misfit| serde_json::to_string(misfit).unwrap()).collect();
        assert_eq!(
            told,
            [
                r#"{"loc":["body","a"],"msg":"none is not an allowed value","type":"type_error.none.not_allowed"}"#,
                r#"{"loc":["body","b"],"msg":"str type expected","type":"type_error.str"}"#,
                r#"{"loc":["body","c",1],"msg":"str type expected","type":"type_error.str"}"#,
                r#"{"loc":["body","d"],"msg":"value is not a valid dict","type":"type_error.dict"}"#,
                r#"{"loc":["body","e",0],"msg":"value is not a valid dict","type":"type_error.dict"}"#,
                r#"{"loc":["body","f"],"msg":"ensure this value has at most 3 characters","type":"value_error.any_str.max_length"}"#,
                r#"{"loc":["body","g"],"msg":"field required","type":"value_error.missing"}"#,
            ]
        );
    }
}
