//! What a write sends as one text with places for the record's members, made once from the call and the binding's rules: a
//! document of JSON is printed from one end to the other, and never stands as a tree.

use crate::plan::MemberId;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form {
    pub parts: Vec<Part>,
    /// What is sent for a member of several parts that is all nothing.
    pub empty: Option<Box<str>>,
    /// Objects of the contract that are nothing as a whole in the source: a record in which one is null has another form.
    pub objects: Vec<MemberId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Sent as it stands.
    Text(Box<str>),
    /// What the rule of the writing with this number makes.
    Rule(usize),
    /// A member of several parts begins.
    Begin,
    /// It ends here.
    End,
}
