//! Operations of a binding over calls: how a list is had, a record read, made, written and removed.

use super::{OneOrMany, Span, answer::Condition};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// How a list is had.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct List {
    /// The call that gives the rows.
    pub call: String,
    /// Where a row holds its key; `$` for rows that are keys alone. The key's own place where it is not said.
    #[serde(default)]
    pub key: Option<String>,
    /// All rows come at once, whatever the dialect says of pages.
    #[serde(default)]
    pub whole: bool,
    /// The call that completes one row, where the list does not give all.
    #[serde(default)]
    pub complete: Option<Complete>,
    /// Members that the source filters by, and its name for each.
    #[serde(default)]
    pub filter: IndexMap<String, Filter>,
    /// Members that the source sorts by, and its name for each.
    #[serde(default)]
    pub sort: IndexMap<String, String>,
    /// The order that the source keeps by itself, as in the resource's `order`.
    #[serde(default)]
    pub order: Vec<String>,
    /// How many there are in all.
    #[serde(default)]
    pub total: Option<TotalBy>,
    /// How many rows may be looked through where the source cannot filter or sort by itself.
    #[serde(default)]
    pub within: Option<u32>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Complete {
    /// A call for each row.
    Call(String),
    /// A call for several rows.
    Many(CompleteMany),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CompleteMany {
    /// The call; its `rows` are a list.
    pub call: String,
    /// The parameter that takes the keys.
    pub keys: String,
    /// What joins them; a repeated parameter, or a list in a body, where it is not said.
    #[serde(default)]
    pub join: Option<String>,
    /// What each key is put into, in a body: JSON in which `{}` is the key.
    #[serde(default)]
    pub each: Option<serde_json::Value>,
    /// How many one call takes.
    #[schemars(range(min = 1, max = 1000))]
    pub most: u32,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Filter {
    /// The source's name for the member.
    Name(String),
    /// The name, and how the source takes it.
    Full(FilterAs),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct FilterAs {
    /// The source's name for the member: `query:NAME`, `header:NAME`, `body:PLACE` or `path:NAME` say a parameter of its own.
    #[serde(rename = "as")]
    pub parameter: String,
    /// What joins several values, any of which may match.
    #[serde(default)]
    pub any: Option<String>,
    /// The source finds more than what is asked for, for example without regard to the case of letters: it is asked, and
    /// what does not match is left out here, `within` so many rows.
    #[serde(default)]
    pub wide: bool,
    /// Several values are asked one by one, and the façade joins the rows, `within` so many.
    #[serde(default)]
    pub each: bool,
    /// The operators that this member takes; all of the dialect's where it is not said.
    #[serde(default)]
    pub operators: Option<Vec<Comparison>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
}

/// How the total is had.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TotalBy {
    /// By looking for the last page; kept for this long.
    Walk(Span),
    /// At this path of a list's answer.
    At(String),
    /// In this header of a list's answer.
    Header(String),
    /// By a call of its own.
    Call(TotalCall),
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TotalCall {
    pub name: String,
    /// The number's place in the answer.
    pub at: String,
    /// How long it is kept.
    pub keep: Span,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Read {
    pub call: String,
    /// The call gives a list, as that of a source that has nothing else: the record is the row of it that has the key.
    #[serde(default)]
    pub find: bool,
    /// What tells that there is no such record: statuses, a body such as `null`, or `missing` where an answer without
    /// the record says so.
    #[serde(default)]
    pub absent: Vec<Absent>,
    /// What guards a write against another one: a place of the record, or `header:ETag`.
    #[serde(default)]
    pub version: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Absent {
    Status(u16),
    Body(String),
}

/// How a record is made, written or removed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Write {
    pub call: String,
    /// What follows, for a source that does not answer with the record.
    #[serde(default)]
    pub then: Option<Then>,
    /// Where a new record's key stands: a place of the answer, `header:Location` (its last segment), `sent` where it
    /// is what was sent, `kept:NAME` where an earlier call gave it. The key's own place where it is not said.
    #[serde(default)]
    pub key: Option<String>,
    /// What a replace sends: the members that changed, where it is not said.
    #[serde(default)]
    pub sends: Sends,
    /// The header of a key that keeps a repeated call from being carried out twice.
    #[serde(default)]
    pub idempotency: Option<String>,
    /// For a create: the members whose values tell the new record from all others. After a crash the record is looked for
    /// by them.
    #[serde(default)]
    pub find: Vec<String>,
    /// Where the version that was read goes: `header:If-Match`, or a place of the body.
    #[serde(default)]
    pub guard: Option<String>,
    /// The source would overwrite a record that is there: it is read first, and there must be none.
    #[serde(default)]
    pub fresh: bool,
    /// Calls that come before, in order.
    #[serde(default)]
    pub first: Vec<Step>,
    /// Calls that come behind, in order.
    #[serde(default)]
    pub after: Vec<Step>,
    /// The call that undoes it, where a later one fails.
    #[serde(default)]
    pub undo: Option<String>,
    /// How the outcome is had that the answer does not have yet.
    #[serde(default)]
    pub poll: Option<Poll>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Then {
    Read,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Sends {
    /// The members that changed.
    #[default]
    Changed,
    /// All members.
    All,
    /// All members, laid over the record as the source has it.
    Merged,
}

/// One more call of a write.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Step {
    pub call: String,
    /// Values of its answer that later calls name in braces.
    #[serde(default)]
    pub keep: IndexMap<String, String>,
    /// The call that undoes it, where a later one fails.
    #[serde(default)]
    pub undo: Option<String>,
}

/// How the outcome of a write that is carried out later is asked for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Poll {
    pub call: String,
    /// Values of the write's answer that this call names in braces: places, or `header:Location`.
    #[serde(default)]
    pub keep: IndexMap<String, String>,
    /// All of it holds where the write is done.
    pub until: OneOrMany<Condition>,
    /// All of it holds where the write has failed.
    #[serde(default)]
    pub failed: OneOrMany<Condition>,
    /// The pause between two calls.
    pub every: Span,
    /// The longest that is waited.
    pub most: Span,
    /// Where the new record's key stands in the last answer.
    #[serde(default)]
    pub key: Option<String>,
    /// The system says by itself when there is an outcome. It is asked at once then; without that it is asked as always.
    #[serde(default)]
    pub hook: Option<Hook>,
}

/// A signed webhook, as Standard Webhooks has it: `POST /hooks/<source>` with the headers `webhook-id`,
/// `webhook-timestamp` (within five minutes) and `webhook-signature`. One that belongs to no write that is waited for
/// still makes counts and bookmarks of the source old. It wakes the program that it comes to, and no other.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Hook {
    /// What the system signs with: `whsec_` and the key in Base64, or the key itself; `${name}` is one of the source's
    /// credentials.
    pub secret: String,
    /// The place in the webhook's body that says which write is meant.
    pub at: String,
    /// Which of the values that `keep` keeps stands there.
    pub is: String,
}
