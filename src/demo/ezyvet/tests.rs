//! The clinic as its callers see it: requests to `answer`, no socket.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Request;

use super::store::{flag, number, text, texts};
use super::*;
use crate::demo::seed;

/// 2026-11-18T11:06:40Z, a Wednesday, 04:06 in the practice's zone.
const NOW: i64 = 1_795_000_000;
/// 2026-11-19T07:00:00Z: the next midnight in the practice's zone.
const TOMORROW: i64 = content::TODAY + 86_400;

struct Client {
    clinic: Arc<Clinic>,
    token: String,
}

struct Got {
    status: u16,
    headers: http::HeaderMap,
    body: Value,
}

impl Got {
    /// The members of the one item.
    fn one(&self) -> &Value {
        assert!(self.status < 300, "{}", self.body);
        let item = self.body["items"][0].as_object().unwrap();
        assert_eq!((item.len(), self.body["items"].as_array().unwrap().len()), (1, 1));
        item.values().next().unwrap()
    }

    /// One member of every item.
    fn column(&self, name: &str) -> Vec<String> {
        assert_eq!(self.status, 200, "{}", self.body);
        let items = self.body["items"].as_array().unwrap();
        let member = |item: &Value| item.as_object().unwrap().values().next().unwrap()[name].clone();
        items.iter().map(member).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect()
    }

    /// The fields of each message, joined, and its type where it is not the usual one.
    fn faults(&self) -> Vec<String> {
        assert_eq!(self.status, 400, "{}", self.body);
        let messages = self.body["messages"].as_array().unwrap();
        for message in messages {
            assert_eq!(message["level"], "error");
            assert!(message["text"].as_str().unwrap().ends_with('.'));
        }
        let fields = |m: &Value| {
            let fields: Vec<&str> =
                m["fields"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            fields.join("+")
        };
        messages.iter().map(fields).collect()
    }
}

fn clinic_with(settings: Settings) -> Arc<Clinic> {
    Clinic::new(&seed::seed(), settings)
}

fn credentials() -> Value {
    json!({"partner_id": "portico", "client_id": "portico", "client_secret": "portico",
           "grant_type": "client_credentials"})
}

fn client() -> Client {
    let mut client = Client { clinic: clinic_with(Settings::default()), token: String::new() };
    client.login(&credentials());
    client
}

impl Client {
    fn login(&mut self, form: &Value) {
        let got = self.send("POST", LOGIN, Some(form), NOW);
        assert_eq!(got.status, 200, "{}", got.body);
        assert_eq!((&got.body["token_type"], &got.body["expires_in"]), (&json!("Bearer"), &json!(43_200)));
        self.token = got.body["access_token"].as_str().unwrap().to_owned();
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>, now: i64) -> Got {
        let body = body.map(Value::to_string).unwrap_or_default();
        self.raw(method, path, "application/json; charset=utf-8", &body, now)
    }

    fn raw(&self, method: &str, path: &str, content_type: &str, body: &str, now: i64) -> Got {
        let request = Request::builder().method(method).uri(path).header("content-type", content_type);
        let request = request.header("authorization", format!("Bearer {}", self.token)).body(()).unwrap();
        let (head, ()) = request.into_parts();
        let (head, body) = self.clinic.answer(&head, &Bytes::from(body.to_owned()), now).into_parts();
        assert_eq!(head.headers["content-type"], "application/json");
        Got {
            status: head.status.as_u16(),
            headers: head.headers,
            body: serde_json::from_slice(&body).unwrap(),
        }
    }

    fn get(&self, path: &str) -> Got {
        self.send("GET", path, None, NOW)
    }

    fn post(&self, path: &str, body: &Value) -> Got {
        self.send("POST", path, Some(body), NOW)
    }

    fn patch(&self, path: &str, body: &Value) -> Got {
        self.send("PATCH", path, Some(body), NOW)
    }

    /// A list filtered by JSON.
    fn filtered(&self, thing: &str, field: &str, comparators: &Value) -> Got {
        let filter = comparators.to_string();
        let filter = percent_encoding::utf8_percent_encode(&filter, percent_encoding::NON_ALPHANUMERIC);
        self.get(&format!("/v1/{thing}?limit=200&{field}={filter}"))
    }
}

// === tokens, scopes, limits ===

#[test]
fn a_token_ends_long_before_it_says() {
    let client = client();
    assert_eq!(client.send("GET", "/v1/sex", None, NOW + 599).status, 200);
    let late = client.send("GET", "/v1/sex", None, NOW + 600);
    assert_eq!(late.status, 401);
    assert_eq!(late.body["messages"][0]["level"], "error");
    assert_eq!(late.body["messages"][0]["fields"], json!([]));
    assert_eq!(client.send("GET", "/v1/sex", None, NOW).status, 401, "an ended token stays ended");
}

#[test]
fn a_restart_ends_every_token_and_the_login_stays_open() {
    let mut client = client();
    client.clinic.expire();
    for path in ["/v1/animal/109", "/v1/nothing", "/"] {
        assert_eq!(client.get(path).status, 401);
    }
    assert!(client.clinic.logs_in(LOGIN) && !client.clinic.logs_in("/v1/animal"));
    client.login(&credentials());
    assert_eq!(client.get("/v1/animal/109").status, 200);
}

#[test]
fn a_token_opens_so_many_calls() {
    let life = Life { calls: 3, ..Life::default() };
    let mut client =
        Client { clinic: clinic_with(Settings { token: life, ..Settings::default() }), token: String::new() };
    client.login(&credentials());
    let statuses: Vec<u16> = (0..5).map(|_| client.get("/v1/sex").status).collect();
    assert_eq!(statuses, [200, 200, 200, 401, 401]);
}

#[test]
fn a_login_is_a_form_or_json_and_all_that_is_missing_is_said() {
    let client = client();
    let form = "partner_id=portico&client_id=portico&client_secret=portico&grant_type=client_credentials\
                &scope=read-animal+read-contact";
    assert_eq!(client.raw("POST", LOGIN, "application/x-www-form-urlencoded", form, NOW).status, 200);
    assert_eq!(client.raw("POST", LOGIN, "text/plain", form, NOW).status, 400);
    let missing = client.post(LOGIN, &json!({"client_id": "portico"}));
    assert_eq!(missing.faults(), ["partner_id", "client_secret", "grant_type"]);
    let check = |name: &str, value: &str| {
        let mut form = credentials();
        form[name] = json!(value);
        client.post(LOGIN, &form).status
    };
    assert_eq!(
        (check("client_secret", "no"), check("partner_id", "no"), check("client_id", "no")),
        (401, 401, 401)
    );
    assert_eq!((check("grant_type", "password"), check("scope", "read-sex,fly")), (400, 400));
    assert_eq!(client.get(LOGIN).status, 405);
}

#[test]
fn a_token_does_what_its_scopes_say() {
    let mut client = client();
    let mut form = credentials();
    form["scope"] = json!("read-animal,write-contact");
    client.login(&form);
    assert_eq!(client.get("/v1/animal").status, 200);
    assert_eq!(client.get("/v1/contact").status, 403);
    assert_eq!(client.post("/v1/animal", &json!({})).status, 403);
    assert_eq!(client.post("/v1/contact", &json!({"last_name": "Ruiz"})).status, 201);
    assert_eq!(client.post("/v1/ezycab/booking", &json!({})).status, 403);
    assert_eq!(client.get("/v1/ezycab/availability").status, 403);
    form["scope"] = json!(scopes().join(" "));
    client.login(&form);
    assert_eq!(client.get("/v1/contact").status, 200);
}

#[test]
fn every_answer_tells_the_limit_and_beyond_it_nothing_is_answered() {
    let mut client = Client {
        clinic: clinic_with(Settings { calls_a_minute: 3, ..Settings::default() }),
        token: String::new(),
    };
    client.login(&credentials());
    let one = client.get("/v1/sex");
    assert_eq!(one.headers["x-ratelimit-limit"], "3");
    assert_eq!(one.headers["x-ratelimit-remaining"], "1");
    assert_eq!(one.headers["x-ratelimit-reset"], "1795000020");
    assert_eq!(client.get("/v1/nothing").headers["x-ratelimit-remaining"], "0");
    let over = client.get("/v1/sex");
    assert_eq!((over.status, &over.headers["x-ratelimit-remaining"]), (429, &HeaderValue::from_static("0")));
    assert!(!over.headers.contains_key("retry-after"));
    assert!(over.body["messages"][0]["text"].is_string());
    assert_eq!(client.send("GET", "/v1/sex", None, 1_795_000_020).status, 200);
}

// === lists ===

#[test]
fn a_list_has_pages_and_totals() {
    let client = client();
    let first = client.get("/v1/animal");
    let meta = json!({"timestamp": NOW, "items_page": 1, "items_page_total": 40, "items_page_size": 10,
                      "items_total": 400});
    assert_eq!(first.body["meta"], meta);
    assert_eq!(first.column("id").first().map(String::as_str), Some("101"));
    let last = client.get("/v1/animal?limit=150&page=3");
    assert_eq!((last.column("id").len(), &last.body["meta"]["items_page_total"]), (100, &json!(3)));
    let beyond = client.get("/v1/animal?page=41");
    assert_eq!((beyond.column("id").len(), &beyond.body["meta"]["items_total"]), (0, &json!(400)));
    assert_eq!(client.get("/v1/animal?page=18446744073709551615&limit=200").column("id").len(), 0);
    let none = client.get("/v1/animal?name=Nobody");
    assert_eq!(
        (&none.body["meta"]["items_page_total"], &none.body["meta"]["items_total"]),
        (&json!(0), &json!(0))
    );
}

#[test]
fn what_a_list_cannot_take_is_refused_all_at_once() {
    let client = client();
    let wrong = client.get("/v1/animal?limit=201&page=0&sort=nothing:asc,name:up&colour=red&id=%7B");
    assert_eq!(wrong.faults(), ["limit", "page", "sort", "sort", "colour", "id"]);
    for path in [
        "limit=0",
        "limit=-1",
        "limit=ten",
        "page=1.5",
        "sort=id,id,id,id,id,id",
        "address_physical=x",
        "sort=resource_list:asc",
    ] {
        assert_eq!(client.get(&format!("/v1/contact?{path}")).faults().len(), 1, "{path}");
    }
    assert_eq!(client.get("/v1/animal?limit=200").column("id").len(), 200);
}

#[test]
fn filters_compare_by_the_kind_of_the_field() {
    let client = client();
    assert!(client.get("/v1/animal?contact_id=66").column("id").contains(&"109".to_owned()));
    assert_eq!(client.get("/v1/animal?contact_id=42&limit=50").column("id").len(), 12);
    assert_eq!(
        client.filtered("animal", "id", &json!({"in": ["109", 110, "x"]})).column("id"),
        ["109", "110"]
    );
    assert_eq!(
        client.filtered("animal", "id", &json!({"gt": "108", "lte": 110})).column("id"),
        ["109", "110"]
    );
    assert_eq!(client.filtered("animal", "name", &json!({"like": "Gr_zz%"})).column("id"), ["109"]);
    assert!(client.filtered("animal", "name", &json!({"like": "gr%"})).column("id").is_empty());
    assert_eq!(client.get("/v1/animal?microchip_number=985141000000109").column("id"), ["109"]);
    let total = |thing: &str, field: &str, test: Value| {
        client.filtered(thing, field, &test).body["meta"]["items_total"].as_u64().unwrap()
    };
    let without = total("animal", "microchip_number", json!({"eq": ""}));
    assert_eq!(without + total("animal", "microchip_number", json!({"neq": ""})), 400);
    assert!(without > 50);
    let light = total("animal", "weight", json!({"lt": "10"}));
    let heavy = total("animal", "weight", json!({"gte": 10}));
    assert!(light > 20 && heavy > 20 && light + heavy < 400, "none weighs nothing");
    let active = client.get("/v1/contact?active=true").body["meta"]["items_total"].as_u64().unwrap();
    assert_eq!(active + total("contact", "active", json!({"eq": 0})), 200);
    let busy = client.get("/v1/appointment?resource_list=1&limit=200");
    assert!(
        !busy.column("id").is_empty() && busy.column("resource_list").iter().all(|list| list == "[\"1\"]")
    );
    assert_eq!(client.get("/v1/animal?id=abc").column("id").len(), 0);
}

#[test]
fn a_filter_that_makes_no_sense_is_refused() {
    let client = client();
    let cases = [
        ("id", json!({"near": 1})),
        ("id", json!({"like": "1%"})),
        ("id", json!({"in": "1"})),
        ("id", json!({"gt": "x"})),
        ("id", json!({"eq": []})),
        ("id", json!({})),
        ("name", json!({"gt": "A"})),
    ];
    for (field, test) in cases {
        assert_eq!(client.filtered("animal", field, &test).faults(), [field], "{test}");
    }
}

#[test]
fn an_order_is_stable_and_goes_both_ways() {
    let client = client();
    let names = client.get("/v1/animal?sort=name:asc&limit=200").column("name");
    assert!(names.is_sorted());
    let down = client.get("/v1/appointment?sort=start_at:desc&limit=200").column("start_at");
    assert!(down.is_sorted_by(|one, other| one >= other));
    let both = client.get("/v1/animal?sort=species_id:asc,id:desc&limit=100").column("id");
    assert!(both.is_sorted_by(|one, other| one.parse::<u64>().unwrap() > other.parse().unwrap()), "all dogs");
    let weights = client.get("/v1/animal?sort=weight:desc&limit=5").column("weight");
    assert!(weights.iter().all(|weight| weight.len() >= 6), "{weights:?}");
}

// === shapes ===

#[test]
fn the_example_is_spelled_as_documented() {
    let client = client();
    let animal = client.get("/v1/animal/109");
    assert!(animal.body.get("meta").is_none());
    let expected = json!({
        "id": "109", "active": "1", "created_at": "1400140956", "modified_at": "1790941200", "name": "Grizzly",
        "code": "2000109", "sex_id": "2", "is_dead": "0", "is_hostile": "0", "species_id": "1", "breed_id": "4",
        "microchip_number": "985141000000109", "contact_id": "66", "date_of_birth": "1384560000",
        "is_estimated_date_of_birth": "0", "date_of_death": "", "weight": "4.20", "weight_unit": "lb",
        "notes": "Afraid of thunder; likes tennis balls.",
    });
    assert_eq!(animal.body["items"][0]["animal"], expected);
    assert_eq!(client.get("/v1/sex/2").one()["code"], "MN");
    assert_eq!(client.get("/v1/breed/4").one()["name"], "Chihuahua");
    assert_eq!(client.get("/v1/species/1").one()["name"], "Canine");
    let contact = client.get("/v1/contact/66");
    let contact = contact.one();
    let seed = seed::seed();
    let customer = seed.customers.iter().find(|one| one.id == "66").unwrap();
    assert_eq!(contact["contact_detail_list"][0]["value"], customer.email);
    assert_eq!(contact["contact_detail_list"][1]["value"], customer.phone);
    assert_eq!(contact["address_physical"]["city"], customer.city);
    assert_eq!(contact["address_postal"], json!([]));
    let kind = client.get("/v1/appointmenttype/2");
    assert_eq!((&kind.one()["price"], &kind.one()["active"]), (&json!("39.90"), &json!(1)));
}

#[test]
fn what_is_missing_or_not_offered_is_said() {
    let client = client();
    for path in [
        "/v1/animal/99",
        "/v1/animal/0109",
        "/v1/animal/abc",
        "/v1/animal/-1",
        "/v1/owner",
        "/v2/animal",
        "/",
    ] {
        let got = client.get(path);
        assert_eq!((got.status, &got.body["messages"][0]["level"]), (404, &json!("error")), "{path}");
    }
    assert_eq!(client.get("/v1/animal/109/notes").status, 404);
    for (method, path) in [
        ("DELETE", "/v1/animal/109"),
        ("PUT", "/v1/animal/109"),
        ("POST", "/v1/species"),
        ("PATCH", "/v1/sex/1"),
    ] {
        assert_eq!(client.send(method, path, Some(&json!({})), NOW).status, 405, "{method} {path}");
    }
    assert_eq!(client.get("/v1/ezycab/booking").status, 405);
}

#[test]
fn every_row_at_the_start_has_the_form_of_its_schema() {
    let store = Store::new(&seed::seed());
    for (name, thing) in THINGS {
        for (id, row) in store.rows(thing) {
            let kept: Vec<&str> = row.keys().map(String::as_str).collect();
            let fields = thing.fields().iter().filter(|field| field.kind != schema::Kind::Details);
            let declared: Vec<&str> = fields.map(|field| field.name).collect();
            assert_eq!(kept, declared, "{name} {id}");
            for field in thing.fields().iter().filter(|field| row.contains_key(field.name)) {
                let kept = &row[field.name];
                if field.kind == schema::Kind::Id {
                    assert_eq!(kept, &json!(id.to_string()));
                    continue;
                }
                assert_eq!(
                    accept::accept(&store, field, kept).as_ref(),
                    Ok(kept),
                    "{name} {id} {}",
                    field.name
                );
                let needed = field.role == schema::Role::Required;
                assert!(!needed || !accept::is_nothing(kept), "{name} {id} {}", field.name);
            }
        }
    }
}

#[test]
fn the_content_has_its_size_and_its_dirty_corners() {
    let store = Store::new(&seed::seed());
    let counts: BTreeMap<&str, usize> =
        THINGS.iter().map(|&(name, thing)| (name, store.rows(thing).count())).collect();
    let expected = [
        ("contact", 200),
        ("animal", 400),
        ("species", 6),
        ("breed", 42),
        ("sex", 9),
        ("appointment", 240),
        ("appointmenttype", 12),
        ("resource", 14),
        ("consult", 300),
        ("vaccination", 200),
    ];
    for (name, count) in expected {
        assert_eq!(counts[name], count, "{name}");
    }
    let some = |thing, holds: fn(&store::Row) -> bool| store.rows(thing).any(|(_, row)| holds(row));
    assert!(some(Thing::Contact, |row| row["address_physical"] == json!([])));
    assert!(some(Thing::Contact, |row| !flag(row, "active")));
    assert!(some(Thing::ContactDetail, |row| !flag(row, "active")));
    assert!(some(Thing::Consult, |row| row["vet_id"].is_null()));
    assert!(some(Thing::Vaccination, |row| row["date_due"].is_null()));
    assert!(some(Thing::Vaccination, |row| text(row, "lot").is_empty()));
    assert!(some(Thing::Appointment, |row| flag(row, "cancelled")));
    let example = store.rows(Thing::Vaccination).filter(|(_, row)| text(row, "animal_id") == "109");
    assert!(example.count() >= 1);
    let statuses: BTreeSet<&str> =
        store.rows(Thing::Appointment).map(|(_, row)| text(row, "status_id")).collect();
    assert_eq!(statuses, ["1", "2", "5", "6"].into());
    assert_eq!(format!("{store:?}"), format!("{:?}", Store::new(&seed::seed())), "the same at every start");
}

/// Every two active appointments of one resource; none may meet.
fn clashes(store: &Store) -> Vec<(u64, u64)> {
    let rows: Vec<_> = store.rows(Thing::Appointment).filter(|(_, row)| booking::occupies(row)).collect();
    let span = |row: &store::Row| {
        let start = number(row, "start_at").unwrap();
        (start, start + number(row, "duration").unwrap() * 60)
    };
    let mut clashes = Vec::new();
    for (at, (one, row)) in rows.iter().enumerate() {
        for (other, next) in rows.iter().skip(at + 1) {
            let ((start, end), (begin, until)) = (span(row), span(next));
            let shared =
                texts(row, "resource_list").any(|id| texts(next, "resource_list").any(|it| it == id));
            if shared && start < until && begin < end {
                clashes.push((*one, *other));
            }
        }
    }
    clashes
}

#[test]
fn the_diary_begins_without_a_clash_and_within_hours() {
    let store = Store::new(&seed::seed());
    assert_eq!(clashes(&store), []);
    for (id, row) in store.rows(Thing::Appointment) {
        let who = texts(row, "resource_list").next().unwrap();
        let (_, resource) = store.find(Thing::Resource, who).unwrap();
        let start = number(row, "start_at").unwrap();
        let end = start + number(row, "duration").unwrap() * 60;
        let day = (start + booking::OFFSET).div_euclid(86_400);
        let (open, close) = booking::hours(resource, day).unwrap();
        assert!(open <= start && end <= close, "{id}");
        assert!(row["created_at"].as_i64().unwrap() <= content::TODAY, "{id}");
    }
}

// === writes ===

#[test]
fn a_contact_is_made_with_its_details_and_changed() {
    let client = client();
    let made = client.post(
        "/v1/contact",
        &json!({
            "first_name": "Ana", "last_name": "Ruiz", "marketing_opt_in": true, "is_supplier": 0,
            "address_physical": {"street_1": "1 Elm St", "city": "Tempe", "country_code": "US"},
            "contact_detail_list": [
                {"contact_detail_type_id": 1, "value": "ana@example.org", "preferred": 1},
                {"contact_detail_type_id": "2", "value": "+1 555 010 9999"},
            ],
        }),
    );
    assert_eq!(made.status, 201);
    let contact = made.one();
    assert_eq!(
        (&contact["id"], &contact["code"], &contact["active"]),
        (&json!("202"), &json!("1000202"), &json!("1"))
    );
    assert_eq!(
        (&contact["created_at"], &contact["marketing_opt_in"]),
        (&json!(NOW.to_string()), &json!("1"))
    );
    assert_eq!(contact["address_physical"]["street_2"], "");
    assert_eq!(contact["contact_detail_list"][0]["value"], "ana@example.org");
    let ids = client.get("/v1/contactdetail?contact_id=202").column("id");
    assert_eq!(ids.len(), 2);
    let list = json!({"contact_detail_list": [{"contact_detail_type_id": "1", "value": "ana@example.net"}],
                      "address_physical": null});
    let changed = client.send("PATCH", "/v1/contact/202", Some(&list), NOW + 5);
    let changed = changed.one();
    let details = changed["contact_detail_list"].as_array().unwrap();
    assert_eq!((details.len(), &details[0]["id"]), (1, &json!(ids[0])), "the row of the type is kept");
    assert_eq!((&details[0]["value"], &details[0]["preferred"]), (&json!("ana@example.net"), &json!("1")));
    assert_eq!(changed["address_physical"], json!([]));
    assert_eq!(
        (&changed["modified_at"], &changed["first_name"]),
        (&json!((NOW + 5).to_string()), &json!("Ana"))
    );
    assert_eq!(client.get("/v1/contactdetail?contact_id=202&active=0").column("id"), [ids[1].as_str()]);
    assert_eq!(client.patch("/v1/contact/202", &json!({"active": 0})).one()["active"], "0");
    assert_eq!(client.get("/v1/contact/202").status, 200, "what is deleted is still there");
}

#[test]
fn everything_wrong_with_a_record_is_said_at_once() {
    let client = client();
    let wrong = client.post(
        "/v1/animal",
        &json!({"id": "7", "colour": "red", "name": "  ", "species_id": 99, "is_dead": "yes",
                "date_of_birth": "2019-04-23", "weight": "4,2", "weight_unit": "st"}),
    );
    let expected = [
        "id",
        "colour",
        "name",
        "is_dead",
        "species_id",
        "contact_id",
        "date_of_birth",
        "weight",
        "weight_unit",
    ];
    assert_eq!(wrong.faults(), expected);
    assert_eq!(wrong.body["messages"][0]["type"], "InvalidRequestException");
    assert_eq!(client.get("/v1/animal?limit=1").body["meta"]["items_total"], 400, "nothing was written");
    let details = json!({"last_name": "x", "contact_detail_list": [
        {"contact_detail_type_id": 1, "value": "no-address"}, {"contact_detail_type_id": 2, "value": "abc"},
        {"value": "y"}, 7, {"id": "661", "value": "a@example.org"}]});
    let wrong = client.post("/v1/contact", &details);
    assert_eq!(
        wrong.faults(),
        [
            "email",
            "mobile",
            "contact_detail_type_id",
            "contact_detail_list",
            "contact_detail_list",
            "contact_detail_type_id"
        ]
    );
    let twice = json!({"contact_detail_list": [{"id": "661"}, {"id": "661"}]});
    assert_eq!(client.patch("/v1/contact/66", &twice).faults(), ["contact_detail_list"]);
    assert_eq!(client.post("/v1/contact", &json!({})).faults(), ["last_name"]);
    assert_eq!(client.post("/v1/contact", &json!({"is_business": "1"})).faults(), ["business_name"]);
    assert_eq!(client.post("/v1/contact", &json!([])).faults(), [""]);
    assert_eq!(client.raw("POST", "/v1/contact", "application/json", "{", NOW).faults(), [""]);
    assert_eq!(client.raw("POST", "/v1/contact", "text/plain", "{}", NOW).faults(), [""]);
    assert_eq!(client.patch("/v1/contact/9999", &json!({})).status, 404);
}

#[test]
fn rules_over_several_fields_hold_on_every_write() {
    let client = client();
    let pet = |more: Value| {
        let mut form = json!({"name": "Rex", "species_id": "1", "contact_id": "66"});
        form.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        client.post("/v1/animal", &form)
    };
    let made = pet(json!({"weight": 4.2, "weight_unit": "kg", "date_of_birth": 1_600_000_000}));
    assert_eq!((&made.one()["weight"], &made.one()["sex_id"]), (&json!("4.20"), &json!("9")));
    assert_eq!((&made.one()["breed_id"], &made.one()["date_of_birth"]), (&Value::Null, &json!("1600000000")));
    assert_eq!(pet(json!({"breed_id": "15"})).faults(), ["breed_id"]);
    assert_eq!(pet(json!({"weight": "4"})).faults(), ["weight_unit"]);
    assert_eq!(pet(json!({"date_of_birth": NOW + 1})).faults(), ["date_of_birth"]);
    let id = made.one()["id"].as_str().unwrap();
    assert_eq!(client.patch(&format!("/v1/animal/{id}"), &json!({"species_id": 2})).status, 200);
    assert_eq!(client.patch("/v1/animal/109", &json!({"species_id": 2})).faults(), ["breed_id"]);
    assert_eq!(client.patch("/v1/animal/109", &json!({"name": null})).faults(), ["name"]);
    assert_eq!(client.patch("/v1/resource/1", &json!({"end_time": "07:00"})).faults(), ["end_time"]);
    assert_eq!(client.patch("/v1/contactdetail/661", &json!({"value": "nobody"})).faults(), ["value"]);
    let dates = json!({"animal_id": 109, "product_name": "DHPP", "date_given": 200, "date_due": 100});
    assert_eq!(client.post("/v1/vaccination", &dates).faults(), ["date_due"]);
}

#[test]
fn records_services_and_people_are_written() {
    let client = client();
    let consult = json!({"animal_id": "109", "date": NOW, "vet_id": 3, "notes": "Æ 🐾\n\"ok\""});
    let consult = client.post("/v1/consult", &consult);
    assert_eq!((consult.status, &consult.one()["notes"]), (201, &json!("Æ 🐾\n\"ok\"")));
    assert_eq!(consult.one()["date"], json!(NOW.to_string()));
    let given =
        json!({"animal_id": "109", "product_name": "DHPP", "date_given": NOW.to_string(), "lot": "L1"});
    let given = client.post("/v1/vaccination", &given);
    assert_eq!((&given.one()["date_given"], &given.one()["date_due"]), (&json!(NOW), &Value::Null));
    let person =
        json!({"name": "Ida", "type": "Grooming", "work_days": ["1", 2], "service_areas": ["Mesa", "Mesa"]});
    let person = client.post("/v1/resource", &person);
    let person = person.one();
    assert_eq!((&person["id"], &person["work_days"]), (&json!("15"), &json!(["1", "2"])));
    assert_eq!(
        (&person["service_areas"], &person["timezone"]),
        (&json!(["Mesa"]), &json!("America/Phoenix"))
    );
    let service = json!({"name": "Ear Cleaning", "default_duration": 15, "category": "Grooming", "price": 12.5,
                         "resource_list": [15]});
    let service = client.post("/v1/appointmenttype", &service);
    assert_eq!((&service.one()["price"], &service.one()["resource_list"]), (&json!("12.50"), &json!(["15"])));
    let wrong =
        json!({"name": "x", "default_duration": 17, "category": "Fun", "price": "-1", "resource_list": [99]});
    let wrong = client.post("/v1/appointmenttype", &wrong);
    assert_eq!(wrong.faults(), ["default_duration", "category", "price", "resource_list"]);
}

// === the diary ===

fn slots(client: &Client, kind: u64, resource: &str, from: i64, to: i64) -> Vec<(String, i64)> {
    let resource = if resource.is_empty() { String::new() } else { format!("&resource_id={resource}") };
    let query = format!("appointment_type_id={kind}{resource}&date_from={from}&date_to={to}");
    let got = client.get(&format!("/v1/ezycab/availability?{query}"));
    let (ids, starts) = (got.column("resource_id"), got.column("start_at"));
    ids.into_iter().zip(starts).map(|(id, start)| (id, start.parse().unwrap())).collect()
}

fn request(resource: &str, start: i64) -> Value {
    json!({"appointment_type_id": "2", "resource_id": resource, "contact_id": "66", "animal_id": "109",
           "start_at": start})
}

#[test]
fn what_is_available_can_be_booked_once() {
    let client = client();
    let free = slots(&client, 2, "", TOMORROW, TOMORROW + 86_400);
    assert!(free.is_sorted_by_key(|(id, start)| (*start, id.parse::<u64>().unwrap())) && free.len() > 50);
    let (resource, start) = free[free.len() / 2].clone();
    let made = client.post("/v1/ezycab/booking", &request(&resource, start));
    assert_eq!(made.status, 201);
    let appointment = made.one();
    assert_eq!((&appointment["start_at"], &appointment["duration"]), (&json!(start), &json!(15)));
    assert_eq!((&appointment["status_id"], &appointment["cancelled"]), (&json!("1"), &json!(0)));
    assert_eq!(appointment["resource_list"], json!([resource]));
    let again = client.post("/v1/ezycab/booking", &request(&resource, start));
    assert_eq!(again.faults(), ["start_at"]);
    assert_eq!(again.body["messages"][0]["type"], "SlotUnavailableException");
    let left = slots(&client, 2, "", TOMORROW, TOMORROW + 86_400);
    assert!(left.len() < free.len() && !left.contains(&(resource.clone(), start)));
    // Staff cannot either, and a part of the time is as good as all of it.
    let staff = json!({"type_id": "2", "resource_list": [resource], "contact_id": "66", "animal_id": "109",
                       "start_at": start - 300});
    let staff = client.post("/v1/appointment", &staff);
    assert_eq!(staff.body["messages"][0]["type"], "SlotUnavailableException");
}

#[test]
fn every_slot_offered_is_bookable_and_no_two_meet() {
    let client = client();
    let mut booked = 0;
    for (resource, start) in slots(&client, 2, "", TOMORROW, TOMORROW + 86_400) {
        assert_eq!(
            client.post("/v1/ezycab/booking", &request(&resource, start)).status,
            201,
            "{resource} {start}"
        );
        booked += 1;
    }
    assert!(booked > 50);
    assert!(slots(&client, 2, "", TOMORROW, TOMORROW + 86_400).is_empty());
    assert_eq!(clashes(&lock(&client.clinic.store)), []);
}

#[test]
fn two_at_once_are_never_booked_twice() {
    let client = Arc::new(client());
    let (resource, start) = slots(&client, 2, "1", TOMORROW, TOMORROW + 86_400)[0].clone();
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let (client, wish) = (Arc::clone(&client), request(&resource, start));
            std::thread::spawn(move || client.post("/v1/ezycab/booking", &wish).status)
        })
        .collect();
    let mut statuses: Vec<u16> = callers.into_iter().map(|caller| caller.join().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400, 400, 400, 400, 400, 400, 400]);
}

#[test]
fn an_appointment_is_moved_cancelled_and_revived() {
    let client = client();
    let free = slots(&client, 2, "1", TOMORROW, TOMORROW + 86_400);
    let (first, second) = (free[0].1, free[4].1);
    let one =
        client.post("/v1/ezycab/booking", &request("1", first)).one()["id"].as_str().unwrap().to_owned();
    let two =
        client.post("/v1/ezycab/booking", &request("1", second)).one()["id"].as_str().unwrap().to_owned();
    let path = |id: &str| format!("/v1/appointment/{id}");
    let clash = client.patch(&path(&two), &json!({"start_at": first}));
    assert_eq!(clash.body["messages"][0]["type"], "SlotUnavailableException");
    let moved = client.patch(&path(&two), &json!({"start_at": (second + 300).to_string()}));
    assert_eq!(moved.one()["start_at"], json!(second + 300), "it does not stand in its own way");
    let past = client.patch(&path(&two), &json!({"start_at": NOW - 86_400 * 7}));
    assert!(past.faults().contains(&"start_at".to_owned()));
    let gone = client.patch(&path(&one), &json!({"cancelled": 1, "cancellation_reason": "Ill"}));
    assert_eq!((&gone.one()["cancelled"], &gone.one()["cancellation_reason"]), (&json!(1), &json!("Ill")));
    assert_eq!(client.patch(&path(&two), &json!({"start_at": first})).status, 200);
    let revived = client.patch(&path(&one), &json!({"cancelled": "0"}));
    assert_eq!(revived.body["messages"][0]["type"], "SlotUnavailableException");
    assert_eq!(client.get(&path(&one)).one()["cancelled"], 1);
    let closed = client.patch(&path(&two), &json!({"status_id": "5"}));
    assert_eq!(closed.one()["status_id"], "5");
}

#[test]
fn a_booking_is_within_hours_for_people_who_do_it() {
    let client = client();
    let start = slots(&client, 2, "1", TOMORROW, TOMORROW + 86_400)[0].1;
    let wish = |name: &str, value: Value| {
        let mut wish = request("1", start);
        wish[name] = value;
        client.post("/v1/ezycab/booking", &wish)
    };
    assert_eq!(wish("resource_id", json!("7")).faults(), ["resource_id"]);
    assert_eq!(
        wish("resource_id", json!("14")).faults(),
        ["resource_id", "resource_id"],
        "left, and not listed"
    );
    assert_eq!(client.patch("/v1/resource/6", &json!({"access": "Hidden"})).status, 200);
    assert_eq!(wish("resource_id", json!("6")).faults(), ["resource_id"]);
    assert_eq!(wish("start_at", json!(start + 60)).faults(), ["start_at"]);
    assert_eq!(wish("start_at", json!(NOW)).faults().len(), 3, "past, off the grid, and before hours");
    let night = wish("start_at", json!(TOMORROW + 3600));
    assert_eq!(night.body["messages"][0]["type"], "SlotUnavailableException");
    assert_eq!(wish("duration", json!(361)).faults(), ["duration"]);
    assert_eq!(wish("type_id", json!("2")).faults(), ["type_id"]);
    assert_eq!(client.patch("/v1/animal/109", &json!({"active": 0})).status, 200);
    assert_eq!(wish("duration", json!(30)).faults(), ["animal_id"]);
    let missing = client.post("/v1/ezycab/booking", &json!({}));
    assert_eq!(
        missing.faults(),
        ["appointment_type_id", "resource_id", "contact_id", "animal_id", "start_at"]
    );
}

#[test]
fn availability_is_of_one_or_of_all_who_do_it() {
    let client = client();
    let all = slots(&client, 5, "", TOMORROW, TOMORROW + 5 * 86_400);
    let who: BTreeSet<&str> = all.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(who, ["1", "3", "4"].into());
    let one = slots(&client, 5, "3", TOMORROW, TOMORROW + 5 * 86_400);
    assert!(one.iter().all(|slot| slot.0 == "3" && all.contains(slot)) && !one.is_empty());
    assert!(slots(&client, 5, "7", TOMORROW, TOMORROW + 86_400).is_empty(), "a groomer does not operate");
    assert!(slots(&client, 12, "", TOMORROW, TOMORROW + 86_400).is_empty(), "no longer offered");
    let past = slots(&client, 2, "", NOW - 86_400, NOW + 86_400);
    assert!(past.iter().all(|(_, start)| *start > NOW));
    let sunday = TOMORROW + 3 * 86_400;
    assert!(slots(&client, 2, "", sunday, sunday + 86_400).is_empty());
    assert_eq!(client.patch("/v1/resource/3", &json!({"active": 0})).status, 200);
    assert!(slots(&client, 5, "3", TOMORROW, TOMORROW + 5 * 86_400).is_empty());
    let refused = |query: &str| client.get(&format!("/v1/ezycab/availability?{query}")).faults();
    assert_eq!(refused(""), ["appointment_type_id", "date_from", "date_to"]);
    assert_eq!(
        refused("appointment_type_id=99&date_from=1&date_to=x&day=1"),
        ["day", "appointment_type_id", "date_to"]
    );
    assert_eq!(refused("appointment_type_id=1&date_from=5&date_to=5"), ["date_to"]);
    assert_eq!(refused("appointment_type_id=1&date_from=0&date_to=2678401"), ["date_to"]);
}

#[test]
fn secrets_are_not_shown() {
    let settings = Settings { client_secret: "s3cret".to_owned(), ..Settings::default() };
    assert!(!format!("{settings:?}").contains("s3cret"));
}
