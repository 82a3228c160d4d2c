//! One column to a member: its type, what it takes, and what stands beside its place in the mapping.

use crate::{
    backend::sql::{Flavor, catalogue::Column},
    import::member::{Member, Shape, scalar, step_of},
};
use serde_json::{Map, Value, json};

/// A column's type as it is here: the keywords of JSON Schema, and the SQL type where the mapping has to say it.
pub struct Kind {
    pub shape: Shape,
    pub sql_type: Option<String>,
}

/// The type; nothing where it has no public form.
pub fn kind(column: &Column, flavor: Flavor) -> Option<Kind> {
    let full = column.kind.trim();
    let base = full.split('(').next().unwrap_or_default().trim();
    let plain = |shape| Some(Kind { shape, sql_type: None });
    let typed = |shape, sql_type: &str| {
        Some(Kind { shape, sql_type: (flavor == Flavor::Postgres).then(|| sql_type.to_owned()) })
    };
    if !column.choices.is_empty() {
        let words: Map<String, Value> = Map::from_iter([("enum".to_owned(), json!(column.choices))]);
        let text = ["text", "character varying", "varchar", "character", "char"].contains(&base);
        return if text { plain(Shape::Scalar(words)) } else { typed(Shape::Scalar(words), full) };
    }
    if column.json || base == "json" {
        return typed(Shape::Free, "json");
    }
    if full.ends_with(']') {
        return None;
    }
    match base {
        "jsonb" => plain(Shape::Free),
        "boolean" | "bool" => plain(Shape::Scalar(scalar("boolean"))),
        "tinyint" if full == "tinyint(1)" => plain(Shape::Scalar(scalar("boolean"))),
        "date" => plain(Shape::Scalar(formatted("date"))),
        "datetime"
        | "timestamp"
        | "timestamptz"
        | "timestamp without time zone"
        | "timestamp with time zone" => plain(Shape::Scalar(formatted("date-time"))),
        "uuid" => typed(Shape::Scalar(formatted("uuid")), "uuid"),
        "numeric" | "decimal" | "dec" | "number" => plain(Shape::Scalar(decimal(full))),
        "real" | "double" | "double precision" | "float" | "float4" | "float8" => {
            plain(Shape::Scalar(scalar("number")))
        }
        "blob" | "bytea" | "binary" | "varbinary" | "tinyblob" | "mediumblob" | "longblob" | "bit" | "" => {
            None
        }
        "interval" | "point" | "geometry" | "tsvector" | "set" => None,
        "time" | "time without time zone" | "inet" | "cidr" | "macaddr" | "xml" => {
            typed(Shape::Scalar(scalar("string")), full)
        }
        _ if base.contains("int") || base.contains("serial") => plain(Shape::Scalar(scalar("integer"))),
        _ if base.contains("char") || base.contains("text") || base.contains("clob") => {
            let mut words = scalar("string");
            if let Some(length) = digits(full).first() {
                words.insert("maxLength".into(), (*length).into());
            }
            plain(Shape::Scalar(words))
        }
        _ if flavor == Flavor::Postgres => None,
        _ => plain(Shape::Scalar(scalar("string"))),
    }
}

fn formatted(format: &str) -> Map<String, Value> {
    let mut words = scalar("string");
    words.insert("format".into(), format.into());
    words
}

/// The numbers in parentheses.
fn digits(kind: &str) -> Vec<u32> {
    let inner =
        kind.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(inner, _)| inner);
    inner.split(',').filter_map(|number| number.trim().parse().ok()).collect()
}

/// `numeric(9,2)` has two digits behind the point, and less than ten million before it.
fn decimal(kind: &str) -> Map<String, Value> {
    let (precision, places) = match digits(kind).as_slice() {
        [precision] => (*precision, 0),
        [precision, places, ..] => (*precision, *places),
        [] => return scalar("number"),
    };
    let mut words = scalar("number");
    if places > 9 || precision < places {
        return words;
    }
    words.extend(step_of(places).map(|step| ("multipleOf".to_owned(), step)));
    let before = precision - places;
    if before < 15 {
        let bound = 10i64.pow(before);
        words.insert("exclusiveMaximum".into(), bound.into());
        words.insert("exclusiveMinimum".into(), (-bound).into());
    }
    words
}

/// A member of a column, with what follows from its constraints.
pub fn member(column: &Column, name: String, alias: &str, kind: Kind) -> Member {
    let mut member = Member::new(name, format!("{alias}.{}", column.name), kind.shape);
    member.nullable = !column.not_null;
    member.required = column.not_null;
    member.read_only = column.computed;
    if let Some(sql_type) = kind.sql_type {
        member.rule.insert("type".into(), sql_type.into());
    }
    if let (Some(default), true) =
        (column.default.as_deref().and_then(|text| literal(text, &member)), column.not_null)
        && let Shape::Scalar(words) = &mut member.shape
    {
        words.insert("default".into(), default);
        member.required = false;
    }
    member
}

/// A default that is a constant of the member's type.
fn literal(text: &str, member: &Member) -> Option<Value> {
    let text = text.trim();
    // The cast of PostgreSQL: `'new'::character varying`.
    let text = text.split("::").next().unwrap_or(text).trim();
    let quoted = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
        .map(|inner| inner.replace("''", "'"));
    let bare = quoted.as_deref().unwrap_or(text);
    let Shape::Scalar(words) = &member.shape else { return None };
    if let Some(choices) = words.get("enum").and_then(Value::as_array) {
        return choices.iter().find(|choice| *choice == bare).cloned();
    }
    match member.kind() {
        "boolean" => match bare.to_ascii_lowercase().as_str() {
            "1" | "true" => Some(true.into()),
            "0" | "false" => Some(false.into()),
            _ => None,
        },
        "integer" | "number" => bare.parse::<i64>().ok().map(Value::from),
        "string" if !words.contains_key("format") => quoted.map(Value::from),
        _ => None,
    }
}
