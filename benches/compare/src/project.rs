//! Projects that are made to be large: so many resources of one API, with so many members each, over the system behind.

use crate::contestant::LEGACY;
use std::{fmt::Write as _, fs, path::Path};

pub struct Size {
    pub port: u16,
    pub resources: usize,
    /// How many members each resource has; several numbers make as many kinds of resources, in turns.
    pub members: &'static [usize],
    /// More words of the configuration.
    pub more: &'static str,
}

/// The resource's name: `things-aab`.
pub fn name(at: usize) -> String {
    let letter = |place: usize| char::from(b'a' + u8::try_from(at / place % 26).unwrap_or(0));
    format!("things-{}{}{}", letter(676), letter(26), letter(1))
}

/// Writes a project below a folder. Its configuration is `config.yaml`.
pub fn write(folder: &Path, size: &Size) -> Result<(), String> {
    let put = |path: String, text: String| {
        let file = folder.join(path);
        let told = |what: std::io::Error| format!("{}: {what}", file.display());
        fs::create_dir_all(file.parent().unwrap_or(folder)).map_err(told)?;
        fs::write(&file, text).map_err(told)
    };
    let mut serve = String::new();
    for at in 0..size.resources {
        let (name, members) = (name(at), size.members[at % size.members.len()]);
        let _ = writeln!(serve, "      {name}: legacy");
        put(format!("schemas/bench/v1/{name}.json"), contract(&name, members))?;
        put(format!("mappings/bench/v1/{name}.yaml"), RESOURCE.replace("NAME", &name))?;
        put(format!("mappings/bench/v1/{name}.legacy.yaml"), binding(&name, members))?;
    }
    put("mappings/bench/v1/api.yaml".into(), api(10))?;
    put("mappings/dialects/plain.yaml".into(), DIALECT.into())?;
    let config = CONFIG
        .replace("PORT", &size.port.to_string())
        .replace("LEGACY", &LEGACY.to_string())
        .replace("SERVE", &serve)
        .replace("MORE", size.more);
    put("config.yaml".into(), config)
}

/// The API's words, with as many rows where nobody says how many.
pub fn api(rows: u32) -> String {
    format!("api: bench\nversion: v1\nbase: /v1\ntitle: Growth\nlimit: {{ default: {rows}, maximum: 100 }}\n")
}

fn contract(name: &str, members: usize) -> String {
    let mut properties = String::new();
    for at in 1..members {
        let _ =
            write!(properties, ",\n    \"m{at}\": {{ \"type\": [\"string\", \"null\"], \"maxLength\": 80 }}");
    }
    CONTRACT.replace("NAME", name).replace("PROPERTIES", &properties)
}

fn binding(name: &str, members: usize) -> String {
    let mut fields = String::new();
    for at in 1..members {
        let _ = writeln!(fields, "  m{at}: f{at}");
    }
    BINDING.replace("NAME", name).replace("MEMBERS", &members.to_string()).replace("FIELDS", &fields)
}

const CONFIG: &str = "listen: [{ address: 127.0.0.1:PORT }]
publicUrl: http://127.0.0.1:PORT
mappings: mappings
schemas: schemas
apis:
  bench/v1:
    serve:
SERVE
sources:
  legacy:
    http: { address: \"http://127.0.0.1:LEGACY\", plain: true, deadline: 10s, concurrency: 512 }
MORE
";

const DIALECT: &str = "dialect: plain
format: json
paging: { offset: offset, size: { parameter: limit, maximum: 100 } }
";

const CONTRACT: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "bench/v1/NAME.json",
  "title": "Thing",
  "type": "object",
  "additionalProperties": false,
  "required": ["thingId"],
  "properties": {
    "thingId": { "type": "string", "readOnly": true }PROPERTIES
  }
}
"#;

const RESOURCE: &str = "resource: NAME
contract: bench/v1/NAME.json
key: thingId
path: /NAME
operations: [list, read]
access: public
order: [thingId]
total: none
";

const BINDING: &str = "binds: NAME
dialect: plain
fields:
  thingId: id
FIELDS
calls:
  some: { get: /rest/wide/MEMBERS.json, rows: $ }
  one: { get: \"/rest/wide/MEMBERS/{id}.json\" }
list:
  call: some
  sort: { thingId: sort }
read: { call: one, absent: [404] }
";
