//! A list from a database by hand: one statement of sqlx, rows written as soon as they come, texts borrowed from them.

use super::{Asked, Refusal, Service, json};
use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::{
    Connection as _, Row,
    postgres::{PgPool, PgPoolOptions},
    sqlite::{SqlitePool, SqlitePoolOptions},
};
use std::{sync::Arc, time::Duration};

pub enum Store {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// As many as the façade has where nothing is said.
const CONNECTIONS: u32 = 10;

/// So long a connection of a server is believed to be there.
const BELIEVED: Duration = Duration::from_secs(1);

const SQLITE: &str = "SELECT id, owner_id, name, species, sex, birth_date, weight, weight_unit, microchip, behavior_notes, \
     status, created_at, updated_at FROM pets ORDER BY length(id), id LIMIT ? OFFSET ?";
const POSTGRES: &str = "SELECT id, owner_id, name, species, sex, to_char(birth_date, 'YYYY-MM-DD'), weight, weight_unit, \
     microchip, behavior_notes, status, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), \
     to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM pets ORDER BY length(id), id LIMIT $1 OFFSET $2";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pet<'a> {
    pet_id: &'a str,
    owner_id: &'a str,
    name: &'a str,
    species: &'static str,
    sex: &'static str,
    birth_date: Option<&'a str>,
    weight: Weight<'a>,
    microchip: Option<&'a str>,
    behavior_notes: Option<&'a str>,
    status: &'a str,
    created_at: &'a str,
    updated_at: Option<&'a str>,
}

#[derive(Serialize)]
struct Weight<'a> {
    value: Box<RawValue>,
    unit: &'a str,
}

impl Store {
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        // A connection is not asked whether it is there each time it is taken: a file always is, and of a server's only one
        // that has been idle is asked, as sqlx's `before_acquire` describes it.
        Ok(if url.starts_with("sqlite:") {
            let options = SqlitePoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
            Self::Sqlite(options.connect(url).await?)
        } else {
            let options = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
            let options = options.before_acquire(|connection, known| {
                Box::pin(async move {
                    if known.idle_for >= BELIEVED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            });
            Self::Postgres(options.connect(url).await?)
        })
    }
}

impl From<sqlx::Error> for Refusal {
    fn from(_: sqlx::Error) -> Self {
        Self::Behind
    }
}

/// A row of either database; they differ in how wide a whole number is.
macro_rules! pet {
    ($row:expr, $whole:ty) => {{
        let weight: $whole = $row.try_get(6)?;
        Pet {
            pet_id: $row.try_get(0)?,
            owner_id: $row.try_get(1)?,
            name: $row.try_get(2)?,
            species: species($row.try_get(3)?)?,
            sex: sex($row.try_get(4)?)?,
            birth_date: $row.try_get(5)?,
            weight: Weight {
                value: RawValue::from_string(format!("{}.{:02}", weight / 100, weight % 100))?,
                unit: $row.try_get(7)?,
            },
            microchip: $row.try_get(8)?,
            behavior_notes: $row.try_get(9)?,
            status: $row.try_get(10)?,
            created_at: $row.try_get(11)?,
            updated_at: $row.try_get(12)?,
        }
    }};
}

pub async fn list(
    State(service): State<Arc<Service>>,
    Query(Asked { limit, offset }): Query<Asked>,
) -> Result<impl IntoResponse, Refusal> {
    if !(1..=1000).contains(&limit) {
        return Err(Refusal::Wrong("limit is 1 to 1000"));
    }
    let (most, skip) = (i64::from(limit), i64::try_from(offset).map_err(|_| Refusal::Wrong("offset"))?);
    let mut body = Vec::with_capacity(512 * limit as usize);
    body.extend_from_slice(b"{\"pets\":[");
    match service.store.as_ref().ok_or(Refusal::Absent)? {
        Store::Sqlite(pool) => {
            let rows = sqlx::query(SQLITE).bind(most).bind(skip).fetch_all(pool).await?;
            for (at, row) in rows.iter().enumerate() {
                put(&mut body, at, &pet!(row, i64))?;
            }
        }
        Store::Postgres(pool) => {
            let rows = sqlx::query(POSTGRES).bind(most).bind(skip).fetch_all(pool).await?;
            for (at, row) in rows.iter().enumerate() {
                put(&mut body, at, &pet!(row, i32))?;
            }
        }
    }
    body.extend_from_slice(format!("],\"metadata\":{{\"limit\":{limit},\"offset\":{offset}}}}}").as_bytes());
    Ok(json(body))
}

fn put(body: &mut Vec<u8>, at: usize, pet: &Pet<'_>) -> Result<(), Refusal> {
    if at > 0 {
        body.push(b',');
    }
    Ok(serde_json::to_writer(body, pet)?)
}

fn species(code: &str) -> Result<&'static str, Refusal> {
    match code {
        "D" => Ok("dog"),
        "C" => Ok("cat"),
        "B" => Ok("bird"),
        _ => Err(Refusal::Behind),
    }
}

fn sex(code: &str) -> Result<&'static str, Refusal> {
    match code {
        "M" => Ok("male"),
        "F" => Ok("female"),
        _ => Err(Refusal::Behind),
    }
}
