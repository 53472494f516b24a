//! From the command to what does it.

use std::fs::OpenOptions;
use std::io::{Write, stdout};
use std::path::Path;

use anyhow::Context;

use super::{bundle, check, folder, password, test_target};
use crate::config::Command;

/// Does what was asked for; false where it was done and found something wrong.
///
/// # Errors
/// One sentence on why it was not done, and what to do about it.
pub async fn run(command: Command) -> anyhow::Result<bool> {
    match command {
        Command::Backup { data_dir, file, with_key } => {
            say(&folder::backup(&data_dir, &file, with_key).await?)?;
        }
        Command::Restore { data_dir, file } => say(&folder::restore(&data_dir, &file).await?)?,
        Command::RotateKeys { data_dir } => say(&folder::rotate_keys(&data_dir).await?)?,
        Command::ResetPassword { data_dir, name } => {
            say(&password::reset(&data_dir, name.as_deref()).await?)?;
        }
        Command::Check { data_dir, config } => {
            let report = check::check(&data_dir, config).await;
            say(&report.to_string())?;
            return Ok(report.is_good());
        }
        Command::SupportBundle { data_dir, settings, file } => {
            let text = bundle::describe(&data_dir, &settings).await;
            match file {
                None => say(&text)?,
                Some(file) => {
                    write_new(&file, &text)?;
                    say(&format!("Written to {}. Read it before you pass it on.\n", file.display()))?;
                }
            }
        }
        Command::TestTarget(asked) => return test_target::test(asked).await,
        Command::Print(text) => stdout().write_all(&text)?,
    }
    Ok(true)
}

fn say(text: &str) -> anyhow::Result<()> {
    stdout().write_all(text.as_bytes()).context("the standard output cannot be written to")
}

fn write_new(file: &Path, text: &str) -> anyhow::Result<()> {
    let write = || OpenOptions::new().write(true).create_new(true).open(file)?.write_all(text.as_bytes());
    write().with_context(|| format!("{} cannot be written: choose a new file", file.display()))
}
