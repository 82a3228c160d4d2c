//! The lost-pet posters: one for each pet that is lost, and for some of them an older one that was withdrawn. As people
//! fill in a form in a hurry: days and places are missing here and there, and a few give no telephone number.

use serde_json::{Map, Value};

use super::super::{Node, User};
use super::REVISIONS_AHEAD;
use crate::demo::drupal7::fields::{Field, POSTER, stored};
use crate::demo::seed::Pet;
use crate::demo::seed::draw::Draw;

/// Tells this stream of draws from those of the seed, which are 1 and 2.
const KIND: u64 = 72;
/// The posters stand before the pets, which begin at 101.
const FIRST: u64 = 11;
const LAST: u64 = 100;
const DAY: i64 = 86_400;

const PLACES: [&str; 8] = [
    "behind the library",
    "Laurelhurst Park, near the pond",
    "corner of 5th & Main",
    "O'Malley's parking lot",
    "Parque São João",
    "I-84 rest area, exit 64",
    "at home; the gate was open",
    "farmers' market \"by the river\"",
];

/// `users` are the accounts by their ids.
pub(super) fn posters(pets: &[Pet], users: &std::collections::BTreeMap<u64, User>) -> Vec<Node> {
    let lost = pets.iter().filter(|pet| pet.status == "lost");
    let each = lost.flat_map(|pet| {
        let mut draw = Draw::of(KIND, pet.id.parse().unwrap_or_default());
        // Who lost a pet before has had a poster before.
        let earlier = draw.chance(15).then(|| draw.between(90, 900));
        let owner = pet.owner_id.parse().ok().and_then(|uid| users.get(&uid));
        let withdrawn = earlier.map(|days| (days, "withdrawn"));
        let made: Vec<Option<Node>> = withdrawn
            .into_iter()
            .chain([(0, "open")])
            .map(|(days, status)| Some(poster(pet, owner?, days, status, &mut draw)))
            .collect();
        made.into_iter().flatten()
    });
    let number = |(nid, mut node): (u64, Node)| {
        (node.nid, node.vid) = (nid, nid + REVISIONS_AHEAD);
        node
    };
    (FIRST..=LAST).zip(each).map(number).collect()
}

/// A poster put up so many days before the pet's record was last changed.
fn poster(pet: &Pet, owner: &User, days: u64, status: &str, draw: &mut Draw) -> Node {
    let person = &owner.person;
    let created = (pet.updated_at - i64::try_from(days).unwrap_or_default() * DAY).max(pet.created_at);
    let lost_on = draw.moment(created - 4 * DAY, created);
    let dated = !draw.chance(10);
    let place = (!draw.chance(20)).then(|| draw.pick(&PLACES));
    let contact = match draw.below(10) {
        0..7 => format!("Call {}, {}", person.given_name, person.phone),
        7..9 => format!("{} or {}", person.phone, person.email),
        _ => person.email.clone(),
    };
    let text = format!("{} has not come home. Please call!", pet.name);
    let items = |field: &Field| match field.name {
        "body" => Some(field.of.item(&text)),
        "field_pet" => Some(field.of.item(&pet.id)),
        "field_date_lost" => dated.then(|| field.of.item(&day(lost_on))),
        "field_place" => place.map(|place| field.of.item(place)),
        "field_contact" => Some(field.of.item(&contact)),
        "field_poster_status" => Some(field.of.item(status)),
        _ => None,
    };
    let fields: Map<String, Value> = POSTER
        .iter()
        .map(|field| (field.name.to_owned(), stored(field, items(field).into_iter().collect())))
        .collect();
    let open = u8::from(status == "open");
    Node {
        nid: 0,
        vid: 0,
        uid: owner.uid,
        title: format!("LOST: {}", pet.name),
        kind: "lost_pet_poster".to_owned(),
        status: open,
        created,
        changed: created,
        promote: open,
        sticky: open,
        comment: 2,
        fields,
    }
}

/// The day in UTC at midnight: the form asks for no time.
fn day(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or_default().strftime("%Y-%m-%d 00:00:00").to_string()
}
