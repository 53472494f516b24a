//! What people write beside a stream or target, for people.

use super::name::Invalid;

/// At most 2,000 characters, with line breaks if need be, and no other control characters but tabs. Whoever
/// may edit wrote it, so that it is no more to be trusted than any text of a stranger's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes(String);

impl Notes {
    /// Takes a text with line breaks of any system's.
    ///
    /// # Errors
    /// [`Invalid::Notes`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let is_strange = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        if text.chars().count() > 2_000 || text.chars().any(is_strange) {
            return Err(Invalid::Notes);
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_of_any_system_are_the_same() {
        assert_eq!(Notes::parse("a\r\n\tb\rc\n").unwrap().as_str(), "a\n\tb\nc\n");
        assert_eq!(Notes::parse("").unwrap(), Notes::default());
    }

    #[test]
    fn it_is_bounded_and_drives_no_terminal() {
        assert!(Notes::parse(&"ä".repeat(2_000)).is_ok());
        assert!(Notes::parse("<script>\u{202e}").is_ok(), "it is only text");
        for bad in [&"x".repeat(2_001), "\u{1b}[31m", "\0", "\u{9b}", "\u{7f}"] {
            assert_eq!(Notes::parse(bad), Err(Invalid::Notes));
        }
    }
}
