use std::sync::LazyLock;

use serde_json::Value;
use shared::http::Fixed;

const CONTRACT: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// The paths of the contract, each with its methods as they stand in `Allow`.
static PATHS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let contract: Value = serde_json::from_str(CONTRACT).unwrap_or_default();
    let paths = contract["paths"].as_object().cloned().unwrap_or_default();
    let methods = |item: &Value| {
        let named = item.as_object().into_iter().flatten().map(|(name, _)| name.to_uppercase());
        named.filter(|name| name != "PARAMETERS").collect::<Vec<_>>().join(",")
    };
    paths.iter().map(|(path, item)| (path.clone(), methods(item))).collect()
});

/// `GET /openapi.json`: the contract, for programs.
pub async fn openapi() -> Fixed {
    Fixed::json(CONTRACT)
}

/// `GET /docs`: the contract, for people.
pub async fn docs() -> Fixed {
    Fixed::page(include_str!(concat!(env!("OUT_DIR"), "/docs.html")))
}

/// The methods of a path of any function; nothing of a path that there is not. A path that is written out is worth more than
/// one with an id in that place.
pub fn methods(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |(known, _): &&(String, String)| {
        let known: Vec<&str> = known.split('/').collect();
        let same = |(known, part): (&&str, &&str)| known == part || known.starts_with('{') && !part.is_empty();
        known.len() == parts.len() && known.iter().zip(&parts).all(same)
    };
    let fitting = PATHS.iter().filter(fits).min_by_key(|(known, _)| known.matches('{').count());
    fitting.map(|(_, methods)| methods.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_of_every_function_is_known_with_its_methods() {
        for (path, expected) in [
            ("/health", Some("GET")),
            ("/api/v1/keys", Some("GET,POST")),
            ("/api/v1/keys/8", Some("DELETE,GET,PUT")),
            ("/api/v1/databases/status", Some("GET")),
            ("/api/v1/databases/", None),
            ("/api/v1/nothing", None),
            ("/", None),
        ] {
            assert_eq!(methods(path).as_deref(), expected, "{path}");
        }
    }
}
