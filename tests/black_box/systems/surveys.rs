//! Surveys: a partner's list that can only be walked.

use super::super::support::{Demo, violations};
use super::{all, filtered, walk};
use serde_json::{Value, json};

const PATH: &str = "/v1/surveys";

#[tokio::test(flavor = "multi_thread")]
async fn surveys_are_walked_by_cursors_and_shown_by_offsets() {
    let demo = Demo::start().await;
    let rows = walk(&demo, PATH, "surveys", "surveyId", "survey").await;
    assert_eq!(rows.len(), 57);
    let order = |row: &Value| {
        (row["createdAt"].as_str().unwrap().to_owned(), row["surveyId"].as_str().unwrap().to_owned())
    };
    assert!(rows.is_sorted_by(|a, b| order(a) > order(b)), "the newest come first");
    let page = demo.client.get(&format!("{PATH}?limit=5&offset=50")).await.with(200).json();
    assert_eq!(page["surveys"].as_array().unwrap()[..], rows[50..55]);
    assert!(page["metadata"].get("totalCount").is_none());
    demo.client.get(&format!("{PATH}?offset=10001")).await.refused(400, "F424");
    let customer = rows[0]["customerId"].clone();
    let list = format!("{PATH}?customerId={}", customer.as_str().unwrap());
    filtered(&demo, &list, "surveys", &rows, |row| row["customerId"] == customer).await;
    let list = format!("{PATH}?kind=standing&active=true");
    filtered(&demo, &list, "surveys", &rows, |row| row["kind"] == "standing" && row["active"] == true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_survey_that_is_made_is_kept_by_the_partner() {
    let demo = Demo::start().await;
    let body = json!({
        "title": "How was your visit?", "kind": "postService", "customerId": "66", "appointmentId": "7024",
        "questions": [{ "text": "Stars?", "type": "rating" }, { "questionId": "back", "text": "Again?", "type": "yesNo" }],
    });
    let made = demo.client.json("POST", PATH, &body).await.with(201).json();
    assert_eq!(made["questions"][0]["questionId"], "q1");
    assert_eq!((&made["active"], &made["questions"][1]["questionId"]), (&json!(true), &json!("back")));
    let id = made["surveyId"].as_str().unwrap();
    let key = demo.home.read("state/zigpoll.key");
    let partner = demo.straight_to("zigpoll");
    let kept =
        partner.send("GET", &format!("/v1/surveys/{id}"), &[("authorization", &key)], None).await.json();
    assert_eq!((&kept["kind"], &kept["appointmentId"]), (&json!("post_service"), &json!("7024")));
    assert_eq!(kept["questions"][1]["type"], "yes_no");
    // It is the newest: whoever walks anew finds it first.
    assert_eq!(all(&demo.client, PATH, "surveys", 20).await[0], made);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_partner_refuses_is_told_in_public_names() {
    let demo = Demo::start().await;
    let mut body = json!({
        "title": "T", "kind": "postService", "customerId": "66", "questions": [{ "text": "?", "type": "text" }],
    });
    let refused = demo.client.json("POST", PATH, &body).await.refused(400, "F516");
    assert_eq!(violations(&refused), ["/appointmentId F516"]);
    body["customerId"] = json!("9999");
    let refused = demo.client.json("POST", PATH, &body).await.refused(400, "F451");
    assert_eq!(violations(&refused), ["/customerId F451"]);
    body["questions"] = json!([]);
    let refused = demo.client.json("POST", PATH, &body).await;
    assert_eq!(refused.status, 400);
    demo.client.send("DELETE", &format!("{PATH}/x"), &[], None).await.refused(400, "F113");
}
