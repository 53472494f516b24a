//! Closed choices and the words for them, which are the same in the database and in the API.

/// A word that names none of the choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it must be one of: {}", choices.join(", "))]
pub struct UnknownWord {
    /// The words there are.
    pub choices: &'static [&'static str],
}

/// Gives an enum of plain variants its words: `as_str` and `FromStr`.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::model::UnknownWord { choices: &[$($word),+] }),
                }
            }
        }
    };
}

pub(super) use words;
