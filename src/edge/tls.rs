//! Certificates, read and checked before anything listens. pingora would read them itself, and panic
//! in a task when it cannot. TLS 1.2 and 1.3 with rustls; clients are asked for a certificate only where
//! that is said.

use super::{
    fault::Fault,
    settings::{Clients, Tls},
};
use pingora_core::listeners::tls::TlsSettings;
use rustls::{
    RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    sign::{CertifiedKey, SingleCertAndKey},
};
use std::{path::Path, sync::Arc};

/// Makes aws-lc-rs the process's TLS provider; to be called before anything else may use TLS, because the
/// first provider stays and pingora installs ring when there is none.
pub fn install_tls_provider() {
    // An error says that a provider is there already, which is what was wanted.
    let _ = aws_lc_rs::default_provider().install_default();
}

/// A listening address's TLS, with HTTP/2 and HTTP/1.1 offered by ALPN.
pub(super) fn settings(tls: &Tls) -> Result<TlsSettings, Fault> {
    let chain = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| fault(&tls.certificate, &error))?;
    if chain.is_empty() {
        return Err(fault(&tls.certificate, &"there is no certificate in it"));
    }
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| fault(&tls.key, &error))?;
    let certified = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
        .map_err(|error| fault(&tls.key, &error))?;
    // Never fails: the paths are not looked at when a resolver is set.
    let mut settings = TlsSettings::intermediate("", "").map_err(|error| fault(&tls.certificate, &error))?;
    settings.set_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    if let Some(clients) = &tls.clients {
        settings.set_client_cert_verifier(verifier(clients)?);
    }
    settings.enable_h2();
    Ok(settings)
}

/// Verifies certificates of clients against the authorities of a file.
fn verifier(clients: &Clients) -> Result<Arc<dyn ClientCertVerifier>, Fault> {
    let path = &clients.authorities;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| fault(path, &error))? {
        let certificate = certificate.map_err(|error| fault(path, &error))?;
        roots.add(certificate).map_err(|error| fault(path, &error))?;
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = if clients.required { verifier } else { verifier.allow_unauthenticated() };
    verifier.build().map_err(|error| fault(path, &error))
}

fn fault(path: &Path, reason: &dyn ToString) -> Fault {
    Fault::Certificate { path: path.to_owned(), reason: reason.to_string() }
}
