//! Paths into a backend's document: `field_species.und[0].tid`, `$` for the whole, `["a.b"]` for odd names.

use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    Key(Box<str>),
    Index(usize),
}

/// A path from the top of a record. No steps at all is the record itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Path(pub Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at character {at} of the path `{path}`")]
pub struct Wrong {
    what: &'static str,
    at: usize,
    path: String,
}

impl Path {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let wrong = |what, at: usize| Wrong { what, at: at + 1, path: text.to_owned() };
        let mut steps = Vec::new();
        let body = text.strip_prefix('$').unwrap_or(text);
        let shift = text.len() - body.len();
        let mut rest = body.strip_prefix('.').filter(|_| shift == 1).unwrap_or(body);
        if text.is_empty() {
            return Err(wrong("nothing stands", 0));
        }
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            if let Some(inner) = rest.strip_prefix('[') {
                let end = inner.find(']').ok_or_else(|| wrong("`]` is missing", at))?;
                let content = inner.get(..end).unwrap_or_default();
                let quoted = content.strip_prefix('"').and_then(|c| c.strip_suffix('"'));
                steps.push(match (quoted, content.parse::<usize>()) {
                    (Some(name), _) => Step::Key(name.into()),
                    (None, Ok(index)) if index < 1000 => Step::Index(index),
                    _ => return Err(wrong("an index or a quoted name is expected", at + 1)),
                });
                rest = inner.get(end + 1..).unwrap_or_default();
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                if end == 0 {
                    return Err(wrong("a name is expected", at));
                }
                steps.push(Step::Key(rest.get(..end).unwrap_or_default().into()));
                rest = rest.get(end..).unwrap_or_default();
            }
            if let Some(after) = rest.strip_prefix('.') {
                if after.is_empty() {
                    return Err(wrong("a name is expected", text.len()));
                }
                rest = after;
            }
        }
        Ok(Self(steps))
    }

    /// A place that is one name, whatever it holds.
    pub fn name(name: &str) -> Self {
        Self(vec![Step::Key(name.into())])
    }

    /// The first name, by which an index says what it gives.
    pub fn head(&self) -> Option<&str> {
        match self.0.first() {
            Some(Step::Key(name)) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("$");
        }
        for (i, step) in self.0.iter().enumerate() {
            match step {
                // A column with its alias is one step that holds a dot.
                Step::Key(name) if self.0.len() == 1 && !name.contains('[') => f.write_str(name)?,
                Step::Key(name) if name.contains(['.', '[']) => write!(f, "[\"{name}\"]")?,
                Step::Key(name) if i == 0 => f.write_str(name)?,
                Step::Key(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_print_as_they_were_read() {
        for text in ["nid", "field_species.und[0].tid", "$", "[\"a.b\"].c", "rows[2][3]"] {
            assert_eq!(Path::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Path::parse("$.a.b").unwrap(), Path::parse("a.b").unwrap());
        for text in ["", "a..b", "a.", "a[", "a[x]", ".a"] {
            assert!(Path::parse(text).is_err(), "{text}");
        }
    }
}
