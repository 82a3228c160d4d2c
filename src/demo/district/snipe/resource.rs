//! What each path of the register has: its table, the columns to sort, search and filter by, and its words.
//! It holds no logic of lists or writes.

use serde_json::{Value, json};

use super::print::{self, escaped};
use super::{Refusal, Register, Row, Table, number, text, trashed};
use crate::demo::district::content::words::{CATEGORIES, LABELS, MAKERS, MODELS, SCHOOLS, SUPPLIERS, School};

/// One path.
pub(super) struct Resource {
    pub(super) path: &'static str,
    /// As its own sentences call a record, `asset`.
    pub(super) noun: &'static str,
    pub(super) written: bool,
    /// Names for `sort`.
    pub(super) sorted: &'static [&'static str],
    /// Columns that `search` looks into.
    pub(super) searched: &'static [&'static str],
    /// Parameters that have to equal a column.
    pub(super) filtered: &'static [&'static str],
    table: Option<fn(&Register) -> &Table>,
    /// Reads a deleted row by its id, too.
    shows_deleted: bool,
    print: fn(&Register, &Row) -> Value,
}

const fn small(path: &'static str, noun: &'static str) -> Resource {
    Resource {
        path,
        noun,
        written: false,
        sorted: &["id", "name"],
        searched: &["name", "notes"],
        filtered: &["name"],
        table: None,
        shows_deleted: false,
        print: |_, row| print::plain(row),
    }
}

const RESOURCES: [Resource; 9] = [
    Resource {
        path: "hardware",
        noun: "asset",
        written: true,
        sorted: &[
            "id",
            "name",
            "asset_tag",
            "serial",
            "model",
            "category",
            "location",
            "status_label",
            "manufacturer",
            "supplier",
            "notes",
            "order_number",
            "purchase_date",
            "purchase_cost",
            "created_at",
            "updated_at",
            "_snipeit_vin_1",
            "_snipeit_license_plate_2",
            "_snipeit_odometer_3",
            "_snipeit_school_4",
            "_snipeit_model_year_8",
        ],
        searched: &[
            "name",
            "asset_tag",
            "serial",
            "notes",
            "order_number",
            "model",
            "category",
            "location",
            "manufacturer",
            "_snipeit_vin_1",
            "_snipeit_license_plate_2",
            "_snipeit_school_4",
        ],
        filtered: &[
            "status_id",
            "model_id",
            "category_id",
            "location_id",
            "manufacturer_id",
            "supplier_id",
            "order_number",
        ],
        table: Some(|register| &register.hardware),
        shows_deleted: true,
        print: print::hardware,
    },
    Resource {
        path: "maintenances",
        noun: "asset maintenance",
        written: true,
        sorted: &[
            "id",
            "title",
            "asset_maintenance_time",
            "asset_maintenance_type",
            "cost",
            "start_date",
            "completion_date",
            "notes",
            "asset_tag",
            "asset_name",
            "created_at",
            "updated_at",
            "_snipeit_request_status_9",
        ],
        searched: &["title", "notes", "asset_maintenance_type", "asset_tag", "asset_name"],
        // The real one knows `asset_id` and `supplier_id`; this district added the other two.
        filtered: &["asset_id", "supplier_id", "location_id", "request_status"],
        table: Some(|register| &register.maintenances),
        shows_deleted: false,
        print: print::maintenance,
    },
    Resource {
        path: "maintenance-schedules",
        noun: "maintenance schedule",
        written: false,
        sorted: &[
            "id",
            "title",
            "interval_weeks",
            "interval_miles",
            "last_completed",
            "next_due",
            "asset_tag",
            "asset_name",
            "created_at",
            "updated_at",
        ],
        searched: &["title", "notes", "asset_tag", "asset_name"],
        filtered: &["asset_id", "location_id", "active"],
        table: Some(|register| &register.schedules),
        shows_deleted: false,
        print: print::schedule,
    },
    Resource {
        path: "parts-requests",
        noun: "parts request",
        written: true,
        sorted: &[
            "id",
            "part_number",
            "quantity",
            "status",
            "school",
            "asset_tag",
            "asset_name",
            "created_at",
            "updated_at",
        ],
        searched: &["part_number", "reservation_reference", "notes", "asset_tag", "asset_name"],
        filtered: &["asset_id", "location_id", "school", "status", "part_number", "reservation_reference"],
        table: Some(|register| &register.parts_requests),
        shows_deleted: false,
        print: print::parts_request,
    },
    Resource {
        table: Some(|register| &register.locations),
        print: print::location,
        ..small("locations", "location")
    },
    Resource { filtered: &["name", "category_id", "manufacturer_id"], ..small("models", "model") },
    small("categories", "category"),
    small("statuslabels", "status label"),
    small("suppliers", "supplier"),
];

impl Resource {
    pub(super) fn named(path: &str) -> Option<&'static Self> {
        static ALL: [Resource; 9] = RESOURCES;
        ALL.iter().find(|resource| resource.path == path)
    }

    /// Rows with their ids in ascending order, the deleted ones too.
    pub(super) fn rows(&self, register: &Register) -> Vec<Row> {
        match self.table {
            Some(table) => table(register).rows.values().cloned().collect(),
            None => fixed(self.path),
        }
    }

    pub(super) fn print(&self, register: &Register, row: &Row) -> Value {
        (self.print)(register, row)
    }

    pub(super) fn show(&self, register: &Register, id: &str) -> Result<Value, Refusal> {
        let id = id.parse::<u64>().map_err(|_| self.missing())?;
        let found = self.rows(register).into_iter().find(|row| number(row, "id") == Some(id));
        let row = found.filter(|row| self.shows_deleted || !trashed(row)).ok_or_else(|| self.missing())?;
        Ok(self.print(register, &row))
    }

    pub(super) fn missing(&self) -> Refusal {
        Refusal::Message(format!("{} does not exist.", self.title()))
    }

    /// The noun at the beginning of a sentence.
    pub(super) fn title(&self) -> String {
        let mut letters = self.noun.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    }
}

/// Tables that nobody ever changes.
fn fixed(path: &str) -> Vec<Row> {
    let rows: Vec<Value> = match path {
        "models" => MODELS
            .iter()
            .map(|(id, name, number, category, maker, ..)| {
                json!({
                    "id": id, "name": name, "model_number": number,
                    "category_id": category, "manufacturer_id": maker,
                })
            })
            .collect(),
        "categories" => CATEGORIES.iter().map(|(id, name)| json!({"id": id, "name": name})).collect(),
        "statuslabels" => {
            let row = |(id, name, kind): &(u64, &str, &str)| json!({"id": id, "name": name, "type": kind});
            LABELS.iter().map(row).collect()
        }
        _ => SUPPLIERS.iter().map(|(id, name)| json!({"id": id, "name": name})).collect(),
    };
    rows.into_iter().filter_map(|row| row.as_object().cloned()).collect()
}

/// A column, or what a join would give under that name; null where there is nothing.
pub(super) fn column(register: &Register, row: &Row, name: &str) -> Value {
    if let Some(value) = row.get(name) {
        return value.clone();
    }
    let asset = number(row, "asset_id").and_then(|id| register.hardware.rows.get(&id));
    let of_asset = |column: &str| asset.and_then(|asset| asset.get(column)).cloned().unwrap_or_default();
    let model = number(row, "model_id").and_then(|id| MODELS.iter().find(|(known, ..)| *known == id));
    match name {
        "asset_tag" => of_asset("asset_tag"),
        "asset_name" => of_asset("name"),
        "location_id" if row.contains_key("school") => location_of(register, text(row, "school")).into(),
        "location_id" => of_asset("location_id"),
        "request_status" => row.get("_snipeit_request_status_9").cloned().unwrap_or_default(),
        "category_id" => model.map(|(_, _, _, category, ..)| *category).into(),
        "manufacturer_id" => model.map(|(_, _, _, _, maker, ..)| *maker).into(),
        "model" => model.map(|(_, name, ..)| *name).into(),
        "category" => model.and_then(|(_, _, _, id, ..)| named(&CATEGORIES, *id)).into(),
        "manufacturer" => model.and_then(|(_, _, _, _, id, ..)| named(&MAKERS, *id)).into(),
        "supplier" => number(row, "supplier_id").and_then(|id| named(&SUPPLIERS, id)).into(),
        "location" => number(row, "location_id")
            .and_then(|id| register.locations.rows.get(&id))
            .map(|location| text(location, "name"))
            .into(),
        "status_label" => label(row).map(|(_, name, _)| *name).into(),
        _ => Value::Null,
    }
}

pub(super) fn label(row: &Row) -> Option<&'static (u64, &'static str, &'static str)> {
    let id = number(row, "status_id")?;
    LABELS.iter().find(|(known, ..)| *known == id)
}

pub(super) fn named(list: &[(u64, &'static str)], id: u64) -> Option<&'static str> {
    list.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

/// The location whose notes are this `sourcedId`.
pub(super) fn location_of(register: &Register, school: &str) -> Option<u64> {
    let found = register.locations.rows.iter().find(|(_, location)| text(location, "notes") == school);
    found.map(|(id, _)| *id)
}

/// Whether a school takes requests: it is there and was not closed.
pub(super) fn is_open(register: &Register, school: &str) -> bool {
    let number = location_of(register, school).and_then(|id| usize::try_from(id).ok());
    let school: Option<&School> = number.and_then(|id| SCHOOLS.get(id.checked_sub(1)?));
    school.is_some_and(|school| !school.closed)
}

/// An id with its name, as rows refer to others; null where there is no such row.
pub(super) fn reference(id: Option<u64>, name: Option<&str>) -> Value {
    match (id, name) {
        (Some(id), Some(name)) => json!({"id": id, "name": escaped(name)}),
        _ => Value::Null,
    }
}
