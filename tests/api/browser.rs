//! People's browsers.

use serde_json::{Value, json};

use crate::client::{Answer, JSON, Relay};

pub const HOST: (&str, &str) = ("host", "127.0.0.1:8080");
pub const PASSWORD: &str = "CANARY correct horse";

/// A person's browser: it sends its cookie, and asks under the relay's own name.
pub struct Browser<'a> {
    pub relay: &'a Relay,
    pub cookie: String,
}

impl<'a> Browser<'a> {
    /// The browser that was given a session by this answer.
    pub fn of(relay: &'a Relay, answer: &Answer) -> Self {
        let line = answer.header("set-cookie");
        let (pair, attributes) = line.split_once("; ").unwrap();
        assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict; Max-Age=604800");
        assert!(pair.starts_with("splitcast=") && pair.len() > 50, "{pair}");
        Self { relay, cookie: pair.to_owned() }
    }

    pub async fn log_in(relay: &'a Relay, name: &str, password: &str) -> Self {
        let answer = log_in(relay, name, password).await;
        let browser = Self::of(relay, &answer);
        answer.json(200);
        browser
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let body = body.map_or_else(String::new, |body| body.to_string());
        self.relay.ask(method, path, &[HOST, JSON, ("cookie", &self.cookie)], body).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }
}

pub async fn anonymous(relay: &Relay, method: &str, path: &str, body: Value) -> Answer {
    relay.ask(method, path, &[HOST, JSON], body.to_string()).await
}

pub async fn log_in(relay: &Relay, name: &str, password: &str) -> Answer {
    anonymous(relay, "POST", "/session", json!({"name": name, "password": password})).await
}

pub async fn set_up(relay: &Relay, link: &str) -> Answer {
    let body = json!({"link": link, "name": "Ada", "password": PASSWORD});
    anonymous(relay, "POST", "/setup", body).await
}

/// A relay whose owner is called Ada.
pub async fn owned(relay: &Relay) -> Browser<'_> {
    let link = relay.control().set_up_pass().unwrap();
    let answer = set_up(relay, link.expose()).await;
    let browser = Browser::of(relay, &answer);
    answer.json(200);
    browser
}
