//! From a body to records: the form of a `payload`, with every violation at its place. What needs the store or the
//! dictionaries to judge (`register`) is not judged here.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::chip::{Consent, Owner};
use super::refusal::{Refusal, Violation};

/// The most records of one request.
const MOST_RECORDS: usize = 100;
/// The longest text, in characters.
const LONGEST: usize = 120;

/// A registration whose form is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) identifier: String,
    /// An animal that the caller knows by its number.
    pub(super) animal_id: Option<u64>,
    pub(super) nickname: String,
    pub(super) species_id: u64,
    pub(super) breed_id: Option<u64>,
    pub(super) sex_id: Option<u64>,
    pub(super) birth_date: Option<String>,
    pub(super) owner: Option<Owner>,
    pub(super) consent: Consent,
    pub(super) implanter: Option<String>,
}

/// What a change says; what it does not mention stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) owner: Keeper,
    pub(super) share_contact: Option<bool>,
    pub(super) share_medical: Option<bool>,
}

/// What a change says of the owner, who is replaced as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Keeper {
    #[default]
    Stays,
    /// `null`: nobody keeps the animal.
    Leaves,
    Is(Owner),
}

/// The registrations of a body.
pub(super) fn registrations(body: &Value) -> Result<Vec<Record>, Refusal> {
    let mut faults = Vec::new();
    let items = payload(body, MOST_RECORDS, &mut faults);
    let records: Vec<_> = items.map(|(at, item)| registration(at, item, &mut faults)).collect();
    settle(records, faults)
}

/// The one change of a body.
pub(super) fn change(body: &Value) -> Result<Change, Refusal> {
    let mut faults = Vec::new();
    let items = payload(body, 1, &mut faults);
    let changes: Vec<_> = items
        .map(|(at, item)| {
            let mut members = Members::new(vec![json!("payload"), json!(at)], item, &mut faults)?;
            let owner = match members.nullable("owner") {
                None => Keeper::Stays,
                // A person with faults is refused with the body.
                Some(owner) => members.owner(owner).map_or(Keeper::Leaves, Keeper::Is),
            };
            let (share_contact, share_medical) = members.consent();
            members.end();
            Some(Change { owner, share_contact, share_medical })
        })
        .collect();
    Ok(settle(changes, faults)?.into_iter().next().unwrap_or_default())
}

fn settle<T>(records: Vec<Option<T>>, faults: Vec<Violation>) -> Result<Vec<T>, Refusal> {
    if faults.is_empty() {
        Ok(records.into_iter().flatten().collect())
    } else {
        Err(Refusal::Invalid(faults))
    }
}

/// The items of `payload`, which is a list of one to `most`, and the body's only member.
fn payload<'b>(
    body: &'b Value,
    most: usize,
    faults: &mut Vec<Violation>,
) -> impl Iterator<Item = (usize, &'b Value)> + use<'b> {
    let loc = [json!("payload")];
    let list = body.get("payload");
    let items = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    match list {
        None => faults.push(Violation::new(&loc, "Field required", "missing")),
        Some(Value::Array(items)) if items.is_empty() => {
            faults.push(Violation::new(&loc, "List should have at least 1 item", "too_short"));
        }
        Some(Value::Array(items)) if items.len() > most => {
            let message = format!("List should have at most {most} items, not {}", items.len());
            faults.push(Violation::new(&loc, message, "too_long"));
        }
        Some(Value::Array(_)) => {}
        Some(_) => faults.push(Violation::new(&loc, "Input should be a valid list", "list_type")),
    }
    for name in body.as_object().into_iter().flat_map(Map::keys).filter(|name| *name != "payload") {
        faults.push(Violation::new(&[json!(name)], "Extra inputs are not permitted", "extra_forbidden"));
    }
    items.iter().take(most).enumerate()
}

fn registration(at: usize, item: &Value, faults: &mut Vec<Violation>) -> Option<Record> {
    let loc = vec![json!("payload"), json!(at)];
    let mut members = Members::new(loc.clone(), item, faults)?;
    let identifier = members.required("identifier").and_then(|value| members.digits("identifier", value));
    let animal = members.required("animal");
    let owner = members.nullable("owner").and_then(|owner| members.owner(owner));
    let (share_contact, share_medical) = members.consent();
    let implanter = members.text("implanter");
    members.end();
    let mut loc = loc;
    loc.push(json!("animal"));
    let mut members = Members::new(loc, animal?, faults)?;
    let animal_id = members.id("id");
    let nickname = members.required("nickname").and_then(|value| members.string("nickname", value));
    let species_id = members.required("species_id").and_then(|value| members.number("species_id", value));
    let (breed_id, sex_id) = (members.id("breed_id"), members.id("sex_id"));
    let birth_date = members.date("birth_date");
    members.end();
    Some(Record {
        identifier: identifier?,
        animal_id,
        nickname: nickname?,
        species_id: species_id?,
        breed_id,
        sex_id,
        birth_date,
        owner,
        consent: Consent {
            share_contact: share_contact.unwrap_or_default(),
            share_medical: share_medical.unwrap_or_default(),
        },
        implanter,
    })
}

/// The members of one object, taken by name; those that nobody took are refused at the end.
struct Members<'b, 'f> {
    loc: Vec<Value>,
    object: &'b Map<String, Value>,
    taken: Vec<&'static str>,
    faults: &'f mut Vec<Violation>,
}

impl<'b, 'f> Members<'b, 'f> {
    fn new(loc: Vec<Value>, value: &'b Value, faults: &'f mut Vec<Violation>) -> Option<Self> {
        let Some(object) = value.as_object() else {
            faults.push(Violation::new(&loc, "Input should be a valid dictionary", "dict_type"));
            return None;
        };
        Some(Self { loc, object, taken: Vec::new(), faults })
    }

    fn fault(&mut self, name: &str, message: impl Into<String>, kind: &'static str) {
        let mut loc = self.loc.clone();
        loc.push(json!(name));
        self.faults.push(Violation::new(&loc, message, kind));
    }

    /// A member that is there, `null` too.
    fn nullable(&mut self, name: &'static str) -> Option<&'b Value> {
        self.taken.push(name);
        self.object.get(name)
    }

    fn optional(&mut self, name: &'static str) -> Option<&'b Value> {
        self.nullable(name).filter(|value| !value.is_null())
    }

    fn required(&mut self, name: &'static str) -> Option<&'b Value> {
        let value = self.nullable(name);
        if value.is_none() {
            self.fault(name, "Field required", "missing");
        }
        value
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        self.optional(name).and_then(|value| self.string(name, value))
    }

    fn string(&mut self, name: &str, value: &Value) -> Option<String> {
        let Some(text) = value.as_str() else {
            self.fault(name, "Input should be a valid string", "string_type");
            return None;
        };
        match text.trim().chars().count() {
            0 => self.fault(name, "String should have at least 1 character", "string_too_short"),
            1..=LONGEST => return Some(text.trim().to_owned()),
            _ => {
                let message = format!("String should have at most {LONGEST} characters");
                self.fault(name, message, "string_too_long");
            }
        }
        None
    }

    /// Fifteen digits, as text: a number has lost its zeros in front.
    fn digits(&mut self, name: &str, value: &Value) -> Option<String> {
        let text = self.string(name, value)?;
        if text.len() == 15 && text.bytes().all(|digit| digit.is_ascii_digit()) {
            return Some(text);
        }
        self.fault(name, "String should match pattern '^[0-9]{15}$'", "string_pattern_mismatch");
        None
    }

    fn id(&mut self, name: &'static str) -> Option<u64> {
        self.optional(name).and_then(|value| self.number(name, value))
    }

    fn number(&mut self, name: &str, value: &Value) -> Option<u64> {
        // Ids above this could meet the registry's own numbers, or not fit where they go.
        let number = value.as_u64().filter(|number| (1..=u64::from(u32::MAX)).contains(number));
        if number.is_none() {
            self.fault(name, "Input should be a valid integer from 1 to 4294967295", "int_type");
        }
        number
    }

    fn date(&mut self, name: &'static str) -> Option<String> {
        let value = self.optional(name)?;
        let date = value.as_str().filter(|text| text.len() == 10).and_then(|text| text.parse::<Date>().ok());
        if date.is_none() {
            self.fault(
                name,
                "Input should be a valid date in the format YYYY-MM-DD",
                "date_from_datetime_parsing",
            );
        }
        date.map(|date| date.to_string())
    }

    fn flag(&mut self, name: &'static str) -> Option<bool> {
        let value = self.nullable(name)?;
        if !value.is_boolean() {
            self.fault(name, "Input should be a valid boolean", "bool_type");
        }
        value.as_bool()
    }

    /// `share_contact`, `share_medical`; each stays as it is where it is not mentioned.
    fn consent(&mut self) -> (Option<bool>, Option<bool>) {
        let Some(value) = self.nullable("consent") else { return (None, None) };
        let Some(mut members) = self.inner("consent", value) else { return (None, None) };
        let consent = (members.flag("share_contact"), members.flag("share_medical"));
        members.end();
        consent
    }

    /// A person; `null` is none.
    fn owner(&mut self, value: &Value) -> Option<Owner> {
        if value.is_null() {
            return None;
        }
        let mut members = self.inner("owner", value)?;
        let first_name = members.required("first_name").and_then(|value| members.string("first_name", value));
        let last_name = members.required("last_name").and_then(|value| members.string("last_name", value));
        let (email, phone) = (members.text("email"), members.text("phone"));
        let (city, country) = (members.text("city"), members.text("country"));
        let address = |text: &String| {
            text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        };
        if email.as_ref().is_some_and(|email| !address(email)) {
            members.fault("email", "value is not a valid email address", "value_error");
        }
        let alpha2 =
            |code: &String| code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase());
        if country.as_ref().is_some_and(|country| !alpha2(country)) {
            members.fault("country", "String should match pattern '^[A-Z]{2}$'", "string_pattern_mismatch");
        }
        if email.is_none() && phone.is_none() {
            members.fault("email", "An owner needs an email address or a phone number", "missing");
        }
        members.end();
        Some(Owner { first_name: first_name?, last_name: last_name?, email, phone, city, country })
    }

    fn inner<'v>(&mut self, name: &str, value: &'v Value) -> Option<Members<'v, '_>> {
        let mut loc = self.loc.clone();
        loc.push(json!(name));
        Members::new(loc, value, self.faults)
    }

    fn end(mut self) {
        let object = self.object;
        for name in object.keys() {
            if !self.taken.contains(&name.as_str()) {
                self.fault(name, "Extra inputs are not permitted", "extra_forbidden");
            }
        }
    }
}
