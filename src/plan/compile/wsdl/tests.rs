//! WSDLs of many manners, right ones and wrong ones.

use super::*;
use crate::plan::soap::{Content, Found, Kind, Lost, Operation, Style, Version, What};

fn messages(complaints: &[Complaint]) -> String {
    let shown = |c: &Complaint| format!("{}:{}:{}: {} [{}]", c.file, c.line, c.column, c.message, c.cure);
    complaints.iter().map(shown).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_wrapped_document_of_both_versions_is_read() {
    let service = samples::load("parts.wsdl", Wanted::All).unwrap();
    let names: Vec<_> = service.names().iter().map(|n| (n.operation, n.port, n.version, n.usable)).collect();
    assert_eq!(
        names,
        [
            ("GetParts", "PartsPort12", Version::V12, true),
            ("GetParts", "PartsPort", Version::V11, true),
            ("PutPart", "PartsPort", Version::V11, true),
        ]
    );
    let get = service.operation("GetParts", Choice::default()).unwrap();
    assert_eq!((get.version, get.style), (Version::V11, Style::Document));
    assert_eq!((&*get.action, &*get.address), ("urn:parts/Get", "/ws/v11"));
    assert_eq!((&*get.input.name, get.input.namespace.as_deref()), ("GetParts", Some("urn:parts")));
    assert_eq!(&*get.headers[0].name, "Session");
    assert_eq!(&*get.faults[0].name, "PartsFault");
    let choice = Choice { port: Some("PartsPort12"), ..Choice::default() };
    let get = service.operation("GetParts", choice).unwrap();
    assert_eq!((get.version, &*get.address), (Version::V12, "/ws/v12"));
}

#[test]
fn an_operation_that_is_not_there_has_its_nearest_name() {
    let service = samples::load("parts.wsdl", Wanted::All).unwrap();
    let unknown = |name, choice| service.operation(name, choice).unwrap_err();
    assert_eq!(unknown("GetPart", Choice::default()).cure, "did you mean `GetParts`?");
    let choice = Choice { version: Some(Version::V12), ..Choice::default() };
    assert_eq!(unknown("PutPart", choice).cure, "it is offered over SOAP 1.1");
    let choice = Choice { port: Some("PartPort"), ..Choice::default() };
    assert_eq!(unknown("PutPart", choice).cure, "did you mean `PartsPort`?");
    let complaints = samples::load("parts.wsdl", Wanted::Operations(&["PutPart", "PutParts"])).unwrap_err();
    assert!(
        messages(&complaints).contains("no operation `PutParts` [did you mean `PutPart`?]"),
        "{complaints:?}"
    );
}

fn place<'a>(get: &'a Operation, path: &str) -> Result<Found<'a>, Lost> {
    get.find_output(path)
}

#[test]
fn places_are_judged_by_the_schema() {
    let get = samples::operation("parts.wsdl", "GetParts");
    assert!(place(&get, "Part").unwrap().many);
    assert!(!place(&get, "Part[]").unwrap().many);
    assert!(matches!(place(&get, "Part[].@id").unwrap().what, What::Attribute(_)));
    assert!(matches!(place(&get, "Part[].Price.$").unwrap().what, What::Text(s) if s.kind == Kind::Decimal));
    let quantity = place(&get, "Part[].Bins.Bin[].Quantity").unwrap();
    assert_eq!(quantity.simple(&get.types).unwrap().kind, Kind::Integer);
    assert!(place(&get, "Part[0].Sku").is_ok());
    let lost = |path: &str| place(&get, path).unwrap_err();
    assert_eq!(lost("Part[].Bins.Bin.Quantity"), Lost::List { at: "Part[].Bins.Bin".into() });
    assert_eq!(lost("Part[].Bins[].Bin"), Lost::Single { at: "Part[].Bins".into() });
    assert_eq!(lost("Part[].Sku.Prefix"), Lost::Scalar { at: "Part[].Sku".into() });
    assert_eq!(lost("Part[].@id.x"), Lost::Scalar { at: "Part[].@id".into() });
    assert!(
        matches!(lost("Part[].Descripton"), Lost::Unknown { near: Some(near), .. } if near == "Description")
    );
    assert!(matches!(lost("Part[].@idd"), Lost::Unknown { near: Some(near), .. } if near == "@id"));
    for bad in ["Part[", "Part[x]", "a..b", ".", "Part[]]"] {
        assert!(matches!(place(&get, bad).unwrap_err(), Lost::Syntax { .. } | Lost::Unknown { .. }), "{bad}");
    }
}

#[test]
fn required_inputs_are_told() {
    assert_eq!(samples::operation("parts.wsdl", "GetParts").required(), ["Dealer.CompanyNumber"]);
    assert_eq!(
        samples::operation("parts.wsdl", "PutPart").required(),
        ["Dealer.CompanyNumber", "Part.Sku", "Part.Description"]
    );
    // The customer is one of two alternatives, so that none of them is required.
    assert_eq!(samples::operation("split.wsdl", "Order").required(), ["Line[].Sku", "Line[].Count"]);
}

#[test]
fn rpc_has_a_wrapper_of_unqualified_parts() {
    let rate = samples::operation("rpc.wsdl", "getRate");
    assert_eq!(rate.style, Style::Rpc);
    assert_eq!((&*rate.input.name, rate.input.namespace.as_deref()), ("getRate", Some("urn:rpc:ops")));
    assert_eq!(&*rate.output.name, "getRateResponse");
    let What::Element(element) = rate.find_input("currency").unwrap().what else { panic!() };
    assert_eq!(element.namespace, None);
    assert!(rate.find_output("rate.value").is_ok());
    let ping = samples::operation("rpc.wsdl", "ping");
    assert!(ping.input.is_nothing() && ping.output.is_nothing());
}

#[test]
fn files_are_split_included_without_a_namespace_and_in_cycles() {
    let order = samples::operation("split.wsdl", "Order");
    let namespace = |path: &str| match order.find_input(path).unwrap().what {
        What::Element(element) => element.namespace.clone().map(|n| n.to_string()),
        What::Attribute(attribute) => attribute.namespace.clone().map(|n| n.to_string()),
        _ => panic!(),
    };
    assert_eq!(namespace("Customer"), None);
    assert_eq!(namespace("Address").as_deref(), Some("urn:common"));
    assert_eq!(namespace("Line").as_deref(), Some("urn:order"));
    assert_eq!(namespace("Line[].Sku"), None);
    assert_eq!(namespace("@priority").as_deref(), Some("urn:common"));
    assert_eq!(namespace("@test"), None);
    assert!(matches!(order.output.content, Content::Simple(_)));
}

#[test]
fn types_hold_themselves_and_derive() {
    let send = samples::operation("shapes.wsdl", "Send");
    assert!(send.find_output("Tree.Node[].Node[].Node[].Label").is_ok());
    assert!(send.find_output("Animal[].Friend.Friend.Weeks").is_ok(), "of a derived type");
    assert!(send.find_input("Key").unwrap().many && send.find_input("Red").unwrap().many);
    assert!(!send.find_input("Card").unwrap().many);
    assert!(matches!(send.find_input("Free.whatever.there[].is").unwrap().what, What::Anything));
    assert!(send.find_input("Payment").is_err(), "what is abstract has no element");
}

#[test]
fn what_cannot_be_done_is_a_complaint_of_its_operation() {
    let service = samples::load("refused.wsdl", Wanted::All).unwrap();
    assert!(service.operation("Fine", Choice::default()).is_ok());
    for (name, part) in [
        ("Array", "soapenc:Array"),
        ("Swa", "is an attachment"),
        ("Mtom", "MTOM"),
        ("Lost", "`t:Ar` is not declared"),
        ("Loop", "derived from itself"),
        ("Two", "2 parts"),
        ("Mime", "MIME"),
        ("Encoded", "encoded"),
    ] {
        let unknown = service.operation(name, Choice::default()).unwrap_err();
        assert!(unknown.message.contains(part), "{name}: {unknown:?}");
        assert!(unknown.complaints[0].line > 1, "{name}");
        let complaints = samples::load("refused.wsdl", Wanted::Operations(&[name])).unwrap_err();
        assert!(messages(&complaints).contains(part), "{name}");
    }
    let lost = samples::load("refused.wsdl", Wanted::Operations(&["Lost"])).unwrap_err();
    assert_eq!(lost[0].cure, "did you mean `Arr`?");
    let text = samples::FILES.iter().find(|(name, _)| *name == "refused.wsdl").unwrap().1;
    assert!(text[lost[0].span.clone()].starts_with("<xs:element name=\"a\" type=\"t:Ar\""));
}

#[test]
fn a_wsdl_made_by_others_is_read() {
    let service = samples::load("spyne.wsdl", Wanted::All).unwrap();
    let get = service.operation("get_parts", Choice::default()).unwrap();
    assert!(get.find_output("get_partsResult.Part[].bins.Bin[].quantity").is_ok());
    let put = service.operation("put_part", Choice::default()).unwrap();
    assert!(put.find_input("part.names").unwrap().many);
    let kit = service.operation("kit", Choice::default()).unwrap();
    assert!(kit.find_input("kit.sku").is_ok() && kit.find_input("kit.parts.Part[].sku").is_ok());
}

#[test]
fn nothing_is_fetched_from_elsewhere() {
    for (location, part) in [
        ("http://evil.example/a.xsd", "no relative name"),
        ("file:///etc/passwd", "no relative name"),
        ("/etc/passwd", "no relative name"),
        ("../../secret.xsd", "leaves the folder"),
        ("a\\b.xsd", "no relative name"),
        ("a.xsd?x", "no relative name"),
        ("missing.xsd", "cannot be read"),
    ] {
        let types =
            format!(r#"<xs:schema><xs:import namespace="urn:q" schemaLocation="{location}"/></xs:schema>"#);
        let complaints = samples::text(&samples::with_types(&types)).unwrap_err();
        assert!(messages(&complaints).contains(part), "{location}: {}", messages(&complaints));
    }
    assert_eq!(files::resolve("a/b/c.wsdl", "../x/./y.xsd").unwrap(), "a/x/y.xsd");
}

#[test]
fn hostile_files_are_refused() {
    let deep = format!("{}{}", "<xs:sequence>".repeat(100_000), "</xs:sequence>".repeat(100_000));
    for (text, part) in [
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".to_owned(), "DOCTYPE"),
        ("<a".to_owned(), "well-formed"),
        ("<html/>".to_owned(), "neither a WSDL"),
        ("<description xmlns='http://www.w3.org/ns/wsdl'/>".to_owned(), "WSDL 2.0"),
        (samples::with_types(&deep), "nested deeper"),
        ("<definitions xmlns='http://schemas.xmlsoap.org/wsdl/'/>".to_owned(), "no binding"),
    ] {
        let complaints = samples::text(&text).unwrap_err();
        assert!(messages(&complaints).contains(part), "{}", messages(&complaints));
    }
    let schema = |inner: &str| {
        samples::with_types(&format!(r#"<xs:schema targetNamespace="urn:x">{inner}</xs:schema>"#))
    };
    for (inner, part) in [
        (
            r#"<xs:element name="E"><xs:complexType><xs:group ref="t:G"/></xs:complexType></xs:element><xs:group name="G"><xs:sequence><xs:group ref="t:G"/></xs:sequence></xs:group>"#,
            "a group that holds itself",
        ),
        (
            r#"<xs:element name="E" type="t:S"/><xs:simpleType name="S"><xs:restriction base="t:S"/></xs:simpleType>"#,
            "derived from itself",
        ),
        (
            r#"<xs:element name="E"><xs:complexType><xs:sequence><xs:element name="a" minOccurs="x"/></xs:sequence></xs:complexType></xs:element>"#,
            "no number of times",
        ),
        (r#"<xs:element name="E" type="xs:strin"/>"#, "no simple type `strin`"),
        (r#"<xs:element name="E"/><xs:element name="E" type="xs:int"/>"#, "declared twice"),
        (r#"<xs:redefine schemaLocation="a.xsd"/>"#, "`redefine` is not taken"),
    ] {
        let complaints = samples::text(&schema(inner)).unwrap_err();
        assert!(messages(&complaints).contains(part), "{}", messages(&complaints));
    }
}

/// Groups that double at each step would make a million particles.
#[test]
fn groups_that_multiply_are_bounded() {
    let mut groups = String::new();
    for at in 0..20 {
        let next = at + 1;
        groups += format!(
            r#"<xs:group name="G{at}"><xs:sequence><xs:group ref="t:G{next}"/><xs:group ref="t:G{next}"/></xs:sequence></xs:group>"#
        )
        .as_str();
    }
    groups +=
        r#"<xs:group name="G20"><xs:sequence><xs:element name="x" type="xs:int"/></xs:sequence></xs:group>"#;
    let types = format!(
        r#"<xs:schema targetNamespace="urn:x">{groups}<xs:element name="E"><xs:complexType><xs:group ref="t:G0"/></xs:complexType></xs:element></xs:schema>"#
    );
    let complaints = samples::text(&samples::with_types(&types)).unwrap_err();
    assert!(messages(&complaints).contains("too many parts"), "{}", messages(&complaints));
}

/// The same text with one byte changed or cut is read or refused, and ends either way.
#[test]
fn damaged_files_end_in_complaints() {
    let text = samples::FILES[0].1;
    for at in (0..text.len()).step_by(37) {
        let _ = samples::text(&text[..at]);
        for instead in ["<", "\"", "&", "x", ">"] {
            let _ = samples::text(&format!("{}{instead}{}", &text[..at], &text[at + 1..]));
        }
    }
}
