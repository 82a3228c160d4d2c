//! The ways in which an answer is spoilt, each from a seeded generator; and what of it was touched, so that a judge
//! can tell data that changed from an answer that is wrong.

use super::spans::{Step, Stretch, holding, stretches};
use serde_json::Value;

/// `splitmix64`: the same sequence from the same seed everywhere.
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll() % end.max(1) as u64).unwrap()
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// What of an answer was touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touch {
    /// The form: the answer has to be refused, or means what it meant.
    Form,
    /// A member of a record: its data may be what changed.
    Member { key: String, name: String },
    /// A row as a whole lost its form.
    Row,
    /// A member beside the rows: a total, a cursor.
    Beside(String),
}

#[derive(Debug, Clone)]
pub struct Harm {
    pub way: &'static str,
    pub touch: Touch,
    pub body: Vec<u8>,
}

const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body><h1>500</h1>\
                    <p>PDOException: SQLSTATE[HY000] in /var/www/html/includes/database.inc</p></body></html>";
/// How many ways there are.
pub const WAYS: usize = 13;
/// Far deeper than anything nests.
const DEEP: usize = 100_000;

/// Spoils a body. `other` is another answer of the same kind, about another record.
pub fn spoil(dice: &mut Dice, body: &[u8], key: &str, other: Option<&[u8]>) -> Harm {
    let text = String::from_utf8(body.to_vec()).unwrap();
    let form = |way, body: Vec<u8>| Harm { way, touch: Touch::Form, body };
    if serde_json::from_str::<Value>(&text).is_err() {
        return form("page", PAGE.into());
    }
    let all = stretches(&text);
    let inner: Vec<&Stretch> = all.iter().filter(|s| !s.path.is_empty()).collect();
    let touch = |stretch: &Stretch| touched(&text, key, stretch);
    let put = |range: std::ops::Range<usize>, new: &str| {
        let mut out = text.clone();
        out.replace_range(range, new);
        out.into_bytes()
    };
    match dice.below(15) {
        0 => form("cut", body[..dice.below(body.len())].to_vec()),
        1 | 2 => {
            let at = dice.below(body.len());
            let mut new = body.to_vec();
            new[at] ^= 1 << dice.below(8);
            let touch = holding(&all, at).map_or(Touch::Form, touch);
            Harm { way: "flipped", touch, body: new }
        }
        3 | 4 if !inner.is_empty() => {
            let values: Vec<&&Stretch> = inner.iter().filter(|s| !s.is_name).collect();
            let stretch = dice.pick(&values);
            let digits = format!("1{}", "0".repeat(400));
            let forms = ["12345", "null", "true", "\"x\"", "[]", "[\"x\"]", r#"{"a":{"b":[1]}}"#, &digits];
            let new = *dice.pick(&forms);
            Harm { way: "retyped", touch: touch(stretch), body: put(stretch.range.clone(), new) }
        }
        5 if inner.iter().any(|s| s.is_name) => {
            let names: Vec<&&Stretch> = inner.iter().filter(|s| s.is_name).collect();
            let stretch = dice.pick(&names);
            Harm { way: "renamed", touch: touch(stretch), body: put(stretch.range.clone(), "\"renamed\"") }
        }
        7 => form("empty", Vec::new()),
        8 => {
            // What a Latin-1 server sends for an accented letter, without saying so.
            let at = text.rfind('"').unwrap_or(0);
            let mut new = body.to_vec();
            new.insert(at, 0xe9);
            form("latin-1", new)
        }
        9 => {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            form("utf-16", units.flat_map(u16::to_le_bytes).collect())
        }
        10 => form("byte order mark", [b"\xef\xbb\xbf", body].concat()),
        11 => form("deep", ["[".repeat(DEEP), "]".repeat(DEEP)].concat().into()),
        12 if inner.iter().any(|s| s.is_name) => {
            // The same name again, behind its value, with another value.
            let names: Vec<usize> = (0..all.len()).filter(|at| all[*at].is_name).collect();
            let at = *dice.pick(&names);
            let (name, value) = (&all[at], &all[at + 1]);
            let twice = format!(",{}:{}", &text[name.range.clone()], dice.pick(&["\"twice\"", "7", "null"]));
            let body = put(value.range.end..value.range.end, &twice);
            // Within a compound the outer member is what is said twice in part: still no answer to be trusted.
            form("said twice", body)
        }
        13 => form("two documents", [body, body].concat()),
        14 => form("another's", other.map_or_else(|| PAGE.into(), <[u8]>::to_vec)),
        _ => form("page", PAGE.into()),
    }
}

fn touched(text: &str, key: &str, stretch: &Stretch) -> Touch {
    let document: Value = serde_json::from_str(text).unwrap();
    let mut path = stretch.path.iter();
    let (mut row, mut step) = (&document, path.next());
    let mut in_list = false;
    if let Some(Step::Name(name)) = step
        && let Some(rows) = row.get(name)
        && rows.as_array().is_some_and(|rows| rows.iter().any(Value::is_object))
        && name == "rows"
    {
        (row, step) = (rows, path.next());
        if step.is_none() {
            return Touch::Form;
        }
    }
    if let Some(Step::Index(index)) = step {
        (row, step, in_list) = (&row[*index], path.next(), true);
    }
    match step {
        Some(Step::Name(name)) if row.get(key).is_some() => {
            let key = row[key].as_str().unwrap().to_owned();
            Touch::Member { key, name: name.clone() }
        }
        Some(Step::Name(name)) => Touch::Beside(name.clone()),
        None if in_list => Touch::Row,
        _ => Touch::Form,
    }
}
