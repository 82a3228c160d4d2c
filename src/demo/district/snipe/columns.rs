//! What may be written into a column, and the sentences that refuse it. Which columns a resource has is said
//! here, too; rules over several columns are `write`'s.

use jiff::civil::Date;
use serde_json::Value;

use super::resource::is_open;
use super::{Register, Row, Table};
use crate::demo::district::content::words::{LABELS, MODELS, SUPPLIERS};

/// One column that can be written. Columns that are not listed are left aside without a word.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    rule: Rule,
    required: bool,
    /// What a new row has when nothing is sent, for words; other rules begin with nothing.
    initial: &'static str,
}

#[derive(Clone, Copy)]
enum Rule {
    /// At most so many characters; nothing is `""`.
    Text(usize),
    /// From and to.
    Whole(u64, u64),
    /// A number whose cents are kept: `39900.00`.
    Money,
    /// Digits and perhaps a point, kept as a text.
    Numeric,
    /// `2020-03-01`.
    Day,
    Flag,
    OneOf(&'static [&'static str]),
    /// The id of a live row.
    Row(fn(&Register) -> &Table),
    /// An id of a table that never changes.
    Known(fn(u64) -> bool),
    /// The `sourcedId` of a school that was not closed.
    School,
}

const fn column(name: &'static str, rule: Rule) -> Column {
    Column { name, rule, required: false, initial: "" }
}

const fn required(name: &'static str, rule: Rule) -> Column {
    Column { name, rule, required: true, initial: "" }
}

const fn word(name: &'static str, list: &'static [&'static str], initial: &'static str) -> Column {
    Column { name, rule: Rule::OneOf(list), required: false, initial }
}

pub(super) const HARDWARE: &[Column] = &[
    required("asset_tag", Rule::Text(255)),
    required("model_id", Rule::Known(|id| MODELS.iter().any(|(known, ..)| *known == id))),
    required("status_id", Rule::Known(|id| LABELS.iter().any(|(known, ..)| *known == id))),
    column("name", Rule::Text(255)),
    column("serial", Rule::Text(255)),
    column("location_id", Rule::Row(|register| &register.locations)),
    column("supplier_id", Rule::Known(|id| SUPPLIERS.iter().any(|(known, _)| *known == id))),
    column("order_number", Rule::Text(191)),
    column("purchase_date", Rule::Day),
    column("purchase_cost", Rule::Money),
    column("warranty_months", Rule::Whole(0, 240)),
    column("notes", Rule::Text(65_535)),
];

/// Custom fields of the category Vehicles.
pub(super) const VEHICLE: &[Column] = &[
    column("_snipeit_vin_1", Rule::Text(255)),
    column("_snipeit_license_plate_2", Rule::Text(255)),
    column("_snipeit_odometer_3", Rule::Numeric),
    column("_snipeit_seats_5", Rule::Numeric),
    column("_snipeit_fuel_6", Rule::Text(255)),
    column("_snipeit_model_year_8", Rule::Numeric),
];

/// Custom fields of all other categories.
pub(super) const EQUIPMENT: &[Column] = &[column("_snipeit_room_7", Rule::Text(255))];

/// As the register's documentation lists them.
const MAINTENANCE_TYPES: &[&str] =
    &["Maintenance", "Repair", "PAT Test", "Upgrade", "Hardware Support", "Software Support", "Calibration"];
const REQUEST_STATUSES: &[&str] = &["open", "approved", "in_progress", "completed", "rejected", "cancelled"];

pub(super) const MAINTENANCE: &[Column] = &[
    required("asset_id", Rule::Row(|register| &register.hardware)),
    required("asset_maintenance_type", Rule::OneOf(MAINTENANCE_TYPES)),
    required("title", Rule::Text(100)),
    required("start_date", Rule::Day),
    column("completion_date", Rule::Day),
    column("supplier_id", Rule::Known(|id| SUPPLIERS.iter().any(|(known, _)| *known == id))),
    column("is_warranty", Rule::Flag),
    column("cost", Rule::Money),
    column("notes", Rule::Text(65_535)),
    word("_snipeit_request_status_9", REQUEST_STATUSES, "open"),
    word("_snipeit_priority_10", &["low", "normal", "high"], "normal"),
    column("_snipeit_requested_by_11", Rule::Text(64)),
];

const PARTS_STATUSES: &[&str] = &["pending", "reserved", "ordered", "shipped", "received", "cancelled"];

pub(super) const PARTS_REQUEST: &[Column] = &[
    required("school", Rule::School),
    required("part_number", Rule::Text(64)),
    required("quantity", Rule::Whole(1, 9_999)),
    column("asset_id", Rule::Row(|register| &register.hardware)),
    word("status", PARTS_STATUSES, "pending"),
    column("reservation_reference", Rule::Text(64)),
    column("requested_by", Rule::Text(64)),
    column("notes", Rule::Text(65_535)),
];

impl Column {
    /// What the body puts into the column: `None` leaves it as it is.
    pub(super) fn take(&self, register: &Register, body: &Row, new: bool) -> Result<Option<Value>, String> {
        let sent = match body.get(self.name) {
            // The framework trims texts, and takes an empty one for nothing.
            Some(Value::String(text)) => Some(Value::from(text.trim())),
            other => other.cloned(),
        };
        match sent {
            None if !new => Ok(None),
            None if !self.required => Ok(Some(self.nothing())),
            Some(value) if !is_nothing(&value) => self.read(register, &value).map(Some),
            _ if self.required => Err(format!("The {} field is required.", self.label())),
            _ => Ok(Some(self.nothing())),
        }
    }

    fn nothing(&self) -> Value {
        match self.rule {
            Rule::Text(_) | Rule::Numeric | Rule::School | Rule::OneOf(_) => Value::from(self.initial),
            Rule::Flag => Value::from(0),
            _ => Value::Null,
        }
    }

    fn read(&self, register: &Register, value: &Value) -> Result<Value, String> {
        let label = self.label();
        let selected = || format!("The selected {label} is invalid.");
        let text = plain(value);
        let id = || text.as_deref().and_then(|text| text.parse::<u64>().ok());
        match self.rule {
            Rule::Text(most) => match value.as_str() {
                None => Err(format!("The {label} must be a string.")),
                Some(text) if text.chars().count() > most => {
                    Err(format!("The {label} may not be greater than {most} characters."))
                }
                Some(text) => Ok(Value::from(text)),
            },
            Rule::Whole(least, most) => match id() {
                None => Err(format!("The {label} must be an integer.")),
                Some(number) if number < least => Err(format!("The {label} must be at least {least}.")),
                Some(number) if number > most => Err(format!("The {label} may not be greater than {most}.")),
                Some(number) => Ok(Value::from(number)),
            },
            Rule::Money => {
                let money = text.as_deref().and_then(cents);
                money.map(Value::from).ok_or_else(|| format!("The {label} must be a number."))
            }
            Rule::Numeric => {
                let digits = text.filter(|text| cents(text).is_some());
                digits.map(Value::from).ok_or_else(|| format!("The {label} must be a number."))
            }
            Rule::Day => {
                // A date of ten characters; the calendar of `jiff` knows which days there are.
                let day = value.as_str().filter(|text| text.len() == 10 && text.parse::<Date>().is_ok());
                day.map(Value::from).ok_or_else(|| format!("The {label} is not a valid date."))
            }
            Rule::Flag => match text.as_deref() {
                Some("1" | "true") => Ok(Value::from(1)),
                Some("0" | "false") => Ok(Value::from(0)),
                _ => Err(format!("The {label} field must be true or false.")),
            },
            Rule::OneOf(list) => {
                let known = value.as_str().filter(|text| list.contains(text));
                known.map(Value::from).ok_or_else(selected)
            }
            Rule::Row(table) => {
                let found = id().filter(|id| table(register).live(*id).is_some());
                found.map(Value::from).ok_or_else(selected)
            }
            Rule::Known(known) => id().filter(|id| known(*id)).map(Value::from).ok_or_else(selected),
            Rule::School => {
                let open = value.as_str().filter(|school| is_open(register, school));
                open.map(Value::from).ok_or_else(selected)
            }
        }
    }

    /// The name as sentences have it: `asset tag`; custom fields keep that of their column.
    fn label(&self) -> String {
        if self.name.starts_with('_') { self.name.to_owned() } else { self.name.replace('_', " ") }
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// Texts, numbers and truth as PHP sees them: as a text.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// A decimal of at most thirteen digits before the point, with two behind it, rounded half up as the database
/// does.
fn cents(text: &str) -> Option<String> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 13 || !digits(whole) || !digits(rest) || text.ends_with('.') {
        return None;
    }
    let behind: u64 = format!("{rest:0<3}").get(..3)?.parse().ok()?;
    let all = whole.parse::<u64>().ok()? * 100 + (behind + 5) / 10;
    Some(format!("{}.{:02}", all / 100, all % 100))
}

#[cfg(test)]
mod tests {
    use super::cents;

    #[test]
    fn money_keeps_two_places() {
        for (text, kept) in [
            ("39900", Some("39900.00")),
            ("39900.5", Some("39900.50")),
            ("0.995", Some("1.00")),
            ("0.994999", Some("0.99")),
            ("1,000", None),
            ("-1", None),
            ("1.", None),
            (".5", None),
            ("1e3", None),
            ("12345678901234", None),
        ] {
            assert_eq!(cents(text).as_deref(), kept, "{text}");
        }
    }
}
