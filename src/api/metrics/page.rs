//! All of it on one page.

use std::fmt;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text};
use prometheus_client::registry::Registry;

use super::family::{Family, Writer};
use super::service::Service;
use super::{process, service, streams, targets};
use crate::control::Control;
use crate::model::{EndpointRole, StreamId, TargetId};
use crate::relay::status::{Refused, StreamSnapshot, TargetSnapshot};

/// What the page tells.
#[derive(Debug)]
struct Page {
    streams: Vec<(StreamId, StreamSnapshot)>,
    targets: Vec<(TargetId, EndpointRole, TargetSnapshot)>,
    refusals: Vec<(Refused, u64)>,
    service: Service,
}

/// Everything that is measured, as OpenMetrics text.
pub fn render(control: &Control) -> Response {
    let Ok(text) = write(control) else {
        // Only memory could have failed, which ends the process.
        return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    ([(header::CONTENT_TYPE, HeaderValue::from_static(OPEN_METRICS))], text).into_response()
}

/// The text.
pub(super) fn write(control: &Control) -> Result<String, fmt::Error> {
    let board = control.board();
    let page = Page {
        streams: board.all_streams(),
        targets: board.all_targets(),
        refusals: board.refusals().totals().into(),
        service: Service::of(control),
    };
    let mut registry = Registry::default();
    registry.register_collector(Box::new(page));
    let mut text = String::new();
    text::encode(&mut text, &registry)?;
    Ok(text)
}

impl Collector for Page {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut writer = Writer(encoder);
        streams::write(&mut writer, &self.streams)?;
        let refused = self.refusals.iter();
        writer.counter(
            &Family::new("splitcast_ingest_rejected", "Connections of encoders that were not let in."),
            refused.map(|(why, count)| (vec![("reason", why.as_str().to_owned())], *count as f64)),
        )?;
        targets::write(&mut writer, &self.targets)?;
        service::write(&mut writer, &self.service)?;
        process::write(&mut writer)
    }
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
