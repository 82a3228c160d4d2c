//! Creating and changing records: every value through `accept`, then the rules over several fields, then the
//! diary; all that is wrong is said at once, and nothing is written unless everything is right. There is no
//! delete: `active` becomes 0.
//!
//! A contact's details are rows of their own and may be written through the contact, as
//! `contact_detail_list`: the list replaces what is active. An entry with an `id` is that row; one without
//! takes the first row of its type that is left, or becomes a new one; rows that are not mentioned become
//! inactive. A detail written by itself does not touch `modified_at` of its contact.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::accept::{accept, is_nothing, minutes, word};
use super::booking::{self, Desk, ZONE};
use super::refusal::{Message, Refusal};
use super::schema::{Field, Kind, Role, Thing};
use super::store::{Row, Store, flag, id_in, number, text};

/// Entries of a `contact_detail_list`.
const MOST_DETAILS: usize = 20;

/// Writes a new record; its id.
pub(super) fn create(
    store: &mut Store,
    thing: Thing,
    form: &Value,
    desk: Desk,
    now: i64,
) -> Result<u64, Refusal> {
    let form = object(form)?;
    let id = store.next_id(thing, 1)?;
    let mut wrong = unknown(form, |name| may_write(thing, name));
    let mut row = Row::new();
    for field in thing.fields() {
        let value = match (form.get(field.name), field.role) {
            (_, Role::Server) => Ok(server(field, thing, id, now)),
            (Some(given), role) => taken(store, field, given, role == Role::Required),
            (None, Role::Optional(initial)) => accept(store, field, &json!(initial)),
            (None, Role::Required) => Err("is required.".to_owned()),
        };
        keep(&mut row, field, value, &mut wrong);
    }
    if thing == Thing::Appointment {
        default_duration(store, &mut row);
    }
    let details = form.get("contact_detail_list").filter(|_| thing == Thing::Contact);
    finish(store, thing, id, row, details, wrong, Some(desk), now)
}

/// Changes what the form mentions and leaves the rest.
pub(super) fn update(
    store: &mut Store,
    thing: Thing,
    word: &str,
    form: &Value,
    now: i64,
) -> Result<u64, Refusal> {
    let (id, before) = store.find(thing, word).ok_or_else(|| Refusal::record(thing.name(), word))?;
    let before = before.clone();
    let form = object(form)?;
    let mut wrong = unknown(form, |name| may_write(thing, name));
    let mut row = before.clone();
    for field in thing.fields() {
        if let (Some(given), Role::Required | Role::Optional(_)) = (form.get(field.name), field.role) {
            let value = taken(store, field, given, field.role == Role::Required);
            keep(&mut row, field, value, &mut wrong);
        }
        if field.name == "modified_at" {
            row.insert(field.name.to_owned(), epoch(field.kind, now));
        }
    }
    if thing == Thing::Appointment {
        default_duration(store, &mut row);
    }
    let changed = |names: &[&str]| names.iter().any(|name| before.get(*name) != row.get(*name));
    // What only says how an appointment went asks the diary nothing, or the past could not be closed.
    let desk = match thing {
        Thing::Appointment if changed(&["start_at", "duration", "resource_list"]) => Some(Desk::Online),
        Thing::Appointment if changed(&["active", "cancelled"]) => Some(Desk::Staff),
        _ => None,
    };
    let details = form.get("contact_detail_list").filter(|_| thing == Thing::Contact);
    finish(store, thing, id, row, details, wrong, desk, now)
}

/// The last checks, and the writing.
#[expect(clippy::too_many_arguments, reason = "the common end of two roads, called from nowhere else")]
fn finish(
    store: &mut Store,
    thing: Thing,
    id: u64,
    row: Row,
    details: Option<&Value>,
    mut wrong: Vec<Message>,
    desk: Option<Desk>,
    now: i64,
) -> Result<u64, Refusal> {
    let details = details.map_or(Ok(Vec::new()), |given| self::details(store, id, given, now));
    if let Err(faults) = &details {
        wrong.extend(faults.iter().cloned());
    }
    if wrong.is_empty() {
        wrong = rules(store, thing, &row, now);
    }
    if let (true, Some(desk), Thing::Appointment) = (wrong.is_empty() && booking::occupies(&row), desk, thing)
    {
        wrong = booking::check(store, &row, Some(id), desk, now);
    }
    if !wrong.is_empty() {
        return Err(Refusal::invalid(wrong));
    }
    let details = details.unwrap_or_default();
    store.next_id(Thing::ContactDetail, details.len())?;
    for (detail, row) in details {
        store.put(Thing::ContactDetail, detail, row);
    }
    store.put(thing, id, row);
    Ok(id)
}

/// A message for each member that cannot be written.
pub(super) fn unknown(form: &Map<String, Value>, known: impl Fn(&str) -> bool) -> Vec<Message> {
    form.keys()
        .filter(|name| !known(name))
        .map(|name| Message::field(name, format!("The field {name} does not exist or cannot be written.")))
        .collect()
}

fn object(form: &Value) -> Result<&Map<String, Value>, Refusal> {
    form.as_object().ok_or_else(|| Refusal::request("The body must be an object."))
}

fn may_write(thing: Thing, name: &str) -> bool {
    thing.field(name).is_some_and(|field| field.role != Role::Server)
}

fn taken(store: &Store, field: &Field, given: &Value, required: bool) -> Result<Value, String> {
    let value = accept(store, field, given)?;
    if required && is_nothing(&value) { Err("must not be empty.".to_owned()) } else { Ok(value) }
}

fn keep(row: &mut Row, field: &Field, value: Result<Value, String>, wrong: &mut Vec<Message>) {
    match value {
        // Details are rows of their own.
        Ok(_) if field.kind == Kind::Details => {}
        Ok(value) => {
            row.insert(field.name.to_owned(), value);
        }
        Err(text) => wrong.push(Message::field(field.name, format!("The {} {text}", field.name))),
    }
}

/// What the server fills in for a new record.
fn server(field: &Field, thing: Thing, id: u64, now: i64) -> Value {
    match field.name {
        "id" => json!(id.to_string()),
        "created_at" | "modified_at" => epoch(field.kind, now),
        "code" => code(thing, id),
        "ownership_id" => json!("1"),
        "timezone" => json!(ZONE),
        _ => Value::Null,
    }
}

/// The number on a client's or patient's card.
pub(super) fn code(thing: Thing, id: u64) -> Value {
    json!(format!("{}{id:06}", if thing == Thing::Contact { 1 } else { 2 }))
}

pub(super) fn epoch(kind: Kind, seconds: i64) -> Value {
    if kind == Kind::EpochText { json!(seconds.to_string()) } else { json!(seconds) }
}

/// An appointment lasts as long as its type unless it says something else.
fn default_duration(store: &Store, row: &mut Row) {
    if number(row, "duration").is_none()
        && let Some((_, kind)) = store.find(Thing::AppointmentType, text(row, "type_id"))
    {
        row.insert("duration".to_owned(), json!(number(kind, "default_duration")));
    }
}

/// The rules over several fields of one record.
fn rules(store: &Store, thing: Thing, row: &Row, now: i64) -> Vec<Message> {
    let mut wrong = Vec::new();
    let mut need = |holds: bool, field: &str, text: &str| {
        if !holds {
            wrong.push(Message::field(field, text));
        }
    };
    let given = |name| !text(row, name).trim().is_empty();
    match thing {
        Thing::Contact if flag(row, "is_business") => {
            need(given("business_name"), "business_name", "The business_name is required for a business.");
        }
        Thing::Contact => need(given("last_name"), "last_name", "The last_name is required."),
        Thing::ContactDetail => {
            if let Some(text) = value_fault(row) {
                need(false, "value", text);
            }
        }
        Thing::Animal => {
            let breed = store.find(Thing::Breed, text(row, "breed_id"));
            let fits = breed.is_none_or(|(_, breed)| breed.get("species_id") == row.get("species_id"));
            need(fits, "breed_id", "The breed_id does not belong to the species.");
            let both = given("weight") == given("weight_unit");
            need(both, "weight_unit", "The weight and the weight_unit are needed together.");
            let born = number(row, "date_of_birth").is_none_or(|born| born <= now);
            need(born, "date_of_birth", "The date_of_birth must not be in the future.");
        }
        Thing::Resource => {
            let works = minutes(text(row, "start_time")) < minutes(text(row, "end_time"));
            need(works, "end_time", "The end_time must be after the start_time.");
        }
        Thing::Vaccination => {
            let ordered = number(row, "date_due").is_none_or(|due| Some(due) >= number(row, "date_given"));
            need(ordered, "date_due", "The date_due must not be before the date_given.");
        }
        _ => {}
    }
    wrong
}

/// What is wrong with the value of a detail, by its type.
fn value_fault(row: &Row) -> Option<&'static str> {
    let value = text(row, "value");
    if id_in(row, "contact_detail_type_id") == Some(1) {
        let (name, domain) = value.rsplit_once('@').unwrap_or_default();
        let good = !name.is_empty()
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
            && !value.contains(|letter: char| letter.is_whitespace() || letter.is_control() || letter == ',');
        return (!good).then_some("The email address is not valid.");
    }
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let good = (5..=15).contains(&digits)
        && value.chars().all(|letter| letter.is_ascii_digit() || " +-().".contains(letter));
    (!good).then_some("The phone number is not valid.")
}

/// The rows that a `contact_detail_list` comes to, or all that is wrong, by the name of the type of detail.
fn details(store: &Store, contact: u64, given: &Value, now: i64) -> Result<Vec<(u64, Row)>, Vec<Message>> {
    const LIST: &str = "contact_detail_list";
    let refuse = |text: &str| vec![Message::field(LIST, format!("The {LIST} {text}"))];
    let entries = match given {
        Value::Array(entries) if entries.len() <= MOST_DETAILS => entries.as_slice(),
        Value::Null => &[],
        Value::Array(_) => return Err(refuse("has too many entries.")),
        _ => return Err(refuse("must be a list.")),
    };
    let current: Vec<(u64, &Row)> = store.details(contact).collect();
    let mut next = store.next_id(Thing::ContactDetail, entries.len()).map_err(|refusal| refusal.messages)?;
    let mut claimed: BTreeSet<u64> =
        entries.iter().filter_map(|entry| word(entry.get("id")?)?.parse().ok()).collect();
    let mut rows: Vec<(u64, Row)> = Vec::new();
    let mut wrong = Vec::new();
    for entry in entries {
        let Some(entry) = entry.as_object() else {
            wrong.extend(refuse("has an entry that is no object."));
            continue;
        };
        let known =
            |name: &str| name == "id" || (name != "contact_id" && may_write(Thing::ContactDetail, name));
        let mut faults = unknown(entry, known);
        let kind = entry.get("contact_detail_type_id").and_then(word);
        let named = entry.get("id").and_then(word).filter(|id| !id.is_empty());
        let before = match &named {
            Some(named) => {
                let found = current.iter().find(|(id, _)| id.to_string() == *named);
                if found.is_none() {
                    faults.extend(refuse("has an id that is not among this contact's."));
                }
                found
            }
            None => current.iter().find(|(id, row)| {
                !claimed.contains(id) && kind.as_deref() == Some(text(row, "contact_detail_type_id"))
            }),
        };
        let id = before.map_or(next, |&(id, _)| id);
        if rows.iter().any(|(known, _)| *known == id) {
            faults.extend(refuse("has the same id twice."));
        }
        let mut row = before.map(|&(_, row)| row.clone()).unwrap_or_default();
        let fresh = before.is_none();
        next += u64::from(fresh);
        claimed.insert(id);
        for field in Thing::ContactDetail.fields() {
            let value = match (field.name, entry.get(field.name), field.role) {
                ("contact_id", ..) => Ok(json!(contact.to_string())),
                ("modified_at", ..) => Ok(epoch(field.kind, now)),
                (_, _, Role::Server) if fresh => Ok(server(field, Thing::ContactDetail, id, now)),
                (_, Some(given), Role::Required | Role::Optional(_)) => {
                    taken(store, field, given, field.role == Role::Required)
                }
                (_, None, Role::Optional(initial)) if fresh => accept(store, field, &json!(initial)),
                (_, None, Role::Required) if fresh => Err("is required.".to_owned()),
                _ => continue,
            };
            keep(&mut row, field, value, &mut faults);
        }
        if faults.is_empty()
            && let Some(fault) = value_fault(&row)
        {
            let kind = store.find(Thing::ContactDetailType, text(&row, "contact_detail_type_id"));
            let name = kind.map_or(LIST.to_owned(), |(_, kind)| text(kind, "name").to_lowercase());
            faults.push(Message::field(&name, fault));
        }
        wrong.extend(faults);
        rows.push((id, row));
    }
    for (id, row) in current.iter().filter(|(id, _)| !claimed.contains(id)) {
        let mut row = (*row).clone();
        row.insert("active".to_owned(), json!("0"));
        row.insert("modified_at".to_owned(), json!(now.to_string()));
        rows.push((*id, row));
    }
    if wrong.is_empty() { Ok(rows) } else { Err(wrong) }
}
