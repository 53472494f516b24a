//! What proves to a certificate authority that a name leads to this relay (RFC 8555, section 8.3, and
//! RFC 8737). They are there only while an authority looks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::sign::CertifiedKey;

/// The answers to what authorities ask just now.
#[derive(Debug, Default)]
pub struct Answers {
    given: Mutex<Given>,
}

#[derive(Debug, Default)]
struct Given {
    /// By the token that is asked for at port 80.
    texts: HashMap<String, String>,
    /// By the name that is asked for at port 443.
    certificates: HashMap<String, Arc<CertifiedKey>>,
}

impl Answers {
    /// Answers who asks for a token over plain HTTP.
    pub fn give_text(&self, token: String, text: String) {
        self.lock().texts.insert(token, text);
    }

    /// Answers who asks for a name in the protocol [`PROTOCOL`].
    pub fn give_certificate(&self, name: String, certificate: Arc<CertifiedKey>) {
        self.lock().certificates.insert(name, certificate);
    }

    /// Forgets all of them.
    pub fn clear(&self) {
        *self.lock() = Given::default();
    }

    /// The text for a token.
    pub fn text(&self, token: &str) -> Option<String> {
        self.lock().texts.get(token).cloned()
    }

    /// The certificate for a name.
    pub(super) fn certificate(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        self.lock().certificates.get(name).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Given> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an authority that looks at port 443 says it wants to speak.
pub const PROTOCOL: &[u8] = b"acme-tls/1";
