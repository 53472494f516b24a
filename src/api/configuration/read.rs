//! Documents as they are read. Anybody may have written them.

use std::collections::HashSet;

use data_encoding::BASE64;

use super::super::error::Error;
use super::super::request::Fields;
use super::super::{streams, targets, webhooks};
use super::{FORMAT, VERSION};
use crate::control::{self, Cost, Sealed};
use crate::model::{
    Configuration, ConfiguredStream, ConfiguredTarget, ConfiguredWebhook, Name, NewStream, NewWebhook,
    WebhookSecret,
};
use crate::rtmp::auth::User;
use crate::secret::Secret;

/// A document whose seal, if it has one, is not opened yet.
pub(super) struct Document {
    /// What can be read without a passphrase.
    pub(super) open: Fields,
    /// What holds everything, once it is opened.
    pub(super) sealed: Option<Sealed>,
}

/// What a document asks for.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// What is to be made.
    pub(super) configuration: Configuration,
    /// Streams for which it had no key.
    pub(super) new_keys: HashSet<Name>,
    /// Webhooks for which it had no secret.
    pub(super) new_secrets: HashSet<Name>,
    /// What cannot be made of it.
    pub(super) left_out: Vec<LeftOut>,
}

/// Something that lacks a secret.
#[derive(Debug)]
pub(super) struct LeftOut {
    pub(super) what: &'static str,
    pub(super) name: Name,
    pub(super) stream: Option<Name>,
    pub(super) reason: &'static str,
}

impl Document {
    /// Reads what stands around the parts.
    pub(super) fn read(document: Fields) -> Result<Self, Error> {
        let mut fields = document.only(&["format", "version", "streams", "webhooks", "sealed"])?;
        fields.required_text("format", |text| match text {
            FORMAT => Ok(()),
            _ => Err(format!("this is no configuration of splitcast: its format must be \"{FORMAT}\"")),
        })?;
        let version = fields.number("version", |version| match version {
            VERSION => Ok(()),
            _ => Err("it is of a version that this splitcast does not know: install the newest one"),
        })?;
        version.ok_or_else(|| Error::missing("version"))?;
        let sealed = fields.object("sealed")?;
        let sealed = sealed.map(read_sealed).transpose().map_err(|error| error.below("sealed"))?;
        Ok(Self { open: fields, sealed })
    }
}

fn read_sealed(fields: Fields) -> Result<Sealed, Error> {
    let mut fields =
        fields.only(&["cipher", "key", "memory_kib", "passes", "lanes", "salt", "nonce", "data"])?;
    for (name, word) in [("cipher", "xchacha20-poly1305"), ("key", "argon2id")] {
        let is_it = |text: &str| (text == word).then_some(()).ok_or_else(|| format!("it must be \"{word}\""));
        fields.required_text(name, is_it)?;
    }
    let mut number = |name| {
        let number = fields.number(name, |number| u32::try_from(number).map_err(|_| "it is too large"))?;
        number.ok_or_else(|| Error::missing(name))
    };
    let cost = Cost { memory_kib: number("memory_kib")?, passes: number("passes")?, lanes: number("lanes")? };
    Ok(Sealed {
        cost,
        salt: fields.required_text("salt", bytes)?,
        nonce: fields.required_text("nonce", bytes)?,
        data: fields.required_text("data", decode)?,
    })
}

fn decode(text: &str) -> Result<Vec<u8>, &'static str> {
    BASE64.decode(text.as_bytes()).map_err(|_| "it must be base64")
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], String> {
    let bytes = decode(text)?;
    bytes.try_into().map_err(|_| format!("it must be {N} bytes in base64"))
}

impl Read {
    /// Reads streams and webhooks. What lacks a secret that it cannot do without is left out.
    pub(super) fn parts(mut fields: Fields) -> Result<Self, Error> {
        let mut read = Self::default();
        for (index, stream) in fields.objects("streams")?.into_iter().enumerate() {
            read.stream(stream).map_err(|error| error.below(&format!("streams[{index}]")))?;
        }
        for (index, webhook) in fields.objects("webhooks")?.into_iter().enumerate() {
            read.webhook(webhook).map_err(|error| error.below(&format!("webhooks[{index}]")))?;
        }
        Ok(read)
    }

    fn stream(&mut self, mut fields: Fields) -> Result<(), Error> {
        let targets = fields.objects("targets")?;
        let lacks_password = fields.has("ingest_user") && !fields.has("ingest_password");
        if lacks_password {
            fields.nullable_text("ingest_user", User::parse)?;
        }
        let (name, settings, key) = streams::new_stream(fields)?;
        if lacks_password {
            let reason = "The document lacks the password that its encoder must give: set user name and password anew, or write the password into the document.";
            self.left_out.push(LeftOut { what: "login", name: name.clone(), stream: None, reason });
        }
        let key = match key {
            Some(key) => key,
            None => {
                self.new_keys.insert(name.clone());
                control::new_key()?
            }
        };
        let mut stream = ConfiguredStream { stream: NewStream { name, settings, key }, targets: Vec::new() };
        for (index, target) in targets.into_iter().enumerate() {
            let read = self.target(target, &stream.stream.name);
            stream.targets.extend(read.map_err(|error| error.below(&format!("targets[{index}]")))?);
        }
        self.configuration.streams.push(stream);
        Ok(())
    }

    fn target(&mut self, mut fields: Fields, stream: &Name) -> Result<Option<ConfiguredTarget>, Error> {
        let lacks_password = fields.has("user") && !fields.has("password")
            || fields.has("backup_user") && !fields.has("backup_password");
        let lacks_backup_key = fields.has("backup_url") && !fields.has("backup_key");
        // Without a key, the last part of its address would be taken for one.
        let reason = if !fields.has("key") || lacks_backup_key {
            Some(
                "The document lacks its stream key: make the target by hand, or write the key into the document.",
            )
        } else if lacks_password {
            Some(
                "The document lacks its password: make the target by hand, or write the password into the document.",
            )
        } else if fields.is_masked("url") || fields.is_masked("backup_url") {
            Some(
                "A part of its address is masked: make the target by hand, or write the whole address into the document.",
            )
        } else {
            None
        };
        if let Some(reason) = reason {
            let name = fields.required_text("name", Name::parse)?;
            self.left_out.push(LeftOut { what: "target", name, stream: Some(stream.clone()), reason });
            return Ok(None);
        }
        let started = fields.flag("started")?;
        let target = targets::new_target(fields)?;
        let started = started.unwrap_or_else(|| target.starts_by_itself());
        Ok(Some(ConfiguredTarget { target, started }))
    }

    fn webhook(&mut self, fields: Fields) -> Result<(), Error> {
        let mut fields = fields.only(&["name", "url", "secret", "format", "kinds", "stream", "enabled"])?;
        if fields.is_masked("url") {
            let name = fields.required_text("name", Name::parse)?;
            let reason = "Its address is masked: make the webhook by hand, or write the whole address into the document.";
            self.left_out.push(LeftOut { what: "webhook", name, stream: None, reason });
            return Ok(());
        }
        let stream = fields.nullable_text("stream", Name::parse)?.flatten();
        let streams = &self.configuration.streams;
        if stream.as_ref().is_some_and(|name| !streams.iter().any(|known| known.stream.name == *name)) {
            return Err(Error::field("stream", &"the document has no stream of this name"));
        }
        let secret = fields.nullable_text("secret", kept_secret)?.flatten();
        let webhook = NewWebhook { stream: None, ..webhooks::new_webhook(fields)? };
        let secret = match secret {
            Some(secret) => secret,
            None => {
                self.new_secrets.insert(webhook.name.clone());
                control::new_webhook_secret()?
            }
        };
        self.configuration.webhooks.push(ConfiguredWebhook { webhook, stream, secret });
        Ok(())
    }
}

fn kept_secret(text: &str) -> Result<WebhookSecret, &'static str> {
    match (16..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(WebhookSecret::kept(Secret::new(text))),
        false => Err("a webhook's secret must be 16 to 256 printable ASCII characters without spaces"),
    }
}
