//! Has a certificate at all times: asks for one when there is none, and for another well before the
//! end of the one there is. That it gets none stops nothing; it tries again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use instant_acme::{Account, NewAccount};
use tokio::sync::Notify;
use tokio::time::sleep;

use super::error::Error;
use super::folder::Folder;
use super::http::Client;
use super::order::{self, Way};
use super::settings::{Domain, Email, Settings};
use crate::net::certificates::chain::now;
use crate::net::certificates::{Chain, Served};
use crate::net::tls;

/// Keeps a certificate from an authority good.
pub struct Keeper {
    settings: Settings,
    /// How names can be proved, best first; never empty.
    ways: Vec<Way>,
    folder: Folder,
    served: Arc<Served>,
    http: Client,
}

/// Why no certificate can be kept.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder for it cannot be made.
    #[error("the folder for certificates in {} cannot be made: {error}", data_dir.display())]
    Folder {
        /// The data folder.
        data_dir: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// What to trust cannot be set up.
    #[error(transparent)]
    Trust(#[from] tls::Error),
}

impl Keeper {
    /// Shows the certificate that is kept in the data folder, if there is one. `at_port_80` says that
    /// plain HTTP is served too, with the answers that `served` has.
    ///
    /// # Errors
    /// When the folder cannot be made, or the file of what to trust is no good.
    pub fn open(
        settings: Settings,
        at_port_80: bool,
        data_dir: &Path,
        served: Arc<Served>,
    ) -> Result<Self, OpenError> {
        let http = Client::new(settings.trust()?);
        let folder = Folder::open(data_dir, &settings.directory)
            .map_err(|error| OpenError::Folder { data_dir: data_dir.to_owned(), error })?;
        if let Some(chain) = folder.certificate() {
            served.show(chain);
        }
        let ways = if at_port_80 { vec![Way::Tls, Way::Http] } else { vec![Way::Tls] };
        Ok(Self { settings, ways, folder, served, http })
    }

    /// Keeps the certificate good, for ever. `asked` wants a try at once. Cancel-safe.
    pub async fn keep(self, asked: &Notify) {
        self.tell_what_is_there();
        let mut failures = 0;
        loop {
            let wait = match self.due_in() {
                Duration::ZERO => match self.renew(failures).await {
                    Ok(()) => {
                        failures = 0;
                        continue;
                    }
                    Err(error) => {
                        failures += 1;
                        self.tell_failure(&error, failures)
                    }
                },
                // The clock of the wall may be set meanwhile.
                due => due.min(LOOK),
            };
            tokio::select! {
                () = sleep(wait) => {}
                () = asked.notified() => {}
            }
        }
    }

    async fn renew(&self, failures: u32) -> Result<(), Error> {
        let way = self.ways.iter().cycle().nth(failures as usize % self.ways.len()).copied();
        let result = self.obtain(way.unwrap_or(Way::Tls)).await;
        self.served.answers().clear();
        let chain = result?;
        tracing::info!(names = self.names(), days_left = chain.days_left(), "the TLS certificate is here");
        self.served.show(chain);
        Ok(())
    }

    async fn obtain(&self, way: Way) -> Result<Chain, Error> {
        let account = self.account().await?;
        let pem = order::obtain(&account, &self.settings.domains, way, self.served.answers()).await;
        let pem = pem.inspect_err(|error| {
            if error.is_about_account() {
                self.folder.forget_account();
            }
        })?;
        let chain = Chain::from_pem(pem.as_bytes(), pem.as_bytes())?;
        if self.due_at(&chain) <= now() {
            return Err(Error::Useless);
        }
        // It is good all the same: to ask for another each time would only use up what one may ask for.
        if let Err(error) = self.folder.keep_certificate(&pem) {
            tracing::error!(%error, "the TLS certificate cannot be kept in the data folder");
        }
        Ok(chain)
    }

    /// The account from before, or a new one.
    async fn account(&self) -> Result<Account, Error> {
        let builder = || Account::builder_with_http(Box::new(self.http.clone()));
        if let Some(kept) = self.folder.account() {
            return Ok(builder().from_credentials(kept).await?);
        }
        let contact = self.settings.email.as_ref().map(Email::contact);
        let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
        // Who names a domain agrees; the documentation of the flag says so.
        let wanted =
            NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let directory = self.settings.directory.as_str().to_owned();
        let (account, credentials) = builder().create(&wanted, directory, None).await?;
        self.folder.keep_account(&credentials)?;
        Ok(account)
    }

    fn due_in(&self) -> Duration {
        let due = self.served.shown().map_or(0, |chain| self.due_at(&chain));
        Duration::from_secs(due.saturating_sub(now()))
    }

    /// When another certificate is needed: when a third of the time of this one is left, as authorities
    /// advise, or long ago if it is not for all the names.
    fn due_at(&self, chain: &Chain) -> u64 {
        if !self.settings.domains.iter().all(|name| chain.is_for(name.as_str())) {
            return 0;
        }
        let (starts, ends) = (chain.starts_at(), chain.expires_at());
        ends.saturating_sub(ends.saturating_sub(starts) / 3)
    }

    fn tell_what_is_there(&self) {
        let (names, directory) = (self.names(), &self.settings.directory);
        match self.served.shown() {
            Some(chain) => {
                let days_left = chain.days_left();
                tracing::info!(names, days_left, "the TLS certificate from before is shown");
                self.served.warn_if_it_is_time();
            }
            None => tracing::info!(
                names,
                %directory,
                "there is no TLS certificate yet: one is asked for, and until it is here connections \
                 are refused"
            ),
        }
    }

    /// Says how long to wait.
    fn tell_failure(&self, error: &Error, failures: u32) -> Duration {
        let wait = pause(failures, error.is_about_rate());
        let (names, next_try_in_seconds) = (self.names(), wait.as_secs());
        match self.served.expires_at().is_some_and(|ends| ends > now()) {
            true => tracing::warn!(
                names,
                next_try_in_seconds,
                "the TLS certificate could not be renewed: {error}"
            ),
            false => {
                tracing::error!(names, next_try_in_seconds, "there is no TLS certificate: {error}")
            }
        }
        wait
    }

    fn names(&self) -> String {
        self.settings.domains.iter().map(Domain::as_str).collect::<Vec<_>>().join(",")
    }
}

/// Longer each time: Let's Encrypt lets a name fail five times an hour.
fn pause(failures: u32, asked_too_much: bool) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let pause = (FIRST_PAUSE * (1 << doublings)).min(LONGEST_PAUSE);
    if asked_too_much { pause.max(RATE_PAUSE) } else { pause }
}

const FIRST_PAUSE: Duration = Duration::from_secs(120);
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 3_600);

/// Most limits of Let's Encrypt let go after an hour.
const RATE_PAUSE: Duration = Duration::from_secs(3_600);

/// How often is looked whether a certificate is due.
const LOOK: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_not_asked_too_often() {
        let minutes: Vec<_> = (1..10).map(|failures| pause(failures, false).as_secs() / 60).collect();
        assert_eq!(minutes, [2, 4, 8, 16, 32, 64, 128, 256, 360]);
        let tries_in_an_hour = 1 + minutes
            .iter()
            .scan(0, |at, wait| {
                *at += wait;
                Some(*at)
            })
            .take_while(|at| *at < 60)
            .count();
        assert!(tries_in_an_hour <= 5, "{tries_in_an_hour}");
        assert_eq!(pause(u32::MAX, false), LONGEST_PAUSE);
        assert_eq!((pause(1, true), pause(9, true)), (RATE_PAUSE, LONGEST_PAUSE));
    }
}
