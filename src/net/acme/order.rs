//! One order: a straight line from asking for a certificate to having it, or to the reason why not.

use std::sync::Arc;
use std::time::Duration;

use instant_acme::{
    Account, AuthorizationHandle, AuthorizationStatus, ChallengeHandle, ChallengeType, Identifier, NewOrder,
    Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use super::error::Error;
use super::settings::Domain;
use crate::net::certificates::answers::Answers;

/// How a name is proved to lead here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// At port 443, in the handshake.
    Tls,
    /// At port 80, over plain HTTP.
    Http,
}

impl Way {
    /// The port that the authority connects to.
    pub(super) fn port(self) -> u16 {
        match self {
            Self::Tls => 443,
            Self::Http => 80,
        }
    }

    fn challenge(self) -> ChallengeType {
        match self {
            Self::Tls => ChallengeType::TlsAlpn01,
            Self::Http => ChallengeType::Http01,
        }
    }
}

/// Gets a certificate for names, proved in one way; gives its key and itself as one PEM text.
pub(super) async fn obtain(
    account: &Account,
    names: &[Domain],
    way: Way,
    answers: &Answers,
) -> Result<Zeroizing<String>, Error> {
    let identifiers: Vec<_> = names.iter().map(|name| Identifier::Dns(name.to_string())).collect();
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
    answer_all(&mut order, way, answers).await?;
    believed(&mut order, way).await?;
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names.iter().map(Domain::to_string).collect::<Vec<_>>())?;
    params.distinguished_name = DistinguishedName::new();
    order.finalize_csr(params.serialize_request(&key)?.der()).await?;
    let chain = order.poll_certificate(&PATIENCE).await?;
    Ok(Zeroizing::new(format!("{}{chain}", *Zeroizing::new(key.serialize_pem()))))
}

/// Lays out what the authority looks for, and tells it to look.
async fn answer_all(order: &mut Order, way: Way, answers: &Answers) -> Result<(), Error> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        // An authority remembers for a while what it has seen.
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let name = name_of(&authorization);
        let Some(mut challenge) = authorization.challenge(way.challenge()) else {
            return Err(Error::NotOffered { name, way });
        };
        answer(&challenge, name, way, answers)?;
        challenge.set_ready().await?;
    }
    Ok(())
}

fn answer(challenge: &ChallengeHandle<'_>, name: String, way: Way, answers: &Answers) -> Result<(), Error> {
    let proof = challenge.key_authorization();
    match way {
        Way::Http => answers.give_text(challenge.token.clone(), proof.as_str().to_owned()),
        Way::Tls => {
            let certificate = Arc::new(self_signed(&name, proof.digest().as_ref())?);
            answers.give_certificate(name, certificate);
        }
    }
    Ok(())
}

/// The certificate of RFC 8737, section 3: for the name, with the digest in an extension.
fn self_signed(name: &str, digest: &[u8]) -> Result<CertifiedKey, Error> {
    let mut params = CertificateParams::new([name.to_owned()])?;
    params.custom_extensions.push(CustomExtension::new_acme_identifier(digest));
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?.der().clone();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Ok(CertifiedKey::new(vec![certificate], ring::sign::any_supported_type(&key)?))
}

/// Waits until the authority has looked and is content.
async fn believed(order: &mut Order, way: Way) -> Result<(), Error> {
    let error = match order.poll_ready(&PATIENCE).await {
        Ok(OrderStatus::Ready) => return Ok(()),
        Ok(_) => Error::Unexplained,
        Err(error) => error.into(),
    };
    // What it found at each name says more than that the order is no good.
    Err(objection(order, way).await.unwrap_or(error))
}

async fn objection(order: &mut Order, way: Way) -> Option<Error> {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        authorization.refresh().await.ok()?;
        let name = name_of(&authorization);
        let objection = authorization.challenges.iter().find_map(|challenge| challenge.error.clone());
        if let Some(problem) = objection {
            return Some(Error::Unproved { name, way, problem });
        }
    }
    None
}

fn name_of(authorization: &AuthorizationHandle<'_>) -> String {
    authorization.identifier().to_string()
}

/// How long an authority may take to look, and to sign.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));
