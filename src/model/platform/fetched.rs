//! Servers that a platform told of itself, since the program was built.

use std::collections::HashSet;

use super::Platform;
use crate::model::{INVISIBLE, Name};
use crate::rtmp::url::RtmpUrl;

/// What a platform's own list said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedServers {
    /// When it was asked: seconds since 1970.
    pub at: i64,
    /// By their names.
    pub servers: Vec<FetchedServer>,
}

/// One of the servers that a platform named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchedServer {
    /// What programs call it; unique among its platform's.
    pub id: String,
    /// Where it stands.
    pub name: String,
    /// Its address, which belongs to the platform and has no key.
    pub url: String,
}

impl FetchedServer {
    /// A server that somebody says is a platform's; `None` if it cannot be, or has nothing to be called by. A
    /// mark that stands for the key may end the address.
    pub fn read(platform: &Platform, name: &str, template: &str) -> Option<Self> {
        let name = Name::parse(name).ok()?;
        let address = template.strip_suffix("/{stream_key}").unwrap_or(template);
        let url = RtmpUrl::parse(address).ok()?;
        let app = url.app().expose();
        let is_plain =
            app.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_'));
        let is_its = Platform::of_host(url.host()).is_some_and(|owner| owner.id == platform.id);
        let has_mark = name.as_str().chars().any(|letter| INVISIBLE.contains(&letter));
        if !is_plain || !is_its || has_mark || address.len() > LONGEST {
            return None;
        }
        let id = id_of(name.as_str())?;
        Some(Self { id, name: name.as_str().to_owned(), url: with_port(&url) })
    }

    /// Those of a list that may be shown beside the built-in ones for everywhere: each once, by their names.
    pub fn listed(platform: &Platform, all: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut ids: HashSet<String> = platform.for_everywhere().map(|server| server.id.to_owned()).collect();
        let mut urls: HashSet<String> =
            platform.for_everywhere().map(|server| server.url.to_owned()).collect();
        let mut listed: Vec<Self> =
            all.into_iter().filter(|server| urls.insert(server.url.clone())).collect();
        listed.truncate(MOST);
        for server in &mut listed {
            let free = |id: &String| !ids.contains(id);
            let others = (2..).map(|number| format!("{}-{number}", server.id));
            if let Some(id) = std::iter::once(server.id.clone()).chain(others).find(free) {
                ids.insert(id.clone());
                server.id = id;
            }
        }
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        listed
    }
}

impl Platform {
    /// Its servers that serve people wherever they are: those that stay whatever its list says.
    pub fn for_everywhere(&self) -> impl Iterator<Item = &super::Server> {
        self.servers.iter().filter(|server| matches!(server.id, "auto" | "plain"))
    }
}

/// Addresses for TLS say their port, as all that are built in do.
fn with_port(url: &RtmpUrl) -> String {
    let origin = url.origin();
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let port = if origin.starts_with("rtmps://") && !host.contains(':') { ":443" } else { "" };
    format!("{origin}{port}/{}", url.app().expose())
}

/// Small letters and digits of a name, with a dash for all that stands between; `None` if it has none.
fn id_of(name: &str) -> Option<String> {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let id = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    (!id.is_empty()).then_some(id)
}

/// Longest address, in bytes.
const LONGEST: usize = 200;

/// Most servers of one list: no platform has so many.
const MOST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn twitch() -> &'static Platform {
        Platform::called("twitch").unwrap()
    }

    fn read(name: &str, template: &str) -> Option<FetchedServer> {
        FetchedServer::read(twitch(), name, template)
    }

    #[test]
    fn a_server_is_read_as_a_target_would_have_it() {
        let server =
            read(" Germany, Frankfurt (1) ", "rtmps://euc10.contribute.live-video.net/app/{stream_key}");
        let expected = FetchedServer {
            id: "germany-frankfurt-1".to_owned(),
            name: "Germany, Frankfurt (1)".to_owned(),
            url: "rtmps://euc10.contribute.live-video.net:443/app".to_owned(),
        };
        assert_eq!(server, Some(expected));
        let plain = read("F", "rtmp://live-fra.twitch.tv/app/{stream_key}").unwrap();
        assert_eq!(plain.url, "rtmp://live-fra.twitch.tv/app");
    }

    #[test]
    fn what_is_not_the_platforms_is_not_taken() {
        let good = "rtmps://a.contribute.live-video.net/app/{stream_key}";
        assert!(read("A", good).is_some());
        for (name, template) in [
            ("A", "rtmps://evil.example/app/{stream_key}"),
            ("A", "rtmps://contribute.live-video.net.evil.example/app/{stream_key}"),
            ("A", "rtmps://a.contribute.live-video.net@evil.example/app/{stream_key}"),
            ("A", "rtmps://fa723fc1b171.global-contribute.live-video.net/app/{stream_key}"),
            ("A", "rtmps://127.0.0.1/app/{stream_key}"),
            ("A", "https://a.contribute.live-video.net/app/{stream_key}"),
            ("A", "rtmps://a.contribute.live-video.net/app?next=evil/{stream_key}"),
            ("A", "rtmps://a.contribute.live-video.net/{stream_key}"),
            ("A", "rtmps://a.contribute.live-video.net:99999/app/{stream_key}"),
            ("A", "rtmps://a.contribute.live-video.net/ap\np/{stream_key}"),
            ("A", ""),
            ("", good),
            ("\u{202e}A", good),
            ("A\u{200d}B", good),
            ("A\nB", good),
            ("…", good),
            (&"A".repeat(65), good),
            ("A", &format!("rtmps://a.contribute.live-video.net/{}/{{stream_key}}", "a".repeat(200))),
        ] {
            assert_eq!(read(name, template), None, "{name:?} {template:?}");
        }
    }

    #[test]
    fn each_server_is_listed_once_and_by_its_name() {
        let all = [
            ("Seoul", "rtmps://b.contribute.live-video.net/app"),
            ("Auto", "rtmps://d.contribute.live-video.net/app"),
            ("Default", "rtmps://ingest.global-contribute.live-video.net/app/{stream_key}"),
            ("Berlin", "rtmps://a.contribute.live-video.net/app"),
            ("SEOUL", "rtmps://c.contribute.live-video.net/app"),
            ("Again", "rtmps://a.contribute.live-video.net/app"),
        ];
        let listed = FetchedServer::listed(twitch(), all.iter().filter_map(|(name, url)| read(name, url)));
        let ids: Vec<_> = listed.iter().map(|server| (server.name.as_str(), server.id.as_str())).collect();
        assert_eq!(ids, [("Auto", "auto-2"), ("Berlin", "berlin"), ("SEOUL", "seoul-2"), ("Seoul", "seoul")]);
    }

    #[test]
    fn a_list_has_an_end() {
        let one = |number| read("A", &format!("rtmps://a{number}.contribute.live-video.net/app")).unwrap();
        assert_eq!(FetchedServer::listed(twitch(), (0..1000).map(one)).len(), MOST);
    }
}
