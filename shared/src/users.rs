//! Accounts: who they are, how they prove it, and the sessions they hold.

mod password;
mod session;
mod store;

use serde::{Deserialize, Serialize};

use crate::bounded::bounded_text;
use crate::clock::Timestamp;
use crate::error::{InvalidKind, Refusal};
use crate::id::UserId;

pub use password::{NewPassword, Password, PasswordHash, PasswordRefused};
pub use session::{Refresh, RefreshToken, Session, SessionRefused, Sessions, SigningKey, Token};
pub use store::{Users, still_there};

/// An account, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its address, in lower case; claimed for this account alone.
    pub email: Email,
    /// How the person is called.
    pub name: PersonName,
    /// What it may do.
    pub role: Role,
    /// Sessions of another epoch than this are over.
    pub epoch: u64,
    /// The argon2id hash of the password.
    pub password_hash: PasswordHash,
    /// When it registered.
    pub created_at: Timestamp,
    /// When it logged in last.
    pub last_active: Timestamp,
}

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything that is its own.
    User,
    /// System-wide figures, and other tiers than the free one.
    Admin,
}

/// An e-mail address in lower case: something before an `@`, and a domain with a dot after it.
///
/// Only a message that arrives proves an address; this form keeps out what can not be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

impl Email {
    /// The longest address that can be delivered to (RFC 5321, 4.5.3.1.3, less the brackets).
    const BYTES_MAX: usize = 254;

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Email {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        const REFUSED: Refusal = Refusal(InvalidKind::Text, "must be an e-mail address");
        let text = text.trim().to_lowercase();
        let (local, domain) = text.rsplit_once('@').ok_or(REFUSED)?;
        let labels = domain.split('.').collect::<Vec<_>>();
        let label_is_good = |label: &&str| {
            !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(is_domain_char)
        };
        let is_good = !local.is_empty()
            && !local.contains('@')
            && !text.chars().any(|c| c.is_whitespace() || c.is_control())
            && text.len() <= Self::BYTES_MAX
            && labels.len() > 1
            && labels.iter().all(label_is_good);
        if is_good { Ok(Self(text)) } else { Err(REFUSED) }
    }
}

fn is_domain_char(c: char) -> bool {
    c.is_alphanumeric() || c == '-'
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

bounded_text!(
    /// How a person is called.
    PersonName,
    2..=100
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case() {
        let email = Email::try_from(" Ursula.K+books@Example.COM ".to_owned()).unwrap();
        assert_eq!(email.as_str(), "ursula.k+books@example.com");
    }

    #[test]
    fn what_can_not_be_an_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in
            ["", "x", "@example.com", "a@b", "a@.com", "a@b.", "a b@c.de", "a@b@c.de", "a@b_c.de", "a@-b.de", &long]
        {
            assert!(Email::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn three_blanks_are_no_name() {
        assert!(PersonName::try_from("   ".to_owned()).is_err());
        assert!(PersonName::try_from("x".repeat(101)).is_err());
        assert_eq!(PersonName::try_from("  Jo ".to_owned()).unwrap().as_str(), "Jo");
    }
}
