//! What people call the platforms whose servers they push to.

/// The name of the platform that a host belongs to, if it is one of the well-known ones.
pub fn name(host: &str) -> Option<&'static str> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let belongs = |domain: &str| {
        host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    PLATFORMS.iter().find(|(domain, _)| belongs(domain)).map(|(_, name)| *name)
}

const PLATFORMS: [(&str, &str); 12] = [
    ("twitch.tv", "Twitch"),
    ("ingest.global-contribute.live-video.net", "Twitch"),
    ("youtube.com", "YouTube"),
    ("facebook.com", "Facebook"),
    ("instagram.com", "Instagram"),
    ("kick.com", "Kick"),
    ("tiktok.com", "TikTok"),
    ("tiktokcdn.com", "TikTok"),
    ("pscp.tv", "X"),
    ("trovo.live", "Trovo"),
    ("vimeo.com", "Vimeo"),
    ("restream.io", "Restream"),
];

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn hosts_are_known_by_their_domain() {
        assert_eq!(name("a.rtmps.YouTube.com"), Some("YouTube"));
        assert_eq!(name("live.twitch.tv."), Some("Twitch"));
        assert_eq!(name("ingest.global-contribute.live-video.net"), Some("Twitch"));
        assert_eq!(name("notyoutube.com"), None);
        assert_eq!(name("10.0.0.1"), None);
    }
}
