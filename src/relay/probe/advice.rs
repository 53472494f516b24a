//! What a test does at a platform, and what it cannot tell there.

use crate::model::{Endpoint, KeyLife, OnAir, Platform};
use crate::rtmp::StreamKey;

/// The key that a test publishes with: where a platform takes tests off air, one that says so.
pub(super) fn key(endpoint: &Endpoint) -> StreamKey {
    let key = endpoint.key.expose();
    if !is_off_air(endpoint) || key.contains(TWITCH_TEST) {
        return endpoint.key.clone();
    }
    let joint = if key.contains('?') { '&' } else { '?' };
    StreamKey::new(format!("{key}{joint}{TWITCH_TEST}"))
}

/// Whether the platform takes tests off air.
pub(super) fn is_off_air(endpoint: &Endpoint) -> bool {
    platform(endpoint).is_some_and(|platform| platform.id == TWITCH)
}

/// What a test may do besides testing, in sentences; for whoever is about to begin one, and who has.
pub fn warnings(endpoint: &Endpoint) -> Vec<String> {
    let Some(platform) = platform(endpoint) else {
        return Vec::new();
    };
    let name = platform.name;
    let on_air = match platform.on_air {
        _ if is_off_air(endpoint) => None,
        OnAir::ByPushing => {
            Some(format!("{name} may put you on air for a moment, though no picture is sent."))
        }
        OnAir::AsSet => Some(format!(
            "Depending on your settings, {name} may put you on air for a moment, though no picture is sent."
        )),
        OnAir::ByHand => None,
    };
    let once = (platform.key_life == KeyLife::Broadcast).then(|| {
        format!("A key of {name} is good for one broadcast, and a test may use it up: get a new one if so.")
    });
    on_air.into_iter().chain(once).collect()
}

/// What an acceptance does not tell.
pub(super) fn doubt(endpoint: &Endpoint) -> String {
    match platform(endpoint).map(|platform| platform.id) {
        Some("facebook") => {
            "Facebook takes a lasting key that belongs to no broadcast, too, and throws away \
             what it gets: this does not tell whether anybody could watch."
                .to_owned()
        }
        Some("youtube") => "YouTube refuses some keys only after up to half a minute: this does not tell \
             whether it would."
            .to_owned(),
        _ => "Some servers say yes to any key at first: this tells only that nothing was refused so far."
            .to_owned(),
    }
}

fn platform(endpoint: &Endpoint) -> Option<&'static Platform> {
    Platform::of_host(endpoint.url.host())
}

const TWITCH: &str = "twitch";

/// Makes Twitch take a stream and show it to nobody.
const TWITCH_TEST: &str = "bandwidthtest=true";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtmp::RtmpUrl;

    fn endpoint(url: &str, key: &str) -> Endpoint {
        Endpoint { url: RtmpUrl::parse(url).unwrap(), key: StreamKey::new(key), login: None }
    }

    #[test]
    fn twitch_is_told_that_it_is_a_test() {
        for (typed, sent) in [
            ("live_1_a", "live_1_a?bandwidthtest=true"),
            ("live_1_a?x=1", "live_1_a?x=1&bandwidthtest=true"),
            ("live_1_a?bandwidthtest=true", "live_1_a?bandwidthtest=true"),
        ] {
            assert_eq!(key(&endpoint("rtmp://live-fra.twitch.tv/app", typed)).expose(), sent);
            assert_eq!(key(&endpoint("rtmp://twitch.tv.example/app", typed)).expose(), typed);
        }
    }

    #[test]
    fn what_a_test_may_do_is_said_of_each_platform() {
        let warnings = |url| warnings(&endpoint(url, "k")).join(" ");
        assert_eq!(warnings("rtmp://live.twitch.tv/app"), "");
        assert_eq!(warnings("rtmp://my.server/live"), "");
        assert_eq!(warnings("rtmps://live-api-s.facebook.com:443/rtmp"), "");
        assert!(warnings("rtmps://a.rtmps.youtube.com:443/live2").starts_with("Depending on your settings"));
        let vk = warnings("rtmp://ovsu.okcdn.ru/input");
        assert!(vk.contains("may use it up"), "{vk}");
    }
}
