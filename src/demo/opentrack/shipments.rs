//! The operations over shipments: search and look-up. Suppliers and carriers write them.

use super::lexical::{decimal_date, one_of};
use super::orders::{span, word};
use super::printer::Printer;
use super::reader::text;
use super::refusal::{Refusal, Stop};
use super::service::Call;
use super::store::{SHIPMENT_STATUSES, Shipment};

/// A search by date leaves out what has not been shipped.
pub(super) fn search(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let mut reader = call.parameters("SearchParms")?;
    let status = reader.optional("Status").map(|node| one_of(node, &SHIPMENT_STATUSES)).transpose()?;
    let order = word(&mut reader, "OrderNumber")?;
    let supplier = word(&mut reader, "SupplierId")?;
    let (from, to) = span(&mut reader)?;
    reader.end()?;
    call.admit()?;
    let orders = &call.store.orders;
    let found = call.store.shipments.values().filter(|shipment| {
        status.is_none_or(|status| shipment.status == status)
            && order.as_ref().is_none_or(|number| shipment.order_number == *number)
            && supplier.as_ref().is_none_or(|id| {
                orders.get(&shipment.order_number).is_some_and(|order| order.supplier_id == *id)
            })
            && from.is_none_or(|from| shipment.shipped.is_some_and(|day| day >= from))
            && to.is_none_or(|to| shipment.shipped.is_some_and(|day| day <= to))
    });
    Call::list(&mut call.out, "Shipments", found, |out, shipment| print(out, shipment, &[]));
    Ok(())
}

pub(super) fn lookup(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let mut reader = call.parameters("LookupParms")?;
    let number = text(reader.required("ShipmentNumber")?)?.trim().to_owned();
    reader.end()?;
    call.admit()?;
    let shipment =
        call.store.shipments.get(&number).ok_or_else(|| Refusal::not_found("Shipment", &number))?;
    print(&mut call.out, shipment, &[("xmlns", "")]);
    Ok(())
}

fn print(out: &mut Printer, shipment: &Shipment, attributes: &[(&str, &str)]) {
    out.within("Shipment", attributes, |out| {
        out.text("ShipmentNumber", &shipment.number);
        out.text("OrderNumber", &shipment.order_number);
        out.text("Status", shipment.status);
        out.text("Carrier", shipment.carrier);
        out.nillable("TrackingNumber", shipment.tracking_number.as_ref());
        out.text("DateShipped", decimal_date(shipment.shipped));
        out.text("DateExpected", decimal_date(shipment.expected));
        out.text("DateDelivered", decimal_date(shipment.delivered));
        out.text("Packages", shipment.packages);
        out.nillable("Weight", shipment.weight);
        out.optional("Freight", shipment.freight);
        out.within("Lines", &[], |out| {
            for line in &shipment.lines {
                out.within("ShipmentLine", &[("OrderLine", &line.order_line.to_string())], |out| {
                    out.text("PartNumber", &line.part_number);
                    out.text("Quantity", line.quantity);
                });
            }
        });
    });
}
