//! What is logged when everything is logged: no card number, and nothing of what is sealed.

use super::bench::Bench;
use std::process::{Command, Output};

/// One request through the whole road, with all that any part of the program has to say.
fn call(bench: &Bench, request: &str, body: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portico"));
    command.args(["call", "-c", bench.configuration().to_str().unwrap(), request]);
    command.args(body.iter().flat_map(|body| ["-d", body]));
    command.env("RUST_LOG", "trace").env_remove("PORTICO_CONFIG").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn no_log_and_no_answer_holds_a_card_number_or_a_sealed_value() {
    let bench = Bench::sqlite("logs");
    let card =
        r#"{"givenName":"Ada","familyName":"Wood","email":"ada@example.org","phone":"4111 1111 1111 1111"}"#;
    for (request, body) in [
        ("POST /v1/customers", Some(card)),
        ("POST /v1/customers", Some(r#"{"4111111111111111":1,"4111111111111111":2}"#)),
        ("POST /v1/customers", Some(r#"{"email": 4111111111111111 "#)),
        ("GET /v1/customers?familyName=4111+1111+1111+1111", None),
        ("GET /v1/customers?4111111111111111=4111111111111111", None),
    ] {
        let all = said(&call(&bench, request, body));
        assert!(all.contains("F452"), "{request}: {all}");
        assert!(!all.contains("4111"), "{request}: {all}");
    }
    let sound = r#"{"givenName":"Ada","familyName":"Wood","email":"ada.sealed@example.org","phone":"+1 555 0100 199"}"#;
    let made = call(&bench, "POST /v1/customers", Some(sound));
    assert!(String::from_utf8_lossy(&made.stdout).contains("ada.sealed@example.org"));
    let found = call(&bench, "GET /v1/customers?email=ada.sealed@example.org", None);
    assert!(String::from_utf8_lossy(&found.stdout).contains("\"totalCount\":1"));
    for output in [made, found] {
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(!log.contains("ada.sealed") && !log.contains("0100 199"), "{log}");
    }
}
