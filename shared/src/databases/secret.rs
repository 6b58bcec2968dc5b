//! Which columns hold something that nobody should find, see or be shown a sample of.

/// Whether a column's name says that it holds something which nobody should find by searching.
pub fn is_secret(name: &str) -> bool {
    const SECRETS: [&str; 11] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "privatekey",
        "salt",
        "credential",
        "otp",
        "cvv",
    ];
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    SECRETS.iter().any(|secret| match *secret {
        // Short words are parts of others: "salted peanuts" and "potpourri" are no secrets.
        "otp" | "cvv" | "salt" => name == *secret,
        secret => name.contains(secret),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_by_their_names() {
        for name in ["password", "PASSWORD_HASH", "api_key", "apiKey", "reset_token", "client-secret", "salt", "OTP"] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["title", "passport", "key", "saltiness", "potpourri", "sku"] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
