//! What a good engineer would write without the façade: structs with borrowed strings over `serde_json`, one pair for
//! each side, for `drupal7`'s nodes and public pets. It checks what the mapping checks (codes, dates, numbers, unknown
//! terms) and deliberately does no more: no selection, no positions in its errors, no way back.

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap, marker::PhantomData};

/// The terms of a vocabulary and what each is outside.
pub type Terms = HashMap<Box<str>, Box<str>>;

/// What a translation needs besides the nodes.
#[derive(Clone, Copy)]
pub struct Around<'t> {
    pub species: &'t Terms,
    pub breeds: &'t Terms,
    /// Year, month, day.
    pub today: (i32, u8, u8),
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Wrong {
    Json,
    Term,
    Date,
    Time,
    Number,
    Flag,
}

impl From<serde_json::Error> for Wrong {
    fn from(_: serde_json::Error) -> Self {
        Self::Json
    }
}

/// A list of nodes to a list of public pets, behind what is written already.
pub fn list(nodes: &str, around: Around<'_>, out: &mut Vec<u8>) -> Result<(), Wrong> {
    let nodes: Vec<Node<'_>> = serde_json::from_str(nodes)?;
    out.reserve(nodes.len() * 1024);
    out.push(b'[');
    for (at, node) in nodes.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        // Each pet is written as soon as it is made: a list of them would be one copy more.
        serde_json::to_writer(&mut *out, &Pet::of(node, around)?)?;
    }
    out.push(b']');
    Ok(())
}

/// One node to one public pet.
#[allow(dead_code, reason = "not every bench has single records")]
pub fn record(node: &str, around: Around<'_>) -> Result<Vec<u8>, Wrong> {
    let node: Node<'_> = serde_json::from_str(node)?;
    let mut out = Vec::with_capacity(1024);
    serde_json::to_writer(&mut out, &Pet::of(&node, around)?)?;
    Ok(out)
}

// === the source's side ===

#[derive(Deserialize)]
struct Node<'a> {
    nid: &'a str,
    uid: &'a str,
    #[serde(borrow)]
    title: Cow<'a, str>,
    created: &'a str,
    changed: Option<&'a str>,
    #[serde(borrow, default)]
    field_species: Field<First<Term<'a>>>,
    #[serde(borrow, default)]
    field_breed_primary: Field<First<Target<'a>>>,
    #[serde(borrow, default)]
    field_breed_secondary: Field<First<Target<'a>>>,
    #[serde(borrow, default)]
    field_breed_mix: Field<First<Item<'a>>>,
    #[serde(default)]
    field_gender: Field<First<Of<Gender>>>,
    #[serde(default)]
    field_altered: Field<First<Of<YesNo>>>,
    #[serde(borrow, default)]
    field_birthday: Field<First<Item<'a>>>,
    #[serde(borrow, default)]
    field_birthday_estimated: Field<First<Item<'a>>>,
    #[serde(borrow, default)]
    field_weight_value: Field<First<Item<'a>>>,
    #[serde(default)]
    field_weight_unit: Field<First<Of<Unit>>>,
    #[serde(borrow, default)]
    field_colors: Field<Vec<Line<'a>>>,
    #[serde(borrow, default)]
    field_microchip: Field<First<Item<'a>>>,
    #[serde(borrow, default)]
    field_behavior_notes: Field<First<Line<'a>>>,
    #[serde(borrow, default)]
    field_photos: Field<Vec<File<'a>>>,
    #[serde(default)]
    field_visibility: Field<Shown>,
    #[serde(default)]
    field_pet_status: Field<First<Of<Status>>>,
}

/// A field as Drupal prints it: `[]`, or its items below a language. The items are collected without a list between.
#[derive(Default)]
pub struct Field<C>(pub C);

/// Something that takes the items of a field one by one.
pub trait Collect<'de>: Default {
    type Item: Deserialize<'de>;
    fn take(&mut self, item: Self::Item);
}

pub struct First<T>(pub Option<T>);

impl<T> Default for First<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Collect<'de> for First<T> {
    type Item = T;
    fn take(&mut self, item: T) {
        if self.0.is_none() {
            self.0 = Some(item);
        }
    }
}

impl<'de, T: Deserialize<'de>> Collect<'de> for Vec<T> {
    type Item = T;
    fn take(&mut self, item: T) {
        self.push(item);
    }
}

impl Collect<'_> for Shown {
    type Item = Of<Section>;
    fn take(&mut self, item: Of<Section>) {
        match item.value {
            Section::Profile => self.profile = true,
            Section::Contact => self.contact = true,
            Section::EmergencyContacts => self.emergency_contacts = true,
            Section::Medical => self.medical = true,
        }
    }
}

impl<'de, C: Collect<'de>> Deserialize<'de> for Field<C> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Languages(PhantomData)).map(Self)
    }
}

struct Languages<C>(PhantomData<C>);

impl<'de, C: Collect<'de>> Visitor<'de> for Languages<C> {
    type Value = C;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("`[]` or items below a language")
    }

    fn visit_unit<E>(self) -> Result<C, E> {
        Ok(C::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<C, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(C::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut languages: A) -> Result<C, A::Error> {
        let mut found = C::default();
        while let Some(language) = languages.next_key::<&str>()? {
            if language == "und" {
                found = languages.next_value::<Und<C>>()?.0;
            } else {
                languages.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

struct Und<C>(C);

impl<'de, C: Collect<'de>> Deserialize<'de> for Und<C> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(Items(PhantomData)).map(Self)
    }
}

struct Items<C>(PhantomData<C>);

impl<'de, C: Collect<'de>> Visitor<'de> for Items<C> {
    type Value = C;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<C, A::Error> {
        let mut found = C::default();
        while let Some(item) = items.next_element()? {
            found.take(item);
        }
        Ok(found)
    }
}

/// Codes and digits never hold an escape: they are borrowed as they stand.
#[derive(Deserialize)]
pub struct Item<'a> {
    pub value: &'a str,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
pub struct Term<'a> {
    pub tid: &'a str,
}

#[derive(Deserialize)]
struct Target<'a> {
    target_id: &'a str,
}

#[derive(Deserialize)]
pub struct Of<T> {
    pub value: T,
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    uri: Cow<'a, str>,
    width: Option<&'a str>,
    height: Option<&'a str>,
}

#[derive(Deserialize, Clone, Copy)]
pub enum Gender {
    Male,
    Female,
}

#[derive(Deserialize, Clone, Copy)]
enum YesNo {
    Yes,
    No,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
enum Section {
    Profile,
    Contact,
    EmergencyContacts,
    Medical,
}

#[derive(Deserialize, Serialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
enum Unit {
    Kg,
    Lb,
}

#[derive(Deserialize, Serialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    Active,
    Lost,
    Deceased,
    Inactive,
}

// === the public side ===

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pet<'a> {
    #[serde(rename = "petId")]
    id: &'a str,
    owner_id: &'a str,
    name: &'a str,
    species: &'a str,
    breed: Option<Breed<'a>>,
    sex: Option<&'static str>,
    altered: Option<bool>,
    birth_date: Option<&'a str>,
    birth_date_estimated: bool,
    age: Option<Brief>,
    weight: Option<Weight<'a>>,
    colors: Colors<'a>,
    microchip: Option<&'a str>,
    behavior_notes: Option<&'a str>,
    photos: Photos<'a>,
    visibility: Shown,
    status: Status,
    created_at: Brief,
    updated_at: Option<Brief>,
}

#[derive(Serialize)]
struct Breed<'a> {
    primary: &'a str,
    secondary: Option<&'a str>,
    mixed: bool,
}

#[derive(Serialize)]
struct Weight<'a> {
    value: Cow<'a, RawValue>,
    unit: Unit,
}

/// The items as they are in the node, written without a list of their own.
struct Colors<'a>(&'a [Line<'a>]);

impl Serialize for Colors<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(|line| &line.value))
    }
}

struct Photos<'a>(&'a [File<'a>]);

impl Serialize for Photos<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(|file| Photo {
            url: &file.uri,
            width: file.width.and_then(|w| w.parse().ok()),
            height: file.height.and_then(|h| h.parse().ok()),
        }))
    }
}

#[derive(Serialize)]
struct Photo<'a> {
    url: &'a str,
    width: Option<i64>,
    height: Option<i64>,
}

#[derive(Serialize, Default, Clone, Copy)]
#[serde(rename_all = "camelCase")]
struct Shown {
    profile: bool,
    contact: bool,
    emergency_contacts: bool,
    medical: bool,
}

impl<'a> Pet<'a> {
    fn of(node: &'a Node<'a>, around: Around<'a>) -> Result<Self, Wrong> {
        let breed = |target: &Target<'_>| term(around.breeds, target.target_id);
        let primary = node.field_breed_primary.0.0.as_ref().map(breed).transpose()?;
        let secondary = node.field_breed_secondary.0.0.as_ref().map(breed).transpose()?;
        let mixed = node.field_breed_mix.0.0.as_ref().map(flag).transpose()?;
        let birth = node.field_birthday.0.0.as_ref().map(birthday).transpose()?;
        let weight = node.field_weight_value.0.0.as_ref().map(|v| two_places(v.value)).transpose()?;
        let species = node.field_species.0.0.as_ref().ok_or(Wrong::Term)?;
        Ok(Self {
            id: node.nid,
            owner_id: node.uid,
            name: &node.title,
            species: term(around.species, species.tid)?,
            breed: primary.map(|primary| Breed { primary, secondary, mixed: mixed.unwrap_or(false) }),
            sex: node.field_gender.0.0.as_ref().map(|g| match g.value {
                Gender::Male => "male",
                Gender::Female => "female",
            }),
            altered: node.field_altered.0.0.as_ref().map(|a| matches!(a.value, YesNo::Yes)),
            birth_date: birth.map(|(text, _)| text),
            birth_date_estimated: node.field_birthday_estimated.0.0.as_ref().map_or(Ok(false), flag)?,
            age: birth.map(|(_, born)| age(born, around.today)).transpose()?,
            weight: weight
                .zip(node.field_weight_unit.0.0.as_ref())
                .map(|(value, unit)| Weight { value, unit: unit.value }),
            colors: Colors(&node.field_colors.0),
            microchip: node.field_microchip.0.0.as_ref().map(|m| m.value).filter(|m| !m.is_empty()),
            behavior_notes: node.field_behavior_notes.0.0.as_ref().map(|n| &*n.value),
            photos: Photos(&node.field_photos.0),
            visibility: node.field_visibility.0,
            status: node.field_pet_status.0.0.as_ref().map_or(Status::Active, |s| s.value),
            created_at: time(node.created)?,
            updated_at: node.changed.map(time).transpose()?,
        })
    }
}

pub fn term<'a>(terms: &'a Terms, id: &str) -> Result<&'a str, Wrong> {
    terms.get(id).map(|meaning| &**meaning).ok_or(Wrong::Term)
}

fn flag(item: &Item<'_>) -> Result<bool, Wrong> {
    match item.value {
        "1" => Ok(true),
        "0" => Ok(false),
        _ => Err(Wrong::Flag),
    }
}

/// The digits as they stand where there are two of them behind the point, as Drupal's decimals have.
fn two_places(text: &str) -> Result<Cow<'_, RawValue>, Wrong> {
    if text.len() > 3 && text.as_bytes().get(text.len() - 3) == Some(&b'.') {
        return Ok(Cow::Borrowed(serde_json::from_str(text)?));
    }
    let number: f64 = text.parse().map_err(|_| Wrong::Number)?;
    Ok(Cow::Owned(RawValue::from_string(format!("{number:.2}"))?))
}

// === times ===

/// A short text on the stack.
#[derive(Clone, Copy)]
pub struct Brief {
    bytes: [u8; 20],
    length: usize,
}

impl Brief {
    const EMPTY: Self = Self { bytes: [0; 20], length: 0 };

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    fn digits(&mut self, number: u32) {
        self.push(b'0' + (number / 10 % 10) as u8);
        self.push(b'0' + (number % 10) as u8);
    }
}

impl Serialize for Brief {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let text = self.bytes.get(..self.length).and_then(|bytes| std::str::from_utf8(bytes).ok());
        to.serialize_str(text.unwrap_or_default())
    }
}

/// Seconds since 1970 to RFC 3339 in UTC (days to dates as in Howard Hinnant's `civil_from_days`).
pub fn time(epoch: &str) -> Result<Brief, Wrong> {
    let seconds: i64 = epoch.parse().map_err(|_| Wrong::Time)?;
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) as u32);
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * march + 2) / 5 + 1) as u32;
    let month = if march < 10 { march + 3 } else { march - 9 } as u32;
    let year = u32::try_from(year_of_era + era * 400 + i64::from(month <= 2)).map_err(|_| Wrong::Time)?;
    if year > 9999 {
        return Err(Wrong::Time);
    }
    let mut out = Brief::EMPTY;
    out.digits(year / 100);
    out.digits(year % 100);
    for (sign, number) in
        [(b'-', month), (b'-', day), (b'T', second / 3600), (b':', second / 60 % 60), (b':', second % 60)]
    {
        out.push(sign);
        out.digits(number);
    }
    out.push(b'Z');
    Ok(out)
}

/// A date that a day of the calendar has, and its parts.
pub fn birthday<'a>(item: &Item<'a>) -> Result<(&'a str, (i32, u8, u8)), Wrong> {
    let text = item.value.strip_suffix(" 00:00:00").ok_or(Wrong::Date)?;
    let part = |from: usize, to: usize| {
        let digits = text.get(from..to).filter(|d| d.bytes().all(|b| b.is_ascii_digit()));
        digits.and_then(|d| d.parse::<u16>().ok()).ok_or(Wrong::Date)
    };
    let dashes =
        text.len() == 10 && text.as_bytes().get(4) == Some(&b'-') && text.as_bytes().get(7) == Some(&b'-');
    let (year, month, day) = (part(0, 4)?, part(5, 7)?, part(8, 10)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let most = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    if !dashes || day == 0 || day > most {
        return Err(Wrong::Date);
    }
    Ok((text, (i32::from(year), month as u8, day as u8)))
}

/// The age in the largest whole unit that is not zero.
fn age(born: (i32, u8, u8), today: (i32, u8, u8)) -> Result<Brief, Wrong> {
    let months =
        (today.0 - born.0) * 12 + i32::from(today.1) - i32::from(born.1) - i32::from(today.2 < born.2);
    let months = u32::try_from(months).map_err(|_| Wrong::Date)?;
    let mut out = Brief::EMPTY;
    out.push(b'P');
    let mut number = |number: u32, unit: u8| {
        if number >= 100 {
            out.push(b'0' + (number / 100) as u8);
        }
        if number >= 10 {
            out.push(b'0' + (number / 10 % 10) as u8);
        }
        out.push(b'0' + (number % 10) as u8);
        out.push(unit);
    };
    match (months / 12, months) {
        // Within one month the days are the difference, over the end of a month at most once.
        (0, 0) => {
            let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
            let leap = u32::from(born.1 == 2 && born.0 % 4 == 0 && (born.0 % 100 != 0 || born.0 % 400 == 0));
            let month = lengths.get(usize::from(born.1) - 1).copied().unwrap_or(31) + leap;
            let same = (born.0, born.1) == (today.0, today.1);
            number(u32::from(today.2) + if same { 0 } else { month } - u32::from(born.2), b'D');
        }
        (0, months) => number(months, b'M'),
        (years, _) => number(years, b'Y'),
    }
    Ok(out)
}
