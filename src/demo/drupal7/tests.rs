//! The site as its callers see it: requests through the router, no socket but where a connection must break.

#![allow(clippy::disallowed_methods, reason = "a test ends with the tasks that it began")]

use std::time::Duration;

use axum::body::Body;
use serde_json::from_slice;
use tower::ServiceExt;

use super::*;
use crate::demo::seed;

const NOW: i64 = 1_795_000_000;

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        from_slice(self.text.as_bytes()).unwrap()
    }
}

/// A logged-in caller.
struct Client {
    site: Arc<Site>,
    cookie: String,
    token: String,
}

fn site() -> Arc<Site> {
    let settings = Settings { password: "s3cret".to_owned(), clock: || NOW, ..Settings::default() };
    Site::new(&seed::seed(), settings)
}

async fn client() -> Client {
    let mut client = Client { site: site(), cookie: String::new(), token: String::new() };
    client.login().await;
    client.site.clear_calls();
    client
}

impl Client {
    async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "site.test");
        request = request.header("cookie", &self.cookie).header("x-csrf-token", &self.token);
        if body.is_some() {
            request = request.header("content-type", "application/json; charset=utf-8");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.site.raw(request.body(body).unwrap()).await
    }

    async fn login(&mut self) {
        let form = json!({"username": "portico", "password": "s3cret"});
        let answer = self.send("POST", "/rest/user/login", Some(form)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let opened = answer.json();
        let word = |name: &str| opened[name].as_str().unwrap().to_owned();
        self.cookie = format!("{}={}", word("session_name"), word("sessid"));
        self.token = word("token");
        assert_eq!(opened["user"]["uid"], "1");
        assert!(answer.headers["set-cookie"].to_str().unwrap().starts_with(&self.cookie));
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    /// The values of one column of an index.
    async fn column(&self, path: &str, name: &str) -> Vec<String> {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let rows = answer.json();
        rows.as_array().unwrap().iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
    }
}

impl Site {
    async fn raw(self: &Arc<Self>, request: Request) -> Answer {
        let (head, body) = self.router().oneshot(request).await.unwrap().into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }
}

// === sessions ===

#[tokio::test]
async fn a_wrong_password_opens_nothing() {
    let site = site();
    let client = Client { site, cookie: String::new(), token: String::new() };
    let form = json!({"username": "portico", "password": "no"});
    let answer = client.send("POST", "/rest/user/login", Some(form)).await;
    assert_eq!((answer.status, answer.text.as_str()), (401, r#"["Wrong username or password."]"#));
    let answer = client.send("POST", "/rest/user/login.json", Some(json!({}))).await;
    assert_eq!((answer.status, answer.text.as_str()), (401, r#"["Missing required argument username"]"#));
}

#[tokio::test]
async fn without_a_session_everything_is_denied() {
    let mut client = client().await;
    let denied = (403, r#"["Access denied for user anonymous"]"#.to_owned());
    assert_eq!(client.get("/rest/node/109.json").await.status, 200);
    client.site.expire_sessions();
    for path in ["/rest/node/109.json", "/rest/node.json", "/rest/nothing"] {
        let answer = client.get(path).await;
        assert_eq!((answer.status, answer.text), denied);
    }
    client.login().await;
    assert_eq!(client.send("POST", "/rest/user/logout", None).await.text, "[true]");
    let answer = client.get("/rest/node/109.json").await;
    assert_eq!((answer.status, answer.text), denied);
}

#[tokio::test]
async fn writes_need_the_token() {
    let mut client = client().await;
    client.token = "forged".to_owned();
    for (method, path) in [
        ("POST", "/rest/node.json"),
        ("PUT", "/rest/node/109.json"),
        ("DELETE", "/rest/node/109.json"),
        ("POST", "/rest/taxonomy_vocabulary/getTree"),
    ] {
        let answer = client.send(method, path, Some(json!({"vid": "3"}))).await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (401, r#"["CSRF validation failed"]"#),
            "{method} {path}"
        );
    }
    assert_eq!(client.get("/rest/node/109.json").await.status, 200);
}

// === the index ===

#[tokio::test]
async fn an_index_gives_base_columns_as_strings() {
    let client = client().await;
    let answer = client.get("/rest/node.json?parameters%5Bnid%5D=109").await;
    assert_eq!(
        answer.text,
        r#"[{"nid":"109","vid":"149","uid":"66","title":"Grizzly","type":"pet","language":"und","status":"1","created":"1400140956","changed":"1790941200","promote":"0","sticky":"0","comment":"1","uri":"http:\/\/site.test\/rest\/node\/109"}]"#
    );
    assert_eq!(client.site.calls(), ["GET /rest/node.json?parameters%5Bnid%5D=109 200"]);
}

#[tokio::test]
async fn pages_hold_twenty_and_end_without_a_total() {
    let client = client().await;
    let mut nids = Vec::new();
    for page in 0..20 {
        let path =
            format!("/rest/node.json?page={page}&pagesize=20&parameters[type]=pet&options[orderby][nid]=asc");
        nids.extend(client.column(&path, "nid").await);
    }
    assert!(nids.into_iter().eq((101..=500).map(|nid: u64| nid.to_string())));
    assert_eq!(client.get("/rest/node.json?page=20&parameters[type]=pet").await.text, "[]");
    // With the posters there are more.
    assert_eq!(client.column("/rest/node.json?page=20", "nid").await.len(), 6);
    let answer = client.get("/rest/node.json?pagesize=50").await;
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (403, r#"["You do not have permission to set the page size."]"#)
    );
}

#[tokio::test]
async fn sticky_and_new_come_first_unless_told() {
    let client = client().await;
    let rows = client.get("/rest/node.json?parameters[type]=pet").await.json();
    let key = |row: &Value| {
        let number = |name: &str| row[name].as_str().unwrap().parse::<i64>().unwrap();
        (-number("sticky"), -number("created"))
    };
    let keys: Vec<_> = rows.as_array().unwrap().iter().map(key).collect();
    assert!(keys.is_sorted());
    assert_eq!((keys[1].0, keys[2].0), (-1, 0));
}

#[tokio::test]
async fn orders_are_taken_in_the_order_of_the_query() {
    let client = client().await;
    let mut expected: Vec<(String, i64)> =
        seed::seed().pets.iter().map(|pet| (pet.name.clone(), -pet.id.parse::<i64>().unwrap())).collect();
    expected.sort();
    let path = "/rest/node.json?parameters[type]=pet&options[orderby][title]=asc&options[orderby][nid]=desc";
    let nids = client.column(path, "nid").await;
    assert!(nids.iter().eq(&expected[..20].iter().map(|(_, nid)| (-nid).to_string()).collect::<Vec<_>>()));
    let last = client.column(&format!("{path}&page=19"), "title").await;
    // Bytes, not letters: whoever begins with an accent comes behind z.
    assert_eq!(last.last().map(String::as_str), Some("Žofka"));
    let uids = client.column("/rest/node.json?options[orderby][uid]=desc", "uid").await;
    let uids: Vec<u64> = uids.iter().map(|uid| uid.parse().unwrap()).collect();
    assert!(uids.is_sorted_by(|one, other| one >= other) && uids[0] > 190);
}

#[tokio::test]
async fn filters_name_base_columns_and_any_of_several_values() {
    let client = client().await;
    let owners =
        |ids: &[&str]| seed::seed().pets.iter().filter(|pet| ids.contains(&pet.owner_id.as_str())).count();
    let of = |uid: &str| format!("/rest/node.json?parameters[type]=pet&parameters[uid]={uid}");
    assert_eq!(client.column(&of("42"), "nid").await.len(), 12);
    assert_eq!(client.column(&of("42,66"), "nid").await.len(), owners(&["42", "66"]));
    assert_eq!(client.get(&of("7")).await.text, "[]");
    assert_eq!(client.get(&of("bear")).await.text, "[]");
    assert_eq!(client.column("/rest/node.json?parameters[type]=lost_poster", "nid").await.len(), 6);
    assert_eq!(client.column("/rest/node.json?parameters[title]=grizzly", "nid").await.len(), 0);
    assert_eq!(client.column("/rest/node.json?parameters[title]=Grizzly", "nid").await, ["109"]);
    for wrong in
        ["parameters[field_gender]=Male", "options[orderby][nothing]=asc", "parameters[sticky]=1", "page=-1"]
    {
        let answer = client.get(&format!("/rest/node.json?{wrong}")).await;
        assert_eq!(answer.status, 406, "{wrong}");
        assert!(answer.text.starts_with("[\"Invalid query provided"), "{wrong}");
    }
}

// === nodes ===

#[tokio::test]
async fn pet_109_as_drupal_has_it() {
    let client = client().await;
    let answer = client.get("/rest/node/109.json").await;
    let node = answer.json();
    for (name, expected) in [
        ("nid", json!("109")),
        ("uid", json!("66")),
        ("title", json!("Grizzly")),
        ("created", json!("1400140956")),
        ("field_species", json!({"und": [{"tid": "3031"}]})),
        ("field_tags", json!([])),
        ("field_breed_primary", json!({"und": [{"target_id": "3044"}]})),
        ("field_breed_secondary", json!([])),
        ("field_breed_mix", json!({"und": [{"value": "1"}]})),
        ("field_gender", json!({"und": [{"value": "Male"}]})),
        ("field_altered", json!({"und": [{"value": "Yes"}]})),
        ("field_birthday_estimated", json!({"und": [{"value": "0"}]})),
        ("field_weight_value", json!({"und": [{"value": "4.20"}]})),
        ("field_weight_unit", json!({"und": [{"value": "lb"}]})),
        ("field_colors", json!({"und": [{"value": "brown"}, {"value": "white"}]})),
        ("field_microchip", json!({"und": [{"value": "985141000000109"}]})),
        ("field_visibility", json!({"und": [{"value": "profile"}, {"value": "emergencyContacts"}]})),
        ("field_pet_status", json!({"und": [{"value": "active"}]})),
    ] {
        assert_eq!(node[name], expected, "{name}");
    }
    assert_eq!(
        node["field_birthday"]["und"][0],
        json!({"value": "2013-11-16 00:00:00", "timezone": "UTC", "timezone_db": "UTC", "date_type": "datetime"})
    );
    assert_eq!(node["field_behavior_notes"]["und"][0]["value"], "Afraid of thunder; likes tennis balls.");
    assert_eq!(
        node["field_photos"]["und"],
        json!([{"fid": "1090", "uri": "https://img.example/grizzly.jpg", "width": "186", "height": "280", "filemime": "image/jpeg"}])
    );
    assert!(answer.text.contains(r#""uri":"https:\/\/img.example\/grizzly.jpg""#));
}

#[tokio::test]
async fn every_pet_is_there_with_what_it_lacks() {
    let client = client().await;
    for pet in &seed::seed().pets {
        let answer = client.get(&format!("/rest/node/{}.json", pet.id)).await;
        let node = answer.json();
        assert!(answer.text.is_ascii(), "PHP escapes all letters: {}", pet.id);
        assert_eq!(node["title"], pet.name);
        assert_eq!(node["field_gender"] == json!([]), pet.sex.is_none());
        assert_eq!(node["field_birthday"] == json!([]), pet.birth_date.is_none());
        assert_eq!(node["field_microchip"]["und"][0]["value"], pet.microchip.clone().unwrap_or_default());
        let notes = node["field_behavior_notes"].pointer("/und/0/value").and_then(Value::as_str);
        assert_eq!(notes, pet.behavior_notes.as_deref());
    }
}

#[tokio::test]
async fn an_unknown_node_is_a_404() {
    let client = client().await;
    for nid in ["999", "0", "bear"] {
        for method in ["GET", "PUT", "DELETE"] {
            let answer = client.send(method, &format!("/rest/node/{nid}.json"), Some(json!({}))).await;
            assert_eq!((answer.status, answer.text), (404, format!(r#"["Node {nid} could not be found"]"#)));
        }
    }
    let answer = client.get("/rest/comment.json").await;
    assert_eq!((answer.status, answer.text.as_str()), (404, r#"["Could not find the controller."]"#));
}

#[tokio::test]
async fn a_node_is_made_changed_and_deleted() {
    let client = client().await;
    let form = json!({
        "type": "pet", "title": "São", "uid": "66",
        "field_species": {"und": [{"tid": "3032"}]},
        "field_weight_value": {"und": [{"value": "9.5"}]},
        "field_visibility": {"und": []},
    });
    let answer = client.send("POST", "/rest/node.json", Some(form)).await;
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (200, r#"{"nid":"501","uri":"http:\/\/site.test\/rest\/node\/501"}"#)
    );
    let node = client.get("/rest/node/501.json").await.json();
    assert_eq!((&node["created"], &node["changed"]), (&json!(NOW.to_string()), &json!(NOW.to_string())));
    assert_eq!(node["field_weight_value"]["und"][0]["value"], "9.50");
    assert_eq!(node["field_gender"], json!([]));
    assert_eq!(node["field_visibility"], json!([]));
    assert_eq!(node["field_pet_status"]["und"][0]["value"], "active");

    let patch = json!({"title": "Sao", "field_weight_value": {"und": []}, "field_gender": {"und": [{"value": "Female"}]}});
    let answer = client.send("PUT", "/rest/node/501.json", Some(patch)).await;
    assert_eq!(answer.json()["nid"], "501");
    let node = client.get("/rest/node/501.json").await.json();
    assert_eq!((&node["title"], &node["field_weight_value"]), (&json!("Sao"), &json!([])));
    assert_eq!(node["field_gender"]["und"][0]["value"], "Female");
    assert_eq!(node["field_species"]["und"][0]["tid"], "3032");

    assert_eq!(client.send("DELETE", "/rest/node/501.json", None).await.text, "[true]");
    assert_eq!(client.get("/rest/node/501.json").await.status, 404);
    let again = client.send("POST", "/rest/node", Some(json!({"type": "pet", "title": "Next"}))).await;
    assert_eq!(again.json()["nid"], "502");
}

#[tokio::test]
async fn a_change_moves_the_time_of_change() {
    let client = client().await;
    client.send("PUT", "/rest/node/109.json", Some(json!({"field_colors": []}))).await;
    let node = client.get("/rest/node/109.json").await.json();
    assert_eq!((&node["changed"], &node["created"]), (&json!(NOW.to_string()), &json!("1400140956")));
    assert_eq!(node["field_colors"], json!([]));
}

#[tokio::test]
async fn form_errors_name_every_field() {
    let client = client().await;
    let form = json!({"type": "pet", "uid": "999", "field_species": {"und": [{"tid": "1"}]}});
    let answer = client.send("POST", "/rest/node.json", Some(form)).await;
    assert_eq!(answer.status, 406);
    assert_eq!(
        answer.text,
        r#"{"form_errors":{"title":"Title field is required.","uid":"The user 999 does not exist.","field_species":"Species: illegal value."}}"#
    );
    let answer = client.send("PUT", "/rest/node/109.json", Some(json!({"title": " "}))).await;
    assert_eq!(answer.text, r#"{"form_errors":{"title":"Title field is required."}}"#);
    assert_eq!(client.get("/rest/node/109.json").await.json()["title"], "Grizzly");
    for (form, message) in [
        (json!({"title": "x"}), "Missing node type"),
        (json!({"type": "page", "title": "x"}), "Node type page does not exist."),
    ] {
        let answer = client.send("POST", "/rest/node.json", Some(form)).await;
        assert_eq!((answer.status, answer.json()), (406, json!([message])));
    }
}

#[tokio::test]
async fn bodies_are_json_and_bounded() {
    let client = client().await;
    let send = |content_type: &str, body: Vec<u8>| {
        let request =
            Request::builder().method("POST").uri("/rest/node").header("content-type", content_type);
        let request = request.header("cookie", &client.cookie).header("x-csrf-token", &client.token);
        client.site.raw(request.body(Body::from(body)).unwrap())
    };
    let answer = send("text/xml", b"<node/>".to_vec()).await;
    assert_eq!((answer.status, answer.json()), (406, json!(["Unsupported request content type text/xml"])));
    assert_eq!(send("application/json", b"{".to_vec()).await.status, 406);
    assert_eq!(send("application/json", vec![b' '; LARGEST_BODY + 1]).await.status, 413);
}

// === persons and terms ===

#[tokio::test]
async fn persons_are_listed_and_read() {
    let client = client().await;
    let mut uids = Vec::new();
    for page in 0..=10 {
        uids.extend(
            client.column(&format!("/rest/user.json?page={page}&options[orderby][uid]=asc"), "uid").await,
        );
    }
    assert!(uids.into_iter().eq((2..=201).map(|uid: u64| uid.to_string())));
    let seed = seed::seed();
    let person = seed.customers.iter().find(|person| person.id == "66").unwrap();
    let user = client.get("/rest/user/66.json").await.json();
    assert_eq!(user["mail"], person.email);
    assert_eq!(user["field_first_name"]["und"][0]["value"], person.given_name);
    assert_eq!(user["field_emergency_contacts"]["und"].as_array().map(Vec::len), Some(2));
    assert!(user.get("pass").is_none());
    let answer = client.get("/rest/user/999.json").await;
    assert_eq!((answer.status, answer.text.as_str()), (404, r#"["There is no user with ID 999."]"#));
    let answer = client.send("PUT", "/rest/user/66.json", Some(json!({}))).await;
    assert_eq!((answer.status, answer.text.as_str()), (403, r#"["Access denied for user portico"]"#));
}

#[tokio::test]
async fn terms_come_as_a_tree_as_pages_and_one_by_one() {
    let client = client().await;
    let tree =
        client.send("POST", "/rest/taxonomy_vocabulary/getTree", Some(json!({"vid": "3"}))).await.json();
    assert_eq!(
        tree[0],
        json!({"tid": "3031", "vid": "3", "name": "Dog", "description": "dog", "format": "plain_text", "weight": "0", "depth": 0, "parents": ["0"]})
    );
    assert_eq!(tree.as_array().map(Vec::len), Some(6));
    let answer = client.send("POST", "/rest/taxonomy_vocabulary/getTree", Some(json!({"vid": 9}))).await;
    assert_eq!((answer.status, answer.text.as_str()), (404, r#"["No vocabulary with id 9 found."]"#));

    let breeds = "/rest/taxonomy_term.json?parameters[vid]=4&options[orderby][name]=asc";
    let mut names = client.column(breeds, "name").await;
    assert_eq!(names.len(), 20);
    names.extend(client.column(&format!("{breeds}&page=1"), "name").await);
    names.extend(client.column(&format!("{breeds}&page=2"), "name").await);
    assert_eq!(names.len(), 42);
    assert!(names.is_sorted());
    let row = client.get("/rest/taxonomy_term.json?parameters[name]=Chihuahua").await.json();
    assert_eq!(
        row,
        json!([{"tid": "3044", "vid": "4", "name": "Chihuahua", "description": "3031", "weight": "0", "uri": "http://site.test/rest/taxonomy_term/3044"}])
    );
    let term = client.get("/rest/taxonomy_term/3044.json").await.json();
    assert_eq!(term["field_species"], json!({"und": [{"tid": "3031"}]}));
    let term = client.get("/rest/taxonomy_term/3032.json").await.json();
    assert_eq!((&term["name"], &term["field_code"]), (&json!("Cat"), &json!({"und": [{"value": "cat"}]})));
    assert_eq!(client.get("/rest/taxonomy_term/1.json").await.status, 404);
    assert_eq!(
        client.column("/rest/taxonomy_vocabulary.json", "machine_name").await,
        ["tags", "species", "breeds"]
    );
    assert_eq!(client.get("/rest/taxonomy_vocabulary/4.json").await.json()["name"], "Breeds");
}

// === faults ===

#[tokio::test]
async fn pages_of_the_web_server_stand_in_for_answers() {
    let client = client().await;
    let strike = |fault| client.site.fault(Some(FaultPlan { times: Some(1), ..FaultPlan::from(fault) }));
    for (fault, status) in
        [(Fault::TooMany { retry_after: 7 }, 429), (Fault::ServerError, 500), (Fault::HtmlPage, 200)]
    {
        strike(fault);
        let answer = client.get("/rest/node/109.json").await;
        assert_eq!(answer.status, status);
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/html"));
        assert_eq!(
            answer.headers.get("retry-after").map(HeaderValue::as_bytes),
            (status == 429).then_some(&b"7"[..])
        );
        assert_eq!(client.get("/rest/node/109.json").await.headers["content-type"], "application/json");
    }
    let calls = client.site.calls();
    assert_eq!(calls[..2], ["GET /rest/node/109.json 429", "GET /rest/node/109.json 200"]);
}

#[tokio::test]
async fn a_session_may_end_under_way() {
    let mut client = client().await;
    client.site.fault(Some(FaultPlan { times: Some(1), ..Fault::ExpiredSession.into() }));
    assert_eq!(client.get("/rest/node/109.json").await.status, 403);
    assert_eq!(client.get("/rest/node/109.json").await.status, 403);
    client.login().await;
    assert_eq!(client.get("/rest/node/109.json").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_be_late() {
    let client = client().await;
    client.site.fault(Some(Fault::Latency(Duration::from_secs(30)).into()));
    let start = tokio::time::Instant::now();
    assert_eq!(client.get("/rest/node/109.json").await.status, 200);
    assert_eq!(start.elapsed().as_secs(), 30);
    client.site.fault(None);
    client.get("/rest/node/109.json").await;
    assert_eq!(start.elapsed().as_secs(), 30);
}

#[tokio::test]
async fn connections_break_on_the_wire() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let client = client().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(IntoFuture::into_future(axum::serve(listener, client.site.router())));
    let get = async || {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let cookie = &client.cookie;
        let request = format!(
            "GET /rest/node/109.json HTTP/1.1\r\nhost: a\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = Vec::new();
        // A reset after some bytes is as good an end as a close.
        let _ = stream.read_to_end(&mut text).await;
        String::from_utf8(text).unwrap()
    };
    let length = |text: &str| -> usize {
        text.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap()
    };
    let whole = get().await;
    let body = |text: &str| text.split_once("\r\n\r\n").unwrap().1.len();
    assert_eq!(length(&whole), body(&whole));
    client.site.fault(Some(Fault::Truncated.into()));
    let half = get().await;
    assert_eq!((length(&half), body(&half)), (body(&whole), body(&whole) / 2));
    client.site.fault(Some(Fault::Reset.into()));
    assert_eq!(get().await, "");
    server.abort();
}

#[tokio::test]
async fn a_log_file_has_a_line_for_each_request() {
    let path = std::env::temp_dir().join(format!("drupal7-{}.log", uuid::Uuid::now_v7()));
    let site = Site::new(&seed::seed(), Settings { log: Some(path.clone()), ..Settings::default() });
    site.raw(Request::builder().uri("/rest/node.json?page=1").body(Body::empty()).unwrap()).await;
    site.raw(Request::builder().method("PUT").uri("/x").body(Body::empty()).unwrap()).await;
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(text, "GET /rest/node.json?page=1 403\nPUT /x 403\n");
}
