//! Notices as they are posted: as JSON for programs, or as a message for a channel.
//!
//! Names and reasons may come from strangers. In a channel they are text and nothing else: no mention,
//! no link, no mark-up. Addresses of encoders are for programs only, since a channel may be public.

use serde_json::{Value, json};

use super::notice::Notice;
use crate::model::{
    EndpointRole, ErrorKind, FindingKind, StreamId, TargetId, WarningChange, WebhookFormat, WebhookKind,
};

/// What the subject of a notice is called.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) stream: Option<(StreamId, String)>,
    pub(super) target: Option<(TargetId, String)>,
}

/// What is posted.
pub(super) fn body(notice: &Notice, names: &Names, format: WebhookFormat) -> String {
    match format {
        WebhookFormat::Plain => plain(notice, names),
        WebhookFormat::Discord => discord(&sentence(notice, names)),
        WebhookFormat::Slack => slack(&sentence(notice, names)),
    }
    .to_string()
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact for ages")]
fn seconds(ms: i64) -> f64 {
    ms as f64 / 1000.0
}

fn plain(notice: &Notice, names: &Names) -> Value {
    json!({
        "id": notice.event_id,
        "at": seconds(notice.at_ms),
        "kind": notice.kind.as_str(),
        "stream": names.stream.as_ref().map(|(id, name)| json!({"id": id.0, "name": name})),
        "target": names.target.as_ref().map(|(id, name)| json!({"id": id.0, "name": name})),
        "state": notice.state,
        "error_kind": notice.error_kind.map(ErrorKind::as_str),
        "warning": notice.warning.map(FindingKind::as_str),
        "reason": notice.reason,
        "endpoint": notice.endpoint.map(EndpointRole::as_str),
        "peer": notice.peer.map(|peer| peer.to_string()),
        "replaced_peer": notice.replaced.map(|peer| peer.to_string()),
        "held_until": notice.until_ms.map(seconds),
    })
}

/// Flag 4 keeps Discord from showing what links lead to; no mention is ever meant.
fn discord(sentence: &str) -> Value {
    let content = escape_markdown(&cut(sentence, MOST_CHARACTERS));
    json!({"content": content, "allowed_mentions": {"parse": []}, "flags": 4})
}

/// A block of plain text has no mark-up at all; `text` is for notifications.
fn slack(sentence: &str) -> Value {
    let text = without_brackets(&cut(sentence, MOST_CHARACTERS));
    let escaped = text.replace('&', "&amp;");
    json!({
        "text": escaped,
        "mrkdwn": false,
        "link_names": false,
        "unfurl_links": false,
        "unfurl_media": false,
        "blocks": [
            {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": false}}
        ],
    })
}

fn sentence(notice: &Notice, names: &Names) -> String {
    let name = |name: Option<&String>| name.map(|name| format!("\u{201c}{name}\u{201d}")).unwrap_or_default();
    let stream = name(names.stream.as_ref().map(|(_, name)| name));
    let target = name(names.target.as_ref().map(|(_, name)| name));
    let headline = match notice.kind {
        WebhookKind::StreamLive => format!("Stream {stream} is live."),
        WebhookKind::StreamHeld => format!("Stream {stream} has lost its encoder."),
        WebhookKind::StreamEnded => format!("Stream {stream} has ended."),
        WebhookKind::StreamTakeover => format!("Stream {stream} was taken over."),
        WebhookKind::TargetLive => format!("Target {target} of stream {stream} is live."),
        WebhookKind::TargetFailing => format!("Target {target} of stream {stream} is failing."),
        WebhookKind::TargetBlocked => format!("Target {target} of stream {stream} needs you."),
        WebhookKind::TargetRecovered => format!("Target {target} of stream {stream} is live again."),
        WebhookKind::TargetWarning if notice.state == WarningChange::Cleared.as_str() => {
            format!("A warning about target {target} of stream {stream} is over.")
        }
        WebhookKind::TargetWarning => format!("There is a warning about target {target} of stream {stream}."),
        WebhookKind::RelayTrouble | WebhookKind::Test => "splitcast:".to_owned(),
    };
    format!("{headline} {}", notice.reason)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}

/// Every sign that means something to Discord, made to mean itself. A mark in front of an `@`, and one
/// within what could begin an address, are not seen but part what they stand in.
fn escape_markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\*_~`|>#-+[](){}<!".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
        if matches!(c, '@' | ':' | '<') {
            escaped.push(UNSEEN);
        }
    }
    escaped
}

/// Slack's mark-up stands between these two.
fn without_brackets(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => plain.push('\u{2039}'),
            '>' => plain.push('\u{203a}'),
            '@' | ':' => plain.extend([c, UNSEEN]),
            _ => plain.push(c),
        }
    }
    plain
}

/// A space without width.
const UNSEEN: char = '\u{200b}';

/// Discord takes 2,000, each of which may become two.
const MOST_CHARACTERS: usize = 900;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::control::webhooks::notice::About;
    use crate::model::Warning;

    fn failing(reason: &str) -> Notice {
        Notice {
            event_id: "evt_1".to_owned(),
            at_ms: 1_700_000_000_123,
            error_kind: Some(ErrorKind::TcpRefused),
            endpoint: Some(EndpointRole::Backup),
            peer: Some("192.0.2.1:5".parse().unwrap()),
            ..Notice::new(WebhookKind::TargetFailing, About::Target(TargetId(7)), "backing_off", reason)
        }
    }

    fn names(name: &str) -> Names {
        Names {
            stream: Some((StreamId(3), name.to_owned())),
            target: Some((TargetId(7), "YouTube".to_owned())),
        }
    }

    fn posted(notice: &Notice, names: &Names, format: WebhookFormat) -> Value {
        serde_json::from_str(&body(notice, names, format)).unwrap()
    }

    #[test]
    fn programs_get_all_there_is() {
        assert_eq!(
            posted(&failing("Nothing answers there."), &names("Main"), WebhookFormat::Plain),
            json!({"id": "evt_1", "at": 1_700_000_000.123, "kind": "target.failing",
                   "stream": {"id": 3, "name": "Main"}, "target": {"id": 7, "name": "YouTube"},
                   "state": "backing_off", "error_kind": "tcp_refused", "warning": null,
                   "reason": "Nothing answers there.", "endpoint": "backup", "peer": "192.0.2.1:5", "replaced_peer": null, "held_until": null})
        );
    }

    #[test]
    fn what_a_platform_minds_is_told_with_its_name_and_in_a_sentence() {
        let warning = Warning {
            target: TargetId(7),
            stream: StreamId(3),
            at_ms: 5_000,
            kind: FindingKind::BFrames,
            change: WarningChange::Warned,
            lasted: Duration::ZERO,
            reason: "Take them out.".to_owned(),
        };
        let (notice, names) = (Notice::of_warning(&warning), names("Main"));
        let plain = posted(&notice, &names, WebhookFormat::Plain);
        let told = ["kind", "state", "warning", "at"].map(|field| plain[field].clone());
        assert_eq!(told, [json!("target.warning"), json!("warned"), json!("b_frames"), json!(5.0)]);
        let discord = posted(&notice, &names, WebhookFormat::Discord);
        assert_eq!(
            discord["content"],
            "There is a warning about target “YouTube” of stream “Main”. Take them out."
        );
    }

    #[test]
    fn channels_get_a_sentence_and_nobodys_address() {
        let (notice, names) = (failing("Nothing answers there."), names("Main"));
        let said = "Target “YouTube” of stream “Main” is failing. Nothing answers there.";
        let discord = posted(&notice, &names, WebhookFormat::Discord);
        assert_eq!(discord, json!({"content": said, "allowed_mentions": {"parse": []}, "flags": 4}));
        let slack = posted(&notice, &names, WebhookFormat::Slack);
        assert_eq!(slack["text"], said);
        assert_eq!(slack["blocks"][0]["text"], json!({"type": "plain_text", "text": said, "emoji": false}));
        assert!(!format!("{discord}{slack}").contains("192.0.2.1"));
    }

    #[test]
    fn names_cannot_call_link_or_mark_up() {
        let hostile = "@everyone <@123> <!channel> [x](https://evil.example) **b** `c` ||d|| &amp; # e";
        let discord = posted(&failing(hostile), &names(hostile), WebhookFormat::Discord);
        let content = discord["content"].as_str().unwrap();
        for bad in ["@everyone", "<@", "<!", "](", "https://", "**", "||"] {
            assert!(!content.contains(bad), "{bad} in {content}");
        }
        let bare: String = content.chars().filter(|c| !matches!(c, '\\' | '\u{200b}')).collect();
        assert_eq!(bare.matches(hostile).count(), 2);
        let slack = posted(&failing(hostile), &names(hostile), WebhookFormat::Slack);
        for text in [&slack["text"], &slack["blocks"][0]["text"]["text"]] {
            let text = text.as_str().unwrap();
            for bad in ["@everyone", "<", ">", "https://"] {
                assert!(!text.contains(bad), "{bad} in {text}");
            }
        }
        assert!(slack["text"].as_str().unwrap().contains("&amp;amp;"));
    }

    #[test]
    fn the_longest_message_is_one_that_channels_take() {
        let long = "*".repeat(100_000);
        let discord = posted(&failing(&long), &names("Main"), WebhookFormat::Discord);
        let length = discord["content"].as_str().unwrap().chars().count();
        assert!((1_500..=2_000).contains(&length), "{length}");
    }
}
