//! The law against the demo's own systems, as an operator asks for it: every resource that takes writes is made, read
//! back as it was written, and removed.

use super::support::{Demo, Program, path};

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_writes_comes_back_as_it_was_written() {
    let demo = Demo::start().await;
    let config = demo.home.config();
    let told =
        tokio::task::spawn_blocking(move || Program::run(&["check", "--live", "--yes", "-c", path(&config)]));
    let told = told.await.unwrap();
    let text = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{text}");
    for resource in [
        "appointments",
        "auto-parts",
        "consents",
        "customers",
        "medical-records",
        "parts-requests",
        "pets",
        "services",
        "suppliers",
    ] {
        let line = text.lines().find(|line| line.trim_start().starts_with(&format!("{resource} (")));
        let line = line.unwrap_or_else(|| panic!("nothing is said of `{resource}`: {text}"));
        assert!(line.ends_with("made, read back as it was written, removed"), "{line}");
    }
}
