//! WSDLs of different manners, for tests alone: wrapped documents, rpc, split files, derived types, and what is
//! refused.

use super::{Choice, Complaint, Service, Wanted, read};
use crate::plan::soap::{Operation, Version};
use std::sync::Arc;

pub const FILES: &[(&str, &str)] = &[
    ("parts.wsdl", include_str!("samples/parts.wsdl")),
    ("rpc.wsdl", include_str!("samples/rpc.wsdl")),
    ("split.wsdl", include_str!("samples/split.wsdl")),
    ("split/abstract.wsdl", include_str!("samples/split_abstract.wsdl")),
    ("split/xsd/order.xsd", include_str!("samples/split_order.xsd")),
    ("split/xsd/bare.xsd", include_str!("samples/split_bare.xsd")),
    ("split/xsd/common.xsd", include_str!("samples/split_common.xsd")),
    ("shapes.wsdl", include_str!("samples/shapes.wsdl")),
    ("refused.wsdl", include_str!("samples/refused.wsdl")),
    ("spyne.wsdl", include_str!("samples/spyne.wsdl")),
];

pub fn load(name: &str, wanted: Wanted<'_>) -> Result<Service, Vec<Complaint>> {
    let found = |name: &str| FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| Arc::from(*text));
    read(name, &mut |name| found(name).ok_or_else(|| "there is no such file".to_owned()), wanted)
}

pub fn operation(file: &str, name: &str) -> Operation {
    load(file, Wanted::All).unwrap().operation(name, Choice::default()).unwrap()
}

pub fn versioned(file: &str, name: &str, version: Version) -> Operation {
    let choice = Choice { version: Some(version), ..Choice::default() };
    load(file, Wanted::All).unwrap().operation(name, choice).unwrap()
}

/// A WSDL of one document operation `Op` whose types are given.
pub fn with_types(types: &str) -> String {
    format!(
        r#"<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:x" targetNamespace="urn:x"><wsdl:types>{types}</wsdl:types><wsdl:message name="M"><wsdl:part name="p" element="t:E"/></wsdl:message><wsdl:portType name="P"><wsdl:operation name="Op"><wsdl:input message="t:M"/><wsdl:output message="t:M"/></wsdl:operation></wsdl:portType><wsdl:binding name="B" type="t:P"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><wsdl:operation name="Op"><soap:operation soapAction="x"/><wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding></wsdl:definitions>"#
    )
}

/// Reads one text that imports nothing.
pub fn text(text: &str) -> Result<Service, Vec<Complaint>> {
    read(
        "m.wsdl",
        &mut |name| if name == "m.wsdl" { Ok(text.into()) } else { Err("none".into()) },
        Wanted::All,
    )
}
