//! The partner as its callers see it, without a socket.

use http::{HeaderMap, Request};

use super::*;
use crate::demo::seed;

const NOW: i64 = 1_795_000_000;
const KEY: &str = "k-123";

struct Answer {
    status: u16,
    headers: HeaderMap,
    json: Value,
}

impl Answer {
    /// The first problem's code and field.
    fn problem(&self) -> (u16, &str, Option<&str>) {
        let error = &self.json["errors"][0];
        assert!(error["message"].as_str().is_some_and(|message| message.ends_with('.')), "{error}");
        (self.status, error["code"].as_str().unwrap(), error["field"].as_str())
    }
}

fn partner() -> Arc<Zigpoll> {
    Zigpoll::new(&seed::seed(), Settings { api_key: KEY.to_owned() })
}

impl Zigpoll {
    fn send(&self, method: &str, path: &str, key: Option<&str>, body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = key {
            request = request.header("authorization", key);
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let (head, body) = request.body(Bytes::from(body.to_owned())).unwrap().into_parts();
        let (head, body) = self.answer(&head, &body, NOW).into_parts();
        let json = serde_json::from_slice(&body).unwrap();
        Answer { status: head.status.as_u16(), headers: head.headers, json }
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, Some(KEY), "")
    }

    /// All rows of a list, page by page; and how many pages there were.
    fn walk(&self, path: &str, rows: &str) -> (Vec<Value>, usize) {
        let (mut all, mut pages, mut cursor) = (Vec::new(), 0, String::new());
        loop {
            let page = self.get(&format!("{path}&startCursor={cursor}"));
            assert_eq!(page.status, 200, "{}", page.json);
            all.extend(page.json[rows].as_array().unwrap().iter().cloned());
            pages += 1;
            if page.json["hasNextPage"] == false {
                return (all, pages);
            }
            cursor = page.json["endCursor"].as_str().unwrap().to_owned();
        }
    }
}

#[test]
fn the_whole_header_is_the_key() {
    let partner = partner();
    assert_eq!(partner.get("/v1/surveys").status, 200);
    for wrong in [None, Some(""), Some("k-1234"), Some("Bearer k-123"), Some("k-123 ")] {
        // The same at an address that is nothing.
        for path in ["/v1/surveys", "/nothing"] {
            let answer = partner.send("GET", path, wrong, "");
            assert_eq!(answer.problem(), (401, "unauthorized", None), "{wrong:?}");
        }
    }
}

#[test]
fn a_list_is_walked_by_cursors() {
    let partner = partner();
    let first = partner.get("/v1/surveys").json;
    assert_eq!((first["surveys"].as_array().unwrap().len(), &first["hasNextPage"]), (25, &json!(true)));
    for (limit, expected) in [(1, 57), (19, 3), (25, 3), (56, 2), (57, 1), (100, 1)] {
        let (surveys, pages) = partner.walk(&format!("/v1/surveys?limit={limit}"), "surveys");
        let mut ids: Vec<&str> = surveys.iter().map(|survey| survey["id"].as_str().unwrap()).collect();
        assert_eq!((ids.len(), pages), (57, expected), "{limit}");
        let times: Vec<i64> = surveys.iter().map(|survey| survey["createdAt"].as_i64().unwrap()).collect();
        assert!(times.is_sorted_by(|one, other| one >= other));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 57);
    }
}

#[test]
fn a_cursor_holds_while_surveys_are_added() {
    let partner = partner();
    let first = partner.get("/v1/surveys?limit=10").json;
    let cursor = first["endCursor"].as_str().unwrap();
    let path = format!("/v1/surveys?limit=10&startCursor={cursor}");
    let before = partner.get(&path).json;
    let form =
        r#"{"title":"New","kind":"standing","customerId":"2","questions":[{"text":"?","type":"text"}]}"#;
    assert_eq!(partner.send("POST", "/v1/surveys", Some(KEY), form).status, 201);
    assert_eq!(partner.get(&path).json, before);
    // Behind the last one there is nothing, and no cursor.
    let last = partner.get("/v1/surveys?limit=100").json["endCursor"].as_str().unwrap().to_owned();
    let behind = partner.get(&format!("/v1/surveys?startCursor={last}")).json;
    assert_eq!(behind, json!({"surveys": [], "hasNextPage": false, "endCursor": null}));
}

#[test]
fn a_list_refuses_what_it_cannot_read() {
    let partner = partner();
    for limit in ["0", "101", "-1", "ten", "1.5", ""] {
        let answer = partner.get(&format!("/v1/surveys?limit={limit}"));
        assert_eq!(answer.problem(), (400, "invalid_limit", Some("limit")), "{limit}");
    }
    for cursor in ["1", "5374749c5f3a9c71e2000007", "%F0%9F%90%BE", "MTA="] {
        let answer = partner.get(&format!("/v1/surveys?startCursor={cursor}"));
        assert_eq!(answer.problem(), (400, "invalid_cursor", Some("startCursor")), "{cursor}");
    }
    let both = partner.get("/v1/surveys?limit=0&startCursor=1").json;
    assert_eq!(both["errors"].as_array().map(Vec::len), Some(2));
    assert_eq!(partner.get("/v1/surveys?sort=title&offset=5").json, partner.get("/v1/surveys").json);
}

#[test]
fn a_survey_is_read_by_its_id() {
    let partner = partner();
    let listed = partner.get("/v1/surveys?limit=57").json["surveys"].clone();
    for survey in listed.as_array().unwrap() {
        let answer = partner.get(&format!("/v1/surveys/{}", survey["id"].as_str().unwrap()));
        assert_eq!((answer.status, &answer.json), (200, survey));
    }
    assert_eq!(partner.get("/v1/surveys/000000000000000000000000").problem(), (404, "not_found", Some("id")));
    assert_eq!(partner.get("/v1/surveys/109").problem(), (400, "invalid_id", Some("id")));
}

#[test]
fn a_new_survey_answers_its_id_alone() {
    let partner = partner();
    let form = json!({
        "title": "São 🐾", "kind": "post_service", "customerId": "66", "appointmentId": "7", "colour": "red",
        "questions": [{"text": "Stars?", "type": "rating"}, {"id": "why", "text": "Why?", "type": "text"}],
    });
    let answer = partner.send("POST", "/v1/surveys", Some(KEY), &form.to_string());
    let id = answer.json["id"].as_str().unwrap().to_owned();
    assert_eq!((answer.status, &answer.json), (201, &json!({ "id": id })));
    let survey = partner.get(&format!("/v1/surveys/{id}")).json;
    assert_eq!(
        survey,
        json!({
            "id": id, "title": "São 🐾", "kind": "post_service", "customerId": "66", "appointmentId": "7",
            "questions": [
                {"id": "q1", "text": "Stars?", "type": "rating"}, {"id": "why", "text": "Why?", "type": "text"},
            ],
            "active": true, "createdAt": NOW * 1000, "updatedAt": NOW * 1000,
        })
    );
    assert_eq!(partner.get("/v1/surveys?limit=1").json["surveys"][0], survey);
    let responses = partner.get(&format!("/v1/responses?surveyId={id}")).json;
    assert_eq!(responses, json!({"responses": [], "hasNextPage": false, "endCursor": null}));
    let again = partner.send("POST", "/v1/surveys", Some(KEY), &form.to_string());
    assert_ne!(again.json["id"], json!(id));
}

#[test]
fn a_form_is_refused_with_all_its_problems() {
    let partner = partner();
    let post = |body: &str| partner.send("POST", "/v1/surveys", Some(KEY), body);
    let answer = post(r#"{"kind":"yearly"}"#);
    let fields: Vec<&str> = answer.json["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!((answer.status, fields), (400, vec!["title", "kind", "customerId", "questions"]));
    assert_eq!(post("{").problem(), (400, "invalid_json", None));
    assert_eq!(post("[]").problem(), (400, "invalid_type", None));
    assert_eq!(post("").problem(), (415, "unsupported_media_type", None));
    assert_eq!(partner.walk("/v1/surveys?limit=100", "surveys").0.len(), 57);
}

#[test]
fn answers_belong_to_a_survey_and_are_walked_too() {
    let partner = partner();
    let surveys = partner.walk("/v1/surveys?limit=100", "surveys").0;
    let mut counts = Vec::new();
    let (mut texts, mut numbers, mut orphans) = (0, 0, 0);
    for survey in &surveys {
        let id = survey["id"].as_str().unwrap();
        let (responses, pages) = partner.walk(&format!("/v1/responses?surveyId={id}"), "responses");
        assert_eq!(pages, responses.len().div_ceil(25).max(1));
        for response in &responses {
            assert_eq!(response["surveyId"], id);
            assert!(response["submittedAt"].as_i64() >= survey["createdAt"].as_i64());
            if survey["kind"] == "post_service" {
                assert_eq!(response["customerId"], survey["customerId"]);
            }
            for answer in response["answers"].as_array().unwrap() {
                let questions = survey["questions"].as_array().unwrap();
                match questions.iter().find(|question| question["id"] == answer["questionId"]) {
                    Some(question) if question["type"] == "rating" => {
                        texts += u32::from(answer["value"].is_string());
                        numbers += u32::from(answer["value"].is_number());
                    }
                    Some(_) => {}
                    None => orphans += 1,
                }
            }
        }
        counts.push(responses.len());
    }
    assert!(counts.contains(&0) && counts.contains(&63), "{counts:?}");
    assert!(texts > 0 && numbers > 0 && orphans > 0, "{texts} {numbers} {orphans}");
    assert_eq!(partner.get("/v1/responses").problem(), (400, "required", Some("surveyId")));
    assert_eq!(partner.get("/v1/responses?surveyId=1").problem(), (400, "invalid_id", Some("surveyId")));
    let unknown = partner.get("/v1/responses?surveyId=000000000000000000000000");
    assert_eq!(unknown.problem(), (404, "not_found", Some("surveyId")));
    // A cursor of the surveys is none of the answers.
    let cursor = partner.get("/v1/surveys").json["endCursor"].as_str().unwrap().to_owned();
    let id = surveys[0]["id"].as_str().unwrap();
    let answer = partner.get(&format!("/v1/responses?surveyId={id}&startCursor={cursor}"));
    assert_eq!(answer.problem(), (400, "invalid_cursor", Some("startCursor")));
}

#[test]
fn the_first_surveys_are_of_every_kind() {
    let partner = partner();
    let surveys = partner.walk("/v1/surveys?limit=100", "surveys").0;
    let seed = seed::seed();
    let has = |meets: &dyn Fn(&Value) -> bool| surveys.iter().any(meets);
    assert!(has(&|survey| survey["active"] == false) && has(&|survey| survey["active"] == true));
    assert!(has(&|survey| survey["updatedAt"] != survey["createdAt"]));
    for survey in &surveys {
        assert_eq!(survey.get("appointmentId").is_some(), survey["kind"] == "post_service", "{survey}");
        assert!(seed.customers.iter().any(|customer| survey["customerId"] == customer.id));
        let seconds = i64::from_str_radix(&survey["id"].as_str().unwrap()[..8], 16).unwrap();
        assert_eq!(seconds, survey["createdAt"].as_i64().unwrap() / 1000);
        assert!(survey["updatedAt"].as_i64() >= survey["createdAt"].as_i64());
    }
    let times: Vec<&Value> = surveys.iter().map(|survey| &survey["createdAt"]).collect();
    assert!(times.windows(2).any(|pair| pair[0] == pair[1]), "two were made at once");
    assert_eq!(surveys, self::partner().walk("/v1/surveys?limit=100", "surveys").0);
}

#[test]
fn what_is_not_there_is_said() {
    let partner = partner();
    for path in ["/", "/v1", "/v1/polls", "/v1/surveys/1/2"] {
        assert_eq!(partner.get(path).problem(), (404, "not_found", None), "{path}");
    }
    for (method, path, allow) in [
        ("DELETE", "/v1/surveys", "GET, HEAD, POST"),
        ("PUT", "/v1/surveys/000000000000000000000000", "GET, HEAD"),
        ("POST", "/v1/responses", "GET, HEAD"),
    ] {
        let answer = partner.send(method, path, Some(KEY), "");
        assert_eq!(answer.problem(), (405, "method_not_allowed", None), "{method} {path}");
        assert_eq!(answer.headers["allow"], allow);
    }
}
