//! Where a server sends its client: another address, whole or relative to the present one.
//!
//! What a server says is not trusted to be an address, nor to be a good one: whoever asked for TLS is not sent
//! where there is none. Whether an address may be dialled at all is for who dials it.

use super::amf0::Value;
use super::command::Command;
use super::rejection::Rejection;
use super::url::{self, RtmpUrl, Scheme};

/// Why a client does not go where it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// That is no address.
    #[error("what it named is no RTMP address: {0}")]
    Address(#[from] url::Error),
    /// The way there would be open to all.
    #[error("it named an address without TLS")]
    Downgrade,
}

/// The address that `reference` means to a client of `present`: RFC 3986, section 5.
///
/// # Errors
/// Any [`Error`].
pub fn resolve(present: &RtmpUrl, reference: &str) -> Result<RtmpUrl, Error> {
    let reference = reference.trim();
    let scheme = present.scheme().as_str();
    let app = present.app().expose();
    let path = app.split('?').next().unwrap_or_default();
    let to = if is_absolute(reference) {
        reference.to_owned()
    } else if reference.is_empty() {
        return Ok(present.clone());
    } else if reference.starts_with("//") {
        format!("{scheme}:{reference}")
    } else if let Some(reference) = reference.strip_prefix('/') {
        format!("{}/{}", present.origin(), without_dots(reference))
    } else if reference.starts_with('?') {
        format!("{}/{path}{reference}", present.origin())
    } else {
        let folder = path.rfind('/').and_then(|end| path.get(..=end)).unwrap_or_default();
        format!("{}/{}", present.origin(), without_dots(&format!("{folder}{reference}")))
    };
    let to = RtmpUrl::parse(&to)?;
    if present.scheme() == Scheme::Rtmps && to.scheme() != Scheme::Rtmps {
        return Err(Error::Downgrade);
    }
    Ok(to)
}

/// Whether it begins with a scheme. A query may hold an address, too.
fn is_absolute(reference: &str) -> bool {
    reference
        .split_once("://")
        .is_some_and(|(scheme, _)| !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// A path, with or without a query, without steps that lead back.
fn without_dots(path: &str) -> String {
    let (path, query) = path.find('?').map_or((path, ""), |at| path.split_at(at));
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("{}{query}", parts.join("/"))
}

/// The address in a refusal that sends the client elsewhere, as Flash Media Server, nginx-rtmp and SRS write it.
pub(super) fn target_of(command: &Command) -> Option<&str> {
    let extra = command.objects().filter_map(|object| object.property("ex"));
    let sends = |extra: &&Value| extra.property("code").and_then(Value::as_number) == Some(MOVED);
    extra.filter(sends).find_map(|extra| extra.property("redirect")?.as_str())
}

impl Rejection {
    /// The same, if it sent us where we do not go.
    pub(super) fn with_redirect(mut self, error: Error) -> Self {
        let said =
            if self.description.is_empty() { String::new() } else { format!("{}; ", self.description) };
        self.description = format!("{said}it sends the stream elsewhere, but {error}");
        self
    }
}

/// As in HTTP.
const MOVED: f64 = 302.0;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rtmp::command::Level;

    fn url(text: &str) -> RtmpUrl {
        RtmpUrl::parse(text).unwrap()
    }

    #[test]
    fn an_address_may_be_whole_or_relative() {
        for (present, reference, expected) in [
            ("rtmp://a:1936/x/live?t=1", "rtmp://b/app", "rtmp://b/app"),
            ("rtmp://a/live", "rtmps://b:443/app/", "rtmps://b:443/app"),
            ("rtmp://a/live", " RTMP://b/app?u=rtmp://c/d ", "rtmp://b/app?u=rtmp://c/d"),
            ("rtmps://a:443/live", "//b:444/app", "rtmps://b:444/app"),
            ("rtmp://a:1936/x/live?t=1", "/app?t=2", "rtmp://a:1936/app?t=2"),
            ("rtmp://a/x/live?t=1", "other", "rtmp://a/x/other"),
            ("rtmp://a/x/live?t=1", "../other?u=rtmp://c/../d", "rtmp://a/other?u=rtmp://c/../d"),
            ("rtmp://a/x/y/live", "../../../../z", "rtmp://a/z"),
            ("rtmp://a/live?t=a/b", "other", "rtmp://a/other"),
            ("rtmp://a/x/live?t=1", "?t=2", "rtmp://a/x/live?t=2"),
            ("rtmp://[::1]:1/live?t=1", "", "rtmp://[::1]:1/live?t=1"),
        ] {
            assert_eq!(resolve(&url(present), reference), Ok(url(expected)), "{present} {reference}");
        }
    }

    #[test]
    fn nobody_is_sent_out_of_tls_nor_to_what_is_no_address() {
        assert_eq!(resolve(&url("rtmps://a/live"), "rtmp://a/live"), Err(Error::Downgrade));
        for garbage in [
            "http://a/live",
            "rtmp://",
            "rtmp://b",
            "rtmp://b/",
            "/",
            "//",
            "..",
            "rtmp://b/a b",
            "rtmp://b:99999/a",
            "a\r\nb",
            "\0",
        ] {
            let got = resolve(&url("rtmp://a/live"), garbage);
            assert!(matches!(got, Err(Error::Address(_))), "{garbage:?} {got:?}");
        }
    }

    proptest! {
        #[test]
        fn tls_is_never_left(reference in ".{0,40}", path in "[a-z./?:]{0,20}") {
            let present = url("rtmps://a/x/live?t=1");
            for reference in [reference.clone(), path, format!("rtmp:{reference}"), format!("rtmp://{reference}")] {
                if let Ok(to) = resolve(&present, &reference) {
                    prop_assert_eq!(to.scheme(), Scheme::Rtmps);
                }
            }
        }
    }

    #[test]
    fn a_refusal_tells_where_to_go_by_a_302_alone() {
        let refusal = |code: f64, name: &str| {
            let extra =
                Value::object([("code", Value::Number(code)), (name, Value::string("rtmp://b/live"))]);
            let info = Value::object([("level", Value::string("error")), ("ex", extra)]);
            Command::new("_error", 1.0).with(info)
        };
        assert_eq!(target_of(&refusal(302.0, "redirect")), Some("rtmp://b/live"));
        assert_eq!(target_of(&refusal(404.0, "redirect")), None);
        assert_eq!(target_of(&refusal(302.0, "elsewhere")), None);
        assert_eq!(target_of(&Command::on_status(Level::Error, "NetStream.Failed", "")), None);
    }
}
