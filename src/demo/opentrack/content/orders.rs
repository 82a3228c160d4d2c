//! The orders that the system begins with, and the shipments that came of them. What was received is in the parts' bins
//! already.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::words::{CARRIERS, SUPPLIERS};
use super::{LAST_DAY, ORDER, SHIPMENT, day};
use crate::demo::opentrack::lexical::Hundredths;
use crate::demo::opentrack::store::{Order, OrderLine, Part, Shipment, ShipmentLine, Store};
use crate::demo::seed::draw::Draw;

const ORDERS: u64 = 60;
const FIRST_ORDER: u64 = 24_001;
const FIRST_SHIPMENT: usize = 70_001;

pub(super) fn fill(store: &mut Store) {
    for row in 0..ORDERS {
        if let Some(order) = order(store, row) {
            for (at, shipment) in
                (FIRST_SHIPMENT + store.shipments.len()..).zip(shipments(store, &order, row))
            {
                let number = format!("SH{at}");
                store.shipments.insert(number.clone(), Shipment { number, ..shipment });
            }
            store.orders.insert(order.number.clone(), order);
        }
    }
}

/// Later orders are likelier to be open.
fn order(store: &Store, row: u64) -> Option<Order> {
    let mut draw = Draw::of(ORDER, row);
    let supply = SUPPLIERS.get(usize::try_from(draw.below(7)).ok()?)?;
    let parts: Vec<&Part> = store.parts.values().filter(|part| part.data.supplier_id == supply.id).collect();
    let begin = date(2025, 1, 6).checked_add(i64::try_from(row * 5).ok()?.days()).ok()?;
    let ordered = begin.checked_add(i64::try_from(draw.below(5)).ok()?.days()).ok()?;
    let status = match row {
        0..40 => draw.pick(&["R", "R", "R", "R", "R", "R", "C"]),
        40..50 => draw.pick(&["R", "R", "P", "P", "B"]),
        _ => draw.pick(&["O", "O", "O", "P", "B", "H"]),
    };
    let first = draw.below(parts.len() as u64);
    let lines = draw.between(1, 5).min(parts.len() as u64);
    let lines = (0..lines).filter_map(|step| {
        let part = parts.get(usize::try_from((first + step) % parts.len() as u64).ok()?)?;
        let quantity = i32::try_from(draw.between(1, 24)).ok()?;
        Some(OrderLine {
            number: i32::try_from(step + 1).ok()?,
            part_number: part.data.number.clone(),
            quantity,
            received: match status {
                "R" => quantity,
                // The first line came, of the others nothing.
                "P" if step == 0 => (quantity + 1) / 2,
                _ => 0,
            },
            unit_cost: part.data.cost.unwrap_or(part.data.list_price),
        })
    });
    let lines: Vec<OrderLine> = lines.collect();
    let lead = i64::from(supply.lead_days.unwrap_or(7));
    let arrives = ordered.checked_add((lead + 2).days()).ok()?;
    Some(Order {
        number: format!("PO{}", FIRST_ORDER + row),
        kind: draw.pick(&["STOCK", "STOCK", "STOCK", "SPECIAL", "EMERGENCY"]),
        status,
        supplier_id: supply.id.to_owned(),
        ordered,
        expected: (supply.lead_days.is_some() && status != "B").then_some(arrives),
        received: (status == "R").then_some(arrives),
        reference: draw.chance(40).then(|| format!("RO {}", 5100 + row)),
        comments: match draw.below(8) {
            0 => Some("Deliver to bay 3 & call first.".to_owned()),
            1 => Some(String::new()),
            _ => None,
        },
        lines,
    })
}

/// None for what is cancelled, on hold or back-ordered; two where much was ordered.
fn shipments(store: &Store, order: &Order, row: u64) -> Vec<Shipment> {
    let mut draw = Draw::of(SHIPMENT, row);
    let all: Vec<ShipmentLine> = order.lines.iter().map(whole).collect();
    match order.status {
        "R" => {
            let received = order.received.unwrap_or(LAST_DAY);
            // Not what was ordered of one part alone: by lines.
            if all.len() > 3 && draw.chance(50) {
                let (first, second) = all.split_at(2);
                let early = received.checked_sub(1.day()).unwrap_or(received);
                return vec![
                    shipment(store, order, first, Some(early), &mut draw),
                    shipment(store, order, second, Some(received), &mut draw),
                ];
            }
            vec![shipment(store, order, &all, Some(received), &mut draw)]
        }
        "P" => {
            let came: Vec<ShipmentLine> = order
                .lines
                .iter()
                .filter(|line| line.received > 0)
                .map(|line| ShipmentLine { quantity: line.received, ..whole(line) })
                .collect();
            let on = order.expected.unwrap_or(LAST_DAY);
            vec![shipment(store, order, &came, Some(on), &mut draw)]
        }
        "O" if draw.chance(70) => vec![shipment(store, order, &all, None, &mut draw)],
        _ => Vec::new(),
    }
}

fn whole(line: &OrderLine) -> ShipmentLine {
    ShipmentLine { order_line: line.number, part_number: line.part_number.clone(), quantity: line.quantity }
}

/// Its number is given by the caller.
fn shipment(
    store: &Store,
    order: &Order,
    lines: &[ShipmentLine],
    delivered: Option<Date>,
    draw: &mut Draw,
) -> Shipment {
    let status = if delivered.is_some() { "DL" } else { draw.pick(&["LB", "IT", "IT", "EX"]) };
    let (carrier, prefix) = draw.pick(&CARRIERS);
    let last = delivered.or(order.expected).unwrap_or(LAST_DAY);
    let weigh = |line: &ShipmentLine| {
        let weight = store.parts.get(&line.part_number)?.data.weight?;
        Some(weight.0 * i64::from(line.quantity))
    };
    Shipment {
        number: String::new(),
        order_number: order.number.clone(),
        status,
        carrier,
        tracking_number: (!prefix.is_empty()).then(|| format!("{prefix}{:010}", draw.below(10_000_000_000))),
        shipped: (status != "LB").then(|| day(draw, order.ordered, last)),
        expected: order.expected,
        delivered,
        packages: i32::try_from(draw.between(1, 6)).unwrap_or(1),
        weight: lines.iter().map(weigh).sum::<Option<i64>>().map(Hundredths),
        freight: draw
            .chance(75)
            .then(|| Hundredths(i64::try_from(draw.between(950, 24_900)).unwrap_or_default())),
        lines: lines.to_vec(),
    }
}
