//! Signatures, by which a receiver knows that a post comes from this relay and is not an old one sent
//! again.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::model::{WantedWebhook, WebhookSecret};

/// The value of the header `Splitcast-Signature` for a post at `now` (seconds since 1970): one signature
/// for each secret that counts then.
pub(super) fn signature(webhook: &WantedWebhook, now: i64, body: &str) -> String {
    let old = webhook.old_secret.as_ref().filter(|(_, until)| *until > now).map(|(secret, _)| secret);
    let secrets = [Some(&webhook.secret), old];
    let signed = secrets.into_iter().flatten().map(|secret| format!(",v1={}", sign(secret, now, body)));
    format!("t={now}{}", signed.collect::<String>())
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn sign(secret: &WebhookSecret, now: i64, body: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.text().expose().as_bytes()).expect("a key of any length");
    mac.update(format!("{now}.{body}").as_bytes());
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{WebhookFormat, WebhookId, WebhookUrl};
    use crate::secret::Secret;

    #[test]
    fn is_what_others_compute() {
        let secret = |text: &str| WebhookSecret::kept(Secret::new(text));
        let mut webhook = WantedWebhook {
            id: WebhookId(1),
            url: WebhookUrl::parse("https://h/").unwrap(),
            format: WebhookFormat::Plain,
            kinds: [].into(),
            stream: None,
            enabled: true,
            secret: secret("whsec_new"),
            old_secret: None,
        };
        // printf '%s' '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_new
        let new = "e8dddd2062d71761004bf7a203f96314721871cce1a41057a9e2fdf6d91a3735";
        let old = "b9d801502bb535e960ee9aeee7a294b082bda5089d79c7db610b85116ce6faa6";
        assert_eq!(signature(&webhook, 1_700_000_000, "{\"a\":1}"), format!("t=1700000000,v1={new}"));
        webhook.old_secret = Some((secret("whsec_old"), 1_700_000_001));
        assert_eq!(
            signature(&webhook, 1_700_000_000, "{\"a\":1}"),
            format!("t=1700000000,v1={new},v1={old}")
        );
        assert_eq!(signature(&webhook, 1_700_000_001, "{\"a\":1}").matches("v1=").count(), 1);
    }
}
