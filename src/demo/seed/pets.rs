//! The 400 pets, ids 101 to 500, and who keeps them. Pet 109 is the one of the public examples.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::customers::LAST_CHANGE;
use super::draw::Draw;
use super::{Breed, Customer, Pet, Photo, Sex, Visibility, Weight, words};

const KIND: u64 = 2;
const FIRST: u64 = 101;
const LAST: u64 = 500;
const EXAMPLE: u64 = 109;
/// 2026-10-01T00:00:00Z: no pet was entered later.
const LAST_ENTRY: i64 = 1_790_812_800;

/// Signed up and never entered a pet.
const WITHOUT: [&str; 8] = ["7", "23", "58", "91", "120", "154", "177", "199"];
/// Keeps twelve: every 33rd pet from 104.
const KEEPER: &str = "42";
const KEPT: u64 = 12;
/// Entered in the same second: by one person in one go, or by two at once.
const TOGETHER: [(u64, u64); 5] = [(104, 137), (170, 203), (236, 269), (205, 206), (310, 450)];

pub(super) fn pets(customers: &[Customer], breeds: &[Breed]) -> Vec<Pet> {
    let owners: Vec<&Customer> =
        customers.iter().filter(|c| c.id != KEEPER && !WITHOUT.contains(&c.id.as_str())).collect();
    let keeper = customers.iter().find(|c| c.id == KEEPER);
    let mut pets: Vec<Pet> = (FIRST..=LAST)
        .filter_map(|id| {
            let mut draw = Draw::of(KIND, id);
            let drawn = usize::try_from(draw.below(owners.len() as u64)).ok();
            let owner = match keeper {
                Some(keeper) if kept(id) => keeper,
                _ => owners.get(drawn?)?,
            };
            Some(pet(id, owner, breeds, &mut draw))
        })
        .collect();
    for (one, other) in TOGETHER {
        enter_together(&mut pets, one, other);
    }
    if let Some(place) = pets.iter_mut().find(|pet| pet.id == EXAMPLE.to_string()) {
        *place = example();
    }
    pets
}

fn kept(id: u64) -> bool {
    id >= 104 && (id - 104).is_multiple_of(33) && (id - 104) / 33 < KEPT
}

/// Gives two pets the later of their seconds, so that neither is older than its owner's account.
fn enter_together(pets: &mut [Pet], one: u64, other: u64) {
    let (one, other) = (one.to_string(), other.to_string());
    let pair = |pet: &&mut Pet| pet.id == one || pet.id == other;
    let second = pets.iter_mut().filter(pair).map(|pet| pet.created_at).max().unwrap_or_default();
    for pet in pets.iter_mut().filter(pair) {
        pet.created_at = second;
        pet.updated_at = pet.updated_at.max(second);
    }
}

fn pet(id: u64, owner: &Customer, breeds: &[Breed], draw: &mut Draw) -> Pet {
    let species = match draw.below(100) {
        0..46 => "dog",
        46..79 => "cat",
        79..86 => "bird",
        86..92 => "rabbit",
        92..95 => "horse",
        _ => "other",
    };
    let (breed_primary, breed_secondary, mixed) = breeding(species, breeds, draw);
    let sex = draw.pick(&[Some(Sex::Male), Some(Sex::Male), Some(Sex::Female), Some(Sex::Female), None]);
    let altered = draw.pick(&[Some(true), Some(true), Some(true), Some(false), Some(false), None]);
    let created_at = draw.moment(owner.created_at, LAST_ENTRY);
    let updated_at = if draw.chance(20) { created_at } else { draw.moment(created_at, LAST_CHANGE) };
    let birth_date = draw.chance(82).then(|| born_before(created_at, species, draw)).flatten();
    Pet {
        id: id.to_string(),
        owner_id: owner.id.clone(),
        name: draw.pick(words::PET_NAMES).to_owned(),
        species: species.to_owned(),
        breed_primary,
        breed_secondary,
        mixed,
        sex,
        altered,
        birth_estimated: birth_date.is_some() && draw.chance(30),
        birth_date,
        weight: weight(species, draw),
        colors: colors(draw),
        microchip: draw.chance(62).then(|| format!("{}{id:09}", draw.pick(words::CHIP_MAKERS))),
        behavior_notes: draw.chance(60).then(|| draw.pick(words::NOTES).to_owned()),
        photos: (0..draw.pick(&[0, 0, 1, 1, 2, 3])).map(|at| photo(id, at, draw)).collect(),
        visibility: Visibility {
            profile: draw.chance(85),
            contact: draw.chance(30),
            emergency_contacts: draw.chance(70),
            medical: draw.chance(15),
        },
        status: match draw.below(100) {
            0..84 => "active",
            84..90 => "lost",
            90..96 => "deceased",
            _ => "inactive",
        }
        .to_owned(),
        created_at,
        updated_at,
    }
}

/// Breeds of the species. Some owners know none; a second one makes the pet mixed, and some mixes have one known half.
fn breeding(species: &str, breeds: &[Breed], draw: &mut Draw) -> (Option<String>, Option<String>, bool) {
    let own: Vec<&str> = breeds.iter().filter(|b| b.species == species).map(|b| b.name).collect();
    if draw.chance(10) {
        return (None, None, draw.chance(40));
    }
    let primary = draw.pick(&own);
    let others: Vec<&str> = own.into_iter().filter(|name| *name != primary).collect();
    let secondary = draw.chance(18).then(|| draw.pick(&others).to_owned());
    let mixed = secondary.is_some() || draw.chance(15);
    (Some(primary.to_owned()), secondary, mixed)
}

/// A birthday up to twelve years (a horse: twenty) before the pet was entered.
fn born_before(entered: i64, species: &str, draw: &mut Draw) -> Option<Date> {
    let days = draw.below(if species == "horse" { 20 * 365 } else { 12 * 365 });
    let entered = Timestamp::from_second(entered).ok()?.to_zoned(TimeZone::UTC).date();
    entered.checked_sub(i64::try_from(days).ok()?.days()).ok()
}

fn weight(species: &str, draw: &mut Draw) -> Option<Weight> {
    let (least, most) = match species {
        "dog" => (350, 11_000),
        "cat" => (450, 2_200),
        "bird" => (5, 150),
        "rabbit" => (180, 1_500),
        "horse" => (60_000, 140_000),
        _ => (10, 450),
    };
    let pounds = draw.between(least, most);
    let metric = draw.chance(25);
    let missing = draw.chance(22);
    // A pound is 0.4536 kg; never 0, which no public weight may be.
    let hundredths = if metric { (pounds * 4536 / 10_000).max(1) } else { pounds };
    (!missing).then_some(Weight {
        hundredths: u32::try_from(hundredths).unwrap_or(u32::MAX),
        unit: if metric { "kg" } else { "lb" },
    })
}

fn colors(draw: &mut Draw) -> Vec<String> {
    let mut colors: Vec<String> = Vec::new();
    for _ in 0..draw.pick(&[0, 1, 1, 1, 2, 2, 3]) {
        let color = draw.pick(words::COLORS);
        if !colors.iter().any(|known| known == color) {
            colors.push(color.to_owned());
        }
    }
    colors
}

/// A photo; old uploads were never measured, and some lost their height only.
fn photo(id: u64, at: u64, draw: &mut Draw) -> Photo {
    let suffix = draw.pick(&["jpg", "jpg", "png"]);
    let (width, height) = (draw.between(160, 2400) as u32, draw.between(160, 2400) as u32);
    let measured = draw.below(10);
    Photo {
        url: format!("https://img.example/pets/{id}/{}.{suffix}", at + 1),
        width: (measured < 9).then_some(width),
        height: (measured < 8).then_some(height),
    }
}

/// The pet of the public examples.
fn example() -> Pet {
    Pet {
        id: EXAMPLE.to_string(),
        owner_id: "66".to_owned(),
        name: "Grizzly".to_owned(),
        species: "dog".to_owned(),
        breed_primary: Some("Chihuahua".to_owned()),
        breed_secondary: None,
        mixed: true,
        sex: Some(Sex::Male),
        altered: Some(true),
        birth_date: Some(jiff::civil::date(2013, 11, 16)),
        birth_estimated: false,
        weight: Some(Weight { hundredths: 420, unit: "lb" }),
        colors: vec!["brown".to_owned(), "white".to_owned()],
        microchip: Some("985141000000109".to_owned()),
        behavior_notes: Some("Afraid of thunder; likes tennis balls.".to_owned()),
        photos: vec![Photo {
            url: "https://img.example/grizzly.jpg".to_owned(),
            width: Some(186),
            height: Some(280),
        }],
        visibility: Visibility { profile: true, contact: false, emergency_contacts: true, medical: false },
        status: "active".to_owned(),
        // 2014-05-15T08:02:36Z and 2026-10-02T11:40:00Z.
        created_at: 1_400_140_956,
        updated_at: 1_790_941_200,
    }
}
