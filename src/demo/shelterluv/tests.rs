//! The shelter as its callers see it: requests answered one by one, no socket.

use std::collections::BTreeSet;

use http::Request;

use super::*;
use crate::demo::seed;

/// 2026-11-18, after the last change of the data.
const NOW: i64 = 1_795_000_000;

struct Answer {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

fn shelter() -> Arc<Shelterluv> {
    Shelterluv::new(&seed::seed(), Settings::default())
}

fn ask(shelter: &Shelterluv, method: &str, path: &str, key: Option<&str>, now: i64) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(key) = key {
        request = request.header("X-Api-Key", key);
    }
    let (head, ()) = request.body(()).unwrap().into_parts();
    let (head, body) = shelter.answer(&head, &Bytes::new(), now).into_parts();
    let text = String::from_utf8(body.to_vec()).unwrap();
    Answer { status: head.status.as_u16(), headers: head.headers, text }
}

fn get(shelter: &Shelterluv, path: &str) -> Value {
    let answer = ask(shelter, "GET", path, Some("portico"), NOW);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    assert_eq!(answer.header("content-type"), "application/json");
    answer.json()
}

/// All rows of a list, page by page.
fn all(shelter: &Shelterluv, path: &str, name: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    loop {
        let joint = if path.contains('?') { '&' } else { '?' };
        let page = get(shelter, &format!("{path}{joint}offset={}", rows.len()));
        rows.extend(page[name].as_array().unwrap().iter().cloned());
        if page["has_more"] == false {
            assert_eq!(page["total_count"], rows.len());
            return rows;
        }
    }
}

fn number(row: &Value, name: &str) -> i64 {
    row[name].as_str().unwrap().parse().unwrap()
}

#[test]
fn a_list_comes_in_pages_of_a_hundred_at_most() {
    let shelter = shelter();
    for path in ["/v1/animals", "/v1/animals/?limit=100", "/v1/animals?limit=1000", "/v1/animals?limit=x"] {
        let page = get(&shelter, path);
        assert_eq!(page["success"], 1);
        assert_eq!(page["animals"].as_array().unwrap().len(), 100, "{path}");
        assert_eq!((&page["has_more"], &page["total_count"]), (&json!(true), &json!(123)));
    }
    let page = get(&shelter, "/v1/animals?limit=100&offset=100");
    assert_eq!(page["animals"].as_array().unwrap().len(), 23);
    assert_eq!(page["has_more"], false);
    let page = get(&shelter, "/v1/animals?offset=5000");
    assert_eq!(page, json!({"success": 1, "animals": [], "has_more": false, "total_count": 123}));
}

#[test]
fn animals_are_in_the_order_of_their_internal_ids() {
    let shelter = shelter();
    let ids: Vec<i64> = all(&shelter, "/v1/animals?limit=30", "animals")
        .iter()
        .map(|animal| number(animal, "Internal-ID"))
        .collect();
    assert_eq!(ids.len(), 123);
    assert!(ids.is_sorted_by(|one, other| one < other));
    // As texts they would be in another order.
    assert!(!ids.iter().map(i64::to_string).collect::<Vec<_>>().is_sorted());
}

#[test]
fn changes_are_read_on_from_a_second() {
    let shelter = shelter();
    let since = 1_750_000_000;
    let rows = all(&shelter, &format!("/v1/animals?since={since}&sort=updated_at&limit=10"), "animals");
    let times: Vec<i64> = rows.iter().map(|row| number(row, "LastUpdatedUnixTime")).collect();
    assert!(!times.is_empty() && times.len() < 123);
    assert!(times.is_sorted() && times[0] >= since);
    let newest = times.last().unwrap();
    assert!(!all(&shelter, &format!("/v1/animals?since={newest}"), "animals").is_empty());
    assert!(all(&shelter, &format!("/v1/animals?since={}", newest + 86_400 * 365), "animals").is_empty());
}

#[test]
fn a_status_type_is_a_group_of_statuses_and_hides_nothing() {
    let shelter = shelter();
    let custody = all(&shelter, "/v1/animals?status_type=in%20custody", "animals");
    let shown = all(&shelter, "/v1/animals?status_type=publishable", "animals");
    assert!(shown.len() < custody.len() && custody.len() < 123);
    let names = |rows: &[Value]| -> BTreeSet<String> {
        rows.iter().map(|row| row["Status"].as_str().unwrap().to_owned()).collect()
    };
    assert!(names(&custody).contains("Medical Hold"));
    assert!(!names(&custody).contains("Healthy In Home"));
    assert_eq!(names(&shown).into_iter().collect::<Vec<_>>(), ["Adoption Pending", "Available For Adoption"]);
    // The flag is the caller's to mind.
    assert!(shown.iter().any(|row| row["Publish"] == "No"));
    let answer = get(&shelter, "/v1/animals?status_type=everything");
    assert_eq!(answer, json!({"success": 0, "error_message": "Invalid status_type"}));
}

#[test]
fn one_animal_is_bare_and_addressed_by_its_internal_id_alone() {
    let shelter = shelter();
    let rows = all(&shelter, "/v1/animals", "animals");
    let row = rows.iter().find(|row| row["ID"] == "PH-A-1204").unwrap();
    let id = row["Internal-ID"].as_str().unwrap();
    let animal = get(&shelter, &format!("/v1/animals/{id}"));
    assert_eq!(&animal, row);
    assert_eq!(animal.get("success"), None);
    assert_eq!(animal["Breed"], "Chihuahua /Mix");
    assert_eq!(animal["CurrentWeightPounds"], "8.1571");
    assert_eq!(animal["DOBUnixTime"], "1615680000");
    assert_eq!(animal["Age"], 68);
    assert_eq!(animal["AdoptionFeeGroup"]["Price"], "$150.00");
    assert_eq!(animal["Microchips"][0]["Id"], "985112300815657");
    let bite = animal["Attributes"].as_array().unwrap().iter().find(|of| of["Publish"] == "No").unwrap();
    assert_eq!(bite["AttributeName"], "Bite History - Child");
    for path in ["/v1/animals/PH-A-1204", "/v1/animals/1", "/v1/animals/PH-A-1204/events", "/v1/animals/%20"]
    {
        assert_eq!(get(&shelter, path), json!({"success": 0, "error_message": "Animal not found"}), "{path}");
    }
}

#[test]
fn records_have_the_dirty_corners_that_they_promise() {
    let shelter = shelter();
    let rows = all(&shelter, "/v1/animals", "animals");
    let some = |test: &dyn Fn(&Value) -> bool| rows.iter().filter(|row| test(row)).count() > 0;
    for (name, nothing) in [
        ("ID", json!("")),
        ("Sex", json!(null)),
        ("DOBUnixTime", json!(null)),
        ("Age", json!(null)),
        ("CurrentWeightPounds", json!("")),
        ("Breed", json!(null)),
        ("Microchips", json!([])),
        ("Attributes", json!([])),
        ("AdoptionFeeGroup", json!([])),
        ("CurrentLocation", json!(null)),
        ("PreviousIds", json!([])),
        ("Photos", json!([])),
        ("Videos", json!([])),
        ("Description", json!("")),
        ("LitterGroupId", json!(null)),
        ("Altered", json!("Unknown")),
        ("Publish", json!("No")),
    ] {
        assert!(some(&|row| row[name] == nothing), "{name} is never {nothing}");
        assert!(some(&|row| row[name] != nothing), "{name} is always {nothing}");
    }
    let breed = |part: &str| some(&|row| row["Breed"].as_str().is_some_and(|breed| breed.contains(part)));
    assert!(breed(" /Mix") && breed(" / "));
    let chip =
        |test: &dyn Fn(&str) -> bool| some(&|row| row["Microchips"][0]["Id"].as_str().is_some_and(test));
    assert!(chip(&str::is_empty) && chip(&|id| id.len() == 19) && chip(&|id| id.len() == 15));
    // Nothing at all that may be shown, though there is something.
    assert!(some(&|row| {
        let attributes = row["Attributes"].as_array().unwrap();
        !attributes.is_empty() && attributes.iter().all(|of| of["Publish"] == "No")
    }));
    for row in &rows {
        assert_eq!(row["InFoster"] == true, row.get("AssociatedPerson").is_some());
        assert!(number(row, "LastUpdatedUnixTime") >= number(row, "LastIntakeUnixTime"));
        assert_eq!(row["Age"].is_null(), row["DOBUnixTime"].is_null());
    }
    assert!(some(&|row| row["InFoster"] == true));
}

#[test]
fn ids_and_chips_are_nobody_elses() {
    let shelter = shelter();
    let rows = all(&shelter, "/v1/animals", "animals");
    let pets = seed::seed().pets;
    let chips: Vec<String> = rows
        .iter()
        .filter_map(|row| row["Microchips"][0]["Id"].as_str())
        .filter(|chip| !chip.is_empty())
        .map(|chip| chip.replace(' ', ""))
        .collect();
    assert_eq!(chips.iter().collect::<BTreeSet<_>>().len(), chips.len());
    assert!(chips.iter().all(|chip| chip.len() == 15));
    assert!(!pets.iter().any(|pet| pet.microchip.as_ref().is_some_and(|chip| chips.contains(chip))));
}

#[test]
fn a_history_begins_with_an_intake() {
    let shelter = shelter();
    let events = all(&shelter, "/v1/events", "events");
    assert!(events.len() > 123);
    assert!(events.is_sorted_by_key(|event| number(event, "Time")));
    let mut seen = 0;
    for row in all(&shelter, "/v1/animals", "animals") {
        let id = row["Internal-ID"].as_str().unwrap();
        let own = all(&shelter, &format!("/v1/animals/{id}/events"), "events");
        assert!(own[0]["Type"].as_str().unwrap().starts_with("Intake."), "{id}");
        assert_eq!(own[0]["Time"], row["LastIntakeUnixTime"]);
        assert!(own.iter().all(|event| event["AssociatedRecords"][0] == json!({"Type": "Animal", "Id": id})));
        seen += own.len();
    }
    assert_eq!(seen, events.len());
}

#[test]
fn people_are_those_whom_events_name() {
    let shelter = shelter();
    let people = all(&shelter, "/v1/people", "people");
    assert_eq!(people.len(), 40);
    let keeper = people.iter().find(|person| person["Animal_ids"] != json!([])).unwrap();
    let id = keeper["Internal-ID"].as_str().unwrap();
    assert_eq!(&get(&shelter, &format!("/v1/people/{id}")), keeper);
    let animal = keeper["Animal_ids"][0].as_str().unwrap();
    let events = all(&shelter, &format!("/v1/animals/{animal}/events"), "events");
    assert!(events.iter().any(|event| event["AssociatedRecords"][1]["Id"] == id));
    assert_eq!(get(&shelter, "/v1/people/PH-P-301")["error_message"], "Person not found");
}

#[test]
fn a_wrong_key_is_an_error_with_status_200() {
    let shelter = shelter();
    for key in [None, Some(""), Some("portico2"), Some("Portico")] {
        let answer = ask(&shelter, "GET", "/v1/animals", key, NOW);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json(), json!({"success": 0, "error_message": "Invalid API key"}));
    }
}

#[test]
fn unknown_paths_and_writes_get_a_page() {
    let shelter = shelter();
    for path in ["/", "/v1", "/v2/animals", "/v1/animals/1/vaccines", "/api/v1/animals"] {
        let answer = ask(&shelter, "GET", path, Some("portico"), NOW);
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (404, "text/html; charset=UTF-8"),
            "{path}"
        );
        assert!(answer.text.starts_with("<!DOCTYPE html>"));
    }
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let answer = ask(&shelter, method, "/v1/animals", Some("portico"), NOW);
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"));
    }
}

#[test]
fn the_window_is_told_and_ends() {
    let settings = Settings { limit: 2, ..Settings::default() };
    let shelter = Shelterluv::new(&seed::seed(), settings);
    let at = |now| ask(&shelter, "GET", "/v1/animals?limit=1", Some("portico"), now);
    let told = |answer: &Answer| {
        ["limit", "remaining", "reset"].map(|name| answer.header(&format!("x-ratelimit-{name}")).to_owned())
    };
    assert_eq!(told(&at(NOW)), ["2", "1", "60"]);
    assert_eq!(told(&at(NOW + 10)), ["2", "0", "50"]);
    let answer = at(NOW + 20);
    assert_eq!((answer.status, told(&answer)), (429, ["2", "0", "40"].map(str::to_owned)));
    assert_eq!(answer.json()["success"], 0);
    assert_eq!(answer.headers.get("retry-after"), None);
    assert_eq!(at(NOW + 60).status, 200);
}

#[test]
fn the_data_is_the_same_every_time() {
    let text = |shelter: &Shelterluv| ask(shelter, "GET", "/v1/animals", Some("portico"), NOW).text;
    assert_eq!(text(&shelter()), text(&shelter()));
}
