//! What an encoder's app and stream name may mean.
//!
//! Encoders cut the same address in different places, and add to it what their own servers want.

use crate::rtmp::url::StreamKey;

/// The app as typed, without what encoders add to it.
pub(super) fn bare_app(app: &str) -> &str {
    let app = app.split('?').next().unwrap_or_default().trim_matches('/');
    app.strip_suffix("/_definst_").unwrap_or(app).trim_end_matches('/')
}

/// The keys that an app and a stream name may mean, likeliest first: the name as it is; the name
/// without its query; the last part of both together before the first query, because ffmpeg and
/// GStreamer cut a URL at slashes within its query, and devices with one field for all send no name.
pub(super) fn possible_keys(app: &str, name: &str) -> Vec<StreamKey> {
    let joined = format!("{app}/{name}");
    let before_query = joined.split('?').next().unwrap_or_default().trim_matches('/');
    let last_part = before_query.rsplit('/').next().unwrap_or_default();
    let mut keys: Vec<&str> = Vec::new();
    for key in [name, name.split('?').next().unwrap_or_default(), last_part] {
        if !key.is_empty() && !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys.into_iter().map(StreamKey::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_of(app: &str, name: &str) -> Vec<String> {
        possible_keys(app, name).iter().map(|key| key.expose().to_owned()).collect()
    }

    #[test]
    fn keys_are_found_however_the_encoder_split_its_url() {
        for (app, name, keys) in [
            ("live", "key", &["key"][..]),
            ("live", "key?token=a", &["key?token=a", "key"]),
            ("live", "key?token=a/b", &["key?token=a/b", "key"]),
            ("live", "key/", &["key/", "key"]),
            ("live", "/key", &["/key", "key"]),
            ("live", "_definst_/key", &["_definst_/key", "key"]),
            ("live/key?token=a", "b", &["b", "key"]),
            ("live/key?token=a/b", "c&sign=d", &["c&sign=d", "key"]),
            ("live?x=1", "key", &["key", "live"]),
            ("live?token=a/b", "key", &["key", "live"]),
            ("key", "", &["key"]),
            ("key?token=a", "", &["key"]),
            ("live/key", "", &["key"]),
            ("live/key/", "", &["key"]),
            ("", "key", &["key"]),
            ("", "", &[]),
            ("/", "/", &["/"]),
            ("?a=b", "", &[]),
        ] {
            assert_eq!(keys_of(app, name), keys, "{app} {name}");
        }
    }

    #[test]
    fn an_app_is_told_however_the_encoder_wrote_it() {
        for app in [
            "live",
            "live/",
            "/live",
            "live/_definst_",
            "live/_definst_/",
            "live?token=a",
            "live?token=a/b",
            "live/?token=a",
            "live/_definst_?token=a",
            "live?authmod=adobe&user=ann&response=a/b==",
        ] {
            assert_eq!(bare_app(app), "live", "{app}");
        }
        assert_eq!(bare_app("v2/pub?x"), "v2/pub");
        assert_eq!(bare_app(""), "");
    }
}
