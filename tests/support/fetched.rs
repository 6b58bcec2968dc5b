//! Programs that the tests run and that are no part of this workspace. `./dev` fetches each once, to outside the checkout.

use std::path::Path;
use std::process::{Command, Stdio};

/// What `./dev` prints of this one, such as the path of a program; none where it could not be fetched, and why stands on the
/// standard error.
pub fn fetched(name: &str) -> Option<String> {
    let dev = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dev");
    let said = Command::new(dev).arg(name).stderr(Stdio::inherit()).output().expect("./dev runs");
    said.status.success().then(|| String::from_utf8(said.stdout).expect("text").trim().to_owned())
}
