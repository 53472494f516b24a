//! The `splitcast` program: settings, log, run, exit code.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::process::ExitCode;

use splitcast::app::App;
use splitcast::config::Config;
use tokio::runtime::Builder;

/// What `sysexits.h` has for a command that was used wrongly.
const USAGE: u8 = 64;

fn main() -> ExitCode {
    match Config::from_process() {
        Ok(config) => run(config),
        Err(error) => {
            complain(&error);
            ExitCode::from(USAGE)
        }
    }
}

fn run(mut config: Config) -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(std::mem::take(&mut config.log))
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal())
        .init();
    match in_runtime(serve(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// A name that is being looked up holds a thread of the system's until its servers answer or give
/// up, which may take half a minute; when all else has ended, it is not waited for.
fn in_runtime(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    // For the page and what it asks for; streams have threads of their own.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    result
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let app = App::start(config).await?;
    // A closed standard output is no reason not to relay.
    let _ = writeln!(stdout(), "{}", app.greeting()?);
    app.run().await
}

fn complain(what: &dyn std::fmt::Display) {
    let _ = writeln!(stderr(), "splitcast: {what}");
}
