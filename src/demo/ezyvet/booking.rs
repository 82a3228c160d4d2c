//! The diary: when a resource works, when it is taken, which slots are free, and booking one. Nothing here
//! waits or locks: the caller holds the store for the whole of a request, so that between looking and
//! writing nobody else comes.
//!
//! The practice's zone has no summer time, which makes an offset of it; a practice elsewhere would need a
//! table of zones. The real one also opens a consult for a booking; here the vet does so when the animal
//! arrives, so that a medical record is always something that a vet wrote.

use serde_json::{Map, Value, json};

use super::accept::{accept, is_nothing, minutes};
use super::query::Query;
use super::refusal::{Message, Refusal};
use super::schema::{Field, Kind, Role, Thing};
use super::store::{Row, Store, flag, number, text, texts};
use super::write;

/// The zone of the practice, and how far it lies east of UTC, in seconds, all the year round.
pub(super) const ZONE: &str = "America/Phoenix";
pub(super) const OFFSET: i64 = -7 * 3600;
const DAY: i64 = 86_400;
/// Slots begin this many seconds apart; long ones twice as far.
const GRID: i64 = 15 * 60;
/// Bookings begin at a full five minutes.
const STEP: i64 = 5 * 60;
/// The longest time that may be asked for, in days.
const LONGEST_SPAN: i64 = 31;

/// Who wants the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Desk {
    /// Staff: after hours and afterwards if they must, but nobody twice.
    Staff,
    /// A client: within hours, in the future, on the grid.
    Online,
}

/// Whether an appointment takes its resources' time.
pub(super) fn occupies(row: &Row) -> bool {
    flag(row, "active") && !flag(row, "cancelled")
}

/// First and last second of work on a day, counted in the practice's zone from 1970; the last one is not included.
pub(super) fn hours(resource: &Row, day: i64) -> Option<(i64, i64)> {
    // 1970-01-01 was a Thursday, the fourth day.
    let weekday = ((day + 3).rem_euclid(7) + 1).to_string();
    texts(resource, "work_days").any(|worked| worked == weekday).then_some(())?;
    let midnight = day * DAY - OFFSET;
    let at = |name| minutes(text(resource, name)).map(|of_day| midnight + of_day * 60);
    Some((at("start_time")?, at("end_time")?))
}

fn day_of(second: i64) -> i64 {
    (second + OFFSET).div_euclid(DAY)
}

/// What a resource is taken by between two seconds, as first and last second, the last not included.
fn taken(store: &Store, resource: &str, from: i64, to: i64, except: Option<u64>) -> Vec<(i64, i64)> {
    store
        .rows(Thing::Appointment)
        .filter(|(id, row)| Some(*id) != except && occupies(row))
        .filter_map(|(_, row)| {
            let start = number(row, "start_at")?;
            let end = start + number(row, "duration")? * 60;
            let meets = start < to && end > from && texts(row, "resource_list").any(|one| one == resource);
            meets.then_some((start, end))
        })
        .collect()
}

/// What stands against an appointment at its time; `except` is its own id where it has one already.
pub(super) fn check(store: &Store, row: &Row, except: Option<u64>, desk: Desk, now: i64) -> Vec<Message> {
    let (Some(start), Some(duration)) = (number(row, "start_at"), number(row, "duration")) else {
        return Vec::new();
    };
    let end = start + duration * 60;
    let mut wrong = Vec::new();
    if desk == Desk::Online && start <= now {
        wrong.push(Message::field("start_at", "The start_at must be in the future."));
    }
    if desk == Desk::Online && start % STEP != 0 {
        wrong.push(Message::field("start_at", "The start_at must be a full five minutes."));
    }
    for id in texts(row, "resource_list") {
        let Some((_, resource)) = store.find(Thing::Resource, id) else { continue };
        let name = text(resource, "name");
        if !flag(resource, "active") {
            wrong.push(Message::field("resource_list", format!("{name} is not active.")));
        } else if desk == Desk::Online
            && !hours(resource, day_of(start)).is_some_and(|(open, close)| open <= start && end <= close)
        {
            wrong.push(Message::slot(format!("{name} does not work at this time.")));
        } else if !taken(store, id, start, end, except).is_empty() {
            wrong.push(Message::slot(format!("{name} is not available at this time.")));
        }
    }
    wrong
}

const ASKED: [Field; 4] = [
    Field { name: "appointment_type_id", kind: Kind::Ref(Thing::AppointmentType), role: Role::Required },
    Field { name: "resource_id", kind: Kind::Ref(Thing::Resource), role: Role::Optional("") },
    Field { name: "date_from", kind: Kind::EpochNumber, role: Role::Required },
    Field { name: "date_to", kind: Kind::EpochNumber, role: Role::Required },
];

/// The free slots of a type, of one resource or of all that do it, that begin in the future from `date_from` and before
/// `date_to`: by time, then by resource. Not paged, and without a `meta`.
pub(super) fn availability(store: &Store, query: &Query, now: i64) -> Result<Value, Refusal> {
    let form = query.pairs().map(|(name, word)| (name.to_owned(), json!(word))).collect();
    let asked = read(store, &ASKED, &Value::Object(form))?;
    let (from, to) =
        (number(&asked, "date_from").unwrap_or_default(), number(&asked, "date_to").unwrap_or_default());
    if to <= from || to - from > LONGEST_SPAN * DAY {
        let text = format!("The date_to must be after date_from, and at most {LONGEST_SPAN} days.");
        return Err(Refusal::invalid(vec![Message::field("date_to", text)]));
    }
    let Some((_, kind)) = store.find(Thing::AppointmentType, text(&asked, "appointment_type_id")) else {
        return Ok(json!({ "items": [] }));
    };
    let duration = number(kind, "default_duration").unwrap_or_default();
    let step = if duration < 60 { GRID } else { 2 * GRID };
    let wanted = text(&asked, "resource_id");
    let mut slots: Vec<(i64, u64)> = Vec::new();
    let offered = texts(kind, "resource_list").filter(|id| wanted.is_empty() || *id == wanted);
    for id in offered.filter(|_| flag(kind, "active")) {
        let Some((number, resource)) = store.find(Thing::Resource, id) else { continue };
        if !flag(resource, "active") || text(resource, "access") != "On Calendar" {
            continue;
        }
        let taken = taken(store, id, from, to + duration * 60, None);
        for (open, close) in (day_of(from)..=day_of(to)).filter_map(|day| hours(resource, day)) {
            let mut start = open;
            while start + duration * 60 <= close {
                let end = start + duration * 60;
                let free = !taken.iter().any(|&(busy, until)| busy < end && until > start);
                if free && start >= from && start < to && start > now {
                    slots.push((start, number));
                }
                start += step;
            }
        }
    }
    slots.sort_unstable();
    let items: Vec<Value> = slots
        .into_iter()
        .map(|(start, resource)| {
            json!({ "availability": { "resource_id": resource.to_string(), "start_at": start, "duration": duration } })
        })
        .collect();
    Ok(json!({ "items": items }))
}

const BOOKING: [Field; 7] = [
    Field { name: "appointment_type_id", kind: Kind::Ref(Thing::AppointmentType), role: Role::Required },
    Field { name: "resource_id", kind: Kind::Ref(Thing::Resource), role: Role::Required },
    Field { name: "contact_id", kind: Kind::Ref(Thing::Contact), role: Role::Required },
    Field { name: "animal_id", kind: Kind::Ref(Thing::Animal), role: Role::Required },
    Field { name: "start_at", kind: Kind::EpochNumber, role: Role::Required },
    Field {
        name: "duration",
        kind: Kind::Number { least: 10, most: 360, step: 5 },
        role: Role::Optional(""),
    },
    Field { name: "description", kind: Kind::Text(4000), role: Role::Optional("") },
];

/// Books a slot for a client; the id of the appointment. Whoever may bring the animal is not asked: neighbours do.
pub(super) fn book(store: &mut Store, form: &Value, now: i64) -> Result<u64, Refusal> {
    let asked = read(store, &BOOKING, form)?;
    let mut wrong = Vec::new();
    for field in BOOKING {
        let Kind::Ref(thing) = field.kind else { continue };
        if store.find(thing, text(&asked, field.name)).is_some_and(|(_, row)| !flag(row, "active")) {
            wrong.push(Message::field(field.name, format!("The {} is not active.", thing.name())));
        }
    }
    let resource = text(&asked, "resource_id");
    let kind = store.find(Thing::AppointmentType, text(&asked, "appointment_type_id"));
    if kind.is_some_and(|(_, kind)| !texts(kind, "resource_list").any(|id| id == resource)) {
        wrong.push(Message::field("resource_id", "The resource does not do this type of appointment."));
    }
    let staff = store.find(Thing::Resource, resource);
    if staff.is_some_and(|(_, staff)| text(staff, "access") != "On Calendar") {
        wrong.push(Message::field("resource_id", "The resource is not on the calendar."));
    }
    if !wrong.is_empty() {
        return Err(Refusal::invalid(wrong));
    }
    let mut appointment = Map::new();
    for (name, given) in [
        ("start_at", "start_at"),
        ("duration", "duration"),
        ("type_id", "appointment_type_id"),
        ("description", "description"),
        ("animal_id", "animal_id"),
        ("contact_id", "contact_id"),
    ] {
        appointment.insert(name.to_owned(), asked.get(given).cloned().unwrap_or_default());
    }
    appointment.insert("resource_list".to_owned(), json!([resource]));
    write::create(store, Thing::Appointment, &Value::Object(appointment), Desk::Online, now)
}

/// The members of a form that is no record, or all that is wrong with them.
fn read(store: &Store, fields: &[Field], form: &Value) -> Result<Row, Refusal> {
    let form = form.as_object().ok_or_else(|| Refusal::request("The body must be an object."))?;
    let mut wrong = write::unknown(form, |name| fields.iter().any(|field| field.name == name));
    let mut row = Row::new();
    for field in fields {
        let given = form.get(field.name).filter(|given| !is_nothing(given));
        match given.map(|given| accept(store, field, given)) {
            Some(Ok(value)) => {
                row.insert(field.name.to_owned(), value);
            }
            Some(Err(text)) => wrong.push(Message::field(field.name, format!("The {} {text}", field.name))),
            None if field.role == Role::Required => {
                wrong.push(Message::field(field.name, format!("The {} is required.", field.name)));
            }
            None => {}
        }
    }
    if wrong.is_empty() { Ok(row) } else { Err(Refusal::invalid(wrong)) }
}
