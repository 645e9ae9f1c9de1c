//! Encryption between a process and the server.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_postgres::{Config, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Error, Result};

/// How to connect with `config`: encrypted and verified when its URL says `sslmode=require`, in the clear otherwise.
///
/// Stricter than libpq, whose `require` verifies nothing: the certificate must be valid for the host under the system's roots (add a private
/// authority with `SSL_CERT_FILE`). `prefer` is not tried: what may be stripped by anyone on the way protects nobody.
pub(crate) fn connector(config: &mut Config) -> Result<MakeRustlsConnect> {
    let mut roots = RootCertStore::empty();
    if config.get_ssl_mode() == SslMode::Require {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            return Err(Error::Settings(
                "sslmode=require, and this machine has no certificate authorities; install ca-certificates or set SSL_CERT_FILE".into(),
            ));
        }
    } else {
        config.ssl_mode(SslMode::Disable);
    }
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Settings(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(client))
}
