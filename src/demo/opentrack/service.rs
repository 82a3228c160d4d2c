//! The operations and what all of them have in common: the action, the dealer, the frame of a result. What each one does
//! stands with its records.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use roxmltree::Node;

use super::envelope::Version;
use super::fault::Fault;
use super::printer::Printer;
use super::reader::{Reader, at, same, text};
use super::refusal::{Refusal, Stop};
use super::store::Store;
use super::{Dealer, MESSAGES, orders, parts, shipments, stock, suppliers};

/// One operation of the port type.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) name: &'static str,
    /// Reads all of the request, then acts, then prints the one element of its result.
    perform: fn(&mut Call<'_, '_, '_>) -> Result<(), Stop>,
}

/// In the order of the WSDL.
pub(super) const OPERATIONS: [Operation; 18] = [
    Operation { name: "PartsSearch", perform: parts::search },
    Operation { name: "PartLookup", perform: parts::lookup },
    Operation { name: "PartAdd", perform: parts::add },
    Operation { name: "PartUpdate", perform: parts::update },
    Operation { name: "PartDelete", perform: parts::delete },
    Operation { name: "PartStock", perform: stock::stock },
    Operation { name: "PartReserve", perform: stock::reserve },
    Operation { name: "PartRelease", perform: stock::release },
    Operation { name: "StockAdjust", perform: stock::adjust },
    Operation { name: "SupplierSearch", perform: suppliers::search },
    Operation { name: "SupplierLookup", perform: suppliers::lookup },
    Operation { name: "SupplierAdd", perform: suppliers::add },
    Operation { name: "SupplierUpdate", perform: suppliers::update },
    Operation { name: "SupplierDelete", perform: suppliers::delete },
    Operation { name: "OrderSearch", perform: orders::search },
    Operation { name: "OrderLookup", perform: orders::lookup },
    Operation { name: "ShipmentSearch", perform: shipments::search },
    Operation { name: "ShipmentLookup", perform: shipments::lookup },
];

/// The operation that the action names, which has to be the element in `Body`. SOAP 1.1 always sends an action
/// (section 6.1.1), with or without its quotes; over 1.2 it may be left out.
pub(super) fn find(
    version: Version,
    action: Option<&str>,
    body: Node<'_, '_>,
) -> Result<&'static Operation, Fault> {
    let by_element = OPERATIONS.iter().find(|operation| same(body, MESSAGES, operation.name));
    let by_action =
        match action.map(|action| action.trim().trim_matches('"')) {
            Some(action) if !action.is_empty() || version == Version::Soap11 => {
                let name = action.strip_prefix(MESSAGES).and_then(|rest| rest.strip_prefix('/'));
                let found = OPERATIONS.iter().find(|operation| Some(operation.name) == name);
                Some(found.ok_or_else(|| {
                    Fault::client(format!("the action `{action}` is not one of this service"))
                })?)
            }
            None if version == Version::Soap11 => return Err(Fault::client("the message has no SOAPAction")),
            _ => None,
        };
    match (by_element, by_action) {
        (Some(element), Some(action)) if element.name != action.name => {
            Err(at(body, &format!("is not the request of the action `{}`", action.name)))
        }
        (Some(element), _) => Ok(element),
        (None, Some(action)) => {
            Err(at(body, &format!("stands where `{{{MESSAGES}}}{}` is expected", action.name)))
        }
        (None, None) => Err(at(body, "is no operation of this service")),
    }
}

/// A call under way.
#[derive(Debug)]
pub(super) struct Call<'a, 'input, 's> {
    request: Reader<'a, 'input>,
    dealer_is_known: bool,
    pub(super) store: &'s mut Store,
    /// In UTC.
    pub(super) today: Date,
    pub(super) out: Printer,
}

impl<'a, 'input, 's> Call<'a, 'input, 's> {
    /// Performs an operation and gives its response element.
    pub(super) fn run(
        operation: &Operation,
        body: Node<'a, 'input>,
        dealer: &Dealer,
        store: &'s mut Store,
        now: i64,
    ) -> Result<String, Fault> {
        let mut request = Reader::of(body, Some(MESSAGES))?;
        let dealer_is_known = known(request.required("Dealer")?, dealer)?;
        let today = jiff::Timestamp::from_second(now).unwrap_or_default().to_zoned(TimeZone::UTC).date();
        let mut call = Self { request, dealer_is_known, store, today, out: Printer::default() };
        match (operation.perform)(&mut call) {
            Ok(()) => {}
            Err(Stop::Fault(fault)) => return Err(fault),
            Err(Stop::Refusal(refusal)) => {
                call.out = Printer::default();
                refusal.print(&mut call.out);
            }
        }
        let result = call.out.finish();
        let mut out = Printer::default();
        out.within(&format!("{}Response", operation.name), &[("xmlns", MESSAGES)], |response| {
            response.within(&format!("{}Result", operation.name), &[], |out| out.raw(&result));
        });
        Ok(out.finish())
    }

    /// The next element of the request.
    pub(super) fn parameter(&mut self, name: &str) -> Result<Node<'a, 'input>, Fault> {
        self.request.required(name)
    }

    /// A reader of the next element, whose type is one of the requests' namespace.
    pub(super) fn parameters(&mut self, name: &str) -> Result<Reader<'a, 'input>, Fault> {
        Reader::of(self.parameter(name)?, Some(MESSAGES))
    }

    /// Ends the reading of the request. The dealer is looked at after all of it: what cannot be read is a fault
    /// whoever asks.
    pub(super) fn admit(&self) -> Result<(), Stop> {
        self.request.end()?;
        if self.dealer_is_known { Ok(()) } else { Err(Refusal::dealer().into()) }
    }

    /// Prints a write's result: the key of what was written, and nothing of the record.
    pub(super) fn done(&mut self, key: &str, message: &str) {
        self.out.within("Success", &[("xmlns", "")], |success| {
            success.text("Key", key);
            success.text("Message", message);
        });
    }

    /// Prints a search's result: the wrapper, which is empty when nothing was found.
    pub(super) fn list<T>(
        out: &mut Printer,
        name: &str,
        records: impl Iterator<Item = T>,
        print: impl Fn(&mut Printer, T),
    ) {
        out.within(name, &[("xmlns", "")], |out| records.for_each(|record| print(out, record)));
    }
}

fn known(node: Node<'_, '_>, dealer: &Dealer) -> Result<bool, Fault> {
    let mut reader = Reader::of(node, Some(MESSAGES))?;
    let company_number = text(reader.required("CompanyNumber")?)?;
    let enterprise_code = text(reader.required("EnterpriseCode")?)?;
    let server_name = text(reader.required("ServerName")?)?;
    reader.end()?;
    let server = server_name.trim();
    Ok(company_number.trim() == dealer.company_number
        && enterprise_code.trim() == dealer.enterprise_code
        && (server.is_empty() || server == dealer.server_name))
}
