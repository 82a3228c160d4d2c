//! `school-parts` over a district's two systems: lists, records, filters and orders.

use super::{
    ask::{Desk, and, rows},
    judge,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// A resource as its file promises it.
struct Resource {
    name: &'static str,
    key: &'static str,
    numeric: bool,
    filters: &'static [&'static str],
    /// Those of the filters that can be compared by order.
    ranges: &'static [&'static str],
    sorts: &'static [&'static str],
}

const BELOW: [Resource; 7] = [
    Resource {
        name: "staff",
        key: "staffId",
        numeric: false,
        filters: &["role", "familyName", "email", "updatedAt"],
        ranges: &["familyName", "updatedAt"],
        sorts: &["familyName", "givenName", "updatedAt"],
    },
    Resource {
        name: "students",
        key: "studentId",
        numeric: false,
        filters: &["grade", "familyName", "updatedAt"],
        ranges: &["updatedAt"],
        sorts: &["familyName", "givenName", "updatedAt"],
    },
    Resource {
        name: "vehicles",
        key: "vehicleId",
        numeric: true,
        filters: &["status", "assetTag", "fuel", "modelYear", "make", "updatedAt"],
        ranges: &["assetTag", "modelYear", "updatedAt"],
        sorts: &["assetTag", "modelYear", "odometer.value", "updatedAt"],
    },
    Resource {
        name: "assets",
        key: "assetId",
        numeric: true,
        filters: &["status", "assetTag", "category", "updatedAt"],
        ranges: &["updatedAt"],
        sorts: &["assetTag", "name", "updatedAt"],
    },
    Resource {
        name: "maintenance-schedules",
        key: "scheduleId",
        numeric: true,
        filters: &["assetId", "active", "nextDue"],
        ranges: &["nextDue"],
        sorts: &["nextDue", "lastCompleted"],
    },
    Resource {
        name: "maintenance-requests",
        key: "requestId",
        numeric: true,
        filters: &["assetId", "status", "type", "priority", "startDate"],
        ranges: &["startDate"],
        sorts: &["startDate", "updatedAt"],
    },
    Resource {
        name: "parts-requests",
        key: "requestId",
        numeric: true,
        filters: &["status", "partNumber", "vehicleId", "createdAt"],
        ranges: &["createdAt"],
        sorts: &["createdAt", "updatedAt"],
    },
];

/// The open schools; `S-4113` and `S-4114` were closed.
fn schools() -> impl Iterator<Item = String> {
    (4101..=4112).map(|number| format!("S-{number}"))
}

fn key(record: &Value, key: &str) -> String {
    record[key].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_list_is_the_same_in_pages_of_any_size() {
    let desk = Desk::open().await;
    let all = desk.walk("/api/v1/schools", 100).await;
    assert_eq!(
        all.iter().map(|school| key(school, "schoolId")).collect::<Vec<_>>(),
        schools().collect::<Vec<_>>()
    );
    assert_eq!(desk.walk("/api/v1/schools", 7).await, all);
    let mut counts = Vec::new();
    for resource in &BELOW {
        let mut count = 0;
        for school in schools() {
            let path = format!("/api/v1/schools/{school}/{}", resource.name);
            let all = desk.walk(&path, 100).await;
            assert_eq!(desk.walk(&path, 7).await, all, "{path}");
            let mut sorted = all.clone();
            judge::sort(&mut sorted, resource.key, false, resource.key, resource.numeric);
            assert_eq!(sorted, all, "{path} is in the order of its key");
            sorted.dedup_by_key(|record| key(record, resource.key));
            assert_eq!(sorted.len(), all.len(), "{path} has no record twice");
            count += all.len();
        }
        counts.push((resource.name, count));
    }
    // Two vehicles of 62 and four assets of 164 were taken out of the books; who is `tobedeleted` or at a closed school is
    // not there, and who is at two schools counts twice.
    let wanted = [
        ("staff", 90),
        ("students", 399),
        ("vehicles", 60),
        ("assets", 160),
        ("maintenance-schedules", 70),
        ("maintenance-requests", 120),
        ("parts-requests", 40),
    ];
    assert_eq!(counts, wanted);
}

#[tokio::test]
async fn each_record_is_read_by_its_id_below_its_own_school() {
    let desk = Desk::open().await;
    for resource in &BELOW {
        for school in ["S-4101", "S-4104", "S-4112"] {
            let path = format!("/api/v1/schools/{school}/{}", resource.name);
            for record in desk.walk(&path, 100).await {
                let id = key(&record, resource.key);
                assert_eq!(desk.get(&format!("{path}/{id}")).await, record, "{path}/{id}");
                let elsewhere = format!("/api/v1/schools/S-4107/{}/{id}", resource.name);
                let answer = desk.ask("GET", &elsewhere, None).await;
                assert_eq!((answer.status, answer.body["code"].as_str()), (404, Some("F112")), "{elsewhere}");
            }
        }
        let unknown = format!("/api/v1/schools/S-4101/{}/999999", resource.name);
        assert_eq!(desk.ask("GET", &unknown, None).await.status, 404, "{unknown}");
    }
    for school in desk.walk("/api/v1/schools", 100).await {
        assert_eq!(desk.get(&format!("/api/v1/schools/{}", key(&school, "schoolId"))).await, school);
    }
}

/// The systems still have such a school: its students, and its location in the register.
#[tokio::test]
async fn a_school_that_was_closed_has_nothing() {
    let desk = Desk::open().await;
    assert_eq!(desk.ask("GET", "/api/v1/schools/S-4113", None).await.status, 404);
    for resource in &BELOW {
        for school in ["S-4113", "S-4114", "D-4100", "S-9999"] {
            let path = format!("/api/v1/schools/{school}/{}", resource.name);
            let answer = desk.ask("GET", &path, None).await;
            assert_eq!((answer.status, answer.body["code"].as_str()), (404, Some("F112")), "{path}");
        }
    }
}

/// The register still answers for such an asset, with the time of its deletion.
#[tokio::test]
async fn what_was_taken_out_of_the_books_is_gone() {
    let desk = Desk::open().await;
    for school in schools() {
        for path in ["vehicles/31", "vehicles/55", "assets/31", "assets/55", "assets/101", "assets/140"] {
            let path = format!("/api/v1/schools/{school}/{path}");
            assert_eq!(desk.ask("GET", &path, None).await.status, 404, "{path}");
        }
    }
}

#[tokio::test]
async fn a_student_of_two_schools_is_found_below_both() {
    let desk = Desk::open().await;
    let mut both = 0;
    for school in schools() {
        for student in
            desk.walk(&format!("/api/v1/schools/{school}/students?fields=studentId,schoolIds"), 100).await
        {
            let ids: Vec<&str> =
                student["schoolIds"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert!(ids.contains(&school.as_str()));
            for other in &ids {
                let path = format!("/api/v1/schools/{other}/students/{}", key(&student, "studentId"));
                assert_eq!(desk.get(&format!("{path}?fields=studentId,schoolIds")).await, student);
            }
            both += usize::from(ids.len() > 1);
        }
    }
    assert!(both > 0);
}

#[tokio::test]
async fn filters_keep_what_the_contract_says() {
    let desk = Desk::open().await;
    for resource in &BELOW {
        for school in ["S-4101", "S-4103"] {
            let path = format!("/api/v1/schools/{school}/{}", resource.name);
            let all = desk.walk(&path, 100).await;
            for name in resource.filters {
                let mut values: Vec<&Value> =
                    all.iter().filter_map(|record| judge::member(record, name)).collect();
                values.sort_by(|a, b| judge::compare(a, b, false));
                values.dedup();
                values.truncate(4);
                for (at, value) in values.iter().enumerate() {
                    filtered(&desk, &path, &all, name, "", &[value]).await;
                    filtered(&desk, &path, &all, name, ".ne", &[value]).await;
                    filtered(&desk, &path, &all, name, "", &[value, values[0]]).await;
                    filtered(&desk, &path, &all, name, ".ne", &[value, values[0]]).await;
                    if at > 0 && resource.ranges.contains(name) {
                        filtered(&desk, &path, &all, name, ".gte", &[value]).await;
                        filtered(&desk, &path, &all, name, ".lt", &[value]).await;
                    }
                    // Letters count, also where a system does not mind their case.
                    if let Some(text) = value.as_str().filter(|text| text.to_lowercase() != **text)
                        && ["familyName", "assetTag", "partNumber", "make"].contains(name)
                    {
                        filtered(&desk, &path, &all, name, "", &[&Value::from(text.to_lowercase())]).await;
                    }
                }
            }
        }
    }
}

async fn filtered(desk: &Desk, path: &str, all: &[Value], name: &str, operator: &str, values: &[&Value]) {
    let mut target = path.to_owned();
    for value in values {
        let value = utf8_percent_encode(&judge::text(value), NON_ALPHANUMERIC).to_string();
        target.push_str(&format!("{}{name}{operator}={value}", and(&target)));
    }
    let kept: Vec<Value> = all.iter().filter(|r| judge::keeps(r, name, operator, values)).cloned().collect();
    assert_eq!(desk.walk(&target, 100).await, kept, "{target}");
}

#[tokio::test]
async fn orders_are_those_of_the_contract() {
    let desk = Desk::open().await;
    for resource in &BELOW {
        let path = format!("/api/v1/schools/S-4102/{}", resource.name);
        let all = desk.walk(&path, 100).await;
        for by in resource.sorts {
            for (sign, descending) in [("", false), ("-", true)] {
                let mut sorted = all.clone();
                judge::sort(&mut sorted, by, descending, resource.key, resource.numeric);
                let target = format!("{path}?sort={sign}{by}");
                assert_eq!(desk.walk(&target, 5).await, sorted, "{target}");
            }
        }
    }
    let mut named = desk.walk("/api/v1/schools", 100).await;
    judge::sort(&mut named, "name", true, "schoolId", false);
    assert_eq!(desk.walk("/api/v1/schools?sort=-name", 7).await, named);
}

/// What a system can do is asked of it; what it cannot is looked through here.
#[tokio::test]
async fn systems_are_asked_for_what_they_can_do() {
    let desk = Desk::open().await;
    for (target, wanted) in [
        (
            "/schools?limit=3&offset=2",
            "GET /ims/oneroster/v1p1/schools?filter=type%3D%27school%27%20AND%20status%3D%27active%27&sort=sourcedId&orderBy=asc&offset=2&limit=3 200",
        ),
        (
            "/schools/S-4101/staff?role=teacher",
            "GET /ims/oneroster/v1p1/users?filter=status%3D%27active%27%20AND%20orgs.sourcedId%3D%27S-4101%27&sort=sourcedId&orderBy=asc&offset=0&limit=1000 200",
        ),
        (
            "/schools/S-4101/students?familyName=O%27Brien",
            "GET /ims/oneroster/v1p1/schools/S-4101/students?filter=status%3D%27active%27%20AND%20familyName%3D%27O%27%27Brien%27&sort=sourcedId&orderBy=asc&offset=0&limit=1000 200",
        ),
        (
            "/schools/S-4103/vehicles?status=in-service&limit=4",
            "GET /api/v1/hardware?category_id=1&status_id=5&location_id=3&sort=id&order=asc&offset=0&limit=4 200",
        ),
        (
            "/schools/S-4103/maintenance-requests?status=in-progress&assetId=3",
            "GET /api/v1/maintenances?request_status=in_progress&asset_id=3&location_id=3&sort=id&order=asc&offset=0&limit=10 200",
        ),
    ] {
        desk.get(&format!("/api/v1{target}")).await;
        let calls = desk.calls("district");
        assert!(calls.iter().any(|call| call == wanted), "{target}: {calls:#?}");
    }
    let one = desk.get("/api/v1/schools/S-4104?fields=name").await;
    assert_eq!(one, serde_json::json!({"name": "O'Neill Elementary School"}));
    assert_eq!(rows(&desk.get("/api/v1/schools?name=School%20of%20Arts%20%26%20Technology").await).len(), 1);
}
