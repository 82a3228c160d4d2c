//! Registering records whose form is right: what the store and the dictionaries have against them, and the result for
//! each. A rejected record does not keep the others out.

use serde_json::{Value, json};

use super::accept::Record;
use super::chip::{Animal, Chip};
use super::dictionary::Dictionary;
use super::store::Store;

/// The largest national code of ISO 11784: 38 bits, printed as the last twelve digits of a chip.
const LARGEST_NATIONAL: u64 = (1 << 38) - 1;

/// Why a record was rejected; the code is the registry's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Objection {
    /// The member, from the record down: `animal.breed_id`.
    pub(super) field: &'static str,
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

/// A record's way through: the id of what was made of it, or what is wrong.
pub(super) type Outcome = Result<u64, Vec<Objection>>;

/// Registers one record.
pub(super) fn register(store: &mut Store, dictionary: &Dictionary, record: Record, now: i64) -> Outcome {
    let objections = object(store, dictionary, &record);
    if !objections.is_empty() {
        return Err(objections);
    }
    let id = store.number();
    let animal_id = record.animal_id.unwrap_or_else(|| store.number());
    store.insert(Chip {
        id,
        identifier: record.identifier,
        animal: Animal {
            id: animal_id,
            nickname: record.nickname,
            species_id: record.species_id,
            breed_id: record.breed_id,
            sex_id: record.sex_id,
            birth_date: record.birth_date,
        },
        owner: record.owner,
        consent: record.consent,
        status: "registered",
        registered: now,
        implanter: record.implanter,
    });
    Ok(id)
}

fn object(store: &Store, dictionary: &Dictionary, record: &Record) -> Vec<Objection> {
    let mut objections = Vec::new();
    let mut add = |field, code, message| objections.push(Objection { field, code, message });
    // Fifteen ASCII digits by now.
    let (country, national) = record.identifier.split_at_checked(3).unwrap_or_default();
    if national.parse().is_ok_and(|national: u64| national > LARGEST_NATIONAL) {
        // The printed number has no check digit; the registry calls its test of plausibility so all the same.
        add("identifier", "CHECK_DIGIT", "No chip can bear this number.");
    }
    if matches!(country, "000" | "999") {
        add("identifier", "COUNTRY_CODE", "000 is no country, and 999 is for tests.");
    }
    if store.find(&record.identifier).is_some() {
        add("identifier", "DUPLICATE", "The chip is registered already.");
    }
    if !dictionary.has_species(record.species_id) {
        add("animal.species_id", "UNKNOWN_ID", "The dictionary has no such species.");
    }
    match record.breed_id.map(|breed| dictionary.species_of(breed)) {
        Some(None) => add("animal.breed_id", "UNKNOWN_ID", "The dictionary has no such breed."),
        Some(Some(species)) if species != record.species_id => {
            add("animal.breed_id", "WRONG_SPECIES", "The breed is one of another species.");
        }
        _ => {}
    }
    if record.sex_id.is_some_and(|sex| !Dictionary::has_sex(sex)) {
        add("animal.sex_id", "UNKNOWN_ID", "The dictionary has no such sex.");
    }
    if store.full() {
        add("identifier", "REGISTRY_FULL", "The registry takes no more records.");
    }
    objections
}

/// The result for each record, in the order of the request.
pub(super) fn results(outcomes: &[Outcome]) -> Vec<Value> {
    let print = |(index, outcome): (usize, &Outcome)| match outcome {
        Ok(id) => json!({"index": index, "status": "accepted", "id": id}),
        Err(objections) => {
            let errors: Vec<Value> = objections
                .iter()
                .map(|of| json!({"field": of.field, "code": of.code, "message": of.message}))
                .collect();
            json!({"index": index, "status": "rejected", "errors": errors})
        }
    };
    outcomes.iter().enumerate().map(print).collect()
}
