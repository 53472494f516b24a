//! What a test has seen, in words.

use super::advice;
use super::report::{Found, ProbeStep};
use crate::model::{Endpoint, Platform};
use crate::net::Shown;
use crate::relay::reach::Detour;

/// What a step was that went well.
pub(super) fn passed(step: ProbeStep, found: &Found, endpoint: &Endpoint) -> String {
    match step {
        ProbeStep::Dns => addresses(found, endpoint.url.host()),
        ProbeStep::Tcp => match found.peer {
            Some(peer) => format!("{peer} answers."),
            None => "The server answers.".to_owned(),
        },
        ProbeStep::Tls => {
            let version = found.tls_version.unwrap_or("TLS");
            let certificate = found.certificate.as_ref().map(certificate).unwrap_or_default();
            format!("{version}, and the certificate is good. {certificate}").trim_end().to_owned()
        }
        ProbeStep::Handshake => "The server speaks RTMP.".to_owned(),
        ProbeStep::Connect => "The server knows the application, or does not mind.".to_owned(),
        ProbeStep::CreateStream => "The server has made room for a stream.".to_owned(),
        ProbeStep::Publish => "The server says that it takes the stream.".to_owned(),
        ProbeStep::Listen => {
            "The server took the description of a stream and had nothing against it for 3 s.".to_owned()
        }
    }
}

/// What `connect` was where one connection was not enough, and all went well.
pub(super) fn detour(detour: Detour<'_>) -> String {
    match detour {
        Detour::Login => {
            "The server asked for a user name and a password, and takes those it was given.".to_owned()
        }
        Detour::Moved(to) => format!("The server sends the stream on to {}, which answers.", to.origin()),
    }
}

/// What is said where it ended, with what was seen there.
pub(super) fn failed(sentence: &str, found: &Found) -> String {
    match &found.certificate {
        Some(shown) => format!("{sentence} {}", certificate(shown)),
        None => sentence.to_owned(),
    }
}

/// How it ended if all went well.
pub(super) fn accepted(endpoint: &Endpoint) -> String {
    let platform = Platform::of_host(endpoint.url.host());
    let who = platform.map_or("The server", |platform| platform.name);
    match advice::is_off_air(endpoint) {
        true => format!("{who} accepts the key. It was told that this is a test, which nobody sees."),
        false => format!("{who} accepts the key."),
    }
}

fn addresses(found: &Found, host: &str) -> String {
    match found.addresses.as_slice() {
        [] => "The name is known.".to_owned(),
        [only] if host.parse() == Ok(*only) => {
            "The address is a number: there is nothing to look up.".to_owned()
        }
        all => {
            let listed: Vec<String> = all.iter().take(LISTED).map(ToString::to_string).collect();
            format!("{host} is {}{}.", listed.join(", "), and_more(all.len().saturating_sub(LISTED)))
        }
    }
}

/// What a certificate says, believed or not.
fn certificate(shown: &Shown) -> String {
    let to = match shown.names.as_slice() {
        [] if shown.subject.is_empty() => "nobody".to_owned(),
        [] => shown.subject.clone(),
        names => {
            let more = shown.more_names + names.len().saturating_sub(LISTED);
            let listed: Vec<&str> = names.iter().take(LISTED).map(String::as_str).collect();
            format!("{}{}", listed.join(", "), and_more(more))
        }
    };
    let by = if shown.issuer.is_empty() { "nobody named" } else { &shown.issuer };
    format!("It is made out to {to} by {by}, from {} until {}.", day(shown.starts), day(shown.ends))
}

fn and_more(count: usize) -> String {
    if count == 0 { String::new() } else { format!(" and {count} more") }
}

/// The day of a moment in seconds since 1970, as 2026-11-23: days are counted from the first of March of
/// the year 0, so that the day that leap years have more comes last.
fn day(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{:02}", of_year - (153 * shifted + 2) / 5 + 1)
}

/// How many addresses or names are written out.
const LISTED: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rtmp::{RtmpUrl, StreamKey};

    #[test]
    fn days_are_written_as_the_calendar_has_them() {
        for (seconds, written) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_735_689_599, "2024-12-31"),
            (4_107_542_400, "2100-03-01"),
            (253_402_300_799, "9999-12-31"),
        ] {
            assert_eq!(day(seconds), written);
        }
    }

    #[test]
    fn a_certificate_is_told_in_words() {
        let shown = Shown {
            subject: "live.example.com".to_owned(),
            issuer: "R1, Example Authority".to_owned(),
            names: ["a", "b", "c", "d", "e"].map(str::to_owned).into(),
            more_names: 2,
            starts: 0,
            ends: 951_782_400,
        };
        assert_eq!(
            certificate(&shown),
            "It is made out to a, b, c, d and 3 more by R1, Example Authority, from 1970-01-01 until 2000-02-29."
        );
        let nameless = Shown { names: Vec::new(), more_names: 0, ..shown };
        assert!(certificate(&nameless).starts_with("It is made out to live.example.com by "));
    }

    #[test]
    fn numbers_are_not_looked_up() {
        let found = Found { addresses: vec!["::1".parse().unwrap()], ..Found::default() };
        let endpoint =
            |url| Endpoint { url: RtmpUrl::parse(url).unwrap(), key: StreamKey::new("k"), login: None };
        let said = |url| passed(ProbeStep::Dns, &found, &endpoint(url));
        assert!(said("rtmp://[::1]/live").contains("nothing to look up"));
        assert_eq!(said("rtmp://localhost/live"), "localhost is ::1.");
    }
}
