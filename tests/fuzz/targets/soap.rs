//! An answer of a SOAP, XML-RPC or plain XML service becomes JSON that is sound and no longer than its text allows,
//! or a refusal at a place of the text; what can be sent back as it came is read as the same.

use portico::{
    plan::{
        compile::wsdl::{self, Choice, Wanted},
        soap::{Operation, Style},
    },
    translate::{
        soap::{Decoded, Headers, Limits, decode, encode, schemaless},
        xmlrpc,
    },
    value::json,
};
use std::sync::{Arc, OnceLock};

const LIMITS: Limits = Limits { bytes: 64 * 1024, depth: 64, nodes: 4_000 };

const FILES: &[(&str, &str)] = &[
    ("opentrack.wsdl", include_str!("../../../mappings/wsdl/opentrack.wsdl")),
    ("messages.xsd", include_str!("../../../mappings/wsdl/messages.xsd")),
    ("types.xsd", include_str!("../../../mappings/wsdl/types.xsd")),
    ("rpc.wsdl", include_str!("../../../src/plan/compile/wsdl/samples/rpc.wsdl")),
    ("shapes.wsdl", include_str!("../../../src/plan/compile/wsdl/samples/shapes.wsdl")),
    ("parts.wsdl", include_str!("../../../src/plan/compile/wsdl/samples/parts.wsdl")),
];

/// Every operation of those services.
fn operations() -> &'static [Operation] {
    static ALL: OnceLock<Vec<Operation>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut load = |name: &str| {
            let found = FILES.iter().find(|(known, _)| *known == name);
            found.map(|(_, text)| Arc::from(*text)).ok_or_else(|| "there is no such file".to_owned())
        };
        let mut all = Vec::new();
        for file in FILES.iter().map(|(name, _)| *name).filter(|name| name.ends_with(".wsdl")) {
            let service = wsdl::read(file, &mut load, Wanted::All).expect(file);
            let names: Vec<String> = service.names().iter().map(|one| one.operation.to_owned()).collect();
            all.extend(names.iter().filter_map(|name| service.operation(name, Choice::default()).ok()));
        }
        assert!(all.len() > 5, "{} operations", all.len());
        all
    })
}

/// A name is told with every element that its types declare, so that a short answer can become a longer text.
fn sound(text: &str, from: usize) {
    json::read::read(text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert!(text.len() <= 64 * 1024 + 64 * from, "{} bytes came of {from}", text.len());
}

/// Places are of the text after it has been made UTF-8, which is at most threefold.
fn placed(at: usize, from: usize) {
    assert!(at <= from * 3, "byte {at} of {from}");
}

pub fn check(input: &[u8]) {
    for operation in operations() {
        match decode(operation, input, None, LIMITS) {
            Ok(text) => {
                sound(&text, input.len());
                echoed(operation, &text);
            }
            Err(Decoded::Malformed { at, .. }) => placed(at, input.len()),
            Err(Decoded::Fault { detail_json, .. }) => {
                detail_json.iter().for_each(|detail| sound(detail, input.len()));
            }
        }
    }
    for lists in [&[][..], &["pet", "pet.tags.tag"]] {
        match schemaless(input, None, lists, LIMITS) {
            Ok(text) => sound(&text, input.len()),
            Err(malformed) => placed(malformed.at, input.len()),
        }
    }
    match xmlrpc::answer(input, None, LIMITS) {
        Ok(text) => sound(&text, input.len()),
        Err(xmlrpc::Refused::Malformed(malformed)) => placed(malformed.at, input.len()),
        Err(xmlrpc::Refused::Fault { .. }) => {}
    }
}

/// Sends an answer as a request of the same types, and reads that.
fn echoed(operation: &Operation, text: &str) {
    if operation.style == Style::Rpc {
        return; // The answer's element is named after the operation, and the request's is another.
    }
    let back = Operation { input: operation.output.clone(), ..operation.clone() };
    let value = json::read::read(text).expect("sound");
    // What is left out where it is required, or stands in `xs:any`, was taken and cannot be sent.
    let Ok(sent) = encode(&back, &value, &Headers::default()) else { return };
    let limits = Limits { bytes: usize::MAX / 4, depth: 128, nodes: usize::MAX };
    let again = decode(operation, &sent, None, limits);
    let again = again.unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&sent)));
    assert_eq!(again, text, "{}", String::from_utf8_lossy(&sent));
}
