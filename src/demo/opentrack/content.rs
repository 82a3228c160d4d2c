//! What a dealer's system begins with: 9 suppliers, 180 parts, 60 orders and what was shipped for them; the same on every
//! machine. Each record is drawn from a stream of its own.
//!
//! What is awkward is so on purpose, as in a system that was migrated twice: descriptions of before 2000 in capitals and
//! padded to 30 columns; part numbers with leading zeros, blanks, slashes and points; quotes, `<` and `&` in names; notes
//! absent or empty; weights and successors nil; never sold as 0; suppliers' ids with leading zeros, one of them closed,
//! one without parts; a mail address that is empty; orders without an expected date. Part 1001, `GL-1044-BP`, is written
//! by hand: 5 on hand in two bins, 3 of them held.

mod orders;
mod words;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use self::words::{KINDS, Kind, MODELS, NOTES, SUPPLIERS, Supply};
use super::lexical::Hundredths;
use super::store::{Address, Bin, Part, PartData, Reservation, Store, Supplier, SupplierData, Vehicle};
use crate::demo::seed::draw::Draw;
use crate::demo::seed::{Customer, Seed};

/// The streams of this system; the seed has 1 and 2, and other systems have numbers of their own.
const PART: u64 = 501;
const ORDER: u64 = 502;
const SHIPMENT: u64 = 503;

/// Part ids begin here.
const FIRST_PART: i32 = 1001;
const PARTS: i32 = 180;
/// Nothing happened later.
const LAST_DAY: Date = date(2025, 11, 14);

/// A store with all of it.
pub(super) fn store(seed: &Seed) -> Store {
    let mut store = Store::default();
    for supply in &SUPPLIERS {
        store.suppliers.insert(supply.id.to_owned(), supplier(supply, &seed.customers));
    }
    for id in FIRST_PART..FIRST_PART + PARTS {
        let part = if id == FIRST_PART { by_hand() } else { part(id) };
        store.last_part = id;
        store.parts.insert(part.data.number.clone(), part);
    }
    supersede(&mut store);
    hold(&mut store);
    orders::fill(&mut store);
    store
}

fn supplier(supply: &Supply, customers: &[Customer]) -> Supplier {
    let contact = supply.contact.and_then(|at| customers.get(at));
    let [street, city, region, postal_code, country] = supply.address.map(str::to_owned);
    let (year, month, day) = supply.added;
    Supplier {
        id: supply.id.to_owned(),
        data: SupplierData {
            name: supply.name.to_owned(),
            contact_name: contact.map(|one| format!("{} {}", one.given_name, one.family_name)),
            phone: supply.phone.map(str::to_owned),
            email: supply.email.map(str::to_owned),
            address: Address { street, city, region, postal_code, country },
            lead_days: supply.lead_days,
            terms: supply.terms,
            active: supply.active,
        },
        added: Date::new(year, month, day).unwrap_or(LAST_DAY),
    }
}

/// The part of the examples: 9 wanted of it cannot be had, 2 can.
fn by_hand() -> Part {
    let vision =
        Vehicle { make: "Blue Bird".to_owned(), model: "Vision".to_owned(), year_from: 2015, year_to: None };
    let express = Vehicle {
        make: "Chevrolet".to_owned(),
        model: "Express 3500".to_owned(),
        year_from: 2003,
        year_to: Some(2022),
    };
    Part {
        id: FIRST_PART,
        data: PartData {
            number: "GL-1044-BP".to_owned(),
            description: "Brake pad set, front".to_owned(),
            category: "B",
            supplier_id: "0107".to_owned(),
            list_price: Hundredths(8_495),
            cost: Some(Hundredths(5_120)),
            weight: Some(Hundredths(620)),
            hazardous: false,
            superseded_by: None,
            notes: Some("Order in pairs.".to_owned()),
            fits: vec![vision, express],
        },
        active: true,
        added: date(2014, 5, 15),
        changed: date(2025, 10, 31),
        last_sold: Some(date(2025, 10, 30)),
        bins: vec![bin("A-01-3", 3), bin("B-12-1", 2)],
    }
}

fn bin(location: &str, quantity: i32) -> Bin {
    Bin { location: location.to_owned(), quantity }
}

fn part(id: i32) -> Part {
    let row = u64::try_from(id - FIRST_PART).unwrap_or_default();
    let mut draw = Draw::of(PART, row);
    let kind =
        usize::try_from(row).ok().and_then(|row| KINDS.get(row % KINDS.len())).copied().unwrap_or(KINDS[0]);
    // All but the one without parts.
    let supply = SUPPLIERS.get(usize::try_from(draw.below(8)).unwrap_or_default()).unwrap_or(&SUPPLIERS[0]);
    let old = draw.chance(12);
    let added = if old {
        day(&mut draw, date(1994, 9, 1), date(1999, 12, 31))
    } else {
        day(&mut draw, date(2004, 1, 1), date(2025, 6, 30))
    };
    let last_sold = draw.chance(80).then(|| day(&mut draw, added, LAST_DAY));
    let price = i64::try_from(draw.between(85, 125)).unwrap_or(100) * kind.price / 100;
    let margin = i64::try_from(draw.between(55, 80)).unwrap_or(70);
    Part {
        id,
        data: PartData {
            number: number(supply, &kind, id, &mut draw),
            description: if old { format!("{:<30}", kind.name.to_uppercase()) } else { kind.name.to_owned() },
            category: kind.category,
            supplier_id: supply.id.to_owned(),
            list_price: Hundredths(price),
            cost: draw.chance(92).then_some(Hundredths(price * margin / 100)),
            weight: draw.chance(90).then_some(Hundredths(kind.weight)),
            hazardous: kind.hazardous,
            superseded_by: None,
            notes: match draw.below(10) {
                0..3 => Some(draw.pick(&NOTES).to_owned()),
                3 => Some(String::new()),
                _ => None,
            },
            fits: if kind.universal { Vec::new() } else { vehicles(&mut draw) },
        },
        active: supply.active && draw.chance(95),
        added,
        changed: last_sold.unwrap_or(added),
        last_sold,
        bins: bins(&mut draw),
    }
}

/// As each supplier writes them; the id keeps them apart.
fn number(supply: &Supply, kind: &Kind, id: i32, draw: &mut Draw) -> String {
    let (prefix, letter) = (supply.prefix, kind.category);
    match prefix {
        "GL" => format!("GL-{id}-{letter}P"),
        "OB" => format!("OB {id}{letter}"),
        "NC" => format!("NC{id}/{}", draw.between(1, 9)),
        "DT" => format!("DT.{id}.{}", draw.between(10, 99)),
        "00" => format!("00{id}{:03}", draw.below(1000)),
        _ => format!("{prefix}{id}{letter}"),
    }
}

fn vehicles(draw: &mut Draw) -> Vec<Vehicle> {
    let first = draw.below(MODELS.len() as u64);
    let count = draw.between(1, 3);
    let place = |step: u64| usize::try_from((first + step * 5) % MODELS.len() as u64).unwrap_or_default();
    let models = (0..count).filter_map(|step| MODELS.get(place(step)));
    models
        .map(|(make, model, from, to)| {
            let year_from = from + i32::try_from(draw.below(6)).unwrap_or_default();
            Vehicle {
                make: (*make).to_owned(),
                model: (*model).to_owned(),
                year_from,
                year_to: (*to != 0).then_some(*to),
            }
        })
        .collect()
}

fn bins(draw: &mut Draw) -> Vec<Bin> {
    let count = draw.pick(&[0, 1, 1, 1, 1, 2, 2, 3]);
    (0..count)
        .map(|step| {
            let aisle = ["A", "B", "C", "D"].get(step).copied().unwrap_or("Z");
            let location = format!("{aisle}-{:02}-{}", draw.between(1, 24), draw.between(1, 5));
            Bin { location, quantity: i32::try_from(draw.below(28)).unwrap_or_default() }
        })
        .collect()
}

fn day(draw: &mut Draw, first: Date, last: Date) -> Date {
    let span = first.until(last).map_or(0, |span| i64::from(span.get_days()));
    let days = draw.moment(0, span);
    first.checked_add(days.days()).unwrap_or(first)
}

/// Every eighteenth part has a successor, the next of its kind; one of these has one again.
fn supersede(store: &mut Store) {
    let numbers: std::collections::BTreeMap<i32, String> =
        store.parts.values().map(|part| (part.id, part.data.number.clone())).collect();
    let kinds = i32::try_from(KINDS.len()).unwrap_or(1);
    for part in
        store.parts.values_mut().filter(|part| (part.id - FIRST_PART) % 18 == 7 || part.id == FIRST_PART + 55)
    {
        part.data.superseded_by = numbers.get(&(part.id + kinds)).cloned();
    }
}

/// What repair orders hold at the start.
fn hold(store: &mut Store) {
    let held = store.parts.values().filter_map(|part| {
        let row = u64::try_from(part.id - FIRST_PART).unwrap_or_default();
        let mut draw = Draw::of(PART, 10_000 + row);
        let quantity = match (part.id, Store::on_hand(part)) {
            (FIRST_PART, _) => 3,
            (_, on_hand) if on_hand > 2 && part.active && draw.chance(15) => draw.pick(&[1, 1, 2]),
            _ => return None,
        };
        Some((part.id, quantity))
    });
    let mut held: Vec<(i32, i32)> = held.collect();
    held.sort_unstable();
    for (at, (part_id, quantity)) in (1..).zip(held) {
        let reference = format!("SR-{}", 2040 + at);
        let reserved = LAST_DAY.checked_sub((at % 9).days()).unwrap_or(LAST_DAY);
        let needed = (at % 2 == 1).then(|| reserved.checked_add(14.days()).unwrap_or(reserved));
        let reservation = Reservation {
            id: at,
            part_id,
            quantity,
            asked: quantity,
            reference: reference.clone(),
            active: true,
            reserved,
            needed,
        };
        store.last_reservation = at;
        store.reservations.insert(reference, reservation);
    }
}
