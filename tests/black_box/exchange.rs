//! Pets move from the legacy system to the store and back, on the running server, under load; and before that,
//! everything that a vendor can read of pets is the same over both, byte for byte.

use super::support::{Client, Demo, Reply};
use portico::demo::seed::seed;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::task::JoinSet;

/// What of an answer a vendor can see; the time of day is nobody's promise.
fn seen(reply: &Reply) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let headers = reply.headers.iter().filter(|(name, _)| *name != "date");
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (reply.status, headers.collect(), reply.body.clone())
}

/// Asks both and tells every difference.
async fn compare(legacy: &Client, store: &Client, requests: Vec<(&'static str, String)>) {
    let total = requests.len();
    let requests = Arc::new(std::sync::Mutex::new(requests));
    let mut tasks = JoinSet::new();
    for _ in 0..6 {
        let (requests, legacy, store) = (Arc::clone(&requests), legacy.clone(), store.clone());
        tasks.spawn(async move {
            let mut differences = Vec::new();
            loop {
                let next = requests.lock().unwrap().pop();
                let Some((method, path)) = next else { return differences };
                let one = seen(&legacy.send(method, &path, &[], None).await);
                let other = seen(&store.send(method, &path, &[], None).await);
                // An id has one spelling: another one names nothing.
                let odd = ["/v1/pets/0", "/v1/customers/0"].iter().any(|start| path.starts_with(start));
                let expected = if odd { 404 } else { 200 };
                if one.0 != expected || one != other {
                    let show = |s: &(u16, Vec<(String, String)>, Vec<u8>)| {
                        format!("{} {:?}\n{}", s.0, s.1, String::from_utf8_lossy(&s.2))
                    };
                    differences.push(format!("{method} {path}\n{}\n{}", show(&one), show(&other)));
                }
            }
        });
    }
    let differences: Vec<String> = tasks.join_all().await.concat();
    assert!(differences.is_empty(), "{} of {total} differ:\n{}", differences.len(), differences.join("\n\n"));
}

/// Every way to read pets, with what lies at the edges: ties, ends, nothing.
fn requests() -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    for pet in seed().pets {
        all.push(("GET", format!("/v1/pets/{}", pet.id)));
        all.push(("GET", format!("/v1/pets/{}.xml", pet.id)));
    }
    for offset in (0..=420).step_by(37) {
        for sort in [
            "",
            "&sort=name",
            "&sort=-name",
            "&sort=createdAt",
            "&sort=-createdAt",
            "&sort=petId",
            "&sort=-petId",
        ] {
            all.push(("GET", format!("/v1/pets?fields=petId,name,createdAt&limit=37&offset={offset}{sort}")));
        }
    }
    for sort in ["name,-createdAt", "-name,petId", "name,-petId", "createdAt,-petId", "-createdAt,name"] {
        all.push(("GET", format!("/v1/pets?fields=petId&limit=100&offset=150&sort={sort}")));
    }
    for filter in [
        "species=cat",
        "species=cat&species=bird",
        "species.ne=dog",
        "species.ne=dog&species.ne=cat",
        "sex=male",
        "sex.ne=male",
        "sex=male&sex=female",
        "status=lost",
        "status.ne=active",
        "weight.value.gte=50",
        "weight.value.lt=4.20",
        "weight.value.gt=4.2&weight.value.lte=10",
        "weight.value=4.2",
        "weight.value.ne=4.20",
        "createdAt.gte=2020-01-01",
        "createdAt.lt=2018-06-01T12:00:00Z",
        "createdAt.gt=2015-01-01&createdAt.lte=2021-12-31T23:59:59Z",
        "ownerId=42",
        "ownerId=42&ownerId=66",
        "ownerId=42&species=dog",
        "ownerId.ne=42",
        "ownerId=7",
        "ownerId=nobody",
        "ownerId=42&ownerId=nobody",
        "ownerId=0066",
        "ownerId=%2066",
        "ownerId=%2B66",
        "ownerId=42,66",
        "ownerId=42,66&ownerId=66",
        "ownerId=%2266%22",
        "ownerId=66%22&ownerId=42",
        "ownerId=",
        "ownerId.gte=42",
        "ownerId.lt=9",
        "species=horse&sex=female&status=active",
    ] {
        all.push(("GET", format!("/v1/pets?{filter}")));
    }
    for filter in ["species=cat", "ownerId=42", "weight.value.gte=50"] {
        for rest in
            ["&sort=-name&limit=7", "&offset=5&limit=3&fields=petId,species", "&offset=1000", "&count=false"]
        {
            all.push(("GET", format!("/v1/pets?{filter}{rest}")));
        }
    }
    for window in [
        "limit=1",
        "limit=100",
        "limit=100&offset=100",
        "limit=20&offset=20",
        "limit=21&offset=19",
        "limit=1&offset=399",
        "limit=1&offset=400",
        "offset=9007199254740992",
        "limit=10&count=false",
        "limit=10&offset=395&count=false",
        "offset=400&count=false",
    ] {
        all.push(("GET", format!("/v1/pets?{window}")));
        all.push(("GET", format!("/v1/pets.xml?{window}")));
        all.push(("HEAD", format!("/v1/pets?{window}")));
    }
    for fields in [
        "*",
        "age",
        "sex",
        "altered",
        "breed/mixed",
        "visibility(medical)",
        "photos/url",
        "photos(width,height)",
        "colors",
        "updatedAt",
    ] {
        all.push(("GET", format!("/v1/pets?limit=25&offset=80&fields={fields}")));
        all.push(("GET", format!("/v1/pets/170?fields={fields}")));
    }
    for path in [
        "/v1/customers/42/pets",
        "/v1/customers/42/pets.xml?limit=5&sort=-name",
        "/v1/customers/7/pets",
        "/v1/customers/42/pets?species=dog",
    ] {
        all.push(("GET", path.to_owned()));
    }
    for id in ["101", "109", "204", "500"] {
        all.push(("HEAD", format!("/v1/pets/{id}")));
        all.push(("GET", format!("/v1/pets/{id}/publicProfile")));
        all.push(("GET", format!("/v1/pets/{id}/publicProfile.xml")));
    }
    for path in
        ["/v1/pets/0109", "/v1/pets/00109.xml", "/v1/pets/0109/publicProfile", "/v1/customers/042/pets"]
    {
        all.push(("GET", path.to_owned()));
    }
    all.push(("GET", "/v1/pets/109?suppress_response_codes=true".to_owned()));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn both_systems_show_the_same_pets_byte_for_byte() {
    let demo = Demo::start().await;
    let (_beside, store) = demo.beside("sql").await;
    compare(&demo.client, &store, requests()).await;
}

/// What a crowd of vendors asks for; the answers are the same whichever system has the pets.
const CROWD: &[&str] = &[
    "/v1/pets?limit=3&offset=7&fields=name,species,weight(value)&sort=name",
    "/v1/pets?limit=20&offset=113&fields=name,createdAt",
    "/v1/pets?limit=5&offset=395&sort=-createdAt",
    "/v1/pets?ownerId=42&limit=4",
    "/v1/pets.xml?limit=2&offset=40",
    "/v1/pets/109",
    "/v1/pets/204.xml",
    "/v1/pets/310?fields=name,breed/primary",
    "/v1/pets/0109",
    "/v1/pets/109/publicProfile",
    "/v1/customers/42/pets?limit=3",
    "/v1/pets?limit=0",
];

/// At once; few enough that two cores keep up, more than one runs at the moment of the change.
const VENDORS: usize = 8;

/// How many requests are made in all: 50,000 in the proof.
fn many() -> usize {
    if std::env::var_os("PORTICO_PROVE").is_some_and(|v| v == "1") { 50_000 } else { 2_000 }
}

#[tokio::test(flavor = "multi_thread")]
async fn pets_change_places_under_load_and_no_vendor_sees_it() {
    let demo = Demo::start().await;
    let mut before = Vec::new();
    for path in CROWD {
        before.push(seen(&demo.client.get(path).await));
    }
    let before = Arc::new(before);
    let (done, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let (report, progress) = tokio::sync::watch::channel(0);
    let report = Arc::new(report);
    let mut vendors = JoinSet::new();
    for vendor in 0..VENDORS {
        let (before, done, over, report) = (before.clone(), done.clone(), over.clone(), report.clone());
        let client = demo.client.clone();
        vendors.spawn(async move {
            let mut differences = Vec::new();
            let mut at = vendor;
            while !over.load(Ordering::Acquire) {
                at = (at + 1) % CROWD.len();
                match client.attempt("GET", CROWD[at], &[], None).await {
                    Ok(reply) if seen(&reply) == before[at] => {}
                    Ok(reply) => {
                        differences.push(format!("{}: {} {}", CROWD[at], reply.status, reply.text()));
                    }
                    Err(error) => differences.push(format!("{}: {error:?}", CROWD[at])),
                }
                report.send_replace(done.fetch_add(1, Ordering::AcqRel) + 1);
            }
            differences
        });
    }
    let third = many() / 3;
    let reached = async |more: usize| {
        let wanted = *progress.borrow() + more;
        progress.clone().wait_for(|done| *done >= wanted).await.unwrap();
    };
    reached(third).await;

    // One line changes, and the running server takes it up by itself.
    demo.home.edit("config/demo.yaml", "pets: drupal7", "pets: sql");
    demo.program.err.until("reloaded because a file changed", 1).await;
    // Every vendor's request that began on the old plan has ended.
    reached(VENDORS * 2).await;
    let nodes = |calls: &[String]| calls.iter().filter(|call| call.contains("/rest/node")).count();
    let asked = nodes(&demo.asked());
    reached(third).await;
    assert_eq!(nodes(&demo.asked()), asked, "the legacy system is still asked for pets");

    // And back, by signal.
    demo.home.edit("config/demo.yaml", "pets: sql", "pets: drupal7");
    demo.program.signal("HUP");
    demo.program.err.until("reloaded by signal", 1).await;
    reached(VENDORS * 2).await;
    assert!(nodes(&demo.asked()) > asked, "the legacy system is not asked again");
    reached(third).await;
    over.store(true, Ordering::Release);

    let differences: Vec<String> = vendors.join_all().await.concat();
    let total = done.load(Ordering::Acquire);
    assert!(total >= third * 3);
    let shown: Vec<&str> = differences.iter().take(10).map(String::as_str).collect();
    assert!(differences.is_empty(), "{} of {total} differ:\n{}", differences.len(), shown.join("\n"));
    assert_eq!(demo.program.err.count("not reloaded"), 0);
}
