//! The operations over suppliers: search, look-up, add, update, delete; how one is read, checked and printed.

use roxmltree::Node;

use super::fault::Fault;
use super::lexical::{boolean, decimal_date, one_of, parse_int};
use super::printer::Printer;
use super::reader::{Reader, nillable, text};
use super::refusal::{Refusal, Stop};
use super::service::Call;
use super::store::{Address, MOST_SUPPLIERS, Store, Supplier, SupplierData, TERMS};

/// Suppliers that are added get ids from here on.
const FIRST_NEW: u32 = 5000;

pub(super) fn search(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let mut reader = call.parameters("SearchParms")?;
    let name = reader.optional("Name").map(text).transpose()?.unwrap_or_default().trim().to_lowercase();
    let active = reader.optional("Active").map(boolean).transpose()?;
    reader.end()?;
    call.admit()?;
    let store = &*call.store;
    let found = store.suppliers.values().filter(|supplier| {
        supplier.data.name.to_lowercase().contains(&name)
            && active.is_none_or(|active| supplier.data.active == active)
    });
    Call::list(&mut call.out, "Suppliers", found, |out, supplier| print(out, store, supplier, &[]));
    Ok(())
}

pub(super) fn lookup(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let id = key(call)?;
    call.admit()?;
    let supplier = find(call.store, &id)?;
    print(&mut call.out, call.store, supplier, &[("xmlns", "")]);
    Ok(())
}

pub(super) fn add(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let data = read(call.parameter("Supplier")?)?;
    call.admit()?;
    check(&data)?;
    if let Some(same) = call.store.suppliers.values().find(|known| known.data.name == data.name) {
        return Err(Refusal::duplicate("Name", &same.data.name).into());
    }
    let free = (FIRST_NEW..10_000).map(|id| id.to_string()).find(|id| !call.store.suppliers.contains_key(id));
    let Some(id) = free.filter(|_| call.store.suppliers.len() < MOST_SUPPLIERS) else {
        return Err(Refusal::full("suppliers").into());
    };
    call.store.suppliers.insert(id.clone(), Supplier { id: id.clone(), data, added: call.today });
    call.done(&id, "The supplier was added.");
    Ok(())
}

pub(super) fn update(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let id = key(call)?;
    let data = read(call.parameter("Supplier")?)?;
    call.admit()?;
    find(call.store, &id)?;
    check(&data)?;
    if call.store.suppliers.values().any(|known| known.data.name == data.name && known.id != id) {
        return Err(Refusal::duplicate("Name", &data.name).into());
    }
    if let Some(supplier) = call.store.suppliers.get_mut(&id) {
        supplier.data = data;
    }
    call.done(&id, "The supplier was changed.");
    Ok(())
}

pub(super) fn delete(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let id = key(call)?;
    call.admit()?;
    find(call.store, &id)?;
    if call.store.parts.values().any(|part| part.data.supplier_id == id) {
        return Err(Refusal::in_use("Parts name the supplier.").into());
    }
    if call.store.orders.values().any(|order| order.supplier_id == id) {
        return Err(Refusal::in_use("Orders name the supplier.").into());
    }
    call.store.suppliers.remove(&id);
    call.done(&id, "The supplier was deleted.");
    Ok(())
}

fn key(call: &mut Call<'_, '_, '_>) -> Result<String, Fault> {
    let mut reader = call.parameters("LookupParms")?;
    let id = text(reader.required("SupplierId")?)?.trim().to_owned();
    reader.end()?;
    Ok(id)
}

fn find<'s>(store: &'s Store, id: &str) -> Result<&'s Supplier, Refusal> {
    store.suppliers.get(id).ok_or_else(|| Refusal::not_found("Supplier", id))
}

fn read(node: Node<'_, '_>) -> Result<SupplierData, Fault> {
    let mut reader = Reader::of(node, None)?;
    let data = SupplierData {
        name: text(reader.required("Name")?)?,
        contact_name: nillable(reader.required("ContactName")?)?,
        phone: reader.optional("Phone").map(text).transpose()?,
        email: reader.optional("Email").map(text).transpose()?,
        address: address(reader.required("Address")?)?,
        lead_days: {
            let node = reader.required("LeadDays")?;
            nillable(node)?.map(|text| parse_int(node, &text)).transpose()?
        },
        terms: one_of(reader.required("Terms")?, &TERMS)?,
        active: boolean(reader.required("Active")?)?,
    };
    reader.end()?;
    Ok(data)
}

fn address(node: Node<'_, '_>) -> Result<Address, Fault> {
    let mut reader = Reader::of(node, None)?;
    let address = Address {
        street: text(reader.required("Street")?)?,
        city: text(reader.required("City")?)?,
        region: text(reader.required("Region")?)?,
        postal_code: text(reader.required("PostalCode")?)?,
        country: text(reader.required("Country")?)?,
    };
    reader.end()?;
    Ok(address)
}

fn check(data: &SupplierData) -> Result<(), Refusal> {
    let long = |text: &str, most: usize| text.chars().count() > most;
    if data.name.trim().is_empty() || long(&data.name, 60) {
        return Err(Refusal::field("Name", "A name has 1 to 60 characters."));
    }
    if data.contact_name.as_ref().is_some_and(|name| long(name, 60)) {
        return Err(Refusal::field("ContactName", "A name has at most 60 characters."));
    }
    if data.phone.as_ref().is_some_and(|phone| long(phone, 30)) {
        return Err(Refusal::field("Phone", "A phone number has at most 30 characters."));
    }
    if data.email.as_ref().is_some_and(|email| long(email, 80) || !(email.is_empty() || email.contains('@')))
    {
        return Err(Refusal::field("Email", "An address has an @ and at most 80 characters."));
    }
    let address = &data.address;
    if [&address.street, &address.city, &address.region, &address.postal_code]
        .iter()
        .any(|part| long(part, 60))
    {
        return Err(Refusal::field("Address", "A line of an address has at most 60 characters."));
    }
    if address.country.len() != 2 || !address.country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(Refusal::field("Country", "A country is two capital letters."));
    }
    if data.lead_days.is_some_and(|days| !(0..=999).contains(&days)) {
        return Err(Refusal::field("LeadDays", "Days are from 0 to 999."));
    }
    Ok(())
}

fn print(out: &mut Printer, store: &Store, supplier: &Supplier, attributes: &[(&str, &str)]) {
    let data = &supplier.data;
    out.within("Supplier", attributes, |out| {
        out.text("Name", &data.name);
        out.nillable("ContactName", data.contact_name.as_ref());
        out.optional("Phone", data.phone.as_ref());
        out.optional("Email", data.email.as_ref());
        out.within("Address", &[], |out| {
            out.text("Street", &data.address.street);
            out.text("City", &data.address.city);
            out.text("Region", &data.address.region);
            out.text("PostalCode", &data.address.postal_code);
            out.text("Country", &data.address.country);
        });
        out.nillable("LeadDays", data.lead_days);
        out.text("Terms", data.terms);
        out.text("Active", data.active);
        out.text("SupplierId", &supplier.id);
        out.text("DateAdded", decimal_date(Some(supplier.added)));
        out.text("DateLastOrder", decimal_date(store.last_order(&supplier.id)));
    });
}
