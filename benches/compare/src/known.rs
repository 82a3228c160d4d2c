//! What the system behind answers: documents of the embedded Drupal site as they come over the wire, and, for what it
//! does not have, documents in the same manner. They are recorded once, so that nothing is made while it is measured.

use crate::{
    Folders,
    ask::{self, Question},
    process::Program,
};
use serde_json::{Map, Value, json};
use std::{fs, time::Duration};

/// So many nodes are recorded; the list of pets goes through them over and over.
const NODES: usize = 100;
const FIRST: usize = 101;

pub fn record(folders: &Folders) -> Result<(), String> {
    let data = folders.made.join("data");
    if data.join("known.json").exists() {
        return Ok(());
    }
    fs::create_dir_all(&data).map_err(|e| format!("{}: {e}", data.display()))?;
    let address = ([127, 0, 0, 1], 4390).into();
    let portico = &folders.facade;
    let site = Program::new("drupal7", portico).words(["system", "drupal7", "--listen", "127.0.0.1:4390"]);
    let _site = site.start(folders)?;
    ask::listens(address, Duration::from_secs(10))?;
    let json = ("Content-Type".to_owned(), "application/json".to_owned());
    let (status, text) = ask::ask(
        address,
        Question {
            method: "POST",
            target: "/rest/user/login.json",
            headers: &[json],
            body: r#"{"username":"portico","password":"portico"}"#,
        },
    )?;
    let opened: Value = serde_json::from_str(&text).map_err(|e| format!("login: {status}: {e}"))?;
    let word = |name: &str| opened[name].as_str().unwrap_or_default().to_owned();
    let cookie = [("Cookie".to_owned(), format!("{}={}", word("session_name"), word("sessid")))];
    let read = |target: &str| {
        let question = Question { method: "GET", target, headers: &cookie, body: "" };
        match ask::ask(address, question)? {
            (200, text) => Ok(text),
            (status, text) => Err(format!("{target}: {status} {text}")),
        }
    };

    let nodes: Vec<String> = (FIRST..FIRST + NODES)
        .map(|nid| read(&format!("/rest/node/{nid}.json")))
        .collect::<Result<_, String>>()?;
    let mut known = Map::new();
    for (name, vocabulary) in [("species", 3), ("breeds", 4)] {
        let mut terms = Vec::new();
        for page in 0.. {
            let target = format!("/rest/taxonomy_term.json?parameters%5Bvid%5D={vocabulary}&page={page}");
            let text = read(&target)?;
            let mut some: Vec<Value> = serde_json::from_str(&text).map_err(|e| format!("{target}: {e}"))?;
            if some.is_empty() {
                break;
            }
            terms.append(&mut some);
        }
        known.insert(format!("GET /rest/{name}.json"), Value::String(Value::Array(terms).to_string()));
    }
    for (at, node) in nodes.iter().enumerate() {
        beside(&mut known, at, node)?;
    }
    known.insert("SOAP".into(), Value::String(envelope()));
    let write = |name: &str, text: String| {
        fs::write(data.join(name), text).map_err(|e| format!("{}: {e}", data.join(name).display()))
    };
    write("nodes.json", format!("[{}]", nodes.join(",")))?;
    write("known.json", Value::Object(known).to_string())
}

/// Who a pet belongs to, its visits and the notes on it.
fn beside(known: &mut Map<String, Value>, at: usize, node: &str) -> Result<(), String> {
    let pet: Value = serde_json::from_str(node).map_err(|e| e.to_string())?;
    let (pet, uid) = (FIRST + at, pet["uid"].as_str().unwrap_or_default().to_owned());
    let item = |value: String| json!({"und": [{"value": value}]});
    let user = json!({
        "uid": uid, "name": format!("owner{uid}"), "mail": format!("owner{uid}@example.org"), "created": "1395580000",
        "access": "1795257389", "login": "1795257389", "status": "1", "timezone": "America/Phoenix", "language": "",
        "picture": null, "data": false, "roles": {"2": "authenticated user"},
        "field_phone": item(format!("+1 602 555 0{uid}")), "field_city": item("Tempe".into()),
    });
    known.insert(format!("GET /rest/user/{uid}.json"), Value::String(user.to_string()));
    let kinds = ["C", "G", "S", "V"];
    let visits: Vec<Value> = (0..5)
        .map(|n| {
            json!({
                "vid": format!("{}", 5000 + at * 5 + n), "uid": "1", "title": "Visit", "status": "1",
                "nid": format!("{}", 20_000 + at * 5 + n), "type": "visit", "language": "und", "created": "1695893100",
                "changed": "1783486539", "field_pet": {"und": [{"target_id": pet.to_string()}]},
                "field_kind": item(kinds[n % 4].into()), "field_at": item((1_700_000_000 + n * 86_400).to_string()),
                "field_minutes": item((15 * (n + 1)).to_string()),
            })
        })
        .collect();
    let notes: Vec<Value> = (0..5)
        .map(|n| {
            json!({
                "vid": format!("{}", 9000 + at * 5 + n), "uid": "1", "title": format!("Ate half of breakfast, day {n} of the stay."),
                "status": "1", "nid": format!("{}", 40_000 + at * 5 + n), "type": "note", "language": "und",
                "created": (1_695_893_100 + n * 3600).to_string(), "changed": "1783486539",
                "field_pet": {"und": [{"target_id": pet.to_string()}]},
            })
        })
        .collect();
    for (name, rows) in [("visits", visits), ("notes", notes)] {
        let text = Value::Array(rows).to_string();
        known.insert(format!("GET /rest/views/{name}.json?pet={pet}"), Value::String(text));
    }
    Ok(())
}

/// Ten parts, as the dealer's service sends them.
fn envelope() -> String {
    let parts: String = (0..10)
        .map(|n| {
            format!(
                "<Part Id=\"{}\"><PartNumber>BRK-22{n:02}</PartNumber><Description>Brake pad set, front &amp; rear {n}</Description>\
                 <CategoryCode>B</CategoryCode><SupplierId>4101</SupplierId><ListPrice>84.5{n}</ListPrice><Cost>52.10</Cost>\
                 <Weight>4.2</Weight><Hazardous>N</Hazardous><Notes>Sold in pairs.</Notes><Fits><Vehicle><Make>Blue Bird</Make>\
                 <Model>Vision</Model><YearFrom>2014</YearFrom><YearTo>2021</YearTo></Vehicle></Fits><Active>true</Active>\
                 <QuantityOnHand>12</QuantityOnHand><QuantityReserved>3</QuantityReserved><QuantityAvailable>9</QuantityAvailable>\
                 <Bins><Bin><Location>A-12-{n}</Location><Quantity>12</Quantity></Bin></Bins><DateAdded>20190301</DateAdded>\
                 <DateChanged>20260301</DateChanged><DateLastSold>20261012</DateLastSold></Part>",
                1042 + n
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">\
         <soap:Body><PartsSearchResponse xmlns=\"opentrack.example.org\"><PartsSearchResult><Parts xmlns=\"\">{parts}</Parts></PartsSearchResult>\
         </PartsSearchResponse></soap:Body></soap:Envelope>"
    )
}
