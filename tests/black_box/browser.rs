//! The walk through the pages in a real browser: registering, the message's link, logging in, consent, code, token, refresh,
//! taking it back. Screenshots go to `target/browser`. Where there is no browser the test fails, because a test that did not
//! run proves nothing; `PORTICO_WITHOUT_BROWSER=1` says that this is known.

use super::support::Demo;
use portico::{
    ledger::{Ledger, oauth::clients::ClientRow},
    plan::{SecretRef, SqlSource},
};
use std::{path::Path, process::Command, time::Duration};

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

fn browser() -> Option<String> {
    let found = |name: &&str| {
        let path = Command::new("sh").args(["-c", &format!("command -v {name}")]).output().ok()?.stdout;
        let path = String::from_utf8(path).ok()?.trim().to_owned();
        (!path.is_empty()).then_some(path)
    };
    BROWSERS.iter().find_map(found)
}

/// A vendor of the demo, that comes back to a port of its own choosing.
async fn vendor(demo: &Demo) {
    let source = SqlSource {
        url: SecretRef::Plain("sqlite:state/ledger.db".into()),
        root: demo.home.path(""),
        migrations: None,
        connections: 1,
        deadline: Duration::from_secs(10),
    };
    let metadata = r#"{"method":"none","redirectUris":["http://127.0.0.1/cb"],"grantTypes":["authorization_code","refresh_token"]}"#;
    let row = ClientRow {
        id: "whisker".into(),
        name: "Whisker Walks".into(),
        status: "active".into(),
        tier: "basic".into(),
        metadata: metadata.into(),
        created_at: 1,
        ..ClientRow::default()
    };
    assert!(Ledger::open(&source).await.unwrap().add_client(&row).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_walks_through_the_pages() {
    if std::env::var_os("PORTICO_WITHOUT_BROWSER").is_some_and(|value| value == "1") {
        eprintln!("NOT TESTED, as PORTICO_WITHOUT_BROWSER=1 allows: the pages in a browser");
        return;
    }
    let Some(browser) = browser() else {
        panic!("there is no browser: install chromium, or set PORTICO_WITHOUT_BROWSER=1");
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = root.join("target/browser");
    std::fs::create_dir_all(&made).unwrap();
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(root.join("tests/browser").join(name), made.join(name)).unwrap();
    }
    if !made.join("node_modules/playwright-core").is_dir() {
        let args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        let done = Command::new("npm").args(args).current_dir(&made).output().unwrap();
        assert!(done.status.success(), "npm: {}", String::from_utf8_lossy(&done.stderr));
    }
    let demo = Demo::start().await;
    vendor(&demo).await;
    let mut walking = Command::new("node");
    walking
        .arg(root.join("tests/browser/walk.mjs"))
        .args([&demo.home.url(), "whisker"])
        .arg(made.join("shots"))
        .arg(browser)
        .current_dir(&made);
    let walked = tokio::task::spawn_blocking(move || walking.output());
    let walked = tokio::time::timeout(Duration::from_mins(5), walked).await.unwrap().unwrap().unwrap();
    let told = String::from_utf8_lossy(&walked.stderr);
    assert!(walked.status.success(), "{told}");
    // What the browser failed at before it did is beside the pictures.
    std::fs::write(made.join("told.txt"), told.as_bytes()).unwrap();
}
