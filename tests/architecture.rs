//! The law of floors: a room uses only rooms on lower floors, and the protocol touches nothing.
//!
//! Reads `src/` and looks at every path into the crate. What stands in comments, strings' lines and
//! tests does not count.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// Rooms by floor, lowest first. Rooms on one floor do not know each other.
const FLOORS: [&[&str]; 8] = [
    &["secret", "media"],
    &["rtmp"],
    &["net", "model", "machine"],
    &["relay", "store", "config"],
    &["control"],
    &["api"],
    &["app", "commands"],
    &["main", "lib"],
];

/// What the rooms of the first two floors must not mention: they are values.
const OUTSIDE: [&str; 10] = [
    "tokio",
    "std::net::Tcp",
    "std::net::Udp",
    "std::fs",
    "std::env",
    "std::thread",
    "std::time::Instant",
    "SystemTime",
    "rand::",
    "getrandom",
];

/// Who may speak HTTP, SQL and JSON, and who may spawn.
const PRIVILEGES: [(&str, &[&str]); 7] = [
    ("serde::Serialize", &["api"]),
    ("axum", &["api", "app"]),
    ("utoipa", &["api"]),
    ("sqlx", &["store"]),
    ("anyhow", &["app", "commands", "main"]),
    ("clap", &["config"]),
    (".spawn(", &["relay", "app"]),
];

struct Line {
    file: PathBuf,
    number: usize,
    room: String,
    text: String,
}

#[test]
fn no_room_uses_a_higher_or_neighbouring_one() {
    let mut broken = Vec::new();
    for line in production_lines() {
        for used in rooms_used(&line.text) {
            let (own, other) = (floor(&line.room), floor(&used));
            if used != line.room && other >= own {
                broken.push(describe(
                    &line,
                    &format!("{} (floor {own}) uses {used} (floor {other})", line.room),
                ));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn the_lowest_floors_touch_nothing() {
    let low = |line: &Line| floor(&line.room) <= 2;
    let broken: Vec<String> = production_lines()
        .iter()
        .filter(|line| low(line))
        .flat_map(|line| {
            let found = OUTSIDE.iter().filter(|word| line.text.contains(**word));
            found.map(|word| describe(line, &format!("{} mentions {word}", line.room))).collect::<Vec<_>>()
        })
        .collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn privileges_stay_where_they_are() {
    let mut broken = Vec::new();
    for line in production_lines() {
        for (word, rooms) in PRIVILEGES {
            if line.text.contains(word) && !rooms.contains(&line.room.as_str()) {
                broken.push(describe(&line, &format!("{} mentions {word}", line.room)));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_room_has_a_floor() {
    for line in production_lines() {
        floor(&line.room);
    }
}

/// Every line of `src/` that is neither comment nor test.
fn production_lines() -> Vec<Line> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&src, &mut files);
    assert!(files.len() > 20, "the sources were not found");
    files.iter().flat_map(|file| lines_of(&src, file)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("tests") || path.ends_with("tests.rs") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

fn lines_of(src: &Path, file: &Path) -> Vec<Line> {
    let inside = file.strip_prefix(src).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    let room = first.trim_end_matches(".rs").to_owned();
    let text = fs::read_to_string(file).unwrap();
    text.lines()
        .enumerate()
        // Unit tests stand at the end of their file.
        .take_while(|(_, text)| text.trim() != "mod tests {")
        .filter(|(_, text)| !text.trim_start().starts_with("//"))
        .map(|(index, text)| Line {
            file: inside.to_owned(),
            number: index + 1,
            room: room.clone(),
            text: text.to_owned(),
        })
        .collect()
}

/// The rooms named after `crate::`.
fn rooms_used(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for after in text.split("crate::").skip(1) {
        let named = after.trim_start_matches('{');
        let room: String = named.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !room.is_empty() {
            rooms.push(room);
        }
    }
    rooms
}

fn floor(room: &str) -> usize {
    let found = FLOORS.iter().position(|rooms| rooms.contains(&room));
    found.unwrap_or_else(|| panic!("{room} has no floor: give it one in tests/architecture.rs")) + 1
}

fn describe(line: &Line, what: &str) -> String {
    format!("src/{}:{}: {what}: {}", line.file.display(), line.number, line.text.trim())
}
