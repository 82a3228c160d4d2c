//! WSDLs of two kinds of server.

use super::{Folder, ask, checked, recorded};
use crate::{
    roads::{
        backend::{Recorded, Shared},
        read::{Exchange, Message},
    },
    support,
};
use portico::{
    fault::Diagnostics,
    import::{self, Wish},
};

#[test]
fn operations_are_grouped_by_their_noun() {
    let folder = Folder::new("parts");
    let mut out = Diagnostics::new();
    let project = import::wsdl::read(&support::at("tests/import/parts.wsdl"), &Wish::default(), &mut out);
    let project = project.unwrap_or_else(|| panic!("{}", out.render_plain()));
    checked(&project, &folder);
    let binding = folder.text("mappings/parts/v1/parts.parts.yaml");
    for words in [
        "all: { soap: ListParts, rows: ListPartsResult.Parts.Part }",
        "add: { soap: AddPart, inside: Part }",
        "rows: GetPartResult",
        "fits: { each: Fits.Vehicle, from: $ }",
        "total: { at: ListPartsResult.Total }",
        "key: sent",
    ] {
        assert!(binding.contains(words), "{words}\n{binding}");
    }
    let dialect = folder.text("mappings/dialects/parts.yaml");
    assert!(
        dialect.contains("format: soap") && dialect.contains("wsdl: \"../wsdl/parts.wsdl\""),
        "{dialect}"
    );
    assert!(dialect.contains("offset: First") && dialect.contains("parameter: Count"), "{dialect}");
    let contract = folder.json("schemas/parts/v1/part.json");
    assert_eq!(contract["properties"]["price"]["multipleOf"], 0.01);
    assert_eq!(contract["properties"]["group"]["enum"][0], "BR");
    assert_eq!(contract["properties"]["note"]["type"], serde_json::json!(["string", "null"]));
    assert!(folder.0.join("mappings/wsdl/parts.wsdl").is_file());
}

#[test]
fn schemas_come_along_and_what_every_call_asks_is_a_credential() {
    let folder = Folder::new("opentrack");
    let mut out = Diagnostics::new();
    let path = support::at("tests/import/opentrack/opentrack.wsdl");
    let project =
        import::wsdl::read(&path, &Wish { api: Some("yard/v2".into()), ..Wish::default() }, &mut out);
    let project = project.unwrap_or_else(|| panic!("{}", out.render_plain()));
    checked(&project, &folder);
    assert_eq!(out.warnings(), 4, "actions are left out\n{}", out.render_plain());
    let names: Vec<&str> = project.resources.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["parts", "suppliers", "orders", "shipments"]);
    assert_eq!(
        project.variables(),
        ["OPENTRACK_COMPANY_NUMBER", "OPENTRACK_ENTERPRISE_CODE", "OPENTRACK_SERVER_NAME"]
    );
    let dialect = folder.text("mappings/dialects/opentrack.yaml");
    assert!(
        dialect.contains("Dealer.CompanyNumber: \"${companyNumber}\"")
            && dialect.contains("version: \"1.1\""),
        "{dialect}"
    );
    let binding = folder.text("mappings/yard/v2/parts.opentrack.yaml");
    assert!(
        binding.contains("rows: PartLookupResult.Part")
            && binding.contains("categoryCode: SearchParms.CategoryCode"),
        "{binding}"
    );
    for file in ["opentrack.wsdl", "messages.xsd", "types.xsd"] {
        assert!(folder.0.join("mappings/wsdl").join(file).is_file(), "{file}");
    }
}

#[tokio::test]
async fn what_was_written_calls_the_service() {
    let folder = Folder::new("called");
    let mut out = Diagnostics::new();
    let project =
        import::wsdl::read(&support::at("tests/import/parts.wsdl"), &Wish::default(), &mut out).unwrap();
    let plan = checked(&project, &folder);
    let answer = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><ListPartsResponse xmlns="urn:example:parts:1"><ListPartsResult><Total>1</Total><Parts><Part><PartNo>P-0001</PartNo><Name>Brake pad</Name><Group>BR</Group><Price>12.50</Price><OnHand>3</OnHand><Active>true</Active><Added>2026-01-01T10:00:00Z</Added><Note/><Fits><Vehicle>A</Vehicle></Fits></Part></Parts></ListPartsResult></ListPartsResponse></s:Body></s:Envelope>"#;
    let reply = Message {
        first: "200".into(),
        headers: vec![("content-type".into(), "text/xml; charset=utf-8".into())],
        body: Some(answer.into()),
    };
    let body = r#"<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:n1="urn:example:parts:1"><soap:Body><n1:ListParts><n1:First>0</n1:First><n1:Count>2</n1:Count><n1:Group>BR</n1:Group></n1:ListParts></soap:Body></soap:Envelope>"#;
    let shared = Shared::default();
    shared.lock().unwrap().add(Exchange {
        ask: "POST".into(),
        body: Some(body.into()),
        reply,
        ..Exchange::default()
    });
    let facade = recorded(plan, &shared).await;
    let (status, body) = ask(&facade, "GET", "/v1/parts?limit=2&group=BR", "").await;
    assert_eq!(Recorded::end(&mut shared.lock().unwrap()), Vec::<String>::new());
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["parts"][0]["price"].to_string(), "12.5");
    assert_eq!(body["parts"][0]["fits"], serde_json::json!(["A"]));
    assert_eq!(body["metadata"]["totalCount"], 1);
}
