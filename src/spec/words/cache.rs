//! How long what was read may be used again, how much is kept, and what replicas share.

use super::Span;
use schemars::JsonSchema;
use serde::Deserialize;

/// Whether a resource's reads are kept. Nothing is kept where it is not said.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Cache {
    /// Nothing of it is ever kept, here or at a caller: stock, and what is free.
    Never(Never),
    Kept(Kept),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Never {
    /// Nothing of it is ever kept.
    Never,
}

/// For how long reads are kept.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Kept {
    /// So long an answer is given again without asking.
    pub fresh: Span,
    /// So much longer it is given while it is asked for anew, and where the source is away.
    #[serde(default)]
    pub stale: Option<Span>,
    /// So long it is known that a record is not there; not at all where it is not said.
    #[serde(default)]
    pub negative: Option<Span>,
    /// Says that no cache on the way to a caller may keep it, though anyone may see it.
    #[serde(default)]
    pub private: bool,
    /// The resources whose writes change what is read here, besides those that the program sees itself. Where a source is
    /// called over HTTP and this is not said, a write to any of its resources does.
    #[serde(default)]
    pub with: Option<Vec<String>>,
}

/// How much is kept in memory.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Memory {
    /// All that is kept, at most.
    pub bytes: Size,
}

impl Default for Memory {
    fn default() -> Self {
        Self { bytes: Size(64 * 1024 * 1024) }
    }
}

/// A number of bytes: `512K`, `64M`, `2G`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Size(pub u64);

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let factor: u64 = match unit {
            "K" => 1 << 10,
            "M" => 1 << 20,
            "G" => 1 << 30,
            _ => return Err(format!("`{text}` is no size; write for example `512K`, `64M` or `2G`")),
        };
        let number: u64 = number.parse().map_err(|_| format!("`{text}` begins with no number"))?;
        Ok(Self(number.saturating_mul(factor)))
    }
}

impl JsonSchema for Size {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^[0-9]{1,6}(K|M|G)$",
            "description": "A number of bytes, for example `512K`, `64M`, `2G`."
        })
    }
}
