//! Signing in elsewhere: OpenID Connect, code flow with PKCE.
//!
//! Who somebody is there is issuer and subject, never an address of mail (ASVS 6.8.1): an address can be given to somebody else,
//! and whoever runs the other place may write any. The token is judged by its signature (asymmetric ones only: `none` and those
//! under a shared secret are refused), issuer, audience, end, nonce. What came back is for what went out: state, and where the
//! other place says who it is, its `iss` too (RFC 9207).

use std::time::Duration;

use chrono::{DateTime, Utc};
use openidconnect::{
    AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
    core::{CoreAuthPrompt, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType},
};
use serde::{Deserialize, Serialize};
use spans::{Instant, Length};

use crate::{
    Fault,
    fetch::Fetch,
    secret::{hex, random},
};

/// Signatures that are believed.
const SIGNATURES: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// How far the other place's clock may be behind ours.
const BEHIND_MAX: Length = Length::MINUTE;

/// Another place that signs people in.
#[derive(Clone)]
pub struct Elsewhere {
    /// As pages call it.
    pub name: String,
    issuer: IssuerUrl,
    client: ClientId,
    secret: Option<ClientSecret>,
    back: RedirectUrl,
    fetch: Fetch,
}

/// A visit that was begun: what its end is judged by. To be kept sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Visit {
    state: String,
    nonce: String,
    verifier: String,
    /// Since when somebody has to have shown there who they are; none where being signed in there is enough.
    #[serde(default)]
    since: Option<Instant>,
}

/// Somebody, as the other place means them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Which place.
    pub issuer: String,
    /// Whom.
    pub subject: String,
    /// When they last showed there who they are, where the place says so.
    pub shown: Option<Instant>,
}

/// Why nobody was identified. For logs: the page says only that it did not work.
#[derive(Debug, Clone, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the variants are")]
pub enum NotKnown {
    #[error("{0}")]
    Settings(String),
    #[error("it cannot be asked: {0}")]
    Unreachable(String),
    #[error("the answer is not for what was asked: {0}")]
    Mixed(&'static str),
    #[error("the code was not taken: {0}")]
    Code(String),
    #[error("there is no identity token")]
    NoToken,
    #[error("the identity token is refused: {0}")]
    Token(String),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl std::fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Elsewhere({})", self.issuer.as_str())
    }
}

impl Elsewhere {
    /// By its issuer, what we are called there, and what we show to be that. `back`: where it sends people back to.
    ///
    /// # Errors
    /// [`NotKnown::Settings`].
    pub fn new(
        name: &str,
        issuer: &str,
        client: &str,
        secret: Option<String>,
        back: &str,
    ) -> Result<Elsewhere, NotKnown> {
        let wrong = |what: &str| NotKnown::Settings(format!("{what} is no address"));
        Ok(Elsewhere {
            name: name.to_owned(),
            issuer: IssuerUrl::new(issuer.to_owned()).map_err(|_| wrong("the issuer"))?,
            client: ClientId::new(client.to_owned()),
            secret: secret.map(ClientSecret::new),
            back: RedirectUrl::new(back.to_owned()).map_err(|_| wrong("the way back"))?,
            fetch: Fetch::new().map_err(NotKnown::Settings)?,
        })
    }

    /// The issuer, as it calls itself.
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Where to send somebody, and what their coming back is judged by. `since`: they are to show there once more who they are, from
    /// then on; being signed in there is not enough (OpenID Connect Core 3.1.2.1, `max_age` and `prompt`).
    ///
    /// # Errors
    /// When the place does not say where that is.
    pub async fn visit(&self, since: Option<Instant>) -> Result<(String, Visit), NotKnown> {
        let [state, nonce, verifier] = [random::<32>()?, random::<32>()?, random::<32>()?].map(|b| hex(&b));
        let verifier = PkceCodeVerifier::new(verifier);
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let client =
            CoreClient::from_provider_metadata(self.ask().await?, self.client.clone(), self.secret.clone())
                .set_redirect_uri(self.back.clone());
        let (state, nonce) = (CsrfToken::new(state), Nonce::new(nonce));
        let asked = client
            .authorize_url(AuthenticationFlow::<CoreResponseType>::AuthorizationCode, || state, || nonce)
            .add_scope(Scope::new("openid".to_owned()))
            .set_pkce_challenge(challenge);
        let (url, state, nonce) = match since {
            Some(_) => asked.set_max_age(Duration::ZERO).add_prompt(CoreAuthPrompt::Login).url(),
            None => asked.url(),
        };
        let visit = Visit {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            since,
        };
        Ok((url.to_string(), visit))
    }

    /// Who came back, with what the address said: `code`, `state`, and `iss` where there was one.
    ///
    /// # Errors
    /// Why nobody is known.
    pub async fn identify(
        &self,
        visit: &Visit,
        (code, state, issuer): (&str, &str, Option<&str>),
        now: Instant,
    ) -> Result<Claimed, NotKnown> {
        if !same(state, &visit.state) {
            return Err(NotKnown::Mixed("another state"));
        }
        if issuer.is_some_and(|issuer| issuer != self.issuer.as_str()) {
            return Err(NotKnown::Mixed("another issuer"));
        }
        let client =
            CoreClient::from_provider_metadata(self.ask().await?, self.client.clone(), self.secret.clone())
                .set_redirect_uri(self.back.clone());
        let answer = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|e| NotKnown::Unreachable(e.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(visit.verifier.clone()))
            .request_async(&self.fetch)
            .await
            .map_err(|e| NotKnown::Code(e.to_string()))?;
        let token = answer.id_token().ok_or(NotKnown::NoToken)?;
        let verifier = client.id_token_verifier().set_allowed_algs(SIGNATURES).set_time_fn(move || date(now));
        let claims = token.claims(&verifier, &Nonce::new(visit.nonce.clone()));
        let claims = claims.map_err(|e| NotKnown::Token(e.to_string()))?;
        let shown = claims.auth_time().map(|at| Instant::from_micros(at.timestamp_micros()));
        // A place that was asked to look again says when it did (3.1.3.7, 13); silence is no answer.
        if visit.since.is_some_and(|since| shown.is_none_or(|shown| shown + BEHIND_MAX < since)) {
            return Err(NotKnown::Mixed("they were not asked there who they are"));
        }
        let subject = claims.subject().as_str().to_owned();
        Ok(Claimed { issuer: self.issuer.as_str().to_owned(), subject, shown: shown.map(|at| at.min(now)) })
    }

    /// What the place says of itself, with its keys of today.
    async fn ask(&self) -> Result<CoreProviderMetadata, NotKnown> {
        let found = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.fetch).await;
        found.map_err(|e| NotKnown::Unreachable(e.to_string()))
    }
}

fn date(at: Instant) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.as_micros()).unwrap_or_default()
}

/// In the same time whatever differs.
fn same(a: &str, b: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}
