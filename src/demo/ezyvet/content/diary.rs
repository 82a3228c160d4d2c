//! 240 appointments in the thirty days on either side of [`TODAY`], within hours, and nobody twice at once.

use serde_json::json;

use super::{APPOINTMENTS, DAY, TODAY};
use crate::demo::ezyvet::booking::{Desk, OFFSET, check, hours, occupies};
use crate::demo::ezyvet::schema::Thing;
use crate::demo::ezyvet::store::{Row, Store, number, texts};
use crate::demo::seed::draw::Draw;
use crate::demo::seed::{Pet, Seed};

const FIRST: u64 = 7001;
const LAST: u64 = 7240;
/// Appointments are entered up to this long before.
const AHEAD: u64 = 21;

const REASONS: &[&str] = &["Client asked to", "Owner is ill", "Animal recovered", "Double entry", "Weather"];
const WISHES: &[&str] =
    &["", "", "", "First visit.", "Nervous; please call from the car park.", "Needs a Spanish speaker."];

pub(super) fn fill(store: &mut Store, seed: &Seed) {
    // The dead and the inactive have no appointments.
    let pets: Vec<&Pet> =
        seed.pets.iter().filter(|pet| pet.status == "active" || pet.status == "lost").collect();
    for id in FIRST..=LAST {
        let mut draw = Draw::of(APPOINTMENTS, id);
        // Free time is found in a few draws; whatever the draws, the number of rows is the same.
        let row = (0..400).find_map(|_| appointment(store, &pets, id, &mut draw));
        if let Some(row) = row {
            store.put(Thing::Appointment, id, row);
        }
    }
}

fn appointment(store: &Store, pets: &[&Pet], id: u64, draw: &mut Draw) -> Option<Row> {
    let at = usize::try_from(draw.below(pets.len() as u64)).ok()?;
    let pet = pets.get(at)?;
    let kind = draw.pick(&[1, 1, 1, 2, 2, 2, 3, 4, 5, 6, 7, 7, 8, 8, 9, 10, 11]);
    let kind = store.get(Thing::AppointmentType, kind)?;
    let who: Vec<&str> = texts(kind, "resource_list").collect();
    let who = draw.pick(&who);
    let (_, resource) = store.find(Thing::Resource, who)?;
    let day = (TODAY + OFFSET).div_euclid(DAY) - 30 + i64::try_from(draw.below(61)).ok()?;
    let (open, close) = hours(resource, day)?;
    let minutes = number(kind, "default_duration")?;
    let slots = u64::try_from((close - open - minutes * 60) / 900).ok()?;
    let start = open + i64::try_from(draw.between(0, slots)).ok()? * 900;
    let past = start < TODAY + DAY / 2;
    let cancelled = draw.chance(8);
    let status = match (past, cancelled) {
        (_, true) => 1,
        (true, false) => draw.pick(&[5, 5, 5, 5, 5, 5, 5, 5, 6]),
        (false, false) => draw.pick(&[1, 1, 2]),
    };
    let entered = start - i64::try_from(draw.between(1, AHEAD)).ok()? * DAY;
    let created = entered.min(TODAY);
    let modified = if past && !cancelled { start + minutes * 60 } else { created };
    let row = json!({
        "id": id.to_string(),
        "active": 1,
        "created_at": created,
        "modified_at": modified,
        "start_at": start,
        "duration": minutes,
        "type_id": kind.get("id"),
        "status_id": status.to_string(),
        "description": draw.pick(WISHES),
        "animal_id": pet.id,
        "contact_id": pet.owner_id,
        "resource_list": [who],
        "cancelled": i64::from(cancelled),
        "cancellation_reason": if cancelled { draw.pick(REASONS) } else { "" },
    });
    let row = row.as_object()?.clone();
    (!occupies(&row) || check(store, &row, None, Desk::Staff, 0).is_empty()).then_some(row)
}
