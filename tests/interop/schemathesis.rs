//! The API asked for whatever its description allows, and for what it does not, by schemathesis: it must
//! answer as described, refuse what is described as wrong, and never fail.

use std::path::Path;
use std::process::Command;

use crate::relay_process::{Options, Relay};

/// It cannot be guessed, so that the wrong tokens among the requests do not shut it out.
const TOKEN: &str = "k7d2m4q9x1w8r5t3b6n0v2c4z8";

#[test]
fn the_api_does_what_its_description_says() {
    let relay = Relay::start_with(Options { api_token: Some(TOKEN), log: "warn", ..Options::default() });
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let description = relay.folder().join("openapi.json");
    std::fs::write(&description, relay.api().call("GET", "/openapi.json", None).body).unwrap();
    let program = root.join("target/schemathesis/bin/schemathesis");
    assert!(program.exists(), "schemathesis is not there: tests/run installs it");
    let output = Command::new(program)
        .current_dir(relay.folder())
        .args(["--config-file", root.join("tests/interop/schemathesis.toml").to_str().unwrap()])
        .args(["run", description.to_str().unwrap()])
        .args(["--url", &format!("http://127.0.0.1:{}/api/v1", relay.http_port())])
        .args(["--header", &format!("Authorization: Bearer {TOKEN}")])
        .args([
            "--checks",
            "all",
            "--max-examples",
            "25",
            "--seed",
            "1",
            "--continue-on-failure",
            "--no-color",
        ])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
