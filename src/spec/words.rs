//! The operator's words, exactly as they may stand in the files. No logic: what they mean is `plan`'s.
//! The JSON Schemas in `schemas/portico/` are generated from these types.

pub mod access;
pub mod answer;
pub mod api;
pub mod audit;
pub mod binding;
pub mod cache;
pub mod call;
pub mod config;
pub mod converter;
pub mod dialect;
pub mod edge;
pub mod identity;
pub mod operation;
pub mod rates;
pub mod resilience;
pub mod resource;
pub mod sealing;
pub mod shared;
pub mod shortcut;

pub use access::Access;
pub use api::Api;
pub use binding::Binding;
pub use config::Config;
pub use dialect::Dialect;
pub use resource::Resource;
pub use shortcut::Shortcut;

use schemars::JsonSchema;
use serde::Deserialize;

/// A span of time: `250ms`, `30s`, `10m`, `1h`, `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub std::time::Duration);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let factor = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(format!("`{text}` is no span of time; write for example `30s`, `10m` or `1h`")),
        };
        let number: u64 = number.parse().map_err(|_| format!("`{text}` begins with no number"))?;
        Ok(Self(std::time::Duration::from_millis(number.saturating_mul(factor))))
    }
}

impl JsonSchema for Span {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9]{1,9}(ms|s|m|h|d)$",
            "description": "A span of time, for example `250ms`, `30s`, `10m`, `1h`, `7d`."
        })
    }
}

/// A constant: a text, a number, a truth or nothing.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Scalar {
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    Null(()),
}

/// One, or a list of several.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        match self {
            Self::Many(all) => all.iter(),
            Self::One(one) => std::slice::from_ref(one).iter(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl<'a, T> IntoIterator for &'a OneOrMany<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
