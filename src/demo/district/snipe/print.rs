//! What readers of the register get: ids with names, dates as objects, money with two places, texts escaped
//! for HTML. Times are UTC and do not say so.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use serde_json::{Map, Value, json};

use super::resource::{Resource, column, label, location_of, reference};
use super::{Refusal, Register, Row, number, text, trashed};
use crate::demo::district::content::assets::is_vehicle;
use crate::demo::district::content::words::{DISTRICT, MODELS};

/// A custom field: its name, its column, and the format that the register checks it by.
type Custom = (&'static str, &'static str, &'static str);

const VEHICLE: &[Custom] = &[
    ("VIN", "_snipeit_vin_1", "ANY"),
    ("License plate", "_snipeit_license_plate_2", "ANY"),
    ("Odometer", "_snipeit_odometer_3", "NUMERIC"),
    SCHOOL,
    ("Seats", "_snipeit_seats_5", "NUMERIC"),
    ("Fuel", "_snipeit_fuel_6", "ANY"),
    ("Model year", "_snipeit_model_year_8", "NUMERIC"),
];
const EQUIPMENT: &[Custom] = &[SCHOOL, ("Room", "_snipeit_room_7", "ANY")];
const MAINTENANCE: &[Custom] = &[
    ("Request status", "_snipeit_request_status_9", "ANY"),
    ("Priority", "_snipeit_priority_10", "ANY"),
    ("Requested by", "_snipeit_requested_by_11", "ANY"),
    SCHOOL,
];
const SCHOOL: Custom = ("School", "_snipeit_school_4", "ANY");

/// Unix seconds as the database keeps a moment: `2020-03-01 09:00:00`.
pub(in super::super) fn stamp(moment: i64) -> String {
    Timestamp::from_second(moment).unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

pub(super) fn by_tag(register: &Register, tag: &str) -> Result<Value, Refusal> {
    let mut rows = register.hardware.rows.values().filter(|row| !trashed(row));
    let row = rows.find(|row| text(row, "asset_tag").eq_ignore_ascii_case(tag));
    row.map(|row| hardware(register, row)).ok_or_else(missing_asset)
}

/// As the real one does: a list, although serials are unique here.
pub(super) fn by_serial(register: &Register, serial: &str) -> Result<Value, Refusal> {
    let rows = register.hardware.rows.values().filter(|row| !trashed(row));
    let rows: Vec<Value> = rows
        .filter(|row| text(row, "serial").eq_ignore_ascii_case(serial))
        .map(|row| hardware(register, row))
        .collect();
    if rows.is_empty() { Err(missing_asset()) } else { Ok(json!({"total": rows.len(), "rows": rows})) }
}

fn missing_asset() -> Refusal {
    Resource::named("hardware").map_or_else(|| Refusal::Message(String::new()), Resource::missing)
}

pub(super) fn hardware(register: &Register, row: &Row) -> Value {
    let model = number(row, "model_id");
    let joined = |name: &str| column(register, row, name);
    let refer = |id: &str, name: &str| reference(joined(id).as_u64(), joined(name).as_str());
    let assigned = number(row, "assigned_to");
    let status = label(row).map(|(id, name, kind)| {
        let meta = if *kind == "deployable" && assigned.is_some() { "deployed" } else { kind };
        json!({"id": id, "name": name, "status_type": kind, "status_meta": meta})
    });
    let assigned = match location_name(register, assigned) {
        Some(name) => json!({"id": assigned, "name": escaped(name), "type": "location"}),
        None => Value::Null,
    };
    let months = number(row, "warranty_months").filter(|months| *months > 0);
    let expires = months.zip(text(row, "purchase_date").parse::<Date>().ok());
    let expires =
        expires.and_then(|(months, day)| day.checked_add(i32::try_from(months).ok()?.months()).ok());
    let custom = if model.is_some_and(is_vehicle) { VEHICLE } else { EQUIPMENT };
    json!({
        "id": row.get("id"),
        "name": escaped(text(row, "name")),
        "asset_tag": escaped(text(row, "asset_tag")),
        "serial": escaped(text(row, "serial")),
        "model": refer("model_id", "model"),
        "model_number": model_number(model),
        "eol": null,
        "status_label": status,
        "category": refer("category_id", "category"),
        "manufacturer": refer("manufacturer_id", "manufacturer"),
        "supplier": refer("supplier_id", "supplier"),
        "notes": escaped(text(row, "notes")),
        "order_number": optional(row, "order_number"),
        "company": {"id": 1, "name": DISTRICT},
        "location": refer("location_id", "location"),
        "rtd_location": refer("location_id", "location"),
        "image": null,
        "assigned_to": assigned,
        "warranty_months": months.map(|months| format!("{months} months")),
        "warranty_expires": expires.map(|day| date(&day.to_string())),
        "created_at": moment(text(row, "created_at")),
        "updated_at": moment(text(row, "updated_at")),
        "deleted_at": moment(text(row, "deleted_at")),
        "purchase_date": date(text(row, "purchase_date")),
        "purchase_cost": row.get("purchase_cost"),
        "custom_fields": custom_fields(row, custom),
        "available_actions": actions(!trashed(row)),
    })
}

pub(super) fn maintenance(register: &Register, row: &Row) -> Value {
    json!({
        "id": row.get("id"),
        "asset": asset(register, row),
        "title": escaped(text(row, "title")),
        "location": location_reference(register, row),
        "notes": escaped(text(row, "notes")),
        "supplier": reference(number(row, "supplier_id"), column(register, row, "supplier").as_str()),
        "cost": row.get("cost"),
        "asset_maintenance_type": escaped(text(row, "asset_maintenance_type")),
        "start_date": date(text(row, "start_date")),
        "asset_maintenance_time": row.get("asset_maintenance_time"),
        "completion_date": date(text(row, "completion_date")),
        "is_warranty": row.get("is_warranty"),
        "custom_fields": custom_fields(row, MAINTENANCE),
        "created_at": moment(text(row, "created_at")),
        "updated_at": moment(text(row, "updated_at")),
        "available_actions": actions(!trashed(row)),
    })
}

/// Intervals in weeks, in miles, or in both, whichever ends first; `active` is 0 or 1.
pub(super) fn schedule(register: &Register, row: &Row) -> Value {
    json!({
        "id": row.get("id"),
        "asset": asset(register, row),
        "title": escaped(text(row, "title")),
        "location": location_reference(register, row),
        "interval_weeks": row.get("interval_weeks"),
        "interval_miles": row.get("interval_miles"),
        "last_completed": date(text(row, "last_completed")),
        "next_due": date(text(row, "next_due")),
        "next_due_miles": row.get("next_due_miles"),
        "active": row.get("active"),
        "notes": escaped(text(row, "notes")),
        "custom_fields": custom_fields(row, &[SCHOOL]),
        "created_at": moment(text(row, "created_at")),
        "updated_at": moment(text(row, "updated_at")),
        "available_actions": actions(false),
    })
}

pub(super) fn parts_request(register: &Register, row: &Row) -> Value {
    let school = text(row, "school");
    let location = location_of(register, school);
    let open = !["received", "cancelled"].contains(&text(row, "status"));
    json!({
        "id": row.get("id"),
        "school": {
            "id": location,
            "name": location_name(register, location).map(escaped),
            "sourced_id": school,
        },
        "asset": asset(register, row),
        "part_number": escaped(text(row, "part_number")),
        "quantity": row.get("quantity"),
        "status": escaped(text(row, "status")),
        "reservation_reference": escaped(text(row, "reservation_reference")),
        "requested_by": escaped(text(row, "requested_by")),
        "notes": escaped(text(row, "notes")),
        "cancelled_at": moment(text(row, "cancelled_at")),
        "created_at": moment(text(row, "created_at")),
        "updated_at": moment(text(row, "updated_at")),
        "available_actions": actions(open),
    })
}

pub(super) fn location(register: &Register, row: &Row) -> Value {
    let id = number(row, "id");
    let assets = register.hardware.rows.values();
    let assets = assets.filter(|asset| !trashed(asset) && number(asset, "location_id") == id).count();
    json!({
        "id": id,
        "name": escaped(text(row, "name")),
        "address": escaped(text(row, "address")),
        "city": escaped(text(row, "city")),
        "state": escaped(text(row, "state")),
        "country": escaped(text(row, "country")),
        "zip": escaped(text(row, "zip")),
        "notes": escaped(text(row, "notes")),
        "assets_count": assets,
        "created_at": moment(text(row, "created_at")),
        "updated_at": moment(text(row, "updated_at")),
        "available_actions": actions(false),
    })
}

/// A row of a table that never changes, with its texts escaped.
pub(super) fn plain(row: &Row) -> Value {
    let escape = |value: &Value| value.as_str().map_or_else(|| value.clone(), |text| escaped(text).into());
    Value::Object(row.iter().map(|(name, value)| (name.clone(), escape(value))).collect())
}

/// The asset that a row is about, deleted or not, with its tag.
fn asset(register: &Register, row: &Row) -> Value {
    let asset = number(row, "asset_id").and_then(|id| register.hardware.rows.get(&id));
    asset.map_or(Value::Null, |asset| {
        json!({
            "id": asset.get("id"),
            "name": escaped(text(asset, "name")),
            "asset_tag": escaped(text(asset, "asset_tag")),
        })
    })
}

fn location_name(register: &Register, id: Option<u64>) -> Option<&str> {
    Some(text(register.locations.rows.get(&id?)?, "name"))
}

fn location_reference(register: &Register, row: &Row) -> Value {
    let id = column(register, row, "location_id").as_u64();
    reference(id, location_name(register, id))
}

fn model_number(model: Option<u64>) -> Option<String> {
    MODELS.iter().find(|(id, ..)| Some(*id) == model).map(|(_, _, number, ..)| escaped(number))
}

fn optional(row: &Row, column: &str) -> Option<String> {
    Some(text(row, column)).filter(|text| !text.is_empty()).map(escaped)
}

fn custom_fields(row: &Row, fields: &[Custom]) -> Value {
    let fields = fields.iter().map(|(name, column, format)| {
        let value = escaped(text(row, column));
        let field = json!({"field": column, "value": value, "field_format": format, "element": "text"});
        ((*name).to_owned(), field)
    });
    Value::Object(fields.collect::<Map<String, Value>>())
}

fn actions(changed: bool) -> Value {
    json!({"update": changed, "delete": changed})
}

/// A date as an object; null for nothing.
fn date(text: &str) -> Value {
    match text.parse::<Date>() {
        Ok(day) => json!({"date": text, "formatted": day.strftime("%a %b %d, %Y").to_string()}),
        Err(_) => Value::Null,
    }
}

/// A moment as an object; null for nothing.
fn moment(text: &str) -> Value {
    match DateTime::strptime("%Y-%m-%d %H:%M:%S", text) {
        Ok(time) => {
            json!({"datetime": text, "formatted": time.strftime("%a %b %d, %Y %-I:%M%p").to_string()})
        }
        Err(_) => Value::Null,
    }
}

/// A text as it may stand in HTML, quotes included; what is escaped already is escaped again.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#039;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{date, escaped, moment, stamp};

    #[test]
    fn dates_are_objects() {
        assert_eq!(date("2020-03-01"), json!({"date": "2020-03-01", "formatted": "Sun Mar 01, 2020"}));
        assert_eq!(stamp(1_583_053_200), "2020-03-01 09:00:00");
        assert_eq!(
            moment("2020-03-01 09:00:00"),
            json!({"datetime": "2020-03-01 09:00:00", "formatted": "Sun Mar 01, 2020 9:00AM"})
        );
        assert_eq!((date(""), moment("")), (json!(null), json!(null)));
    }

    #[test]
    fn texts_are_escaped_again_and_again() {
        assert_eq!(escaped("O'Malley & \"<b>\""), "O&#039;Malley &amp; &quot;&lt;b&gt;&quot;");
        assert_eq!(escaped("&amp;"), "&amp;amp;");
    }
}
