//! Addresses as some platforms show them: without what is always the same.

use std::borrow::Cow;

/// An address with what its platform leaves out where it shows it, as Kick and Amazon IVS do: the scheme, the
/// port and the application. Any other text, and an address that has an application, is given back as it is.
pub fn completed(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    match completion(trimmed) {
        Some(whole) => Cow::Owned(whole),
        None => Cow::Borrowed(text),
    }
}

/// The same of one address whose last part is its key: the application may be missing between the two.
pub fn completed_with_key(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    match completion(trimmed).or_else(|| completion_with_key(trimmed)) {
        Some(whole) => Cow::Owned(whole),
        None => Cow::Borrowed(text),
    }
}

fn completion(text: &str) -> Option<String> {
    let (scheme, rest) = split_scheme(text);
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    is_ivs(authority).then(|| origin(scheme, authority).map(|origin| format!("{origin}/{APP}"))).flatten()
}

fn completion_with_key(text: &str) -> Option<String> {
    let (scheme, rest) = split_scheme(text);
    let (authority, key) = rest.split_once('/')?;
    let after = key.strip_prefix(APP);
    let has_app = after.is_some_and(|after| after.is_empty() || after.starts_with(['/', '?']));
    let lacks_it = is_ivs(authority) && !has_app;
    lacks_it.then(|| origin(scheme, authority).map(|origin| format!("{origin}/{APP}/{key}"))).flatten()
}

fn split_scheme(text: &str) -> (Option<&str>, &str) {
    text.split_once("://").map_or((None, text), |(scheme, rest)| (Some(scheme), rest))
}

/// Whether a host, with or without a port, is one of Amazon IVS, where Kick and Twitch have theirs, too.
fn is_ivs(authority: &str) -> bool {
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let is_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    is_host && is_port && host.to_ascii_lowercase().ends_with(DOMAIN)
}

/// Without a scheme, or with that of the web, RTMPS is meant: it is what these platforms take.
fn origin(scheme: Option<&str>, authority: &str) -> Option<String> {
    let scheme = scheme.map(str::to_ascii_lowercase);
    let port = if authority.contains(':') { "" } else { ":443" };
    match scheme.as_deref() {
        None | Some("rtmps" | "https") => Some(format!("rtmps://{authority}{port}")),
        Some("rtmp") => Some(format!("rtmp://{authority}")),
        _ => None,
    }
}

/// How the names end of all that take a stream.
const DOMAIN: &str = "contribute.live-video.net";

/// The application of all of them.
const APP: &str = "app";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtmp::url::RtmpUrl;

    const KICK: &str = "fa723fc1b171.global-contribute.live-video.net";

    #[test]
    fn what_kick_and_ivs_leave_out_is_added() {
        let whole = format!("rtmps://{KICK}:443/app");
        for shown in [
            format!("rtmps://{KICK}"),
            format!(" RTMPS://{KICK}/ "),
            format!("rtmps://{KICK}:443"),
            format!("https://{KICK}"),
            KICK.to_owned(),
        ] {
            assert_eq!(completed(&shown), whole, "{shown}");
            assert_eq!(completed_with_key(&shown), whole, "{shown}");
        }
        assert_eq!(
            completed("0123456789ab.global-contribute.live-video.net"),
            "rtmps://0123456789ab.global-contribute.live-video.net:443/app"
        );
        assert_eq!(completed(&format!("rtmp://{KICK}")), format!("rtmp://{KICK}/app"));
        RtmpUrl::parse(&completed(KICK)).unwrap();
    }

    #[test]
    fn a_key_at_the_end_stays_at_the_end() {
        let whole = format!("rtmps://{KICK}:443/app/sk_us-west-2_abc?x=1");
        for shown in
            [format!("rtmps://{KICK}/sk_us-west-2_abc?x=1"), format!("{KICK}:443/sk_us-west-2_abc?x=1")]
        {
            assert_eq!(completed_with_key(&shown), whole, "{shown}");
        }
    }

    #[test]
    fn anything_else_is_left_as_it_is() {
        for text in [
            "rtmps://a.rtmps.youtube.com",
            "rtmp://my.host",
            "my.host",
            "https://kick.com",
            "https://www.twitch.tv/",
            "https://g.webrtc.live-video.net:4443/v2/whip",
            "",
            "://",
            "srt://fa723fc1b171.global-contribute.live-video.net",
            "rtmps://user:word@fa723fc1b171.global-contribute.live-video.net",
            "rtmps://fa723fc1b171.global-contribute.live-video.net:443/app",
            "rtmps://fa723fc1b171.global-contribute.live-video.net/app/sk_abc",
            "rtmps://fa723fc1b171.global-contribute.live-video.net/app?token=1",
        ] {
            assert_eq!(completed(text), text);
            assert_eq!(completed_with_key(text), text);
        }
        let own = format!("rtmps://{KICK}/other");
        assert_eq!(completed(&own), own, "with a key of its own, that is its application");
    }
}
