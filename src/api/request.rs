//! What a request brings: a number in its path, and fields in its body.
//!
//! Fields are taken one by one and not by a derived deserializer, whose errors would repeat the value
//! they complain of. The value may be a key, typed into the wrong field.

use std::fmt::Display;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::audit::FieldNames;
use super::error::Error;

/// The number in the path.
#[derive(IntoParams)]
#[into_params(names("id"), parameter_in = Path)]
pub(super) struct Id(#[param(minimum = 1)] pub(super) i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let path = Path::<i64>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| Error::NoRoute)
    }
}

/// The fields of a JSON object. No body counts as an empty one.
pub(super) struct Fields(Map<String, Value>, FieldNames);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let is_json = is_json(request.headers());
        let names = request.extensions().get::<FieldNames>().cloned().unwrap_or_default();
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
            _ => Error::Cut,
        })?;
        if body.is_empty() {
            return Ok(Self(Map::new(), names));
        }
        if !is_json {
            return Err(Error::ContentType);
        }
        Ok(Self(Self::parse(&body)?.0, names))
    }
}

impl Fields {
    /// Reads a JSON object.
    pub(super) fn parse(json: &[u8]) -> Result<Self, Error> {
        match serde_json::from_slice(json) {
            Ok(Value::Object(fields)) => Ok(Self(fields, FieldNames::default())),
            Ok(_) => Err(Error::NotAnObject),
            Err(error) => Err(Error::Syntax { line: error.line(), column: error.column() }),
        }
    }

    /// Whether a field is given and not null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// Whether a field is text of which a part was masked when it was shown.
    pub(super) fn is_masked(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_str).is_some_and(|text| text.contains('…'))
    }

    /// The fields of an object, if it is given and not null.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, Error> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(Self(fields, FieldNames::default()))),
            Some(_) => Err(Error::field(name, &format!("\"{name}\" must be an object"))),
        }
    }

    /// The same; `Some(None)` for null.
    pub(super) fn nullable_object(&mut self, name: &str) -> Result<Option<Option<Self>>, Error> {
        match self.take_null(name) {
            true => Ok(Some(None)),
            false => Ok(self.object(name)?.map(Some)),
        }
    }

    /// The fields of each object of a list; of none, if it is not given.
    pub(super) fn objects(&mut self, name: &str) -> Result<Vec<Self>, Error> {
        let wrong = || Error::field(name, &format!("\"{name}\" must be a list of objects"));
        let list = match self.0.remove(name) {
            None => return Ok(Vec::new()),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(wrong()),
        };
        let fields = |value| match value {
            Value::Object(fields) => Ok(Self(fields, FieldNames::default())),
            _ => Err(wrong()),
        };
        list.into_iter().map(fields).collect()
    }

    /// Refuses fields with other names than these.
    pub(super) fn only(self, known: &[&str]) -> Result<Self, Error> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            None => {
                self.1.note(self.0.keys());
                Ok(self)
            }
            Some(unknown) => Err(Error::field(
                unknown.chars().take(64).collect::<String>(),
                &format!("there is no such field here: the fields are {}", known.join(", ")),
            )),
        }
    }

    /// A text, read by `parse`, if it is given.
    pub(super) fn text<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Error> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => match parse(&text) {
                Ok(value) => Ok(Some(value)),
                Err(error) => Err(Error::field(name, &error)),
            },
            Some(_) => Err(Error::field(name, &format!("\"{name}\" must be text"))),
        }
    }

    /// A text that must be given.
    pub(super) fn required_text<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Error> {
        self.text(name, parse)?.ok_or_else(|| Error::missing(name))
    }

    /// A text, if it is given; `Some(None)` for null.
    pub(super) fn nullable_text<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<Option<T>>, Error> {
        match self.take_null(name) {
            true => Ok(Some(None)),
            false => Ok(self.text(name, parse)?.map(Some)),
        }
    }

    /// A whole number, read by `parse`, if it is given.
    pub(super) fn number<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(u64) -> Result<T, E>,
    ) -> Result<Option<T>, Error> {
        match self.0.remove(name).map(|value| whole(&value)) {
            None => Ok(None),
            Some(Some(number)) => parse(number).map(Some).map_err(|error| Error::field(name, &error)),
            Some(None) => Err(Error::field(name, &format!("\"{name}\" must be a whole number"))),
        }
    }

    /// A whole number, if it is given; `Some(None)` for null.
    pub(super) fn nullable_number<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(u64) -> Result<T, E>,
    ) -> Result<Option<Option<T>>, Error> {
        match self.take_null(name) {
            true => Ok(Some(None)),
            false => Ok(self.number(name, parse)?.map(Some)),
        }
    }

    /// A list of whole numbers, if it is given.
    pub(super) fn numbers(&mut self, name: &str) -> Result<Option<Vec<i64>>, Error> {
        let number =
            |value: &Value| value.as_i64().or_else(|| whole(value).and_then(|n| i64::try_from(n).ok()));
        let list = match self.0.remove(name) {
            None => return Ok(None),
            Some(Value::Array(list)) => list.iter().map(number).collect::<Option<Vec<_>>>(),
            Some(_) => None,
        };
        match list {
            Some(numbers) => Ok(Some(numbers)),
            None => Err(Error::field(name, &format!("\"{name}\" must be a list of whole numbers"))),
        }
    }

    /// A list of texts, each read by `parse`, if it is given.
    pub(super) fn texts<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<Vec<T>>, Error> {
        let list = match self.0.remove(name) {
            None => return Ok(None),
            Some(Value::Array(list)) => list,
            Some(_) => return Err(Error::field(name, &format!("\"{name}\" must be a list of texts"))),
        };
        let read = |value: &Value| match value.as_str().map(&parse) {
            Some(read) => read.map_err(|error| Error::field(name, &error)),
            None => Err(Error::field(name, &format!("\"{name}\" must be a list of texts"))),
        };
        list.iter().map(read).collect::<Result<_, _>>().map(Some)
    }

    /// A list of texts, if it is given; `Some(None)` for null.
    pub(super) fn nullable_texts<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<Option<Vec<T>>>, Error> {
        match self.take_null(name) {
            true => Ok(Some(None)),
            false => Ok(self.texts(name, parse)?.map(Some)),
        }
    }

    /// True or false, if it is given.
    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Error> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(Error::field(name, &format!("\"{name}\" must be true or false"))),
        }
    }

    /// Takes a field that is null; `false` if it is anything else, or not there.
    fn take_null(&mut self, name: &str) -> bool {
        let is_null = self.0.get(name).is_some_and(Value::is_null);
        if is_null {
            self.0.remove(name);
        }
        is_null
    }
}

/// A whole number, which JSON may write with a fraction of nothing.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both were looked at")]
fn whole(value: &Value) -> Option<u64> {
    let written_so = |number: &f64| number.fract() == 0.0 && (0.0..LARGEST_EXACT).contains(number);
    value.as_u64().or_else(|| value.as_f64().filter(written_so).map(|number| number as u64))
}

/// Beyond this, a number with a fraction is not exact.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// `application/json`, or a format based on it, with or without a charset.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = value.split(';').next().unwrap_or("").trim();
    let kind = kind.to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// Largest body read, in bytes.
pub(super) const BODY_LIMIT: usize = 64 * 1024;
