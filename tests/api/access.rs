//! Who is let in, how they get in, and how far they reach.

use axum::http::Method;
use serde_json::{Value, json};
use splitcast::api::Access;
use splitcast::secret::Secret;

use crate::browser::{Browser, HOST, PASSWORD, anonymous, log_in, owned, set_up};
use crate::client::{AUTHORIZED, Answer, JSON, Relay, TOKEN};

async fn make_user(relay: &Relay, name: &str, role: &str) -> i64 {
    let user = json!({"name": name, "role": role, "password": PASSWORD});
    relay.post("/users", user).await.json(201)["id"].as_i64().unwrap()
}

async fn make_token(relay: &Relay, scope: &str) -> String {
    let token = relay.post("/tokens", json!({"name": scope, "scope": scope})).await.json(201);
    token["token"].as_str().unwrap().to_owned()
}

async fn with_token(relay: &Relay, token: &str, path: &str) -> Answer {
    relay.ask("GET", path, &[("authorization", &format!("Bearer {token}"))], "").await
}

#[tokio::test]
async fn until_there_is_an_owner_only_set_up_and_health_answer() {
    let relay = Relay::with_access(Access::new(None, [])).await;
    let document = splitcast_document(&Relay::new().await).await;
    for (method, path, _) in operations(&document) {
        let answer = anonymous(&relay, method.as_str(), &path.replace("{id}", "1"), json!({})).await;
        match path.as_str() {
            "/session" | "/setup" => assert_ne!(answer.status, 500, "{method} {path}"),
            _ => {
                let problem = answer.problem(401, None);
                assert!(problem["detail"].as_str().unwrap().contains("set-up link"), "{problem}");
            }
        }
    }
    let myself = anonymous(&relay, "GET", "/session", json!({})).await.json(200);
    assert_eq!(myself, json!({"needs_set_up": true, "user": null, "scope": null}));
    assert_eq!(relay.ask("GET", "//healthz", &[], "").await.status, 200);
}

#[tokio::test]
async fn the_set_up_link_works_once() {
    let relay = Relay::with_access(Access::new(None, [])).await;
    let link = relay.control().set_up_pass().unwrap();
    set_up(&relay, "wrong").await.problem(403, None);
    let browser = owned(&relay).await;
    assert_eq!(browser.get("/streams").await.json(200)["streams"][0]["name"], "Main");
    let myself = browser.get("/session").await.json(200);
    assert_eq!((&myself["user"]["name"], &myself["scope"]), (&json!("Ada"), &json!("admin")));
    set_up(&relay, link.expose()).await.problem(409, None);
    assert!(relay.control().set_up_pass().is_none());

    let relay = relay.restarted().await;
    assert!(relay.control().set_up_pass().is_none(), "there still is an owner");
    let problem = anonymous(&relay, "GET", "/streams", json!({})).await.problem(401, None);
    assert!(problem["detail"].as_str().unwrap().contains("Log in"), "{problem}");
}

#[tokio::test]
async fn people_log_in_and_out() {
    let relay = Relay::new().await;
    owned(&relay).await;
    for (name, password) in [("Ada", "wrong password"), ("Bob", PASSWORD), ("", "")] {
        let problem = log_in(&relay, name, password).await.problem(401, None);
        assert_eq!(problem["detail"], "The name or the password is wrong.");
    }
    let browser = Browser::log_in(&relay, " ada ", PASSWORD).await;
    browser.get("/streams").await.json(200);
    let answer = browser.send("DELETE", "/session", None).await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").starts_with("splitcast=; "));
    browser.get("/streams").await.problem(401, None);
}

#[tokio::test]
async fn sessions_outlive_a_restart_and_can_be_ended_one_by_one() {
    let relay = Relay::new().await;
    let cookie = owned(&relay).await.cookie;
    let relay = relay.restarted().await;
    let first = Browser { relay: &relay, cookie };
    let second = Browser::log_in(&relay, "Ada", PASSWORD).await;
    let sessions = second.get("/sessions").await.json(200);
    let sessions = sessions["sessions"].as_array().unwrap();
    assert_eq!(sessions.iter().map(|s| &s["is_own"]).collect::<Vec<_>>(), [true, false]);
    let path = format!("/sessions/{}", sessions[1]["id"]);
    assert_eq!(second.send("DELETE", &path, None).await.status, 204);
    second.send("DELETE", &path, None).await.problem(404, None);
    first.get("/streams").await.problem(401, None);
    second.get("/streams").await.json(200);
}

#[tokio::test]
async fn nobody_ends_another_persons_session() {
    let relay = Relay::new().await;
    let ada = owned(&relay).await;
    make_user(&relay, "Bob", "operator").await;
    let bob = Browser::log_in(&relay, "Bob", PASSWORD).await;
    let adas = ada.get("/sessions").await.json(200)["sessions"][0]["id"].as_i64().unwrap();
    bob.send("DELETE", &format!("/sessions/{adas}"), None).await.problem(404, None);
    ada.get("/streams").await.json(200);
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions() {
    let relay = Relay::new().await;
    let (first, second) = (owned(&relay).await, Browser::log_in(&relay, "Ada", PASSWORD).await);
    let change = |current: &str, new: &str| json!({"current_password": current, "password": new});
    let wrong = second.send("PUT", "/password", Some(change("wrong", "another password"))).await;
    wrong.problem(422, Some("current_password"));
    let short = second.send("PUT", "/password", Some(change(PASSWORD, "short"))).await;
    short.problem(422, Some("password"));
    let done = second.send("PUT", "/password", Some(change(PASSWORD, "another password"))).await;
    assert_eq!(done.status, 204);
    first.get("/streams").await.problem(401, None);
    second.get("/streams").await.json(200);
    log_in(&relay, "Ada", PASSWORD).await.problem(401, None);
    let relay = relay.restarted().await;
    Browser::log_in(&relay, "Ada", "another password").await;
}

#[tokio::test]
async fn who_guesses_passwords_is_slowed_down() {
    let relay = Relay::new().await;
    owned(&relay).await;
    for _ in 0..5 {
        log_in(&relay, "Ada", "wrong password").await.problem(401, None);
    }
    let answer = log_in(&relay, "Ada", PASSWORD).await;
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=12).contains(&seconds), "{seconds}");
    answer.problem(429, None);
}

#[tokio::test]
async fn who_guesses_tokens_is_slowed_down_and_keeps_nobody_out() {
    let relay = Relay::new().await;
    let good = make_token(&relay, "read").await;
    for _ in 0..20 {
        with_token(&relay, "wrong", "/streams").await.problem(401, None);
    }
    let answer = with_token(&relay, "wrong", "/streams").await;
    assert!(!answer.header("retry-after").is_empty());
    answer.problem(401, None);
    // The short one that the relay was started with could be guessed: its answer must not tell.
    let problem = with_token(&relay, TOKEN, "/streams").await.problem(401, None);
    assert!(problem["detail"].as_str().unwrap().starts_with("Too many"), "{problem}");
    with_token(&relay, &good, "/streams").await.json(200);
}

#[tokio::test]
async fn what_is_not_a_token_is_no_way_in() {
    let relay = Relay::new().await;
    for wrong in ["", TOKEN, "Bearer", "Bearer ", "Bearer t0ken-of-the-test", "Basic t0ken-of-the-tests"] {
        let answer = relay.ask("GET", "/streams", &[HOST, ("authorization", wrong)], "").await;
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        answer.problem(401, None);
    }
    relay.ask("GET", "/streams", &[HOST, ("cookie", "splitcast=x; a=b")], "").await.problem(401, None);
    relay.ask("PUT", "/streams", &[HOST], "").await.problem(401, None);
    relay.ask("GET", "/streams", &[("authorization", "bearer t0ken-of-the-tests")], "").await.json(200);
}

#[tokio::test]
async fn tokens_are_shown_once_and_end() {
    let relay = Relay::new().await;
    let ada = owned(&relay).await;
    let body = json!({"name": "Deck", "scope": "operate", "expires_at": 4_000_000_000u64});
    let made = ada.send("POST", "/tokens", Some(body)).await.json(201);
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("splitcast_") && token.len() == 62, "{token}");
    with_token(&relay, token, "/streams").await.json(200);
    let listed = ada.get("/tokens").await;
    assert!(!listed.text.contains(token));
    let listed = &listed.json(200)["tokens"][0];
    assert_eq!((&listed["hint"], &listed["made_by"]), (&json!(token[58..]), &json!(1)));
    assert!(listed["last_used_at"].is_i64() && listed["expires_at"] == 4_000_000_000u64);

    for (field, body) in [
        ("scope", json!({"name": "a", "scope": "root"})),
        ("expires_at", json!({"name": "a", "scope": "read", "expires_at": 1})),
        ("expires_at", json!({"name": "a", "scope": "read", "expires_at": u64::MAX})),
        ("name", json!({"name": "", "scope": "read"})),
    ] {
        ada.send("POST", "/tokens", Some(body)).await.problem(422, Some(field));
    }
    let again = json!({"name": "deck", "scope": "read"});
    ada.send("POST", "/tokens", Some(again)).await.problem(409, Some("name"));
    assert_eq!(ada.send("DELETE", "/tokens/1", None).await.status, 204);
    ada.send("DELETE", "/tokens/1", None).await.problem(404, None);
    with_token(&relay, token, "/streams").await.problem(401, None);
}

#[tokio::test]
async fn tokens_reach_no_farther_than_who_made_them_and_end_with_them() {
    let relay = Relay::new().await;
    owned(&relay).await;
    let id = make_user(&relay, "Bob", "owner").await;
    let bob = Browser::log_in(&relay, "Bob", PASSWORD).await;
    let made = bob.send("POST", "/tokens", Some(json!({"name": "t", "scope": "admin"}))).await.json(201);
    let token = made["token"].as_str().unwrap();
    with_token(&relay, token, "/users").await.json(200);
    relay.patch(&format!("/users/{id}"), json!({"role": "viewer"})).await.json(200);
    with_token(&relay, token, "/users").await.problem(403, None);
    bob.get("/users").await.problem(403, None);
    with_token(&relay, token, "/streams").await.json(200);
    assert_eq!(relay.delete(&format!("/users/{id}")).await.status, 204);
    with_token(&relay, token, "/streams").await.problem(401, None);
    bob.get("/streams").await.problem(401, None);
    let relay = relay.restarted().await;
    with_token(&relay, token, "/streams").await.problem(401, None);
}

#[tokio::test]
async fn there_is_always_an_owner() {
    let relay = Relay::new().await;
    owned(&relay).await;
    relay.delete("/users/1").await.problem(409, None);
    relay.patch("/users/1", json!({"role": "operator"})).await.problem(409, None);
    make_user(&relay, "Bob", "owner").await;
    relay.patch("/users/1", json!({"role": "operator"})).await.json(200);
    relay.delete("/users/2").await.problem(409, None);
    relay.delete("/users/9").await.problem(404, None);
    relay.patch("/users/9", json!({"role": "owner"})).await.problem(404, None);
    let twice = json!({"name": "ADA", "role": "viewer", "password": PASSWORD});
    relay.post("/users", twice).await.problem(409, Some("name"));
}

#[tokio::test]
async fn a_password_that_an_owner_sets_ends_all_sessions() {
    let relay = Relay::new().await;
    owned(&relay).await;
    let id = make_user(&relay, "Bob", "viewer").await;
    let bob = Browser::log_in(&relay, "Bob", PASSWORD).await;
    relay.patch(&format!("/users/{id}"), json!({"password": "another password"})).await.json(200);
    bob.get("/streams").await.problem(401, None);
    Browser::log_in(&relay, "Bob", "another password").await;
}

#[tokio::test]
async fn browsers_must_ask_for_a_name_that_is_ours() {
    let relay = Relay::with_access(Access::new(Some(Secret::new(TOKEN)), ["relay.example".to_owned()])).await;
    let cookie = owned(&relay).await.cookie;
    let from =
        async |host: &str| relay.ask("GET", "/streams", &[("host", host), ("cookie", &cookie)], "").await;
    for own in ["localhost:8080", "127.0.0.1", "192.168.1.2:8080", "[::1]:8080", "RELAY.example"] {
        from(own).await.json(200);
    }
    for stranger in ["evil.example", "evil.example:8080", "localhost.evil.example", ""] {
        from(stranger).await.problem(421, None);
    }
    let stranger = ("host", "evil.example");
    relay.ask("GET", "/session", &[stranger], "").await.problem(421, None);
    relay.ask("GET", "/streams", &[stranger, AUTHORIZED], "").await.json(200);
}

#[tokio::test]
async fn other_sites_change_nothing() {
    let relay = Relay::new().await;
    let cookie = owned(&relay).await.cookie;
    let host = ("host", "localhost:8080");
    let post = async |headers: &[(&str, &str)]| {
        let headers = [&[JSON, host, ("cookie", &cookie)], headers].concat();
        relay.ask("POST", "/streams/1/key", &headers, "{}").await
    };
    for headers in [
        &[("origin", "http://evil.example")][..],
        &[("origin", "http://localhost:3000")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "same-origin"), ("origin", "http://evil.example")],
    ] {
        post(headers).await.problem(403, None);
    }
    for headers in [
        &[][..],
        &[("origin", "http://localhost:8080")],
        &[("sec-fetch-site", "same-origin"), ("origin", "http://LOCALHOST:8080")],
        &[("sec-fetch-site", "none")],
    ] {
        post(headers).await.json(200);
    }
    // Nor may they log anybody in.
    let body = json!({"name": "Ada", "password": PASSWORD}).to_string();
    let evil = ("origin", "http://evil.example");
    relay.ask("POST", "/session", &[JSON, host, evil], body).await.problem(403, None);
}

#[tokio::test]
async fn page_and_health_need_nobody() {
    let relay = Relay::new().await;
    for path in ["//healthz", "//"] {
        assert_eq!(relay.ask("GET", path, &[], "").await.status, 200);
    }
}

#[tokio::test]
async fn passwords_and_tokens_are_not_stored() {
    let relay = Relay::new().await;
    let ada = owned(&relay).await;
    let token = make_token(&relay, "read").await;
    let session = ada.cookie.strip_prefix("splitcast=").unwrap().to_owned();
    let dir = relay.closed().await;
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [PASSWORD, &token, &session] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        }
    }
}

async fn splitcast_document(relay: &Relay) -> Value {
    relay.get("/openapi.json").await.json(200)
}

/// Every operation, and the scope it needs.
fn operations(document: &Value) -> Vec<(Method, String, Option<usize>)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_ascii_uppercase().parse::<Method>() else { continue };
            let scope = operation["security"][0]["token"][0].as_str();
            let needs = scope.map(|scope| SCOPES.iter().position(|known| *known == scope).unwrap());
            assert!(needs.is_some() || operation["security"] == json!([{}]), "{method} {path}");
            found.push((method, path.clone(), needs));
        }
    }
    found
}

const SCOPES: [&str; 4] = ["read", "operate", "edit", "admin"];

/// What each route does with somebody who reaches as far as `reach`.
fn check(method: &Method, path: &str, needs: Option<usize>, reach: Option<usize>, answer: Answer) {
    let who = format!("{method} {path} for {:?}", reach.map(|reach| SCOPES[reach]));
    let status = answer.status.as_u16();
    match (needs, reach) {
        (Some(_), None) => assert_eq!(status, 401, "{who}"),
        (Some(needs), Some(reach)) if reach < needs => {
            assert!(answer.problem(403, None)["detail"].as_str().unwrap().contains("scope"), "{who}");
        }
        _ if status == 403 => {
            // What only people have: their sessions and passwords, and the relay's first owner.
            let detail = answer.problem(403, None)["detail"].as_str().unwrap().to_owned();
            assert!(detail.starts_with("Only who has logged in"), "{who}: {detail}");
        }
        _ => assert!(status < 500 && status != 401, "{who}: {}", answer.text),
    }
}

#[tokio::test]
async fn every_route_for_every_scope() {
    let relay = Relay::new().await;
    owned(&relay).await;
    let mut tokens = vec![(None, None)];
    for (reach, scope) in SCOPES.iter().enumerate() {
        let token = make_token(&relay, scope).await;
        tokens.push((Some(reach), Some(format!("Bearer {token}"))));
    }
    let document = splitcast_document(&relay).await;
    for (method, path, needs) in operations(&document) {
        for (reach, token) in &tokens {
            let mut headers = vec![HOST, JSON];
            headers.extend(token.as_ref().map(|token| ("authorization", token.as_str())));
            let answer = relay.ask(method.as_str(), &path.replace("{id}", "999"), &headers, "{}").await;
            check(&method, &path, needs, *reach, answer);
        }
    }
}

#[tokio::test]
async fn every_route_for_every_role() {
    let relay = Relay::new().await;
    owned(&relay).await;
    let document = splitcast_document(&relay).await;
    for (role, reach) in [("viewer", 0), ("operator", 2), ("owner", 3)] {
        make_user(&relay, role, role).await;
        for (method, path, needs) in operations(&document) {
            // It would log out, too.
            if (&method, path.as_str()) == (&Method::DELETE, "/session") {
                continue;
            }
            let browser = Browser::log_in(&relay, role, PASSWORD).await;
            let answer = browser.send(method.as_str(), &path.replace("{id}", "999"), Some(json!({}))).await;
            assert!(!answer.text.contains("Only who has logged in"), "{method} {path}");
            check(&method, &path, needs, Some(reach), answer);
        }
    }
}
