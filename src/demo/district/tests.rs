//! The district as its callers see it: requests to `answer`, no socket.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Request, header};
use serde_json::{Value, json};

use super::content::assets::vin_value;
use super::*;
use crate::demo::seed;

const NOW: i64 = 1_795_000_000;
const SCHOOLS: &str = "/ims/oneroster/v1p1/schools";

struct Answer {
    status: u16,
    headers: HeaderMap,
    json: Value,
}

struct Client {
    district: Arc<District>,
    token: String,
}

fn district() -> Arc<District> {
    let settings = Settings {
        client_id: "portico".to_owned(),
        client_secret: "s3cret".to_owned(),
        key: "the-key".to_owned(),
    };
    District::new(&seed::seed(), settings)
}

/// A caller with a token for everything.
fn client() -> Client {
    let mut client = Client { district: district(), token: String::new() };
    let answer = client.ask_token("grant_type=client_credentials");
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json["access_token"].as_str().unwrap().clone_into(&mut client.token);
    client
}

impl Client {
    fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str, now: i64) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "district.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let response = self.district.answer(&head, &Bytes::from(body.to_owned()), now);
        let (head, body) = response.into_parts();
        let json = serde_json::from_slice(&body).unwrap_or_default();
        Answer { status: head.status.as_u16(), headers: head.headers, json }
    }

    fn ask_token(&self, form: &str) -> Answer {
        let headers = [
            // portico:s3cret
            ("authorization", "Basic cG9ydGljbzpzM2NyZXQ="),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.raw("POST", "/token", &headers, form, NOW)
    }

    fn roster(&self, path: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        self.raw("GET", path, &[("authorization", &bearer)], "", NOW)
    }

    fn ids(&self, path: &str) -> Vec<String> {
        let answer = self.roster(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.json);
        let rows = answer.json.as_object().unwrap().values().next().unwrap().as_array().unwrap();
        rows.iter().map(|row| row["sourcedId"].as_str().unwrap().to_owned()).collect()
    }

    fn total(&self, path: &str) -> usize {
        let answer = self.roster(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.json);
        answer.headers["x-total-count"].to_str().unwrap().parse().unwrap()
    }

    /// A request to the register; all answers to the right key are 200 unless the path is wrong.
    fn snipe(&self, method: &str, path: &str, body: &Value) -> Value {
        let headers = [("authorization", "Token the-key"), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.raw(method, &format!("/api/v1{path}"), &headers, &body, NOW);
        assert_eq!(answer.status, 200, "{path}: {}", answer.json);
        answer.json
    }

    fn get(&self, path: &str) -> Value {
        self.snipe("GET", path, &Value::Null)
    }

    fn rows(&self, path: &str) -> Vec<Value> {
        self.get(path)["rows"].as_array().unwrap().clone()
    }

    /// The rows' values of one column, as text.
    fn column(&self, path: &str, name: &str) -> Vec<String> {
        self.rows(path).iter().map(|row| row[name].to_string().trim_matches('"').to_owned()).collect()
    }
}

fn minor(answer: &Answer) -> &str {
    assert_eq!(answer.json["imsx_codeMajor"], "failure", "{}", answer.json);
    assert_eq!(answer.json["imsx_severity"], "error");
    assert!(answer.json["imsx_description"].is_string());
    let field = &answer.json["imsx_CodeMinor"]["imsx_codeMinorField"][0];
    assert_eq!(field["imsx_codeMinorFieldName"], "TargetEndSystem");
    field["imsx_codeMinorFieldValue"].as_str().unwrap()
}

// === Tokens ===

#[test]
fn a_token_lives_for_the_hour_that_it_says() {
    let client = client();
    let answer = client.ask_token("grant_type=client_credentials");
    assert_eq!((&answer.json["token_type"], &answer.json["expires_in"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let bearer = format!("bearer {}", answer.json["access_token"].as_str().unwrap());
    let at = |now| client.raw("GET", SCHOOLS, &[("authorization", &bearer)], "", now);
    assert_eq!(at(NOW + 3599).status, 200);
    let over = at(NOW + 3600);
    assert_eq!((over.status, minor(&over)), (401, "unauthorisedrequest"));
    assert_eq!(over.headers[header::WWW_AUTHENTICATE], "Bearer");
    client.district.expire();
    assert_eq!(at(NOW).status, 401);
    assert!(client.district.logs_in("/token") && !client.district.logs_in(SCHOOLS));
}

#[test]
fn the_token_endpoint_refuses_as_oauth_does() {
    let client = client();
    for (form, error) in [
        ("", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        ("grant_type=client_credentials&scope=everything", "invalid_scope"),
    ] {
        let answer = client.ask_token(form);
        assert_eq!((answer.status, &answer.json["error"]), (400, &json!(error)), "{form}");
    }
    let form = ("content-type", "application/x-www-form-urlencoded");
    // portico:wrong, a word that is no base64, and none at all.
    for credentials in ["Basic cG9ydGljbzp3cm9uZw==", "Basic ?", "Bearer x"] {
        let headers = [("authorization", credentials), form];
        let answer = client.raw("POST", "/token", &headers, "grant_type=client_credentials", NOW);
        assert_eq!((answer.status, &answer.json["error"]), (401, &json!("invalid_client")), "{credentials}");
        assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE));
    }
    let json = [("authorization", "Basic cG9ydGljbzpzM2NyZXQ="), ("content-type", "application/json")];
    assert_eq!(client.raw("POST", "/token", &json, "{}", NOW).json["error"], "invalid_request");
    assert_eq!(client.raw("GET", "/token", &[], "", NOW).status, 405);
}

#[test]
fn a_token_is_good_for_its_scopes() {
    let mut client = client();
    for (scope, status) in [("roster-core", 200), ("roster", 200), ("roster-demographics", 403)] {
        let scope = format!("https://purl.imsglobal.org/spec/or/v1p1/scope/{scope}.readonly");
        let answer = client.ask_token(&format!("grant_type=client_credentials&scope={scope}"));
        assert_eq!(answer.json["scope"], scope);
        answer.json["access_token"].as_str().unwrap().clone_into(&mut client.token);
        assert_eq!(client.roster(SCHOOLS).status, status, "{scope}");
    }
}

#[test]
fn neither_family_takes_the_credentials_of_the_other() {
    let client = client();
    let bearer = format!("Bearer {}", client.token);
    for credentials in [bearer.as_str(), "Bearer the-key", "Token wrong", "the-key"] {
        let answer = client.raw("GET", "/api/v1/hardware", &[("authorization", credentials)], "", NOW);
        assert_eq!(answer.status, 401, "{credentials}");
        assert_eq!(answer.json, json!({"error": "Unauthorized or unauthenticated."}));
    }
    for headers in [&[][..], &[("authorization", "Token the-key")]] {
        assert_eq!(client.raw("GET", SCHOOLS, headers, "", NOW).status, 401);
    }
    assert_eq!(client.raw("GET", "/", &[], "", NOW).status, 404);
    assert_eq!(client.raw("GET", "/api/v12/hardware", &[], "", NOW).status, 404);
    let shown = format!("{:?}", client.district);
    assert!(!shown.contains("s3cret") && !shown.contains("the-key"), "{shown}");
}

// === OneRoster ===

#[test]
fn the_roster_is_as_large_as_promised() {
    let client = client();
    let root = "/ims/oneroster/v1p1";
    assert_eq!(client.total(&format!("{root}/orgs")), 15);
    assert_eq!(client.total(SCHOOLS), 14);
    assert_eq!(client.total(&format!("{SCHOOLS}?filter=status='active'")), 12);
    assert_eq!(client.total(&format!("{root}/students")), 420);
    assert_eq!(client.total(&format!("{root}/users?filter=role!='student'")), 90);
    let ids: BTreeSet<String> = client.ids(&format!("{root}/users?limit=1000")).into_iter().collect();
    assert_eq!(ids.len(), 510);
    let users = client.roster(&format!("{root}/users?limit=1000")).json;
    let users = users["users"].as_array().unwrap();
    let names: BTreeSet<&str> = users.iter().map(|user| user["username"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 510, "user names are unique");
    for user in users {
        assert!(["true", "false"].contains(&user["enabledUser"].as_str().unwrap()));
        assert!(["active", "tobedeleted"].contains(&user["status"].as_str().unwrap()));
    }
    let with = |name: &str, value: &str| users.iter().filter(|user| user[name] == value).count();
    assert!(with("email", "") > 50 && with("phone", "") > 50);
    assert!((10..60).contains(&with("status", "tobedeleted")), "{}", with("status", "tobedeleted"));
}

#[test]
fn orgs_have_the_documented_shape() {
    let client = client();
    let school = client.roster(&format!("{SCHOOLS}/S-4104")).json;
    let parent = json!({
        "href": "http://district.test/ims/oneroster/v1p1/orgs/D-4100", "sourcedId": "D-4100", "type": "org",
    });
    let org = &school["org"];
    assert_eq!(org["name"], "O'Neill Elementary School");
    assert_eq!((&org["type"], &org["status"]), (&json!("school"), &json!("active")));
    assert_eq!((&org["parent"], &org["children"]), (&parent, &json!([])));
    let modified = org["dateLastModified"].as_str().unwrap();
    assert!(modified.len() == 24 && modified.ends_with(":00.000Z"), "{modified}");
    let district = client.roster("/ims/oneroster/v1p1/orgs/D-4100").json;
    assert_eq!(district["org"]["children"].as_array().unwrap().len(), 14);
    assert_eq!(district["org"]["children"][13]["sourcedId"], "S-4114");
    assert_eq!(client.roster(&format!("{SCHOOLS}/S-4113")).json["org"]["status"], "tobedeleted");
}

#[test]
fn what_is_not_there_is_an_unknown_object() {
    let client = client();
    let root = "/ims/oneroster/v1p1";
    for path in [
        // An org, but no school.
        format!("{SCHOOLS}/D-4100"),
        format!("{SCHOOLS}/S-1"),
        format!("{SCHOOLS}/S-1/students"),
        format!("{SCHOOLS}/D-4100/teachers"),
        // A user, but no student.
        format!("{root}/students/U-100001"),
        format!("{root}/teachers/U-200001"),
        format!("{root}/users/%2e%2e"),
        format!("{root}/classes"),
        root.to_owned(),
    ] {
        let answer = client.roster(&path);
        assert_eq!((answer.status, minor(&answer)), (404, "unknownobject"), "{path}");
    }
    let bearer = format!("Bearer {}", client.token);
    let answer = client.raw("DELETE", &format!("{SCHOOLS}/S-4101"), &[("authorization", &bearer)], "", NOW);
    assert_eq!((answer.status, &answer.headers[header::ALLOW]), (405, &"GET".parse().unwrap()));
}

#[test]
fn a_school_has_its_own_people_only() {
    let client = client();
    let root = "/ims/oneroster/v1p1";
    let mut seen = 0;
    for number in 4101..=4114 {
        for (kind, role) in [("students", "student"), ("teachers", "teacher")] {
            let answer = client.roster(&format!("{SCHOOLS}/S-{number}/{kind}?limit=500"));
            for user in answer.json["users"].as_array().unwrap() {
                let orgs = user["orgs"].as_array().unwrap();
                assert!(orgs.iter().any(|org| org["sourcedId"] == format!("S-{number}")));
                assert_eq!(user["role"], role);
                seen += 1;
            }
        }
    }
    assert!(seen > 470, "{seen}");
    // The same by a filter on the list of orgs, which uses both predicates up.
    let filtered = client.ids(&format!("{root}/users?filter=orgs.sourcedId='S-4101'%20AND%20role='student'"));
    assert_eq!(filtered, client.ids(&format!("{SCHOOLS}/S-4101/students")));
    assert!(!filtered.is_empty());
}

#[test]
fn lists_are_paged_with_the_total_in_a_header() {
    let client = client();
    let students = "/ims/oneroster/v1p1/students";
    assert_eq!(client.ids(students).len(), 100);
    let all = client.ids(&format!("{students}?limit=420"));
    let mut walked = Vec::new();
    let mut next = Some(format!("{students}?limit=97&filter=role%3D'student'"));
    while let Some(path) = next {
        walked.extend(client.ids(&path));
        let answer = client.roster(&path);
        assert_eq!(answer.json.as_object().unwrap().len(), 1, "no total in the body");
        let link = answer.headers[header::LINK].to_str().unwrap();
        assert!(link.contains("rel=\"first\"") && link.contains("offset=388>; rel=\"last\""), "{link}");
        let found = link.split(", ").find_map(|link| link.strip_suffix(">; rel=\"next\""));
        next = found.map(|link| link.trim_start_matches("<http://district.test").to_owned());
    }
    assert_eq!(walked, all);
    let beyond = client.roster(&format!("{students}?offset=420"));
    assert_eq!((&beyond.json, beyond.status), (&json!({"users": []}), 200));
    assert_eq!(beyond.headers["x-total-count"], "420");
    for query in ["limit=0", "limit=-1", "limit=x", "offset=-1", "offset=", "limit=99999999999"] {
        let answer = client.roster(&format!("{students}?{query}"));
        assert_eq!((answer.status, minor(&answer)), (400, "invaliddata"), "{query}");
    }
}

#[test]
fn filters_take_two_predicates_and_no_third() {
    let client = client();
    let ids = |filter: &str| client.ids(&format!("/ims/oneroster/v1p1/orgs?filter={filter}"));
    assert_eq!(ids("type='school'%20AND%20status='active'").len(), 12);
    assert_eq!(ids("type='district'+OR+status='tobedeleted'"), ["D-4100", "S-4113", "S-4114"]);
    assert_eq!(ids("name~'MIDDLE'"), ["S-4108", "S-4109", "S-4114"]);
    assert_eq!(ids("sourcedId%3E='S-4113'"), ["S-4113", "S-4114"]);
    assert_eq!(ids("name%3D'O''Neill%20Elementary%20School'"), ["S-4104"]);
    assert_eq!(ids("parent.sourcedId='D-4100'").len(), 14);
    let all = ids("dateLastModified%3E'2000-01-01'").len();
    assert_eq!((all, ids("dateLastModified%3C'2000-01-01'").len()), (15, 0));
    for filter in [
        "type='school'%20AND%20status='active'%20AND%20name~'a'",
        "nonsense='x'",
        "parent='x'",
        "parent.nonsense='x'",
        "type=school",
        "type",
        "",
    ] {
        let answer = client.roster(&format!("/ims/oneroster/v1p1/orgs?filter={filter}"));
        assert_eq!((answer.status, minor(&answer)), (400, "invalid_filter_field"), "{filter}");
    }
}

#[test]
fn lists_are_sorted_and_cut_down_to_fields() {
    let client = client();
    let names = |query: &str| -> Vec<String> {
        let rows = client.roster(&format!("{SCHOOLS}?{query}")).json;
        rows["orgs"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let ascending = names("sort=name");
    let mut sorted = ascending.clone();
    sorted.sort_by_key(|name| name.to_lowercase());
    assert_eq!(ascending, sorted);
    sorted.reverse();
    assert_eq!(names("sort=name&orderBy=desc"), sorted);
    assert_eq!(names("sort=nonsense&orderBy=desc"), names(""));
    let answer = client.roster(&format!("{SCHOOLS}?orderBy=up"));
    assert_eq!((answer.status, minor(&answer)), (400, "invaliddata"));
    let one = client.roster(&format!("{SCHOOLS}/S-4101?fields=name,%20sourcedId")).json;
    assert_eq!(one, json!({"org": {"sourcedId": "S-4101", "name": "Alder Creek Elementary School"}}));
    let whole = client.roster(&format!("{SCHOOLS}/S-4101")).json;
    assert_eq!(client.roster(&format!("{SCHOOLS}/S-4101?fields=name,nonsense")).json, whole);
    for fields in ["", "name,,type"] {
        let answer = client.roster(&format!("{SCHOOLS}?fields={fields}"));
        assert_eq!((answer.status, minor(&answer)), (400, "invalid_selection_field"), "{fields}");
    }
}

// === The register ===

#[test]
fn the_register_is_as_large_as_promised() {
    let client = client();
    let total = |path: &str| client.get(path)["total"].as_u64().unwrap();
    assert_eq!(total("/hardware"), 160);
    assert_eq!(total("/hardware?category_id=1"), 60);
    assert_eq!(total("/hardware?status=Deleted"), 4);
    assert_eq!(total("/maintenances"), 120);
    assert_eq!(total("/maintenance-schedules"), 70);
    assert_eq!(total("/parts-requests"), 40);
    assert_eq!(total("/locations"), 14);
    let rows = client.rows("/hardware?limit=500");
    let tags: BTreeSet<&str> = rows.iter().map(|row| row["asset_tag"].as_str().unwrap()).collect();
    assert_eq!(tags.len(), 160);
    let names: BTreeMap<u64, String> = client
        .rows("/locations")
        .iter()
        .map(|row| (row["id"].as_u64().unwrap(), row["notes"].as_str().unwrap().to_owned()))
        .collect();
    for row in &rows {
        let location = row["location"]["id"].as_u64().unwrap();
        assert_eq!(row["custom_fields"]["School"]["value"], names[&location]);
    }
    assert_eq!(names[&4], "S-4104");
}

#[test]
fn vehicles_have_a_vin_whose_check_digit_is_right() {
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let mut seen = 0;
    for row in client().rows("/hardware?category_id=1&limit=500") {
        let vin = row["custom_fields"]["VIN"]["value"].as_str().unwrap().to_uppercase();
        if vin.is_empty() {
            continue;
        }
        let sum: u32 = vin.chars().zip(weights).map(|(letter, weight)| vin_value(letter) * weight).sum();
        let check = char::from_digit(sum % 11, 10).unwrap_or('X');
        assert_eq!((vin.len(), vin.chars().nth(8)), (17, Some(check)), "{vin}");
        seen += 1;
    }
    assert_eq!(seen, 59);
}

#[test]
fn an_asset_has_the_documented_shape() {
    let asset = client().get("/hardware/4");
    assert_eq!((&asset["id"], &asset["asset_tag"]), (&json!(4), &json!("BUS-0004")));
    assert_eq!(asset["category"], json!({"id": 1, "name": "Vehicles"}));
    assert_eq!(asset["location"], json!({"id": 4, "name": "O&#039;Neill Elementary School"}));
    assert_eq!(asset["serial"], "");
    assert!(asset["model"]["id"].is_u64() && asset["model"]["name"].is_string());
    assert!(asset["status_label"]["status_type"].is_string());
    let (date, formatted) = (&asset["purchase_date"]["date"], &asset["purchase_date"]["formatted"]);
    assert_eq!((date.as_str().unwrap().len(), formatted.as_str().unwrap().len()), (10, 16));
    let datetime = asset["created_at"]["datetime"].as_str().unwrap();
    assert_eq!((datetime.len(), &datetime[10..11]), (19, " "));
    let field = &asset["custom_fields"]["School"];
    let expected =
        json!({"field": "_snipeit_school_4", "value": "S-4104", "field_format": "ANY", "element": "text"});
    assert_eq!(field, &expected);
    assert!(asset["deleted_at"].is_null());
}

#[test]
fn lists_page_sort_filter_and_search() {
    let client = client();
    let ids = |path: &str| client.column(path, "id");
    assert_eq!(ids("/hardware").len(), 50);
    assert_eq!(ids("/hardware?limit=9999").len(), 160);
    assert_eq!(ids("/hardware?limit=x&offset=y").len(), 50);
    assert_eq!(ids("/hardware?offset=1000"), Vec::<String>::new());
    let all = ids("/hardware?sort=id&order=asc&limit=500");
    let mut walked = Vec::new();
    for offset in (0..160).step_by(30) {
        walked.extend(ids(&format!("/hardware?sort=id&order=asc&limit=30&offset={offset}")));
    }
    assert_eq!(walked, all);
    assert_eq!(all[0], "1");
    assert_eq!(ids("/hardware?sort=id&limit=1"), ["164"], "descending unless told");
    let created = |path: &str| -> Vec<String> {
        let rows = client.rows(path);
        rows.iter().map(|row| row["created_at"]["datetime"].as_str().unwrap().to_owned()).collect()
    };
    let newest = created("/hardware?limit=500");
    assert!(newest.is_sorted_by(|a, b| a >= b));
    assert_eq!(ids("/hardware?sort=nonsense"), ids("/hardware"));
    let names = client.column("/hardware?category_id=1&sort=name&order=asc&limit=500", "name");
    assert!(names.is_sorted_by_key(|name| name.to_lowercase()));
    let costs = client.column("/hardware?sort=purchase_cost&order=asc&limit=500", "purchase_cost");
    let costs: Vec<f64> = costs.iter().filter_map(|cost| cost.parse().ok()).collect();
    assert!(costs.len() > 100 && costs.is_sorted());
    for row in client.rows("/hardware?location_id=4&status_id=5&limit=500") {
        assert_eq!((&row["location"]["id"], &row["status_label"]["id"]), (&json!(4), &json!(5)));
    }
    assert_eq!(client.column("/hardware?search=bus-0004", "asset_tag"), ["BUS-0004"]);
    assert_eq!(client.column("/hardware?search=bus-0004%20OR%20van-0001", "asset_tag").len(), 2);
    let by_school = "/hardware?limit=500&sort=id&filter=%7B%22_snipeit_school_4%22:%22S-4104%22%7D";
    assert_eq!(ids(by_school), ids("/hardware?limit=500&sort=id&location_id=4"));
    assert_eq!(ids("/hardware?filter=%7Bnonsense").len(), 50);
    assert_eq!(ids("/hardware?filter=%7B%22nonsense%22:%22x%22%7D").len(), 50);
    assert_eq!(ids("/hardware?filter=%7B%22supplier%22:%22no%20such%22%7D").len(), 0);
    assert_eq!(client.column("/models?category_id=1", "id").len(), 7);
    assert_eq!(client.get("/suppliers/3")["name"], "O&#039;Malley &amp; Sons Auto Electric");
    assert_eq!(client.get("/statuslabels?category_id=1")["total"], 5, "not a filter here");
    assert_eq!(client.get("/hardware/bytag/bus-0004")["id"], 4);
    assert_eq!(client.get("/hardware/bytag/none")["messages"], "Asset does not exist.");
}

#[test]
fn what_is_missing_comes_with_200() {
    let client = client();
    let missing = |noun: &str| json!({"status": "error", "messages": format!("{noun} does not exist."), "payload": null});
    assert_eq!(client.get("/hardware/9999"), missing("Asset"));
    assert_eq!(client.get("/hardware/x"), missing("Asset"));
    assert_eq!(client.get("/maintenances/9999"), missing("Asset maintenance"));
    assert_eq!(client.snipe("PATCH", "/hardware/9999", &json!({})), missing("Asset"));
    assert_eq!(client.snipe("DELETE", "/parts-requests/0", &Value::Null), missing("Parts request"));
    let key = [("authorization", "Token the-key")];
    let status = |method, path| client.raw(method, path, &key, "", NOW).status;
    assert_eq!(status("GET", "/api/v1/nonsense"), 404);
    assert_eq!(status("GET", "/api/v1"), 404);
    assert_eq!(status("GET", "/api/v1/hardware/1/files"), 404);
    assert_eq!(status("PUT", "/api/v1/hardware"), 405);
    assert_eq!(status("POST", "/api/v1/maintenance-schedules"), 405);
    assert_eq!(status("DELETE", "/api/v1/locations/1"), 405);
}

#[test]
fn an_asset_is_created_read_changed_and_deleted() {
    let client = client();
    let sent = json!({
        "asset_tag": "VAN-0100", "model_id": "5", "status_id": 1, "location_id": 2, "name": "Van <100>",
        "purchase_cost": 39900, "purchase_date": "2026-03-01", "_snipeit_vin_1": "x", "nonsense": 1,
        "_snipeit_school_4": "S-4109",
    });
    let created = client.snipe("POST", "/hardware", &sent);
    assert_eq!(created["messages"], "Asset created successfully.");
    let payload = &created["payload"];
    // The row of the database, not what is read.
    assert_eq!((&payload["id"], &payload["model_id"]), (&json!(165), &json!(5)));
    assert_eq!((&payload["purchase_cost"], &payload["name"]), (&json!("39900.00"), &json!("Van <100>")));
    assert!(payload.get("nonsense").is_none());
    let read = client.get("/hardware/165");
    assert_eq!(read["name"], "Van &lt;100&gt;");
    assert_eq!(read["custom_fields"]["School"]["value"], "S-4102", "the hook's, not the caller's");
    assert_eq!(read["created_at"]["datetime"], "2026-11-18 11:06:40");
    // PUT changes what it is given and no more.
    let changed = client.snipe("PUT", "/hardware/165", &json!({"notes": "a & b", "purchase_date": null}));
    assert_eq!(changed["messages"], "Asset updated successfully.");
    let read = client.get("/hardware/165");
    assert_eq!((&read["notes"], &read["purchase_date"]), (&json!("a &amp; b"), &json!(null)));
    assert_eq!((&read["asset_tag"], &read["model"]["id"]), (&json!("VAN-0100"), &json!(5)));
    let deleted = client.snipe("DELETE", "/hardware/165", &Value::Null);
    let expected = json!({"status": "success", "messages": "Asset deleted successfully.", "payload": null});
    assert_eq!(deleted, expected);
    assert_eq!(client.get("/hardware")["total"], 160);
    assert!(client.get("/hardware/165")["deleted_at"]["datetime"].is_string(), "still read alone");
    assert_eq!(client.snipe("PATCH", "/hardware/165", &json!({}))["messages"], "Asset does not exist.");
    // The tag is free again.
    assert_eq!(client.snipe("POST", "/hardware", &sent)["payload"]["id"], 166);
}

#[test]
fn all_faults_of_an_asset_come_at_once() {
    let client = client();
    let sent = json!({
        "asset_tag": "bus-0004", "model_id": 99, "location_id": 99, "purchase_cost": "1,000",
        "purchase_date": "2026-02-30", "name": "x".repeat(256), "notes": 5,
    });
    let answer = client.snipe("POST", "/hardware", &sent);
    let expected = json!({
        "asset_tag": ["The asset tag must be unique."],
        "location_id": ["The selected location id is invalid."],
        "model_id": ["The selected model id is invalid."],
        "name": ["The name may not be greater than 255 characters."],
        "notes": ["The notes must be a string."],
        "purchase_cost": ["The purchase cost must be a number."],
        "purchase_date": ["The purchase date is not a valid date."],
        "status_id": ["The status id field is required."],
    });
    assert_eq!((&answer["status"], &answer["payload"]), (&json!("error"), &json!(null)));
    assert_eq!(answer["messages"], expected);
    // Its own tag is no other's; an odometer is a number.
    let odometer = json!({"asset_tag": "BUS-0004", "_snipeit_odometer_3": "many"});
    let answer = client.snipe("PATCH", "/hardware/4", &odometer);
    let expected = json!({"_snipeit_odometer_3": ["The _snipeit_odometer_3 must be a number."]});
    assert_eq!(answer["messages"], expected);
    // A body that cannot be read counts as none.
    let headers = [("authorization", "Token the-key"), ("content-type", "application/json")];
    let answer = client.raw("POST", "/api/v1/hardware", &headers, "{\"asset_tag\":", NOW);
    assert_eq!(answer.json["messages"].as_object().unwrap().len(), 3);
    let form = [headers[0], ("content-type", "application/x-www-form-urlencoded")];
    let answer = client.raw("POST", "/api/v1/hardware", &form, "asset_tag=F-1&model_id=8&status_id=1", NOW);
    assert_eq!(answer.json["status"], "success", "{}", answer.json);
}

#[test]
fn maintenance_is_asked_for_and_carried_out() {
    let client = client();
    let sent = json!({
        "asset_id": 4, "title": "Mirror's loose", "asset_maintenance_type": "Repair",
        "start_date": "2026-11-18",
    });
    let created = client.snipe("POST", "/maintenances", &sent);
    assert_eq!(created["messages"], "Asset maintenance created successfully.");
    let read = client.get("/maintenances/121");
    assert_eq!(read["title"], "Mirror&#039;s loose");
    assert_eq!(read["asset"]["id"], 4);
    assert_eq!(read["start_date"], json!({"date": "2026-11-18", "formatted": "Wed Nov 18, 2026"}));
    assert_eq!((&read["completion_date"], &read["cost"]), (&json!(null), &json!(null)));
    assert_eq!(read["custom_fields"]["Request status"]["value"], "open");
    assert_eq!(read["custom_fields"]["School"]["value"], "S-4104");
    let done =
        json!({"_snipeit_request_status_9": "completed", "completion_date": "2026-11-21", "cost": "80.5"});
    client.snipe("PATCH", "/maintenances/121", &done);
    let read = client.get("/maintenances/121");
    assert_eq!((&read["asset_maintenance_time"], &read["cost"]), (&json!(3), &json!("80.50")));
    assert_eq!(read["custom_fields"]["Request status"]["value"], "completed");
    let wrong = json!({"completion_date": "2026-11-17", "_snipeit_request_status_9": "done", "title": ""});
    let answer = client.snipe("PATCH", "/maintenances/121", &wrong);
    let faults: Vec<&String> = answer["messages"].as_object().unwrap().keys().collect();
    assert_eq!(faults, ["_snipeit_request_status_9", "completion_date", "title"]);
    for row in client.rows("/maintenances?location_id=4&request_status=open&limit=500") {
        assert_eq!(row["location"]["id"], 4);
        assert_eq!(row["custom_fields"]["Request status"]["value"], "open");
    }
    assert!(client.rows("/maintenances?asset_id=4").iter().all(|row| row["asset"]["id"] == 4));
    client.snipe("DELETE", "/maintenances/121", &Value::Null);
    assert_eq!(client.get("/maintenances/121")["status"], "error", "unlike an asset it is gone");
}

#[test]
fn schedules_are_by_weeks_or_miles() {
    let client = client();
    let rows = client.rows("/maintenance-schedules?limit=500");
    for row in &rows {
        assert!(row["interval_weeks"].is_u64() || row["interval_miles"].is_u64());
        assert_eq!(row["interval_weeks"].is_null(), row["next_due"].is_null());
        assert!(row["last_completed"]["date"].is_string());
    }
    assert!(rows.iter().any(|row| row["next_due"].is_null()));
    assert!(rows.iter().any(|row| row["active"] == 0) && rows.iter().any(|row| row["active"] == 1));
    let due = client.rows("/maintenance-schedules?sort=next_due&order=asc&active=1&limit=500");
    let due: Vec<&str> = due.iter().map(|row| row["next_due"]["date"].as_str().unwrap_or_default()).collect();
    assert!(due.is_sorted());
    assert_eq!(client.get("/maintenance-schedules/1")["asset"]["id"], 1);
}

#[test]
fn a_parts_request_is_recorded_once_and_cancelled() {
    let client = client();
    let sent = json!({
        "school": "S-4104", "asset_id": 4, "part_number": "BRK-2210", "quantity": 2, "status": "reserved",
        "reservation_reference": "RES-900001",
    });
    assert_eq!(client.snipe("POST", "/parts-requests", &sent)["payload"]["id"], 41);
    let read = client.get("/parts-requests/41");
    let school = json!({"id": 4, "name": "O&#039;Neill Elementary School", "sourced_id": "S-4104"});
    assert_eq!((&read["school"], &read["quantity"]), (&school, &json!(2)));
    let again = client.snipe("POST", "/parts-requests", &sent);
    let expected = json!({"reservation_reference": ["The reservation reference must be unique."]});
    assert_eq!(again["messages"], expected);
    let found = client.column("/parts-requests?reservation_reference=RES-900001", "id");
    assert_eq!(found, ["41"]);
    let cancelled = client.snipe("DELETE", "/parts-requests/41", &Value::Null);
    assert_eq!(cancelled["payload"]["status"], "cancelled");
    assert_eq!(client.get("/parts-requests/41")["status"], "cancelled", "it stays");
    assert!(client.get("/parts-requests/41")["cancelled_at"]["datetime"].is_string());
    let answer = client.snipe("DELETE", "/parts-requests/41", &Value::Null);
    assert_eq!(answer["messages"], "The parts request is already cancelled.");
    let answer = client.snipe("PATCH", "/parts-requests/41", &json!({"quantity": 1}));
    assert_eq!(answer["messages"], "The parts request is closed and cannot be changed.");
    let shipped = client.column("/parts-requests?status=shipped", "id");
    let answer = client.snipe("DELETE", &format!("/parts-requests/{}", shipped[0]), &Value::Null);
    assert_eq!(answer["messages"], "The parts request can no longer be cancelled.");
}

#[test]
fn a_parts_request_fits_school_and_vehicle() {
    let client = client();
    let check = |changes: Value, column: &str, message: &str| {
        let mut sent = json!({"school": "S-4104", "asset_id": 4, "part_number": "BRK-2210", "quantity": 2});
        sent.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let answer = client.snipe("POST", "/parts-requests", &sent);
        assert_eq!(answer["messages"], json!({column: [message]}), "{changes}");
    };
    check(json!({"school": "S-4113"}), "school", "The selected school is invalid.");
    check(json!({"school": "S-4105"}), "asset_id", "The asset does not belong to the school.");
    check(json!({"asset_id": 70}), "asset_id", "The asset is not a vehicle.");
    check(json!({"asset_id": 31}), "asset_id", "The selected asset id is invalid.");
    check(json!({"quantity": 0}), "quantity", "The quantity must be at least 1.");
    check(json!({"quantity": 1.5}), "quantity", "The quantity must be an integer.");
    check(json!({"quantity": null}), "quantity", "The quantity field is required.");
    check(json!({"part_number": " "}), "part_number", "The part number field is required.");
    check(json!({"status": "lost"}), "status", "The selected status is invalid.");
    assert_eq!(client.get("/parts-requests")["total"], 40);
}

#[test]
fn the_data_is_what_it_always_was() {
    let client = client();
    let mut printed = String::new();
    for path in ["/hardware", "/maintenances", "/maintenance-schedules", "/parts-requests", "/locations"] {
        printed += &client.get(&format!("{path}?limit=500&sort=id")).to_string();
    }
    printed += &client.roster("/ims/oneroster/v1p1/users?limit=1000").json.to_string();
    printed += &client.roster("/ims/oneroster/v1p1/orgs").json.to_string();
    // FNV-1a of the whole: any change of a word, of a draw or of their order shows here. People are named after the
    // seed's customers, so that their names count as well.
    let hash = printed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(format!("{hash:016x}"), "b02f2a1d06461d8b");
}
