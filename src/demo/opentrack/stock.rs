//! The operations over stock: what lies in which bin, reservations with a reference, bookings. **Never more is held than
//! is there**, and nothing goes out that is held.

use super::lexical::{day, decimal_date, int, one_of};
use super::parts::{Key, print_bins};
use super::printer::Printer;
use super::reader::{Reader, text};
use super::refusal::{Refusal, Stop};
use super::service::Call;
use super::store::{Bin, MOST_BINS, MOST_IN_BIN, Part, Reservation, Store};

/// Counted, delivered, brought back; sold, broken.
const REASONS: [&str; 5] = ["COUNT", "RECEIPT", "RETURN", "SALE", "DAMAGE"];

pub(super) fn stock(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let key = Key::read(call)?;
    call.admit()?;
    let part = key.find(call.store)?;
    print(&mut call.out, call.store, part);
    Ok(())
}

/// The same reference with the same part and quantity is the same reservation: a caller that lost the answer may ask
/// again.
pub(super) fn reserve(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let mut reader = Reader::of(call.parameter("Reservation")?, None)?;
    let number = text(reader.required("PartNumber")?)?;
    let quantity = int(reader.required("Quantity")?)?;
    let reference = text(reader.required("Reference")?)?;
    let needed = reader.optional("NeededBy").map(|node| day(node, &text(node)?)).transpose()?;
    reader.end()?;
    call.admit()?;

    let part = Key::Number(number).find(call.store)?.clone();
    if quantity < 1 {
        return Err(Refusal::field("Quantity", "A quantity is at least 1.").into());
    }
    if !is_reference(&reference) {
        let message = "A reference has 1 to 40 letters, digits, points, colons, hyphens and underscores.";
        return Err(Refusal::field("Reference", message).into());
    }
    if let Some(known) = call.store.reservations.get(&reference) {
        if !known.active {
            return Err(Refusal::released(&reference).into());
        }
        if known.part_id != part.id || known.asked != quantity {
            return Err(Refusal::reference("The reference is that of another reservation.").into());
        }
        print_reservation(&mut call.out, known, &part, true);
        return Ok(());
    }
    if !part.active {
        return Err(Refusal::field("PartNumber", "The part is not active.").into());
    }
    let available = Store::on_hand(&part) - call.store.reserved_of(&part);
    if quantity > available {
        return Err(Refusal::insufficient("Quantity", quantity, available).into());
    }
    if !call.store.has_room_for_reservation() {
        return Err(Refusal::full("reservations").into());
    }
    call.store.last_reservation += 1;
    let reservation = Reservation {
        id: call.store.last_reservation,
        part_id: part.id,
        quantity,
        asked: quantity,
        reference: reference.clone(),
        active: true,
        reserved: call.today,
        needed,
    };
    print_reservation(&mut call.out, &reservation, &part, true);
    call.store.reservations.insert(reference, reservation);
    Ok(())
}

/// A second release of the same reservation is an error, `AlreadyReleased`: for a caller that undoes something it is as
/// good as done.
pub(super) fn release(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let mut reader = call.parameters("ReleaseParms")?;
    let reference = text(reader.required("Reference")?)?;
    let quantity = reader.optional("Quantity").map(int).transpose()?;
    reader.end()?;
    call.admit()?;

    let Some(reservation) = call.store.reservations.get_mut(&reference) else {
        return Err(Refusal::not_found("Reservation", &reference).into());
    };
    if !reservation.active {
        return Err(Refusal::released(&reference).into());
    }
    match quantity {
        Some(quantity) if quantity < 1 => {
            return Err(Refusal::field("Quantity", "A quantity is at least 1.").into());
        }
        Some(quantity) if quantity > reservation.quantity => {
            return Err(Refusal::insufficient("Quantity", quantity, reservation.quantity).into());
        }
        Some(quantity) if quantity < reservation.quantity => {
            reservation.quantity -= quantity;
            call.done(&reference, "A part of the reservation was released.");
        }
        _ => {
            reservation.active = false;
            call.done(&reference, "The reservation was released.");
        }
    }
    Ok(())
}

pub(super) fn adjust(call: &mut Call<'_, '_, '_>) -> Result<(), Stop> {
    let mut reader = Reader::of(call.parameter("Adjustment")?, None)?;
    let number = text(reader.required("PartNumber")?)?;
    let location = text(reader.required("Location")?)?;
    let change = int(reader.required("QuantityChange")?)?;
    let reason = one_of(reader.required("Reason")?, &REASONS)?;
    reader.end()?;
    call.admit()?;

    let part = Key::Number(number).find(call.store)?;
    if !is_location(&location) {
        let message = "A location has 1 to 10 capital letters, digits and hyphens.";
        return Err(Refusal::field("Location", message).into());
    }
    let fits = match reason {
        "RECEIPT" | "RETURN" => change > 0,
        "SALE" | "DAMAGE" => change < 0,
        _ => change != 0,
    };
    if !fits {
        return Err(Refusal::field("QuantityChange", "The change does not fit the reason.").into());
    }
    let at = part.bins.iter().position(|bin| bin.location == location);
    let there = at.and_then(|at| part.bins.get(at)).map_or(0, |bin| bin.quantity);
    let quantity = there.saturating_add(change);
    // The bin first, then what is held of the whole.
    let free = (Store::on_hand(part) - call.store.reserved_of(part)).min(there);
    if change < 0 && change.saturating_neg() > free {
        return Err(Refusal::insufficient("QuantityChange", change.saturating_neg(), free).into());
    }
    if quantity > MOST_IN_BIN {
        return Err(Refusal::field("QuantityChange", "A bin holds at most 99999.").into());
    }
    if at.is_none() && part.bins.len() >= MOST_BINS {
        return Err(Refusal::field("Location", "A part lies in at most 20 bins.").into());
    }
    let number = part.data.number.clone();
    if let Some(part) = call.store.parts.get_mut(&number) {
        match at.and_then(|at| part.bins.get_mut(at)) {
            Some(bin) => bin.quantity = quantity,
            None => part.bins.push(Bin { location, quantity }),
        }
        if reason == "SALE" {
            part.last_sold = Some(call.today);
        }
        part.changed = call.today;
    }
    if let Some(part) = call.store.parts.get(&number) {
        print(&mut call.out, call.store, part);
    }
    Ok(())
}

fn print(out: &mut Printer, store: &Store, part: &Part) {
    let (on_hand, reserved) = (Store::on_hand(part), store.reserved_of(part));
    out.within("Stock", &[("xmlns", ""), ("PartId", &part.id.to_string())], |out| {
        out.text("PartNumber", &part.data.number);
        out.text("QuantityOnHand", on_hand);
        out.text("QuantityReserved", reserved);
        out.text("QuantityAvailable", on_hand - reserved);
        print_bins(out, part);
        out.within("Reservations", &[], |out| {
            let of_part = |known: &&Reservation| known.active && known.part_id == part.id;
            for reservation in store.reservations.values().filter(of_part) {
                print_reservation(out, reservation, part, false);
            }
        });
    });
}

/// `alone` where the reservation is the result itself and has to leave the results' namespace.
fn print_reservation(out: &mut Printer, reservation: &Reservation, part: &Part, alone: bool) {
    let id = reservation.id.to_string();
    let attributes: &[(&str, &str)] = if alone { &[("xmlns", ""), ("Id", &id)] } else { &[("Id", &id)] };
    out.within("Reservation", attributes, |out| {
        out.text("PartNumber", &part.data.number);
        out.text("Quantity", reservation.quantity);
        out.text("Reference", &reservation.reference);
        out.text("Status", if reservation.active { "A" } else { "X" });
        out.text("DateReserved", decimal_date(Some(reservation.reserved)));
        out.text("DateNeeded", decimal_date(reservation.needed));
    });
}

fn is_reference(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b':' | b'-' | b'_'))
}

fn is_location(text: &str) -> bool {
    let mark = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    text.len() <= 10
        && text.bytes().next().is_some_and(mark)
        && text.bytes().all(|byte| mark(byte) || byte == b'-')
}
