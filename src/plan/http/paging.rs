//! How a list comes in pages: by number, by row, by a range, by a cursor, or all at once.

use super::call::Target;
use crate::value::path::Path;

/// The pages of a family of systems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pages {
    pub style: Paging,
    pub size: Size,
    /// The parameter of the size, where it is sent.
    pub size_parameter: Option<Target>,
    /// Where an answer says whether there is more.
    pub more: Option<Path>,
    /// The system may show a row on two pages: lists are walked from their start and a row is taken once.
    pub repeats: bool,
    /// A page may have fewer rows than were asked for, though there is more behind it.
    pub short: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Paging {
    /// The number of the page, counted from `first`.
    Number { page: Target, first: u32 },
    /// The number of rows before the wanted ones, counted from `from`.
    Offset { offset: Target, from: u32 },
    /// The first and the last row, both included, counted from `from`.
    Range { first: Target, last: Target, from: u32 },
    /// Each page says where the next one begins.
    Cursor { parameter: Option<Target>, next: Next },
    /// Everything comes at once.
    Whole,
}

/// Where the next page's beginning is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// At a path of the answer.
    At(Path),
    /// It is the key of the last row.
    LastKey,
    /// At a path of the answer, as an address.
    Link(Path),
    /// In the header `Link` with `rel="next"` (RFC 8288).
    LinkHeader,
}

/// The sizes that the system takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Size {
    Fixed(u32),
    UpTo(u32),
    OneOf(Vec<u32>),
}

impl Size {
    /// The largest one.
    pub fn most(&self) -> u32 {
        match self {
            Self::Fixed(size) | Self::UpTo(size) => *size,
            Self::OneOf(sizes) => sizes.iter().copied().max().unwrap_or(1),
        }
        .max(1)
    }

    /// The smallest one that holds so many rows; the largest where none does.
    pub fn holding(&self, rows: u64) -> u32 {
        match self {
            Self::Fixed(size) => *size,
            Self::UpTo(most) => u32::try_from(rows).unwrap_or(u32::MAX).clamp(1, *most),
            Self::OneOf(sizes) => {
                let enough = sizes.iter().copied().filter(|size| u64::from(*size) >= rows).min();
                enough.unwrap_or_else(|| self.most())
            }
        }
        .max(1)
    }
}

impl Pages {
    /// All rows at once.
    pub fn whole() -> Self {
        Self {
            style: Paging::Whole,
            size: Size::UpTo(u32::MAX),
            size_parameter: None,
            more: None,
            repeats: false,
            short: false,
        }
    }

    /// The targets of its parameters.
    pub fn targets(&self) -> Vec<&Target> {
        let own: Vec<&Target> = match &self.style {
            Paging::Number { page: one, .. } | Paging::Offset { offset: one, .. } => vec![one],
            Paging::Range { first, last, .. } => vec![first, last],
            Paging::Cursor { parameter, .. } => parameter.iter().collect(),
            Paging::Whole => Vec::new(),
        };
        own.into_iter().chain(&self.size_parameter).collect()
    }

    /// Whether any stretch of rows can be had without those before it.
    pub fn jumps(&self) -> bool {
        !matches!(self.style, Paging::Cursor { .. } | Paging::Whole) && !self.repeats && !self.short
    }

    /// Whether a page says the next one's address, in which its size stands.
    pub fn links(&self) -> bool {
        matches!(self.style, Paging::Cursor { next: Next::Link(_) | Next::LinkHeader, .. })
    }
}
