//! Closed choices and the words for them, which are the same in the database and in the API.

/// A word that names none of the choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it must be one of: {}", choices.join(", "))]
pub struct UnknownWord {
    /// The words there are.
    pub choices: &'static [&'static str],
}

/// A closed choice, for those who show any of them.
pub trait Choice: Copy {
    /// What is chosen.
    const NAME: &'static str;
    /// The words there are.
    const WORDS: &'static [&'static str];

    /// The word for this one.
    fn word(self) -> &'static str;
}

/// Gives an enum of plain variants its words: `ALL`, `as_str`, `FromStr` and [`Choice`].
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

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

        impl $crate::model::Choice for $name {
            const NAME: &'static str = stringify!($name);
            const WORDS: &'static [&'static str] = &[$($word),+];

            fn word(self) -> &'static str {
                self.as_str()
            }
        }
    };
}

pub(crate) use words;
