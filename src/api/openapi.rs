//! The description of the API (OpenAPI 3.1), made from the routes themselves.
//!
//! A route says what is its own: what it takes, what it answers, which scope it needs. What all have in
//! common is added here, so that no route can forget it.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderName, header};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::Response;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    Components, ComponentsBuilder, Content, HttpMethod, InfoBuilder, LicenseBuilder, ObjectBuilder, OpenApi,
    OpenApiBuilder, PathItem, Ref, RefOr, Required, Schema, Server, Tag, Type,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::Problem;
use super::router::Api;

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(show_description))
}

/// This description.
#[utoipa::path(
    get, path = "/openapi.json", tag = "Relay", security(("token" = ["read"])),
    responses((status = 200, description = "An OpenAPI 3.1 document.", body = Object)),
)]
async fn show_description(State(api): State<Api>) -> ([(HeaderName, &'static str); 1], Bytes) {
    ([(header::CONTENT_TYPE, "application/json")], api.description)
}

/// What stands before the routes.
pub(super) fn frame() -> OpenApi {
    let mut license = LicenseBuilder::new().name("MIT OR Apache-2.0").build();
    license.identifier = Some("MIT OR Apache-2.0".to_owned());
    let info = InfoBuilder::new()
        .title("splitcast")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(license));
    let components = ComponentsBuilder::new()
        .schema_from::<Problem<'_>>()
        .security_scheme(TOKEN, SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)))
        .security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("splitcast"))));
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new(BASE)]))
        .tags(Some(TAGS.map(|(name, about)| {
            let mut tag = Tag::new(name);
            tag.description = Some(about.to_owned());
            tag
        })))
        .components(Some(components.build()))
        .build()
}

/// Adds to each route what all routes have in common.
pub(super) fn complete(document: &mut OpenApi) {
    let optional = without_required_fields(document.components.as_ref());
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            add_problems(&method, path, operation);
            add_session(operation);
            allow_no_body(&optional, operation);
            allow_again(operation);
        }
    }
}

/// The operations of a path.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    let all = [
        (HttpMethod::Get, get),
        (HttpMethod::Put, put),
        (HttpMethod::Post, post),
        (HttpMethod::Delete, delete),
        (HttpMethod::Patch, patch),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn add_problems(method: &HttpMethod, path: &str, operation: &mut Operation) {
    let changes = !matches!(method, HttpMethod::Get);
    let has_body = operation.request_body.is_some();
    let has_query = operation.parameters.iter().flatten().any(is_query);
    let common = [
        (true, "401", "There is no token and no session, or none that is valid."),
        (
            true,
            "403",
            "The token or the session does not reach that far, or the request comes from another site.",
        ),
        (true, "408", "The request took too long."),
        (true, "421", "The relay does not know itself by the name in the header Host."),
        (true, "429", "Too many wrong passwords came from there."),
        (true, "500", "Something is wrong with the relay: its log says more."),
        (true, "503", "The database does not answer or takes no changes at the moment."),
        (path.contains('{'), "404", "There is nothing with this number."),
        (has_body, "400", "The body is not JSON, or did not arrive whole."),
        (changes, "413", "The body is too large."),
        (has_body, "415", "The body does not say that it is JSON."),
        (has_body || has_query, "422", "A value is not what it should be: the answer names the field."),
    ];
    let responses = &mut operation.responses.responses;
    for (_, status, description) in common.into_iter().filter(|(applies, ..)| *applies) {
        responses.entry(status.to_owned()).or_insert_with(|| Response::new(description).into());
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
        {
            let problem = Content::new(Some(Ref::from_schema_name("Problem")));
            response.content.insert("application/problem+json".to_owned(), problem.into());
        }
    }
}

/// What makes something can be asked for again with the same key.
fn allow_again(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    if !responses.contains_key("201") {
        return;
    }
    responses.entry("409".to_owned()).or_insert_with(|| problem("The same request is under way."));
    let key = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(255))
        .pattern(Some("^[!-~]+$"));
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "A text of your choice, a new one for each request. Asked again with the same within a day, nothing \
             is made twice: the answer is the one that was given before.",
        ))
        .schema(Some(key));
    operation.parameters.get_or_insert_default().push(key.build().into());
}

fn problem(description: &str) -> RefOr<Response> {
    let mut response = Response::new(description);
    let body = Content::new(Some(Ref::from_schema_name("Problem")));
    response.content.insert("application/problem+json".to_owned(), body.into());
    response.into()
}

/// What needs no field at all may be left out as a whole.
fn allow_no_body(optional: &BTreeSet<String>, operation: &mut Operation) {
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    let is_optional = |content: &RefOr<Content>| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) => optional.contains(&schema.ref_location),
        _ => false,
    };
    if body.content.values().all(is_optional) {
        body.required = Some(Required::False);
    }
}

/// References to the objects of which no field is required.
fn without_required_fields(components: Option<&Components>) -> BTreeSet<String> {
    let schemas = components.into_iter().flat_map(|components| &components.schemas);
    let optional = schemas.filter(
        |(_, schema)| matches!(schema, RefOr::T(Schema::Object(object)) if object.required.is_empty()),
    );
    optional.map(|(name, _)| Ref::from_schema_name(name).ref_location).collect()
}

fn is_query(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(Parameter { parameter_in: ParameterIn::Query, .. }))
}

/// What a token of some scope may, a person who is logged in and reaches as far may too.
fn add_session(operation: &mut Operation) {
    let Some(needs) = &mut operation.security else { return };
    let sessions: Vec<_> = needs.iter().filter_map(scope_of).collect();
    needs.extend(sessions.into_iter().map(|scope| SecurityRequirement::new(SESSION, [scope])));
}

/// The scope that a requirement asks of a token.
pub(super) fn scope_of(need: &SecurityRequirement) -> Option<String> {
    // The type shows what it holds to nobody but a serializer.
    let need = serde_json::to_value(need).ok()?;
    need.get(TOKEN)?.get(0)?.as_str().map(str::to_owned)
}

/// Where the routes are.
pub(super) const BASE: &str = "/api/v1";

const TOKEN: &str = "token";

const SESSION: &str = "session";

const TAGS: [(&str, &str); 5] = [
    ("Relay", "The relay as a whole."),
    ("Access", "Who may use the relay: people, their sessions, and tokens for programs."),
    ("Streams", "Places to publish to."),
    ("Targets", "Places to push to."),
    ("Webhooks", "Addresses that are told what happens."),
];

const ABOUT: &str = "A streamer publishes once; splitcast pushes that stream to many targets.\n\n\
    Requests and answers are JSON. Whatever goes wrong is told as `application/problem+json` (RFC 9457) \
    with one sentence that says what to do, and with the field that is to blame, if one is. A stream's \
    key can be read by those who may edit; keys of targets can be written and never read.";
