//! Certificates of clients: asked for, verified, and told by their hashes.

use super::*;
use crate::edge::{Clients, Pair, Tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

struct Files {
    tls: Tls,
    authority: CertifiedIssuer<'static, KeyPair>,
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server's certificate, and an authority of clients.
fn files(name: &str, required: bool) -> Files {
    let folder = std::env::temp_dir().join(format!("edge-mutual-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let authority = authority();
    let clients = Clients { authorities: folder.join("clients.pem"), required };
    std::fs::write(&clients.authorities, authority.pem()).unwrap();
    let pair = Pair { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
    std::fs::write(&pair.certificate, made.cert.pem()).unwrap();
    std::fs::write(&pair.key, made.signing_key.serialize_pem()).unwrap();
    Files { tls: Tls { pair, named: Vec::new(), clients: Some(clients) }, authority }
}

/// A client with a certificate of an authority, and the certificate's hash.
fn client(authority: Option<&CertifiedIssuer<'static, KeyPair>>) -> (reqwest::Client, String) {
    let builder =
        reqwest::Client::builder().no_proxy().timeout(PATIENCE).tls_danger_accept_invalid_certs(true);
    let Some(authority) = authority else { return (builder.build().unwrap(), String::new()) };
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["partner".to_owned()]).unwrap().signed_by(&key, authority).unwrap();
    let pem = format!("{}{}", certificate.pem(), key.serialize_pem());
    let identity = reqwest::Identity::from_pem(pem.as_bytes()).unwrap();
    (builder.identity(identity).build().unwrap(), hex::encode(Sha256::digest(certificate.der())))
}

async fn get(client: &reqwest::Client, running: &Running) -> Option<String> {
    let url = format!("https://{}/certificate", running.address);
    client.get(url).send().await.ok()?.text().await.ok()
}

#[tokio::test]
async fn a_certificate_that_is_verified_is_told_by_its_hash() {
    super::super::install_tls_provider();
    let files = files("asked", false);
    let running = start(settings(Listen { tls: Some(files.tls), ..plain() }));
    let (partner, hash) = client(Some(&files.authority));
    assert_eq!(get(&partner, &running).await, Some(hash));
    // Without one it goes on, and with one of another authority it does not.
    assert_eq!(get(&client(None).0, &running).await, Some(String::new()));
    assert_eq!(get(&client(Some(&authority())).0, &running).await, None);
}

#[tokio::test]
async fn one_that_is_required_has_to_come() {
    super::super::install_tls_provider();
    let files = files("required", true);
    let running = start(settings(Listen { tls: Some(files.tls), ..plain() }));
    let (partner, hash) = client(Some(&files.authority));
    assert_eq!(get(&partner, &running).await, Some(hash));
    assert_eq!(get(&client(None).0, &running).await, None);
}

#[tokio::test]
async fn authorities_that_cannot_be_read_are_faults_before_anything_listens() {
    let files = files("broken", false);
    for authorities in [PathBuf::from("/nowhere.pem"), files.tls.pair.key.clone()] {
        let clients = Some(Clients { authorities, required: false });
        let tls = Tls { clients, ..files.tls.clone() };
        let opened = Edge::open(settings(Listen { tls: Some(tls), ..plain() }));
        assert!(matches!(opened, Err(Fault::Certificate { .. })));
    }
}
