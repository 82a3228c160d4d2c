//! What is removed is gone for the API at once, kept for its time, and then gone for good.

use crate::support::at;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    control::{self, Overrides, purge::purge},
    pipeline::Facade,
    telemetry::clock::Fixed,
    value::time::Moment,
};
use std::{path::Path, sync::Arc};
use tokio::time::{Duration, Instant};

const DAY: i64 = 86_400;

async fn ask(facade: &Facade, method: &str, path: &str, body: &str) -> (u16, serde_json::Value) {
    let request =
        http::Request::builder().method(method).uri(path).body(Full::new(Bytes::from(body.to_owned())));
    let answer = facade
        .answer_as(
            portico::identity::Caller::operator(),
            request.unwrap(),
            Instant::now() + Duration::from_secs(10),
        )
        .await;
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

fn configuration(folder: &Path) -> std::path::PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    let text = crate::support::with_keys(&std::fs::read_to_string(at("config/demo.yaml")).unwrap())
        .replace("../target/demo/", "")
        .replace("../migrations", &at("migrations").display().to_string());
    for secret in text.split("file: ").skip(1).filter_map(|rest| rest.split([' ', '}']).next()) {
        std::fs::write(folder.join(secret), "x").unwrap();
    }
    let folders = format!("mappings: {}\nschemas: {}\n", at("mappings").display(), at("schemas").display());
    let config = folder.join("config.yaml");
    std::fs::write(&config, format!("{folders}{text}")).unwrap();
    config
}

#[tokio::test]
async fn a_removed_record_is_kept_for_its_time_and_then_purged() {
    let folder = std::env::temp_dir().join(format!("portico-retention-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let config = configuration(&folder);
    let begun = Moment::parse("2026-11-21T12:00:00Z").unwrap();
    let (facade, _) =
        control::facade_at(&config, &Overrides::default(), Arc::new(Fixed(begun))).await.unwrap();
    let customer = r#"{"givenName":"Ada","familyName":"Wood","email":"ada@example.org",
        "emergencyContacts":[{"name":"Vet","phone":"+1 555 010 0100"}]}"#;
    let (status, made) = ask(&facade, "POST", "/v1/customers", customer).await;
    assert_eq!(status, 201, "{made}");
    let (_, kept) = ask(&facade, "POST", "/v1/customers", &customer.replace("Ada", "Bea")).await;
    let path = format!("/v1/customers/{}", made["customerId"].as_str().unwrap());
    assert_eq!(ask(&facade, "DELETE", &path, "").await.0, 200);
    assert_eq!(ask(&facade, "GET", &path, "").await.0, 404);
    let instance = facade.current();
    let later = |days: i64| Moment { seconds: begun.seconds + days * DAY, nanos: 0 };
    assert_eq!(purge(&instance, later(29)).await, 0, "it is still kept");
    assert_eq!(purge(&instance, later(31)).await, 1, "it goes with its contacts");
    assert_eq!(purge(&instance, later(31)).await, 0, "it is gone");
    let other = format!("/v1/customers/{}", kept["customerId"].as_str().unwrap());
    let (status, other) = ask(&facade, "GET", &other, "").await;
    assert_eq!((status, &other["emergencyContacts"][0]["name"]), (200, &"Vet".into()), "what lives stays");
    let _ = std::fs::remove_dir_all(&folder);
}
