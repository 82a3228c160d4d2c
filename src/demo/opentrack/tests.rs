//! What the parts service does, asked as its clients ask: envelopes in, envelopes out, no sockets.

use axum::http::Request;
use roxmltree::Document;

use super::*;

/// 2025-11-15 09:46:40 UTC.
const NOW: i64 = 1_763_200_000;

fn system() -> Arc<OpenTrack> {
    OpenTrack::new(&super::super::seed::seed(), Settings::default())
}

const DEALER: &str =
    "<Dealer><CompanyNumber>PH7</CompanyNumber><EnterpriseCode>PH</EnterpriseCode><ServerName/></Dealer>";

const PLAIN: &str =
    "<w:UsernameToken><w:Username>portico</w:Username><w:Password>portico</w:Password></w:UsernameToken>";

fn envelope(security: &str, body: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header><w:Security s:mustUnderstand=\"1\" \
         xmlns:w=\"{}\" xmlns:u=\"{}\">{security}</w:Security></s:Header><s:Body>{body}</s:Body></s:Envelope>",
        security::WSSE,
        security::WSU
    )
}

fn operation(name: &str, parameters: &str) -> String {
    format!("<{name} xmlns=\"opentrack.example.org\">{DEALER}{parameters}</{name}>")
}

fn post(system: &OpenTrack, headers: &[(&str, &str)], body: &str, now: i64) -> (u16, String) {
    let mut request = Request::builder().method("POST").uri("/Parts.asmx");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (head, body) = request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap().into_parts();
    let response = system.answer(&head, &body, now);
    (response.status().as_u16(), String::from_utf8(response.into_body().to_vec()).unwrap())
}

fn send(system: &OpenTrack, name: &str, envelope: &str) -> (u16, String) {
    let action = format!("\"opentrack.example.org/{name}\"");
    post(system, &[("content-type", "text/xml; charset=utf-8"), ("soapaction", &action)], envelope, NOW)
}

/// Calls an operation as a right client does and gives the answer's text.
fn call(system: &OpenTrack, name: &str, parameters: &str) -> String {
    let (status, text) = send(system, name, &envelope(PLAIN, &operation(name, parameters)));
    assert_eq!(status, 200, "{name}: {text}");
    text
}

/// Calls an operation in a wrong way and gives the fault's code and text.
fn fault(system: &OpenTrack, name: &str, parameters: &str) -> (String, String) {
    let (status, text) = send(system, name, &envelope(PLAIN, &operation(name, parameters)));
    assert_eq!(status, 500, "{name}: {text}");
    (value(&text, "faultcode").unwrap(), value(&text, "faultstring").unwrap())
}

/// The text of the first element of this name.
fn value(text: &str, name: &str) -> Option<String> {
    let document = Document::parse(text).unwrap();
    let node = document.descendants().find(|node| node.tag_name().name() == name)?;
    Some(node.text().unwrap_or_default().to_owned())
}

fn count(text: &str, name: &str) -> usize {
    Document::parse(text).unwrap().descendants().filter(|node| node.tag_name().name() == name).count()
}

fn error(text: &str) -> (String, Option<String>) {
    (value(text, "Code").expect("an error"), value(text, "Field"))
}

const NIL: &str = "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\"true\"";

/// A part in the schema's order; what comes after `Fits` is given.
fn part(number: &str, rest: &str) -> String {
    let fields = format!(
        "<PartNumber>{number}</PartNumber><Description>Seal &amp; gasket</Description>\
         <CategoryCode>E</CategoryCode><SupplierId>0107</SupplierId><ListPrice>12.5</ListPrice><Weight {NIL}/>\
         <Hazardous>N</Hazardous><SupersededBy {NIL}/><Notes/><Fits/>{rest}"
    );
    local("Part", &fields)
}

/// An element of the messages' namespace whose children have none.
fn local(name: &str, fields: &str) -> String {
    format!("<m:{name} xmlns:m=\"opentrack.example.org\" xmlns=\"\">{fields}</m:{name}>")
}

fn by_number(number: &str) -> String {
    format!("<LookupParms><PartNumber>{number}</PartNumber></LookupParms>")
}

fn reservation(quantity: i32, reference: &str) -> String {
    let fields = format!(
        "<PartNumber>GL-1044-BP</PartNumber><Quantity>{quantity}</Quantity><Reference>{reference}</Reference>"
    );
    local("Reservation", &fields)
}

// === Reading ===

#[test]
fn a_search_without_limits_gives_all_by_number() {
    let system = system();
    let all = call(&system, "PartsSearch", "<SearchParms/>");
    assert_eq!(count(&all, "Part"), 180);
    let document = Document::parse(&all).unwrap();
    let numbers: Vec<&str> = document
        .descendants()
        .filter(|node| node.tag_name().name() == "PartNumber")
        .filter_map(|node| node.text())
        .collect();
    assert!(numbers.is_sorted());
    assert_eq!(all, call(&self::system(), "PartsSearch", "<SearchParms/>"), "the same on every machine");
    assert_eq!(count(&call(&system, "SupplierSearch", "<SearchParms/>"), "Supplier"), 9);
    assert_eq!(count(&call(&system, "OrderSearch", "<SearchParms/>"), "Order"), 60);
    assert_eq!(count(&call(&system, "ShipmentSearch", "<SearchParms/>"), "Shipment"), 50);
}

#[test]
fn searches_narrow() {
    let system = system();
    for (operation, parameters, element, expected) in [
        ("PartsSearch", "<PartNumber>GL-1044</PartNumber>", "Part", 1),
        ("PartsSearch", "<PartNumber/>", "Part", 180),
        ("PartsSearch", "<Description>BULB &lt;</Description>", "Part", 4),
        ("PartsSearch", "<CategoryCode>T</CategoryCode>", "Part", 12),
        ("PartsSearch", "<SupplierId>1101</SupplierId>", "Part", 0),
        ("PartsSearch", "<AvailableAtLeast>100000</AvailableAtLeast>", "Part", 0),
        ("PartsSearch", "<PartNumber>GL-1044</PartNumber><AvailableAtLeast>2</AvailableAtLeast>", "Part", 1),
        ("PartsSearch", "<PartNumber>GL-1044</PartNumber><AvailableAtLeast>3</AvailableAtLeast>", "Part", 0),
        ("PartsSearch", "<SupplierId>1044</SupplierId><Active>true</Active>", "Part", 0),
        ("SupplierSearch", "<Name>BUS</Name><Active>1</Active>", "Supplier", 1),
        ("SupplierSearch", "<Active>0</Active>", "Supplier", 1),
        ("OrderSearch", "<SupplierId>1101</SupplierId>", "Order", 0),
        ("ShipmentSearch", "<Status>DL</Status>", "Shipment", 44),
    ] {
        let text = call(&system, operation, &format!("<SearchParms>{parameters}</SearchParms>"));
        assert_eq!(count(&text, element), expected, "{operation} {parameters}");
    }
    let none = call(&system, "PartsSearch", "<SearchParms><PartNumber>NONE</PartNumber></SearchParms>");
    assert!(none.contains("<PartsSearchResult><Parts xmlns=\"\"/></PartsSearchResult>"), "{none}");
}

#[test]
fn a_vehicle_is_fitted_by_its_own_parts_and_by_those_for_all() {
    let system = system();
    let find = |fits: &str| {
        let text = call(&system, "PartsSearch", &format!("<SearchParms><Fits>{fits}</Fits></SearchParms>"));
        count(&text, "Part")
    };
    let universal = find("<Make>Nobody</Make>");
    let make = find("<Make>blue bird</Make>");
    let model = find("<Make>Blue Bird</Make><Model>vision</Model>");
    let year = find("<Make>Blue Bird</Make><Model>Vision</Model><Year>2009</Year>");
    assert!(
        universal > 0 && universal < year && year < model && model < make,
        "{universal} {year} {model} {make}"
    );
}

#[test]
fn dates_go_in_as_times_and_come_out_as_decimals() {
    let system = system();
    let text = call(&system, "PartLookup", &by_number("GL-1044-BP"));
    assert_eq!(value(&text, "DateAdded").as_deref(), Some("20140515"));
    let day = |from: &str, to: &str| {
        let parameters = format!("<ChangedFrom>{from}</ChangedFrom><ChangedTo>{to}</ChangedTo>");
        call(&system, "PartsSearch", &format!("<SearchParms>{parameters}</SearchParms>"))
            .contains("GL-1044-BP")
    };
    assert!(day("2025-10-31T00:00:00", "2025-10-31T00:00:00Z"));
    // Two hours into the next day there is still the day before here.
    assert!(day("2025-11-01T01:59:59.5+02:00", "2025-10-31T23:59:59"));
    assert!(!day("2025-11-01T00:00:00", "2025-11-30T00:00:00"));
    let all = call(&system, "PartsSearch", "<SearchParms/>");
    assert!(all.contains("<DateLastSold>0</DateLastSold>"));
}

#[test]
fn nothing_is_nil_absent_or_empty() {
    let all = call(&system(), "PartsSearch", "<SearchParms/>");
    for corner in [
        "<Weight xsi:nil=\"true\"/>",
        "<SupersededBy xsi:nil=\"true\"/>",
        "<Notes/>",
        "<Fits/>",
        "<Bins/>",
        "<YearTo xsi:nil=\"true\"/>",
    ] {
        assert!(all.contains(corner), "{corner}");
    }
    assert!(count(&all, "Notes") < 180 && count(&all, "Cost") < 180, "some have no element");
    assert!(all.contains("Bulb &lt;5W, wedge") && all.contains("Brake shoe &amp; lining kit"));
    assert!(all.contains("  </Description>"), "old records are padded");
}

#[test]
fn every_record_names_records_that_exist() {
    let store = content::store(&super::super::seed::seed());
    for part in store.parts.values() {
        assert!(store.suppliers.contains_key(&part.data.supplier_id));
        assert!(part.data.superseded_by.iter().all(|other| store.parts.contains_key(other)));
        assert!(store.reserved_of(part) <= Store::on_hand(part), "{}", part.data.number);
        assert!(part.data.number.len() <= 20 && part.data.description.len() <= 60);
        assert!(part.last_sold.is_none_or(|day| day >= part.added));
    }
    for order in store.orders.values() {
        assert!(store.suppliers.contains_key(&order.supplier_id) && !order.lines.is_empty());
        for line in &order.lines {
            assert_eq!(store.parts[&line.part_number].data.supplier_id, order.supplier_id);
            assert!(line.received <= line.quantity);
        }
    }
    for shipment in store.shipments.values() {
        let order = &store.orders[&shipment.order_number];
        for line in &shipment.lines {
            let ordered = order.lines.iter().find(|one| one.number == line.order_line).unwrap();
            assert!(ordered.part_number == line.part_number && line.quantity <= ordered.quantity);
        }
        assert_eq!(shipment.delivered.is_some(), shipment.status == "DL");
    }
    assert!(store.parts.values().any(|part| part.data.superseded_by.is_some()));
}

#[test]
fn look_ups_find_by_either_key_or_say_not_found_in_a_200() {
    let system = system();
    let by_id = call(&system, "PartLookup", "<LookupParms><PartId>1001</PartId></LookupParms>");
    assert_eq!(by_id, call(&system, "PartLookup", &by_number("GL-1044-BP")));
    for (operation, key) in [
        ("PartLookup", "<PartId>1</PartId>"),
        ("PartStock", "<PartNumber>NONE</PartNumber>"),
        ("PartDelete", "<PartNumber>NONE</PartNumber>"),
        ("SupplierLookup", "<SupplierId>107</SupplierId>"),
        ("SupplierDelete", "<SupplierId>9999</SupplierId>"),
        ("OrderLookup", "<OrderNumber>PO1</OrderNumber>"),
        ("ShipmentLookup", "<ShipmentNumber>SH1</ShipmentNumber>"),
    ] {
        let text = call(&system, operation, &format!("<LookupParms>{key}</LookupParms>"));
        assert_eq!(error(&text), ("NotFound".to_owned(), None), "{operation}");
    }
    let order = call(&system, "OrderLookup", "<LookupParms><OrderNumber>PO24001</OrderNumber></LookupParms>");
    assert_eq!(value(&order, "OrderNumber").as_deref(), Some("PO24001"));
    let shipment = call(
        &system,
        "ShipmentLookup",
        "<LookupParms><ShipmentNumber>SH70001</ShipmentNumber></LookupParms>",
    );
    assert_eq!(value(&shipment, "OrderNumber").as_deref(), Some("PO24001"));
}

// === Writing ===

#[test]
fn a_part_is_added_changed_and_deleted() {
    let system = system();
    let added =
        call(&system, "PartAdd", &part("TEST 1/A", "<DateAdded>2024-02-29T23:00:00-02:00</DateAdded>"));
    assert_eq!(value(&added, "Key").as_deref(), Some("1181"));
    assert_eq!(count(&added, "Part"), 0, "a write does not answer the record");
    let back = call(&system, "PartLookup", &by_number("TEST 1/A"));
    for (name, expected) in [
        ("Description", "Seal & gasket"),
        ("ListPrice", "12.50"),
        ("Notes", ""),
        ("DateAdded", "20240301"),
        ("DateChanged", "20251115"),
        ("DateLastSold", "0"),
        ("QuantityOnHand", "0"),
        ("Active", "true"),
    ] {
        assert_eq!(value(&back, name).as_deref(), Some(expected), "{name}");
    }
    assert_eq!(value(&back, "Cost"), None);

    let key = "<LookupParms><PartId>1181</PartId></LookupParms>";
    let sold = "<Active>0</Active><DateLastSold>2025-01-02T00:00:00</DateLastSold>";
    call(&system, "PartUpdate", &format!("{key}{}", part("TEST 1/A", sold)));
    let without_notes = part("TEST 1/A", "").replace("<Notes/>", "");
    call(&system, "PartUpdate", &format!("{key}{without_notes}"));
    let back = call(&system, "PartLookup", &by_number("TEST 1/A"));
    assert_eq!(value(&back, "DateLastSold").as_deref(), Some("20250102"), "what was left out stays");
    assert_eq!(value(&back, "Active").as_deref(), Some("false"));
    assert_eq!(value(&back, "Notes").as_deref(), Some(""));
    let cleared =
        part("TEST 1/A", &format!("<DateLastSold {NIL}/>")).replace("<Notes/>", &format!("<Notes {NIL}/>"));
    call(&system, "PartUpdate", &format!("{key}{cleared}"));
    let back = call(&system, "PartLookup", &by_number("TEST 1/A"));
    assert_eq!((value(&back, "DateLastSold").as_deref(), value(&back, "Notes")), (Some("0"), None));

    let renamed = call(&system, "PartUpdate", &format!("{key}{}", part("TEST-2", "")));
    assert_eq!(error(&renamed), ("InvalidField".to_owned(), Some("PartNumber".to_owned())));
    assert_eq!(value(&call(&system, "PartDelete", key), "Key").as_deref(), Some("1181"));
    assert_eq!(error(&call(&system, "PartLookup", key)).0, "NotFound");
    let next = call(&system, "PartAdd", &part("TEST 1/A", ""));
    assert_eq!(value(&next, "Key").as_deref(), Some("1182"), "an id is not given twice");
}

#[test]
fn a_wrong_value_is_named_in_a_200() {
    let system = system();
    for (from, to, field) in [
        ("<PartNumber>NEW</", "<PartNumber>new</", "PartNumber"),
        ("<PartNumber>NEW</", "<PartNumber>NEW </", "PartNumber"),
        ("<PartNumber>NEW</", "<PartNumber>AAAAABBBBBCCCCCDDDDDE</", "PartNumber"),
        ("Seal &amp; gasket", " ", "Description"),
        ("0107", "107", "SupplierId"),
        (">12.5<", ">10000000<", "ListPrice"),
        (">12.5<", ">-0.01<", "ListPrice"),
        (">12.5<", ">0.125<", "ListPrice"),
        (
            "<Fits/>",
            "<Fits><Vehicle><Make>A</Make><Model>B</Model><YearFrom>2010</YearFrom><YearTo>2009</YearTo></Vehicle></Fits>",
            "Fits",
        ),
    ] {
        let request = part("NEW", "").replace(from, to);
        assert_ne!(request, part("NEW", ""));
        let text = call(&system, "PartAdd", &request);
        assert_eq!(error(&text), ("InvalidField".to_owned(), Some(field.to_owned())), "{to}");
    }
    let superseded =
        part("NEW", "").replace(&format!("<SupersededBy {NIL}/>"), "<SupersededBy>NEW</SupersededBy>");
    assert_eq!(error(&call(&system, "PartAdd", &superseded)).1.as_deref(), Some("SupersededBy"));
    let again = call(&system, "PartAdd", &part("GL-1044-BP", ""));
    assert_eq!(error(&again), ("Duplicate".to_owned(), Some("PartNumber".to_owned())));
    assert_eq!(count(&call(&system, "PartsSearch", "<SearchParms/>"), "Part"), 180);
}

#[test]
fn what_others_name_is_not_deleted() {
    let system = system();
    assert_eq!(error(&call(&system, "PartDelete", &by_number("GL-1044-BP"))).0, "InUse");
    let supplier = "<LookupParms><SupplierId>0107</SupplierId></LookupParms>";
    assert_eq!(error(&call(&system, "SupplierDelete", supplier)).0, "InUse");
    let unused = "<LookupParms><SupplierId>1101</SupplierId></LookupParms>";
    assert_eq!(value(&call(&system, "SupplierDelete", unused), "Key").as_deref(), Some("1101"));

    // A successor without stock, and a part without stock that is on an open order.
    let (successor, ordered) = {
        let mut store = lock(&system.store);
        let successor = store.parts.values().find_map(|part| part.data.superseded_by.clone()).unwrap();
        let open =
            store.orders.values().find(|order| order.is_open() && order.lines[0].part_number != successor);
        let ordered = open.unwrap().lines[0].part_number.clone();
        for number in [&successor, &ordered] {
            let id = store.parts[number].id;
            store.parts.get_mut(number).unwrap().bins.clear();
            store.reservations.retain(|_, reservation| reservation.part_id != id);
        }
        (successor, ordered)
    };
    for number in [successor, ordered] {
        assert_eq!(error(&call(&system, "PartDelete", &by_number(&number))).0, "InUse", "{number}");
    }
}

#[test]
fn a_supplier_is_added_changed_and_deleted() {
    let system = system();
    let supplier = |name: &str, country: &str| {
        let fields = format!(
            "<Name>{name}</Name><ContactName {NIL}/><Email>a@example.com</Email><Address><Street>1 Main</Street>\
             <City>Erie</City><Region>PA</Region><PostalCode>01234</PostalCode><Country>{country}</Country></Address>\
             <LeadDays>7</LeadDays><Terms>COD</Terms><Active>true</Active>"
        );
        local("Supplier", &fields)
    };
    let added = call(&system, "SupplierAdd", &supplier("New &amp; Co", "US"));
    assert_eq!(value(&added, "Key").as_deref(), Some("5000"));
    let key = "<LookupParms><SupplierId>5000</SupplierId></LookupParms>";
    let back = call(&system, "SupplierLookup", key);
    assert_eq!(value(&back, "Name").as_deref(), Some("New & Co"));
    assert_eq!(value(&back, "DateAdded").as_deref(), Some("20251115"));
    assert_eq!((value(&back, "DateLastOrder").as_deref(), value(&back, "Phone")), (Some("0"), None));
    assert_eq!(error(&call(&system, "SupplierAdd", &supplier("New &amp; Co", "US"))).0, "Duplicate");
    let wrong = call(&system, "SupplierUpdate", &format!("{key}{}", supplier("New", "usa")));
    assert_eq!(error(&wrong), ("InvalidField".to_owned(), Some("Country".to_owned())));
    call(&system, "SupplierUpdate", &format!("{key}{}", supplier("Newer", "CA")));
    assert_eq!(value(&call(&system, "SupplierLookup", key), "Country").as_deref(), Some("CA"));
    call(&system, "SupplierDelete", key);
    assert_eq!(error(&call(&system, "SupplierLookup", key)).0, "NotFound");
}

#[test]
fn never_more_is_held_than_is_available() {
    let system = system();
    let key = by_number("GL-1044-BP");
    let available = || value(&call(&system, "PartStock", &key), "QuantityAvailable").unwrap();
    let refused = call(&system, "PartReserve", &reservation(9, "R-1"));
    assert_eq!(error(&refused), ("InsufficientStock".to_owned(), Some("Quantity".to_owned())));
    assert_eq!(value(&refused, "Available").as_deref(), Some("2"));
    let held = call(&system, "PartReserve", &reservation(2, "R-1"));
    assert_eq!(held, call(&system, "PartReserve", &reservation(2, "R-1")), "asked twice, held once");
    assert_eq!(available(), "0");
    assert_eq!(error(&call(&system, "PartReserve", &reservation(1, "R-1"))).0, "ReferenceInUse");
    assert_eq!(error(&call(&system, "PartReserve", &reservation(0, "R-2"))).1.as_deref(), Some("Quantity"));
    assert_eq!(error(&call(&system, "PartReserve", &reservation(1, "R 2"))).1.as_deref(), Some("Reference"));

    let release = |reference: &str, quantity: &str| {
        call(
            &system,
            "PartRelease",
            &format!("<ReleaseParms><Reference>{reference}</Reference>{quantity}</ReleaseParms>"),
        )
    };
    assert_eq!(error(&release("R-9", "")).0, "NotFound");
    assert_eq!(error(&release("R-1", "<Quantity>3</Quantity>")).0, "InsufficientStock");
    assert_eq!(value(&release("R-1", "<Quantity>1</Quantity>"), "Key").as_deref(), Some("R-1"));
    assert_eq!(available(), "1");
    release("R-1", "");
    assert_eq!(available(), "2");
    assert_eq!(error(&release("R-1", "")).0, "AlreadyReleased");
    assert_eq!(error(&call(&system, "PartReserve", &reservation(2, "R-1"))).0, "AlreadyReleased");
}

#[test]
fn the_oldest_released_reservation_makes_room() {
    let system = system();
    {
        let mut store = lock(&system.store);
        let pattern = store.reservations.values().next().unwrap().clone();
        for id in 100_000.. {
            if store.reservations.len() == store::MOST_RESERVATIONS {
                break;
            }
            let reference = format!("F-{id}");
            let one =
                store::Reservation { id, reference: reference.clone(), active: false, ..pattern.clone() };
            store.reservations.insert(reference, one);
        }
    }
    assert_eq!(value(&call(&system, "PartReserve", &reservation(1, "R-1")), "Status").as_deref(), Some("A"));
    assert!(!lock(&system.store).reservations.contains_key("F-100000"));
    lock(&system.store).reservations.values_mut().for_each(|one| one.active = true);
    lock(&system.store).parts.get_mut("GL-1044-BP").unwrap().bins[0].quantity = 99_999;
    lock(&system.store)
        .reservations
        .values_mut()
        .filter(|one| one.id >= 100_000)
        .for_each(|one| one.part_id = 1002);
    assert_eq!(error(&call(&system, "PartReserve", &reservation(1, "R-2"))).0, "FileFull");
}

#[test]
fn a_booking_leaves_what_is_held() {
    let system = system();
    let adjust = |location: &str, change: i64, reason: &str| {
        let fields = format!(
            "<PartNumber>GL-1044-BP</PartNumber><Location>{location}</Location><QuantityChange>{change}</QuantityChange>\
             <Reason>{reason}</Reason>"
        );
        call(&system, "StockAdjust", &local("Adjustment", &fields))
    };
    let sold = adjust("B-12-1", -2, "SALE");
    assert_eq!(value(&sold, "QuantityAvailable").as_deref(), Some("0"));
    let part = call(&system, "PartLookup", &by_number("GL-1044-BP"));
    assert_eq!(value(&part, "DateLastSold").as_deref(), Some("20251115"));
    let refused = adjust("A-01-3", -1, "DAMAGE");
    assert_eq!(
        (error(&refused).0.as_str(), value(&refused, "Available").as_deref()),
        ("InsufficientStock", Some("0"))
    );
    let new_bin = adjust("Z-1", 4, "RECEIPT");
    assert_eq!((count(&new_bin, "Bin"), value(&new_bin, "QuantityOnHand").as_deref()), (3, Some("7")));
    for (location, change, reason, field) in [
        ("z", 1, "COUNT", "Location"),
        ("A-01-3", 0, "COUNT", "QuantityChange"),
        ("A-01-3", 1, "SALE", "QuantityChange"),
        ("A-01-3", -1, "RECEIPT", "QuantityChange"),
        ("A-01-3", i64::from(i32::MAX), "COUNT", "QuantityChange"),
        ("A-01-3", i64::from(i32::MIN), "COUNT", "QuantityChange"),
    ] {
        assert_eq!(
            error(&adjust(location, change, reason)).1.as_deref(),
            Some(field),
            "{location} {change} {reason}"
        );
    }
    for at in 0..17 {
        adjust(&format!("N-{at}"), 1, "COUNT");
    }
    assert_eq!(error(&adjust("N-17", 1, "COUNT")).1.as_deref(), Some("Location"), "20 bins are the most");
}

// === What cannot be read ===

#[test]
fn the_schemas_order_is_kept() {
    let system = system();
    let right = part("NEW", "");
    let swapped = right.replace(
        "<CategoryCode>E</CategoryCode><SupplierId>0107</SupplierId>",
        "<SupplierId>0107</SupplierId><CategoryCode>E</CategoryCode>",
    );
    let (code, reason) = fault(&system, "PartAdd", &swapped);
    assert_eq!(code, "soap:Client");
    assert_eq!(reason, "the request cannot be read: `SupplierId` stands where `CategoryCode` is expected");
    let (_, reason) = fault(&system, "PartAdd", "<Part><PartNumber>NEW</PartNumber></Part>");
    assert!(
        reason.ends_with("`PartNumber` stands, in `opentrack.example.org`, where `PartNumber` is expected")
    );
    let (_, text) = send(&system, "PartAdd", &envelope(PLAIN, &operation("PartAdd", &swapped)));
    assert_eq!(value(&text, "Element").as_deref(), Some("SupplierId"));
    assert_eq!(value(&text, "Line").as_deref(), Some("1"));
}

#[test]
fn what_does_not_fit_the_schema_is_a_fault() {
    let system = system();
    let search = |inside: &str| format!("<SearchParms>{inside}</SearchParms>");
    for (name, parameters) in [
        ("PartsSearch", String::new()),
        ("PartsSearch", "<SearchParms/><SearchParms/>".to_owned()),
        ("PartsSearch", search("<Active>true</Active><Active>true</Active>")),
        ("PartsSearch", search("<Colour>red</Colour>")),
        ("PartsSearch", search("red")),
        ("PartsSearch", search("<CategoryCode>Q</CategoryCode>")),
        ("PartsSearch", search("<CategoryCode/>")),
        ("PartsSearch", search("<Active>yes</Active>")),
        ("PartsSearch", search("<AvailableAtLeast>2147483648</AvailableAtLeast>")),
        ("PartsSearch", search("<AvailableAtLeast>1.0</AvailableAtLeast>")),
        ("PartsSearch", search("<ChangedFrom>2025-01-01</ChangedFrom>")),
        ("PartsSearch", search("<ChangedFrom>20250101</ChangedFrom>")),
        ("PartsSearch", search("<PartNumber><b/></PartNumber>")),
        ("PartsSearch", search("<PartNumber kind=\"x\">A</PartNumber>")),
        ("PartsSearch", search(&format!("<PartNumber {NIL}/>"))),
        ("PartsSearch", search("<PartNumber xmlns=\"\">A</PartNumber>")),
        ("PartsSearch", search("<Fits/>")),
        ("PartLookup", "<LookupParms/>".to_owned()),
        ("PartLookup", "<LookupParms><PartNumber>A</PartNumber><PartId>1</PartId></LookupParms>".to_owned()),
        ("PartLookup", "<LookupParms><PartId>x</PartId></LookupParms>".to_owned()),
        // The parts of a part have no namespace.
        ("PartAdd", "<Part><PartNumber>NEW</PartNumber></Part>".to_owned()),
        ("PartAdd", part("NEW", "").replace("<Fits/>", "")),
        ("PartAdd", part("NEW", "").replace("<Fits/>", "<Fits><Car/></Fits>")),
        ("PartAdd", part("NEW", "").replace(&format!("<Weight {NIL}/>"), "<Weight/>")),
        (
            "PartAdd",
            part("NEW", "").replace(&format!("<Weight {NIL}/>"), &format!("<Weight {NIL}>1</Weight>")),
        ),
        ("PartAdd", part("NEW", "").replace("<Hazardous>N", "<Hazardous>true")),
        ("PartAdd", part("NEW", "").replace(">12.5<", ">$12.50<")),
        ("PartAdd", part("NEW", "<Bins/>")),
    ] {
        assert_eq!(fault(&system, name, &parameters).0, "soap:Client", "{name} {parameters}");
    }
}

#[test]
fn what_is_no_envelope_is_a_fault() {
    let system = system();
    let body = operation("PartsSearch", "<SearchParms/>");
    let right = envelope(PLAIN, &body);
    let deep = format!("{}{}", "<a>".repeat(30_000), "</a>".repeat(30_000));
    for (text, code) in [
        (String::new(), "soap:Client"),
        ("<a>".to_owned(), "soap:Client"),
        ("<a/>".to_owned(), "soap:Client"),
        (deep, "soap:Client"),
        (right.replace("</s:Body>", ""), "soap:Client"),
        (
            right.replace("schemas.xmlsoap.org/soap/envelope/", "www.w3.org/2003/05/soap-envelope"),
            "soap:VersionMismatch",
        ),
        (format!("<!DOCTYPE x>{right}"), "soap:Client"),
        (format!("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>{right}"), "soap:Client"),
        (right.replace("<SearchParms/>", "&e;"), "soap:Client"),
        (right.replace("<SearchParms/>", "<?php x?><SearchParms/>"), "soap:Client"),
        (right.replace("<SearchParms/>", "<SearchParms>&#1;</SearchParms>"), "soap:Client"),
        (right.replace("<s:Body>", "<s:Body><x/>"), "soap:Client"),
        (right.replace(&body, ""), "soap:Client"),
        (right.replace("opentrack.example.org", "opentrack.example.com"), "soap:Client"),
        (
            right.replace("<PartsSearch ", "<PartSearch ").replace("</PartsSearch>", "</PartSearch>"),
            "soap:Client",
        ),
        (
            right.replace("<s:Header>", "<s:Header><To xmlns=\"urn:x\" s:mustUnderstand=\"1\"/>"),
            "soap:MustUnderstand",
        ),
    ] {
        let (status, answer) = send(&system, "PartsSearch", &text);
        assert_eq!(
            (status, value(&answer, "faultcode").as_deref()),
            (500, Some(code)),
            "{}",
            &text[..text.len().min(200)]
        );
    }
    let tolerated = right.replace("<s:Header>", "<!-- --><s:Header><To xmlns=\"urn:x\"/>");
    assert_eq!(send(&system, "PartsSearch", &format!("\u{FEFF}{tolerated}")).0, 200);
    // No piece of a message brings the service down.
    for end in (0..right.len()).step_by(7).filter(|end| right.is_char_boundary(*end)) {
        assert_eq!(send(&system, "PartsSearch", &right[..end]).0, 500);
    }
}

#[test]
fn the_action_has_to_fit() {
    let system = system();
    let right = envelope(
        PLAIN,
        &operation("PartsSearch", "<SearchParms><PartNumber>GL-1044</PartNumber></SearchParms>"),
    );
    for (action, status) in [
        (Some("\"opentrack.example.org/PartsSearch\""), 200),
        (Some("opentrack.example.org/PartsSearch"), 200),
        (Some("opentrack.example.org/PartLookup"), 500),
        (Some("PartsSearch"), 500),
        (Some("\"\""), 500),
        (None, 500),
    ] {
        let headers = [("content-type", "text/xml"), ("soapaction", action.unwrap_or_default())];
        let headers = if action.is_some() { &headers[..] } else { &headers[..1] };
        assert_eq!(post(&system, headers, &right, NOW).0, status, "{action:?}");
    }
    for (content_type, status) in [
        ("text/xml; charset=UTF-8", 500),
        ("application/json", 415),
        ("text/xml; charset=iso-8859-1", 415),
        ("", 415),
    ] {
        assert_eq!(post(&system, &[("content-type", content_type)], &right, NOW).0, status, "{content_type}");
    }
}

#[test]
fn version_1_2_has_its_own_envelope_action_and_faults() {
    let system = system();
    let right = envelope(
        PLAIN,
        &operation("PartsSearch", "<SearchParms><PartNumber>GL-1044</PartNumber></SearchParms>"),
    )
    .replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope");
    let soap12 = |content_type: &str, text: &str| post(&system, &[("content-type", content_type)], text, NOW);
    let action = "application/soap+xml; charset=utf-8; action=\"opentrack.example.org/PartsSearch\"";
    let (status, text) = soap12(action, &right);
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\""));
    assert_eq!(soap12("application/soap+xml", &right).0, 200);
    let (status, text) = soap12("application/soap+xml; action=\"opentrack.example.org/PartLookup\"", &right);
    assert_eq!((status, value(&text, "Value").as_deref()), (400, Some("soap:Sender")));
    let (status, text) = soap12(action, &right.replace(">portico</w:Password>", ">x</w:Password>"));
    assert_eq!(status, 400);
    assert!(
        text.contains("<soap:Subcode><soap:Value>wsse:FailedAuthentication</soap:Value></soap:Subcode>"),
        "{text}"
    );
}

// === Who asks ===

/// The digest of `portico` was made with another program's SHA-1.
fn digest(digest: &str, created: &str) -> String {
    format!(
        "<w:UsernameToken><w:Username>portico</w:Username><w:Password Type=\"http://docs.oasis-open.org/wss/2004/01/\
         oasis-200401-wss-username-token-profile-1.0#PasswordDigest\">{digest}</w:Password>\
         <w:Nonce>MDEyMzQ1Njc4OWFiY2RlZg==</w:Nonce><u:Created>{created}</u:Created></w:UsernameToken>"
    )
}

const DIGEST: &str = "3owVpzd0lua5A2ZcNQfRIV7Gigg=";
const CREATED: &str = "2025-11-15T09:46:30Z";

#[test]
fn a_digest_is_taken_once_and_within_its_window() {
    let body = operation("PartsSearch", "<SearchParms><PartNumber>GL-1044</PartNumber></SearchParms>");
    let headers = [("content-type", "text/xml"), ("soapaction", "opentrack.example.org/PartsSearch")];
    let code = |system: &OpenTrack, security: &str, now: i64| {
        let (status, text) = post(system, &headers, &envelope(security, &body), now);
        (status, value(&text, "faultcode"))
    };
    let failed = (500, Some("wsse:FailedAuthentication".to_owned()));
    let right = digest(DIGEST, CREATED);
    let one = system();
    assert_eq!(code(&one, &right, NOW), (200, None));
    assert_eq!(code(&one, &right, NOW + 1), failed, "the nonce again");
    one.expire();
    assert_eq!(code(&one, &right, NOW + 2), (200, None), "a restart forgets");
    assert_eq!(
        code(&one, &digest(DIGEST, "2025-11-15T09:46:31Z"), NOW),
        failed,
        "the digest is over Created"
    );
    for (later, expected) in [(290, true), (291, false), (-70, true), (-71, false)] {
        let status = code(&system(), &right, NOW + later).0;
        assert_eq!(status == 200, expected, "{later}");
    }
    let two = system();
    assert_eq!(code(&two, &digest("AAAA", CREATED), NOW), failed);
    assert_eq!(code(&two, &right, NOW), (200, None), "a wrong digest does not use the nonce up");
}

#[test]
fn who_is_not_known_learns_nothing() {
    let system = system();
    let body = operation("PartsSearch", "<SearchParms/>");
    let security = |text: &str| {
        let (status, text) = send(&system, "PartsSearch", &envelope(text, &body));
        assert_eq!((status, count(&text, "Part"), count(&text, "detail")), (500, 0, 0));
        value(&text, "faultcode").unwrap()
    };
    assert_eq!(
        security(&PLAIN.replace(">portico</w:Password>", ">Portico</w:Password>")),
        "wsse:FailedAuthentication"
    );
    assert_eq!(
        security(&PLAIN.replace(">portico</w:Username>", ">x</w:Username>")),
        "wsse:FailedAuthentication"
    );
    assert_eq!(security(""), "wsse:InvalidSecurity");
    assert_eq!(security(&format!("{PLAIN}{PLAIN}")), "wsse:InvalidSecurity");
    assert_eq!(
        security(&PLAIN.replace("<w:Password>", "<w:Password Type=\"#Other\">")),
        "wsse:InvalidSecurity"
    );
    assert_eq!(
        security(
            &digest(DIGEST, CREATED).replace("<u:Created>", "<u:Made>").replace("</u:Created>", "</u:Made>")
        ),
        "wsse:InvalidSecurity"
    );
    assert_eq!(security(&digest(DIGEST, CREATED).replace("MDEy", "****")), "wsse:InvalidSecurity");
    let expired = format!("<u:Timestamp><u:Expires>2025-11-15T09:46:39Z</u:Expires></u:Timestamp>{PLAIN}");
    assert_eq!(security(&expired), "wsu:MessageExpired");
    let without = envelope(PLAIN, &body);
    let (start, end) = (without.find("<s:Header>").unwrap(), without.find("<s:Body>").unwrap());
    let (_, text) = send(&system, "PartsSearch", &format!("{}{}", &without[..start], &without[end..]));
    assert_eq!(value(&text, "faultcode").as_deref(), Some("wsse:InvalidSecurity"));
}

#[test]
fn another_dealer_is_an_error_in_a_200() {
    let system = system();
    let right = envelope(PLAIN, &operation("PartLookup", &by_number("GL-1044-BP")));
    for (from, to, code) in [
        ("PH7", "PH8", Some("InvalidDealer")),
        (">PH<", ">ZE<", Some("InvalidDealer")),
        ("<ServerName/>", "<ServerName>other.example.org</ServerName>", Some("InvalidDealer")),
        ("<ServerName/>", "<ServerName>dms.example.org</ServerName>", None),
    ] {
        let (status, text) = send(&system, "PartLookup", &right.replace(from, to));
        assert_eq!((status, value(&text, "Code").as_deref()), (200, code), "{to}");
    }
    let text = right.replace("PH7", "PH8").replace("<LookupParms>", "<Other/><LookupParms>");
    assert_eq!(send(&system, "PartLookup", &text).0, 500, "what cannot be read is a fault whoever asks");
    let none = right.replace(DEALER, "");
    assert_eq!(send(&system, "PartLookup", &none).0, 500);
}

// === Documents ===

#[test]
fn the_service_describes_itself() {
    let system = system();
    let get = |uri: &str, host: &str| {
        let (head, body) =
            Request::builder().uri(uri).header("host", host).body(Bytes::new()).unwrap().into_parts();
        let response = system.answer(&head, &body, NOW);
        (response.status().as_u16(), String::from_utf8(response.into_body().to_vec()).unwrap())
    };
    let (status, wsdl) = get("/Parts.asmx?wsdl", "parts.example.net:8443");
    assert_eq!(status, 200);
    assert_eq!(wsdl.matches("location=\"http://parts.example.net:8443/Parts.asmx\"").count(), 2);
    assert_eq!(get("/parts.asmx?WSDL", "a\"b").1.matches("http://localhost/Parts.asmx").count(), 2);
    let document = Document::parse(&wsdl).unwrap();
    let port_type = document.descendants().find(|node| node.tag_name().name() == "portType").unwrap();
    let named = port_type.children().filter_map(|node| node.attribute("name"));
    assert!(named.eq(service::OPERATIONS.iter().map(|operation| operation.name)));
    let (_, messages) = get("/Parts.asmx?xsd=1", "localhost");
    for operation in &service::OPERATIONS {
        assert!(messages.contains(&format!("<xs:element name=\"{}\">", operation.name)));
        assert!(messages.contains(&format!("<xs:element name=\"{}Response\">", operation.name)));
    }
    assert!(Document::parse(&get("/Parts.asmx?xsd=2", "localhost").1).is_ok());
    assert!(get("/Parts.asmx", "localhost").1.contains("<li>PartsSearch</li>"));
    for (uri, status) in [("/Parts.asmx?xsd=3", 404), ("/", 404), ("/Parts.asmx/x", 404)] {
        assert_eq!(get(uri, "localhost").0, status, "{uri}");
    }
    let (head, body) =
        Request::builder().method("PUT").uri("/Parts.asmx").body(Bytes::new()).unwrap().into_parts();
    assert_eq!(system.answer(&head, &body, NOW).status().as_u16(), 405);
}

/// `fixtures/*.request.xml`, each sent to a new system, is answered with its `*.response.xml`; `BLESS=1` writes the
/// answers. The name before the first point is the operation behind the last hyphen.
#[test]
fn the_recorded_conversations_still_hold() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo/opentrack/fixtures");
    let mut seen = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(stem) = name.strip_suffix(".request.xml") else { continue };
        let operation = stem.rsplit_once('-').unwrap().1;
        let (_, answer) = send(&system(), operation, &std::fs::read_to_string(&path).unwrap());
        let expected = folder.join(format!("{stem}.response.xml"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&expected, &answer).unwrap();
        }
        assert_eq!(answer, std::fs::read_to_string(&expected).unwrap(), "{stem}");
        seen += 1;
    }
    assert_eq!(seen, 6);
}
