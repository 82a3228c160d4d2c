//! What people see who are no program: a refusal before any page is a page, too.

use super::support::Demo;

#[tokio::test(flavor = "multi_thread")]
async fn who_tries_too_often_is_shown_a_page_and_a_program_its_own_form() {
    let demo = Demo::start().await;
    let browser = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let spanish = ("accept-language", "es");
    let mut refused = None;
    // The demo allows thirty a minute from one address; a slow machine is given some of them back meanwhile.
    for _ in 0..200 {
        let reply =
            demo.client.send("POST", "/account/login", &[browser, form, spanish], Some("email=x")).await;
        if reply.status == 429 {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.expect("nobody has to wait");
    let header = |name: &str| refused.headers.get(name).map(|value| value.to_str().unwrap());
    assert_eq!(header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(header("content-language"), Some("es"));
    assert!(header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
    let pause = header("retry-after").unwrap();
    let page = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(page.contains(&format!("dentro de {pause} segundos")), "{page}");

    let device = demo.client.send("POST", "/oauth/device", &[browser, form], Some("user_code=X")).await;
    assert_eq!(device.status, 429);
    assert!(String::from_utf8_lossy(&device.body).contains("Try again in"), "{device:?}");
    let login = demo
        .client
        .send("POST", "/v1/auth/login", &[("content-type", "application/json")], Some(r#"{"email":"x"}"#))
        .await;
    assert_eq!((login.status, login.json()["code"].as_str()), (429, Some("F311")));
}
