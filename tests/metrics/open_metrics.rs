//! A strict reader of OpenMetrics text 1.0.0, as far as the relay writes it.

use std::collections::BTreeMap;

/// One metric.
#[derive(Debug, Default)]
pub(crate) struct Family {
    pub(crate) kind: String,
    pub(crate) unit: Option<String>,
    pub(crate) help: String,
    pub(crate) samples: Vec<Sample>,
}

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Behind the family's name.
    pub(crate) suffix: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

/// All metrics of a page by their names, without suffixes; panics at the first fault.
pub(crate) fn read(page: &str) -> BTreeMap<String, Family> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let mut current = String::new();
    let body = page.strip_suffix("# EOF\n").expect("a page ends with # EOF");
    for line in body.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            let (word, rest) = comment.split_once(' ').expect(line);
            let (name, value) = rest.split_once(' ').expect(line);
            if word == "HELP" {
                assert!(!families.contains_key(name), "{name} comes twice");
                name.clone_into(&mut current);
            }
            assert_eq!(name, current, "{line}");
            let family = families.entry(name.to_owned()).or_default();
            match word {
                "HELP" => value.clone_into(&mut family.help),
                "TYPE" => value.clone_into(&mut family.kind),
                "UNIT" => family.unit = Some(value.to_owned()),
                _ => panic!("{line}"),
            }
        } else {
            let (name, sample) = read_sample(line);
            let suffix = name.strip_prefix(&current).unwrap_or_else(|| panic!("{line} is of no {current}"));
            families.get_mut(&current).unwrap().samples.push(Sample { suffix: suffix.to_owned(), ..sample });
        }
    }
    families.iter().for_each(|(name, family)| check(name, family));
    families
}

fn read_sample(line: &str) -> (&str, Sample) {
    let (head, value) = line.rsplit_once(' ').expect(line);
    let value = match value {
        "+Inf" => f64::INFINITY,
        number => number.parse().unwrap_or_else(|_| panic!("{line}")),
    };
    let (name, labels) = match head.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').expect(line)),
        None => (head, ""),
    };
    let mut known = BTreeMap::new();
    for label in labels.split(',').filter(|label| !label.is_empty()) {
        let (key, value) = label.split_once('=').expect(line);
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).expect(line);
        assert!(!value.contains(['"', '\\']), "{line}");
        assert!(known.insert(key.to_owned(), value.to_owned()).is_none(), "{line}");
    }
    (name, Sample { suffix: String::new(), labels: known, value })
}

fn check(name: &str, family: &Family) {
    let is_plain = |c: char| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit();
    assert!(name.chars().all(is_plain) && !name.ends_with("_total"), "{name}");
    assert!(family.help.ends_with('.') && family.help.len() > 5, "{name}: {}", family.help);
    if let Some(unit) = &family.unit {
        assert!(["seconds", "bytes"].contains(&unit.as_str()), "{name} in {unit}");
        assert!(name.ends_with(&format!("_{unit}")), "{name} in {unit}");
    }
    let suffixes: &[&str] = match family.kind.as_str() {
        "gauge" => &[""],
        "counter" => &["_total"],
        "info" => &["_info"],
        "histogram" => &["_sum", "_count", "_bucket"],
        other => panic!("{name} is a {other}"),
    };
    let mut seen = Vec::new();
    for sample in &family.samples {
        assert!(suffixes.contains(&sample.suffix.as_str()), "{name}{}", sample.suffix);
        let is_growing = family.kind != "gauge";
        assert!(!sample.value.is_nan() && (!is_growing || sample.value >= 0.0), "{name}: {sample:?}");
        let row = (&sample.suffix, &sample.labels);
        assert!(!seen.contains(&row), "{name}: {row:?} comes twice");
        seen.push(row);
    }
    if family.kind == "histogram" {
        check_buckets(name, family);
    }
}

fn check_buckets(name: &str, family: &Family) {
    let counts = family.samples.iter().filter(|sample| sample.suffix == "_count");
    for count in counts {
        let mut last = (f64::NEG_INFINITY, 0.0);
        for bucket in family.samples.iter().filter(|sample| sample.suffix == "_bucket") {
            let mut labels = bucket.labels.clone();
            let bound = labels.remove("le").expect(name);
            if labels != count.labels {
                continue;
            }
            let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().unwrap() };
            assert!(bound > last.0 && bucket.value >= last.1, "{name}: {bucket:?} after {last:?}");
            last = (bound, bucket.value);
        }
        assert_eq!(last, (f64::INFINITY, count.value), "{name}: all are within the last bucket");
    }
}
