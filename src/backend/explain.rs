//! What a request would call, as steps for people. Made by the same functions that make the calls.

/// One call, or a number of like ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The source's name.
    pub source: String,
    /// The call as it would be sent: a request line, or a statement.
    pub call: String,
    /// Its parameters or body, where there are any.
    pub detail: Option<String>,
    /// Why, and under which condition.
    pub why: String,
    /// What is taken from the answer.
    pub takes: Vec<String>,
    /// A login, which one request makes once at most.
    pub login: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    Create,
    Replace,
    Delete,
}
