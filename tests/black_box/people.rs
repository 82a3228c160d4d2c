//! What people see who are no program: a refusal before any page is a page, too.

use super::support::{Demo, Reply};

/// Asks until it is refused. The demo allows thirty a minute from one address, and gives some of them back meanwhile.
async fn refused(demo: &Demo, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    for _ in 0..200 {
        let reply = demo.client.send("POST", path, headers, Some(body)).await;
        if reply.status == 429 {
            return reply;
        }
    }
    panic!("nobody has to wait at {path}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_tries_too_often_is_shown_a_page_and_a_program_its_own_form() {
    let demo = Demo::start().await;
    let browser = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    let form = ("content-type", "application/x-www-form-urlencoded");
    // The browser's own language is not the one that was chosen.
    let chosen = [browser, form, ("accept-language", "en"), ("cookie", "portico-language=es")];
    let login = refused(&demo, "/account/login", &chosen, "email=x").await;
    let header = |name: &str| login.headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(header("content-language"), Some("es"));
    assert!(header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
    let page = String::from_utf8_lossy(&login.body).into_owned();
    let pause = match header("retry-after").unwrap() {
        "1" => "dentro de un segundo".to_owned(),
        seconds => format!("dentro de {seconds} segundos"),
    };
    assert!(page.contains(&pause), "{page}");

    let device = refused(&demo, "/oauth/device", &[browser, form], "user_code=X").await;
    assert!(String::from_utf8_lossy(&device.body).contains("Try again in"), "{device:?}");
    let json = ("content-type", "application/json");
    let program = refused(&demo, "/v1/auth/login", &[json], r#"{"email":"x"}"#).await;
    assert_eq!(program.json()["code"], "F311");
}
