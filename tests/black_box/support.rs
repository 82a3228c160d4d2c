//! The program at work in a folder of its own, and the clients that talk to it. Nothing here judges an answer.
//!
//! Every wait is for something that happens (a line, the end of a process) and has a bound; none is for time to
//! pass. What a program has printed is told when a wait fails.

mod program;
mod raw;

pub use program::Program;
pub use raw::{Raw, Shape, answer, line};

use crate::support::port::free_port;
use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// Longer than anything takes on a busy machine; reached only by what hangs.
pub const PATIENCE: Duration = Duration::from_mins(1);

static HOMES: AtomicUsize = AtomicUsize::new(0);

/// A folder with copies of the project's files, which a test may change; it is removed at the end.
pub struct Home {
    root: PathBuf,
    pub port: u16,
    pub legacy: u16,
}

impl Home {
    pub fn new() -> Self {
        let serial = HOMES.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("portico-black-box-{}-{serial}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        for folder in ["config", "mappings", "schemas", "migrations"] {
            copy(&project.join(folder), &root.join(folder));
        }
        std::fs::create_dir_all(root.join("state")).unwrap();
        let home = Self { root, port: free_port(), legacy: free_port() };
        home.edit("config/demo.yaml", "127.0.0.1:8080", &format!("127.0.0.1:{}", home.port));
        home.edit("config/demo.yaml", "127.0.0.1:4101", &format!("127.0.0.1:{}", home.legacy));
        for port in 4102..4110 {
            let text = home.read("config/demo.yaml");
            let address = format!("http://127.0.0.1:{port}");
            if text.contains(&address) {
                let text = text.replace(&address, &format!("http://127.0.0.1:{}", free_port()));
                home.write("config/demo.yaml", &text);
            }
        }
        home.edit("config/demo.yaml", "../target/demo", &home.path("state").display().to_string());
        // A façade that is started without the demo finds its secrets, too; the demo makes its own.
        let text = home.read("config/demo.yaml");
        for secret in text.split("file: ").skip(1).filter_map(|rest| rest.split([' ', '}']).next()) {
            let text = if secret.contains("sealing") { crate::support::KEY } else { "portico" };
            std::fs::write(secret, text).unwrap();
        }
        home
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    pub fn config(&self) -> PathBuf {
        self.path("config/demo.yaml")
    }

    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).unwrap()
    }

    pub fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path(file), text).unwrap();
    }

    /// Replaces a text in a file; it has to stand there.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "`{from}` does not stand in `{file}`");
        self.write(file, &text.replace(from, to));
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// `portico demo` in a home of its own.
pub struct Demo {
    pub program: Program,
    pub home: Home,
    pub client: Client,
}

impl Demo {
    /// With pets in the legacy system, as the files have it.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// After the home's files were changed.
    pub async fn start_with(change: impl Fn(&Home)) -> Self {
        // Another process may take a free port before the program does.
        for _ in 0..3 {
            let home = Home::new();
            change(&home);
            let state = home.path("state");
            let tokens = state.join("tokens.json");
            let (config, tokens) = (home.config(), path(&tokens));
            let words = ["demo", "-c", path(&config), "--state", path(&state), "--tokens", tokens];
            let program = Program::start(&words);
            if program.is_ready().await {
                let client = Client::new(home.url()).of(&home, "admin");
                return Self { program, home, client };
            }
        }
        panic!("the demo did not start three times");
    }

    /// A second façade in front of the same systems, under the same public address, with another line for pets.
    pub async fn beside(&self, pets: &str) -> (Program, Client) {
        let (from, to) = ("pets: drupal7", format!("pets: {pets}"));
        for _ in 0..3 {
            let port = free_port();
            let text = self.home.read("config/demo.yaml");
            assert!(text.contains(from), "the configuration serves pets from elsewhere");
            // Only where it listens is another one: links are made of the public address.
            let text = text.replace(from, &to).replace(
                &format!("address: 127.0.0.1:{}", self.home.port),
                &format!("address: 127.0.0.1:{port}"),
            );
            let folder = self.home.path(&format!("beside-{port}"));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("beside.yaml"), text).unwrap();
            let program = Program::start(&["serve", "-c", path(&folder.join("beside.yaml"))]);
            if program.is_ready().await {
                return (program, Client::new(format!("http://127.0.0.1:{port}")).of(&self.home, "admin"));
            }
        }
        panic!("the second façade did not start three times");
    }

    /// What the legacy system was asked so far, a line for each call.
    pub fn asked(&self) -> Vec<String> {
        self.log_of("drupal7")
    }

    /// What a system was asked so far.
    pub fn log_of(&self, system: &str) -> Vec<String> {
        self.home.read(&format!("state/{system}.log")).lines().map(str::to_owned).collect()
    }

    /// A client of a system itself, past the façade.
    pub fn straight_to(&self, source: &str) -> Client {
        let text = self.home.read("config/demo.yaml");
        let mut lines = text.lines().skip_while(|line| *line != format!("  {source}:"));
        let address = lines.find_map(|line| line.split_once("address: ")).unwrap().1;
        Client::new(address.split(',').next().unwrap().to_owned())
    }
}

pub fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A client that keeps its connections and follows nothing.
#[derive(Clone)]
pub struct Client {
    base: String,
    http: reqwest::Client,
    /// The demo's file of tokens, which is written anew before they end, and whose token is sent.
    token: Option<(PathBuf, &'static str)>,
}

/// An answer, whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Client {
    pub fn new(base: String) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Self { base, http, token: None }
    }

    /// The same as the demo's caller of this role.
    pub fn of(self, home: &Home, role: &'static str) -> Self {
        Self { token: Some((home.path("state/tokens.json"), role)), ..self }
    }

    /// The access token that it sends.
    pub fn token(&self) -> Option<String> {
        let (file, role) = self.token.as_ref()?;
        let tokens: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        Some(tokens[role].as_str().unwrap_or_else(|| panic!("there is no token of `{role}`")).to_owned())
    }

    /// The port that it speaks to.
    pub fn port(&self) -> u16 {
        self.base.rsplit(':').next().unwrap().parse().unwrap()
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None).await
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Reply {
        self.attempt(method, path, headers, body).await.unwrap_or_else(|e| panic!("{method} {path}: {e:?}"))
    }

    pub async fn attempt(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Reply, reqwest::Error> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = self.token() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.body(body.to_owned());
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Reply { status, headers, body: response.bytes().await?.to_vec() })
    }

    /// A JSON body sent.
    pub async fn json(&self, method: &str, path: &str, body: &serde_json::Value) -> Reply {
        self.send(method, path, &[("content-type", "application/json")], Some(&body.to_string())).await
    }

    /// An XML body sent, and XML wanted.
    pub async fn xml(&self, method: &str, path: &str, body: &str) -> Reply {
        let headers = [("content-type", "application/xml"), ("accept", "application/xml")];
        self.send(method, path, &headers, Some(body)).await
    }
}

impl Reply {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body is UTF-8")
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("no JSON ({e}) in status {}: {}", self.status, self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The same, with a status that has to be this one.
    #[track_caller]
    pub fn with(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// A refusal in JSON, whole in form; its code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> serde_json::Value {
        assert_eq!(self.status, status, "{}", self.text());
        let body = self.json();
        assert_eq!(body["response_code"], status, "{body}");
        assert_eq!(body["code"], code, "{body}");
        assert!(body["message"].as_str().is_some_and(|m| !m.is_empty()), "{body}");
        assert!(
            body["more_info"].as_str().is_some_and(|m| m.ends_with(&format!("/errors/{code}"))),
            "{body}"
        );
        body
    }
}

/// The violations of a refusal as `place code`, sorted; a place is a pointer or the name of a parameter.
pub fn violations(body: &serde_json::Value) -> Vec<String> {
    let all = body["violations"].as_array().unwrap_or_else(|| panic!("no violations: {body}"));
    let mut shown: Vec<String> = all
        .iter()
        .map(|v| {
            let place = v["pointer"].as_str().or(v["parameter"].as_str()).or(v["header"].as_str()).unwrap();
            format!("{place} {}", v["code"].as_str().unwrap())
        })
        .collect();
    shown.sort();
    shown
}
