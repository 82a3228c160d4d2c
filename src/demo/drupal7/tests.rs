//! The site as its callers see it, without a socket.

use http::Request;
use serde_json::from_slice;
use tower::ServiceExt;

use super::*;
use crate::demo::seed;
use crate::demo::station::{self, Fault, FaultPlan, Station};

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
    let settings = Settings { password: "s3cret".to_owned(), ..Settings::default() };
    Site::new(&seed::seed(), settings)
}

fn client() -> Client {
    let mut client = Client { site: site(), cookie: String::new(), token: String::new() };
    client.login();
    client
}

impl Client {
    fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "site.test");
        request = request.header("cookie", &self.cookie).header("x-csrf-token", &self.token);
        if body.is_some() {
            request = request.header("content-type", "application/json; charset=utf-8");
        }
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        self.site.raw(request.body(body).unwrap())
    }

    fn login(&mut self) {
        let form = json!({"username": "portico", "password": "s3cret"});
        let answer = self.send("POST", "/rest/user/login", Some(form));
        assert_eq!(answer.status, 200, "{}", answer.text);
        let opened = answer.json();
        let word = |name: &str| opened[name].as_str().unwrap().to_owned();
        self.cookie = format!("{}={}", word("session_name"), word("sessid"));
        self.token = word("token");
        assert_eq!(opened["user"]["uid"], "1");
        assert!(answer.headers["set-cookie"].to_str().unwrap().starts_with(&self.cookie));
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    /// The values of one column of an index.
    fn column(&self, path: &str, name: &str) -> Vec<String> {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let rows = answer.json();
        rows.as_array().unwrap().iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
    }
}

impl Site {
    fn raw(&self, request: Request<Bytes>) -> Answer {
        let (head, body) = request.into_parts();
        let (head, body) = self.answer(&head, &body, NOW).into_parts();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

// === sessions ===

#[test]
fn a_wrong_password_opens_nothing() {
    let site = site();
    let client = Client { site, cookie: String::new(), token: String::new() };
    let form = json!({"username": "portico", "password": "no"});
    let answer = client.send("POST", "/rest/user/login", Some(form));
    assert_eq!((answer.status, answer.text.as_str()), (401, r#"["Wrong username or password."]"#));
    let answer = client.send("POST", "/rest/user/login.json", Some(json!({})));
    assert_eq!((answer.status, answer.text.as_str()), (401, r#"["Missing required argument username"]"#));
}

#[test]
fn without_a_session_everything_is_denied() {
    let mut client = client();
    let denied = (403, r#"["Access denied for user anonymous"]"#.to_owned());
    assert_eq!(client.get("/rest/node/109.json").status, 200);
    client.site.expire();
    for path in ["/rest/node/109.json", "/rest/node.json", "/rest/nothing"] {
        let answer = client.get(path);
        assert_eq!((answer.status, answer.text), denied);
    }
    client.login();
    assert_eq!(client.send("POST", "/rest/user/logout", None).text, "[true]");
    let answer = client.get("/rest/node/109.json");
    assert_eq!((answer.status, answer.text), denied);
}

#[test]
fn writes_need_the_token() {
    let mut client = client();
    client.token = "forged".to_owned();
    for (method, path) in [
        ("POST", "/rest/node.json"),
        ("PUT", "/rest/node/109.json"),
        ("DELETE", "/rest/node/109.json"),
        ("POST", "/rest/taxonomy_vocabulary/getTree"),
    ] {
        let answer = client.send(method, path, Some(json!({"vid": "3"})));
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (401, r#"["CSRF validation failed"]"#),
            "{method} {path}"
        );
    }
    assert_eq!(client.get("/rest/node/109.json").status, 200);
}

// === the index ===

#[test]
fn an_index_gives_base_columns_as_strings() {
    let client = client();
    let answer = client.get("/rest/node.json?parameters%5Bnid%5D=109");
    assert_eq!(
        answer.text,
        r#"[{"nid":"109","vid":"149","uid":"66","title":"Grizzly","type":"pet","language":"und","status":"1","created":"1400140956","changed":"1790941200","promote":"0","sticky":"0","comment":"1","uri":"http:\/\/site.test\/rest\/node\/109"}]"#
    );
}

#[test]
fn pages_hold_twenty_and_end_without_a_total() {
    let client = client();
    let mut nids = Vec::new();
    for page in 0..20 {
        let path =
            format!("/rest/node.json?page={page}&pagesize=20&parameters[type]=pet&options[orderby][nid]=asc");
        nids.extend(client.column(&path, "nid"));
    }
    assert!(nids.into_iter().eq((101..=500).map(|nid: u64| nid.to_string())));
    assert_eq!(client.get("/rest/node.json?page=20&parameters[type]=pet").text, "[]");
    // With the posters there are more.
    assert_eq!(client.column("/rest/node.json?page=21", "nid").len(), POSTERS - 20);
    let answer = client.get("/rest/node.json?pagesize=50");
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (403, r#"["You do not have permission to set the page size."]"#)
    );
}

#[test]
fn sticky_and_new_come_first_unless_told() {
    let client = client();
    let rows = client.get("/rest/node.json?parameters[type]=pet").json();
    let key = |row: &Value| {
        let number = |name: &str| row[name].as_str().unwrap().parse::<i64>().unwrap();
        (-number("sticky"), -number("created"))
    };
    let keys: Vec<_> = rows.as_array().unwrap().iter().map(key).collect();
    assert!(keys.is_sorted());
    assert_eq!((keys[1].0, keys[2].0), (-1, 0));
}

#[test]
fn orders_are_taken_in_the_order_of_the_query() {
    let client = client();
    let mut expected: Vec<(String, i64)> =
        seed::seed().pets.iter().map(|pet| (pet.name.clone(), -pet.id.parse::<i64>().unwrap())).collect();
    expected.sort();
    let path = "/rest/node.json?parameters[type]=pet&options[orderby][title]=asc&options[orderby][nid]=desc";
    let nids = client.column(path, "nid");
    assert!(nids.iter().eq(&expected[..20].iter().map(|(_, nid)| (-nid).to_string()).collect::<Vec<_>>()));
    let last = client.column(&format!("{path}&page=19"), "title");
    // Bytes, not letters: whoever begins with an accent comes behind z.
    assert_eq!(last.last().map(String::as_str), Some("Žofka"));
    let uids = client.column("/rest/node.json?options[orderby][uid]=desc", "uid");
    let uids: Vec<u64> = uids.iter().map(|uid| uid.parse().unwrap()).collect();
    assert!(uids.is_sorted_by(|one, other| one >= other) && uids[0] > 190);
}

#[test]
fn filters_name_base_columns_and_any_of_several_values() {
    let client = client();
    let owners =
        |ids: &[&str]| seed::seed().pets.iter().filter(|pet| ids.contains(&pet.owner_id.as_str())).count();
    let of = |uid: &str| format!("/rest/node.json?parameters[type]=pet&parameters[uid]={uid}");
    assert_eq!(client.column(&of("42"), "nid").len(), 12);
    assert_eq!(client.column(&of("42,66"), "nid").len(), owners(&["42", "66"]));
    assert_eq!(client.get(&of("7")).text, "[]");
    assert_eq!(client.get(&of("bear")).text, "[]");
    assert_eq!(client.column("/rest/node.json?parameters[type]=lost_pet_poster", "nid").len(), 20);
    assert_eq!(client.column("/rest/node.json?parameters[title]=grizzly", "nid").len(), 0);
    assert_eq!(client.column("/rest/node.json?parameters[title]=Grizzly", "nid"), ["109"]);
    for wrong in
        ["parameters[field_gender]=Male", "options[orderby][nothing]=asc", "parameters[sticky]=1", "page=-1"]
    {
        let answer = client.get(&format!("/rest/node.json?{wrong}"));
        assert_eq!(answer.status, 406, "{wrong}");
        assert!(answer.text.starts_with("[\"Invalid query provided"), "{wrong}");
    }
}

// === nodes ===

#[test]
fn pet_109_as_drupal_has_it() {
    let client = client();
    let answer = client.get("/rest/node/109.json");
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

#[test]
fn every_pet_is_there_with_what_it_lacks() {
    let client = client();
    for pet in &seed::seed().pets {
        let answer = client.get(&format!("/rest/node/{}.json", pet.id));
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

#[test]
fn an_unknown_node_is_a_404() {
    let client = client();
    for nid in ["999", "0", "bear"] {
        for method in ["GET", "PUT", "DELETE"] {
            let answer = client.send(method, &format!("/rest/node/{nid}.json"), Some(json!({})));
            assert_eq!((answer.status, answer.text), (404, format!(r#"["Node {nid} could not be found"]"#)));
        }
    }
    let answer = client.get("/rest/comment.json");
    assert_eq!((answer.status, answer.text.as_str()), (404, r#"["Could not find the controller."]"#));
}

#[test]
fn a_node_is_made_changed_and_deleted() {
    let client = client();
    let form = json!({
        "type": "pet", "title": "São", "uid": "66",
        "field_species": {"und": [{"tid": "3032"}]},
        "field_weight_value": {"und": [{"value": "9.5"}]},
        "field_visibility": {"und": []},
    });
    let answer = client.send("POST", "/rest/node.json", Some(form));
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (200, r#"{"nid":"501","uri":"http:\/\/site.test\/rest\/node\/501"}"#)
    );
    let node = client.get("/rest/node/501.json").json();
    assert_eq!((&node["created"], &node["changed"]), (&json!(NOW.to_string()), &json!(NOW.to_string())));
    assert_eq!(node["field_weight_value"]["und"][0]["value"], "9.50");
    assert_eq!(node["field_gender"], json!([]));
    assert_eq!(node["field_visibility"], json!([]));
    assert_eq!(node["field_pet_status"]["und"][0]["value"], "active");

    let patch = json!({"title": "Sao", "field_weight_value": {"und": []}, "field_gender": {"und": [{"value": "Female"}]}});
    let answer = client.send("PUT", "/rest/node/501.json", Some(patch));
    assert_eq!(answer.json()["nid"], "501");
    let node = client.get("/rest/node/501.json").json();
    assert_eq!((&node["title"], &node["field_weight_value"]), (&json!("Sao"), &json!([])));
    assert_eq!(node["field_gender"]["und"][0]["value"], "Female");
    assert_eq!(node["field_species"]["und"][0]["tid"], "3032");

    assert_eq!(client.send("DELETE", "/rest/node/501.json", None).text, "[true]");
    assert_eq!(client.get("/rest/node/501.json").status, 404);
    let again = client.send("POST", "/rest/node", Some(json!({"type": "pet", "title": "Next"})));
    assert_eq!(again.json()["nid"], "502");
}

#[test]
fn a_change_moves_the_time_of_change() {
    let client = client();
    client.send("PUT", "/rest/node/109.json", Some(json!({"field_colors": []})));
    let node = client.get("/rest/node/109.json").json();
    assert_eq!((&node["changed"], &node["created"]), (&json!(NOW.to_string()), &json!("1400140956")));
    assert_eq!(node["field_colors"], json!([]));
}

#[test]
fn form_errors_name_every_field() {
    let client = client();
    let form = json!({"type": "pet", "uid": "999", "field_species": {"und": [{"tid": "1"}]}});
    let answer = client.send("POST", "/rest/node.json", Some(form));
    assert_eq!(answer.status, 406);
    assert_eq!(
        answer.text,
        r#"{"form_errors":{"title":"Title field is required.","uid":"The user 999 does not exist.","field_species":"Species: illegal value."}}"#
    );
    let answer = client.send("PUT", "/rest/node/109.json", Some(json!({"title": " "})));
    assert_eq!(answer.text, r#"{"form_errors":{"title":"Title field is required."}}"#);
    assert_eq!(client.get("/rest/node/109.json").json()["title"], "Grizzly");
    for (form, message) in [
        (json!({"title": "x"}), "Missing node type"),
        (json!({"type": "page", "title": "x"}), "Node type page does not exist."),
    ] {
        let answer = client.send("POST", "/rest/node.json", Some(form));
        assert_eq!((answer.status, answer.json()), (406, json!([message])));
    }
}

#[test]
fn bodies_are_json() {
    let client = client();
    let send = |content_type: &str, body: Vec<u8>| {
        let request =
            Request::builder().method("POST").uri("/rest/node").header("content-type", content_type);
        let request = request.header("cookie", &client.cookie).header("x-csrf-token", &client.token);
        client.site.raw(request.body(Bytes::from(body)).unwrap())
    };
    let answer = send("text/xml", b"<node/>".to_vec());
    assert_eq!((answer.status, answer.json()), (406, json!(["Unsupported request content type text/xml"])));
    assert_eq!(send("application/json", b"{".to_vec()).status, 406);
}

// === persons and terms ===

#[test]
fn persons_are_listed_and_read() {
    let client = client();
    let mut uids = Vec::new();
    for page in 0..=10 {
        uids.extend(client.column(&format!("/rest/user.json?page={page}&options[orderby][uid]=asc"), "uid"));
    }
    assert!(uids.into_iter().eq((2..=201).map(|uid: u64| uid.to_string())));
    let seed = seed::seed();
    let person = seed.customers.iter().find(|person| person.id == "66").unwrap();
    let user = client.get("/rest/user/66.json").json();
    assert_eq!(user["mail"], person.email);
    assert_eq!(user["field_first_name"]["und"][0]["value"], person.given_name);
    assert_eq!(user["field_emergency_contacts"]["und"].as_array().map(Vec::len), Some(2));
    assert!(user.get("pass").is_none());
    let answer = client.get("/rest/user/999.json");
    assert_eq!((answer.status, answer.text.as_str()), (404, r#"["There is no user with ID 999."]"#));
    let answer = client.send("PUT", "/rest/user/66.json", Some(json!({})));
    assert_eq!((answer.status, answer.text.as_str()), (403, r#"["Access denied for user portico"]"#));
}

#[test]
fn terms_come_as_a_tree_as_pages_and_one_by_one() {
    let client = client();
    let tree = client.send("POST", "/rest/taxonomy_vocabulary/getTree", Some(json!({"vid": "3"}))).json();
    assert_eq!(
        tree[0],
        json!({"tid": "3031", "vid": "3", "name": "Dog", "description": "dog", "format": "plain_text", "weight": "0", "depth": 0, "parents": ["0"]})
    );
    assert_eq!(tree.as_array().map(Vec::len), Some(6));
    let answer = client.send("POST", "/rest/taxonomy_vocabulary/getTree", Some(json!({"vid": 9})));
    assert_eq!((answer.status, answer.text.as_str()), (404, r#"["No vocabulary with id 9 found."]"#));

    let breeds = "/rest/taxonomy_term.json?parameters[vid]=4&options[orderby][name]=asc";
    let mut names = client.column(breeds, "name");
    assert_eq!(names.len(), 20);
    names.extend(client.column(&format!("{breeds}&page=1"), "name"));
    names.extend(client.column(&format!("{breeds}&page=2"), "name"));
    assert_eq!(names.len(), 42);
    assert!(names.is_sorted());
    let row = client.get("/rest/taxonomy_term.json?parameters[name]=Chihuahua").json();
    assert_eq!(
        row,
        json!([{"tid": "3044", "vid": "4", "name": "Chihuahua", "description": "3031", "weight": "0", "uri": "http://site.test/rest/taxonomy_term/3044"}])
    );
    let term = client.get("/rest/taxonomy_term/3044.json").json();
    assert_eq!(term["field_species"], json!({"und": [{"tid": "3031"}]}));
    let term = client.get("/rest/taxonomy_term/3032.json").json();
    assert_eq!((&term["name"], &term["field_code"]), (&json!("Cat"), &json!({"und": [{"value": "cat"}]})));
    assert_eq!(client.get("/rest/taxonomy_term/1.json").status, 404);
    assert_eq!(
        client.column("/rest/taxonomy_vocabulary.json", "machine_name"),
        ["tags", "species", "breeds"]
    );
    assert_eq!(client.get("/rest/taxonomy_vocabulary/4.json").json()["name"], "Breeds");
}

#[test]
fn persons_are_filtered_by_their_columns() {
    let client = client();
    let seed = seed::seed();
    let person = |id: &str| seed.customers.iter().find(|person| person.id == id).unwrap();
    let mail = &person("66").email;
    assert_eq!(client.column(&format!("/rest/user.json?parameters[mail]={mail}"), "uid"), ["66"]);
    let name = mail.split('@').next().unwrap();
    assert_eq!(client.column(&format!("/rest/user.json?parameters[name]={name}"), "mail"), [mail.as_str()]);
    assert_eq!(client.column("/rest/user.json?parameters[uid]=7,66", "uid").len(), 2);
    let blocked = seed.customers.iter().filter(|person| person.status != "active");
    let blocked: Vec<String> = blocked.map(|person| person.id.clone()).collect();
    let path = "/rest/user.json?parameters[status]=0&options[orderby][uid]=asc&fields=uid,status";
    let rows = client.get(path).json();
    assert_eq!(
        rows[0],
        json!({"uid": blocked[0], "status": "0", "uri": format!("http://site.test/rest/user/{}", blocked[0])})
    );
    assert_eq!(client.column(path, "uid"), blocked[..blocked.len().min(20)]);
    let created: Vec<i64> =
        client.column("/rest/user.json", "created").iter().map(|word| word.parse().unwrap()).collect();
    assert!(created.is_sorted_by(|one, other| one >= other), "newest first unless told");
    assert_eq!(client.get("/rest/user.json?parameters[field_phone]=1").status, 406);
    assert_eq!(client.get("/rest/user.json?fields=pass").status, 406);
}

// === tags and posters ===

/// As many as the pets that are lost, and some earlier ones.
const POSTERS: usize = 21;

#[test]
fn some_pets_bear_tags() {
    let client = client();
    let tree = client.send("POST", "/rest/taxonomy_vocabulary/getTree", Some(json!({"vid": "5"}))).json();
    let tids: Vec<&str> = tree.as_array().unwrap().iter().map(|term| term["tid"].as_str().unwrap()).collect();
    assert_eq!(tids.len(), 12);
    let term = client.get("/rest/taxonomy_term/3105.json").json();
    assert_eq!(
        (&term["name"], &term["vocabulary_machine_name"]),
        (&json!("loves kids, cats"), &json!("tags"))
    );
    assert!(term.get("field_species").is_none() && term.get("field_code").is_none());
    let mut tagged = 0;
    for pet in &seed::seed().pets {
        let node = client.get(&format!("/rest/node/{}.json", pet.id)).json();
        if node["field_tags"] == json!([]) {
            continue;
        }
        tagged += 1;
        for item in node["field_tags"]["und"].as_array().unwrap() {
            assert!(tids.contains(&item["tid"].as_str().unwrap()));
            assert_eq!(item.as_object().map(serde_json::Map::len), Some(1));
        }
    }
    assert!((30..90).contains(&tagged), "{tagged}");
}

#[test]
fn a_new_tag_comes_into_being_with_its_node() {
    let client = client();
    let put = |tags: Value| {
        let form = json!({ "field_tags": { "und": tags } });
        let answer = client.send("PUT", "/rest/node/109.json", Some(form));
        assert_eq!(answer.status, 200, "{}", answer.text);
        client.get("/rest/node/109.json").json()["field_tags"].clone()
    };
    assert_eq!(put(json!("shy, afraid of thunder")), json!({"und": [{"tid": "3103"}, {"tid": "3113"}]}));
    assert_eq!(client.get("/rest/taxonomy_term/3113.json").json()["name"], "afraid of thunder");
    assert_eq!(put(json!("afraid of thunder")), json!({"und": [{"tid": "3113"}]}));
    assert_eq!(put(json!([{"tid": "3101"}])), json!({"und": [{"tid": "3101"}]}));
    assert_eq!(put(json!([])), json!([]));
    // A form that is refused makes no term.
    let form = json!({"title": "", "field_tags": {"und": "never"}});
    assert_eq!(client.send("PUT", "/rest/node/109.json", Some(form)).status, 406);
    assert_eq!(client.get("/rest/taxonomy_term.json?parameters[name]=never").text, "[]");
}

#[test]
fn every_lost_pet_has_an_open_poster() {
    let client = client();
    let base = "/rest/node.json?parameters[type]=lost_pet_poster&options[orderby][nid]=asc";
    let nids: Vec<String> =
        (0..5).flat_map(|page| client.column(&format!("{base}&page={page}"), "nid")).collect();
    assert_eq!(nids.len(), POSTERS);
    let seed = seed::seed();
    let (mut open, mut undated, mut without_place) = (Vec::new(), 0, 0);
    for nid in &nids {
        let node = client.get(&format!("/rest/node/{nid}.json")).json();
        let value = |name: &str| node[name].pointer("/und/0/value").and_then(Value::as_str);
        let nid = node["field_pet"]["und"][0]["target_id"].as_str().unwrap();
        let pet = seed.pets.iter().find(|pet| pet.id == nid).unwrap();
        assert_eq!((pet.status.as_str(), &node["uid"]), ("lost", &json!(pet.owner_id)));
        assert_eq!(node["title"], format!("LOST: {}", pet.name));
        assert!(value("field_contact").is_some_and(|line| !line.is_empty()));
        undated += usize::from(node["field_date_lost"] == json!([]));
        without_place += usize::from(node["field_place"] == json!([]));
        match value("field_poster_status") {
            Some("open") => open.push(pet.id.clone()),
            status => assert_eq!((status, &node["status"]), (Some("withdrawn"), &json!("0"))),
        }
    }
    let lost = seed.pets.iter().filter(|pet| pet.status == "lost").map(|pet| pet.id.clone());
    assert!(lost.eq(open.iter().cloned()));
    assert!(open.len() < POSTERS && undated > 0 && without_place > 0);
}

#[test]
fn a_poster_is_made_changed_and_deleted() {
    let client = client();
    let form = json!({
        "type": "lost_pet_poster", "title": "LOST: Grizzly", "uid": "66",
        "field_pet": {"und": [{"target_id": "109"}]},
        "field_date_lost": {"und": [{"value": "2026-10-30"}]},
        "field_place": {"und": [{"value": "behind the library"}]},
    });
    let answer = client.send("POST", "/rest/node.json", Some(form));
    assert_eq!(answer.json()["nid"], "501");
    let node = client.get("/rest/node/501.json").json();
    assert_eq!(node["field_date_lost"]["und"][0]["value"], "2026-10-30 00:00:00");
    assert_eq!(node["field_poster_status"]["und"][0]["value"], "open");
    assert_eq!((&node["field_contact"], &node["type"]), (&json!([]), &json!("lost_pet_poster")));
    let patch = json!({"field_poster_status": {"und": [{"value": "found"}]}});
    assert_eq!(client.send("PUT", "/rest/node/501.json", Some(patch)).status, 200);
    assert_eq!(client.get("/rest/node/501.json").json()["field_poster_status"]["und"][0]["value"], "found");
    for (field, value) in
        [("field_pet", json!({"target_id": "11"})), ("field_poster_status", json!({"value": "lost"}))]
    {
        let patch = json!({ field: { "und": [value] } });
        let answer = client.send("PUT", "/rest/node/501.json", Some(patch));
        assert_eq!(answer.status, 406);
        assert!(answer.json()["form_errors"][field].is_string(), "{}", answer.text);
    }
    assert_eq!(client.send("DELETE", "/rest/node/501.json", None).text, "[true]");
    assert_eq!(client.get("/rest/node/501.json").status, 404);
}

// === in its station ===

#[tokio::test]
async fn a_session_may_end_under_way() {
    let mut client = client();
    let site: Arc<dyn System> = client.site.clone();
    let settings = station::Settings { log: None, clock: || NOW };
    let station = Station::new("drupal7", site, settings);
    let get = async |client: &Client| {
        let request = Request::builder().uri("/rest/node/109.json").header("cookie", &client.cookie);
        let request = request.body(axum::body::Body::empty()).unwrap();
        station.router().oneshot(request).await.unwrap().status().as_u16()
    };
    assert_eq!(get(&client).await, 200);
    station.fault(Some(FaultPlan { times: Some(1), ..Fault::Expired.into() }));
    assert_eq!(get(&client).await, 403);
    assert_eq!(get(&client).await, 403);
    client.login();
    assert_eq!(get(&client).await, 200);
    assert!(client.site.logs_in("/rest/user/login.json") && !client.site.logs_in("/rest/user.json"));
    let asked = |status: u16| format!("GET /rest/node/109.json {status}");
    assert_eq!(station.calls(), [asked(200), asked(403), asked(403), asked(200)]);
}
