//! What the clinic holds at the start: the seed's customers as contacts and its pets as animals, with the
//! same ids, and around them its dictionaries, staff, price list, diary and records, the same on every
//! machine. Each row is drawn from a stream of its own, so that a field more for one leaves the others as
//! they are.
//!
//! Dirty corners, as such databases have them after years:
//! - an inactive customer's contact and an inactive pet's animal have `active` 0 and are listed all the
//!   same;
//! - one contact in fourteen has no address (`[]`), and no contact has a postal one;
//! - one in six has a second phone, some have an e-mail address that was given up (`active` 0);
//! - consults taken over from the system before have no vet, and some vaccinations no lot and no next date;
//! - weights, notes and microchips are `""` where nobody wrote them down; only the first breed of a mix is
//!   known.

mod diary;
mod records;
mod staff;

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::schema::Thing;
use super::store::{Row, Store};
use super::write::code;
use crate::demo::seed::draw::Draw;
use crate::demo::seed::{Customer, Pet, Seed, Weight};

/// 2026-11-18T07:00:00Z, midnight in the practice's zone: the diary lies around this day, the records before it.
pub(super) const TODAY: i64 = 1_794_985_200;
const DAY: i64 = 86_400;

/// The kinds of draws; the seed's own are 1 and 2.
const CONTACTS: u64 = 101;
const APPOINTMENTS: u64 = 102;
const CONSULTS: u64 = 103;
const VACCINATIONS: u64 = 104;

/// Sex and altered in one row; the ids are their places from 1.
const SEXES: [(&str, &str); 9] = [
    ("M", "Male"),
    ("MN", "Male Neutered"),
    ("MU", "Male, Desexing Unknown"),
    ("F", "Female"),
    ("FS", "Female Spayed"),
    ("FU", "Female, Desexing Unknown"),
    ("UI", "Unknown, Intact"),
    ("UN", "Unknown, Desexed"),
    ("U", "Unknown"),
];

/// The seed's codes as a practice says them.
const SPECIES: [(&str, &str); 6] = [
    ("dog", "Canine"),
    ("cat", "Feline"),
    ("bird", "Avian"),
    ("rabbit", "Lagomorph"),
    ("horse", "Equine"),
    ("other", "Exotic"),
];

/// When the dictionaries and the price list were set up: 2012-01-02T16:00:00Z.
const SET_UP: i64 = 1_325_520_000;

pub(super) fn fill(store: &mut Store, seed: &Seed) {
    dictionaries(store, seed);
    for customer in &seed.customers {
        contact(store, customer);
    }
    for pet in &seed.pets {
        animal(store, pet, seed);
    }
    staff::fill(store);
    diary::fill(store, seed);
    records::fill(store, seed);
}

/// Writes a record that is spelled out here; what is no object becomes an empty one, which a test would see.
fn put(store: &mut Store, thing: Thing, id: u64, row: Value) {
    let row = match row {
        Value::Object(row) => row,
        _ => Row::new(),
    };
    store.put(thing, id, row);
}

fn dictionaries(store: &mut Store, seed: &Seed) {
    for (id, name) in (1..).zip(["Email", "Mobile", "Phone"]) {
        let row = json!({ "id": id.to_string(), "active": "1", "name": name });
        put(store, Thing::ContactDetailType, id, row);
    }
    for (id, (_, name)) in (1..).zip(SPECIES) {
        put(store, Thing::Species, id, json!({ "id": id.to_string(), "active": "1", "name": name }));
    }
    for (id, breed) in (1..).zip(&seed.breeds) {
        let species = place(SPECIES.iter().position(|(code, _)| *code == breed.species));
        let row = json!({ "id": id.to_string(), "active": "1", "name": breed.name, "species_id": species });
        put(store, Thing::Breed, id, row);
    }
    for (id, (code, name)) in (1..).zip(SEXES) {
        let row = json!({ "id": id.to_string(), "active": "1", "name": name, "code": code });
        put(store, Thing::Sex, id, row);
    }
    for (id, name) in (1..).zip(["Unconfirmed", "Confirmed", "Arrived", "In Consult", "Completed", "No Show"])
    {
        put(store, Thing::AppointmentStatus, id, json!({ "id": id.to_string(), "active": 1, "name": name }));
    }
}

/// A place in a list as an id from 1; `null` for none.
fn place(at: Option<usize>) -> Value {
    at.map_or(Value::Null, |at| json!((at + 1).to_string()))
}

fn bit(truth: bool) -> &'static str {
    if truth { "1" } else { "0" }
}

fn contact(store: &mut Store, customer: &Customer) {
    let Ok(id) = customer.id.parse::<u64>() else { return };
    let mut draw = Draw::of(CONTACTS, id);
    // The owner of the public examples has everything.
    let example = id == 66;
    let address = if !example && draw.chance(7) {
        json!([])
    } else {
        json!({
            "street_1": customer.street,
            "street_2": "",
            "suburb": "",
            "city": customer.city,
            "region": customer.region,
            "post_code": customer.postal_code,
            "country_code": customer.country,
        })
    };
    let method = match customer.preferred_channel.as_str() {
        "sms" => "SMS",
        "push" => "App",
        _ => "Email",
    };
    let row = json!({
        "id": customer.id,
        "active": bit(customer.status == "active"),
        "created_at": customer.created_at.to_string(),
        "modified_at": customer.updated_at.to_string(),
        "code": code(Thing::Contact, id),
        "first_name": customer.given_name,
        "last_name": customer.family_name,
        "business_name": "",
        "is_business": "0",
        "is_customer": "1",
        "is_supplier": "0",
        "is_vet": "0",
        "is_syndicate": "0",
        "is_staff_member": "0",
        "stop_credit": bit_word(!example && draw.chance(3)),
        "address_physical": address,
        "address_postal": [],
        "ownership_id": "1",
        "language": customer.language,
        "preferred_contact_method": method,
        "marketing_opt_in": bit(customer.marketing),
    });
    put(store, Thing::Contact, id, row);
    let second = (!example && draw.chance(16)).then(|| format!("(602) 555-{:04}", draw.below(10_000)));
    let old = (!example && draw.chance(9)).then(|| customer.email.replace('@', ".old@"));
    let details = [
        (1, "Email", Some(customer.email.clone()), "1", true),
        (2, "Mobile", Some(customer.phone.clone()), "1", customer.preferred_channel == "sms"),
        (3, "Home", second, "1", false),
        (1, "Email", old, "0", false),
    ];
    for (at, (kind, name, value, active, preferred)) in (1..).zip(details) {
        let Some(value) = value else { continue };
        let detail = id * 10 + at;
        let row = json!({
            "id": detail.to_string(),
            "active": active,
            "created_at": customer.created_at.to_string(),
            "modified_at": customer.updated_at.to_string(),
            "contact_id": customer.id,
            "contact_detail_type_id": kind.to_string(),
            "name": name,
            "value": value,
            "preferred": bit(preferred),
        });
        put(store, Thing::ContactDetail, detail, row);
    }
}

fn bit_word(truth: bool) -> &'static str {
    if truth { "Yes" } else { "No" }
}

fn animal(store: &mut Store, pet: &Pet, seed: &Seed) {
    let Ok(id) = pet.id.parse::<u64>() else { return };
    let breed = pet.breed_primary.as_deref();
    let breed = breed.and_then(|name| seed.breeds.iter().position(|breed| breed.name == name));
    let born = pet.birth_date.and_then(|date| date.to_zoned(TimeZone::UTC).ok());
    let row = json!({
        "id": pet.id,
        "active": bit(pet.status != "inactive"),
        "created_at": pet.created_at.to_string(),
        "modified_at": pet.updated_at.to_string(),
        "name": pet.name,
        "code": code(Thing::Animal, id),
        "sex_id": place(SEXES.iter().position(|(code, _)| *code == pet.sex_code())),
        "is_dead": bit(pet.status == "deceased"),
        "is_hostile": bit(pet.behavior_notes.as_ref().is_some_and(|notes| notes.contains("muzzle"))),
        "species_id": place(SPECIES.iter().position(|(code, _)| *code == pet.species)),
        "breed_id": place(breed),
        "microchip_number": pet.microchip.clone().unwrap_or_default(),
        "contact_id": pet.owner_id,
        "date_of_birth": born.map(|born| born.timestamp().as_second().to_string()).unwrap_or_default(),
        "is_estimated_date_of_birth": bit(pet.birth_estimated),
        // The day on which the clinic was told.
        "date_of_death": if pet.status == "deceased" { pet.updated_at.to_string() } else { String::new() },
        "weight": pet.weight.map(Weight::decimal).unwrap_or_default(),
        "weight_unit": pet.weight.map(|weight| weight.unit).unwrap_or_default(),
        "notes": pet.behavior_notes.clone().unwrap_or_default(),
    });
    put(store, Thing::Animal, id, row);
}
