//! What the registry starts with: a record for every microchip among the seed's pets, with what the seed lacks drawn
//! beside it. An animal's `id` is the pet's. Owners are missing where a shelter or a breeder registered the chip and
//! the buyer never did; some of those chips await a transfer.

use super::chip::{Animal, Chip, Consent, Owner};
use super::dictionary::Dictionary;
use crate::demo::seed::draw::Draw;
use crate::demo::seed::{Customer, Pet, Seed};

/// A stream apart from the seed's tables and from other systems'.
const CHIP: u64 = 0x53;
/// A chip's id is its pet's and this.
const FIRST: u64 = 40_000;

/// The last is what one clinic's software sends for nobody; other records have `null` for it.
const IMPLANTERS: [&str; 5] =
    ["Cedar Hills Animal Clinic", "Clínica Veterinaria Sol", "Dr. Ortega", "Riverside Pet Hospital", ""];

/// The chips of the seed, in the order of their ids.
pub(super) fn chips(seed: &Seed, dictionary: &Dictionary) -> Vec<Chip> {
    seed.pets.iter().filter_map(|pet| chip(pet, seed, dictionary)).collect()
}

fn chip(pet: &Pet, seed: &Seed, dictionary: &Dictionary) -> Option<Chip> {
    let id: u64 = pet.id.parse().ok()?;
    let mut draw = Draw::of(CHIP, id);
    let owned = !draw.chance(8);
    let waits = draw.chance(if owned { 3 } else { 40 });
    let owner = seed.customers.iter().find(|customer| customer.id == pet.owner_id);
    Some(Chip {
        id: FIRST + id,
        identifier: pet.microchip.clone()?,
        animal: Animal {
            id,
            nickname: pet.name.clone(),
            species_id: dictionary.species(&pet.species)?,
            breed_id: pet.breed_primary.as_deref().and_then(|name| dictionary.breed(name)),
            // The registry's own way to say that nobody knows: `U`, or nothing in old records.
            sex_id: match pet.sex_code() {
                "U" if draw.chance(50) => None,
                code => Dictionary::sex(code),
            },
            birth_date: pet.birth_date.map(|date| date.to_string()),
        },
        owner: owner.filter(|_| owned).map(person),
        consent: Consent { share_contact: pet.visibility.contact, share_medical: pet.visibility.medical },
        status: match pet.status.as_str() {
            "lost" => "reported_missing",
            "deceased" => "deceased",
            "inactive" => "deregistered",
            _ if waits => "transfer_pending",
            _ => "registered",
        },
        registered: pet.created_at,
        implanter: draw.chance(80).then(|| draw.pick(&IMPLANTERS).to_owned()),
    })
}

fn person(customer: &Customer) -> Owner {
    Owner {
        first_name: customer.given_name.clone(),
        last_name: customer.family_name.clone(),
        email: Some(customer.email.clone()),
        phone: Some(customer.phone.clone()),
        city: Some(customer.city.clone()),
        country: Some(customer.country.clone()),
    }
}
