//! What people expect under a property's name: words, dates and ranges of numbers. A name that is not known
//! gives nothing; the caller then goes by the type. Nothing here belongs to anybody: hosts and telephone
//! numbers are those kept for examples.

mod lists;

pub use lists::PLAIN;

use super::{dice::Dice, text::day};
use crate::value::time::{Date, Moment};

/// The name's words in lower case: `birthDate` is `birth`, `date`; `photos` is `photo`.
fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for letter in name.chars() {
        if letter == '_' || letter == '-' || letter == '.' {
            parts.push(String::new());
            continue;
        }
        if letter.is_uppercase() || parts.is_empty() {
            parts.push(String::new());
        }
        if let Some(last) = parts.last_mut() {
            last.extend(letter.to_lowercase());
        }
    }
    if let Some(last) = parts.last_mut() {
        *last = singular(last);
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn singular(word: &str) -> String {
    match (word.strip_suffix("ies"), word.strip_suffix('s')) {
        _ if ["address", "species", "status", "series", "notes", "class", "illness"].contains(&word) => {
            word.into()
        }
        (Some(stem), _) => format!("{stem}y"),
        (_, Some(stem)) => stem.into(),
        _ => word.into(),
    }
}

/// What a property is best known by, with what it stands in: `weight.value` is a weight, `breeds.name` a
/// breed, `contacts.name` a person's name.
pub fn known_as(owner: &str, name: &str) -> String {
    const PEOPLE: &[&str] =
        &["contact", "person", "owner", "customer", "user", "member", "vet", "author", "employee"];
    let last = parts(owner).pop().unwrap_or_default();
    match name {
        "value" if !owner.is_empty() => owner.to_owned(),
        "url" | "href" | "uri" if !owner.is_empty() => format!("{owner}Url"),
        "name" if PEOPLE.contains(&last.as_str()) => "fullName".to_owned(),
        "name" if lists::words(&last).is_some() => last,
        _ => name.to_owned(),
    }
}

/// One of these, or nothing where there are none.
pub fn one<'a>(words: &[&'a str], dice: &mut Dice) -> &'a str {
    dice.pick(words).copied().unwrap_or_default()
}

/// A text for this name. `None` where the name says nothing.
pub fn text(name: &str, dice: &mut Dice) -> Option<String> {
    let parts = parts(name);
    let last = parts.last()?.as_str();
    let whole = parts.concat();
    if let Some(words) = lists::words(&whole).or_else(|| lists::words(last)) {
        return Some(one(words, dice).to_owned());
    }
    let number = |low, high, dice: &mut Dice| dice.between(low, high).to_string();
    Some(match last {
        "id" => number(1, 9999, dice),
        "email" | "mail" => email(dice),
        "phone" | "mobile" | "fax" | "telephone" => phone(dice),
        "url" | "uri" | "link" | "href" | "website" | "homepage" => url(name, dice),
        "price" | "amount" | "total" | "cost" | "fee" => {
            format!("{}.{:02}", dice.length(5, 180), dice.below(4) * 25)
        }
        "street" => format!("{} {}", dice.length(1, 240), one(lists::STREETS, dice)),
        "zip" | "postal" | "postcode" => number(10_001, 99_950, dice),
        _ if whole == "postalcode" => number(10_001, 99_950, dice),
        "last4" => format!("{:04}", dice.below(10_000)),
        "token" | "secret" | "key" => format!("tok_{:016x}", dice.draw()),
        "hash" | "checksum" | "etag" => format!("{:016x}", dice.draw()),
        "date" | "on" | "until" => date(name, dice),
        "at" | "time" | "timestamp" => moment(name, dice),
        "age" => duration(name, dice),
        "year" => number(2010, 2026, dice),
        "version" => format!("{}.{}", dice.length(1, 4), dice.below(10)),
        "username" | "login" | "handle" => email(dice).split_once('@').map(|(user, _)| user.to_owned())?,
        "microchip" => format!("9850{:011}", dice.below(100_000_000_000)),
        "note" | "notes" | "description" | "comment" | "summary" | "remark" | "message" | "text" => {
            sentence(dice)
        }
        _ if whole == "fullname" => format!("{} {}", one(lists::GIVEN, dice), one(lists::FAMILY, dice)),
        _ => return None,
    })
}

/// A sentence that fits most things.
pub fn sentence(dice: &mut Dice) -> String {
    one(lists::SENTENCES, dice).to_owned()
}

pub fn email(dice: &mut Dice) -> String {
    let name = format!("{}.{}", one(lists::GIVEN, dice), one(lists::FAMILY, dice));
    format!("{}@example.{}", name.to_lowercase(), one(&["org", "com", "net"], dice))
}

/// The numbers 555-0100 to 555-0199 are given to nobody.
fn phone(dice: &mut Dice) -> String {
    format!("+1 {} 555 01{:02}", one(&["206", "212", "303", "415", "512", "617"], dice), dice.below(100))
}

pub fn url(name: &str, dice: &mut Dice) -> String {
    let stem = parts(name).into_iter().find(|part| !["url", "uri", "link", "href"].contains(&part.as_str()));
    let stem = stem.map(|stem| singular(&stem));
    let stem =
        stem.filter(|stem| stem.bytes().all(|b| b.is_ascii_alphanumeric())).unwrap_or_else(|| "item".into());
    match stem.as_str() {
        "photo" | "image" | "picture" | "avatar" | "thumbnail" => {
            format!("https://img.example/{stem}/{:08x}.jpg", dice.draw() >> 32)
        }
        _ => format!("https://example.org/{stem}/{}", dice.length(100, 9999)),
    }
}

pub fn duration(name: &str, dice: &mut Dice) -> String {
    if parts(name).last().is_some_and(|last| last == "age") {
        return format!("P{}Y", dice.length(1, 15));
    }
    let unit = one(&["P1D", "P1W", "P1M", "P3M", "P1Y", "P3Y", "PT30M", "PT45M", "PT1H", "PT1H30M"], dice);
    unit.to_owned()
}

/// A day of the years in which such days lie: births before 2024, ends from 2026, all else 2023 to 2026.
fn days(name: &str, dice: &mut Dice) -> Date {
    let parts = parts(name);
    let says = |words: &[&str]| parts.iter().any(|part| words.contains(&part.as_str()));
    let (from, to) = if says(&["birth", "born", "birthday"]) {
        (2008, 2023)
    } else if says(&["until", "expire", "expires", "expiry", "due", "end", "ends"]) {
        (2026, 2029)
    } else {
        (2023, 2026)
    };
    let edge = |year, month, day| Date::new(year, month, day).map_or(0, Date::days);
    let day = dice.between(edge(from, 1, 1).into(), edge(to, 12, 31).into());
    let epoch = Date { year: 1970, month: 1, day: 1 };
    i64::try_from(day).ok().and_then(Date::from_days).unwrap_or(epoch)
}

pub fn date(name: &str, dice: &mut Dice) -> String {
    day(days(name, dice))
}

/// A time of a working day, on a whole second.
pub fn moment(name: &str, dice: &mut Dice) -> String {
    let date = days(name, dice);
    let second = i64::try_from(dice.between(7 * 3600, 19 * 3600)).unwrap_or(0);
    Moment { seconds: date.days() * 86_400 + second, nanos: 0 }.to_string()
}

/// The whole numbers between which a number of this name is likely to lie.
pub fn range(name: &str) -> (i128, i128) {
    let parts = parts(name);
    match parts.last().map_or("", String::as_str) {
        "price" | "amount" | "total" | "cost" | "fee" => (5, 200),
        "weight" | "kg" => (2, 40),
        "minute" | "duration" => (15, 120),
        "width" | "height" => (400, 2400),
        "year" => (2010, 2026),
        "age" => (1, 15),
        "rating" | "star" => (1, 5),
        "percent" | "percentage" | "rate" => (0, 100),
        "latitude" | "lat" => (-60, 60),
        "longitude" | "lon" | "lng" => (-170, 170),
        "temperature" | "celsius" => (15, 40),
        "id" | "number" => (1, 9999),
        "quantity" | "count" | "size" => (1, 12),
        _ => (1, 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_people_read_them() {
        for (name, expected) in [
            ("birthDate", &["birth", "date"][..]),
            ("photos", &["photo"]),
            ("allergies", &["allergy"]),
            ("species", &["species"]),
            ("first_name", &["first", "name"]),
            ("", &[]),
        ] {
            assert_eq!(parts(name), expected, "{name}");
        }
    }

    #[test]
    fn owners_say_what_general_names_mean() {
        for (owner, name, meaning) in [
            ("weight", "value", "weight"),
            ("photos", "url", "photosUrl"),
            ("emergencyContacts", "name", "fullName"),
            ("Breed", "name", "breed"),
            ("medications", "name", "medication"),
            ("Pet", "name", "name"),
            ("", "value", "value"),
        ] {
            assert_eq!(known_as(owner, name), meaning, "{owner}.{name}");
        }
    }

    #[test]
    fn names_lead_to_what_they_mean() {
        let mut dice = Dice::of(&["words"]);
        for _ in 0..100 {
            assert!(text("contactEmail", &mut dice).unwrap().contains('@'));
            assert!(text("phone", &mut dice).unwrap().starts_with("+1 "));
            assert!(text("photoUrl", &mut dice).unwrap().starts_with("https://img.example/photo/"));
            assert_eq!(text("last4", &mut dice).unwrap().len(), 4);
            assert!(("2023".."2027").contains(&&moment("createdAt", &mut dice)[..4]));
            assert!(("2008".."2024").contains(&&date("birthDate", &mut dice)[..4]));
            assert_eq!(text("unheardOf", &mut dice), None);
        }
    }
}
