//! What the shelter knows: 123 animals, the people they went to, and what happened to them. The same on every machine;
//! each record has a stream of its own. It knows nothing of how the API prints it.
//!
//! What is dirty in it, because the family's records are: seven animals from before the ids grew have one digit less
//! (they are first as numbers, and last as text); animals that were only treated have no `ID`; microchips with blanks
//! between their digits, and with no number but a remark; a breed of two in one text, `/Mix` after a blank; a weight
//! of four decimals where a scale told kilograms; kinds of animal that no list of species has; names with a blank behind.

mod words;

use crate::demo::seed::draw::Draw;
use crate::demo::seed::{Breed, Customer, Seed};

const ANIMALS: u64 = 123;
/// Streams: apart from the seed's tables (1 and 2) and from other systems'.
const ANIMAL: u64 = 0x51;
const PERSON: u64 = 0x52;
/// The number in the first animal's `ID`, `PH-A-1101`.
const FIRST_NUMBER: u64 = 1101;
/// The number of the animal that is written out by hand.
const EXAMPLE_NUMBER: u64 = 1204;
/// Animals taken in while ids had seven digits.
const EARLY: u64 = 7;
/// 2019-01-01T00:00:00Z to 2026-09-30T00:00:00Z: when animals came in.
const FIRST_INTAKE: i64 = 1_546_300_800;
const LAST_INTAKE: i64 = 1_790_726_400;
/// 2026-10-05T00:00:00Z: nothing was changed later.
const LAST_CHANGE: i64 = 1_791_158_400;
const DAY: i64 = 86_400;

/// Everything in the shelter's database.
#[derive(Debug)]
pub(super) struct Content {
    /// By id.
    pub(super) animals: Vec<Animal>,
    /// By time, then animal.
    pub(super) events: Vec<Event>,
    /// By id.
    pub(super) people: Vec<Person>,
}

#[derive(Debug)]
pub(super) struct Animal {
    /// The `Internal-ID`.
    pub(super) id: u64,
    /// The `ID`; `""` for one that was only treated.
    pub(super) public_id: String,
    pub(super) name: &'static str,
    pub(super) litter: Option<u64>,
    /// Whether any of it may be shown.
    pub(super) publish: bool,
    pub(super) kind: &'static str,
    pub(super) location: Option<(&'static str, &'static str)>,
    pub(super) sex: Option<&'static str>,
    pub(super) status: Status,
    pub(super) foster: Option<Foster>,
    /// Pounds; `""` for one that was not weighed.
    pub(super) pounds: String,
    pub(super) size: &'static str,
    /// `Yes`, `No` or `Unknown`.
    pub(super) altered: &'static str,
    /// Unix seconds.
    pub(super) born: Option<i64>,
    pub(super) cover: String,
    pub(super) photos: Vec<String>,
    pub(super) video: Option<String>,
    pub(super) breed: Option<String>,
    pub(super) color: &'static str,
    pub(super) pattern: &'static str,
    pub(super) fee: Option<Fee>,
    pub(super) description: &'static str,
    /// A number, the shelter that gave it, its kind.
    pub(super) previous: Vec<(u64, &'static str, &'static str)>,
    pub(super) microchips: Vec<Microchip>,
    /// Unix seconds.
    pub(super) intake: i64,
    /// Unix seconds.
    pub(super) updated: i64,
    pub(super) attributes: Vec<Attribute>,
}

/// A status as the shelter has named it, and the groups that it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Status {
    pub(super) name: &'static str,
    pub(super) in_custody: bool,
    pub(super) publishable: bool,
}

#[derive(Debug)]
pub(super) struct Foster {
    pub(super) first_name: String,
    pub(super) last_name: String,
    /// Unix seconds.
    pub(super) since: i64,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fee {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) price: &'static str,
}

#[derive(Debug)]
pub(super) struct Microchip {
    pub(super) id: String,
    pub(super) issuer: &'static str,
    /// Unix seconds.
    pub(super) implanted: Option<i64>,
}

#[derive(Debug)]
pub(super) struct Attribute {
    pub(super) id: u64,
    pub(super) name: &'static str,
    pub(super) publish: bool,
}

#[derive(Debug)]
pub(super) struct Event {
    pub(super) animal: u64,
    pub(super) kind: &'static str,
    pub(super) subtype: &'static str,
    /// Unix seconds.
    pub(super) time: i64,
    pub(super) user: &'static str,
    pub(super) person: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) public_id: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) street: String,
    pub(super) city: String,
    pub(super) state: String,
    pub(super) zip: String,
    pub(super) animals: Vec<u64>,
    /// Unix seconds.
    pub(super) updated: i64,
}

impl Content {
    pub(super) fn new(seed: &Seed) -> Self {
        let mut people: Vec<Person> =
            seed.customers.iter().step_by(5).zip(1..).map(|(customer, at)| person(customer, at)).collect();
        let mut events = Vec::new();
        let animals: Vec<Animal> = (0..ANIMALS)
            .map(|at| {
                let mut draw = Draw::of(ANIMAL, at);
                let mut animal = animal(at, &seed.breeds, &mut draw);
                if at + FIRST_NUMBER == EXAMPLE_NUMBER {
                    example(&mut animal);
                }
                happened(&mut animal, &mut people, &mut events, &mut draw);
                animal
            })
            .collect();
        events.sort_by_key(|event: &Event| (event.time, event.animal));
        Self { animals, events, people }
    }

    /// By `Internal-ID` alone, in the digits that it is printed in.
    pub(super) fn animal(&self, id: &str) -> Option<&Animal> {
        self.animals.iter().find(|animal| animal.id.to_string() == id)
    }

    pub(super) fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.id.to_string() == id)
    }

    pub(super) fn events_of(&self, animal: u64) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.animal == animal)
    }
}

fn animal(at: u64, breeds: &[Breed], draw: &mut Draw) -> Animal {
    let id = if at < EARLY { 9_998_000 + at * 137 } else { 19_527_000 + at * 8_431 + draw.below(4_000) };
    let status = match draw.below(100) {
        0..52 => words::AVAILABLE,
        52..64 => words::ADOPTED,
        64..69 => words::SERVICE,
        _ => draw.pick(words::STATUSES),
    };
    let species = draw.pick(&["dog", "dog", "dog", "cat", "cat", "cat", "rabbit", "bird", "other"]);
    let breed = draw.chance(90).then(|| breeding(species, breeds, draw));
    let kind = match (species, breed.as_deref()) {
        ("dog", _) => "Dog",
        ("cat", _) => "Cat",
        ("rabbit", _) => "Rabbit",
        ("bird", _) => "Bird",
        // The shelter's own kinds, beside `Other`.
        (_, Some("Guinea Pig")) => "Guinea Pig",
        (_, Some("Ferret")) => "Ferret",
        _ => "Other",
    };
    let intake = draw.moment(FIRST_INTAKE, LAST_INTAKE);
    let updated = draw.moment(intake, LAST_CHANGE);
    let born = draw.chance(88).then(|| intake - draw.moment(30 * DAY, 4_000 * DAY));
    let (pounds, size) = weight(kind, draw);
    let photos: Vec<String> = (0..draw.pick(&[0, 1, 1, 2, 3, 5]))
        .map(|photo: u64| format!("https://img.example/shelter/{id}/{photo}.jpg"))
        .collect();
    let cover = photos.first().cloned().unwrap_or_else(|| {
        let picture = if kind == "Dog" { "default_dog" } else { "default_cat" };
        format!("https://img.example/shelter/defaults/{picture}.png")
    });
    Animal {
        id,
        public_id: if status == words::SERVICE {
            String::new()
        } else {
            format!("PH-A-{}", FIRST_NUMBER + at)
        },
        name: draw.pick(words::NAMES),
        litter: draw.chance(8).then(|| 400 + draw.below(6)),
        publish: !draw.chance(7),
        kind,
        location: status.in_custody.then(|| draw.pick(words::LOCATIONS)),
        sex: draw.pick(&[Some("Male"), Some("Male"), Some("Female"), Some("Female"), None]),
        status,
        foster: None,
        pounds,
        size,
        altered: draw.pick(&["Yes", "Yes", "Yes", "No", "Unknown"]),
        born,
        cover,
        photos,
        video: draw.chance(10).then(|| format!("v{:08x}", draw.below(1 << 32))),
        breed,
        color: draw.pick(words::COLORS),
        pattern: draw.pick(words::PATTERNS),
        fee: (status.publishable && draw.chance(75)).then(|| draw.pick(words::FEES)),
        description: draw.pick(words::DESCRIPTIONS),
        previous: (0..draw.pick(&[0, 0, 1, 2]))
            .map(|_: u64| {
                let (shelter, kind) = draw.pick(words::SHELTERS);
                (draw.between(27_000_000, 29_999_999), shelter, kind)
            })
            .collect(),
        microchips: microchips(at, intake, draw),
        intake,
        updated,
        attributes: attributes(id, draw),
    }
}

/// One or two breeds in one text.
fn breeding(species: &str, breeds: &[Breed], draw: &mut Draw) -> String {
    let own: Vec<&str> = breeds.iter().filter(|breed| breed.species == species).map(|b| b.name).collect();
    let primary = draw.pick(&own);
    let others: Vec<&str> = own.into_iter().filter(|name| *name != primary).collect();
    match draw.below(10) {
        0..4 if species != "other" => format!("{primary} /Mix"),
        4..6 if species != "other" => format!("{primary} / {}", draw.pick(&others)),
        _ => primary.to_owned(),
    }
}

/// Pounds as they were typed, and the size that the shelter gives dogs.
fn weight(kind: &str, draw: &mut Draw) -> (String, &'static str) {
    let (least, most) = match kind {
        "Dog" => (40, 1_100),
        "Cat" => (45, 200),
        _ => (5, 90),
    };
    let tenths = draw.between(least, most);
    let size = match (kind, tenths) {
        ("Dog", 0..250) => "Small (0-24)",
        ("Dog", 250..600) => "Medium (25-59)",
        ("Dog", 600..1_000) => "Large (60-99)",
        ("Dog", _) => "X-Large (100+)",
        _ => "",
    };
    let pounds = match draw.below(10) {
        0..2 => String::new(),
        // 2.2046 pounds are a kilogram.
        2..4 => format!("{}.{:04}", tenths / 10, draw.below(10_000)),
        _ => format!("{}.{}", tenths / 10, tenths % 10),
    };
    (pounds, size)
}

fn microchips(at: u64, intake: i64, draw: &mut Draw) -> Vec<Microchip> {
    let (maker, issuer) = draw.pick(words::ISSUERS);
    // Below 10^9 and apart from the chips of the seed's pets, which end in their ids.
    let number = 300_000_000 + at * 7_919;
    let digits = format!("{maker}{number:09}");
    let implanted = draw.chance(60).then(|| intake - draw.moment(0, 700 * DAY));
    match draw.below(10) {
        0..3 => Vec::new(),
        3 => vec![Microchip { id: String::new(), issuer: "Did Not Attempt to Scan", implanted: None }],
        4 => {
            let letters = digits.char_indices();
            let id = letters
                .flat_map(|(at, digit)| (at > 0 && at % 3 == 0).then_some(' ').into_iter().chain([digit]))
                .collect();
            vec![Microchip { id, issuer, implanted }]
        }
        _ => vec![Microchip { id: digits, issuer, implanted }],
    }
}

/// What the staff has ticked; a quarter has a caution, and some have nothing else.
fn attributes(animal: u64, draw: &mut Draw) -> Vec<Attribute> {
    let mut attributes: Vec<Attribute> = Vec::new();
    let mut add = |name: &'static str, publish| {
        if !attributes.iter().any(|known| known.name == name) {
            let id = animal * 10 + attributes.len() as u64;
            attributes.push(Attribute { id, name, publish });
        }
    };
    for _ in 0..draw.pick(&[0, 1, 2, 3, 4]) {
        // A trait is shown unless somebody unticked it.
        add(draw.pick(words::TRAITS), !draw.chance(15));
    }
    if draw.chance(25) {
        add(draw.pick(words::CAUTIONS), false);
    }
    attributes
}

fn person(customer: &Customer, at: u64) -> Person {
    let mut draw = Draw::of(PERSON, at);
    Person {
        id: 16_401_000 + at * 3_301,
        public_id: format!("PH-P-{}", 300 + at),
        first_name: customer.given_name.clone(),
        last_name: customer.family_name.clone(),
        email: customer.email.clone(),
        phone: customer.phone.clone(),
        street: customer.street.clone(),
        city: customer.city.clone(),
        state: customer.region.clone(),
        zip: customer.postal_code.clone(),
        animals: Vec::new(),
        updated: draw.moment(FIRST_INTAKE, LAST_INTAKE),
    }
}

/// The history of an animal: it came in, perhaps it was returned, it is fostered, it was adopted or handed on.
fn happened(animal: &mut Animal, people: &mut [Person], events: &mut Vec<Event>, draw: &mut Draw) {
    let (intake, last) = (animal.intake, animal.updated);
    let (kind, subtype) = draw.pick(words::INTAKES);
    let mut note = |kind, subtype, time, user, person| {
        events.push(Event { animal: animal.id, kind, subtype, time, user, person });
    };
    note(kind, subtype, intake, draw.pick(words::USERS), None);
    let chosen = usize::try_from(draw.below(people.len() as u64)).unwrap_or_default();
    let Some(person) = people.get_mut(chosen) else { return };
    let mut left = |time: i64| {
        person.animals.push(animal.id);
        person.updated = person.updated.max(time);
        Some(person.id)
    };
    let later = draw.moment(intake, last);
    let user = draw.pick(words::USERS);
    if animal.status == words::ADOPTED {
        if draw.chance(30) {
            // Adopted, brought back, adopted again.
            let again = draw.moment(later, last);
            let adopter = left(again);
            note("Outcome.Adoption", "Offsite", later, user, adopter);
            note("Intake.AdoptionReturn", "Allergies", again, user, adopter);
            note("Outcome.Adoption", "", last, user, adopter);
        } else {
            note("Outcome.Adoption", "", later, user, left(later));
        }
    } else if animal.status == words::SERVICE {
        note("Outcome.ServiceOut", "Dental", later, user, None);
    } else if !animal.status.in_custody {
        note("Outcome.TransferOut", "Rescue", later, user, None);
    } else if draw.chance(22) {
        let keeper = left(later);
        note("Outcome.Foster", "Short-term", later, user, keeper);
        let (first_name, last_name) = (person.first_name.clone(), person.last_name.clone());
        animal.foster = Some(Foster { first_name, last_name, since: later });
    }
}

/// `PH-A-1204`: two breeds in one text, a weight, a chip, and a bite history that nobody but the staff is to read.
fn example(animal: &mut Animal) {
    let attribute = |at: u64, name, publish| Attribute { id: 205_312_040 + at, name, publish };
    animal.name = "Biscuit";
    "PH-A-1204".clone_into(&mut animal.public_id);
    animal.status = words::AVAILABLE;
    animal.publish = true;
    animal.kind = "Dog";
    animal.breed = Some("Chihuahua /Mix".to_owned());
    animal.sex = Some("Female");
    animal.altered = "Yes";
    "8.1571".clone_into(&mut animal.pounds);
    animal.size = "Small (0-24)";
    // 2021-03-14T00:00:00Z, and two years later.
    animal.born = Some(1_615_680_000);
    animal.intake = 1_678_752_000;
    animal.updated = 1_790_000_000;
    animal.location = Some(("Main Shelter", "Kennel A-12"));
    animal.fee = words::FEES.get(1).copied();
    animal.microchips = vec![Microchip {
        id: "985112300815657".to_owned(),
        issuer: "HomeAgain",
        implanted: Some(1_678_838_400),
    }];
    animal.attributes = vec![
        attribute(0, "House Trained", true),
        attribute(1, "Bite History - Child", false),
        attribute(2, "Good With Cats", true),
    ];
}
