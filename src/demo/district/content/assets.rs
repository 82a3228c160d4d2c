//! The register: 62 vehicles and 102 pieces of equipment (two of each deleted), 120 maintenances, 70
//! schedules, 40 parts requests.
//!
//! Corners that such registers have: a missing serial is `""` and a missing price null; two VINs were typed in lower
//! case and one is missing; deleted assets still have maintenances; a few vehicles stand at closed schools;
//! odometers are texts, and one has a thousands separator; schedules are overdue; one by miles alone has no
//! date.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};

use super::words::{self, LABELS, MODELS, PART_NUMBERS, SCHOOLS, TASKS, VEHICLES};
use super::{LAST_CHANGE, OPENED, school_id, stream};
use crate::demo::district::snipe::{Register, Row, Table};
use crate::demo::seed::draw::Draw;

const VEHICLE_COUNT: u64 = 62;
const EQUIPMENT_COUNT: u64 = 102;
const MAINTENANCES: u64 = 120;
const SCHEDULES: u64 = 70;
const PARTS_REQUESTS: u64 = 40;
/// Taken out of the books, which takes nothing out of the tables.
const DELETED: [u64; 4] = [31, 55, 101, 140];
/// 2026-01-01T00:00:00Z.
const THIS_YEAR: i64 = 1_767_225_600;
/// Vehicles below this number are buses.
const FIRST_VAN: u64 = 43;

pub(in super::super) fn register() -> Register {
    let vehicles = (1..=VEHICLE_COUNT).map(vehicle);
    let hardware: Vec<Row> = vehicles.chain((1..=EQUIPMENT_COUNT).map(equipment)).collect();
    let maintenances: Vec<Row> = (1..=MAINTENANCES).map(|id| maintenance(id, &hardware)).collect();
    let schedules: Vec<Row> = (1..=SCHEDULES).map(|id| schedule(id, &hardware)).collect();
    let parts: Vec<Row> = (1..=PARTS_REQUESTS).map(|id| parts_request(id, &hardware)).collect();
    Register {
        hardware: Table::of(hardware),
        maintenances: Table::of(maintenances),
        schedules: Table::of(schedules),
        parts_requests: Table::of(parts),
        locations: Table::of((1..).zip(&SCHOOLS).map(|(id, school)| location(id, school.name)).collect()),
    }
}

/// The rest of the columns are those of the register's `locations` table.
fn location(id: u64, name: &str) -> Row {
    let mut draw = Draw::of(stream::SCHOOL, 100 + id);
    row(json!({
        "id": id,
        "name": name,
        "address": format!("{} {}", draw.between(1, 2999), draw.pick(&words::STREETS)),
        "city": "Cascade Valley",
        "state": "OR",
        "country": "US",
        "zip": format!("972{:02}", draw.below(100)),
        "notes": school_id(id),
        "created_at": stamp(OPENED),
        "updated_at": stamp(OPENED),
        "deleted_at": null,
    }))
}

fn vehicle(id: u64) -> Row {
    let mut draw = Draw::of(stream::VEHICLE, id);
    let bus = id < FIRST_VAN;
    let (kind, number) = if bus { ("Bus", id) } else { ("Van", id + 1 - FIRST_VAN) };
    let model = if bus { draw.between(1, 4) } else { draw.between(5, 7) };
    let location = if draw.chance(4) { draw.between(13, 14) } else { (id - 1) % 12 + 1 };
    let year = draw.between(2006, 2025);
    let bought = format!("{year}-{:02}-{:02}", draw.between(1, 12), draw.between(1, 28));
    let vin = match id {
        17 => String::new(),
        23 | 48 => vin(&mut draw, model, year).to_lowercase(),
        _ => vin(&mut draw, model, year),
    };
    let miles = (2027 - year) * draw.between(4_000, 9_500);
    let odometer = if id == 29 { format!("{},{:03}", miles / 1000, miles % 1000) } else { miles.to_string() };
    let mut columns = asset(&mut draw, id, model, location, &bought);
    let tag = format!("{}-{number:04}", kind.to_uppercase());
    let seats = match model {
        7 => "7",
        5 | 6 => draw.pick(&["10", "12"]),
        4 => draw.pick(&["24", "30"]),
        _ => draw.pick(&["48", "65", "71", "77"]),
    };
    columns.extend(row(json!({
        "name": format!("{kind} {number}"),
        "asset_tag": tag,
        "status_id": if draw.chance(70) { 5 } else { draw.pick(&[1, 3, 3, 2, 4]) },
        "notes": draw.pick(&words::VEHICLE_NOTES),
        "_snipeit_vin_1": vin,
        "_snipeit_license_plate_2": format!("E{}", 214_000 + id * 37),
        "_snipeit_odometer_3": odometer,
        "_snipeit_school_4": school_id(location),
        "_snipeit_seats_5": seats,
        "_snipeit_fuel_6": draw.pick(&["Diesel", "Diesel", "Diesel", "Gasoline", "Propane", "Electric"]),
        "_snipeit_model_year_8": year.to_string(),
    })));
    assigned(&mut columns);
    columns
}

fn equipment(number: u64) -> Row {
    let id = VEHICLE_COUNT + number;
    let mut draw = Draw::of(stream::EQUIPMENT, id);
    let model = draw.between(8, MODELS.len() as u64);
    let name = MODELS.iter().find(|(id, ..)| *id == model).map(|(_, name, ..)| *name).unwrap_or_default();
    let location = draw.between(1, 12);
    let bought = format!("{}-{:02}-{:02}", draw.between(2017, 2026), draw.between(1, 9), draw.between(1, 28));
    let mut columns = asset(&mut draw, id, model, location, &bought);
    let name = if draw.chance(40) { name.to_owned() } else { String::new() };
    columns.extend(row(json!({
        "name": name,
        "asset_tag": format!("EQ-{:05}", 4000 + id),
        "serial": if draw.chance(10) { String::new() } else { format!("SN{:010}", draw.below(1 << 33)) },
        "status_id": draw.pick(&[5, 5, 5, 1, 1, 3, 2, 4]),
        "_snipeit_school_4": school_id(location),
        "_snipeit_room_7": if draw.chance(25) { String::new() } else { draw.between(1, 240).to_string() },
    })));
    assigned(&mut columns);
    columns
}

/// What vehicles and equipment have in common, in the order of the table's columns.
fn asset(draw: &mut Draw, id: u64, model: u64, location: u64, bought: &str) -> Row {
    let price = MODELS.iter().find(|(known, ..)| *known == model);
    let cost = price.filter(|_| !draw.chance(8));
    let cost = cost
        .map(|(.., low, high)| format!("{}.{:02}", draw.between(*low, *high), draw.pick(&[0, 0, 50, 99])));
    let order = (!draw.chance(50)).then(|| format!("PO-{}", draw.between(10_000, 29_999)));
    let (created, updated) = moments(draw);
    let bought = if draw.chance(5) { Value::Null } else { Value::from(bought) };
    row(json!({
        "id": id,
        "name": "",
        "asset_tag": "",
        "serial": "",
        "model_id": model,
        "status_id": 1,
        "assigned_to": null,
        "location_id": location,
        "supplier_id": if draw.chance(20) { None } else { Some(draw.pick(&[1_u64, 2, 3, 5])) },
        "order_number": order,
        "purchase_date": bought,
        "purchase_cost": cost,
        "warranty_months": if draw.chance(40) { None } else { Some(draw.pick(&[12_u64, 24, 36, 60])) },
        "notes": "",
        "created_at": stamp(created),
        "updated_at": stamp(updated),
        "deleted_at": if DELETED.contains(&id) { Some(stamp(updated)) } else { None },
    }))
}

/// What is in service was handed out to the school that it stands at.
fn assigned(columns: &mut Row) {
    let service = LABELS.iter().find(|(_, name, _)| *name == "In Service").map(|(id, ..)| *id);
    if columns.get("status_id").and_then(Value::as_u64) == service {
        let location = columns.get("location_id").cloned().unwrap_or_default();
        columns.insert("assigned_to".to_owned(), location);
    }
}

fn maintenance(id: u64, hardware: &[Row]) -> Row {
    let mut draw = Draw::of(stream::MAINTENANCE, id);
    // Two in three are for vehicles, which come first.
    let asset = if draw.chance(66) { draw.between(1, VEHICLE_COUNT) } else { draw.between(63, 164) };
    let list: &[(&str, &str)] = if asset <= VEHICLE_COUNT { &words::WORK } else { &words::EQUIPMENT_WORK };
    let (title, kind) = draw.pick(list);
    let (created, updated) = moments(&mut draw);
    let start = day(created);
    let status = draw.pick(&[
        "completed",
        "completed",
        "completed",
        "open",
        "open",
        "approved",
        "in_progress",
        "rejected",
    ]);
    let days = draw.below(15);
    let done = (status == "completed").then(|| later(start, days));
    let cost = (status == "completed" && !draw.chance(10))
        .then(|| format!("{}.{:02}", draw.between(40, 2_400), draw.below(100)));
    row(json!({
        "id": id,
        "asset_id": asset,
        "supplier_id": if draw.chance(30) { None } else { Some(draw.between(1, 6)) },
        "asset_maintenance_type": kind,
        "title": title,
        "is_warranty": u64::from(draw.chance(10)),
        "start_date": start.to_string(),
        "completion_date": done.map(|date| date.to_string()),
        "asset_maintenance_time": done.map(|_| days),
        "cost": cost,
        "notes": draw.pick(&words::WORK_NOTES),
        "_snipeit_request_status_9": status,
        "_snipeit_priority_10": draw.pick(&["low", "normal", "normal", "normal", "high"]),
        "_snipeit_requested_by_11": staff(&mut draw),
        "_snipeit_school_4": school_of(hardware, asset),
        "created_at": stamp(created),
        "updated_at": stamp(updated),
        "deleted_at": null,
    }))
}

fn schedule(id: u64, hardware: &[Row]) -> Row {
    let mut draw = Draw::of(stream::SCHEDULE, id);
    let asset = (id - 1) % VEHICLE_COUNT + 1;
    let (task, weeks, miles) = draw.pick(&TASKS);
    let (created, updated) = moments(&mut draw);
    // Most were done within the year; the rest are forgotten, and long overdue.
    let since = if draw.chance(85) { THIS_YEAR } else { OPENED };
    let last = day(draw.moment(since, LAST_CHANGE));
    let odometer = hardware.iter().find(|row| row.get("id").and_then(Value::as_u64) == Some(asset));
    let odometer = odometer.and_then(|row| row.get("_snipeit_odometer_3")).and_then(Value::as_str);
    let odometer: Option<u64> = odometer.and_then(|text| text.replace(',', "").parse().ok());
    row(json!({
        "id": id,
        "asset_id": asset,
        "title": task,
        "interval_weeks": (weeks > 0).then_some(weeks),
        "interval_miles": (miles > 0).then_some(miles),
        "last_completed": last.to_string(),
        "next_due": (weeks > 0).then(|| later(last, weeks * 7).to_string()),
        "next_due_miles": (miles > 0).then(|| odometer.map(|odometer| odometer + miles)),
        "active": u64::from(!draw.chance(6)),
        "notes": draw.pick(&["", "", "", "Do not skip: O'Malley's warranty depends on it."]),
        "_snipeit_school_4": school_of(hardware, asset),
        "created_at": stamp(created),
        "updated_at": stamp(updated),
        "deleted_at": null,
    }))
}

fn parts_request(id: u64, hardware: &[Row]) -> Row {
    let mut draw = Draw::of(stream::PARTS_REQUEST, id);
    let asset = draw.between(1, VEHICLE_COUNT);
    let (created, updated) = moments(&mut draw);
    let status = draw.pick(&[
        "pending",
        "reserved",
        "reserved",
        "ordered",
        "shipped",
        "received",
        "received",
        "cancelled",
    ]);
    let reference = if status == "pending" { String::new() } else { format!("RES-{:06}", 500 + id) };
    row(json!({
        "id": id,
        "school": school_of(hardware, asset),
        "asset_id": asset,
        "part_number": draw.pick(&PART_NUMBERS),
        "quantity": draw.pick(&[1_u64, 1, 2, 2, 4, 6, 12]),
        "status": status,
        "reservation_reference": reference,
        "requested_by": staff(&mut draw),
        "notes": draw.pick(&["", "", "Need it before Monday's route.", "For the \"spare\" bus & van."]),
        "cancelled_at": (status == "cancelled").then(|| stamp(updated)),
        "created_at": stamp(created),
        "updated_at": stamp(updated),
    }))
}

/// Who asked, by `sourcedId`; of some requests nobody knows.
fn staff(draw: &mut Draw) -> String {
    if draw.chance(18) { String::new() } else { format!("U-{}", 100_000 + draw.between(1, 90)) }
}

fn school_of(hardware: &[Row], asset: u64) -> Value {
    let found = hardware.iter().find(|row| row.get("id").and_then(Value::as_u64) == Some(asset));
    found.and_then(|row| row.get("_snipeit_school_4")).cloned().unwrap_or_default()
}

fn moments(draw: &mut Draw) -> (i64, i64) {
    let created = draw.moment(OPENED, LAST_CHANGE);
    (created, if draw.chance(30) { created } else { draw.moment(created, LAST_CHANGE) })
}

fn day(moment: i64) -> Date {
    Timestamp::from_second(moment).unwrap_or_default().to_zoned(TimeZone::UTC).date()
}

fn later(date: Date, days: u64) -> Date {
    date.saturating_add(i32::try_from(days).unwrap_or_default().days())
}

/// A moment as the register's database keeps it: UTC, without saying so.
fn stamp(moment: i64) -> String {
    crate::demo::district::snipe::stamp(moment)
}

/// Seventeen characters with the check digit of 49 CFR 565.15: no `I`, `O` or `Q`, the model year in the
/// tenth place.
fn vin(draw: &mut Draw, model: u64, year: u64) -> String {
    const LETTERS: [char; 23] = [
        'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'R', 'S', 'T', 'U', 'V', 'W',
        'X', 'Y', 'Z',
    ];
    const YEARS: &str = "6789ABCDEFGHJKLMNPRS";
    let years = usize::try_from(year.saturating_sub(2006)).ok();
    let code = years.and_then(|at| YEARS.chars().nth(at)).unwrap_or('S');
    let maker = match model {
        2 => "1BA",
        3 => "4DR",
        5 => "1FB",
        6 => "1GA",
        7 => "2C4",
        _ => "4UZ",
    };
    let mut vin: Vec<char> = maker.chars().collect();
    vin.extend((0..5).map(|_| draw.pick(&LETTERS)));
    vin.extend(['0', code]);
    vin.push(draw.pick(&LETTERS));
    vin.extend(format!("{:06}", draw.below(1_000_000)).chars());
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = vin.iter().zip(weights).map(|(letter, weight)| vin_value(*letter) * weight).sum();
    if let Some(check) = vin.get_mut(8) {
        *check = char::from_digit(sum % 11, 10).unwrap_or('X');
    }
    vin.into_iter().collect()
}

/// The value of a character for the check digit.
pub(in super::super) fn vin_value(letter: char) -> u32 {
    match letter {
        '0'..='9' => letter.to_digit(10).unwrap_or_default(),
        'A' | 'J' => 1,
        'B' | 'K' | 'S' => 2,
        'C' | 'L' | 'T' => 3,
        'D' | 'M' | 'U' => 4,
        'E' | 'N' | 'V' => 5,
        'F' | 'W' => 6,
        'G' | 'P' | 'X' => 7,
        'H' | 'Y' => 8,
        'R' | 'Z' => 9,
        _ => 0,
    }
}

/// The one category that decides which custom fields an asset has.
pub(in super::super) fn is_vehicle(model: u64) -> bool {
    MODELS.iter().any(|(id, _, _, category, ..)| *id == model && *category == VEHICLES)
}

fn row(value: Value) -> Row {
    match value {
        Value::Object(columns) => columns,
        _ => Map::new(),
    }
}
