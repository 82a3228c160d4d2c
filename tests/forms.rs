//! What a write sends, printed by its form and placed as a tree: the same bytes, for records of each binding of the project
//! that has a form, and for documents of many shapes.

use portico::{
    backend::lookup,
    fault::Diagnostics,
    plan::{Binding, Means, Plan, compile::compile},
    spec::load::{Tree, load},
    translate::{sample, store},
    value::{Value, json::read::read, time::Date},
};
use std::{collections::BTreeMap, path::Path};

const CONTRACT: &str = r#"{ "title": "Thing", "type": "object", "required": ["id", "name"], "properties": {
  "id": { "type": "string", "readOnly": true }, "name": { "type": "string" }, "size": { "type": ["number", "null"] },
  "place": { "type": ["object", "null"], "properties": { "town": { "type": ["string", "null"] }, "street": { "type": ["string", "null"] } } },
  "on": { "type": ["boolean", "null"] }, "day": { "type": ["string", "null"], "format": "date" },
  "tags": { "type": "array", "items": { "type": "string" } },
  "rows": { "type": "array", "items": { "type": "object", "properties": { "a": { "type": "string" }, "b": { "type": ["integer", "null"] } } } } } }"#;

const RECORDS: [&str; 6] = [
    r#"{"name":"a \"b\"\n"}"#,
    r#"{"name":"x","size":4.10,"place":{"town":"T","street":"S"},"on":true,"day":"2020-02-29","tags":["a","b"],"rows":[{"a":"1","b":2},{"a":"2"}]}"#,
    r#"{"name":"x","size":null,"place":null,"on":null,"day":null,"tags":[],"rows":[]}"#,
    r#"{"name":"x","place":{"town":null,"street":null},"on":false,"tags":["a"]}"#,
    r#"{"name":"x","place":{"town":null,"street":"S"},"rows":[{}]}"#,
    r#"{"name":"x","place":{}}"#,
];

/// A plan of one resource whose binding and dialect have these words.
fn plan(fields: &str, call: &str, dialect: &str) -> Plan {
    let files = [
        ("config/forms.yaml", "listen: [{ address: 127.0.0.1:8080 }]\npublicUrl: https://forms.example\napis:\n  forms/v1:\n    serve: { things: site }\nsources:\n  site:\n    http: { address: https://site.example/api }\n".to_owned()),
        ("schemas/forms/v1/thing.json", CONTRACT.to_owned()),
        ("mappings/forms/v1/api.yaml", "api: forms\nversion: v1\nbase: /v1\ntitle: Forms\n".to_owned()),
        ("mappings/forms/v1/things.yaml", "resource: things\ncontract: forms/v1/thing.json\nkey: id\npath: /things\noperations: [create, read]\naccess: public\norder: [id]\ntotal: none\n".to_owned()),
        ("mappings/dialects/plain.yaml", format!("dialect: plain\nformat: json\n{dialect}")),
        ("mappings/forms/v1/things.site.yaml", format!("binds: things\ndialect: plain\nfields:\n  id: id\n{fields}calls:\n  get: {{ get: \"/things/{{id}}\" }}\n  add: {{ post: /things, {call} }}\nread: {{ call: get, absent: [404] }}\ncreate: {{ call: add, then: read }}\n")),
    ];
    let files: BTreeMap<_, _> = files.into_iter().map(|(name, text)| (name.into(), text)).collect();
    let mut out = Diagnostics::new();
    let files = load(&Tree::Memory(files), Path::new("config/forms.yaml"), &mut out);
    compile(&files, &mut out).unwrap_or_else(|| panic!("{}", out.render_plain()))
}

/// What the form prints, where the binding has one and this record has it; held against the tree.
fn printed(binding: &Binding, plan: &Plan, resource: usize, body: &Value) -> Option<String> {
    let Means::Http(means) = &binding.means else { return None };
    let contract = &plan.resource(resource).unwrap().contract;
    let around = lookup::none(Date { year: 2026, month: 11, day: 21 });
    let form = means.create.as_ref()?.form.as_ref()?;
    let text = store::form::print(form, contract, &binding.writing, body, &around);
    let placed = store::place(contract, &binding.writing, body, None, &around);
    let Some(text) = text else {
        let has_another = form
            .objects
            .iter()
            .any(|id| body.get(&contract.get(*id).unwrap().name).is_none_or(Value::is_null));
        assert!(placed.is_err() || has_another, "{} prints nothing for {}", binding.file, body.to_json());
        return None;
    };
    let empty = (!means.dialect.empty_write.is_null()).then_some(&means.dialect.empty_write);
    let tree = store::document(placed.unwrap(), empty);
    let text = String::from_utf8(text).unwrap();
    let whole = read(&text).unwrap();
    // What every body carries stands beside the record.
    let inside = &means.create.as_ref().unwrap().call.inside;
    let Value::Object(members) = &tree else { panic!("{}", tree.to_json()) };
    let record = whole.follow(inside).unwrap();
    for (name, value) in members {
        assert_eq!(record.get(name), Some(value), "{}: {text}", binding.file);
    }
    let Value::Object(all) = record else { panic!("{text}") };
    let own: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    let of_tree: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert!(own.ends_with(&of_tree), "{}: {own:?}, {of_tree:?}", binding.file);
    Some(text)
}

#[test]
fn the_projects_own_bindings_print_what_they_would_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = 0;
    for config in ["config/demo.yaml", "benches/compare/portico/config.yaml"] {
        let mut out = Diagnostics::new();
        let files = load(&Tree::Disk, &root.join(config), &mut out);
        let plan = compile(&files, &mut out).unwrap_or_else(|| panic!("{}", out.render_plain()));
        for (resource, binding) in &plan.bindings {
            let contract = &plan.resource(*resource).unwrap().contract;
            let all = sample::cases(contract, 200)
                .filter(|body| printed(binding, &plan, *resource, body).is_some());
            found += usize::from(all.count() > 20);
        }
    }
    assert!(found >= 3, "{found}");
}

#[test]
fn documents_of_many_shapes() {
    let flat = "  name: name\n  size: size\n  on: on\n  day: day\n  tags: { each: tags, from: $ }\n  rows: { each: rows, fields: { a: x.a, b: b } }\n";
    let deep = "  name: title.und[0].value\n  size: size.und[1].value\n  on: { from: \"state.on\", via: [{ codes: { Y: true, N: false } }] }\n  day: { from: state.day, via: [{ date: \"%d.%m.%Y\" }] }\n  tags: { each: tags.und, from: value }\n  rows: { each: rows, fields: { a: x.a, b: b } }\n";
    let places = [
        "  place.town: town\n  place.street: street\n",
        "  place.town: address.town\n  place.street: address.street\n",
    ];
    let empty = "empty: { read: [absent, \"null\", \"[]\"], write: { und: [] } }\n";
    for (fields, dialect, record, expected) in [
        (
            flat,
            "",
            1,
            r#"{"type":"t","name":"x","size":4.10,"town":"T","street":"S","on":true,"day":"2020-02-29","tags":["a","b"],"rows":[{"x":{"a":"1"},"b":2},{"x":{"a":"2"},"b":null}]}"#,
        ),
        (deep, empty, 2, ""),
        (deep, empty, 0, ""),
    ] {
        for place in places {
            for call in [
                "with: { type: t }",
                "with: { type: t }, inside: data.thing",
                "with: { data: { kind: k } }, inside: data.thing",
            ] {
                let plan = plan(&format!("{fields}{place}"), call, dialect);
                let (resource, binding) = &plan.bindings[0];
                for body in RECORDS {
                    let mut body = read(body).unwrap();
                    store::complete(&plan.resource(*resource).unwrap().contract, &mut body);
                    printed(binding, &plan, *resource, &body);
                }
                let shown = printed(binding, &plan, *resource, &read(RECORDS[record]).unwrap());
                if place == places[0] && call == "with: { type: t }" && !expected.is_empty() {
                    assert_eq!(shown.as_deref(), Some(expected));
                }
            }
        }
    }
}

/// A value within a list of objects that goes back through a look-up: its table is had before the record is printed.
#[test]
fn look_ups_within_lists_are_known() {
    let files = [
        (
            "config/forms.yaml",
            "listen: [{ address: 127.0.0.1:8080 }]\npublicUrl: https://forms.example\napis:\n  forms/v1:\n    serve: { things: site, kinds: site }\nsources:\n  site:\n    http: { address: https://site.example/api }\n",
        ),
        ("schemas/forms/v1/thing.json", CONTRACT),
        (
            "schemas/forms/v1/kind.json",
            r#"{ "title": "Kind", "type": "object", "required": ["kindId"], "properties": { "kindId": { "type": "string" }, "name": { "type": "string" } } }"#,
        ),
        ("mappings/forms/v1/api.yaml", "api: forms\nversion: v1\nbase: /v1\ntitle: Forms\n"),
        (
            "mappings/forms/v1/things.yaml",
            "resource: things\ncontract: forms/v1/thing.json\nkey: id\npath: /things\noperations: [create, read]\naccess: public\norder: [id]\ntotal: none\n",
        ),
        (
            "mappings/forms/v1/kinds.yaml",
            "resource: kinds\ncontract: forms/v1/kind.json\nkey: kindId\npath: /kinds\noperations: [list]\naccess: public\norder: [kindId]\ntotal: none\n",
        ),
        ("mappings/dialects/plain.yaml", "dialect: plain\nformat: json\n"),
        (
            "mappings/forms/v1/kinds.site.yaml",
            "binds: kinds\ndialect: plain\nfields: { kindId: id, name: name }\ncalls:\n  all: { get: /kinds, rows: $ }\nlist: { call: all, whole: true, within: 100 }\n",
        ),
        (
            "mappings/forms/v1/things.site.yaml",
            "binds: things\ndialect: plain\nfields:\n  id: id\n  name: name\n  size: size\n  on: on\n  day: day\n  place.town: town\n  place.street: street\n  tags: { each: tags, from: $ }\n  rows: { each: rows, fields: { a: { from: kind, via: [{ lookup: { in: kinds, by: id, give: name } }] }, b: b } }\ncalls:\n  get: { get: \"/things/{id}\" }\n  add: { post: /things }\nread: { call: get, absent: [404] }\ncreate: { call: add, then: read }\n",
        ),
    ];
    let files: BTreeMap<_, _> =
        files.into_iter().map(|(name, text)| (name.into(), text.to_owned())).collect();
    let mut out = Diagnostics::new();
    let files = load(&Tree::Memory(files), Path::new("config/forms.yaml"), &mut out);
    let plan = compile(&files, &mut out).unwrap_or_else(|| panic!("{}", out.render_plain()));
    let (_, binding) = plan.bindings.iter().find(|(_, binding)| binding.file.contains("things")).unwrap();
    assert_eq!(binding.writing.lookups.len(), 1);
}
