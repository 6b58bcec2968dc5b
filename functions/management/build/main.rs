//! Makes what `/openapi.json` and `/docs` answer of `docs/openapi.yaml`, so that no function parses YAML or writes HTML.

mod page;
mod prose;
mod schema;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

const DOCUMENT: &str = "../../docs/openapi.yaml";
const STYLE: &str = "build/page.css";

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script by the environment where to write")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed={DOCUMENT}");
    let document = document(&fs::read_to_string(DOCUMENT)?)?;
    let made = env::var("OUT_DIR")?;
    let page = page::page(&document, &fs::read_to_string(STYLE)?);
    fs::write(Path::new(&made).join("openapi.json"), serde_json::to_string(&document)?)?;
    fs::write(Path::new(&made).join("docs.html"), page)?;
    Ok(())
}

/// The document with its anchors filled in, and without the part that is only there to hold them.
fn document(text: &str) -> Result<Value, Box<dyn Error>> {
    let mut document: serde_yaml_ng::Value = serde_yaml_ng::from_str(text)?;
    document.apply_merge()?;
    let mut document = serde_json::to_value(document)?;
    if let Some(fields) = document.as_object_mut() {
        fields.remove("x-headers");
    }
    Ok(document)
}
