//! The `splitcast` program: what it was started for, log, exit code.

use std::io::{Write, stderr, stdout};
use std::process::ExitCode;

use splitcast::app::{self, App};
use splitcast::commands;
use splitcast::config::{Config, Logging, Order};
use tokio::runtime::Builder;

/// What `sysexits.h` has for a command that was used wrongly.
const USAGE: u8 = 64;

fn main() -> ExitCode {
    match Order::from_process() {
        Ok(Order::Relay(config)) => run(*config),
        Ok(Order::Command(command)) => finish(in_runtime(commands::run(command))),
        Err(error) => {
            complain(&error);
            ExitCode::from(USAGE)
        }
    }
}

fn run(config: Config) -> ExitCode {
    let logging = Logging::begin(config.log.clone());
    app::log_panics();
    finish(in_runtime(serve(config, logging)).map(|()| true))
}

fn finish(done: anyhow::Result<bool>) -> ExitCode {
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// A name that is being looked up holds a thread of the system's until its servers answer or give
/// up, which may take half a minute; when all else has ended, it is not waited for.
fn in_runtime<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    // For the page and what it asks for; streams have threads of their own.
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(work);
    runtime.shutdown_background();
    result
}

async fn serve(config: Config, logging: Logging) -> anyhow::Result<()> {
    let app = App::start(config, logging).await?;
    // A closed standard output is no reason not to relay.
    let _ = writeln!(stdout(), "{}", app.greeting()?);
    app.run().await
}

fn complain(what: &dyn std::fmt::Display) {
    let _ = writeln!(stderr(), "splitcast: {what}");
}
