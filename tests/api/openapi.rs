//! The description of the API: whole, and true.

use axum::http::Method;
use serde_json::{Value, json};

use crate::browser::owned;
use crate::client::Relay;

/// Every operation: its method, its path and what is said of it.
fn operations(document: &Value) -> Vec<(Method, String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if let Ok(method) = method.to_ascii_uppercase().parse::<Method>() {
                found.push((method, path.clone(), operation));
            }
        }
    }
    assert!(found.len() > 15, "the description lacks routes");
    found
}

/// What a reference stands for.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// The schema of the body that an operation takes.
fn body_of<'a>(document: &'a Value, operation: &'a Value) -> Option<&'a Value> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
    Some(resolve(document, schema))
}

async fn description(relay: &Relay) -> Value {
    relay.get("/openapi.json").await.json(200)
}

#[tokio::test]
async fn every_operation_says_what_it_is_and_who_may() {
    let document = description(&Relay::new().await).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut names = Vec::new();
    for (method, path, operation) in operations(&document) {
        names.push(operation["operationId"].as_str().unwrap());
        assert!(operation["summary"].as_str().unwrap().ends_with('.'), "{method} {path}");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{method} {path}");
        assert!(operation["security"].is_array(), "{method} {path} says nothing of who may");
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    fn look(document: &Value, value: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
                }
                fields.values().for_each(|value| look(document, value));
            }
            Value::Array(values) => values.iter().for_each(|value| look(document, value)),
            _ => {}
        }
    }
    let document = description(&Relay::new().await).await;
    look(&document, &document);
}

#[tokio::test]
async fn bodies_are_described_field_by_field() {
    let relay = Relay::new().await;
    let target = json!({"name": "t", "url": "rtmp://192.0.2.1/live", "key": "k"});
    relay.post("/streams/1/targets", target).await.json(201);
    let owner = owned(&relay).await;
    let document = description(&relay).await;
    for (method, path, operation) in operations(&document) {
        let Some(schema) = body_of(&document, operation) else { continue };
        assert_eq!(schema["additionalProperties"], false, "{method} {path}");
        let is_needed = schema.get("required").is_some();
        assert_eq!(operation["requestBody"]["required"], is_needed, "{method} {path}");
        let mut described: Vec<&str> =
            schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let answer =
            owner.send(method.as_str(), &path.replace("{id}", "1"), Some(json!({"nonsense": 1}))).await;
        let problem = answer.problem(422, Some("nonsense"));
        let (_, read) = problem["detail"].as_str().unwrap().split_once("the fields are ").unwrap();
        let mut read: Vec<&str> = read.trim_end_matches('.').split(", ").collect();
        described.sort_unstable();
        read.sort_unstable();
        assert_eq!(described, read, "{method} {path}");
    }
}
