//! stub
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub name: Box<str>,
}
