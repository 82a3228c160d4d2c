//! Line for line: what each request tells, and that many at once tell no more and no less.

use super::rig::{Rig, caller};
use portico::identity::Caller;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

const MARIA: &str = r#"{"givenName":"Maria","familyName":"Ortega","email":"maria.ortega@example.org",
    "phone":"+1 555 0100 199","emergencyContacts":[{"name":"Dr. Nguyen","phone":"+1 555 0100 177"}]}"#;

fn pet(owner: &str, visibility: &Value) -> String {
    let pet = json!({ "ownerId": owner, "name": "Tibbles", "species": "cat", "microchip": "985112001234567",
        "visibility": visibility });
    pet.to_string()
}

struct Told<'a> {
    rig: &'a Rig,
    lines: usize,
}

impl Told<'_> {
    /// One request has told this, in this order. `KEY` stands for the key of the answer's record.
    async fn after(
        &mut self,
        who: &Arc<Caller>,
        (method, path, body): (&str, &str, &str),
        status: u16,
        wanted: &[&str],
    ) -> Value {
        let (came, answer) = self.rig.ask(who, method, path, body).await;
        assert_eq!(came, status, "{method} {path}: {answer}");
        let told = self.rig.told(self.lines).await;
        assert_eq!(told, wanted, "{method} {path}");
        self.lines += told.len();
        answer
    }
}

#[tokio::test]
async fn each_request_tells_what_it_showed_and_did() {
    let rig = Rig::open("lines").await;
    let admin = caller("admin", None);
    let (_, made) = rig.ask(&admin, "POST", "/v1/customers", MARIA).await;
    let id = made["customerId"].as_str().unwrap().to_owned();
    let written = "givenName,familyName,email,phone,emergencyContacts";
    let told = rig.told(0).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with(&format!("a_admin create begun customers [] ({written}")), "{told:?}");
    assert!(
        told[1].starts_with(&format!("a_admin create done customers [{id}] (customerId,{written}")),
        "{told:?}"
    );
    assert!(told.iter().all(|line| line.ends_with(" sealed")), "{told:?}");
    let line = &rig.lines().await[1];
    assert_eq!(
        (&line["client"], &line["consent"], &line["address"]),
        (&json!("app"), &json!("g_7"), &json!("192.0.2.7"))
    );
    assert_eq!((&line["roles"], &line["at"]), (&json!(["admin"]), &json!(super::rig::NOW)));
    assert_eq!(line["request"], rig.lines().await[0]["request"], "one request");

    let owner = caller("owner", Some(("customer", &id)));
    let vendor = caller("vendor", None);
    let nobody = Caller::anonymous();
    let mut told = Told { rig: &rig, lines: 2 };
    let path = format!("/v1/customers/{id}");
    let get = |path: &'static str| ("GET", path, "");
    let whole = "givenName,familyName,email,phone,address,emergencyContacts,paymentOptions";
    // Personal members: everybody but whom they are about.
    told.after(&owner, ("GET", &path, ""), 200, &[]).await;
    told.after(&owner, get("/v1/customers"), 200, &[]).await;
    let read = format!("a_admin read done customers [{id}] ({whole})");
    told.after(&admin, ("GET", &path, ""), 200, &[&read]).await;
    told.after(&admin, ("HEAD", &path, ""), 200, &[&read]).await;
    told.after(&admin, ("GET", &format!("{path}?fields=status,createdAt"), ""), 200, &[]).await;
    let some = format!("a_admin read done customers [{id}] (address)");
    told.after(&admin, ("GET", &format!("{path}?fields=address(city)"), ""), 200, &[&some]).await;
    let list = format!("a_admin list done customers [{id}] (email)");
    told.after(&admin, get("/v1/customers?fields=email"), 200, &[&list]).await;
    told.after(&admin, get("/v1/customers?fields=status&email=maria.ortega@example.org"), 200, &[&list])
        .await;
    let sorted = format!("a_admin list done customers [{id}] (familyName)");
    told.after(&admin, get("/v1/customers?fields=status&sort=familyName"), 200, &[&sorted]).await;
    told.after(&admin, get("/v1/customers?fields=status"), 200, &[]).await;
    told.after(&admin, get("/v1/customers?fields=email&status=inactive"), 200, &[]).await;
    // What is refused.
    told.after(&vendor, ("GET", &path, ""), 403, &[&format!("a_vendor read F222 customers [{id}] ()")]).await;
    let other = caller("owner", Some(("customer", "other")));
    told.after(&other, ("GET", &path, ""), 404, &[&format!("a_owner read F112 customers [{id}] ()")]).await;
    told.after(
        &other,
        ("PATCH", &path, r#"{"phone":null}"#),
        404,
        &[&format!("a_owner patch F112 customers [{id}] ()")],
    )
    .await;
    told.after(&nobody, ("GET", &path, ""), 401, &[]).await;
    told.after(&admin, ("PATCH", &path, r#"{"email":7}"#), 400, &[]).await;
    // Writes, whoever does them.
    let begun = format!("a_owner patch begun customers [{id}] (phone) sealed");
    let done = format!("a_owner patch done customers [{id}] (phone) sealed");
    told.after(&owner, ("PATCH", &path, r#"{"phone":"+1 555 0100 200"}"#), 200, &[&begun, &done]).await;
    let same = format!("a_owner patch done customers [{id}] ()");
    told.after(&owner, ("PATCH", &path, r#"{"phone":"+1 555 0100 200"}"#), 200, &[&same]).await;

    // A pet, and what of it and its owner is shown to all.
    let secret = json!({ "profile": true, "contact": false, "emergencyContacts": false, "medical": false });
    let open = json!({ "profile": true, "contact": true, "emergencyContacts": true, "medical": true });
    let (_, hidden) = rig.ask(&owner, "POST", "/v1/pets", &pet(&id, &secret)).await;
    let (_, shown) = rig.ask(&owner, "POST", "/v1/pets", &pet(&id, &open)).await;
    told.lines += 4;
    let (hidden, shown) = (hidden["petId"].as_str().unwrap(), shown["petId"].as_str().unwrap());
    told.after(&nobody, ("GET", &format!("/v1/pets/{hidden}/publicProfile"), ""), 200, &[]).await;
    let profile = format!("/v1/pets/{shown}/publicProfile");
    let answer = told.rig.ask(&nobody, "GET", &profile, "").await.1;
    assert_eq!(answer["owner"]["email"], "maria.ortega@example.org");
    let lines = rig.told(told.lines).await;
    told.lines += lines.len();
    let via = format!("via publicProfile [{shown}]");
    assert_eq!(
        lines[0],
        format!("- read done customers [{id}] (givenName,familyName,email,phone,emergencyContacts) {via}")
    );
    assert!(lines[1].starts_with("- list done medical-records [") && lines[1].ends_with(&via), "{lines:?}");
    assert_eq!(lines.len(), 2, "{lines:?}");
    let contacts = format!("- read done customers [{id}] (emergencyContacts) {via}");
    told.after(&nobody, ("GET", &format!("{profile}?fields=emergencyContacts(name)"), ""), 200, &[&contacts])
        .await;
    told.after(&vendor, get("/v1/pets"), 200, &[]).await;

    // Medical records: every read, whoever reads.
    let path = format!("/v1/pets/{shown}/medical-records");
    let list = rig.ask(&owner, "GET", &path, "").await.1;
    let keys: Vec<&str> =
        list["medicalRecords"].as_array().unwrap().iter().map(|r| r["recordId"].as_str().unwrap()).collect();
    assert_eq!(keys.len(), 3);
    let all = format!("a_owner list done medical-records [{}] (*)", keys.join(","));
    assert_eq!(rig.told(told.lines).await, [all.as_str()]);
    assert_eq!(rig.lines().await.last().unwrap()["facts"]["parent"], shown);
    told.lines += 1;
    let types = all.replace("(*)", "(type)");
    told.after(&owner, ("GET", &format!("{path}?fields=type"), ""), 200, &[&types]).await;
    let none = "a_owner list done medical-records [] (*)";
    told.after(&owner, ("GET", &format!("{path}?recordedAt.lt=1900-01-01T00:00:00Z"), ""), 200, &[none])
        .await;
    let one = format!("a_owner read done medical-records [{}] (*)", keys[0]);
    told.after(&owner, ("GET", &format!("{path}/{}", keys[0]), ""), 200, &[&one]).await;
    told.after(&owner, ("GET", &format!("{path}/{}.xml", keys[0]), ""), 200, &[&one]).await;
    told.after(
        &other,
        ("GET", &format!("{path}/{}", keys[0]), ""),
        404,
        &[&format!("a_owner read F112 medical-records [{}] ()", keys[0])],
    )
    .await;
    told.after(&vendor, ("GET", &path, ""), 403, &["a_vendor list F222 medical-records [] ()"]).await;
    // A record that is removed is told of with what it was.
    let path = format!("/v1/pets/{hidden}");
    let answer = told.rig.ask(&owner, "DELETE", &path, "").await;
    assert_eq!(answer.0, 200);
    let lines = rig.told(told.lines).await;
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].starts_with(&format!("a_owner delete begun pets [{hidden}] (petId,ownerId,name")),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with(&format!("a_owner delete done pets [{hidden}] (petId,ownerId,name")),
        "{lines:?}"
    );
    assert_eq!(rig.verdict().await.broken, None);
    let file = std::fs::read(rig.folder.join("ledger.db")).unwrap();
    let journal = std::fs::read(rig.folder.join("ledger.db-wal")).unwrap_or_default();
    for value in ["maria.ortega", "Ortega", "0100 199", "Nguyen", "985112001234567", "Tibbles"] {
        let plain = |bytes: &[u8]| bytes.windows(value.len()).any(|window| window == value.as_bytes());
        assert!(!plain(&file) && !plain(&journal), "`{value}` stands in the ledger in plain");
    }
}

/// What is done at random and at once, counted by who did it.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_mixed_requests_is_accounted_for_one_for_one() {
    let rig = Rig::open("mixed").await;
    let admin = caller("admin", None);
    let mut pets = Vec::new();
    for number in 0..8 {
        let maria = MARIA.replace("maria.ortega", &format!("m{number}"));
        let (_, customer) = rig.ask(&admin, "POST", "/v1/customers", &maria).await;
        let id = customer["customerId"].as_str().unwrap().to_owned();
        let owner = caller("owner", Some(("customer", &id)));
        let (status, pet) = rig.ask(&owner, "POST", "/v1/pets", &pet(&id, &json!({}))).await;
        assert_eq!(status, 201, "{pet}");
        pets.push((owner, id, pet["petId"].as_str().unwrap().to_owned()));
    }
    let before = rig.lines().await.len();
    assert_eq!(before, 32, "sixteen writes, each begun and done");
    // A generator of numbers that is the same each time (Knuth's MMIX constants).
    let mut seed: u64 = 20_261_121;
    let mut dice = |sides: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % sides
    };
    let mut asked = Vec::new();
    for number in 0..400 {
        let (owner, customer, pet) = pets[dice(8) as usize].clone();
        let (stranger, ..) = pets[dice(8) as usize].clone();
        let path = match dice(8) {
            0 => ("PATCH", format!("/v1/pets/{pet}"), format!(r#"{{"name":"Cat {number}"}}"#), owner),
            1 => (
                "PATCH",
                format!("/v1/customers/{customer}"),
                format!(r#"{{"phone":"+1 555 {number:04}"}}"#),
                owner,
            ),
            2 => ("GET", format!("/v1/pets/{pet}/medical-records"), String::new(), owner),
            3 => (
                "GET",
                format!("/v1/pets/{pet}/medical-records?fields=type&limit=2"),
                String::new(),
                stranger,
            ),
            4 => ("GET", format!("/v1/customers/{customer}"), String::new(), stranger),
            5 => ("GET", format!("/v1/customers/{customer}"), String::new(), Arc::clone(&admin)),
            6 => ("POST", format!("/v1/customers/{customer}/pets"), pet_of(number), owner),
            _ => ("GET", "/v1/pets?fields=name&limit=3".to_owned(), String::new(), stranger),
        };
        asked.push((number, path));
    }
    let rig = &rig;
    let answers = futures_util::future::join_all(asked.into_iter().map(
        |(number, (method, path, body, who))| async move {
            (number, method, who.clone(), path.clone(), rig.ask(&who, method, &path, &body).await)
        },
    ))
    .await;
    // What has to stand in the trail, by what was answered: as many of each.
    let mut wanted: BTreeMap<String, i64> = BTreeMap::new();
    let mut writes = 0;
    for (_, method, who, path, (status, answer)) in &answers {
        let mut tell = |line: String| *wanted.entry(line).or_default() += 1;
        let subject = who.subject.as_deref().unwrap();
        let key = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        let own = who.claim("customer").is_some_and(|id| path.ends_with(id));
        match (*method, *status, path.split('/').nth(2).unwrap(), path.contains("medical")) {
            ("PATCH", 200, resource, _) => {
                writes += 1;
                let key = key(if resource == "pets" { "petId" } else { "customerId" });
                tell(format!("{subject} patch done {resource} {key}"));
                tell(format!("{subject} patch begun {resource} {key}"));
            }
            // Another write came first: this one was begun, and was not done.
            ("PATCH", 400, resource, _) if answer["code"] == "F462" => {
                let key = path.rsplit('/').next().unwrap();
                tell(format!("{subject} patch F462 {resource} {key}"));
                tell(format!("{subject} patch begun {resource} {key}"));
            }
            ("POST", 201, ..) => {
                writes += 1;
                tell(format!("{subject} create done pets {}", key("petId")));
                tell(format!("{subject} create begun pets "));
            }
            ("GET", 200, _, true) => {
                let records = answer["medicalRecords"].as_array().unwrap();
                // The stub's keys do not stand in an answer that does not ask for them.
                tell(format!("{subject} list done medical-records {}", records.len()));
            }
            ("GET", 200, "customers", false) if !own => {
                tell(format!("{subject} read done customers {}", key("customerId")));
            }
            ("GET", 404, "customers", false) => {
                tell(format!("{subject} read F112 customers {}", path.rsplit('/').next().unwrap()));
            }
            ("GET", 404, _, true) => tell(format!("{subject} list F112 medical-records 0")),
            ("GET", 200, ..) => {}
            other => panic!("{other:?}: {answer}"),
        }
    }
    assert!(writes > 50, "{writes}");
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    for line in rig.lines().await.iter().skip(before) {
        let text = |name: &str| line[name].as_str().unwrap_or_default();
        let keys = line["keys"].as_array().cloned().unwrap_or_default();
        let medical = text("resource") == "medical-records";
        let last = if medical {
            keys.len().to_string()
        } else {
            keys.first().and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let line =
            format!("{} {} {} {} {last}", text("subject"), text("action"), text("outcome"), text("resource"));
        *found.entry(line).or_default() += 1;
    }
    assert_eq!(found, wanted);
    assert_eq!(rig.verdict().await.broken, None);
}

fn pet_of(number: i32) -> String {
    json!({ "name": format!("Cat {number}"), "species": "cat" }).to_string()
}
