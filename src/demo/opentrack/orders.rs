//! The operations over orders to suppliers: search and look-up. Orders are placed elsewhere.

use jiff::civil::Date;

use super::fault::Fault;
use super::lexical::{Hundredths, day, decimal_date, one_of};
use super::printer::Printer;
use super::reader::{Reader, text};
use super::refusal::{Refusal, Stop};
use super::service::Call;
use super::store::{ORDER_STATUSES, Order};

pub(super) fn search(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let mut reader = call.parameters("SearchParms")?;
    let status = reader.optional("Status").map(|node| one_of(node, &ORDER_STATUSES)).transpose()?;
    let supplier = word(&mut reader, "SupplierId")?;
    let part = word(&mut reader, "PartNumber")?;
    let (from, to) = span(&mut reader)?;
    reader.end()?;
    call.admit()?;
    let found = call.store.orders.values().filter(|order| {
        status.is_none_or(|status| order.status == status)
            && supplier.as_ref().is_none_or(|id| order.supplier_id == *id)
            && part.as_ref().is_none_or(|number| order.lines.iter().any(|line| line.part_number == *number))
            && from.is_none_or(|from| order.ordered >= from)
            && to.is_none_or(|to| order.ordered <= to)
    });
    Call::list(&mut call.out, "Orders", found, |out, order| print(out, order, &[]));
    Ok(())
}

pub(super) fn lookup(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let mut reader = call.parameters("LookupParms")?;
    let number = text(reader.required("OrderNumber")?)?.trim().to_owned();
    reader.end()?;
    call.admit()?;
    let order = call.store.orders.get(&number).ok_or_else(|| Refusal::not_found("Order", &number))?;
    print(&mut call.out, order, &[("xmlns", "")]);
    Ok(())
}

/// An optional word of a search; an empty one is as good as none.
pub(super) fn word(reader: &mut Reader<'_, '_>, name: &str) -> Result<Option<String>, Fault> {
    let text = reader.optional(name).map(text).transpose()?;
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// `DateFrom` and `DateTo`, both days included.
pub(super) fn span(reader: &mut Reader<'_, '_>) -> Result<(Option<Date>, Option<Date>), Fault> {
    let date = |node| day(node, &text(node)?);
    let from = reader.optional("DateFrom").map(date).transpose()?;
    Ok((from, reader.optional("DateTo").map(date).transpose()?))
}

fn print(out: &mut Printer, order: &Order, attributes: &[(&str, &str)]) {
    let total = order.lines.iter().map(|line| i64::from(line.quantity) * line.unit_cost.0).sum();
    out.within("Order", attributes, |out| {
        out.text("OrderNumber", &order.number);
        out.text("OrderType", order.kind);
        out.text("Status", order.status);
        out.text("SupplierId", &order.supplier_id);
        out.text("DateOrdered", decimal_date(Some(order.ordered)));
        out.text("DateExpected", decimal_date(order.expected));
        out.text("DateReceived", decimal_date(order.received));
        out.nillable("Reference", order.reference.as_ref());
        out.text("Total", Hundredths(total));
        out.optional("Comments", order.comments.as_ref());
        out.within("Lines", &[], |out| {
            for line in &order.lines {
                out.within("OrderLine", &[("Number", &line.number.to_string())], |out| {
                    out.text("PartNumber", &line.part_number);
                    out.text("Quantity", line.quantity);
                    out.text("QuantityReceived", line.received);
                    out.text("UnitCost", line.unit_cost);
                });
            }
        });
    });
}
