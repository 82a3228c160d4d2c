//! A façade over one database with keys of its own, which a test may change.

use crate::support::at;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    backend::sql::pool::Pool,
    control::{self, Overrides, Refusal},
    identity::Caller,
    pipeline::Facade,
    telemetry::clock::Fixed,
    value::time::Moment,
};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::time::{Duration, Instant};

pub struct Bench {
    pub folder: PathBuf,
    pub url: String,
    /// What stands below `sealing:` in the configuration.
    pub sealing: String,
    /// A change of the customers' mapping.
    pub mapping: Option<(&'static str, &'static str)>,
}

impl Bench {
    pub fn sqlite(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("portico-sealing-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let url = format!("sqlite:{}", folder.join("store.db").display());
        let sealing = "key: { file: a }\n  index: { file: index }".into();
        let bench = Self { folder, url, sealing, mapping: None };
        bench.key("a");
        bench.key("index");
        bench
    }

    /// In a schema or database of its own on this server.
    pub async fn elsewhere(name: &str, url: &str, make: &str) -> Self {
        let own = format!("sealing_{name}");
        let mut bench = Self::sqlite(&format!("{name}-{make}"));
        let pool = Pool::open(url, Path::new("/"), 1, Duration::from_secs(20)).await.unwrap();
        let cascade = if make == "SCHEMA" { " CASCADE" } else { "" };
        pool.run_all(&[format!("DROP {make} IF EXISTS {own}{cascade}"), format!("CREATE {make} {own}")])
            .await
            .unwrap();
        bench.url = if make == "SCHEMA" {
            format!("{url}?options=-csearch_path%3D{own}")
        } else {
            format!("{}/{own}", url.rsplit_once('/').unwrap().0)
        };
        bench
    }

    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    /// A moment, as this database takes it.
    pub fn time(&self) -> &'static str {
        let mariadb = self.url.starts_with("my") || self.url.starts_with("maria");
        if mariadb { "'2026-01-01 10:00:00'" } else { "'2026-01-01T10:00:00Z'" }
    }

    /// Makes a key in a file of this name.
    pub fn key(&self, name: &str) {
        let key = portico::seal::Material::random().unwrap();
        std::fs::write(self.folder.join(name), key.to_text().as_str()).unwrap();
    }

    pub fn configuration(&self) -> PathBuf {
        let copy = |from: &str| {
            for name in crate::support::below(from) {
                let to = self.folder.join(&name);
                std::fs::create_dir_all(to.parent().unwrap()).unwrap();
                std::fs::copy(at(&name), to).unwrap();
            }
        };
        copy("mappings");
        if let Some((from, to)) = self.mapping {
            let file = self.folder.join("mappings/pethub/v1/customers.sql.yaml");
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(text.contains(from), "{from}");
            std::fs::write(&file, text.replace(from, to)).unwrap();
        }
        let serve = "customers: sql\n      medical-records: sql\n      pets: sql\n      species: stub\n      breeds: stub";
        let others = ["services", "appointments", "care-providers", "adoptable-pets", "chips", "surveys"];
        for resource in ["species", "breeds"].iter().chain(&others) {
            let stub = format!("binds: {resource}\nstub: {{ rows: 1 }}\n");
            let file = format!("mappings/pethub/v1/{resource}.stub.yaml");
            std::fs::write(self.folder.join(file), stub).unwrap();
        }
        let others: String = others.iter().map(|name| format!("\n      {name}: stub")).collect();
        let text = format!(
            "listen: [{{ address: 127.0.0.1:0 }}]\npublicUrl: http://127.0.0.1\nmappings: mappings\nschemas: {}\n\
             apis:\n  pethub/v1:\n    serve:\n      {serve}{others}\n\
             sealing:\n  {}\n\
             sources:\n  sql:\n    sql: {{ url: \"{}\", migrations: {}, deadline: 30s }}\n  stub:\n    stub: {{}}\n",
            at("schemas").display(),
            self.sealing,
            self.url,
            at("migrations/pethub").display(),
        );
        let config = self.folder.join("config.yaml");
        std::fs::write(&config, text).unwrap();
        config
    }

    pub async fn open(&self) -> Result<Arc<Facade>, Refusal> {
        let now = Moment::parse("2026-11-21T12:00:00Z").unwrap();
        let opened =
            control::facade_at(&self.configuration(), &Overrides::default(), Arc::new(Fixed(now))).await;
        opened.map(|(facade, _)| facade)
    }

    /// A façade, open.
    pub async fn facade(&self) -> Arc<Facade> {
        self.open().await.unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    /// Runs statements behind the façade's back, as somebody who has the database can.
    pub async fn tamper(&self, statements: &[&str]) {
        let pool = Pool::open(&self.url, Path::new("/"), 1, Duration::from_secs(20)).await.unwrap();
        let statements: Vec<String> = statements.iter().map(|sql| (*sql).to_owned()).collect();
        pool.run_all(&statements).await.unwrap();
    }

    /// All bytes of the database's files.
    pub fn bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(&self.folder).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("store.db") {
                all.extend(std::fs::read(path).unwrap());
            }
        }
        all
    }

    /// The customers' ids by their given names.
    pub async fn id(facade: &Facade, email: &str) -> String {
        let (_, found) = ask(facade, "GET", &format!("/v1/customers?email={email}"), "").await;
        found["customers"][0]["customerId"].as_str().unwrap_or_else(|| panic!("{found}")).to_owned()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub async fn ask(facade: &Facade, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body.to_owned())));
    let deadline = Instant::now() + Duration::from_secs(20);
    let answer = facade.answer_as(Caller::operator(), request.unwrap(), deadline).await;
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// Makes a customer, and hands out the id.
pub async fn customer(facade: &Facade, name: &str, email: &str) -> String {
    let body = format!(
        r#"{{"givenName":"{name}","familyName":"Wood","email":"{email}","phone":"+1 555 0100 {}",
        "address":{{"street":"12 Juniper Street","city":"Seattlement","country":"US"}},
        "emergencyContacts":[{{"name":"Zoraida Quist","phone":"+1 555 0101 111","relation":"vet"}},
        {{"name":"Yolanda Pell","phone":"+1 555 0101 222","relation":null}}]}}"#,
        100 + name.len()
    );
    let (status, made) = ask(facade, "POST", "/v1/customers", &body).await;
    assert_eq!(status, 201, "{made}");
    made["customerId"].as_str().unwrap().to_owned()
}
