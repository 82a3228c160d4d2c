//! A part as it comes in: read in the order of `PartInput`, then checked against its columns and the other records. It
//! changes nothing.

use jiff::civil::Date;
use roxmltree::Node;

use super::fault::Fault;
use super::lexical::{Decimal, Hundredths, boolean, day, decimal, int, one_of, parse_int};
use super::reader::{Reader, nillable, text};
use super::refusal::Refusal;
use super::store::{CATEGORIES, PartData, Store, Vehicle};

/// Digits of a price, two of them decimals.
const PRICE_DIGITS: usize = 9;
/// Digits of a weight in pounds, two of them decimals.
const WEIGHT_DIGITS: usize = 7;
/// More models than any part of the catalogue fits.
const MOST_VEHICLES: usize = 50;
/// Motor vehicles, with room for the models of next years.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;

/// What was read; the types are right, the values not yet known to be.
#[derive(Debug)]
pub(super) struct PartForm {
    number: String,
    description: String,
    category: &'static str,
    supplier_id: String,
    list_price: Decimal,
    cost: Option<Decimal>,
    weight: Option<Decimal>,
    hazardous: bool,
    superseded_by: Option<String>,
    notes: Said<String>,
    fits: Vec<Vehicle>,
    pub(super) active: Option<bool>,
    pub(super) added: Option<Date>,
    pub(super) last_sold: Said<Date>,
}

/// An element that may be left out and may be nil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said<T> {
    Nothing,
    Nil,
    Value(T),
}

impl<T: Clone> Said<T> {
    /// What the record has from now on.
    pub(super) fn over(&self, old: Option<T>) -> Option<T> {
        match self {
            Self::Nothing => old,
            Self::Nil => None,
            Self::Value(value) => Some(value.clone()),
        }
    }
}

impl PartForm {
    pub(super) fn read(node: Node<'_, '_>) -> Result<Self, Fault> {
        let mut reader = Reader::of(node, None)?;
        let amount = |node| decimal(node, &text(node)?);
        let date = |node| day(node, &text(node)?);
        let form = Self {
            number: text(reader.required("PartNumber")?)?,
            description: text(reader.required("Description")?)?,
            category: one_of(reader.required("CategoryCode")?, &CATEGORIES)?,
            supplier_id: text(reader.required("SupplierId")?)?,
            list_price: amount(reader.required("ListPrice")?)?,
            cost: reader.optional("Cost").map(amount).transpose()?,
            weight: {
                let node = reader.required("Weight")?;
                nillable(node)?.map(|text| decimal(node, &text)).transpose()?
            },
            hazardous: one_of(reader.required("Hazardous")?, &["Y", "N"])? == "Y",
            superseded_by: nillable(reader.required("SupersededBy")?)?,
            notes: said(reader.optional("Notes"), |_, text| Ok(text.to_owned()))?,
            fits: vehicles(reader.required("Fits")?)?,
            active: reader.optional("Active").map(boolean).transpose()?,
            added: reader.optional("DateAdded").map(date).transpose()?,
            last_sold: said(reader.optional("DateLastSold"), day)?,
        };
        reader.end()?;
        Ok(form)
    }

    /// The record, or the first element that is not right. What may be left out and was left out is as in `old`.
    pub(super) fn check(&self, store: &Store, old: Option<&PartData>) -> Result<PartData, Refusal> {
        if !is_part_number(&self.number) {
            let message =
                "A part number has 1 to 20 capital letters, digits, blanks, points, slashes and hyphens.";
            return Err(Refusal::field("PartNumber", message));
        }
        if self.description.trim().is_empty() || self.description.chars().count() > 60 {
            return Err(Refusal::field("Description", "A description has 1 to 60 characters."));
        }
        if !store.suppliers.contains_key(&self.supplier_id) {
            return Err(Refusal::field("SupplierId", "There is no such supplier."));
        }
        let price = |field, amount: &Decimal| {
            let message = "A price has at most seven digits and two decimals, and is not below 0.";
            amount.hundredths(PRICE_DIGITS).ok_or_else(|| Refusal::field(field, message))
        };
        let list_price = price("ListPrice", &self.list_price)?;
        let cost = self.cost.as_ref().map(|cost| price("Cost", cost)).transpose()?;
        let weight = self.weight.as_ref().map(pounds).transpose()?;
        let other = |number: &String| *number != self.number && store.parts.contains_key(number);
        if !self.superseded_by.iter().all(other) {
            return Err(Refusal::field("SupersededBy", "There is no such other part."));
        }
        if matches!(&self.notes, Said::Value(notes) if notes.chars().count() > 500) {
            return Err(Refusal::field("Notes", "Notes have at most 500 characters."));
        }
        if self.fits.len() > MOST_VEHICLES || !self.fits.iter().all(is_vehicle) {
            let message =
                "A part fits at most 50 vehicles, each with a make, a model, and years in their order.";
            return Err(Refusal::field("Fits", message));
        }
        Ok(PartData {
            number: self.number.clone(),
            description: self.description.clone(),
            category: self.category,
            supplier_id: self.supplier_id.clone(),
            list_price,
            cost: cost.or(old.and_then(|old| old.cost)),
            weight,
            hazardous: self.hazardous,
            superseded_by: self.superseded_by.clone(),
            notes: self.notes.over(old.and_then(|old| old.notes.clone())),
            fits: self.fits.clone(),
        })
    }
}

fn said<'a, 'input, T>(
    node: Option<Node<'a, 'input>>,
    read: impl Fn(Node<'a, 'input>, &str) -> Result<T, Fault>,
) -> Result<Said<T>, Fault> {
    let Some(node) = node else { return Ok(Said::Nothing) };
    Ok(match nillable(node)? {
        Some(text) => Said::Value(read(node, &text)?),
        None => Said::Nil,
    })
}

fn pounds(weight: &Decimal) -> Result<Hundredths, Refusal> {
    let message = "A weight has at most five digits and two decimals, and is not below 0.";
    weight.hundredths(WEIGHT_DIGITS).ok_or_else(|| Refusal::field("Weight", message))
}

fn vehicles(node: Node<'_, '_>) -> Result<Vec<Vehicle>, Fault> {
    let mut reader = Reader::of(node, None)?;
    let vehicles = reader.many("Vehicle").into_iter().map(vehicle).collect();
    reader.end()?;
    vehicles
}

fn vehicle(node: Node<'_, '_>) -> Result<Vehicle, Fault> {
    let mut reader = Reader::of(node, None)?;
    let vehicle = Vehicle {
        make: text(reader.required("Make")?)?,
        model: text(reader.required("Model")?)?,
        year_from: int(reader.required("YearFrom")?)?,
        year_to: {
            let node = reader.required("YearTo")?;
            nillable(node)?.map(|text| parse_int(node, &text)).transpose()?
        },
    };
    reader.end()?;
    Ok(vehicle)
}

fn is_vehicle(vehicle: &Vehicle) -> bool {
    let word = |text: &str| !text.trim().is_empty() && text.chars().count() <= 30;
    word(&vehicle.make)
        && word(&vehicle.model)
        && YEARS.contains(&vehicle.year_from)
        && vehicle.year_to.is_none_or(|last| YEARS.contains(&last) && last >= vehicle.year_from)
}

/// The schema's pattern; a blank at the end could not be told from padding.
fn is_part_number(text: &str) -> bool {
    let mark = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let inner = |byte: u8| mark(byte) || matches!(byte, b' ' | b'.' | b'/' | b'-');
    text.len() <= 20
        && text.bytes().next().is_some_and(mark)
        && text.bytes().all(inner)
        && !text.ends_with(' ')
}
