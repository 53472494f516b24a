//! Limelight's scheme, as of HTTP's digest authentication. Only as client: no encoder needs it here.

use data_encoding::HEXLOWER;

use super::{Login, md5};
use crate::secret::Secret;

/// What a server gives a client to work its answer out from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Used once.
    pub nonce: Secret,
}

impl Challenge {
    /// The answer of who knows the login, for an app as it is asked for, with some text of the client's
    /// own.
    pub fn response(&self, login: &Login, app: &str, own: &str) -> Secret {
        let hex = |parts: &[&str]| HEXLOWER.encode(&md5(parts));
        let path = app.split('?').next().unwrap_or_default();
        // An app without an instance is the app's default instance.
        let instance = if path.contains('/') { "" } else { "/_definst_" };
        let who = hex(&[login.user.as_str(), ":", REALM, ":", login.password.expose()]);
        let what = hex(&["publish:/", path, instance]);
        let nonce = self.nonce.expose();
        Secret::new(hex(&[&who, ":", nonce, ":", COUNT, ":", own, ":auth:", &what]))
    }
}

/// How often the nonce is used.
pub const COUNT: &str = "00000001";

const REALM: &str = "live";
