//! Where everything stands in a JSON text that is known to be well formed: each name and each value, with the way
//! that leads to it. It checks nothing.

use std::ops::Range;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Name(String),
    Index(usize),
}

#[derive(Debug, Clone)]
pub struct Stretch {
    /// The way to the value, or to the value that the name belongs to.
    pub path: Vec<Step>,
    pub range: Range<usize>,
    pub is_name: bool,
}

/// Names and values in the order of the text, outer ones before what is in them.
pub fn stretches(text: &str) -> Vec<Stretch> {
    let mut walk = Walk { bytes: text.as_bytes(), text, at: 0, found: Vec::new() };
    walk.value(&mut Vec::new());
    walk.found
}

/// The innermost stretch that holds this byte.
pub fn holding(all: &[Stretch], at: usize) -> Option<&Stretch> {
    all.iter().filter(|s| s.range.contains(&at)).min_by_key(|s| s.range.len())
}

struct Walk<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    found: Vec<Stretch>,
}

impl Walk<'_> {
    fn white(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn value(&mut self, path: &mut Vec<Step>) {
        self.white();
        let (start, place) = (self.at, self.found.len());
        self.found.push(Stretch { path: path.clone(), range: start..start, is_name: false });
        match self.bytes[self.at] {
            open @ (b'{' | b'[') => self.inside(open == b'{', path),
            b'"' => _ = self.string(),
            _ => {
                while self.bytes.get(self.at).is_some_and(|b| !b",]} \n\r\t".contains(b)) {
                    self.at += 1;
                }
            }
        }
        self.found[place].range = start..self.at;
    }

    fn inside(&mut self, object: bool, path: &mut Vec<Step>) {
        self.at += 1;
        let mut index = 0;
        loop {
            self.white();
            match self.bytes[self.at] {
                b'}' | b']' => break self.at += 1,
                b',' => self.at += 1,
                _ if object => {
                    let range = self.string();
                    path.push(Step::Name(self.text[range.start + 1..range.end - 1].to_owned()));
                    self.found.push(Stretch { path: path.clone(), range, is_name: true });
                    self.white();
                    // The colon.
                    self.at += 1;
                    self.value(path);
                    path.pop();
                }
                _ => {
                    path.push(Step::Index(index));
                    self.value(path);
                    path.pop();
                    index += 1;
                }
            }
        }
    }

    /// A string with its quotes.
    fn string(&mut self) -> Range<usize> {
        let start = self.at;
        self.at += 1;
        while self.bytes[self.at] != b'"' {
            self.at += if self.bytes[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        start..self.at
    }
}
