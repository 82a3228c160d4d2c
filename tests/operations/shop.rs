//! A shop of its own over a `SQLite` file: its files say the plan's number in three places (the public address, the API's usual
//! limit, a code of the binding), which show in each list, so that an answer of two plans would be seen.

use crate::{
    black_box::support::{Program, path},
    support::port::free_port,
};
use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

static SHOPS: AtomicUsize = AtomicUsize::new(0);

const ITEM: &str = r#"{ "title": "Item", "type": "object", "additionalProperties": false, "required": ["itemId", "name"], "properties": { "itemId": { "type": "string", "readOnly": true }, "name": { "type": "string", "minLength": 1, "maxLength": 200000 }, "plan": { "type": ["string", "null"], "readOnly": true } } }"#;
const ITEMS: &str = "resource: items\ncontract: shop/v1/item.json\nkey: itemId\npath: /items\noperations: [list, create, read]\naccess: public\norder: [itemId]\nfilter: [name]\ntotal: promised\n";
const TABLE: &str = "CREATE TABLE items (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, plan TEXT NOT NULL DEFAULT 'P', version INTEGER NOT NULL DEFAULT 1) STRICT;\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO items (id, name) SELECT printf('%03d', i), 'Item ' || i FROM n;\n";

/// The folder of a shop. `current` leads to the files of the plan that is to be served.
pub struct Shop {
    root: PathBuf,
    pub port: u16,
    pub admin: u16,
    more: String,
    turns: AtomicUsize,
    /// Files beside the shop's own.
    beside: Vec<(String, String)>,
}

impl Shop {
    /// With plan number 1.
    pub fn new(more: &str) -> Self {
        Self::new_with(more, &[], &[])
    }

    /// With more files, and texts of its own replaced.
    pub fn new_with(more: &str, beside: &[(&str, &str)], edits: &[(&str, &str, &str)]) -> Self {
        let serial = SHOPS.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("portico-shop-{}-{serial}", std::process::id()));
        _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(root.join("state")).unwrap();
        std::fs::create_dir_all(root.join("migrations/sqlite")).unwrap();
        std::fs::write(root.join("migrations/sqlite/0001_items.sql"), TABLE).unwrap();
        let beside = beside.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let shop = Self {
            root,
            port: free_port(),
            admin: free_port(),
            more: more.to_owned(),
            turns: AtomicUsize::new(0),
            beside,
        };
        shop.turn_with(1, edits);
        shop
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// The configuration, whichever plan is current.
    pub fn config(&self) -> PathBuf {
        self.path("current/config/shop.yaml")
    }

    pub fn socket(&self) -> PathBuf {
        self.path("state/upgrade.sock")
    }

    /// Makes the files of a plan the current ones, all at once: as mounted configuration changes.
    pub fn turn_to(&self, plan: usize) {
        self.turn_with(plan, &[]);
    }

    /// The same with texts of its files replaced, each of which has to stand there.
    pub fn turn_with(&self, plan: usize, edits: &[(&str, &str, &str)]) {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        let folder = self.path(&format!("plan-{plan}-{turn}"));
        self.write(&folder, plan);
        for (file, from, to) in edits {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            assert!(text.contains(from), "`{from}` does not stand in `{file}`");
            std::fs::write(folder.join(file), text.replacen(from, to, 1)).unwrap();
        }
        let link = self.path("next");
        _ = std::fs::remove_file(&link);
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        std::fs::rename(&link, self.path("current")).unwrap();
    }

    fn write(&self, folder: &Path, plan: usize) {
        let (port, admin, state) = (self.port, self.admin, self.path("state"));
        let config = format!(
            "listen: [{{ address: 127.0.0.1:{port} }}]\npublicUrl: https://plan-{plan}.example\nadmin: {{ address: 127.0.0.1:{admin} }}\napis:\n  shop/v1:\n    serve: {{ items: store }}\nsources:\n  store:\n    sql: {{ url: \"sqlite:{}/items.db\", migrations: {} }}\nlimits: {{ requestDeadline: 20s, grace: 15s }}\n{}",
            state.display(),
            self.path("migrations").display(),
            self.more,
        );
        let api = format!(
            "api: shop\nversion: v1\nbase: /v1\ntitle: Shop\nlimit: {{ default: {}, maximum: 250 }}\n",
            limit(plan)
        );
        let binding = format!(
            "binds: items\ntable: items i\nversion: i.version\nnewKey: uuid\nfields:\n  itemId: i.id\n  name: i.name\n  plan: {{ from: i.plan, via: [{{ codes: {{ P: plan-{plan} }} }}] }}\n"
        );
        for (name, text) in [
            ("config/shop.yaml", &*config),
            ("mappings/shop/v1/api.yaml", &api),
            ("mappings/shop/v1/items.yaml", ITEMS),
            ("mappings/shop/v1/items.store.yaml", &binding),
            ("schemas/shop/v1/item.json", ITEM),
        ]
        .into_iter()
        .chain(self.beside.iter().map(|(name, text)| (name.as_str(), text.as_str())))
        {
            let file = folder.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
    }

    pub fn start(&self, more: &[&str]) -> Program {
        self.start_with(more, &[])
    }

    /// The same with variables of the environment.
    pub fn start_with(&self, more: &[&str], variables: &[(&str, &str)]) -> Program {
        let (config, socket) = (self.config(), self.socket());
        let words = ["serve", "-c", path(&config), "--upgrade-socket", path(&socket)];
        Program::start_in(&[&words, more].concat(), variables)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.root);
    }
}

/// How many items a list of a plan has: another number for each of a hundred plans that follow each other.
pub fn limit(plan: usize) -> usize {
    1 + plan % 120
}

/// The number of the plan that made a list, where all three places tell the same one.
pub fn plan_of(link: Option<&str>, body: &[u8]) -> Result<usize, String> {
    let body: serde_json::Value = serde_json::from_slice(body)
        .map_err(|e| format!("no JSON: {e}: {}", String::from_utf8_lossy(body)))?;
    let link = link.ok_or("no links")?;
    let said = link.split_once("https://plan-").and_then(|(_, rest)| rest.split_once('.'));
    let plan: usize =
        said.and_then(|(number, _)| number.parse().ok()).ok_or_else(|| format!("links: {link}"))?;
    let items = body["items"].as_array().ok_or("no items")?;
    let limits = (body["metadata"]["limit"].as_u64(), items.len());
    if limits != (Some(limit(plan) as u64), limit(plan)) {
        return Err(format!("links of plan {plan} and {limits:?} items"));
    }
    let mark = format!("plan-{plan}");
    if let Some(other) = items.iter().find(|item| item["plan"] != *mark) {
        return Err(format!("links of plan {plan} and a record of {}", other["plan"]));
    }
    Ok(plan)
}
