//! What an operator says about certificates from an authority.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use rustls::ClientConfig;

use crate::net::tls;

/// Which certificate is wanted, and from whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The names that it is made out to; at least one.
    pub domains: Vec<Domain>,
    /// Whom the authority may write to.
    pub email: Option<Email>,
    /// Where the authority is.
    pub directory: Directory,
    /// A file of certificates to trust for the directory, besides the well-known ones.
    pub ca: Option<PathBuf>,
}

/// A host name as the authorities take it: lower case, with a dot, and no wildcard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(String);

/// An address for letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

/// The address of an authority's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory(String);

/// Text that is no host name for a certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a host name such as relay.example.com (neither an address nor a wildcard)")]
pub struct NotADomain(String);

/// Text that is no address for letters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not an e-mail address such as you@example.com")]
pub struct NotAnEmail(String);

/// Text that is no address of a directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a directory's address, which begins with https:// as in {LETS_ENCRYPT}")]
pub struct NotADirectory(String);

impl Settings {
    /// What is trusted when the directory is spoken with.
    ///
    /// # Errors
    /// When `ca` is no file of certificates.
    pub fn trust(&self) -> Result<Arc<ClientConfig>, tls::Error> {
        Ok(tls::trust(self.ca.as_deref())?.config())
    }
}

impl Domain {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Domain {
    type Err = NotADomain;

    fn from_str(text: &str) -> Result<Self, NotADomain> {
        let name = text.trim().trim_end_matches('.').to_ascii_lowercase();
        let mut labels = name.split('.');
        let is_numeric = labels.next_back().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        let good = name.len() <= 253 && name.contains('.') && !is_numeric && name.split('.').all(is_label);
        if good { Ok(Self(name)) } else { Err(NotADomain(text.to_owned())) }
    }
}

fn is_label(label: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl FromStr for Email {
    type Err = NotAnEmail;

    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        let good = |byte: u8| byte.is_ascii_graphic() && !b"<>,;:\"?".contains(&byte);
        match text.split_once('@') {
            Some((user, host)) if !user.is_empty() && !host.is_empty() && text.bytes().all(good) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(NotAnEmail(text.to_owned())),
        }
    }
}

impl Email {
    /// As an authority wants it.
    pub(super) fn contact(&self) -> String {
        format!("mailto:{}", self.0)
    }
}

impl Directory {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name for a folder of what is of this authority alone.
    pub(super) fn folder_name(&self) -> String {
        let place = self.0.strip_prefix(SCHEME).unwrap_or(&self.0);
        let good = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        let name: String = place.chars().map(|c| if good(c) { c } else { '_' }).take(200).collect();
        format!("at-{name}")
    }
}

impl Default for Directory {
    fn default() -> Self {
        Self(LETS_ENCRYPT.to_owned())
    }
}

impl FromStr for Directory {
    type Err = NotADirectory;

    fn from_str(text: &str) -> Result<Self, NotADirectory> {
        let place = text.strip_prefix(SCHEME).unwrap_or_default();
        let good = place.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
            && place.bytes().all(|byte| byte.is_ascii_graphic());
        // What stands before an @ would be a name and a password, which no directory takes.
        match good && !place.contains(['@', '#']) {
            true => Ok(Self(text.to_owned())),
            false => Err(NotADirectory(text.to_owned())),
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const SCHEME: &str = "https://";
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_are_taken_and_all_else_is_not() {
        for good in ["relay.example.com", " Relay.Example.COM. ", "xn--bcher-kva.example", "a.b", "1.2.3.x4"]
        {
            assert!(good.parse::<Domain>().is_ok(), "{good}");
        }
        assert_eq!("Relay.Example.".parse::<Domain>().unwrap().as_str(), "relay.example");
        let long = format!("{}.example", "a".repeat(64));
        for bad in
            ["", ".", "localhost", "*.example.com", "192.0.2.1", "::1", "a..b", "-a.b", "a_b.c", "bücher.de"]
        {
            assert!(bad.parse::<Domain>().is_err(), "{bad}");
        }
        assert!(long.parse::<Domain>().is_err());
        assert!(["a."; 127].concat().parse::<Domain>().is_ok());
        assert!(["a."; 128].concat().parse::<Domain>().is_err());
    }

    #[test]
    fn letters_can_be_sent_to_who_is_named() {
        assert_eq!("me@example.com".parse::<Email>().unwrap().contact(), "mailto:me@example.com");
        for bad in
            ["", "me", "@example.com", "me@", "me @example.com", "a@b,c@d", "mailto:me@example.com", "a@b?c"]
        {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
    }

    #[test]
    fn each_directory_has_a_folder_that_is_no_way_out() {
        let name = |text: &str| text.parse::<Directory>().unwrap().folder_name();
        assert_eq!(name("https://localhost:14000/dir"), "at-localhost_14000_dir");
        assert_eq!(name("https://a/../../x"), "at-a_.._.._x");
        assert_ne!(
            Directory::default().folder_name(),
            name("https://acme-staging-v02.api.letsencrypt.org/directory")
        );
        for bad in ["", "https://", "http://a/dir", "https://user:secret@a/dir", "https:// a", "https://../"]
        {
            assert!(bad.parse::<Directory>().is_err(), "{bad}");
        }
    }
}
