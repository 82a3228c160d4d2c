//! HTTP/2, by prior knowledge and by ALPN.

use super::*;
use crate::edge::{Pair, Tls};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::path::PathBuf;

/// A certificate for 127.0.0.1 in files that stay until the process ends.
fn certificate(name: &str) -> Tls {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let folder = std::env::temp_dir().join(format!("edge-tls-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let pair = Pair { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
    std::fs::write(&pair.certificate, made.cert.pem()).unwrap();
    std::fs::write(&pair.key, made.signing_key.serialize_pem()).unwrap();
    Tls { pair, named: Vec::new(), clients: None }
}

fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).tls_danger_accept_invalid_certs(true)
}

async fn get(client: reqwest::ClientBuilder, url: String) -> String {
    client.build().unwrap().get(url).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn prior_knowledge_on_a_plain_socket() {
    let running = start(settings(plain()));
    let client = client().http2_prior_knowledge().build().unwrap();
    let url = format!("http://{}", running.address);
    let get =
        async |path: &str| client.get(format!("{url}{path}")).send().await.unwrap().text().await.unwrap();
    assert_eq!(get("/version").await, "HTTP/2.0");
    assert_eq!(get("/peer").await, "127.0.0.1 tls=false");
    assert_eq!(get("/panic").await, "refused Panic GET /panic".replace("/panic", &format!("{url}/panic")));
    let large = client.post(format!("{url}/echo")).body("a".repeat(1001)).send().await.unwrap();
    assert_eq!(large.text().await.unwrap(), "more than 1000");
    let (slow, stuck) = tokio::join!(get("/slow"), get("/stuck"));
    assert_eq!(slow, "slow");
    assert!(stuck.starts_with("refused Timeout"), "{stuck}");
}

#[tokio::test]
async fn requests_that_only_http2_can_get_wrong() {
    let running = start(settings(plain()));
    let io = TokioIo::new(running.connect().await);
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    let mut send = async |request: Request<Full<Bytes>>| {
        let response = sender.send_request(request).await.unwrap();
        let status = response.status();
        (status, String::from_utf8(response.collect().await.unwrap().to_bytes().to_vec()).unwrap())
    };
    let request = || Request::get("http://a/");
    let (_, text) = send(request().header("host", "b").body(Full::default()).unwrap()).await;
    assert!(text.starts_with("refused BadHost"), "{text}");
    let many = (0..30).fold(request(), |request, n| request.header(format!("x-{n}"), "y"));
    let (_, text) = send(many.body(Full::default()).unwrap()).await;
    assert!(text.starts_with("refused TooManyHeaders"), "{text}");
    let long = Request::get(format!("http://a/{}", "a".repeat(2000))).body(Full::default()).unwrap();
    let (_, text) = send(long).await;
    assert!(text.starts_with("refused UriTooLong"), "{text}");
    // The library answers this by itself, before there is a request.
    let (status, _) = send(request().header("x", "y".repeat(5000)).body(Full::default()).unwrap()).await;
    assert_eq!(status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
}

#[tokio::test]
async fn tls_offers_both_versions_by_alpn() {
    super::super::install_tls_provider();
    let running = start(settings(Listen { tls: Some(certificate("alpn")), ..plain() }));
    let url = |path: &str| format!("https://{}{path}", running.address);
    assert_eq!(get(client(), url("/version")).await, "HTTP/2.0");
    assert_eq!(get(client().http1_only(), url("/version")).await, "HTTP/1.1");
    assert_eq!(get(client(), url("/peer")).await, "127.0.0.1 tls=true");
    assert_eq!(get(client().min_tls_version(reqwest::tls::Version::TLS_1_3), url("/")).await, "hello");
    // A plain request on a TLS socket gets no HTTP answer.
    assert!(!running.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.contains("HTTP/"));
}

#[tokio::test]
async fn an_idle_connection_is_told_to_go() {
    let running = start(settings(plain()));
    let io = TokioIo::new(running.connect().await);
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    let ended = tokio::spawn(connection);
    sender.send_request(Request::get("http://a/").body(Full::<Bytes>::default()).unwrap()).await.unwrap();
    timeout(Duration::from_secs(5), ended).await.expect("told to go").unwrap().unwrap();
}

#[test]
fn certificates_that_cannot_be_used_are_faults_before_anything_listens() {
    let good = certificate("good").pair;
    let other = certificate("other").pair;
    for pair in [
        Pair { certificate: PathBuf::from("/nowhere.pem"), key: good.key.clone() },
        Pair { certificate: good.key.clone(), key: good.key.clone() },
        Pair { certificate: good.certificate.clone(), key: other.key.clone() },
    ] {
        let tls = Tls { pair, named: Vec::new(), clients: None };
        let opened = Edge::open(settings(Listen { tls: Some(tls), ..plain() }));
        assert!(matches!(opened, Err(Fault::Certificate { .. })));
    }
}
