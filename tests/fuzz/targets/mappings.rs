//! A file of the operator, whatever is in it: a plan, or errors; every diagnostic stands at a place inside its file,
//! between two characters, and can be shown.
//!
//! The input's first line names the file of the sound API that it takes the place of; the rest is its text.

use portico::{
    fault::Diagnostics,
    plan::compile::compile,
    spec::load::{Tree, load},
};
use std::{collections::BTreeMap, path::Path};

/// The sound API that cases of faults are changes of.
const FILES: &[(&str, &str)] = &[
    ("config/base.yaml", include_str!("../../mappings/base/config/base.yaml")),
    ("mappings/dialects/yard.yaml", include_str!("../../mappings/base/mappings/dialects/yard.yaml")),
    ("mappings/garage/v1/api.yaml", include_str!("../../mappings/base/mappings/garage/v1/api.yaml")),
    (
        "mappings/garage/v1/bookings.stub.yaml",
        include_str!("../../mappings/base/mappings/garage/v1/bookings.stub.yaml"),
    ),
    (
        "mappings/garage/v1/bookings.yaml",
        include_str!("../../mappings/base/mappings/garage/v1/bookings.yaml"),
    ),
    ("mappings/garage/v1/makes.yaml", include_str!("../../mappings/base/mappings/garage/v1/makes.yaml")),
    (
        "mappings/garage/v1/makes.yard.yaml",
        include_str!("../../mappings/base/mappings/garage/v1/makes.yard.yaml"),
    ),
    (
        "mappings/garage/v1/owners.store.yaml",
        include_str!("../../mappings/base/mappings/garage/v1/owners.store.yaml"),
    ),
    ("mappings/garage/v1/owners.yaml", include_str!("../../mappings/base/mappings/garage/v1/owners.yaml")),
    ("mappings/garage/v1/sheet.yaml", include_str!("../../mappings/base/mappings/garage/v1/sheet.yaml")),
    (
        "mappings/garage/v1/vehicles.yaml",
        include_str!("../../mappings/base/mappings/garage/v1/vehicles.yaml"),
    ),
    (
        "mappings/garage/v1/vehicles.yard.yaml",
        include_str!("../../mappings/base/mappings/garage/v1/vehicles.yard.yaml"),
    ),
    ("schemas/garage/v1/booking.json", include_str!("../../mappings/base/schemas/garage/v1/booking.json")),
    ("schemas/garage/v1/make.json", include_str!("../../mappings/base/schemas/garage/v1/make.json")),
    ("schemas/garage/v1/owner.json", include_str!("../../mappings/base/schemas/garage/v1/owner.json")),
    ("schemas/garage/v1/sheet.json", include_str!("../../mappings/base/schemas/garage/v1/sheet.json")),
    ("schemas/garage/v1/vehicle.json", include_str!("../../mappings/base/schemas/garage/v1/vehicle.json")),
];

pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Some((name, text)) = text.split_once('\n') else { return };
    if !FILES.iter().any(|(known, _)| *known == name) {
        return;
    }
    let mut files: BTreeMap<_, _> =
        FILES.iter().map(|(name, text)| ((*name).into(), (*text).to_owned())).collect();
    files.insert(name.into(), text.to_owned());
    let mut out = Diagnostics::new();
    let files = load(&Tree::Memory(files), Path::new("config/base.yaml"), &mut out);
    let plan = compile(&files, &mut out);
    out.sort();
    assert!(plan.is_some() || out.has_errors(), "no plan, and nobody says why");
    for one in &out {
        let text = &one.file.text;
        let places = one.related.iter().map(|(place, _)| place).chain([&one.span]);
        for place in places {
            assert!(
                text.get(place.clone()).is_some(),
                "{place:?} is no place of {} bytes: {one:?}",
                text.len()
            );
        }
        let (line, column) = one.line_column();
        let lines = text.split('\n').count();
        assert!(line >= 1 && line <= lines && column >= 1, "{line}:{column} of {lines} lines: {one:?}");
        assert!(!one.message.is_empty() && !one.one_line().contains('\n'), "{one:?}");
    }
    assert_eq!(out.render_plain().is_empty(), out.is_empty());
}
