//! One metric after another, each with all of its rows.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Unit;

use crate::relay::status::HistogramSnapshot;

/// Labels of a row.
pub(super) type Labels = Vec<(&'static str, String)>;

/// A metric's name without its unit, its unit, and what it means, in a sentence.
#[derive(Debug, Clone)]
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) unit: Option<Unit>,
    pub(super) help: &'static str,
}

impl Family {
    /// A number of things.
    pub(super) fn new(name: &'static str, help: &'static str) -> Self {
        Self { name, unit: None, help }
    }

    /// A number of bytes.
    pub(super) fn bytes(name: &'static str, help: &'static str) -> Self {
        Self { name, unit: Some(Unit::Bytes), help }
    }

    /// A time.
    pub(super) fn seconds(name: &'static str, help: &'static str) -> Self {
        Self { name, unit: Some(Unit::Seconds), help }
    }
}

/// Writes metrics.
pub(super) struct Writer<'a>(pub(super) DescriptorEncoder<'a>);

impl Writer<'_> {
    /// What only grows. The name that is read ends in `_total`.
    pub(super) fn counter(
        &mut self,
        family: &Family,
        rows: impl IntoIterator<Item = (Labels, f64)>,
    ) -> fmt::Result {
        let Family { name, unit, help } = family;
        let mut metric = self.0.encode_descriptor(name, help, unit.as_ref(), MetricType::Counter)?;
        for (labels, value) in rows {
            match labels.is_empty() {
                true => metric.encode_counter(&value, NO_EXEMPLAR)?,
                false => metric.encode_family(&labels)?.encode_counter(&value, NO_EXEMPLAR)?,
            }
        }
        Ok(())
    }

    /// What grows and shrinks.
    pub(super) fn gauge(
        &mut self,
        family: &Family,
        rows: impl IntoIterator<Item = (Labels, f64)>,
    ) -> fmt::Result {
        let Family { name, unit, help } = family;
        let mut metric = self.0.encode_descriptor(name, help, unit.as_ref(), MetricType::Gauge)?;
        for (labels, value) in rows {
            match labels.is_empty() {
                true => metric.encode_gauge(&value)?,
                false => metric.encode_family(&labels)?.encode_gauge(&value)?,
            }
        }
        Ok(())
    }

    /// What is said by labels. The name that is read ends in `_info`.
    pub(super) fn info(
        &mut self,
        name: &str,
        help: &str,
        rows: impl IntoIterator<Item = Labels>,
    ) -> fmt::Result {
        let mut metric = self.0.encode_descriptor(name, help, None, MetricType::Info)?;
        rows.into_iter().try_for_each(|labels| metric.encode_info(&labels))
    }

    /// How often something took how long.
    pub(super) fn histogram<'h>(
        &mut self,
        family: &Family,
        rows: impl IntoIterator<Item = (Labels, &'h HistogramSnapshot)>,
    ) -> fmt::Result {
        let Family { name, unit, help } = family;
        let mut metric = self.0.encode_descriptor(name, help, unit.as_ref(), MetricType::Histogram)?;
        for (labels, histogram) in rows {
            let bound = |bound: Option<Duration>| bound.map_or(f64::INFINITY, |at| at.as_secs_f64());
            let buckets: Vec<_> =
                histogram.buckets.iter().map(|(until, count)| (bound(*until), *count)).collect();
            metric.encode_family(&labels)?.encode_histogram::<NoLabelSet>(
                histogram.sum.as_secs_f64(),
                histogram.count(),
                &buckets,
                None,
            )?;
        }
        Ok(())
    }
}

const NO_EXEMPLAR: Option<&Exemplar<NoLabelSet, f64>> = None;
