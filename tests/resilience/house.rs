//! The program over sources that can be broken: items over REST, SOAP and SQL by a wire each, and calm ones that nothing
//! happens to. Every answer has to carry its own mark.

use super::{backend::filler, port::free_port};
use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

const API: &str = "api: ward\nversion: v1\nbase: /v1\ntitle: Ward\n";
const ITEM: &str = r#"{ "title": "Item", "type": "object", "additionalProperties": false, "required": ["itemId", "name"], "properties": { "itemId": { "type": "string" }, "name": { "type": "string" }, "note": { "type": ["string", "null"] } } }"#;
const REST: &str = "dialect: plain\nformat: json\n";
const SOAP: &str = "dialect: soap\nformat: soap\nsoap: { wsdl: ../wsdl/items.wsdl }\n";
const BY_REST: &str = "dialect: plain\nfields: { itemId: id, name: name, note: note }\ncalls: { one: { get: \"/items/{id}\" } }\nread: { call: one, absent: [404] }\n";
const BY_SOAP: &str = "dialect: soap\nfields: { itemId: Id, name: Name, note: Note }\ncalls: { one: { post: /soap, soap: Get, with: { Id: \"{Id}\" }, rows: Item } }\nread: { call: one }\n";
const BY_SQL: &str = "table: resilience_items i\nfields: { itemId: i.id, name: i.name, note: i.note }\n";
const WSDL: &str = r#"<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:b="urn:items" targetNamespace="urn:items">
  <w:types><x:schema targetNamespace="urn:items" elementFormDefault="qualified">
    <x:complexType name="Item"><x:sequence><x:element name="Id" type="x:string"/><x:element name="Note" type="x:string" minOccurs="0"/><x:element name="Name" type="x:string"/></x:sequence></x:complexType>
    <x:element name="Get"><x:complexType><x:sequence><x:element name="Id" type="x:string"/></x:sequence></x:complexType></x:element>
    <x:element name="Got"><x:complexType><x:sequence><x:element name="Item" type="b:Item" minOccurs="0"/></x:sequence></x:complexType></x:element>
  </x:schema></w:types>
  <w:message name="In"><w:part name="p" element="b:Get"/></w:message>
  <w:message name="Out"><w:part name="p" element="b:Got"/></w:message>
  <w:portType name="Items"><w:operation name="Get"><w:input message="b:In"/><w:output message="b:Out"/></w:operation></w:portType>
  <w:binding name="Items" type="b:Items"><s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <w:operation name="Get"><s:operation soapAction="urn:items/Get"/><w:input><s:body use="literal"/></w:input><w:output><s:body use="literal"/></w:output></w:operation>
  </w:binding>
  <w:service name="Items"><w:port name="Items" binding="b:Items"><s:address location="http://127.0.0.1/soap"/></w:port></w:service>
</w:definitions>"#;

/// How many items there are.
pub const ITEMS: u32 = 500;

static HOUSES: AtomicUsize = AtomicUsize::new(0);

/// A resource of the same items: its name, the words of its source, and how it is bound.
pub struct Wing {
    pub name: &'static str,
    pub source: String,
    binding: &'static str,
}

impl Wing {
    pub fn rest(name: &'static str, http: &str, more: &str) -> Self {
        Self { name, source: format!("    http: {{ {http} }}\n{more}"), binding: BY_REST }
    }

    pub fn soap(name: &'static str, http: &str, more: &str) -> Self {
        Self { name, source: format!("    http: {{ {http} }}\n{more}"), binding: BY_SOAP }
    }

    pub fn sql(name: &'static str, url: &str, more: &str) -> Self {
        let source = format!("    sql: {{ url: \"{url}\", connections: 8, deadline: 1s }}\n{more}");
        Self { name, source, binding: BY_SQL }
    }
}

/// The running program.
pub struct House {
    root: PathBuf,
    child: Child,
    pub port: u16,
}

impl House {
    /// Starts it, on the cores that are named, where some are.
    pub fn open(wings: &[Wing], limits: &str, cores: Option<&str>) -> Self {
        let serial = HOUSES.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("portico-resilience-{}-{serial}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        let port = free_port();
        let write = |name: &str, text: &str| {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let mut config = format!(
            "listen: [{{ address: 127.0.0.1:{port} }}]\npublicUrl: http://127.0.0.1:{port}\nlimits: {{ {limits} }}\napis:\n  ward/v1:\n    serve:\n"
        );
        for Wing { name, .. } in wings {
            config.push_str(&format!("      {name}: {name}\n"));
        }
        config.push_str("sources:\n");
        for Wing { name, source, binding } in wings {
            config.push_str(&format!("  {name}:\n{source}"));
            let resource = format!(
                "resource: {name}\ncontract: ward/v1/item.json\nkey: itemId\npath: /{name}\noperations: [read]\naccess: public\ntotal: none\norder: [itemId]\n"
            );
            write(&format!("mappings/ward/v1/{name}.yaml"), &resource);
            write(&format!("mappings/ward/v1/{name}.{name}.yaml"), &format!("binds: {name}\n{binding}"));
        }
        write("config/ward.yaml", &config);
        write("mappings/ward/v1/api.yaml", API);
        write("mappings/dialects/plain.yaml", REST);
        write("mappings/dialects/soap.yaml", SOAP);
        write("mappings/wsdl/items.wsdl", WSDL);
        write("schemas/ward/v1/item.json", ITEM);
        let binary =
            std::env::var("PORTICO_TEST_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_portico").to_owned());
        let mut command = match cores {
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.args(["-c", cores, &binary]);
                command
            }
            None => Command::new(binary),
        };
        command.args(["serve", "--config"]).arg(root.join("config/ward.yaml"));
        for name in ["PORT", "PORTICO_CONFIG", "RUST_LOG"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.by_ref().map_while(Result::ok).any(|line| line.starts_with("ready "));
        assert!(ready, "the program does not come up");
        std::thread::spawn(move || lines.for_each(drop));
        Self { root, child, port }
    }

    pub fn url(&self, wing: &str, id: u32) -> String {
        format!("http://127.0.0.1:{}/v1/{wing}/{id}", self.port)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

/// Fills the items into a database.
pub async fn fill(url: &str) {
    let (root, long) = (PathBuf::new(), Duration::from_mins(1));
    let pool = portico::backend::sql::pool::Pool::open(url, &root, 1, long).await.unwrap();
    let mut statements = vec![
        "DROP TABLE IF EXISTS resilience_items".to_owned(),
        "CREATE TABLE resilience_items (id VARCHAR(10) PRIMARY KEY, name VARCHAR(40) NOT NULL, note TEXT)"
            .to_owned(),
    ];
    for id in 0..ITEMS {
        let note = filler(&id.to_string());
        statements.push(format!("INSERT INTO resilience_items VALUES ('{id}', 'mark-{id}', '{note}')"));
    }
    pool.run_all(&statements).await.unwrap();
}
