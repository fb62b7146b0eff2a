//! A certificate for this machine's own address, by an authority of its own.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
};

/// A certificate for `localhost` and `127.0.0.1`, which is its own authority.
#[derive(Debug)]
pub struct Authority {
    der: CertificateDer<'static>,
    key: Vec<u8>,
    pem: String,
}

impl Authority {
    /// A new one.
    pub fn new() -> Authority {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).expect("rcgen makes a certificate");
        Authority { der: cert.der().clone(), key: signing_key.serialize_der(), pem: cert.pem() }
    }

    /// The certificate as PEM, to be trusted.
    pub fn pem(&self) -> Vec<u8> {
        self.pem.clone().into_bytes()
    }

    /// For a server that shows it.
    pub fn server(&self) -> Arc<ServerConfig> {
        let key = PrivatePkcs8KeyDer::from(self.key.clone()).into();
        let config =
            ServerConfig::builder().with_no_client_auth().with_single_cert(vec![self.der.clone()], key);
        Arc::new(config.expect("a certificate and its key"))
    }

    /// For a client that trusts it and nobody else.
    pub fn client(&self) -> ClientConfig {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).expect("our own certificate");
        ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
    }
}

impl Default for Authority {
    fn default() -> Authority {
        Authority::new()
    }
}

/// The one provider, for tests that come before any `main`.
pub fn provide() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
