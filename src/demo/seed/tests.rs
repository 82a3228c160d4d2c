//! What the seed data promises to everyone who builds on it.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn pet<'a>(seed: &'a Seed, id: &str) -> &'a Pet {
    seed.pets.iter().find(|pet| pet.id == id).unwrap()
}

#[test]
fn the_data_is_what_it_always_was() {
    let seed = seed();
    let printed = crate::demo::store::inserts(&seed, crate::demo::store::Times::Rfc3339).concat()
        + &format!("{:?} {:?}", seed.species, seed.breeds);
    // FNV-1a of the whole: any change of a word, of a draw or of their order shows here. Who changes them on purpose
    // changes this number, and whatever refers to rows by their values.
    let hash = printed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(seed, super::seed());
    assert_eq!(format!("{hash:016x}"), FINGERPRINT);
}

const FINGERPRINT: &str = "9b4116227659850c";

#[test]
fn ids_run_without_gaps() {
    let seed = seed();
    let customers: Vec<String> = (2..=201).map(|id: u64| id.to_string()).collect();
    let pets: Vec<String> = (101..=500).map(|id: u64| id.to_string()).collect();
    assert!(seed.customers.iter().map(|c| &c.id).eq(&customers));
    assert!(seed.pets.iter().map(|p| &p.id).eq(&pets));
    assert!(seed.species.iter().map(|s| s.tid).eq(3031..=3036));
    assert!(seed.breeds.iter().map(|b| b.tid).eq(3041..=3082));
}

#[test]
fn pet_109_is_the_published_example() {
    let seed = seed();
    let pet = pet(&seed, "109");
    assert_eq!((pet.owner_id.as_str(), pet.name.as_str(), pet.sex_code()), ("66", "Grizzly", "MN"));
    assert_eq!(pet.weight.map(Weight::decimal).as_deref(), Some("4.20"));
    assert_eq!(pet.birth_date.map(|date| date.to_string()).as_deref(), Some("2013-11-16"));
    assert_eq!(crate::demo::clock::rfc3339(pet.created_at), "2014-05-15T08:02:36Z");
    assert_eq!(crate::demo::clock::rfc3339(pet.updated_at), "2026-10-02T11:40:00Z");
    assert_eq!(pet.microchip.as_deref(), Some("985141000000109"));
}

#[test]
fn what_is_unique_is_unique() {
    let seed = seed();
    let emails: BTreeSet<&str> = seed.customers.iter().map(|c| c.email.as_str()).collect();
    let phones: BTreeSet<&str> = seed.customers.iter().map(|c| c.phone.as_str()).collect();
    let tokens: Vec<&str> =
        seed.customers.iter().flat_map(|c| &c.payment_options).map(|p| p.token.as_str()).collect();
    let chips: Vec<&str> = seed.pets.iter().filter_map(|p| p.microchip.as_deref()).collect();
    let breeds: BTreeSet<&str> = seed.breeds.iter().map(|b| b.name).collect();
    assert_eq!((emails.len(), phones.len(), breeds.len()), (200, 200, seed.breeds.len()));
    assert_eq!(tokens.iter().collect::<BTreeSet<_>>().len(), tokens.len());
    assert_eq!(chips.iter().collect::<BTreeSet<_>>().len(), chips.len());
    assert!(chips.iter().all(|chip| chip.len() == 15 && chip.bytes().all(|b| b.is_ascii_digit())));
    assert!(emails.iter().all(|email| email.is_ascii() && !email.contains(['\'', ' ', '-'])));
}

#[test]
fn every_pet_has_an_owner_and_breeds_of_its_species() {
    let seed = seed();
    let mut owned: BTreeMap<&str, usize> = seed.customers.iter().map(|c| (c.id.as_str(), 0)).collect();
    for pet in &seed.pets {
        *owned.get_mut(pet.owner_id.as_str()).unwrap() += 1;
        let keeper = seed.customers.iter().find(|c| c.id == pet.owner_id).unwrap();
        assert!(keeper.created_at <= pet.created_at, "pet {} is older than its owner's account", pet.id);
        assert!(pet.created_at <= pet.updated_at);
        for breed in pet.breed_primary.iter().chain(&pet.breed_secondary) {
            assert!(seed.breeds.iter().any(|b| b.name == breed && b.species == pet.species));
        }
        assert!(pet.breed_primary.is_some() || pet.breed_secondary.is_none());
        assert!(pet.birth_date.is_some() || !pet.birth_estimated);
        assert!(pet.weight.is_none_or(|weight| weight.hundredths > 0));
        assert!(pet.colors.len() <= 3 && pet.photos.len() <= 3);
    }
    assert_eq!(owned["42"], 12);
    assert_eq!(owned.values().filter(|&&count| count >= 12).count(), 1);
    assert!(owned.values().filter(|&&count| count == 0).count() >= 8);
}

#[test]
fn a_few_pets_share_a_second_and_ids_do_not_tell_the_order() {
    let seed = seed();
    let seconds: BTreeSet<i64> = seed.pets.iter().map(|pet| pet.created_at).collect();
    assert_eq!(seconds.len(), 400 - 5);
    assert_eq!(pet(&seed, "104").created_at, pet(&seed, "137").created_at);
    assert_eq!(pet(&seed, "205").created_at, pet(&seed, "206").created_at);
    assert!(!seed.pets.iter().map(|pet| pet.created_at).is_sorted());
}

#[test]
fn every_kind_of_value_occurs() {
    let seed = seed();
    let has = |what: fn(&Pet) -> bool| seed.pets.iter().any(what);
    let codes: BTreeSet<&str> = seed.pets.iter().map(Pet::sex_code).collect();
    assert_eq!(codes, ["F", "FS", "FU", "M", "MN", "MU", "U", "UI", "UN"].into());
    let species: BTreeSet<&str> = seed.pets.iter().map(|pet| pet.species.as_str()).collect();
    assert_eq!(species, ["bird", "cat", "dog", "horse", "other", "rabbit"].into());
    let statuses: BTreeSet<&str> = seed.pets.iter().map(|pet| pet.status.as_str()).collect();
    assert_eq!(statuses, ["active", "deceased", "inactive", "lost"].into());
    assert!(has(|p| p.weight.is_none()) && has(|p| p.weight.is_some_and(|w| w.unit == "kg")));
    assert!(has(|p| p.photos.iter().any(|photo| photo.width.is_some() && photo.height.is_none())));
    assert!(has(|p| p.colors.is_empty()) && has(|p| p.colors.len() == 3));
    assert!(has(|p| p.breed_secondary.is_some()) && has(|p| p.mixed && p.breed_primary.is_none()));
    for piece in ["\"", "'", "São", "🐾", "\n", "/", "<b>", "&", "\\"] {
        let held = |pet: &Pet| pet.behavior_notes.as_ref().is_some_and(|notes| notes.contains(piece));
        assert!(seed.pets.iter().any(held), "no note holds {piece:?}");
    }
    assert!(
        seed.customers.iter().any(|c| c.language == "es") && seed.customers.iter().any(|c| c.country != "US")
    );
    assert!(seed.customers.iter().any(|c| c.emergency_contacts.len() == 3));
}
