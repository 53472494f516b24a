//! The relay's REST contract as a client sees it: JSON in, a status and JSON out.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::{Request, Response};
use ureq::{Agent, Body};

use super::patience;

/// A client of one relay.
pub(crate) struct Api {
    agent: Agent,
    base: String,
    token: Option<String>,
}

/// What the relay answered to one request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.body))
    }

    /// The body of an answer whose status has to be `status`.
    fn with_status(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.json()
    }
}

impl Api {
    pub(crate) fn new(http_port: u16, token: Option<&str>) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(ANSWER_LIMIT))
            .build()
            .into();
        Self { agent, base: format!("http://127.0.0.1:{http_port}"), token: token.map(str::to_owned) }
    }

    /// The same client with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { agent: self.agent.clone(), base: self.base.clone(), token: Some(token.to_owned()) }
    }

    /// Whether the relay says that it serves.
    pub(crate) fn is_healthy(&self) -> bool {
        self.agent.get(format!("{}/healthz", self.base)).call().is_ok_and(|answer| answer.status() == 200)
    }

    /// One request below `/api/v1`.
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let answer = self.send(method, path, body);
        answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The same, for a relay that may be gone.
    pub(crate) fn try_call(&self, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
        self.send(method, path, body).ok()
    }

    /// What the relay says to whoever asks whether it is ready.
    pub(crate) fn readiness(&self) -> Answer {
        let asked = Request::builder().uri(format!("{}/readyz", self.base)).body(()).unwrap();
        self.answer(self.agent.run(asked)).unwrap()
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder().method(method).uri(format!("{}/api/v1{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let answer = match body {
            Some(json) => self
                .agent
                .run(request.header("Content-Type", "application/json").body(json.to_string()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        self.answer(answer)
    }

    fn answer(&self, answer: Result<Response<Body>, ureq::Error>) -> Result<Answer, ureq::Error> {
        let mut answer = answer?;
        Ok(Answer {
            status: answer.status().as_u16(),
            headers: format!("{:?}", answer.headers()),
            body: answer.body_mut().read_to_string()?,
        })
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        self.call("GET", path, None).with_status(200)
    }

    /// Creates a stream that is published with `key` and gives its id.
    pub(crate) fn create_stream(&self, name: &str, key: &str) -> i64 {
        let stream = self.call("POST", "/streams", Some(&json!({ "name": name, "key": key })));
        stream.with_status(201)["id"].as_i64().unwrap()
    }

    /// Adds a target that is pushed to at once and gives its id.
    pub(crate) fn add_target(&self, stream: i64, name: &str, url: &str, key: &str) -> i64 {
        let target = json!({ "name": name, "url": url, "key": key, "enabled": true });
        let answer = self.call("POST", &format!("/streams/{stream}/targets"), Some(&target));
        answer.with_status(201)["id"].as_i64().unwrap()
    }

    pub(crate) fn target(&self, id: i64) -> Value {
        self.get(&format!("/targets/{id}"))
    }

    /// Changes some of a target's fields.
    pub(crate) fn patch_target(&self, id: i64, fields: &Value) -> Value {
        self.call("PATCH", &format!("/targets/{id}"), Some(fields)).with_status(200)
    }

    /// Waits until the target `id` is in `state` and gives it as it then is.
    pub(crate) fn wait_for_target(&self, id: i64, state: &str) -> Value {
        let found =
            patience::poll(PATIENCE, || Some(self.target(id)).filter(|target| target["state"] == state));
        found.unwrap_or_else(|| panic!("the target is not {state} but {}", self.target(id)))
    }

    /// Waits until the source of the stream `id` is in `state`.
    pub(crate) fn wait_for_source(&self, id: i64, state: &str) {
        let path = format!("/streams/{id}");
        let what = format!("stream {id} to be {state}");
        patience::wait_until(&what, || self.get(&path)["source"]["state"] == state);
    }
}

const ANSWER_LIMIT: Duration = Duration::from_secs(15);
const PATIENCE: Duration = Duration::from_secs(30);
