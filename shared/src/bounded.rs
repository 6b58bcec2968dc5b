//! Names that people choose: text of a bounded length, in one form.

/// A type for text of `$min` to `$max` characters, without blanks at its ends and without control characters.
macro_rules! bounded_text {
    ($(#[$doc:meta])* $name:ident, $min:literal..=$max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::error::Refusal;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                use $crate::error::{InvalidKind, Refusal};
                const RIGHT: &str = concat!("must have ", $min, " to ", $max, " characters");
                let text = text.trim();
                if text.chars().any(char::is_control) {
                    return Err(Refusal(InvalidKind::Text, "must not hold control characters"));
                }
                match text.chars().count() {
                    0..$min => Err(Refusal(InvalidKind::TooSmall, RIGHT)),
                    $min..=$max => Ok(Self(text.to_owned())),
                    _ => Err(Refusal(InvalidKind::TooBig, RIGHT)),
                }
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }
    };
}

pub(crate) use bounded_text;

#[cfg(test)]
mod tests {
    use crate::error::InvalidKind;

    bounded_text!(
        /// An example.
        Example,
        2..=4
    );

    #[test]
    fn length_is_counted_in_characters_without_blanks_at_the_ends() {
        for (text, expected) in [(" ab ", "ab"), ("日本語", "日本語"), ("a b", "a b")] {
            assert_eq!(Example::try_from(text.to_owned()).unwrap().as_str(), expected);
        }
        for (text, kind) in [
            ("", InvalidKind::TooSmall),
            ("  a ", InvalidKind::TooSmall),
            ("abcde", InvalidKind::TooBig),
            ("a\0b", InvalidKind::Text),
            ("a\nb", InvalidKind::Text),
        ] {
            assert_eq!(Example::try_from(text.to_owned()).unwrap_err().0, kind, "{text:?}");
        }
    }
}
