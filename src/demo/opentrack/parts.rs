//! The operations over parts: search without pages, look-up, add, update, delete; and how a part is printed. Stock is in
//! `stock.rs`, the reading of a part in `part_form.rs`.

use jiff::civil::Date;

use super::lexical::{boolean, day, decimal_date, int, one_of};
use super::part_form::PartForm;
use super::printer::Printer;
use super::reader::{Reader, text};
use super::refusal::{Refusal, Stop};
use super::service::Call;
use super::store::{CATEGORIES, MOST_PARTS, Part, Store, Vehicle};
use super::{MESSAGES, fault::Fault};

/// What a search is for. An empty string is as good as none.
#[derive(Debug, Default)]
struct Wanted {
    /// The beginning of one.
    number: Option<String>,
    /// A piece of one, in lower case.
    description: Option<String>,
    category: Option<&'static str>,
    supplier_id: Option<String>,
    fits: Option<WantedVehicle>,
    available_at_least: Option<i32>,
    active: Option<bool>,
    changed_from: Option<Date>,
    changed_to: Option<Date>,
}

#[derive(Debug)]
struct WantedVehicle {
    make: String,
    model: Option<String>,
    year: Option<i32>,
}

impl WantedVehicle {
    fn fits(&self, vehicle: &Vehicle) -> bool {
        let year = |year| vehicle.year_from <= year && vehicle.year_to.is_none_or(|last| year <= last);
        vehicle.make.eq_ignore_ascii_case(&self.make)
            && self.model.as_ref().is_none_or(|model| vehicle.model.eq_ignore_ascii_case(model))
            && self.year.is_none_or(year)
    }
}

impl Wanted {
    fn read(reader: &mut Reader<'_, '_>) -> Result<Self, Fault> {
        let word = |node| text(node).map(|text| Some(text.trim().to_owned()).filter(|text| !text.is_empty()));
        let date = |node| day(node, &text(node)?);
        let wanted = Self {
            number: reader.optional("PartNumber").map(word).transpose()?.flatten(),
            description: reader
                .optional("Description")
                .map(word)
                .transpose()?
                .flatten()
                .map(|d| d.to_lowercase()),
            category: reader.optional("CategoryCode").map(|node| one_of(node, &CATEGORIES)).transpose()?,
            supplier_id: reader.optional("SupplierId").map(word).transpose()?.flatten(),
            fits: match reader.optional("Fits") {
                Some(node) => {
                    let mut reader = Reader::of(node, Some(MESSAGES))?;
                    let vehicle = WantedVehicle {
                        make: text(reader.required("Make")?)?.trim().to_owned(),
                        model: reader.optional("Model").map(word).transpose()?.flatten(),
                        year: reader.optional("Year").map(int).transpose()?,
                    };
                    reader.end()?;
                    Some(vehicle)
                }
                None => None,
            },
            available_at_least: reader.optional("AvailableAtLeast").map(int).transpose()?,
            active: reader.optional("Active").map(boolean).transpose()?,
            changed_from: reader.optional("ChangedFrom").map(date).transpose()?,
            changed_to: reader.optional("ChangedTo").map(date).transpose()?,
        };
        reader.end()?;
        Ok(wanted)
    }

    fn matches(&self, part: &Part, available: i32) -> bool {
        let data = &part.data;
        self.number.as_ref().is_none_or(|number| data.number.starts_with(number.as_str()))
            && self.description.as_ref().is_none_or(|piece| data.description.to_lowercase().contains(piece.as_str()))
            && self.category.is_none_or(|category| data.category == category)
            && self.supplier_id.as_ref().is_none_or(|id| data.supplier_id == *id)
            // What fits every vehicle fits this one, too.
            && self.fits.as_ref().is_none_or(|wanted| data.fits.is_empty() || data.fits.iter().any(|v| wanted.fits(v)))
            && self.available_at_least.is_none_or(|least| available >= least)
            && self.active.is_none_or(|active| part.active == active)
            && self.changed_from.is_none_or(|from| part.changed >= from)
            && self.changed_to.is_none_or(|to| part.changed <= to)
    }
}

pub(super) fn search(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let wanted = Wanted::read(&mut call.parameters("SearchParms")?)?;
    call.admit()?;
    let reserved = call.store.reserved();
    let with_quantity =
        call.store.parts.values().map(|part| (part, reserved.get(&part.id).copied().unwrap_or(0)));
    let found = with_quantity.filter(|(part, held)| wanted.matches(part, Store::on_hand(part) - held));
    Call::list(&mut call.out, "Parts", found, |out, (part, held)| print(out, part, held, false));
    Ok(())
}

pub(super) fn lookup(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let key = Key::read(call)?;
    call.admit()?;
    let part = key.find(call.store)?;
    print(&mut call.out, part, call.store.reserved_of(part), true);
    Ok(())
}

pub(super) fn add(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let form = PartForm::read(call.parameter("Part")?)?;
    call.admit()?;
    let data = form.check(call.store, None)?;
    if call.store.parts.contains_key(&data.number) {
        return Err(Refusal::duplicate("PartNumber", &data.number).into());
    }
    if call.store.parts.len() >= MOST_PARTS {
        return Err(Refusal::full("parts").into());
    }
    call.store.last_part += 1;
    let id = call.store.last_part;
    let number = data.number.clone();
    let part = Part {
        id,
        data,
        active: form.active.unwrap_or(true),
        added: form.added.unwrap_or(call.today),
        changed: call.today,
        last_sold: form.last_sold.over(None),
        bins: Vec::new(),
    };
    call.store.parts.insert(number, part);
    call.done(&id.to_string(), "The part was added.");
    Ok(())
}

pub(super) fn update(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let key = Key::read(call)?;
    let form = PartForm::read(call.parameter("Part")?)?;
    call.admit()?;
    let old = key.find(call.store)?;
    let (id, number) = (old.id, old.data.number.clone());
    let data = form.check(call.store, Some(&old.data))?;
    if data.number != number {
        return Err(Refusal::field("PartNumber", "The number of a part cannot be changed.").into());
    }
    if let Some(part) = call.store.parts.get_mut(&number) {
        part.data = data;
        part.active = form.active.unwrap_or(part.active);
        part.added = form.added.unwrap_or(part.added);
        part.last_sold = form.last_sold.over(part.last_sold);
        part.changed = call.today;
    }
    call.done(&id.to_string(), "The part was changed.");
    Ok(())
}

pub(super) fn delete(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let key = Key::read(call)?;
    call.admit()?;
    let store = &mut *call.store;
    let part = key.find(store)?;
    let (id, number) = (part.id, part.data.number.clone());
    if Store::on_hand(part) > 0 || store.reserved_of(part) > 0 {
        return Err(Refusal::in_use("The part has stock or reservations.").into());
    }
    let ordered = |order: &super::store::Order| order.lines.iter().any(|line| line.part_number == number);
    if store.orders.values().any(|order| order.is_open() && ordered(order)) {
        return Err(Refusal::in_use("The part is on an open order.").into());
    }
    if store.parts.values().any(|other| other.data.superseded_by.as_ref() == Some(&number)) {
        return Err(Refusal::in_use("The part supersedes another.").into());
    }
    store.parts.remove(&number);
    call.done(&id.to_string(), "The part was deleted.");
    Ok(())
}

/// How a request names a part.
#[derive(Debug)]
pub(super) enum Key {
    Number(String),
    Id(i32),
}

impl Key {
    /// The choice in `LookupParms`.
    pub(super) fn read(call: &mut Call<'_, '_, '_>) -> Result<Self, Fault> {
        let mut reader = call.parameters("LookupParms")?;
        let key = if let Some(node) = reader.optional("PartNumber") {
            Self::Number(text(node)?.trim().to_owned())
        } else if let Some(node) = reader.optional("PartId") {
            Self::Id(int(node)?)
        } else {
            return Err(reader.unexpected("`PartNumber` or `PartId`"));
        };
        reader.end()?;
        Ok(key)
    }

    pub(super) fn find<'s>(&self, store: &'s Store) -> Result<&'s Part, Refusal> {
        match self {
            Self::Number(number) => store.parts.get(number).ok_or_else(|| Refusal::not_found("Part", number)),
            Self::Id(id) => store.part_by_id(*id).ok_or_else(|| Refusal::not_found("Part", &id.to_string())),
        }
    }
}

/// `alone` where the part is the result itself and has to leave the results' namespace.
fn print(out: &mut Printer, part: &Part, reserved: i32, alone: bool) {
    let id = part.id.to_string();
    let attributes: &[(&str, &str)] = if alone { &[("xmlns", ""), ("Id", &id)] } else { &[("Id", &id)] };
    let data = &part.data;
    let on_hand = Store::on_hand(part);
    out.within("Part", attributes, |out| {
        out.text("PartNumber", &data.number);
        out.text("Description", &data.description);
        out.text("CategoryCode", data.category);
        out.text("SupplierId", &data.supplier_id);
        out.text("ListPrice", data.list_price);
        out.optional("Cost", data.cost);
        out.nillable("Weight", data.weight);
        out.yes_no("Hazardous", data.hazardous);
        out.nillable("SupersededBy", data.superseded_by.as_ref());
        out.optional("Notes", data.notes.as_ref());
        out.within("Fits", &[], |out| data.fits.iter().for_each(|vehicle| print_vehicle(out, vehicle)));
        out.text("Active", part.active);
        out.text("DateAdded", decimal_date(Some(part.added)));
        out.text("DateChanged", decimal_date(Some(part.changed)));
        out.text("DateLastSold", decimal_date(part.last_sold));
        out.text("QuantityOnHand", on_hand);
        out.text("QuantityReserved", reserved);
        out.text("QuantityAvailable", on_hand - reserved);
        print_bins(out, part);
    });
}

fn print_vehicle(out: &mut Printer, vehicle: &Vehicle) {
    out.within("Vehicle", &[], |out| {
        out.text("Make", &vehicle.make);
        out.text("Model", &vehicle.model);
        out.text("YearFrom", vehicle.year_from);
        out.nillable("YearTo", vehicle.year_to);
    });
}

/// Only the primary bin says whether it is.
pub(super) fn print_bins(out: &mut Printer, part: &Part) {
    out.within("Bins", &[], |out| {
        for (at, bin) in part.bins.iter().enumerate() {
            let attributes: &[(&str, &str)] = if at == 0 { &[("Primary", "true")] } else { &[] };
            out.within("Bin", attributes, |out| {
                out.text("Location", &bin.location);
                out.text("Quantity", bin.quantity);
            });
        }
    });
}
