//! Commands: what is said by name, over AMF0. RTMP 1.0, section 7.
//!
//! What we act on has a constructor or is matched by name; all else passes as it came. Names of
//! streams are secrets, so a command's `Debug` shows its name and the kinds of its values only.

use bytes::BytesMut;

use super::amf0::{self, Value};
use super::url::StreamKey;

/// A command or an answer to one.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Its name; `_result` and `_error` are answers.
    pub name: String,
    /// Which command is answered; 0 when no answer is expected.
    pub transaction: f64,
    /// The command object, most often null.
    pub object: Value,
    /// What follows it.
    pub arguments: Vec<Value>,
}

/// What `onStatus` says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// All is well.
    Status,
    /// It is over.
    Error,
}

impl Command {
    /// A command without arguments.
    pub fn new(name: &str, transaction: f64) -> Self {
        Self { name: name.to_owned(), transaction, object: Value::Null, arguments: Vec::new() }
    }

    /// The same with a command object.
    #[must_use]
    pub fn with_object(self, object: Value) -> Self {
        Self { object, ..self }
    }

    /// The same with one more argument.
    #[must_use]
    pub fn with(mut self, argument: Value) -> Self {
        self.arguments.push(argument);
        self
    }

    /// The same with a stream's name as argument.
    #[must_use]
    pub fn with_key(self, key: &StreamKey) -> Self {
        self.with(Value::string(key.expose()))
    }

    /// The answer to the command of this transaction.
    pub fn result(transaction: f64) -> Self {
        Self::new("_result", transaction)
    }

    /// The refusal of the command of this transaction.
    pub fn error(transaction: f64, code: &str, description: &str) -> Self {
        Self::new("_error", transaction).with(info(Level::Error, code, description))
    }

    /// News about a stream.
    pub fn on_status(level: Level, code: &str, description: &str) -> Self {
        Self::new("onStatus", 0.0).with(info(level, code, description))
    }

    /// Reads a command. `None` if the message does not begin with a name. A missing transaction is 0
    /// and a missing object null: ffmpeg's listener sends `onFCPublish` with neither.
    ///
    /// # Errors
    /// When a bound of AMF0 is passed.
    pub fn decode(body: &[u8]) -> Result<Option<Self>, amf0::Error> {
        let mut values = amf0::decode_all(body)?.into_iter();
        let Some(Value::String(name)) = values.next() else {
            return Ok(None);
        };
        let transaction = values.next().and_then(|value| value.as_number()).unwrap_or(0.0);
        let object = values.next().unwrap_or(Value::Null);
        Ok(Some(Self { name, transaction, object, arguments: values.collect() }))
    }

    /// Appends the command to a message.
    pub fn encode(&self, out: &mut BytesMut) {
        Value::string(self.name.as_str()).encode(out);
        Value::Number(self.transaction).encode(out);
        self.object.encode(out);
        self.arguments.iter().for_each(|argument| argument.encode(out));
    }

    /// The first argument's text.
    pub fn text(&self) -> Option<&str> {
        self.arguments.first().and_then(Value::as_str)
    }

    /// A text in the information object of an answer or of `onStatus`: `level`, `code`,
    /// `description`. Some servers put the object where the command object stands.
    pub fn info(&self, name: &str) -> Option<&str> {
        self.objects().filter_map(|value| value.property(name)).find_map(Value::as_str)
    }

    /// All that may be an object of information.
    pub fn objects(&self) -> impl Iterator<Item = &Value> + Clone {
        self.arguments.iter().chain([&self.object])
    }
}

fn info(level: Level, code: &str, description: &str) -> Value {
    let level = match level {
        Level::Status => "status",
        Level::Error => "error",
    };
    Value::object([
        ("level", Value::string(level)),
        ("code", Value::string(code)),
        ("description", Value::string(description)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(command: &Command) -> Option<Command> {
        let mut out = BytesMut::new();
        command.encode(&mut out);
        Command::decode(&out).unwrap()
    }

    #[test]
    fn round_trips() {
        let command = Command::new("publish", 5.0).with_key(&StreamKey::new("k")).with(Value::string("live"));
        assert_eq!(round_trip(&command), Some(command));
        let status = Command::on_status(Level::Error, "NetStream.Publish.BadName", "no");
        assert_eq!(round_trip(&status).unwrap().info("code"), Some("NetStream.Publish.BadName"));
    }

    #[test]
    fn a_bare_name_is_a_command() {
        assert_eq!(
            Command::decode(b"\x02\x00\x0bonFCPublish").unwrap(),
            Some(Command::new("onFCPublish", 0.0))
        );
    }

    #[test]
    fn what_begins_without_a_name_is_none() {
        assert_eq!(Command::decode(b"\x05").unwrap(), None);
        assert_eq!(Command::decode(b"").unwrap(), None);
    }

    #[test]
    fn debug_output_shows_no_key() {
        let command = Command::new("publish", 5.0).with_key(&StreamKey::new("CANARY"));
        assert!(!format!("{command:?}").contains("CANARY"));
    }
}
