//! Envelopes both ways, over services of many manners.

mod hostile;
mod plain;
mod round;

use super::*;
use crate::plan::compile::wsdl::samples::{operation, versioned};

fn value(json: &str) -> Value {
    crate::value::json::read::read(json).unwrap()
}

fn encoded(operation: &Operation, json: &str) -> Result<String, Problem> {
    encode(operation, &value(json), &Headers::default()).map(|bytes| String::from_utf8(bytes).unwrap())
}

/// What is between the body's tags.
fn body(envelope: &str) -> &str {
    envelope.split("<soap:Body>").nth(1).unwrap().split("</soap:Body>").next().unwrap()
}

fn refused(operation: &Operation, json: &str) -> String {
    encoded(operation, json).unwrap_err().to_string()
}

/// An envelope of SOAP 1.1 around a body.
fn answer(inner: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:t="urn:parts" xmlns:h="urn:shapes"><s:Header><x xmlns="urn:else">1</x></s:Header><s:Body>{inner}</s:Body></s:Envelope>"#
    )
}

fn read(operation: &Operation, inner: &str) -> Result<String, Decoded> {
    decode(operation, answer(inner).as_bytes(), None, Limits::default())
}

fn malformed(result: Result<String, Decoded>) -> String {
    match result {
        Err(Decoded::Malformed { what, .. }) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_value_becomes_an_envelope_in_the_order_of_the_schema() {
    let put = operation("parts.wsdl", "PutPart");
    let envelope = encoded(
        &put,
        r#"{"Part":{"Note":["a<b","c"],"Price":{"$":12.50,"@currency":"EUR"},"Description":null,"Bins":{"Bin":[{"Quantity":3e0,"Code":"A1"}]},
            "Sku":"AB12","@id":7,"Stocked":true,"LastSold":"2024-01-31T09:30:00Z"},"Dealer":{"CompanyNumber":"1","EnterpriseCode":null}}"#,
    )
    .unwrap();
    assert_eq!(
        envelope,
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/""#,
            r#" xmlns:n1="urn:parts" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Body><n1:PutPart>"#,
            r#"<n1:Dealer><n1:CompanyNumber>1</n1:CompanyNumber></n1:Dealer><n1:Part id="7"><n1:Sku>AB12</n1:Sku>"#,
            r#"<n1:Description xsi:nil="true"></n1:Description><n1:Price currency="EUR">12.50</n1:Price>"#,
            r#"<n1:LastSold>2024-01-31T09:30:00Z</n1:LastSold><n1:Stocked>true</n1:Stocked>"#,
            r#"<n1:Bins><n1:Bin><n1:Code>A1</n1:Code><n1:Quantity>3</n1:Quantity></n1:Bin></n1:Bins>"#,
            r#"<n1:Note>a&lt;b</n1:Note><n1:Note>c</n1:Note></n1:Part></n1:PutPart></soap:Body></soap:Envelope>"#
        )
    );
}

#[test]
fn what_cannot_be_sent_names_its_place_and_never_its_value() {
    let put = operation("parts.wsdl", "PutPart");
    let part = |inner: &str| {
        format!(r#"{{"Dealer":{{"CompanyNumber":"1"}},"Part":{{"Sku":"AB12","Description":"d"{inner}}}}}"#)
    };
    assert!(encoded(&put, &part("")).is_ok());
    for (json, expected) in [
        (r#"{"Dealer":{}}"#.to_owned(), "`Dealer.CompanyNumber` is required and has no value"),
        (
            r#"{"Dealer":{"CompanyNumber":null},"Part":null}"#.to_owned(),
            "`Dealer.CompanyNumber` is required and has no value",
        ),
        (r#"{"Dealr":{}}"#.to_owned(), "`Dealr` is not declared; did you mean `Dealer`?"),
        (
            part(r#","Bins":{"Bin":[{"Code":"a","Quantity":1},{"Code":"a","Quantty":2}]}"#),
            "`Part.Bins.Bin[1].Quantty` is not declared; did you mean `Quantity`?",
        ),
        (
            part(r#","Bins":{"Bin":[{"Code":"a","Quantity":2147483648}]}"#),
            "`Part.Bins.Bin[0].Quantity` is a number, not at most 2147483647",
        ),
        (part(r#","Bins":{"Bin":{"Code":"a","Quantity":1}}"#), "`Part.Bins.Bin` is an object, not a list"),
        (part(r#","Bins":[]"#), "`Part.Bins` is a list, not a single value"),
        (part(r#","Stocked":"yes""#), "`Part.Stocked` is a text, not `true` or `false`"),
        (part(r#","Status":"Gone""#), "`Part.Status` is a text, not one of `Active`, `Retired`"),
        (part(r#","Price":1"#), "`Part.Price.@currency` is required and has no value"),
        (
            part(r#","Price":{"$":"1,50","@currency":"EUR"}"#),
            "`Part.Price` is a text, not a decimal number without an exponent",
        ),
        (part(r#","@id":-1"#), "`Part.@id` is a number, not at least 0"),
        (part(r#","Note":["1","2","3","4"]"#), "`Part.Note` stands more often than it may (3)"),
        (part(r#","Note":[null]"#), "`Part.Note[0]` is required and has no value"),
        (part(r#","Note":["\u0001"]"#), "`Part.Note[0]` holds a character that XML does not allow"),
        (
            part(r#","LastSold":"31.1.2024""#),
            "`Part.LastSold` is a text, not a time (`2024-01-31T09:30:00Z`)",
        ),
        (part(r#","Bins":"x""#), "`Part.Bins` is a text, not an object"),
        (part(r#","$":"x""#), "`Part.$` is not declared"),
        ("[]".to_owned(), "`$` is a list, not an object"),
    ] {
        assert_eq!(refused(&put, &json), expected, "{json}");
    }
    let unlike = refused(&put, &part("").replace("AB12", "secret"));
    assert!(unlike.contains("pattern") && !unlike.contains("secret"), "{unlike}");
}

#[test]
fn headers_are_declared_ones_and_security() {
    let get = operation("parts.wsdl", "GetParts");
    let security = security("joe & co", "pa<ss", Kind::Digest, *b"0123456789abcdef", "2024-01-31T09:30:00Z");
    assert!(!format!("{security:?}").contains("pa<ss"));
    let headers = Headers { security: Some(&security), declared: value(r#"{"Session":{"Token":"t1"}}"#) };
    let bytes = encode(&get, &value(r#"{"Dealer":{"CompanyNumber":"1"}}"#), &headers).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    // Base64(SHA-1("0123456789abcdef" + "2024-01-31T09:30:00Z" + "pa<ss")), computed elsewhere.
    for part in [
        r#"<wsse:Security soap:mustUnderstand="1"><wsse:UsernameToken><wsse:Username>joe &amp; co</wsse:Username>"#,
        "#PasswordDigest\">ZgxhwC+OCmPexD04KYEWWD8d8S0=</wsse:Password>",
        ">MDEyMzQ1Njc4OWFiY2RlZg==</wsse:Nonce>",
        "<wsu:Created>2024-01-31T09:30:00Z</wsu:Created>",
        "<n3:Session><n3:Token>t1</n3:Token></n3:Session>",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(crate::value::xml::read::read(b"<a/>").is_ok() && roxmltree::Document::parse(&text).is_ok());
    let plain = super::security("joe", "pa<ss", Kind::Text, [0; 16], "2024-01-31T09:30:00Z");
    let headers = Headers { security: Some(&plain), declared: Value::Null };
    let text = encode(&get, &value(r#"{"Dealer":{"CompanyNumber":"1"}}"#), &headers).unwrap();
    assert!(String::from_utf8(text).unwrap().contains("#PasswordText\">pa&lt;ss</wsse:Password>"));
    let headers = Headers { security: None, declared: value(r#"{"Sesion":{}}"#) };
    let problem = encode(&get, &value("{}"), &headers).unwrap_err();
    assert_eq!(problem.to_string(), "`Sesion` is not declared; did you mean `Session`?");
}

#[test]
fn media_types_and_actions_are_those_of_the_version() {
    let (old, new) = (
        versioned("parts.wsdl", "GetParts", Version::V11),
        versioned("parts.wsdl", "GetParts", Version::V12),
    );
    assert_eq!(content_type(&old), "text/xml; charset=utf-8");
    assert_eq!(soap_action(&old).as_deref(), Some("\"urn:parts/Get\""));
    assert_eq!(content_type(&new), "application/soap+xml; charset=utf-8; action=\"urn:parts/Get\"");
    assert_eq!(soap_action(&new), None);
    assert_eq!(soap_action(&operation("rpc.wsdl", "getRate")).as_deref(), Some("\"\""));
    assert!(encoded(&new, r#"{"Dealer":{"CompanyNumber":"1"}}"#).unwrap().contains("2003/05/soap-envelope"));
}

#[test]
fn choices_and_groups_are_written_as_the_value_has_them() {
    let order = operation("split.wsdl", "Order");
    let line = r#""Line":[{"Sku":"a","Count":1}]"#;
    let written = encoded(&order, &format!(r#"{{{line},"Last":"L","First":"F","@priority":5}}"#)).unwrap();
    assert!(
        body(&written)
            .starts_with(r#"<n1:Order n2:priority="5"><First>F</First><Last>L</Last><n1:Line><Sku>a</Sku>"#),
        "{written}"
    );
    let written = encoded(&order, &format!(r#"{{{line},"Customer":"C","First":null}}"#)).unwrap();
    assert!(body(&written).contains("><Customer>C</Customer><n1:Line>"), "{written}");
    for (who, expected) in [
        (r#""Customer":"C","First":"F","Last":"L","#, "`Customer` and `First` exclude each other"),
        (r#""First":"F","#, "`Last` is required and has no value"),
        ("", "`$` needs one of `Customer`, `First`"),
    ] {
        assert_eq!(refused(&order, &format!("{{{who}{line}}}")), expected);
    }
    assert_eq!(refused(&order, r#"{"Customer":"C"}"#), "`Line` is required and has no value");
    let send = operation("shapes.wsdl", "Send");
    let written =
        encoded(&send, r#"{"Key":["a","b"],"Val":[1,2],"Blue":[1,2],"Red":[3],"Cash":"x"}"#).unwrap();
    assert_eq!(
        body(&written).replace("n1:", ""),
        "<Send><Cash>x</Cash><Key>a</Key><Val>1</Val><Key>b</Key><Val>2</Val><Blue>1</Blue><Blue>2</Blue><Red>3</Red></Send>"
            .replace("<Key>a</Key><Val>1</Val><Key>b</Key><Val>2</Val><Blue>1</Blue><Blue>2</Blue><Red>3</Red>",
                "<Key>a</Key><Val>1</Val><Key>b</Key><Val>2</Val><Red>3</Red><Blue>1</Blue><Blue>2</Blue>"),
    );
    assert_eq!(refused(&send, r#"{"Key":["a","b"],"Val":[1]}"#), "`Val` is required and has no value");
    assert_eq!(refused(&send, r#"{"Cash":"x","Card":"y"}"#), "`Cash` and `Card` exclude each other");
}

#[test]
fn derived_types_are_named_both_ways() {
    let send = operation("shapes.wsdl", "Send");
    let json = r#"{"Animal":[{"@xsi:type":"Puppy","@tag":"t","Name":"Rex","Friend":{"@xsi:type":"Dog","Name":"Ada"},"Breed":"pug","Weeks":7}]}"#;
    let written = encoded(&send, json).unwrap();
    assert!(body(&written).contains(
        r#"<n1:Animal xsi:type="n1:Puppy" tag="t"><n1:Name>Rex</n1:Name><n1:Friend xsi:type="n1:Dog">"#
    ));
    assert_eq!(
        refused(&send, r#"{"Animal":[{"Name":"x"}]}"#),
        "`Animal[0]` has an abstract type: say which is meant with `@xsi:type`"
    );
    assert!(refused(&send, r#"{"Animal":[{"@xsi:type":"Tree"}]}"#).contains("one of Animal, Dog, Puppy"));
    let sent = format!(
        "<h:Sent>{}</h:Sent>",
        body(&written).replace("n1:", "h:").replace("<h:Send>", "").replace("</h:Send>", "")
    );
    assert_eq!(
        read(&send, &sent).unwrap(),
        format!(r#"{},"Any":1}}"#, &json[..json.len() - 1]).replace(",\"Any\":1", "")
    );
    assert!(malformed(read(&send, "<h:Sent><h:Animal/></h:Sent>")).contains("abstract"));
}

#[test]
fn the_schema_decides_cardinality_and_types() {
    let get = operation("parts.wsdl", "GetParts");
    let whole = r#"<t:GetPartsResponse><t:Total> +007 </t:Total><t:Part id="0012"><t:Stocked>1</t:Stocked><t:Sku>AB1</t:Sku><t:Description xsi:nil="true"/>
        <t:Price currency="EUR">0012.50</t:Price><t:Bins><t:Bin><t:Code/><t:Quantity>5</t:Quantity></t:Bin></t:Bins><t:New><deep>1</deep></t:New></t:Part>
        <t:Part><t:Sku><![CDATA[a<b]]>&amp;&#233;</t:Sku><t:Description/><t:Bins/><t:Price>x</t:Price></t:Part></t:GetPartsResponse>"#;
    assert_eq!(
        read(&get, whole).unwrap(),
        concat!(
            r#"{"Part":[{"@id":12,"Sku":"AB1","Description":null,"Price":{"@currency":"EUR","$":12.50},"Stocked":true,"#,
            r#""Bins":{"Bin":[{"Code":"","Quantity":5}]},"Note":[]},"#,
            r#"{"Sku":"a<b&é","Description":"","Price":{"$":"x"},"Bins":{"Bin":[]},"Note":[]}],"Total":7}"#
        )
    );
    assert_eq!(read(&get, "<t:GetPartsResponse/>").unwrap(), r#"{"Part":[]}"#);
    assert_eq!(read(&operation("parts.wsdl", "PutPart"), "<t:PutPartResponse/>").unwrap(), "{}");
    assert_eq!(read(&get, "<t:GetPartsResponse xsi:nil='1'/>").unwrap(), "null");
    let rate = operation("rpc.wsdl", "getRate");
    let said = "<r:getRateResponse xmlns:r='urn:rpc:ops'><rate><value>1.50E2</value><from>EUR</from></rate></r:getRateResponse>";
    assert_eq!(read(&rate, said).unwrap(), r#"{"rate":{"from":"EUR","value":1.50E2}}"#);
    assert_eq!(read(&operation("rpc.wsdl", "ping"), "").unwrap(), "{}");
    let order = operation("split.wsdl", "Order");
    assert_eq!(read(&order, "<o:Receipt xmlns:o='urn:order'> 1 </o:Receipt>").unwrap(), "\" 1 \"");
}

#[test]
fn anytype_is_read_as_it_comes() {
    let send = operation("shapes.wsdl", "Send");
    let sent =
        r#"<h:Sent><h:Free a="1"><x>1</x><x>2</x><y><z/></y></h:Free><o xmlns="urn:o">skip</o></h:Sent>"#;
    assert_eq!(read(&send, sent).unwrap(), r#"{"Animal":[],"Free":{"@a":"1","x":["1","2"],"y":{"z":""}}}"#);
}

#[test]
fn what_is_not_the_answer_is_malformed() {
    let get = operation("parts.wsdl", "GetParts");
    for (inner, expected) in [
        (
            "<t:GetPartsResponse><t:Total>1</t:Total><t:Total>2</t:Total></t:GetPartsResponse>",
            "a second `Total` stands where one is declared",
        ),
        (
            "<GetPartsResponse xmlns='urn:other'/>",
            "`GetPartsResponse` is of `urn:other`, where `urn:parts` is expected",
        ),
        ("<GetPartsResponse/>", "`GetPartsResponse` is of no namespace, where `urn:parts` is expected"),
        (
            "<t:GetPartsResponse><Total>1</Total></t:GetPartsResponse>",
            "`Total` is of no namespace, where `urn:parts` is expected",
        ),
        (
            "<t:PutPartResponse/>",
            "`PutPartResponse` stands in the body, where `GetPartsResponse` is expected",
        ),
        ("", "the body is empty; `GetPartsResponse` is expected"),
        ("<t:GetPartsResponse/><t:More/>", "a second element, `More`, stands in the body"),
        (
            "<t:GetPartsResponse>secret</t:GetPartsResponse>",
            "a text stands in `GetPartsResponse`, which has elements only",
        ),
        (
            "<t:GetPartsResponse><t:Total><x/></t:Total></t:GetPartsResponse>",
            "`Total` is a text, and `x` stands in it",
        ),
    ] {
        assert_eq!(malformed(read(&get, inner)), expected);
    }
    let page = decode(&get, b"<html><body/></html>", None, Limits::default());
    assert_eq!(malformed(page), "an envelope is expected, not `html`");
    let new = versioned("parts.wsdl", "GetParts", Version::V12);
    assert_eq!(malformed(read(&new, "<t:GetPartsResponse/>")), "the envelope is one of SOAP 1.1, not 1.2");
}

#[test]
fn faults_of_both_versions_are_recognised() {
    let get = operation("parts.wsdl", "GetParts");
    let old = r#"<s:Fault><faultcode>s:Server.Busy</faultcode><faultstring xml:lang="en"> Try later </faultstring><detail><t:PartsFault><t:Number>07</t:Number></t:PartsFault><extra><a>1</a></extra></detail></s:Fault>"#;
    let fault = |code: &str, subcode: Option<&str>, reason: &str, detail: Option<&str>| Decoded::Fault {
        code: code.into(),
        subcode: subcode.map(Into::into),
        reason: reason.into(),
        detail_json: detail.map(Into::into),
    };
    assert_eq!(
        read(&get, old).unwrap_err(),
        fault("Server.Busy", None, "Try later", Some(r#"{"PartsFault":{"Number":7},"extra":{"a":"1"}}"#))
    );
    let spoilt = old.replace("<t:Number>07</t:Number>", "<t:Number><x/></t:Number>");
    assert_eq!(read(&get, &spoilt).unwrap_err(), fault("Server.Busy", None, "Try later", None));
    let bare = "<s:Fault><faultcode>Client</faultcode><faultstring/><detail>why</detail></s:Fault>";
    assert_eq!(read(&get, bare).unwrap_err(), fault("Client", None, "", Some("\"why\"")));
    let new = versioned("parts.wsdl", "GetParts", Version::V12);
    let text = answer(
        r#"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>t:Bad</s:Value><s:Subcode><s:Value>t:Worse</s:Value></s:Subcode></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">No</s:Text><s:Text xml:lang="de">Nein</s:Text></s:Reason></s:Fault>"#,
    )
    .replace(Version::V11.namespace(), Version::V12.namespace());
    let decoded = decode(&new, text.as_bytes(), None, Limits::default()).unwrap_err();
    assert_eq!(decoded, fault("Sender", Some("Worse"), "No", None));
    // A service that does not know the version says so in the other one.
    assert!(matches!(read(&new, old).unwrap_err(), Decoded::Fault { .. }));
}

/// Answers of spyne 2.14 to envelopes that [`encode`] wrote, as they came.
#[test]
fn answers_of_a_service_made_by_others_are_read() {
    let kit = operation("spyne.wsdl", "kit");
    let read = |operation: &Operation, bytes: &[u8]| {
        decode(operation, bytes, Some("text/xml; charset=utf-8"), Limits::default())
    };
    assert_eq!(
        read(&kit, include_bytes!("tests/spyne_kit.xml")).unwrap(),
        concat!(
            r#"{"kitResult":{"sku":"AB","price":12.500,"sold":"2024-01-31T09:30:00+00:00","active":true,"#,
            r#""bins":{"Bin":[{"code":"c1","quantity":5},{"code":"c2"}]},"names":["x <y>","é","added"],"weight":1500.0,"#,
            r#""photo":"TWFu","parts":{"Part":[{"sku":"in","names":[]}]}}}"#
        )
    );
    let refusal = read(&operation("spyne.wsdl", "put_part"), include_bytes!("tests/spyne_fault.xml"));
    assert_eq!(
        refusal.unwrap_err(),
        Decoded::Fault {
            code: "Client.Stock".into(),
            subcode: None,
            reason: "none left".into(),
            detail_json: Some(r#"{"left":"0"}"#.into()),
        }
    );
}
