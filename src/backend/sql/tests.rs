//! The three databases, asked the same through the compiled demo: they answer alike. `SQLite` always runs; the others
//! where `PORTICO_TEST_POSTGRES` and `PORTICO_TEST_MARIADB` name an empty database.

use super::*;
use crate::telemetry::meters::Meters;
use crate::{
    backend::{
        keys, lookup,
        sql::pool::{Expect, Outcome},
    },
    demo::store::Times,
    fault::Diagnostics,
    plan::{Plan, SourceKind, resource::SortKey},
    spec::load::Tree,
    translate::{
        compare::{Filter, Operator},
        sink::{Place, Sink, json::Json},
    },
    value::time::{Date, Moment},
};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

fn files(folder: &Path, at: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let at = at.join(path.file_name().unwrap());
        if path.is_dir() {
            files(&path, &at, found);
        } else {
            found.insert(at, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// A resource in tables of another age: keys that the database makes, exact numbers, a joined table, rows of
/// several kinds in one table, and removal for good.
const PARTS: &[(&str, &str)] = &[
    (
        "schemas/pethub/v1/part.json",
        r#"{"$id":"pethub/v1/part.json","title":"Part","type":"object","additionalProperties":false,
        "required":["partId","name"],"properties":{"partId":{"type":"string","readOnly":true},"name":{"type":"string"},
        "price":{"type":["number","null"],"multipleOf":0.01},"quantity":{"type":["integer","null"]},"sold":{"type":["boolean","null"]},
        "seen":{"type":["string","null"],"format":"date-time"},"day":{"type":["string","null"],"format":"date"},
        "maker":{"type":["string","null"],"readOnly":true},"makerId":{"type":["string","null"]},
        "tags":{"type":"array","items":{"type":"object","additionalProperties":false,"required":["word"],"properties":{"word":{"type":"string"}}}}}}"#,
    ),
    (
        "mappings/pethub/v1/parts.yaml",
        "resource: parts\ncontract: pethub/v1/part.json\nkey: partId\nkeyOrder: numeric\npath: /parts\n\
        operations: [list, create, read, replace, delete]\naccess: public\norder: [partId]\n\
        filter: [price, quantity, sold, seen, day, partId]\nsort: [price, quantity, seen, day, name]\ntotal: promised\n",
    ),
    (
        "mappings/pethub/v1/parts.sql.yaml",
        "binds: parts\ntable: parts t\nnewKey: database\nfixed: { t.kind: part }\n\
        joins: { m: { table: makers, on: { id: t.maker_id } } }\n\
        children: { tag: { table: part_tags g, on: { part_id: t.id }, order: place } }\n\
        fields:\n  partId: { from: t.id, type: bigint }\n  name: t.name\n  price: t.price\n  quantity: t.quantity\n  sold: t.sold\n\
        \x20 seen: t.seen\n  day: t.day\n  maker: m.name\n  makerId: { from: t.maker_id, type: bigint }\n  tags: { each: tag, fields: { word: g.word } }\n",
    ),
];

/// Their tables; `KEY`, `TIME` and `PRICE` are each database's own. `SQLite` has no exact decimals but texts of them
/// in a column of numbers, good for fifteen digits.
const PART_TABLES: [&str; 3] = [
    "CREATE TABLE makers (id BIGINT PRIMARY KEY, name VARCHAR(40))",
    "CREATE TABLE parts (id KEY, kind VARCHAR(10) NOT NULL, name VARCHAR(40) NOT NULL, price NUMERIC(12, 2), quantity INTEGER,
        sold BOOLEAN, seen TIME, day DATE, maker_id BIGINT REFERENCES makers (id))",
    "CREATE TABLE part_tags (part_id BIGINT NOT NULL REFERENCES parts (id), place INTEGER NOT NULL, word VARCHAR(40))",
];

/// The demo's plan with pets in the store and the parts beside, over this database.
fn plan(url: &str) -> Plan {
    let mut tree = BTreeMap::new();
    for folder in ["mappings", "schemas", "config"] {
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), Path::new(folder), &mut tree);
    }
    tree.extend(PARTS.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())));
    let config = tree.get_mut(Path::new("config/demo.yaml")).unwrap();
    *config = config
        .replace("pets: drupal7", "pets: sql\n      parts: sql")
        .replace("\"sqlite:../target/demo/store.db\"", &format!("\"{url}\""))
        .replace(
            "{ file: ../target/demo/sealing",
            "{ command: [echo, MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=] } # ",
        )
        .replace("migrations: ../migrations", "deadline: 60s, migrations: ../migrations");
    let mut out = Diagnostics::new();
    let files = crate::spec::load::load(&Tree::Memory(tree), Path::new("config/demo.yaml"), &mut out);
    let plan = crate::plan::compile::compile(&files, &mut out);
    plan.unwrap_or_else(|| {
        panic!("{:?}", out.iter().map(crate::fault::Diagnostic::one_line).collect::<Vec<_>>())
    })
}

struct Bench {
    plan: Plan,
    sql: Sql,
    journey: Journey,
    log: String,
}

impl Bench {
    async fn new(url: &str, connections: u32) -> Self {
        let plan = plan(url);
        let source = plan.sources.iter().find(|s| s.name == "sql").unwrap();
        let rules = source.resilience.clone();
        let SourceKind::Sql(source) = &source.kind else { panic!() };
        let source = SqlSource { connections, ..source.clone() };
        let ring =
            keys::open(plan.settings.sealing.as_ref().unwrap(), &crate::backend::http::network).unwrap();
        let counted = Meters::default().source("sql");
        let sql = Sql::open("sql".into(), &source, rules, Arc::new(Keys::of(ring)), counted).await.unwrap();
        let now = Moment::parse("2026-11-21T10:00:00.25Z").unwrap();
        let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
        let journey =
            Journey { deadline, now, around: lookup::none(Date::parse("2026-11-21").unwrap()), mark: None };
        Self { plan, sql, journey, log: String::new() }
    }

    async fn seeded(url: &str, connections: u32) -> Self {
        let bench = Self::new(url, connections).await;
        let times = if bench.sql.pool.flavor() == Flavor::Mariadb { Times::Plain } else { Times::Rfc3339 };
        let seed = crate::demo::seed::seed();
        let inserts = crate::cli::fill::inserts(&seed, times, &bench.plan, &bench.sql.keys);
        let inserts = inserts.await.unwrap();
        bench.sql.pool.pool.run_all(&inserts).await.unwrap();
        bench
    }

    fn resource(&self, name: &str) -> Arc<crate::plan::Resource> {
        Arc::clone(self.plan.resources.iter().find(|r| r.name == name).unwrap())
    }

    fn selection(resource: &crate::plan::Resource, fields: &str) -> Selection {
        if fields == "*" {
            return resource.all.clone();
        }
        let mut selection = Selection::none(&resource.contract);
        for name in fields.split(',') {
            selection.add(&resource.contract, resource.contract.find(name).unwrap().id);
        }
        selection
    }

    fn show(answer: &Answer, subject: Subject<'_>, selection: &Selection) -> Vec<String> {
        let Content::Slots { rows, .. } = &answer.content else { panic!() };
        let Some(shown) = answer.shown(subject) else { return Vec::new() };
        let one = |row: &u32| {
            let mut sink = Json::default();
            match shown.record(*row, selection, Place::Root, &mut sink) {
                Ok(()) => String::from_utf8(sink.into_bytes()).unwrap(),
                Err(problem) => format!("PROBLEM {problem}"),
            }
        };
        rows.iter().map(one).collect()
    }

    /// `filters` like `species=dog|cat weight.value>=4.2`, `sort` like `-name petId`.
    async fn list(
        &mut self,
        name: &str,
        fields: &str,
        filters: &str,
        sort: &str,
        limit: u32,
        offset: u64,
    ) -> Vec<String> {
        let resource = self.resource(name);
        let subject = Subject { resource: &resource, binding: &resource.binding };
        let selection = Self::selection(&resource, fields);
        let id = |n: &str| resource.contract.find(n).unwrap().id;
        let filters: Vec<Filter> = filters
            .split_whitespace()
            .map(|f| {
                let ops = [
                    ("!=", Operator::NotEqual),
                    ("<=", Operator::LessOrEqual),
                    (">=", Operator::GreaterOrEqual),
                    ("<", Operator::Less),
                    (">", Operator::Greater),
                    ("=", Operator::Equal),
                ];
                let (member, operator, values) =
                    ops.iter().find_map(|(t, o)| f.split_once(t).map(|(m, v)| (m, *o, v))).unwrap();
                Filter {
                    member: id(member),
                    operator,
                    values: values.split('|').map(str::to_owned).collect(),
                }
            })
            .collect();
        let mut order: Vec<SortKey> = sort
            .split_whitespace()
            .map(|s| SortKey { member: id(s.trim_start_matches('-')), descending: s.starts_with('-') })
            .collect();
        if order.is_empty() {
            order.clone_from(&resource.order);
        }
        if order.last().unwrap().member != resource.key {
            order.push(SortKey { member: resource.key, descending: false });
        }
        let ask = Ask {
            selection: &selection,
            filters: &filters,
            order: &order,
            limit,
            offset,
            count: true,
            whole: false,
        };
        match self.sql.list(subject, &ask, &self.journey).await {
            Ok(answer) => {
                let mut all = Self::show(&answer, subject, &selection);
                all.push(format!("total {:?}", answer.total));
                all
            }
            Err(fault) => vec![format!("FAULT {} {:?}", fault.code.id, fault.detail)],
        }
    }

    async fn read(&self, name: &str, key: &str, fields: &str) -> (String, Option<String>) {
        let resource = self.resource(name);
        let subject = Subject { resource: &resource, binding: &resource.binding };
        let selection = Self::selection(&resource, fields);
        match self.sql.read(subject, key, &selection, &self.journey).await {
            Ok(None) => ("none".into(), None),
            Ok(Some(answer)) => (Self::show(&answer, subject, &selection).concat(), answer.version),
            Err(fault) => (format!("FAULT {} {:?}", fault.code.id, fault.detail), None),
        }
    }

    async fn create(&self, name: &str, body: &str) -> Result<String, String> {
        let resource = self.resource(name);
        let subject = Subject { resource: &resource, binding: &resource.binding };
        let mut body = value(body);
        crate::translate::store::complete(&resource.contract, &mut body);
        let made = self.sql.create(subject, &body, &self.journey).await;
        made.map_err(|fault| format!("FAULT {}", fault.code.id))
    }

    async fn replace(
        &self,
        name: &str,
        key: &str,
        body: &str,
        changed: &str,
        version: Option<&str>,
    ) -> String {
        let resource = self.resource(name);
        let subject = Subject { resource: &resource, binding: &resource.binding };
        let mut body = value(body);
        crate::translate::store::complete(&resource.contract, &mut body);
        let changed = Self::selection(&resource, changed);
        match self.sql.replace(subject, key, &body, &changed, version, &self.journey).await {
            Ok(written) => format!("{written:?}"),
            Err(fault) => format!("FAULT {}", fault.code.id),
        }
    }

    async fn delete(&self, name: &str, key: &str, version: Option<&str>) -> String {
        let resource = self.resource(name);
        let subject = Subject { resource: &resource, binding: &resource.binding };
        match self.sql.delete(subject, key, version, &self.journey).await {
            Ok(written) => format!("{written:?}"),
            Err(fault) => format!("FAULT {}", fault.code.id),
        }
    }

    fn say(&mut self, what: &str, lines: &[String]) {
        let _ = writeln!(self.log, "# {what}");
        for line in lines {
            let _ = writeln!(self.log, "{line}");
        }
    }
}

fn value(json: &str) -> Value {
    Value::from(&serde_json::from_str::<serde_json::Value>(json).unwrap())
}

/// Asks everything, and hands out what was answered.
async fn tour(bench: &mut Bench) {
    for (name, pages) in [("pets", 5), ("customers", 3)] {
        for page in 0..pages {
            let rows = bench.list(name, "*", "", "", 100, page * 100).await;
            bench.say(&format!("{name} {page}"), &rows);
        }
    }
    for (fields, filters, sort) in [
        ("petId", "species=dog", ""),
        ("petId,species", "species=dog|cat", ""),
        ("petId,species", "species!=dog", ""),
        ("petId,sex", "sex=male", ""),
        ("petId,sex", "sex!=male", ""),
        ("petId,status", "status=lost|deceased", ""),
        ("petId,weight", "weight.value=4.2", ""),
        ("petId,weight", "weight.value=4.20", ""),
        ("petId,weight", "weight.value>40", ""),
        ("petId,weight", "weight.value<=4.20 species=dog", "-name"),
        ("petId,weight", "weight.value!=4.2", ""),
        ("petId,weight", "weight.value>=4.205", ""),
        ("petId,weight", "weight.value<4.205", ""),
        ("petId,weight", "weight.value!=4.205", ""),
        ("petId,weight", "weight.value>99999999999999999999", ""),
        ("petId,weight", "weight.value<99999999999999999999", ""),
        ("petId,createdAt", "createdAt>=2014-05-15T08:02:36Z createdAt<=2014-05-15T10:02:36+02:00", ""),
        ("petId,createdAt", "createdAt=2014-05-15T08:02:36Z", ""),
        ("petId,createdAt", "createdAt=2014-05-15T08:02:36.000Z", ""),
        ("petId,createdAt", "createdAt>2014-05-15T08:02:35.5Z createdAt<2014-05-15T08:02:36.5Z", ""),
        ("petId,createdAt", "createdAt>2014-05-15T08:02:36.5Z createdAt<2014-05-15T08:02:37.5Z", ""),
        ("petId,createdAt", "createdAt<2014-05-15T08:02:36.5Z", "-createdAt"),
        ("petId,createdAt", "createdAt!=2014-05-15T08:02:36.5Z", ""),
        ("petId", "ownerId=66", ""),
        ("photos,petId", "ownerId=66|67|68", ""),
        ("petId", "ownerId=66%20", ""),
        ("petId,name", "", "name"),
        ("petId,name", "", "-name"),
        ("petId,name", "", "-petId"),
        ("age,birthDate", "", "petId"),
        ("visibility.contact,colors", "", ""),
    ] {
        let rows = bench.list("pets", fields, filters, sort, 100, 0).await;
        bench.say(&format!("pets {fields} {filters} {sort}"), &rows);
    }
    for (fields, filters, sort) in [
        ("customerId,email", "email=maria.ortega66@example.org", ""),
        ("customerId", "preferences.channel=sms", "familyName givenName"),
        ("familyName,givenName", "", "-familyName givenName -createdAt"),
        ("customerId,preferences", "status!=active", ""),
        ("emergencyContacts.name,paymentOptions", "familyName=Ortega", "createdAt"),
    ] {
        let rows = bench.list("customers", fields, filters, sort, 100, 0).await;
        bench.say(&format!("customers {fields} {filters} {sort}"), &rows);
    }
    for (limit, offset) in [(10, 395), (10, 400), (1, 9_999_999_999), (7, 13)] {
        let rows = bench.list("pets", "petId", "", "", limit, offset).await;
        bench.say(&format!("pets {limit} {offset}"), &rows);
    }
    for (name, key, fields) in [
        ("pets", "109", "*"),
        ("pets", "109", "photos.url"),
        ("pets", "109 ", "*"),
        ("pets", "", "*"),
        ("pets", "x' OR '1'='1", "*"),
        ("pets", "nö", "*"),
        ("customers", "66", "*"),
        ("customers", "1", "*"),
    ] {
        let (shown, version) = bench.read(name, key, fields).await;
        bench.say(&format!("{name}/{key} {fields}"), &[shown, format!("{version:?}")]);
    }
    writes(bench).await;
}

async fn writes(bench: &mut Bench) {
    let pets = [
        r#"{"ownerId":"66","name":"Ünï 🐕 \\ ' \" `","species":"dog"}"#,
        r#"{"ownerId":"66","name":"Full","species":"cat","breed":{"primary":"Siamese","secondary":null,"mixed":true},"sex":"female","altered":true,
            "birthDate":"2020-02-29","birthDateEstimated":true,"weight":{"value":4.20,"unit":"kg"},"colors":["brown","tab\there \\ \"q\" 🐈"],
            "microchip":"985141000000109","behaviorNotes":"line\nbreak \\n '; -- ","visibility":{"profile":false,"contact":true},"status":"lost"}"#,
        r#"{"ownerId":"66","name":"Heavy","species":"horse","weight":{"value":21474836.47,"unit":"kg"}}"#,
        r#"{"ownerId":"66","name":"Too heavy","species":"horse","weight":{"value":99999999999999999999,"unit":"kg"}}"#,
        r#"{"ownerId":"66","name":"Weightless","species":"horse","weight":{"value":0,"unit":"kg"}}"#,
        r#"{"ownerId":"nobody","name":"Orphan","species":"dog"}"#,
        r#"{"ownerId":"66666666666666666666666666666666666666666666666666666666666666666666666666666666666","name":"Long","species":"dog"}"#,
    ];
    for body in pets {
        match bench.create("pets", body).await {
            Ok(key) => {
                let (shown, version) = bench.read("pets", &key, "*").await;
                let uuid = key.len() == 36;
                bench.say(
                    &format!("create {body}"),
                    &[shown.replace(&key, "KEY"), format!("{version:?} {uuid}")],
                );
            }
            Err(fault) => bench.say(&format!("create {body}"), &[fault]),
        }
    }
    let customer = r#"{"givenName":"Zoë","familyName":"Ångström ","email":"zoe@example.org","phone":null,
        "address":{"street":"1 Way","city":"Town","country":"US"},
        "emergencyContacts":[{"name":"A","phone":"+1 555 01","relation":"vet"},{"name":"B","phone":"+1 555 02","relation":null}]}"#;
    let key = bench.create("customers", customer).await.unwrap();
    let (shown, version) = bench.read("customers", &key, "*").await;
    bench.say("customer", &[shown.replace(&key, "KEY"), format!("{version:?}")]);
    let rows = bench.list("customers", "familyName", "familyName=Ångström", "", 10, 0).await;
    bench.say("trailing space counts", &rows);

    let less = r#"{"givenName":"Zoë","familyName":"Ångström","email":"zoe@example.org","phone":"+1 555 03",
        "emergencyContacts":[{"name":"B","phone":"+1 555 02","relation":null}],"preferences":{"marketing":true}}"#;
    for (changed, version) in [
        ("phone,emergencyContacts,address", Some("1")),
        ("phone", Some("1")),
        ("preferences", Some("2")),
        ("emergencyContacts", None),
        ("familyName", Some("x")),
    ] {
        let done = bench.replace("customers", &key, less, changed, version).await;
        let (shown, version) = bench.read("customers", &key, "*").await;
        bench.say(&format!("replace {changed}"), &[done, shown.replace(&key, "KEY"), format!("{version:?}")]);
    }
    let pet = r#"{"ownerId":"66","name":"Other","species":"cat","weight":null,"sex":null,"altered":true,"colors":[]}"#;
    for (key, changed, version) in [
        ("109", "*", None),
        ("109", "weight", Some("2")),
        ("109", "sex,altered", Some("2")),
        ("gone", "*", None),
        ("gone", "*", Some("1")),
        ("110", "name", None),
    ] {
        let done = bench.replace("pets", key, pet, changed, version).await;
        let (shown, version) = bench.read("pets", key, "*").await;
        bench.say(&format!("replace {key} {changed}"), &[done, shown, format!("{version:?}")]);
    }
    let owner = r#"{"ownerId":"nobody","name":"Other","species":"cat"}"#;
    let done = bench.replace("pets", "110", owner, "ownerId", None).await;
    bench.say("replace with an owner who is not there", &[done]);
    for (name, key, version) in [
        ("pets", "110", Some("7")),
        ("pets", "110", None),
        ("pets", "110", None),
        ("pets", "111", Some("1")),
        ("pets", "gone", Some("1")),
        ("customers", "67", None),
    ] {
        let done = bench.delete(name, key, version).await;
        let (shown, _) = bench.read(name, key, "*").await;
        let rows = bench.list(name, "status", "", "", 1, 0).await;
        bench.say(&format!("delete {name} {key} {version:?}"), &[done, shown, rows.last().cloned().unwrap()]);
    }
}

async fn parts(bench: &mut Bench) {
    let (key, time) = match bench.sql.pool.flavor() {
        Flavor::Sqlite => ("INTEGER PRIMARY KEY", "TEXT"),
        Flavor::Postgres => ("BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", "TIMESTAMPTZ"),
        Flavor::Mariadb => ("BIGINT AUTO_INCREMENT PRIMARY KEY", "DATETIME"),
    };
    let mut statements: Vec<String> = PART_TABLES
        .iter()
        .map(|t| t.replace("KEY,", &format!("{key},")).replace("TIME,", &format!("{time},")))
        .collect();
    statements[0] = PART_TABLES[0].into();
    statements.push("INSERT INTO makers VALUES (9, 'Nine')".into());
    statements.push("INSERT INTO parts (id, kind, name) VALUES (3, 'other', 'not a part')".into());
    bench.sql.pool.pool.run_all(&statements).await.unwrap();
    if bench.sql.pool.flavor() == Flavor::Postgres {
        bench
            .sql
            .pool
            .pool
            .run_all(&["ALTER TABLE parts ALTER COLUMN id RESTART WITH 4".into()])
            .await
            .unwrap();
    }
    let mut keys = Vec::new();
    for body in [
        r#"{"name":"a","price":1.10,"quantity":2,"sold":true,"seen":"2026-01-02T03:04:05Z","day":"2026-01-02","makerId":"9","tags":[{"word":"x"},{"word":"y"}]}"#,
        r#"{"name":"b"}"#,
        r#"{"name":"B","price":10,"quantity":10,"sold":false,"seen":"2026-01-02T04:04:06+01:00","makerId":"9"}"#,
        r#"{"name":"ä","price":9.99,"quantity":-3}"#,
        r#"{"name":"no maker","makerId":"8"}"#,
        r#"{"name":"e","price":-0.05}"#,
        r#"{"name":"f"}"#,
        r#"{"name":"g"}"#,
        r#"{"name":"h"}"#,
    ] {
        let made = bench.create("parts", body).await;
        bench.say(
            &format!("create {body}"),
            &[if made.is_ok() { "made".into() } else { format!("{made:?}") }],
        );
        keys.extend(made);
    }
    // A refused row may have used a key up; the numbers differ, the order does not.
    let said = |bench: &mut Bench, what: &str, rows: &[String]| {
        let rows: Vec<String> = rows
            .iter()
            .map(|row| {
                keys.iter().enumerate().fold(row.clone(), |r, (at, k)| {
                    r.replace(&format!("\"partId\":\"{k}\""), &format!("#{at}"))
                })
            })
            .collect();
        bench.say(what, &rows);
    };
    for (filters, sort) in [
        ("", ""),
        ("", "-partId"),
        ("", "price"),
        ("", "-quantity"),
        ("", "-seen"),
        ("", "day"),
        ("", "name"),
        ("price>=9.99", ""),
        ("price=1.1", ""),
        ("price!=1.10", ""),
        ("price>9.989", ""),
        ("sold=true", ""),
        ("sold!=true", ""),
        ("sold=false", ""),
        ("quantity<3", ""),
        ("seen>=2026-01-02T03:04:05Z", ""),
        ("seen>2026-01-02T03:04:05Z", ""),
        ("day=2026-01-02", ""),
        ("day>2026-01-01", ""),
        ("partId=nothing", ""),
        ("partId!=nothing", ""),
        ("partId=5abc", ""),
        ("partId=05", ""),
        ("partId=99999999999999999999", ""),
    ] {
        let rows = bench.list("parts", "*", filters, sort, 50, 0).await;
        said(bench, &format!("parts {filters} {sort}"), &rows);
    }
    let (first, last) = (keys[0].clone(), keys[7].clone());
    for key in [first.as_str(), "3", "x", "", "99999999999999999999", " 4", "4.0", "04", "4x"] {
        let (shown, version) = bench.read("parts", key, "*").await;
        said(bench, "part", &[shown, format!("{version:?}")]);
    }
    let less = r#"{"name":"a2","price":2,"quantity":null,"sold":null,"seen":null,"makerId":null,"tags":[{"word":"z"}]}"#;
    for (key, changed) in
        [(first.as_str(), "*"), (first.as_str(), "tags"), ("3", "*"), ("x", "*"), (last.as_str(), "makerId")]
    {
        let done = bench.replace("parts", key, less, changed, None).await;
        let (shown, _) = bench.read("parts", key, "*").await;
        said(bench, &format!("replace {changed}"), &[done, shown]);
    }
    for key in [first.as_str(), first.as_str(), "3", "x"] {
        let done = bench.delete("parts", key, None).await;
        let rows = bench.list("parts", "name", "", "", 1, 0).await;
        said(bench, "delete", &[done, rows.last().cloned().unwrap()]);
    }
}

/// Many at once: none is lost, none waits for ever, and of writers of one version one wins.
async fn crowd(bench: &Bench) {
    let body = r#"{"givenName":"C","familyName":"Crowd","email":"c@example.org","emergencyContacts":[{"name":"A","phone":"+1 555 01"}]}"#;
    let made = futures_util::future::join_all((0..40).map(|_| bench.create("customers", body))).await;
    let mut keys: Vec<String> = made.into_iter().map(Result::unwrap).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 40);
    let key = &keys[0];
    let race = (0..20).map(|_| bench.replace("customers", key, body, "*", Some("1")));
    let mut done = futures_util::future::join_all(race).await;
    done.sort();
    assert_eq!(done.iter().filter(|d| *d == "Done").count(), 1, "{done:?}");
    assert_eq!(done.iter().filter(|d| *d == "LostRace").count(), 19, "{done:?}");
    let all = (0..20).map(|_| bench.replace("customers", key, body, "*", None));
    let done = futures_util::future::join_all(all).await;
    assert!(done.iter().all(|d| d == "Done"), "{done:?}");
    let mixed = keys.iter().map(|key| async move {
        let read = bench.read("customers", key, "*").await;
        let deleted = bench.delete("customers", key, None).await;
        (read.0.starts_with('{'), deleted)
    });
    let done = futures_util::future::join_all(mixed).await;
    assert!(done.iter().all(|d| *d == (true, "Done".into())), "{done:?}");
}

fn sqlite_url(name: &str) -> String {
    let folder = std::env::temp_dir().join(format!("portico-sql-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    format!("sqlite:{}", folder.join("store.db").display())
}

/// The questions that were answered otherwise, with the first line of each that differs.
fn differing(left: &str, right: &str) -> Vec<String> {
    let (left, right): (Vec<&str>, Vec<&str>) = (left.split("\n# ").collect(), right.split("\n# ").collect());
    assert_eq!(left.len(), right.len());
    let different = left.iter().zip(&right).filter(|(a, b)| a != b);
    let told = different.map(|(a, b)| {
        let what = a.lines().next().unwrap_or_default();
        let line = a.lines().zip(b.lines()).find(|(a, b)| a != b);
        let (a, b) = line.unwrap_or(("more or fewer lines", ""));
        format!("{what}\n  {a}\n  {b}")
    });
    told.collect()
}

#[tokio::test]
async fn the_databases_answer_alike() {
    let mut sqlite = Bench::seeded(&sqlite_url("tour"), 4).await;
    tour(&mut sqlite).await;
    parts(&mut sqlite).await;
    crowd(&sqlite).await;
    for name in ["POSTGRES", "MARIADB"] {
        let Ok(url) = std::env::var(format!("PORTICO_TEST_{name}")) else { continue };
        let mut other = Bench::seeded(&url, 4).await;
        tour(&mut other).await;
        parts(&mut other).await;
        let found = differing(&sqlite.log, &other.log);
        assert!(found.is_empty(), "{name} answers {} questions otherwise\n{}", found.len(), found.join("\n"));
        crowd(&other).await;
    }
}

#[tokio::test]
async fn one_connection_is_enough() {
    let bench = Bench::seeded(&sqlite_url("one"), 1).await;
    crowd(&bench).await;
}

#[tokio::test]
async fn memory_is_enough() {
    let bench = Bench::seeded("sqlite::memory:", 1).await;
    crowd(&bench).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_may_write_one_file() {
    let url = sqlite_url("two");
    let first = Bench::seeded(&url, 8).await;
    let second = Bench::new(&url, 8).await;
    tokio::join!(crowd(&first), crowd(&second));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_may_begin_at_once() {
    for round in 0..10 {
        let url = sqlite_url(&format!("begin{round}"));
        tokio::join!(Bench::new(&url, 2), Bench::new(&url, 2), Bench::new(&url, 2));
    }
}

/// Who is cut off between two transactions has said nothing that could have been done.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ended_in_the_pool_leaves_no_doubt() {
    let Ok(url) = std::env::var("PORTICO_TEST_POSTGRES") else { return };
    let long = Duration::from_secs(10);
    let open =
        |url: String, most: u32| async move { Pool::open(&url, Path::new(""), most, long).await.unwrap() };
    let (pool, other) = (open(format!("{url}?application_name=ended"), 4).await, open(url, 1).await);
    let tables = ["DROP TABLE IF EXISTS ended", "CREATE TABLE ended (n INTEGER)"].map(str::to_owned);
    pool.run_all(&tables).await.unwrap();
    let insert = || {
        let sql = "INSERT INTO ended VALUES (1)".to_owned();
        let statements = vec![(Statement { sql, parameters: Vec::new() }, Expect::OneRow)];
        pool.transact(statements, tokio::time::Instant::now() + long)
    };
    let first = futures_util::future::join_all((0..4).map(|_| insert())).await;
    assert!(first.iter().all(|done| *done == Ok(Outcome::Done(None))), "{first:?}");
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ended'";
    other.run_all(&[end.to_owned()]).await.unwrap();
    let (mut done, mut refused) = (4, 0);
    for _ in 0..6 {
        match insert().await {
            Ok(Outcome::Done(_)) => done += 1,
            Err(Failed::NoConnection(_)) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(refused > 0 && done > 4, "{refused} were refused, {done} done");
    let count = Statement { sql: "SELECT count(*)::text FROM ended".to_owned(), parameters: Vec::new() };
    let mut found = None;
    let keep = |_, _, value: Option<&str>| found = value.map(str::to_owned);
    pool.fetch(&count, 1, tokio::time::Instant::now() + long, keep).await.unwrap();
    assert_eq!(found, Some(done.to_string()));
}

/// What is no text is refused wherever its first value stands; it would be read as one otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_no_text_is_refused() {
    let long = Duration::from_secs(10);
    let whole = |from: &str| format!("SELECT 'a', {from} UNION ALL SELECT 'b', {from}");
    let wide: Vec<String> = (0..70).map(|at| format!("CAST(NULLIF(n, '{}') AS TEXT)", at % 2)).collect();
    let wide = format!("SELECT {} FROM (SELECT '0' AS n UNION ALL SELECT '1') AS rows", wide.join(", "));
    for url in [Ok(sqlite_url("texts")), std::env::var("PORTICO_TEST_POSTGRES")].into_iter().flatten() {
        let pool = Pool::open(&url, Path::new(""), 1, long).await.unwrap();
        let read = |sql: String, columns: usize| {
            let pool = &pool;
            async move {
                let mut read = Vec::new();
                let statement = Statement { sql, parameters: Vec::new() };
                let keep = |_, _, value: Option<&str>| read.push(value.map(str::to_owned));
                let deadline = tokio::time::Instant::now() + long;
                pool.fetch(&statement, columns, deadline, keep).await.map(|()| read)
            }
        };
        let null = "CAST(NULL AS INTEGER)";
        for sql in [whole("7"), whole(null).replacen(&format!("'b', {null}"), "'b', 7", 1)] {
            assert!(matches!(read(sql.clone(), 2).await, Err(Failed::Other(_))), "{url}: {sql}");
        }
        let nothing = read(whole(null), 2).await.unwrap();
        assert_eq!(nothing, [Some("a".to_owned()), None, Some("b".to_owned()), None], "{url}");
        let read = read(wide.clone(), 70).await.unwrap();
        let told: Vec<Option<String>> = (0..140)
            .map(|at| [at / 70, at % 2])
            .map(|[row, not]| (row != not).then(|| row.to_string()))
            .collect();
        assert_eq!(read, told, "{url}");
    }
}
