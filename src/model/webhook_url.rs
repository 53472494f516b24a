//! The addresses that webhooks post to.

use std::fmt;

use crate::secret::Secret;

/// What is wrong with a webhook's address. Names the part, never the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadWebhookUrl {
    /// Neither `http://` nor `https://`.
    #[error("the address must begin with http:// or https://")]
    Scheme,
    /// No host, or one with characters that no host name has.
    #[error("the host name in the address is missing or not valid")]
    Host,
    /// Not a number from 1 to 65535.
    #[error("the port in the address must be a number from 1 to 65535")]
    Port,
    /// `user:password@`.
    #[error("the address must not contain a user name or password")]
    UserInfo,
    /// Characters that must be written otherwise in a URL.
    #[error("the address contains characters that a URL must not have: write them percent-encoded")]
    Characters,
    /// The masked form that is shown was given back.
    #[error("the address contains a masked part (…): give the whole address, or leave it as it was")]
    Masked,
    /// Too long.
    #[error("the address is longer than 2048 bytes")]
    TooLong,
}

/// Where a webhook posts to. What follows the host is a secret: with Discord and Slack, whoever knows it
/// may post.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl {
    secure: bool,
    host: String,
    port: Option<u16>,
    path: Secret,
}

impl WebhookUrl {
    /// Reads `http[s]://host[:port][/path][?query]`.
    ///
    /// # Errors
    /// The [`BadWebhookUrl`] that names the part that is wrong.
    pub fn parse(text: &str) -> Result<Self, BadWebhookUrl> {
        let text = text.trim();
        if text.len() > MAX_LEN {
            return Err(BadWebhookUrl::TooLong);
        }
        if text.contains(MASK) {
            return Err(BadWebhookUrl::Masked);
        }
        if !text.bytes().all(is_of_url) {
            return Err(BadWebhookUrl::Characters);
        }
        let (scheme, rest) = text.split_once("://").ok_or(BadWebhookUrl::Scheme)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(BadWebhookUrl::Scheme),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (host, port) = split_authority(authority)?;
        // A fragment is for who shows a page, and never sent.
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { secure, host, port, path: Secret::new(path) })
    }

    /// Whether it is called through TLS.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host's name or address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port that is called.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.secure { 443 } else { 80 })
    }

    /// The path with its query.
    pub fn path(&self) -> &Secret {
        &self.path
    }

    /// The whole address, to be sealed.
    pub fn whole(&self) -> Secret {
        Secret::new(format!("{}{}", self.origin(), self.path.expose()))
    }

    fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{host}{port}")
    }
}

impl fmt::Display for WebhookUrl {
    /// The host, and of a long path the last four characters, by which its owner may know it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.expose();
        let hint = if path.len() >= HINTED { path.get(path.len() - 4..).unwrap_or_default() } else { "" };
        write!(f, "{}/{MASK}{hint}", self.origin())
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

fn split_authority(authority: &str) -> Result<(String, Option<u16>), BadWebhookUrl> {
    if authority.contains('@') {
        return Err(BadWebhookUrl::UserInfo);
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or(BadWebhookUrl::Host)?;
            host.parse::<std::net::Ipv6Addr>().map_err(|_| BadWebhookUrl::Host)?;
            (host, port)
        }
        None => {
            let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
            if host.is_empty() || !host.bytes().all(is_name) {
                return Err(BadWebhookUrl::Host);
            }
            (host, port)
        }
    };
    let port = match port.strip_prefix(':') {
        Some(port) => match port.parse() {
            Ok(0) | Err(_) => return Err(BadWebhookUrl::Port),
            Ok(port) => Some(port),
        },
        None if port.is_empty() => None,
        None => return Err(BadWebhookUrl::Host),
    };
    Ok((host.to_ascii_lowercase(), port))
}

/// RFC 3986's characters.
fn is_of_url(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b)
}

const MAX_LEN: usize = 2048;

/// Shorter paths would be given away by a part of them.
const HINTED: usize = 40;

const MASK: &str = "…";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_their_secret() {
        let discord = "https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopCANARYzyxw";
        for (text, host, port, path, shown) in [
            ("http://h", "h", 80, "/", "http://h/…"),
            ("HTTPS://Ex.com:8443/a/CANARY?b=c#d", "ex.com", 8443, "/a/CANARY?b=c", "https://ex.com:8443/…"),
            ("http://[::1]?CANARY", "::1", 80, "/?CANARY", "http://[::1]/…"),
            (discord, "discord.com", 443, &discord[19..], "https://discord.com/…zyxw"),
        ] {
            let url = WebhookUrl::parse(text).unwrap();
            assert_eq!((url.host(), url.port(), url.path().expose()), (host, port, path));
            assert_eq!((url.to_string(), format!("{url:?}")), (shown.to_owned(), format!("\"{shown}\"")));
            assert_eq!(WebhookUrl::parse(url.whole().expose()).unwrap(), url);
        }
    }

    #[test]
    fn a_bad_address_is_told_by_its_part() {
        for (text, error) in [
            ("", BadWebhookUrl::Scheme),
            ("ftp://h/", BadWebhookUrl::Scheme),
            ("https://", BadWebhookUrl::Host),
            ("https:///x", BadWebhookUrl::Host),
            ("https://a%20b/", BadWebhookUrl::Host),
            ("https://[::1/", BadWebhookUrl::Host),
            ("https://[x]/", BadWebhookUrl::Host),
            ("https://[::1]x/", BadWebhookUrl::Host),
            ("https://h:0/", BadWebhookUrl::Port),
            ("https://h:65536/", BadWebhookUrl::Port),
            ("https://h:/", BadWebhookUrl::Port),
            ("https://u:p@h/", BadWebhookUrl::UserInfo),
            ("https://h/a b", BadWebhookUrl::Characters),
            ("https://h/\r\nX: y", BadWebhookUrl::Characters),
            ("https://h/ä", BadWebhookUrl::Characters),
            ("https://h/…abcd", BadWebhookUrl::Masked),
            (&format!("https://h/{}", "x".repeat(2048)), BadWebhookUrl::TooLong),
        ] {
            assert_eq!(WebhookUrl::parse(text), Err(error), "{text}");
        }
    }
}
