//! Certificates by name, and those that are renewed while connections are open.

use super::*;
use crate::edge::{Named, Pair, Tls, install_tls_provider};
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use std::{path::Path, sync::Arc};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// Writes a certificate for these names, and tells its bytes.
fn write(folder: &Path, name: &str, hosts: &[&str]) -> (Pair, Vec<u8>) {
    std::fs::create_dir_all(folder).unwrap();
    let pair =
        Pair { certificate: folder.join(format!("{name}.pem")), key: folder.join(format!("{name}-key.pem")) };
    let der = overwrite(&pair, hosts);
    (pair, der)
}

fn overwrite(pair: &Pair, hosts: &[&str]) -> Vec<u8> {
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>();
    let key = KeyPair::generate().unwrap();
    let made = CertificateParams::new(hosts).unwrap().self_signed(&key).unwrap();
    std::fs::write(&pair.certificate, made.pem()).unwrap();
    std::fs::write(&pair.key, key.serialize_pem()).unwrap();
    made.der().to_vec()
}

fn folder(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("edge-certificates-{name}-{}", std::process::id()))
}

/// Takes whatever comes, to see what it is.
#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

async fn open(running: &Running, name: &str) -> TlsStream<TcpStream> {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, running.connect().await).await.unwrap()
}

/// The certificate that is shown to who asks for a name.
async fn shown(running: &Running, name: &str) -> Vec<u8> {
    let stream = open(running, name).await;
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn a_certificate_is_chosen_by_name() {
    install_tls_provider();
    let folder = folder("names");
    let (pair, first) = write(&folder, "first", &["first.example"]);
    let (api, second) = write(&folder, "api", &["api.example"]);
    let (wild, third) = write(&folder, "wild", &["*.shop.example"]);
    let named = vec![
        Named { names: vec!["api.example".into()], pair: api },
        Named { names: vec!["*.shop.example".into()], pair: wild },
    ];
    let tls = Tls { pair, named, clients: None };
    let running = start(settings(Listen { tls: Some(tls), ..plain() }));
    for (name, wanted) in [
        ("first.example", &first),
        ("api.example", &second),
        ("API.example", &second),
        ("a.shop.example", &third),
        ("a.b.shop.example", &first),
        ("shop.example", &first),
        ("127.0.0.1", &first),
    ] {
        assert!(shown(&running, name).await == *wanted, "{name}");
    }
}

#[tokio::test]
async fn certificates_are_renewed_for_new_connections_all_or_none() {
    install_tls_provider();
    let folder = folder("renewed");
    let (pair, first) = write(&folder, "first", &["first.example"]);
    let (api, second) = write(&folder, "api", &["api.example"]);
    let named = vec![Named { names: vec!["api.example".into()], pair: api.clone() }];
    let listen = Listen { tls: Some(Tls { pair: pair.clone(), named, clients: None }), ..plain() };
    let edge = Edge::open(settings(listen.clone())).unwrap();
    let (address, certificates) = (edge.addresses()[0], edge.certificates());
    let (orders, received) = mpsc::channel(1);
    let ended = tokio::spawn(edge.serve(tower::service_fn(answer), Words, received));
    let running = Running { address, orders, ended };
    let renew = || certificates.renew(std::slice::from_ref(&listen));

    let mut kept = open(&running, "first.example").await;
    assert_eq!(renew().unwrap(), []);
    let newer = overwrite(&pair, &["first.example"]);
    assert_eq!(shown(&running, "first.example").await, first);
    assert_eq!(renew().unwrap(), [listen.address]);
    assert_eq!(shown(&running, "first.example").await, newer);
    assert_eq!(shown(&running, "api.example").await, second);

    // One of them is for another name, one has another's key: nothing changes.
    overwrite(&pair, &["first.example"]);
    overwrite(&api, &["other.example"]);
    let told = renew().unwrap_err().to_string();
    assert!(told.contains("the certificate is not for `api.example`"), "{told}");
    std::fs::write(&api.key, std::fs::read(&pair.key).unwrap()).unwrap();
    let told = renew().unwrap_err().to_string();
    assert!(told.contains("api-key.pem"), "{told}");
    assert_eq!(shown(&running, "first.example").await, newer);
    assert_eq!(shown(&running, "api.example").await, second);

    // Who was connected before is served on.
    kept.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    kept.read_to_string(&mut text).await.unwrap();
    assert!(text.ends_with("hello"), "{text}");
}

#[tokio::test]
async fn a_handshake_that_does_not_come_ends_at_the_deadline_and_held_a_seat() {
    install_tls_provider();
    let (pair, _) = write(&folder("slow"), "first", &["first.example"]);
    let listen = Listen { tls: Some(Tls { pair, named: Vec::new(), clients: None }), ..plain() };
    let limits = Limits { connections_per_address: 1, ..limits() };
    let running = start(Settings { limits, ..settings(listen) });
    let mut silent = running.connect().await;
    silent.write_all(&[0x16]).await.unwrap();
    // The second one has no seat, and is closed before it says anything.
    assert_eq!(read_all(&mut running.connect().await).await, "");
    assert_eq!(read_all(&mut silent).await, "");
    shown(&running, "first.example").await;
}
