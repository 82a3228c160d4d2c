//! 300 consults and 200 vaccinations, all before [`TODAY`] and none before the animal was entered.

use serde_json::{Value, json};

use super::{CONSULTS, DAY, TODAY, VACCINATIONS, put};
use crate::demo::ezyvet::schema::Thing;
use crate::demo::ezyvet::store::Store;
use crate::demo::seed::Seed;
use crate::demo::seed::draw::Draw;

const FIRST_CONSULT: u64 = 9001;
const LAST_CONSULT: u64 = 9300;
const FIRST_VACCINATION: u64 = 5001;
const LAST_VACCINATION: u64 = 5200;
/// 2017-06-01T00:00:00Z: what is older came over from the system before, without the vet's name.
const MIGRATED: i64 = 1_496_275_200;

const CASES: &[(&str, &str)] = &[
    ("Annual check", "BCS 5/9, heart and lungs clear, teeth grade 1. No concerns."),
    ("Limping, left hind", "Mild swelling of the stifle; drawer sign negative. Rest for two weeks, recheck."),
    ("Itching", "Flea dirt found. Treated, and advised for the house.\nRecheck if it lasts > 14 days."),
    ("Vomiting", "Ate \"something\" in the park. Abdomen soft, T 38.6 °C. Bland diet for 3 days."),
    ("Ear infection", "Otitis externa, right ear; Malassezia on cytology. Drops 2x daily for 7 days."),
    ("Weight check", "Overweight; target -10 % in 4 months. Owner's diary handed out."),
    ("Dental check", "Tartar on 108/208, gingivitis. Cleaning advised."),
    ("Allergy: penicillin", "Hives after amoxicillin & clavulanic acid. ALERT set on the file."),
    ("Wound", "3 cm cut on the pad, cleaned and closed; stitches out in 10–12 days."),
    ("", "Phone advice."),
    ("Revisión", "Sin hallazgos; el dueño pregunta por la vacuna del próximo año."),
    ("Kennel cough", "Coughs on palpation, no fever. Doxycycline 5 mg/kg for 7 days."),
];

/// Product and how many days it lasts, for dogs, for cats, and for all others.
const DOG: &[(&str, i64)] =
    &[("Rabies (3 year)", 1095), ("DHPP", 365), ("Leptospirosis", 365), ("Bordetella", 182)];
const CAT: &[(&str, i64)] = &[("Rabies (1 year)", 365), ("FVRCP", 365), ("FeLV", 365)];
const OTHER: &[(&str, i64)] = &[("Tetanus", 365), ("West Nile", 365), ("RHDV2", 365)];

const VETS: &[&str] = &["1", "2", "3", "4", "5", "6", "14"];

pub(super) fn fill(store: &mut Store, seed: &Seed) {
    for id in FIRST_CONSULT..=LAST_CONSULT {
        consult(store, seed, id);
    }
    for id in FIRST_VACCINATION..=LAST_VACCINATION {
        vaccination(store, seed, id);
    }
}

/// Half of the consults are about one animal in four, as with the old and the sick.
fn consult(store: &mut Store, seed: &Seed, id: u64) {
    let mut draw = Draw::of(CONSULTS, id);
    let all = seed.pets.len() as u64;
    let at = if draw.chance(50) { draw.below(all / 4) * 4 } else { draw.below(all) };
    let Some(pet) = usize::try_from(at).ok().and_then(|at| seed.pets.get(at)) else { return };
    let date = draw.moment(pet.created_at, TODAY - DAY);
    let (description, notes) = draw.pick(CASES);
    let corrected = if draw.chance(15) { draw.moment(date, TODAY) } else { date };
    let row = json!({
        "id": id.to_string(),
        "active": i64::from(!draw.chance(2)),
        "created_at": date.to_string(),
        "modified_at": corrected.to_string(),
        "animal_id": pet.id,
        "date": date.to_string(),
        "vet_id": vet(date, &mut draw),
        "description": description,
        "notes": notes,
    });
    put(store, Thing::Consult, id, row);
}

fn vaccination(store: &mut Store, seed: &Seed, id: u64) {
    let mut draw = Draw::of(VACCINATIONS, id);
    // The first belongs to the pet of the public examples.
    let at = if id == FIRST_VACCINATION { 8 } else { draw.below(seed.pets.len() as u64) };
    let Some(pet) = usize::try_from(at).ok().and_then(|at| seed.pets.get(at)) else { return };
    let given = draw.moment(pet.created_at, TODAY - DAY);
    let (product, days) = draw.pick(match pet.species.as_str() {
        "dog" => DOG,
        "cat" => CAT,
        _ => OTHER,
    });
    let due = (!draw.chance(10)).then(|| given + days * DAY);
    let lot = if draw.chance(12) {
        String::new()
    } else {
        format!("L{:05}{}", draw.below(100_000), draw.pick(&["A", "B", "C"]))
    };
    let row = json!({
        "id": id.to_string(),
        "active": 1,
        "created_at": given.to_string(),
        "modified_at": given.to_string(),
        "animal_id": pet.id,
        "vet_id": vet(given, &mut draw),
        "product_name": product,
        "date_given": given,
        "date_due": due,
        "lot": lot,
    });
    put(store, Thing::Vaccination, id, row);
}

fn vet(date: i64, draw: &mut Draw) -> Value {
    let vet = draw.pick(VETS);
    if date < MIGRATED { Value::Null } else { json!(vet) }
}
