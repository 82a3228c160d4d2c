//! One district, 14 schools (two of them closed, `tobedeleted`), 420 students and 90 staff.
//!
//! Corners that such rosters have: a missing e-mail is `""`; four in a hundred people are `tobedeleted`; a few
//! students are still enabled at a closed school; some go to two schools; a few grades lack their leading
//! zero, from before the last import; administrators belong to the district as well; closed schools have no
//! identifier.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::words::{DISTRICT, DISTRICT_ID, SCHOOLS};
use super::{LAST_CHANGE, OPENED, school_id, stream};
use crate::demo::district::oneroster::{Record, Roster, href};
use crate::demo::seed::draw::Draw;
use crate::demo::seed::{Customer, Seed};

const STUDENTS: u64 = 420;
const STAFF: u64 = 90;
/// Open schools, which come first.
const OPEN: u64 = 12;
/// In the year that the data was taken; a child of the grade `KG` was born five years before.
const SCHOOL_YEAR: u64 = 2026;

pub(in super::super) fn roster(seed: &Seed) -> Roster {
    let mut orgs = vec![district()];
    orgs.extend((1..).zip(&SCHOOLS).map(|(number, school)| {
        let mut draw = Draw::of(stream::SCHOOL, number);
        let identifier =
            if school.closed { String::new() } else { format!("4101230{:05}", 900 + number * 7) };
        record(json!({
            "sourcedId": school_id(number),
            "status": if school.closed { "tobedeleted" } else { "active" },
            "dateLastModified": modified(&mut draw),
            "name": school.name,
            "type": "school",
            "identifier": identifier,
            "parent": org(DISTRICT_ID),
            "children": [],
        }))
    }));
    let mut names = BTreeMap::new();
    // By `sourcedId`: staff begin with 100001, students with 200001.
    let mut users: Vec<Record> = (1..=STAFF).map(|number| staff(seed, number, &mut names)).collect();
    users.extend((1..=STUDENTS).map(|number| student(seed, number, &mut names)));
    Roster { orgs, users }
}

fn district() -> Record {
    let mut draw = Draw::of(stream::SCHOOL, 0);
    let children: Vec<Value> = (1..).zip(&SCHOOLS).map(|(number, _)| org(&school_id(number))).collect();
    record(json!({
        "sourcedId": DISTRICT_ID,
        "status": "active",
        "dateLastModified": modified(&mut draw),
        "name": DISTRICT,
        "type": "district",
        "identifier": "4101230",
        "parent": null,
        "children": children,
    }))
}

fn student(seed: &Seed, number: u64, names: &mut BTreeMap<String, u64>) -> Record {
    let mut draw = Draw::of(stream::STUDENT, number);
    let (given, family) = named(seed, &mut draw);
    // Closed schools keep a twentieth of the students; most of those are on their way out.
    let school = if draw.chance(5) { OPEN + draw.between(1, 2) } else { draw.between(1, OPEN) };
    let gone = draw.chance(if school > OPEN { 70 } else { 4 });
    let grades = usize::try_from(school - 1).ok().and_then(|at| SCHOOLS.get(at)).map(|school| school.grades);
    let grade = draw.pick(grades.unwrap_or_default());
    let grade = if draw.chance(3) { grade.trim_start_matches('0') } else { grade };
    let born = SCHOOL_YEAR - 5 - grade.parse::<u64>().unwrap_or_default() - draw.below(2);
    let birth = format!("{born}-{:02}-{:02}", draw.between(1, 12), draw.between(1, 28));
    let mut orgs = vec![org(&school_id(school))];
    if school < OPEN && draw.chance(2) {
        orgs.push(org(&school_id(school + 1)));
    }
    let username = username(names, &given, &family);
    let email =
        if draw.chance(40) { String::new() } else { format!("{username}@students.cascadevalley.example") };
    let phone = if draw.chance(55) { String::new() } else { phone(&mut draw) };
    let state = format!("{}", 7_000_000 + number * 13);
    record(json!({
        "sourcedId": format!("U-{}", 200_000 + number),
        "status": if gone { "tobedeleted" } else { "active" },
        "dateLastModified": modified(&mut draw),
        "metadata": {"birthDate": birth},
        "username": username,
        "userIds": [{"type": "State", "identifier": state}],
        "enabledUser": if gone || draw.chance(2) { "false" } else { "true" },
        "givenName": given,
        "familyName": family,
        "middleName": "",
        "role": "student",
        "identifier": format!("{}", 50_000 + number),
        "email": email,
        "sms": "",
        "phone": phone,
        "agents": [],
        "orgs": orgs,
        "grades": [grade],
    }))
}

fn staff(seed: &Seed, number: u64, names: &mut BTreeMap<String, u64>) -> Record {
    let mut draw = Draw::of(stream::STAFF, number);
    let (given, family) = named(seed, &mut draw);
    // One administrator for each school, the closed ones too; then mostly teachers.
    let administrator = number <= SCHOOLS.len() as u64;
    let role =
        if administrator { "administrator" } else { draw.pick(&["teacher", "teacher", "teacher", "aide"]) };
    let school = if administrator { number } else { (number - 1) % OPEN + 1 };
    let gone = school > OPEN || draw.chance(4);
    let mut orgs = vec![org(&school_id(school))];
    if administrator {
        orgs.push(org(DISTRICT_ID));
    } else if school < OPEN && draw.chance(8) {
        orgs.push(org(&school_id(school + 1)));
    }
    let username = username(names, &given, &family);
    let email = if draw.chance(6) { String::new() } else { format!("{username}@cascadevalley.example") };
    let phone = if draw.chance(20) { String::new() } else { phone(&mut draw) };
    record(json!({
        "sourcedId": format!("U-{}", 100_000 + number),
        "status": if gone { "tobedeleted" } else { "active" },
        "dateLastModified": modified(&mut draw),
        "metadata": {},
        "username": username,
        "userIds": [],
        "enabledUser": if gone { "false" } else { "true" },
        "givenName": given,
        "familyName": family,
        "middleName": "",
        "role": role,
        "identifier": format!("E{}", 1_000 + number),
        "email": email,
        "sms": "",
        "phone": phone,
        "agents": [],
        "orgs": orgs,
        "grades": [],
    }))
}

/// The given name of one customer and the family name of another.
fn named(seed: &Seed, draw: &mut Draw) -> (String, String) {
    let customers: Vec<Option<&Customer>> = seed.customers.iter().map(Some).collect();
    let given = draw.pick(&customers).map_or("Alex", |customer| &customer.given_name);
    let family = draw.pick(&customers).map_or("Doe", |customer| &customer.family_name);
    (given.to_owned(), family.to_owned())
}

/// The first letter and the family name, ASCII in lower case, with a number from the second such name on.
fn username(names: &mut BTreeMap<String, u64>, given: &str, family: &str) -> String {
    let first = given.chars().find(char::is_ascii_alphabetic).unwrap_or('x');
    let family = family.chars().filter(char::is_ascii_alphabetic);
    let name: String = std::iter::once(first).chain(family).collect::<String>().to_ascii_lowercase();
    let count = names.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
    if *count == 1 { name } else { format!("{name}{count}") }
}

fn phone(draw: &mut Draw) -> String {
    let (exchange, line) = (draw.between(200, 899), draw.below(10_000));
    match draw.below(3) {
        0 => format!("(503) {exchange}-{line:04}"),
        1 => format!("503-{exchange}-{line:04}"),
        _ => format!("503{exchange}{line:04}"),
    }
}

fn org(id: &str) -> Value {
    json!({"href": href("orgs", id), "sourcedId": id, "type": "org"})
}

/// A moment of whole minutes, with the milliseconds that `OneRoster` wants.
fn modified(draw: &mut Draw) -> String {
    let moment = draw.moment(OPENED, LAST_CHANGE) / 60 * 60;
    crate::demo::clock::rfc3339(moment).replace('Z', ".000Z")
}

fn record(value: Value) -> Record {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
