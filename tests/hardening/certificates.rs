//! Certificates that change while the program serves: noticed by their files, by SIGHUP, and by a reload that names
//! others; what cannot be used changes nothing.

use super::{certificate, floods::secured};
use crate::black_box::support::{Demo, PATIENCE, path};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// The certificate that is shown, as a fingerprint of the client library's.
async fn shown(port: u16, name: &str) -> Vec<u8> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_danger_accept_invalid_certs(true)
        .tls_info(true)
        .resolve(name, ([127, 0, 0, 1], port).into())
        .build()
        .unwrap();
    let answer = client.get(format!("https://{name}:{port}/healthz")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");
    let info = answer.extensions().get::<reqwest::tls::TlsInfo>().unwrap();
    info.peer_certificate().unwrap().to_vec()
}

async fn until_other(port: u16, name: &str, than: &[u8]) -> Vec<u8> {
    let wait = async {
        loop {
            let now = shown(port, name).await;
            if now != than {
                return now;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, wait).await.expect("another certificate is shown")
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_are_renewed_while_requests_are_answered() {
    let demo = Demo::start_with(secured).await;
    let (port, folder) = (demo.home.port, demo.home.path("config"));
    let first = shown(port, "localhost").await;

    // The files change.
    certificate(&folder, "server", &["localhost"]);
    let second = until_other(port, "localhost", &first).await;
    demo.program.err.until("certificates renewed", 1).await;

    // They cannot be used: the key is another one's.
    let (_, other_key) = certificate(&demo.home.path("state"), "other", &["localhost"]);
    let key = demo.home.path("config/server-key.pem");
    let kept = std::fs::read(&key).unwrap();
    std::fs::copy(&other_key, &key).unwrap();
    demo.program.err.until("certificates not renewed: cannot use the certificate or key", 1).await;
    assert_eq!(shown(port, "localhost").await, second);
    demo.program.signal("HUP");
    demo.program.err.until("certificates not renewed", 2).await;
    assert_eq!(shown(port, "localhost").await, second);
    std::fs::write(&key, kept).unwrap();

    // A reload names one for another name.
    let (shop, shop_key) = certificate(&demo.home.path("state"), "shop", &["shop.example"]);
    let named = format!(
        "named: [{{ names: [shop.example], certificate: {}, key: {} }}]",
        path(&shop),
        path(&shop_key)
    );
    demo.home.edit("config/demo.yaml", "server-key.pem }", &format!("server-key.pem, {named} }}"));
    until_other(port, "shop.example", &second).await;
    assert_eq!(shown(port, "localhost").await, second);
}
