//! How large an answer may be.

/// The most that an answer may take in what a function gives back: 6 MB (Lambda quotas, "Invocation payload"), less what is
/// around it.
const BYTES_MAX: usize = 6 * 1024 * 1024 - 64 * 1024;

/// Whether Lambda would refuse to carry this, and the gateway answer in our place. What it counts is the body as a JSON
/// string, in which every quote and every backslash is two bytes.
pub(super) fn is_too_large(text: &str) -> bool {
    let doubled = || text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    text.len() > BYTES_MAX / 2 && text.len() + doubled() > BYTES_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_counts_twice() {
        assert!(!is_too_large(&"x".repeat(BYTES_MAX)) && is_too_large(&"x".repeat(BYTES_MAX + 1)));
        assert!(!is_too_large(&"\"".repeat(BYTES_MAX / 2)) && is_too_large(&"\"".repeat(BYTES_MAX / 2 + 1)));
    }
}
