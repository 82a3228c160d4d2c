//! Bodies in JSON and XML: valid records with something done to them.

use super::{super::dice::Dice, Sent};

/// Where bodies go, and a body that would be taken there.
const PLACES: &[(&str, &str, &str, &str)] = &[
    ("POST", "/v1/pets", PET, PET_XML),
    ("POST", "/v1/pets", PET, PET_XML),
    ("PUT", "/v1/pets/300", PET, PET_XML),
    ("PATCH", "/v1/pets/301", PATCH, PATCH_XML),
    ("PATCH", "/v1/pets/302.xml", PATCH, PATCH_XML),
    ("POST", "/v1/pets/303?method=patch", PATCH, PATCH_XML),
    ("POST", "/v1/customers/42/pets", PET, PET_XML),
    ("POST", "/v1/customers", CUSTOMER, CUSTOMER_XML),
    ("PUT", "/v1/customers/60", CUSTOMER, CUSTOMER_XML),
    ("PATCH", "/v1/customers/61", CUSTOMER, CUSTOMER_XML),
    ("POST", "/v1/services", SERVICE, SERVICE_XML),
    ("PUT", "/v1/services/3", SERVICE, SERVICE_XML),
    ("POST", "/v1/pets/109/medical-records", RECORD, RECORD_XML),
    ("PUT", "/v1/pets/109/medical-records/109-1", RECORD, RECORD_XML),
];

const PET: &str = r#"{"ownerId":"66","name":"Rex","species":"dog","breed":{"primary":"Beagle","secondary":null,"mixed":true},"sex":"male","altered":true,"birthDate":"2019-04-23","birthDateEstimated":false,"weight":{"value":12.5,"unit":"kg"},"colors":["brown","white"],"microchip":"985141000009999","behaviorNotes":"Kind.","visibility":{"profile":true,"contact":false,"emergencyContacts":true,"medical":false},"status":"active"}"#;
const PET_XML: &str = "<response><ownerId>66</ownerId><name>Rex</name><species>dog</species><breed><primary>Beagle</primary></breed><sex>male</sex><altered>true</altered><birthDate>2019-04-23</birthDate><weight><value>12.5</value><unit>kg</unit></weight><colors><color>brown</color><color>white</color></colors><status>active</status></response>";
const PATCH: &str =
    r#"{"name":"Rex","weight":{"value":4.2},"sex":null,"colors":[],"visibility":{"medical":true}}"#;
const PATCH_XML: &str = "<response xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><name>Rex</name><weight><value>4.2</value></weight><sex xsi:nil=\"true\"/><colors/></response>";
const CUSTOMER: &str = r#"{"givenName":"Ana","familyName":"Roe","email":"ana@example.org","phone":"+1 555 0100 199","address":{"street":"1 A Street","city":"Reno","region":"NV","postalCode":"89501","country":"US"},"emergencyContacts":[{"name":"Bo","phone":"+1 555 0100","relation":"friend"}],"preferences":{"language":"es","channel":"sms","marketing":true},"status":"active"}"#;
const CUSTOMER_XML: &str = "<response><givenName>Ana</givenName><familyName>Roe</familyName><email>ana@example.org</email><emergencyContacts><emergencyContact><name>Bo</name><phone>+1 555 0100</phone></emergencyContact></emergencyContacts></response>";
const SERVICE: &str = r#"{"name":"Walk","kind":"walking","price":{"amount":"24.00","currency":"USD"},"durationMinutes":30,"prerequisites":["leash"],"active":true}"#;
const SERVICE_XML: &str = "<response><name>Walk</name><kind>walking</kind><price><amount>24.00</amount><currency>USD</currency></price><durationMinutes>30</durationMinutes></response>";
const RECORD: &str = r#"{"type":"visit","description":"Well.","recordedAt":"2024-03-14T17:30:00Z","vaccinations":[{"code":"rabies","givenOn":"2024-03-14","validUntil":null}],"details":{"a":[1,{"b":null}]}}"#;
const RECORD_XML: &str = "<response><type>visit</type><description>Well.</description><recordedAt>2024-03-14T17:30:00Z</recordedAt></response>";

/// Values that fit hardly anywhere.
const POISON: &[&str] = &[
    "null",
    "true",
    "0",
    "-0",
    "-1",
    "9007199254740993",
    "1e400",
    "-1e400",
    "1e-400",
    "123456789012345678901234567890.123456789",
    "0.001",
    "4.205",
    "1E2",
    "01",
    "1.",
    ".5",
    "+1",
    "0x1",
    "NaN",
    "Infinity",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\ud83d\\udc15\"",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\u{202e}\u{feff}\"",
    "\"\t\"",
    "\"\n\"",
    "\"<>&'\"",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    "[{}]",
    "{\"a\":1}",
    "{\"value\":1e400,\"unit\":\"kg\"}",
    "{\"value\":9007199254740993,\"unit\":\"kg\"}",
    "{\"primary\":\"Nothing Known\"}",
    "{\"primary\":\"Siamese\"}",
    "{\"primary\":null}",
    "[\"a\",\"a\",\"a\",\"a\"]",
    "[\"\"]",
    "\"2019-02-30\"",
    "\"2019-04-23T00:00:00Z\"",
    "\"+0000-01-01\"",
    "\"0000-01-01\"",
    "\"9999-12-31\"",
    "\"999999999999999\"",
    "\"nobody\"",
    "\"0066\"",
    "\"../66\"",
    "\"66 \"",
    "\"1\"",
    "\"0\"",
    "\"dog\"",
    "\"${user}\"",
    "'x'",
    "undefined",
    "\"\u{ffff}\"",
    "\"e\u{301}\"",
];

/// Names that do not belong, or belong to the system.
const NAMES: &[&str] = &[
    "petId",
    "createdAt",
    "updatedAt",
    "age",
    "photos",
    "response_code",
    "metadata",
    "nid",
    "__proto__",
    "constructor",
    "",
    "name",
    "Name",
    "naem",
    "a.b",
    "a/b",
    "a~b",
    "\\u006eame",
    "\\ud800",
    "\\u0000",
    "type",
    "field_species",
    "customerId",
    "paymentOptions",
    "cardNumber",
    "recordId",
    "serviceId",
    "details",
    "xmlns",
    "xsi:nil",
];

pub fn json(dice: &mut Dice) -> Sent {
    let (method, target, valid, _) = PLACES[dice.below(PLACES.len())];
    let mut body = valid.as_bytes().to_vec();
    for _ in 0..=dice.below(3) {
        body = harm_json(dice, body);
    }
    let mut sent = Sent::new(method, target);
    if !dice.once_in(8) {
        let odd = [
            "application/json;charset=utf-8",
            "application/merge-patch+json",
            "application/xml",
            "text/json",
            "",
        ];
        let media = if dice.once_in(6) { dice.pick(&odd) } else { "application/json" };
        sent.header("Content-Type", media);
    }
    if dice.once_in(6) {
        sent.header("Accept", "application/xml");
    }
    sent.body = Some(body);
    sent
}

fn harm_json(dice: &mut Dice, body: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&body).into_owned();
    match dice.below(24) {
        // A value is exchanged for another one.
        0..8 => {
            let marks: Vec<usize> = text.match_indices("\":").map(|(at, _)| at + 2).collect();
            if marks.is_empty() {
                return body;
            }
            let at = marks[dice.below(marks.len())];
            let end = end_of_value(&text, at);
            format!("{}{}{}", &text[..at], dice.pick(POISON), &text[end..]).into_bytes()
        }
        // A member more, which may stand there already.
        8..12 => {
            text.replacen('{', &format!("{{\"{}\":{},", dice.pick(NAMES), dice.pick(POISON)), 1).into_bytes()
        }
        12 => text.get(..dice.below(text.len().max(1))).unwrap_or_default().as_bytes().to_vec(),
        13 => [body, dice.pick(&[&b"x"[..], b"{}", b"\0", b",", b"]", b"\xff", b"//", b"/* */"]).to_vec()]
            .concat(),
        14 => [dice.pick(&[&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\0", b")]}',\n", b"[", b" "]).to_vec(), body]
            .concat(),
        15 => dice
            .pick(&[
                &b""[..],
                b" ",
                b"null",
                b"[]",
                b"\"x\"",
                b"1",
                b"true",
                b"{",
                b"}",
                b"[",
                b"{\"a\"}",
                b"{,}",
                b"{\"a\":1,}",
                b"\xff",
            ])
            .to_vec(),
        16 if dice.once_in(3) => deep(dice, "[", "]"),
        16 if dice.once_in(2) => deep(dice, "{\"a\":", "}"),
        17 if dice.once_in(3) => {
            let nest = String::from_utf8(deep(dice, "[", "]")).unwrap();
            text.replacen('{', &format!("{{\"details\":{nest},"), 1).into_bytes()
        }
        18 if dice.once_in(3) => {
            let many = (0..2000).map(|n| format!("\"m{n}\":{n},")).collect::<Vec<_>>().concat();
            text.replacen('{', &format!("{{{many}"), 1).into_bytes()
        }
        19 if dice.once_in(3) => {
            let long = "a".repeat(*dice.pick(&[&81usize, &4001, &300_000, &1_100_000]));
            text.replacen("Rex", &long, 1).replacen("Ana", &long, 1).into_bytes()
        }
        20 if dice.once_in(3) => {
            let many = "\"x\",".repeat(50_000);
            text.replacen('[', &format!("[{many}"), 1).into_bytes()
        }
        21 => spoiled(dice, body),
        22 => {
            // The same member twice.
            let name = dice.pick(&["name", "ownerId", "weight", "type", "email", "givenName"]);
            text.replacen('{', &format!("{{\"{name}\":\"x\",\"{name}\":\"y\","), 1).into_bytes()
        }
        _ => text.replacen('"', dice.pick(&["'", "", "\\\"", "\"\""]), 1 + dice.below(3)).into_bytes(),
    }
}

/// The end of the value that begins here, as far as the valid bodies go.
fn end_of_value(text: &str, at: usize) -> usize {
    let (mut depth, mut quoted) = (0, false);
    for (offset, letter) in text[at..].char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '{' | '[' if !quoted => depth += 1,
            '}' | ']' | ',' if !quoted && depth == 0 => return at + offset,
            '}' | ']' if !quoted => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

fn deep(dice: &mut Dice, open: &str, close: &str) -> Vec<u8> {
    let depth = *dice.pick(&[&60usize, &130, &5000, &100_000]);
    let inner = if open.contains(':') { "1" } else { "" };
    let closed = if dice.once_in(2) { close.repeat(depth) } else { String::new() };
    format!("{}{inner}{closed}", open.repeat(depth)).into_bytes()
}

/// Bytes that are no text.
fn spoiled(dice: &mut Dice, mut body: Vec<u8>) -> Vec<u8> {
    for _ in 0..=dice.below(4) {
        let at = dice.below(body.len() + 1);
        let length = 1 + dice.below(3);
        let bytes = dice.bytes(length);
        body.splice(at..at, bytes);
    }
    body
}

pub fn xml(dice: &mut Dice) -> Sent {
    let (method, target, _, valid) = PLACES[dice.below(PLACES.len())];
    let mut body = valid.as_bytes().to_vec();
    for _ in 0..=dice.below(2) {
        body = harm_xml(dice, body);
    }
    let mut sent = Sent::new(method, target);
    let media =
        dice.pick(&["application/xml", "application/xml", "text/xml", "application/xml; charset=utf-8"]);
    sent.header("Content-Type", media);
    if dice.once_in(2) {
        sent.header("Accept", "application/xml");
    }
    sent.body = Some(body);
    sent
}

const XML: &[&str] = &[
    "<!DOCTYPE response [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
    "<!DOCTYPE response>",
    "<?xml version=\"1.0\" encoding=\"utf-16\"?>",
    "<?xml version=\"1.1\"?>",
    "<?xml-stylesheet href=\"x\"?>",
    "<!-- a -- b -->",
    "<![CDATA[x]]>",
    "&x;",
    "&#0;",
    "&#xD800;",
    "&#x110000;",
    "&amp;&lt;&#x1F415;",
    "&",
    "<",
    "]]>",
    "<name>",
    "</name>",
    "<name/>",
    "<name xsi:nil=\"true\"/>",
    "<name a=\"1\" a=\"2\"/>",
    "<1/>",
    "<a:b/>",
    "<name>a<b/>c</name>",
    "<weight><value>1e400</value><unit>kg</unit></weight>",
    "<weight>5</weight>",
    "<weight><value> 5 </value><unit>kg</unit></weight>",
    "<colors><color>a</color><colour>b</colour></colors>",
    "<colors>a</colors>",
    "<altered>yes</altered>",
    "<altered>1</altered>",
    "<petId>1</petId>",
    "<nid>1</nid>",
    "<birthDate>2019-02-30</birthDate>",
    "<durationMinutes>9007199254740993</durationMinutes>",
    "<name>\u{ffff}</name>",
    "text",
    "\0",
    "\u{1}",
    "<x><y><z/></y></x>",
    "<response/>",
    "<species>dog</species>",
    "<breed/>",
    "<breed xsi:nil=\"1\"/>",
];

fn harm_xml(dice: &mut Dice, body: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&body).into_owned();
    match dice.below(12) {
        0..4 => {
            // Something between two tags.
            let marks: Vec<usize> = text.match_indices('<').map(|(at, _)| at).collect();
            let at = if marks.is_empty() { 0 } else { marks[dice.below(marks.len())] };
            format!("{}{}{}", &text[..at], dice.pick(XML), &text[at..]).into_bytes()
        }
        4 => format!("{}{text}", dice.pick(XML)).into_bytes(),
        5 => {
            // The text of an element is another one.
            let marks: Vec<usize> = text.match_indices('>').map(|(at, _)| at + 1).collect();
            let at = if marks.is_empty() { 0 } else { marks[dice.below(marks.len())] };
            let end = text[at..].find('<').map_or(text.len(), |n| at + n);
            format!("{}{}{}", &text[..at], dice.pick(POISON), &text[end..]).into_bytes()
        }
        6 => text.get(..dice.below(text.len().max(1))).unwrap_or_default().as_bytes().to_vec(),
        7 => spoiled(dice, body),
        8 if dice.once_in(4) => {
            let depth = *dice.pick(&[&60usize, &130, &5000, &100_000]);
            let closed = if dice.once_in(2) { "</a>".repeat(depth) } else { String::new() };
            format!("<response>{}{closed}</response>", "<a>".repeat(depth)).into_bytes()
        }
        8 => dice
            .pick(&[
                &b""[..],
                b" ",
                b"<",
                b"<a/>",
                b"x",
                b"{}",
                b"<response>",
                b"</response>",
                b"\xff\xfe<",
                b"<response/><response/>",
            ])
            .to_vec(),
        9 => text
            .replacen(
                "response",
                dice.pick(&[
                    "Response",
                    "pet",
                    "r",
                    "x:response",
                    "response a=\"1\"",
                    "response xmlns=\"urn:x\"",
                ]),
                1,
            )
            .into_bytes(),
        10 if dice.once_in(4) => {
            text.replacen("Rex", &"a".repeat(*dice.pick(&[&81usize, &300_000, &1_100_000])), 1).into_bytes()
        }
        10 if dice.once_in(4) => {
            let attributes = (0..3000).map(|n| format!(" a{n}=\"x\"")).collect::<Vec<_>>().concat();
            text.replacen("<response", &format!("<response{attributes}"), 1).into_bytes()
        }
        10 => text.replacen("</", "</ ", 1).into_bytes(),
        _ => {
            let names = ["name", "ownerId", "species", "type", "givenName", "weight"];
            let name = dice.pick(&names);
            text.replacen("</response>", &format!("<{name}>x</{name}><{name}>y</{name}></response>"), 1)
                .into_bytes()
        }
    }
}
