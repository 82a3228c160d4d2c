//! Medical records of the pets: none to three for each, and those of the example pet by hand. Ids count from 7001.

use super::{MedicalRecord, Pet, Vaccination, draw::Draw};
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};

const KIND: u64 = 5;
const FIRST: usize = 7001;
/// 2026-10-31T00:00:00Z: later than this nothing was written.
const LAST: i64 = super::customers::LAST_CHANGE;
const EXAMPLE: &str = "109";

pub(super) fn records(pets: &[Pet]) -> Vec<MedicalRecord> {
    let all = pets.iter().flat_map(|pet| if pet.id == EXAMPLE { example() } else { drawn(pet) });
    let named = all.enumerate().map(|(at, record)| MedicalRecord { id: (FIRST + at).to_string(), ..record });
    named.collect()
}

fn drawn(pet: &Pet) -> Vec<MedicalRecord> {
    let mut draw = Draw::of(KIND, pet.id.parse().unwrap_or_default());
    let count = draw.pick(&[0_u64, 1, 1, 2, 2, 3]);
    let mut found: Vec<MedicalRecord> = (0..count).map(|_| one(pet, &mut draw)).collect();
    found.sort_by_key(|record| record.recorded_at);
    found
}

fn one(pet: &Pet, draw: &mut Draw) -> MedicalRecord {
    let recorded_at = draw.moment(pet.created_at, LAST);
    match draw.pick(&["vaccination", "vaccination", "visit", "visit", "allergy", "medication", "note"]) {
        "vaccination" => {
            let code =
                if pet.species == "cat" { "fvrcp" } else { draw.pick(&["rabies", "dhpp", "bordetella"]) };
            let years = draw.pick(&[1_i64, 1, 3]);
            let description = format!("Vaccinated against {code}, good for {years} years");
            let vaccinations = vec![vaccination(code, recorded_at, years)];
            MedicalRecord { vaccinations, ..record(pet, "vaccination", &description, recorded_at) }
        }
        "allergy" => {
            let allergy = draw.pick(&["penicillin", "chicken", "flea bites", "grass pollen"]);
            let notes = draw.chance(40).then_some("Mild; watch it.");
            let description = format!("Allergic to {allergy}");
            MedicalRecord {
                allergies: vec![allergy],
                vet_notes: notes,
                ..record(pet, "allergy", &description, recorded_at)
            }
        }
        "medication" => {
            let medication = draw.pick(&[
                ("Carprofen", Some("25 mg twice a day")),
                ("Apoquel", Some("5 mg once a day")),
                ("Prednisolone", None),
            ]);
            let description = format!("{} prescribed", medication.0);
            MedicalRecord {
                medications: vec![medication],
                ..record(pet, "medication", &description, recorded_at)
            }
        }
        "note" => record(pet, "note", "Nervous at the practice; muzzle advised", recorded_at),
        _ => {
            let tenths = draw.between(378, 392);
            let temperature = u32::try_from(tenths).ok();
            let notes = draw.chance(60).then_some("Good condition. Next visit in a year.");
            MedicalRecord {
                vet_notes: notes,
                temperature,
                ..record(pet, "visit", "Annual wellness visit", recorded_at)
            }
        }
    }
}

/// The records of the example pet.
fn example() -> Vec<MedicalRecord> {
    let at = |seconds, kind, description: &str| MedicalRecord {
        id: String::new(),
        pet_id: EXAMPLE.into(),
        kind,
        description: description.into(),
        recorded_at: seconds,
        vaccinations: Vec::new(),
        allergies: Vec::new(),
        medications: Vec::new(),
        vet_notes: None,
        documents: Vec::new(),
        temperature: None,
    };
    vec![
        MedicalRecord {
            vaccinations: vec![vaccination("rabies", 1_710_437_400, 3)],
            documents: vec![("https://img.example/records/109-card.pdf".into(), "Vaccination card")],
            // 2024-03-14T17:30:00Z
            ..at(1_710_437_400, "vaccination", "Rabies, three years")
        },
        MedicalRecord {
            allergies: vec!["penicillin"],
            vet_notes: Some("Use cephalexin instead."),
            // 2025-01-08T10:15:00Z
            ..at(1_736_331_300, "allergy", "Allergic to penicillin")
        },
        MedicalRecord {
            medications: vec![("Carprofen", Some("25 mg twice a day"))],
            vet_notes: Some("For a week, with food."),
            // 2025-06-02T15:05:00Z
            ..at(1_748_876_700, "medication", "Carprofen after a sprain")
        },
        MedicalRecord {
            vet_notes: Some("Good condition. Next visit in a year."),
            temperature: Some(385),
            // 2026-01-20T09:45:00Z
            ..at(1_768_902_300, "visit", "Annual wellness visit; all well")
        },
    ]
}

fn record(pet: &Pet, kind: &'static str, description: &str, recorded_at: i64) -> MedicalRecord {
    MedicalRecord {
        id: String::new(),
        pet_id: pet.id.clone(),
        kind,
        description: description.to_owned(),
        recorded_at,
        vaccinations: Vec::new(),
        allergies: Vec::new(),
        medications: Vec::new(),
        vet_notes: None,
        documents: Vec::new(),
        temperature: None,
    }
}

fn vaccination(code: &'static str, seconds: i64, years: i64) -> Vaccination {
    let given_on = day(seconds);
    let valid_until = given_on.checked_add(Span::new().try_years(years).unwrap_or_default()).ok();
    Vaccination { code, given_on, valid_until }
}

fn day(seconds: i64) -> Date {
    let moment = Timestamp::from_second(seconds).unwrap_or_default();
    TimeZone::UTC.to_datetime(moment).date()
}
