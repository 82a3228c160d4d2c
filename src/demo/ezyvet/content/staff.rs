//! The fourteen resources and the twelve appointment types: the people, what they may do, and the price
//! list.

use serde_json::{Value, json};

use super::{SET_UP, put};
use crate::demo::ezyvet::booking::ZONE;
use crate::demo::ezyvet::schema::Thing;
use crate::demo::ezyvet::store::Store;

/// Name, kind, qualifications, service areas, days of work, start and end.
type Person = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
    &'static str,
    &'static str,
);

const WEEK: &[&str] = &["1", "2", "3", "4", "5"];
const LATE_WEEK: &[&str] = &["2", "3", "4", "5", "6"];
const HALF_WEEK: &[&str] = &["1", "3", "5"];

const PEOPLE: [Person; 14] = [
    (
        "Dr. Amelia Ortega",
        "Veterinary",
        &["DVM", "ABVP (Canine and Feline)"],
        &["Phoenix", "Tempe"],
        WEEK,
        "08:00",
        "17:00",
    ),
    ("Dr. Raj Patel", "Veterinary", &["DVM"], &["Phoenix"], LATE_WEEK, "08:00", "16:00"),
    ("Dr. Zoë Lindqvist", "Veterinary", &["BVSc", "MRCVS"], &["Scottsdale"], WEEK, "09:00", "18:00"),
    (
        "Dr. Samuel O'Neill",
        "Veterinary",
        &["DVM", "DACVS"],
        &["Phoenix", "Mesa"],
        HALF_WEEK,
        "07:00",
        "15:00",
    ),
    ("Dr. Mei Chen", "Veterinary", &["DVM", "Avian & Exotic"], &["Tempe", "Mesa"], WEEK, "10:00", "19:00"),
    ("Dr. Luis Peña", "Veterinary", &["MVZ", "DVM"], &[], LATE_WEEK, "08:00", "12:00"),
    ("Bea Novak", "Grooming", &["NDGAA Certified"], &["Phoenix"], WEEK, "08:00", "17:00"),
    (
        "Carlos Jiménez",
        "Grooming",
        &["Certified Feline Master Groomer"],
        &["Phoenix", "Glendale"],
        LATE_WEEK,
        "09:00",
        "17:00",
    ),
    ("Dana Whitfield", "Grooming", &[], &["Tempe"], WEEK, "07:30", "15:30"),
    (
        "Ewa Kowalska",
        "Grooming",
        &["NDGAA Certified", "Pet First Aid"],
        &["Scottsdale"],
        HALF_WEEK,
        "08:00",
        "18:00",
    ),
    ("Frank \"Fluff\" Adeyemi", "Grooming", &[], &["Mesa"], LATE_WEEK, "10:00", "18:00"),
    (
        "Grace Tanaka",
        "Training",
        &["CPDT-KA"],
        &["Phoenix", "Scottsdale", "Tempe"],
        LATE_WEEK,
        "12:00",
        "20:00",
    ),
    ("Hugo Marín", "Training", &["KPA CTP"], &["Glendale"], HALF_WEEK, "12:00", "20:00"),
    // Left the practice in spring.
    ("Dr. Irene Vogel", "Veterinary", &["DVM"], &["Phoenix"], WEEK, "08:00", "17:00"),
];

/// When the one who left was set inactive: 2026-04-01T00:00:00Z.
const LEFT: i64 = 1_775_001_600;

/// Name, category, minutes, price, description, prerequisites, who does it, whether it is still offered.
type Service = (
    &'static str,
    &'static str,
    i64,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    bool,
);

const VETS: &[&str] = &["1", "2", "3", "4", "5", "6"];
const SURGEONS: &[&str] = &["1", "3", "4"];
const GROOMERS: &[&str] = &["7", "8", "9", "10", "11"];
const TRAINERS: &[&str] = &["12", "13"];
const RABIES: &[&str] = &["Current rabies vaccination"];

const SERVICES: [Service; 12] = [
    ("Consultation", "Veterinary", 20, "65.00", "A general examination.", &[], VETS, true),
    ("Vaccination", "Veterinary", 15, "39.90", "One vaccine, with a short check before.", &[], VETS, true),
    ("Recheck", "Veterinary", 15, "0.00", "After an operation or a course of medicine.", &[], VETS, true),
    (
        "Dental Cleaning",
        "Veterinary",
        90,
        "289.00",
        "Under anaesthetic.",
        &["Blood test within 30 days", "No food for 12 hours"],
        SURGEONS,
        true,
    ),
    ("Spay / Neuter", "Veterinary", 120, "349.50", "", &["No food for 12 hours"], SURGEONS, true),
    ("Microchip Implant", "Veterinary", 15, "45.00", "With registration.", &[], VETS, true),
    ("Full Groom", "Grooming", 90, "79.00", "Bath, cut, nails and ears.", RABIES, GROOMERS, true),
    ("Bath & Brush", "Grooming", 45, "42.50", "Bath, blow-dry and brush.", RABIES, GROOMERS, true),
    ("Nail Trim", "Grooming", 15, "18.00", "", &[], GROOMERS, true),
    ("De-shedding", "Grooming", 60, "55.00", "For double coats.", RABIES, &["7", "8", "10"], true),
    (
        "Puppy Class",
        "Training",
        60,
        "35.00",
        "Up to 20 weeks of age.",
        &["First two vaccinations", "Current rabies vaccination"],
        TRAINERS,
        true,
    ),
    ("Full Groom (2024 price list)", "Grooming", 90, "69.00", "", RABIES, GROOMERS, false),
];

pub(super) fn fill(store: &mut Store) {
    for (id, (name, kind, qualifications, areas, days, start, end)) in (1..=14_i64).zip(PEOPLE) {
        let left = id == 14;
        // A year or so apart, as a practice grows.
        let created = SET_UP + (id - 1) * 340 * 86_400;
        let row = json!({
            "id": id.to_string(),
            "active": i64::from(!left),
            "created_at": created,
            "modified_at": if left { LEFT } else { created },
            "name": name,
            "type": kind,
            "access": "On Calendar",
            "ownership_id": "1",
            "is_vet": i64::from(kind == "Veterinary"),
            "email": format!("staff{id}@clinic.example"),
            "phone": if id % 5 == 0 { String::new() } else { format!("+1 602 555 {:04}", 100 + id) },
            "qualifications": qualifications,
            "service_areas": areas,
            "timezone": ZONE,
            "work_days": days,
            "start_time": start,
            "end_time": end,
        });
        put(store, Thing::Resource, id.unsigned_abs(), row);
    }
    for (id, service) in (1..=12_u64).zip(SERVICES) {
        put(store, Thing::AppointmentType, id, kind(id, service));
    }
}

fn kind(id: u64, (name, category, minutes, price, description, needs, who, offered): Service) -> Value {
    json!({
        "id": id.to_string(),
        "active": i64::from(offered),
        "created_at": SET_UP,
        "modified_at": SET_UP,
        "name": name,
        "default_duration": minutes,
        "description": description,
        "category": category,
        "price": price,
        "currency": "USD",
        "prerequisites": needs,
        "resource_list": who,
    })
}
