//! The rules for alerts, the dashboard and the manual speak of metrics that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::open_metrics;
use super::relay::Relay;

/// The names under which rows are found.
async fn exposed() -> BTreeSet<String> {
    let families = open_metrics::read(&Relay::busy().await.page().await);
    let mut names = BTreeSet::new();
    for (name, family) in families {
        let suffixes: &[&str] = match family.kind.as_str() {
            "counter" => &["_total"],
            "info" => &["_info"],
            "histogram" => &["_sum", "_count", "_bucket"],
            _ => &[""],
        };
        names.extend(suffixes.iter().map(|suffix| format!("{name}{suffix}")));
    }
    names
}

fn read(document: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(document)).unwrap()
}

/// All words of a text that look like the name of a metric.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
    let is_metric = |word: &&str| word.starts_with("splitcast_") || word.starts_with("process_");
    words.filter(is_metric).map(str::to_owned).collect()
}

// Elsewhere the system tells less.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn rules_and_dashboard_ask_for_what_there_is() {
    let exposed = exposed().await;
    for document in ["monitoring/alerts.yml", "monitoring/alerts_test.yml", "monitoring/grafana.json"] {
        let named = named(&read(document));
        assert!(named.len() > 5, "{document} names {named:?}");
        let unknown: Vec<_> = named.difference(&exposed).collect();
        assert!(unknown.is_empty(), "{document} asks for {unknown:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_manual_tells_of_each_metric_and_of_no_other() {
    // A histogram is one entry there.
    let families: BTreeSet<String> = exposed()
        .await
        .iter()
        .filter(|name| !name.ends_with("_count") && !name.ends_with("_bucket"))
        .map(|name| name.strip_suffix("_sum").unwrap_or(name).to_owned())
        .collect();
    assert_eq!(named(&read("monitoring.md")), families);
}

#[test]
fn the_dashboard_is_json_with_a_data_source_to_choose() {
    let dashboard: serde_json::Value = serde_json::from_str(&read("monitoring/grafana.json")).unwrap();
    assert_eq!(dashboard["templating"]["list"][0]["type"], "datasource");
    let panels = dashboard["panels"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{panel}");
        for target in panel["targets"].as_array().into_iter().flatten() {
            assert_eq!(target["datasource"]["uid"], "${datasource}");
            assert!(!named(target["expr"].as_str().unwrap()).is_empty(), "{target}");
        }
    }
}
