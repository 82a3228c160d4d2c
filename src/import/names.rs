//! Names as the public side has them, from names of any manner: members in `lowerCamelCase`, resources in kebab-case and
//! in the plural, types in `UpperCamelCase` and in the singular. English only, and by rule: a person reads them anyway.

use crate::plan::contract::compile::RESERVED;
use std::collections::HashSet;

/// The words of a name, in lower case: `petID` and `pet_id` are `pet`, `id`.
pub fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut found: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, c) in letters.iter().copied().enumerate() {
        if !c.is_ascii_alphanumeric() {
            found.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| letters.get(at)).copied().unwrap_or(' ');
        let behind = letters.get(at + 1).copied().unwrap_or(' ');
        // A capital begins a word behind a small letter, and where it is the last of several: `HTMLText`.
        let begins = c.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase() && behind.is_ascii_lowercase()));
        if begins && !word.is_empty() {
            found.push(std::mem::take(&mut word));
        }
        word.push(c.to_ascii_lowercase());
    }
    found.extend((!word.is_empty()).then_some(word));
    found
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// `lowerCamelCase`. What begins with a digit gets an `n` in front, and what has no letter at all is `value`.
pub fn camel(name: &str) -> String {
    let words = words(name);
    let mut out = String::new();
    for (at, word) in words.iter().enumerate() {
        out.push_str(&if at == 0 { word.clone() } else { capital(word) });
    }
    match out.chars().next() {
        None => "value".into(),
        Some(first) if first.is_ascii_digit() => format!("n{out}"),
        Some(_) => out,
    }
}

/// `UpperCamelCase`, the last word in the singular.
pub fn title(name: &str) -> String {
    let mut words = words(name);
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    let out: String = words.iter().map(|word| capital(word)).collect();
    match out.chars().next() {
        None => "Record".into(),
        Some(first) if first.is_ascii_digit() => format!("N{out}"),
        Some(_) => out,
    }
}

/// `kebab-case`, as it is.
pub fn kebab(name: &str) -> String {
    let words = words(name);
    if words.is_empty() { "records".into() } else { words.join("-") }
}

/// `kebab-case`, the last word in the plural: a resource.
pub fn resource(name: &str) -> String {
    let mut words = words(name);
    if let Some(last) = words.last_mut() {
        *last = plural(&singular(last));
    }
    if words.is_empty() { "records".into() } else { words.join("-") }
}

/// Plurals that no rule gives, behind their singulars.
const IRREGULAR: &[(&str, &str)] = &[
    ("person", "people"),
    ("child", "children"),
    ("man", "men"),
    ("woman", "women"),
    ("status", "statuses"),
    ("bonus", "bonuses"),
    ("campus", "campuses"),
    ("bus", "buses"),
    ("alias", "aliases"),
    ("address", "addresses"),
    ("analysis", "analyses"),
    ("movie", "movies"),
    ("series", "series"),
    ("species", "species"),
    ("news", "news"),
    ("data", "data"),
    ("staff", "staff"),
    ("inventory", "inventory"),
    ("equipment", "equipment"),
];

pub fn singular(word: &str) -> String {
    if let Some((one, _)) = IRREGULAR.iter().find(|(one, many)| word == *many || word == *one) {
        return (*one).to_owned();
    }
    let cut = |by: usize| word.get(..word.len().saturating_sub(by)).unwrap_or(word).to_owned();
    if word.len() > 4 && word.ends_with("ies") {
        return cut(3) + "y";
    }
    if ["sses", "xes", "ches", "shes", "zzes"].iter().any(|end| word.ends_with(end)) {
        return cut(2);
    }
    if word.len() > 3 && word.ends_with('s') && !["ss", "us", "is"].iter().any(|end| word.ends_with(end)) {
        return cut(1);
    }
    word.to_owned()
}

pub fn plural(word: &str) -> String {
    if let Some((_, many)) = IRREGULAR.iter().find(|(one, many)| word == *many || word == *one) {
        return (*many).to_owned();
    }
    let vowel = |c: char| "aeiou".contains(c);
    let mut end = word.chars().rev();
    match (end.next(), end.next()) {
        (Some('y'), Some(before)) if !vowel(before) => {
            format!("{}ies", word.get(..word.len() - 1).unwrap_or(word))
        }
        (Some('s' | 'x' | 'z'), _) | (Some('h'), Some('c' | 's')) => format!("{word}es"),
        _ => format!("{word}s"),
    }
}

/// A name without the signs and cases in which people differ.
pub fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The name of a variable of the environment: `PARTS_TOKEN`.
pub fn variable(source: &str, name: &str) -> String {
    let words: Vec<String> = words(source).into_iter().chain(words(name)).collect();
    words.join("_").to_ascii_uppercase()
}

/// Hands out the names of one object's members, each once, and none of the reserved words.
#[derive(Debug)]
pub struct Members {
    owner: String,
    taken: HashSet<String>,
}

impl Members {
    /// `owner` is the type's name; it stands before a reserved word: `count` of a `Box` is `boxCount`.
    pub fn of(owner: &str) -> Self {
        Self { owner: camel(owner), taken: HashSet::new() }
    }

    pub fn name(&mut self, place: &str) -> String {
        let mut name = camel(place);
        if RESERVED.contains(&name.as_str()) {
            name = format!("{}{}", self.owner, capital(&name));
        }
        let mut free = name.clone();
        for number in 2.. {
            if self.taken.insert(free.clone()) {
                break;
            }
            free = format!("{name}{number}");
        }
        free
    }
}

/// A pattern as both the contract's validator and the databases of names take it; others are left to a person.
pub fn is_plain_pattern(pattern: &str) -> bool {
    pattern.len() < 200 && regex::Regex::new(pattern).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_manner_become_public_ones() {
        let cases = [
            ("pet_id", "petId"),
            ("PetID", "petId"),
            ("HTMLText", "htmlText"),
            ("@type", "type"),
            ("2fa-enabled", "n2faEnabled"),
            ("straße", "straE"),
            ("", "value"),
            ("address.street", "addressStreet"),
            ("createdAt", "createdAt"),
            ("SKU", "sku"),
        ];
        for (name, expected) in cases {
            assert_eq!(camel(name), expected, "{name}");
        }
    }

    #[test]
    fn resources_stand_in_the_plural_and_types_in_the_singular() {
        let cases = [
            ("Pet", "pets", "Pet"),
            ("order_statuses", "order-statuses", "OrderStatus"),
            ("categories", "categories", "Category"),
            ("boxes", "boxes", "Box"),
            ("people", "people", "Person"),
            ("species", "species", "Species"),
            ("workOrder", "work-orders", "WorkOrder"),
            ("addresses", "addresses", "Address"),
            ("houses", "houses", "House"),
        ];
        for (name, plural, one) in cases {
            assert_eq!((resource(name).as_str(), title(name).as_str()), (plural, one), "{name}");
        }
    }

    #[test]
    fn a_name_is_handed_out_once_and_never_a_reserved_word() {
        let mut members = Members::of("Box");
        let names: Vec<String> =
            ["count", "box_id", "boxId", "limit"].into_iter().map(|n| members.name(n)).collect();
        assert_eq!(names, ["boxCount", "boxId", "boxId2", "boxLimit"]);
    }
}
