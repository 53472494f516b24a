//! What can be asked about webhooks, and done with them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::error::Error;
use super::super::request::{Fields, Id};
use super::super::router::Api;
use super::body::{DeliveriesBody, DeliveryBody, WebhookBody, WebhooksBody, WithSecretBody};
use super::fields::{self, NewWebhook, WebhookChanges};
use crate::control::Control;
use crate::model::WebhookId;

pub(in super::super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_webhooks, create_webhook))
        .routes(routes!(show_webhook, update_webhook, remove_webhook))
        .routes(routes!(replace_webhook_secret))
        .routes(routes!(test_webhook))
        .routes(routes!(list_webhook_deliveries))
}

/// All webhooks.
#[utoipa::path(
    get, path = "/webhooks", tag = "Webhooks", security(("token" = ["read"])),
    responses((status = 200, description = "All webhooks.", body = WebhooksBody)),
)]
async fn list_webhooks(State(control): State<Arc<Control>>) -> Result<Json<WebhooksBody>, Error> {
    let webhooks = control.webhooks().await?;
    Ok(Json(WebhooksBody { webhooks: webhooks.into_iter().map(WebhookBody::from).collect() }))
}

/// Makes a webhook. Its secret is shown this once.
#[utoipa::path(
    post, path = "/webhooks", tag = "Webhooks", security(("token" = ["edit"])), request_body = NewWebhook,
    responses(
        (status = 201, description = "The new webhook.", body = WithSecretBody),
        (status = 404, description = "There is no such stream."),
        (status = 409, description = "The name is taken, or there are too many webhooks."),
    ),
)]
async fn create_webhook(
    State(control): State<Arc<Control>>,
    fields: Fields,
) -> Result<(StatusCode, Json<WithSecretBody>), Error> {
    let new = fields::new_webhook(fields)?;
    Ok((StatusCode::CREATED, Json(control.create_webhook(&new).await?.into())))
}

/// One webhook.
#[utoipa::path(
    get, path = "/webhooks/{id}", tag = "Webhooks", security(("token" = ["read"])), params(Id),
    responses((status = 200, description = "The webhook.", body = WebhookBody)),
)]
async fn show_webhook(State(control): State<Arc<Control>>, Id(id): Id) -> Result<Json<WebhookBody>, Error> {
    Ok(Json(control.webhook(WebhookId(id)).await?.into()))
}

/// Changes a webhook. What is left out stays.
#[utoipa::path(
    patch, path = "/webhooks/{id}", tag = "Webhooks", security(("token" = ["edit"])), params(Id),
    request_body = WebhookChanges,
    responses(
        (status = 200, description = "The webhook as it is now.", body = WebhookBody),
        (status = 409, description = "The name is taken."),
    ),
)]
async fn update_webhook(
    State(control): State<Arc<Control>>,
    Id(id): Id,
    fields: Fields,
) -> Result<Json<WebhookBody>, Error> {
    let patch = fields::webhook_patch(fields)?;
    Ok(Json(control.update_webhook(WebhookId(id), &patch).await?.into()))
}

/// Removes a webhook, with what it was not told yet.
#[utoipa::path(
    delete, path = "/webhooks/{id}", tag = "Webhooks", security(("token" = ["edit"])), params(Id),
    responses((status = 204, description = "It is gone.")),
)]
async fn remove_webhook(State(control): State<Arc<Control>>, Id(id): Id) -> Result<StatusCode, Error> {
    control.delete_webhook(WebhookId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a webhook another secret, which is shown this once. For a day, posts are signed with both.
#[utoipa::path(
    post, path = "/webhooks/{id}/secret", tag = "Webhooks", security(("token" = ["edit"])), params(Id),
    responses((status = 200, description = "The webhook and its secret.", body = WithSecretBody)),
)]
async fn replace_webhook_secret(
    State(control): State<Arc<Control>>,
    Id(id): Id,
) -> Result<Json<WithSecretBody>, Error> {
    Ok(Json(control.rotate_webhook_secret(WebhookId(id)).await?.into()))
}

/// Tells a webhook at once that this is a test, also one that is switched off.
#[utoipa::path(
    post, path = "/webhooks/{id}/test", tag = "Webhooks", security(("token" = ["edit"])), params(Id),
    responses((status = 200, description = "How it went, also if it failed.", body = DeliveryBody)),
)]
async fn test_webhook(State(control): State<Arc<Control>>, Id(id): Id) -> Result<Json<DeliveryBody>, Error> {
    Ok(Json(control.test_webhook(WebhookId(id)).await?.into()))
}

/// The last tries to tell a webhook something, newest first.
#[utoipa::path(
    get, path = "/webhooks/{id}/deliveries", tag = "Webhooks", security(("token" = ["read"])), params(Id),
    responses((status = 200, description = "Its last tries.", body = DeliveriesBody)),
)]
async fn list_webhook_deliveries(
    State(control): State<Arc<Control>>,
    Id(id): Id,
) -> Result<Json<DeliveriesBody>, Error> {
    let deliveries = control.webhook_deliveries(WebhookId(id)).await?;
    Ok(Json(DeliveriesBody { deliveries: deliveries.into_iter().map(DeliveryBody::from).collect() }))
}
