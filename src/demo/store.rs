//! The seed data as `INSERT` statements that `SQLite`, `PostgreSQL` and `MariaDB` take alike. It makes no tables and runs
//! nothing: who owns a database creates the schema and executes the statements in the order given. Who seals what a
//! table holds does so in the rows, before they become statements.
//!
//! What keeps them portable: text is quoted by doubling `'` and by nothing else (`MariaDB` must run with
//! `NO_BACKSLASH_ESCAPES`, `PostgreSQL` with `standard_conforming_strings`, its default); booleans are the literals
//! `true` and `false`; ids and times are quoted literals, which each database coerces to its column's type, be it
//! text, number or timestamp. Times alone are not alike: `MariaDB` in its strict mode takes no `T` with a `Z`.

use serde_json::{Value, json};

use super::clock::rfc3339;
use super::seed::{Customer, MedicalRecord, Pet, Seed};

/// Rows in one statement: small enough for every server's packet limit.
const ROWS: usize = 100;

/// How a database takes a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// `2014-05-15T08:02:36Z`: `SQLite` and `PostgreSQL`.
    Rfc3339,
    /// `2014-05-15 08:02:36`, in UTC: `MariaDB`.
    Plain,
}

/// A table with its rows, before it is text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Null,
    /// A text, a time, or the key of something.
    Text(String),
    /// A number or a truth, as SQL has it.
    Bare(String),
}

impl Cell {
    /// The value, whatever it is.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Null => None,
            Self::Text(text) | Self::Bare(text) => Some(text),
        }
    }
}

/// The statements for all tables, parents before children, each without its semicolon and with at most a hundred rows.
pub fn inserts(seed: &Seed, times: Times) -> Vec<String> {
    statements(&tables(seed, times))
}

/// The rows of `customers`, `emergency_contacts`, `payment_options`, `pets`, `pet_photos` and `medical_records`.
pub fn tables(seed: &Seed, times: Times) -> Vec<Table> {
    let customers = seed.customers.iter().map(|one| customer(one, times)).collect();
    let contacts = seed.customers.iter().flat_map(|c| {
        c.emergency_contacts
            .iter()
            .enumerate()
            .map(|(at, e)| vec![text(&c.id), bare(at), text(&e.name), text(&e.phone), text(&e.relation)])
    });
    let payments = seed.customers.iter().flat_map(|c| {
        c.payment_options
            .iter()
            .enumerate()
            .map(|(at, p)| vec![text(&c.id), bare(at), text(&p.token), text(&p.brand), text(&p.last4)])
    });
    let photos = seed.pets.iter().flat_map(|pet| {
        pet.photos.iter().enumerate().map(|(at, photo)| {
            vec![text(&pet.id), bare(at), text(&photo.url), number(photo.width), number(photo.height)]
        })
    });
    let table = |name, columns: &str, rows| {
        let columns = columns.split(", ").map(str::to_owned).collect();
        Table { name, columns, rows }
    };
    vec![
        table(
            "customers",
            "id, given_name, family_name, email, phone, street, city, region, postal_code, country, language, \
             preferred_channel, marketing, status, created_at, updated_at, version",
            customers,
        ),
        table("emergency_contacts", "customer_id, position, name, phone, relation", contacts.collect()),
        table("payment_options", "customer_id, position, token, brand, last4", payments.collect()),
        table(
            "pets",
            "id, owner_id, name, species, breed_primary, breed_secondary, mixed, sex_code, birth_date, \
             birth_estimated, weight, weight_unit, colors, microchip, behavior_notes, visibility, status, \
             created_at, updated_at, version",
            seed.pets.iter().map(|one| pet(one, times)).collect(),
        ),
        table("pet_photos", "pet_id, position, url, width, height", photos.collect()),
        table(
            "medical_records",
            "id, pet_id, kind, recorded_at, description, vaccinations, allergies, medications, vet_notes, \
             documents, details, version",
            seed.records.iter().map(|one| record(one, times)).collect(),
        ),
    ]
}

/// The statements that fill these tables.
pub fn statements(tables: &[Table]) -> Vec<String> {
    let chunks = tables.iter().flat_map(|table| table.rows.chunks(ROWS).map(move |rows| (table, rows)));
    chunks
        .map(|(table, rows)| {
            let written = |row: &Vec<Cell>| row.iter().map(Cell::written).collect::<Vec<_>>().join(", ");
            let rows: Vec<String> = rows.iter().map(|row| format!("({})", written(row))).collect();
            format!("INSERT INTO {} ({}) VALUES\n{}", table.name, table.columns.join(", "), rows.join(",\n"))
        })
        .collect()
}

impl Cell {
    fn written(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Self::Bare(text) => text.clone(),
        }
    }
}

fn customer(c: &Customer, times: Times) -> Vec<Cell> {
    vec![
        text(&c.id),
        text(&c.given_name),
        text(&c.family_name),
        text(&c.email),
        text(&c.phone),
        text(&c.street),
        text(&c.city),
        text(&c.region),
        text(&c.postal_code),
        text(&c.country),
        text(&c.language),
        text(&c.preferred_channel),
        bare(c.marketing),
        text(&c.status),
        time(c.created_at, times),
        time(c.updated_at, times),
        bare(1),
    ]
}

fn pet(pet: &Pet, times: Times) -> Vec<Cell> {
    let shown = pet.visibility;
    let visibility = json!({
        "profile": shown.profile,
        "contact": shown.contact,
        "emergencyContacts": shown.emergency_contacts,
        "medical": shown.medical,
    });
    vec![
        text(&pet.id),
        text(&pet.owner_id),
        text(&pet.name),
        text(&pet.species),
        optional(pet.breed_primary.as_deref()),
        optional(pet.breed_secondary.as_deref()),
        bare(pet.mixed),
        text(pet.sex_code()),
        optional(pet.birth_date.map(|date| date.to_string()).as_deref()),
        bare(pet.birth_estimated),
        number(pet.weight.map(|weight| weight.hundredths)),
        optional(pet.weight.map(|weight| weight.unit)),
        text(&json!(pet.colors).to_string()),
        optional(pet.microchip.as_deref()),
        optional(pet.behavior_notes.as_deref()),
        text(&visibility.to_string()),
        text(&pet.status),
        time(pet.created_at, times),
        time(pet.updated_at, times),
        bare(1),
    ]
}

fn record(record: &MedicalRecord, times: Times) -> Vec<Cell> {
    let vaccinations = record.vaccinations.iter().map(|one| {
        let until = one.valid_until.map(|date| date.to_string());
        json!({ "code": one.code, "givenOn": one.given_on.to_string(), "validUntil": until })
    });
    let medications = record.medications.iter().map(|(name, dose)| json!({ "name": name, "dose": dose }));
    let documents = record.documents.iter().map(|(url, title)| json!({ "url": url, "title": title }));
    let details = record
        .temperature
        .map(|tenths| format!(r#"{{"temperatureCelsius":{}.{}}}"#, tenths / 10, tenths % 10));
    vec![
        text(&record.id),
        text(&record.pet_id),
        text(record.kind),
        time(record.recorded_at, times),
        text(&record.description),
        text(&vaccinations.collect::<Value>().to_string()),
        text(&json!(record.allergies).to_string()),
        text(&medications.collect::<Value>().to_string()),
        optional(record.vet_notes),
        text(&documents.collect::<Value>().to_string()),
        optional(details.as_deref()),
        bare(1),
    ]
}

fn time(seconds: i64, times: Times) -> Cell {
    let time = rfc3339(seconds);
    match times {
        Times::Rfc3339 => text(&time),
        Times::Plain => text(time.replace('T', " ").trim_end_matches('Z')),
    }
}

fn text(value: &str) -> Cell {
    Cell::Text(value.to_owned())
}

fn bare(value: impl std::fmt::Display) -> Cell {
    Cell::Bare(value.to_string())
}

fn optional(value: Option<&str>) -> Cell {
    value.map_or(Cell::Null, text)
}

fn number(value: Option<u32>) -> Cell {
    value.map_or(Cell::Null, bare)
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection, Row, SqliteConnection};

    use super::super::seed;
    use super::{Times, inserts};

    const TABLES: &str = "
        CREATE TABLE customers (id TEXT PRIMARY KEY, given_name TEXT NOT NULL, family_name TEXT NOT NULL,
            email TEXT NOT NULL UNIQUE, phone TEXT, street TEXT, city TEXT, region TEXT, postal_code TEXT,
            country TEXT, language TEXT, preferred_channel TEXT, marketing BOOLEAN NOT NULL, status TEXT NOT NULL,
            created_at TEXT NOT NULL, updated_at TEXT NOT NULL, version INTEGER NOT NULL);
        CREATE TABLE emergency_contacts (customer_id TEXT REFERENCES customers, position INTEGER, name TEXT,
            phone TEXT, relation TEXT, PRIMARY KEY (customer_id, position));
        CREATE TABLE payment_options (customer_id TEXT REFERENCES customers, position INTEGER, token TEXT UNIQUE,
            brand TEXT, last4 TEXT, PRIMARY KEY (customer_id, position));
        CREATE TABLE pets (id TEXT PRIMARY KEY, owner_id TEXT NOT NULL REFERENCES customers, name TEXT NOT NULL,
            species TEXT NOT NULL, breed_primary TEXT, breed_secondary TEXT, mixed BOOLEAN NOT NULL,
            sex_code TEXT NOT NULL, birth_date TEXT, birth_estimated BOOLEAN NOT NULL, weight INTEGER,
            weight_unit TEXT, colors TEXT NOT NULL, microchip TEXT UNIQUE, behavior_notes TEXT,
            visibility TEXT NOT NULL, status TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
            version INTEGER NOT NULL);
        CREATE TABLE medical_records (id TEXT PRIMARY KEY, pet_id TEXT, kind TEXT, recorded_at TEXT, description TEXT,
            vaccinations TEXT, allergies TEXT, medications TEXT, vet_notes TEXT, documents TEXT, details TEXT,
            version INTEGER);
        CREATE TABLE pet_photos (pet_id TEXT REFERENCES pets, position INTEGER, url TEXT NOT NULL, width INTEGER,
            height INTEGER, PRIMARY KEY (pet_id, position));";

    #[tokio::test]
    async fn sqlite_takes_them_and_gives_back_what_went_in() {
        let seed = seed::seed();
        let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        sqlx::raw_sql(TABLES).execute(&mut database).await.unwrap();
        for statement in inserts(&seed, Times::Rfc3339) {
            sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut database).await.unwrap();
        }
        for pet in &seed.pets {
            let row = sqlx::query("SELECT name, behavior_notes, sex_code, mixed FROM pets WHERE id = ?")
                .bind(&pet.id)
                .fetch_one(&mut database)
                .await
                .unwrap();
            assert_eq!(row.get::<String, _>(0), pet.name);
            assert_eq!(row.get::<Option<String>, _>(1), pet.behavior_notes);
            assert_eq!((row.get::<&str, _>(2), row.get::<bool, _>(3)), (pet.sex_code(), pet.mixed));
        }
        let (customers, photos): (i64, i64) =
            sqlx::query_as("SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM pet_photos)")
                .fetch_one(&mut database)
                .await
                .unwrap();
        let expected: usize = seed.pets.iter().map(|pet| pet.photos.len()).sum();
        assert_eq!((customers, usize::try_from(photos).unwrap()), (200, expected));
    }

    #[test]
    fn statements_are_short_and_ordered_by_reference() {
        let statements = inserts(&seed::seed(), Times::Rfc3339);
        let tables: Vec<&str> = statements.iter().filter_map(|s| s.split(' ').nth(2)).collect();
        assert!(statements.iter().all(|s| s.matches("\n(").count() <= 100));
        assert_eq!((tables.first(), tables.last()), (Some(&"customers"), Some(&"medical_records")));
        assert!(statements.iter().all(|s| !s.trim_end().ends_with(';')));
    }

    #[test]
    fn the_example_is_spelled_as_documented() {
        let statements = inserts(&seed::seed(), Times::Rfc3339).join("\n");
        assert!(statements.contains(
            r#"('109', '66', 'Grizzly', 'dog', 'Chihuahua', NULL, true, 'MN', '2013-11-16', false, 420, 'lb', '["brown","white"]', '985141000000109', 'Afraid of thunder; likes tennis balls.', '{"profile":true,"contact":false,"emergencyContacts":true,"medical":false}', 'active', '2014-05-15T08:02:36Z', '2026-10-02T11:40:00Z', 1)"#
        ));
    }
}
