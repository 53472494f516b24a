use std::collections::BTreeSet;

use super::*;
use crate::rtmp::url::{RtmpUrl, Scheme};

fn name(host: &str) -> Option<&'static str> {
    Platform::of_host(host).map(|platform| platform.name)
}

#[test]
fn hosts_are_known_by_their_domain() {
    assert_eq!(name("a.rtmps.YouTube.com"), Some("YouTube"));
    assert_eq!(name("live.twitch.tv."), Some("Twitch"));
    assert_eq!(name("push.tiktokcdn.com"), Some("TikTok"));
    assert_eq!(name("live.restream.io"), Some("Restream"));
    assert_eq!(name("notyoutube.com"), None);
    assert_eq!(name("10.0.0.1"), None);
    assert_eq!(name(""), None);
}

#[test]
fn of_platforms_on_one_domain_the_nearest_is_meant() {
    assert_eq!(name("ingest.global-contribute.live-video.net"), Some("Twitch"));
    assert_eq!(name("fa723fc1b171.global-contribute.live-video.net"), Some("Kick"));
    assert_eq!(name("0123456789ab.global-contribute.live-video.net"), Some("Amazon IVS"));
}

#[test]
fn there_are_enough_and_no_two_are_mixed_up() {
    let all = Platform::all();
    assert!(all.len() >= 22);
    let count = |of: fn(&Platform) -> &str| all.iter().map(of).collect::<BTreeSet<_>>().len();
    assert_eq!(count(|platform| platform.id), all.len());
    assert_eq!(count(|platform| platform.name), all.len());
    let domains: Vec<_> = all.iter().flat_map(|platform| platform.domains).collect();
    assert_eq!(domains.iter().collect::<BTreeSet<_>>().len(), domains.len());
    assert!(domains.iter().all(|domain| **domain == domain.to_ascii_lowercase()));
    for platform in all {
        assert!(platform.id.bytes().all(|byte| byte.is_ascii_lowercase()), "{}", platform.id);
        let servers: BTreeSet<_> = platform.servers.iter().map(|server| server.id).collect();
        assert_eq!(servers.len(), platform.servers.len(), "{}", platform.id);
    }
}

#[test]
fn every_address_is_one_that_a_target_may_have_and_belongs_to_its_platform() {
    for platform in Platform::all() {
        let addresses = platform
            .servers
            .iter()
            .flat_map(|server| [Some(server.url), server.backup.as_ref().map(|standby| standby.url)]);
        for address in addresses.flatten() {
            let url = RtmpUrl::parse(address).unwrap();
            assert_eq!(url.tc_url().expose(), address, "it is kept as it stands");
            assert_eq!(url.to_string(), address, "nothing in it is masked");
            assert_eq!(name(url.host()), Some(platform.name), "{address}");
            assert!(url.scheme() == Scheme::Rtmp || address.contains(":443/"), "{address}");
        }
    }
}

#[test]
fn whoever_lists_no_server_says_where_it_comes_from() {
    for platform in Platform::all() {
        assert!(!platform.servers.is_empty() || platform.server_from != ServerFrom::List, "{}", platform.id);
    }
}

#[test]
fn every_fact_says_who_says_so() {
    let said = |platform: &Platform, fact| platform.sources.iter().any(|source| source.of == fact);
    for platform in Platform::all() {
        let Limits { video_kbps, audio_kbps, key_frame_seconds, hours, .. } = &platform.limits;
        let rates = [video_kbps, audio_kbps].into_iter().flatten().copied();
        let has_limits = rates.clone().count() > 0 || key_frame_seconds.is_some() || hours.is_some();
        assert!(rates.clone().all(|rate| (64..100_000).contains(&rate)), "{}", platform.id);
        let has_codecs = !platform.codecs.is_empty() || !platform.audio_codecs.is_empty();
        assert!(!(has_limits || has_codecs) || said(platform, Fact::Limits), "{}", platform.id);
        assert_eq!(platform.codecs.is_empty(), platform.audio_codecs.is_empty(), "{}", platform.id);
        assert!(platform.domains.is_empty() || said(platform, Fact::Server), "{}", platform.id);
        let pages = platform.sources.iter().map(|source| source.url).chain(platform.key_page);
        for page in pages {
            assert!(page.starts_with("https://") && !page.contains(char::is_whitespace), "{page}");
        }
        for source in platform.sources {
            let (year, month) = source.checked.split_once('-').unwrap();
            assert!(year.len() == 4 && year.parse::<u16>().unwrap() >= 2026);
            assert!(month.len() == 2 && (1..=12).contains(&month.parse::<u8>().unwrap()));
        }
    }
}

#[test]
fn what_only_others_say_keeps_no_codec_from_a_platform() {
    let takes = |id| {
        let intake = Platform::called(id).unwrap().intake();
        (intake.video_codecs.takes(Some(VideoCodec::Hevc)), intake.audio_codecs.takes(Some(AudioCodec::Opus)))
    };
    for id in ["twitch", "facebook", "ivs", "x", "dlive"] {
        assert_eq!(takes(id), (false, false), "{id}");
    }
    assert_eq!(takes("youtube"), (true, false));
    for id in ["kick", "tiktok", "linkedin", "vk", "telegram", "rumble", "restream"] {
        assert_eq!(takes(id), (true, true), "{id}");
    }
}
