//! What is logged, which can be changed while the relay runs.

use std::fmt;
use std::io::{IsTerminal, stderr};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Registry, reload};

/// What to log: a level, also by part, as in `info,splitcast::rtmp=debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

/// It is no filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log filter is not valid: give it as in info or info,splitcast::rtmp=debug")]
pub struct InvalidFilter;

impl FromStr for LogFilter {
    type Err = InvalidFilter;

    fn from_str(text: &str) -> Result<Self, InvalidFilter> {
        match text.len() <= LONGEST && EnvFilter::try_new(text).is_ok() {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidFilter),
        }
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl LogFilter {
    fn to_env_filter(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}

/// The log of the process.
pub struct Logging {
    filter: Mutex<LogFilter>,
    /// `None` where nothing is logged.
    handle: Option<reload::Handle<EnvFilter, Registry>>,
}

impl Logging {
    /// Begins to log to the standard error output.
    pub fn begin(filter: LogFilter) -> Self {
        let (layer, handle) = reload::Layer::new(filter.to_env_filter());
        let lines = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
        tracing_subscriber::registry().with(layer).with(lines).init();
        Self { filter: Mutex::new(filter), handle: Some(handle) }
    }

    /// What is logged.
    pub fn filter(&self) -> LogFilter {
        self.filter.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Logs something else, until the process ends.
    pub fn change(&self, filter: LogFilter) {
        if let Some(Err(error)) = self.handle.as_ref().map(|handle| handle.reload(filter.to_env_filter())) {
            tracing::warn!(%error, "the log goes on as it was");
            return;
        }
        *self.filter.lock().unwrap_or_else(PoisonError::into_inner) = filter;
    }
}

impl Default for Logging {
    /// None.
    fn default() -> Self {
        Self { filter: Mutex::new(LogFilter("off".to_owned())), handle: None }
    }
}

/// Longest filter, in bytes.
const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_levels_also_by_part() {
        for good in ["info", "off", "info,splitcast::rtmp=debug", ""] {
            assert_eq!(good.parse::<LogFilter>().unwrap().to_string(), good);
        }
        for bad in ["a=b=c", "info,splitcast=loud", &"a".repeat(513)] {
            assert_eq!(bad.parse::<LogFilter>(), Err(InvalidFilter), "{bad}");
        }
    }
}
