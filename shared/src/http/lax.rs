//! The body of a request of the second API, whose clients know the errors of FastAPI.

use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};

use super::body::{self, bytes_of};
use crate::app::App;
use crate::error::{Error, Misfit, Result, Step};

/// A body, read by its own type, which tells everything that is wrong with it at once.
pub struct Lax<T>(pub T);

/// The same together with the object that it was read from, for what is to be the same whenever the same was sent.
pub struct LaxSent<T> {
    /// The body, read.
    pub body: T,
    /// The object, unknown fields included.
    pub object: Map<String, Value>,
}

/// What a body can be read as.
pub trait FromBody: Sized {
    /// Reads it, or tells what does not fit. Places begin with `body`.
    fn read(body: Value) -> Result<Self, Vec<Misfit>>;
}

impl<T: FromBody> FromRequest<App> for Lax<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        LaxSent::from_request(request, app).await.map(|LaxSent { body, .. }| Self(body))
    }
}

impl<T: FromBody> FromRequest<App> for LaxSent<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &App) -> Result<Self> {
        let sent = json(&bytes_of(request).await?).map_err(|misfit| Error::Misshapen(vec![misfit]))?;
        let object = sent.as_object().cloned().unwrap_or_default();
        Ok(Self { body: T::read(sent).map_err(Error::Misshapen)?, object })
    }
}

fn json(bytes: &[u8]) -> Result<Value, Misfit> {
    let at = || Step::Name("body");
    if bytes.trim_ascii().is_empty() {
        return Err(Misfit::missing(vec![at()]));
    }
    match body::json(bytes) {
        Ok(Value::Null) => Err(Misfit::missing(vec![at()])),
        Ok(value) => Ok(value),
        // What the parser says holds nothing of the text: that may be a secret.
        Err(e) => {
            let place = Step::Index(offset(bytes, e.line(), e.column()));
            Err(Misfit::new(vec![at(), place], "value_error.jsondecode", e.to_string()))
        }
    }
}

/// How far into the text this line and column are, counted from 0.
fn offset(bytes: &[u8], line: usize, column: usize) -> usize {
    let before: usize =
        bytes.split(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(|line| line.len() + 1).sum();
    before + column.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_told_with_its_place_and_nothing_of_it() {
        for (text, at) in [("{", 0), ("{\"alias\": s3cret}", 10), ("{\n \"a\": s3cret}", 8), ("s3cret", 0)] {
            let misfit = json(text.as_bytes()).unwrap_err();
            assert_eq!(misfit.loc, [Step::Name("body"), Step::Index(at)], "{text}: {}", misfit.msg);
            assert!(misfit.kind == "value_error.jsondecode" && !misfit.msg.contains("s3cret"), "{}", misfit.msg);
        }
    }

    #[test]
    fn no_body_is_a_missing_one() {
        for text in ["", " \n", "null"] {
            assert_eq!(json(text.as_bytes()).unwrap_err(), Misfit::missing(vec![Step::Name("body")]), "{text:?}");
        }
    }
}
