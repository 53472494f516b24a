//! What the relay was started with, and what of it can be changed while it runs.

use super::desk::Control;
use crate::config::{LogFilter, Logging};

/// What the relay was started with.
#[derive(Default)]
pub struct Settings {
    /// Each setting by its flag's name, but for secrets.
    pub flags: Vec<(&'static str, String)>,
    /// The log.
    pub logging: Logging,
}

impl Control {
    /// The same desk, for a relay that was started so.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// What the relay was started with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Logs something else, until the relay ends.
    pub fn change_log(&self, filter: LogFilter) {
        tracing::info!(%filter, "the log is changed");
        self.settings.logging.change(filter);
    }
}
