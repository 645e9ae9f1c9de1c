use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;
use underpin_jobs::JobState;
use underpin_mail::{Outlet, SmtpSettings};
use underpin_runtime::settings::{SmtpSecurity, SmtpUrl};
use underpin_testkit::until;

use crate::{
    relay::{Cover, Relay},
    stage::{Stage, letter, towards},
};

/// An authority in PEM, and a relay's end of TLS with a certificate from it.
fn authority() -> (Vec<u8>, TlsAcceptor) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (issuer.pem().into_bytes(), TlsAcceptor::from(Arc::new(config)))
}

fn covered(relay: &Relay, security: SmtpSecurity, authorities: Option<Vec<u8>>) -> SmtpSettings {
    let plain = towards(relay);
    let url = SmtpUrl { security, host: "localhost".to_owned(), ..plain.url.clone() };
    SmtpSettings { url, authorities, ..plain }
}

#[tokio::test]
async fn mail_travels_under_tls_from_the_first_byte_or_from_starttls_on() {
    for (security, first) in [(SmtpSecurity::Tls, "tls EHLO"), (SmtpSecurity::StartTls, "EHLO")] {
        let (pem, acceptor) = authority();
        let cover = match security {
            SmtpSecurity::Tls => Cover::Tls(acceptor),
            _ => Cover::StartTls(acceptor),
        };
        let relay = Relay::start(cover).await;
        let stage = Stage::new(Outlet::Smtp(covered(&relay, security, Some(pem)))).await;
        stage.work();
        stage.post(&letter("one", "ada")).await.unwrap();
        stage.job(JobState::Done).await;
        assert_eq!(relay.mails().len(), 1);
        let lines = relay.lines();
        assert!(lines[0].starts_with(first), "{lines:?}");
        for line in lines.iter().filter(|line| !line.starts_with("tls ")) {
            assert!(["EHLO", "STARTTLS"].iter().any(|verb| line.starts_with(verb)), "{lines:?}");
        }
    }
}

#[tokio::test]
async fn a_relay_without_starttls_or_with_a_strangers_certificate_hears_nothing() {
    let plain = Relay::start(Cover::None).await;
    let (_, stranger) = authority();
    let foreign = Relay::start(Cover::StartTls(stranger)).await;
    let (pem, _) = authority();
    for relay in [&plain, &foreign] {
        let settings = covered(relay, SmtpSecurity::StartTls, Some(pem.clone()));
        let stage = Stage::new(Outlet::Smtp(settings)).await;
        stage.work();
        stage.post(&letter("one", "ada")).await.unwrap();
        until("the job failed and waits", async || {
            stage.jobs().await.iter().any(|job| job.errors > 0).then_some(())
        })
        .await;
        let lines = relay.lines();
        let harmless =
            |line: &String| ["EHLO", "STARTTLS", "QUIT"].iter().any(|verb| line.starts_with(verb));
        assert!(lines.iter().all(harmless), "{lines:?}");
        assert!(relay.mails().is_empty());
    }
}
