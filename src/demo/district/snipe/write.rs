//! Writes of the register. A row is validated with all its faults at once, then kept; what is deleted stays
//! in its table with `deleted_at`. The answer's `payload` is the row itself.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::columns::{self, Column};
use super::resource::Resource;
use super::{MOST_ROWS, Refusal, Register, Row, Table, number, stamp, text, trashed};
use crate::demo::district::content::assets::is_vehicle;

type Faults = BTreeMap<String, Vec<String>>;

pub(super) fn create(
    register: &mut Register,
    resource: &Resource,
    body: &Row,
    now: i64,
) -> Result<Value, Refusal> {
    let mut row = validated(register, resource, body, None)?;
    let table = table(register, resource);
    if table.rows.len() >= MOST_ROWS {
        return Err(Refusal::Message("The database is full.".to_owned()));
    }
    let id = table.next();
    row.insert("id".to_owned(), Value::from(id));
    row.insert("created_at".to_owned(), Value::from(stamp(now)));
    Ok(keep(register, resource, id, row, now, "created"))
}

pub(super) fn update(
    register: &mut Register,
    resource: &Resource,
    id: &str,
    body: &Row,
    now: i64,
) -> Result<Value, Refusal> {
    let (id, row) = find(register, resource, id)?;
    if resource.path == "parts-requests" && ["received", "cancelled"].contains(&text(&row, "status")) {
        return Err(Refusal::Message("The parts request is closed and cannot be changed.".to_owned()));
    }
    let row = validated(register, resource, body, Some(row))?;
    Ok(keep(register, resource, id, row, now, "updated"))
}

/// Marks a row as deleted; a parts request is cancelled instead and stays in the list.
pub(super) fn delete(
    register: &mut Register,
    resource: &Resource,
    id: &str,
    now: i64,
) -> Result<Value, Refusal> {
    let (id, mut row) = find(register, resource, id)?;
    if resource.path == "parts-requests" {
        let refused = match text(&row, "status") {
            "cancelled" => Some("The parts request is already cancelled."),
            "shipped" | "received" => Some("The parts request can no longer be cancelled."),
            _ => None,
        };
        if let Some(message) = refused {
            return Err(Refusal::Message(message.to_owned()));
        }
        row.insert("status".to_owned(), Value::from("cancelled"));
        return Ok(keep(register, resource, id, row, now, "cancelled"));
    }
    row.insert("deleted_at".to_owned(), Value::from(stamp(now)));
    let mut answer = keep(register, resource, id, row, now, "deleted");
    if let Some(payload) = answer.get_mut("payload") {
        *payload = Value::Null;
    }
    Ok(answer)
}

fn table<'r>(register: &'r mut Register, resource: &Resource) -> &'r mut Table {
    match resource.path {
        "hardware" => &mut register.hardware,
        "maintenances" => &mut register.maintenances,
        _ => &mut register.parts_requests,
    }
}

fn find(register: &mut Register, resource: &Resource, id: &str) -> Result<(u64, Row), Refusal> {
    let id = id.parse().map_err(|_| resource.missing())?;
    let row = table(register, resource).live(id).cloned().ok_or_else(|| resource.missing())?;
    Ok((id, row))
}

fn keep(register: &mut Register, resource: &Resource, id: u64, mut row: Row, now: i64, done: &str) -> Value {
    let at = Value::from(stamp(now));
    if resource.path == "parts-requests" {
        let cancelled = text(&row, "status") == "cancelled";
        row.insert("cancelled_at".to_owned(), if cancelled { at.clone() } else { Value::Null });
    } else {
        row.entry("deleted_at").or_insert(Value::Null);
        let school = school(register, &row);
        row.insert("_snipeit_school_4".to_owned(), school);
    }
    row.insert("updated_at".to_owned(), at);
    table(register, resource).rows.insert(id, row.clone());
    let message = format!("{} {done} successfully.", resource.title());
    json!({"status": "success", "messages": message, "payload": row})
}

/// The custom field `School` is filled by the district's own hook, from the notes of the row's location or of
/// its asset's; nobody else writes it.
fn school(register: &Register, row: &Row) -> Value {
    let asset = number(row, "asset_id").and_then(|id| register.hardware.rows.get(&id));
    let location = number(asset.unwrap_or(row), "location_id");
    let location = location.and_then(|id| register.locations.rows.get(&id));
    Value::from(location.map_or("", |location| text(location, "notes")))
}

/// The row with what the body changes, or every fault of it.
fn validated(
    register: &Register,
    resource: &Resource,
    body: &Row,
    current: Option<Row>,
) -> Result<Row, Refusal> {
    let new = current.is_none();
    let id = current.as_ref().and_then(|row| number(row, "id"));
    let mut row = current.unwrap_or_default();
    let mut faults = Faults::new();
    let mut take = |columns: &[Column], row: &mut Row| {
        for column in columns {
            match column.take(register, body, new) {
                Ok(None) => {}
                Ok(Some(value)) => {
                    row.insert(column.name.to_owned(), value);
                }
                Err(message) => faults.entry(column.name.to_owned()).or_default().push(message),
            }
        }
    };
    match resource.path {
        "hardware" => {
            take(columns::HARDWARE, &mut row);
            // The model decides which custom fields there are.
            match number(&row, "model_id") {
                Some(model) if is_vehicle(model) => take(columns::VEHICLE, &mut row),
                Some(_) => take(columns::EQUIPMENT, &mut row),
                None => {}
            }
            for column in ["asset_tag", "serial"] {
                unique(&register.hardware, &row, id, column, &mut faults);
            }
        }
        "maintenances" => {
            take(columns::MAINTENANCE, &mut row);
            maintained(&mut row, &mut faults);
        }
        _ => {
            take(columns::PARTS_REQUEST, &mut row);
            unique(&register.parts_requests, &row, id, "reservation_reference", &mut faults);
            fits(register, &row, &mut faults);
        }
    }
    if faults.is_empty() { Ok(row) } else { Err(Refusal::Fields(faults)) }
}

/// Two live rows may not share a text; nothing is no text.
fn unique(table: &Table, row: &Row, id: Option<u64>, column: &str, faults: &mut Faults) {
    let value = text(row, column);
    let same = |other: &Row| text(other, column).eq_ignore_ascii_case(value);
    let mut others = table.rows.iter().filter(|(other, row)| Some(**other) != id && !trashed(row));
    if !value.is_empty() && others.any(|(_, other)| same(other)) {
        let message = format!("The {} must be unique.", column.replace('_', " "));
        faults.entry(column.to_owned()).or_default().push(message);
    }
}

/// Counts the days of a maintenance, which may not end before it began.
fn maintained(row: &mut Row, faults: &mut Faults) {
    let day = |column: &str| text(row, column).parse::<Date>().ok();
    let days = day("start_date").zip(day("completion_date")).map(|(start, end)| {
        // A day has 86,400 seconds here: dates have no zone.
        end.duration_since(start).as_secs() / 86_400
    });
    if days.is_some_and(|days| days < 0) {
        let message = "The completion date must be a date after or equal to start date.".to_owned();
        faults.entry("completion_date".to_owned()).or_default().push(message);
    }
    row.insert("asset_maintenance_time".to_owned(), Value::from(days));
}

/// Parts are asked for vehicles, and by the school that has them.
fn fits(register: &Register, row: &Row, faults: &mut Faults) {
    let Some(asset) = number(row, "asset_id").and_then(|id| register.hardware.live(id)) else { return };
    let message = if !number(asset, "model_id").is_some_and(is_vehicle) {
        "The asset is not a vehicle."
    } else if text(asset, "_snipeit_school_4") != text(row, "school") && !text(row, "school").is_empty() {
        "The asset does not belong to the school."
    } else {
        return;
    };
    faults.entry("asset_id".to_owned()).or_default().push(message.to_owned());
}
