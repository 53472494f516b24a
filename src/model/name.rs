//! Texts that people choose, checked once at the edge.

/// Why a value was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// See [`Name`].
    #[error("a name needs 1 to 64 characters, and no control characters")]
    Name,
    /// See [`super::IngestKey`].
    #[error("a stream key must be 1 to 128 printable ASCII characters without '/' or spaces")]
    IngestKey,
    /// See [`AppName`].
    #[error("an application name must be 1 to 128 printable ASCII characters without '?' or spaces")]
    App,
    /// See [`super::Password`].
    #[error("a password needs at least 10 characters, and at most 1024 bytes")]
    Password,
    /// See [`super::Hold`].
    #[error("a hold must be 0 to 600 whole seconds")]
    Hold,
    /// See [`super::Coalesce`].
    #[error("a frame may wait 0 to 100 whole milliseconds for those that follow")]
    Coalesce,
    /// See [`super::AllowFrom`].
    #[error(
        "encoders may come from addresses such as 192.0.2.7 or 2001:db8::1, and networks such as 10.0.0.0/8"
    )]
    Network,
    /// See [`super::AllowFrom::MOST`].
    #[error("there may be 64 addresses and networks at most: name larger networks")]
    TooManyNetworks,
    /// See [`super::Notes`].
    #[error("notes may have 2000 characters at most, and no control characters but line breaks and tabs")]
    Notes,
}

/// What a person calls a stream or target: 1 to 64 characters, trimmed, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(String);

impl Name {
    /// # Errors
    /// [`Invalid::Name`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let long = text.chars().count() > 64;
        if text.is_empty() || long || text.chars().any(char::is_control) {
            return Err(Invalid::Name);
        }
        Ok(Self(text.to_owned()))
    }

    /// Names for copies, without end: the second, the third and so on. A copy of a copy is counted on.
    pub fn of_copies(&self) -> impl Iterator<Item = Self> {
        let number = |text: &str| text.strip_suffix(')')?.parse::<u32>().ok();
        let stem = match self.0.rsplit_once(" (") {
            Some((stem, end)) if number(end).is_some() && !stem.trim().is_empty() => stem,
            _ => self.0.as_str(),
        };
        (2_u32..).map(move |copy| {
            let suffix = format!(" ({copy})");
            let kept: String = stem.chars().take(64 - suffix.len()).collect();
            Self(format!("{}{suffix}", kept.trim_end()))
        })
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The app name that an encoder must use, where a stream asks for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppName(String);

impl AppName {
    /// What encoders are told to use where nothing else is asked of them.
    pub const EVERYBODYS: &str = "live";

    /// # Errors
    /// [`Invalid::App`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim_matches('/');
        let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'?');
        if text.is_empty() || text.len() > 128 || !plain {
            return Err(Invalid::App);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
