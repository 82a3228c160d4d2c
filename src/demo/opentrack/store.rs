//! The records and the rules between them that every operation keeps: what is on hand, what of it is held, what names
//! what. It reads and prints nothing.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::lexical::Hundredths;

/// The demo's bounds.
pub(super) const MOST_PARTS: usize = 2_000;
pub(super) const MOST_SUPPLIERS: usize = 500;
pub(super) const MOST_RESERVATIONS: usize = 10_000;
pub(super) const MOST_BINS: usize = 20;
/// The quantity column of a bin has five digits.
pub(super) const MOST_IN_BIN: i32 = 99_999;

/// A part of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) id: i32,
    pub(super) data: PartData,
    pub(super) active: bool,
    pub(super) added: Date,
    pub(super) changed: Date,
    pub(super) last_sold: Option<Date>,
    /// The first is the primary one.
    pub(super) bins: Vec<Bin>,
}

/// What a part's sender says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartData {
    /// Unique.
    pub(super) number: String,
    /// Records of before 2000 are padded with blanks to 30 columns.
    pub(super) description: String,
    /// One of [`CATEGORIES`].
    pub(super) category: &'static str,
    /// Four digits, the first of which may be 0.
    pub(super) supplier_id: String,
    pub(super) list_price: Hundredths,
    pub(super) cost: Option<Hundredths>,
    /// Pounds; `None` where it was never weighed.
    pub(super) weight: Option<Hundredths>,
    pub(super) hazardous: bool,
    /// Another part's number.
    pub(super) superseded_by: Option<String>,
    /// `None` where no note was ever made, empty where it was cleared.
    pub(super) notes: Option<String>,
    /// Empty for what fits every vehicle.
    pub(super) fits: Vec<Vehicle>,
}

/// Vehicles of one model over some years.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vehicle {
    pub(super) make: String,
    pub(super) model: String,
    pub(super) year_from: i32,
    /// `None` while it is built.
    pub(super) year_to: Option<i32>,
}

/// What lies at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bin {
    pub(super) location: String,
    pub(super) quantity: i32,
}

/// A quantity held for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reservation {
    pub(super) id: i32,
    pub(super) part_id: i32,
    /// What is still held; of a released one what was held last.
    pub(super) quantity: i32,
    /// What was asked for at first.
    pub(super) asked: i32,
    /// Unique.
    pub(super) reference: String,
    pub(super) active: bool,
    pub(super) reserved: Date,
    pub(super) needed: Option<Date>,
}

/// Who delivers parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Supplier {
    /// Four digits.
    pub(super) id: String,
    pub(super) data: SupplierData,
    pub(super) added: Date,
}

/// What a supplier's sender says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SupplierData {
    pub(super) name: String,
    pub(super) contact_name: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) email: Option<String>,
    pub(super) address: Address,
    pub(super) lead_days: Option<i32>,
    /// One of [`TERMS`].
    pub(super) terms: &'static str,
    pub(super) active: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Address {
    pub(super) street: String,
    pub(super) city: String,
    pub(super) region: String,
    pub(super) postal_code: String,
    pub(super) country: String,
}

/// An order to a supplier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) number: String,
    /// One of `STOCK`, `SPECIAL`, `EMERGENCY`.
    pub(super) kind: &'static str,
    /// One of [`ORDER_STATUSES`].
    pub(super) status: &'static str,
    pub(super) supplier_id: String,
    pub(super) ordered: Date,
    pub(super) expected: Option<Date>,
    pub(super) received: Option<Date>,
    pub(super) reference: Option<String>,
    pub(super) comments: Option<String>,
    pub(super) lines: Vec<OrderLine>,
}

impl Order {
    /// Whether something is still to come of it.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.status, "R" | "C")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OrderLine {
    /// From 1.
    pub(super) number: i32,
    pub(super) part_number: String,
    pub(super) quantity: i32,
    pub(super) received: i32,
    pub(super) unit_cost: Hundredths,
}

/// What a supplier sent for one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shipment {
    pub(super) number: String,
    pub(super) order_number: String,
    /// One of [`SHIPMENT_STATUSES`].
    pub(super) status: &'static str,
    pub(super) carrier: &'static str,
    pub(super) tracking_number: Option<String>,
    /// `None` while there is only a label.
    pub(super) shipped: Option<Date>,
    pub(super) expected: Option<Date>,
    pub(super) delivered: Option<Date>,
    pub(super) packages: i32,
    /// Pounds.
    pub(super) weight: Option<Hundredths>,
    pub(super) freight: Option<Hundredths>,
    pub(super) lines: Vec<ShipmentLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ShipmentLine {
    pub(super) order_line: i32,
    pub(super) part_number: String,
    pub(super) quantity: i32,
}

/// Brakes, cooling, engine, filters, fluids, lighting, suspension, tires, electrical, other.
pub(super) const CATEGORIES: [&str; 10] = ["B", "C", "E", "F", "H", "L", "S", "T", "X", "Z"];
pub(super) const TERMS: [&str; 4] = ["COD", "NET15", "NET30", "NET60"];
/// Open, partly received, received, back-ordered, on hold, cancelled.
pub(super) const ORDER_STATUSES: [&str; 6] = ["O", "P", "R", "B", "H", "C"];
/// Label made, in transit, delivered, exception.
pub(super) const SHIPMENT_STATUSES: [&str; 4] = ["LB", "IT", "DL", "EX"];

/// All records of one dealer.
#[derive(Debug, Default)]
pub(super) struct Store {
    /// By number.
    pub(super) parts: BTreeMap<String, Part>,
    /// By id.
    pub(super) suppliers: BTreeMap<String, Supplier>,
    /// By number.
    pub(super) orders: BTreeMap<String, Order>,
    /// By number.
    pub(super) shipments: BTreeMap<String, Shipment>,
    /// By reference.
    pub(super) reservations: BTreeMap<String, Reservation>,
    /// The highest id of a part, and of a reservation, so far: none is given twice.
    pub(super) last_part: i32,
    pub(super) last_reservation: i32,
}

impl Store {
    pub(super) fn part_by_id(&self, id: i32) -> Option<&Part> {
        self.parts.values().find(|part| part.id == id)
    }

    pub(super) fn on_hand(part: &Part) -> i32 {
        part.bins.iter().map(|bin| bin.quantity).sum()
    }

    /// What is held of each part, by its id.
    pub(super) fn reserved(&self) -> BTreeMap<i32, i32> {
        let mut sums = BTreeMap::new();
        for reservation in self.reservations.values().filter(|reservation| reservation.active) {
            *sums.entry(reservation.part_id).or_default() += reservation.quantity;
        }
        sums
    }

    pub(super) fn reserved_of(&self, part: &Part) -> i32 {
        let of_part = |reservation: &&Reservation| reservation.active && reservation.part_id == part.id;
        self.reservations.values().filter(of_part).map(|reservation| reservation.quantity).sum()
    }

    /// Makes room for one more reservation by forgetting the oldest that is released; false when there is none.
    pub(super) fn has_room_for_reservation(&mut self) -> bool {
        if self.reservations.len() < MOST_RESERVATIONS {
            return true;
        }
        let released = self.reservations.values().filter(|reservation| !reservation.active);
        let Some(oldest) = released.min_by_key(|reservation| reservation.id) else { return false };
        let reference = oldest.reference.clone();
        self.reservations.remove(&reference).is_some()
    }

    /// The day of the latest order to a supplier.
    pub(super) fn last_order(&self, supplier_id: &str) -> Option<Date> {
        self.orders.values().filter(|order| order.supplier_id == supplier_id).map(|order| order.ordered).max()
    }
}
