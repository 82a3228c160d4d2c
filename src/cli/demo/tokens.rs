//! The demo's clients, and a token for each role in a file that always holds fresh ones.

use crate::{
    ledger::{Ledger, oauth::clients::ClientRow},
    oauth::{
        Server,
        accounts::{Desk, language::Language, staff::Person},
        client::{CODE, CREDENTIALS, Client, DEVICE, Metadata, Method, REFRESH},
        seams::Account,
        secrets,
    },
};
use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Tokens live for fifteen minutes.
const ANEW: Duration = Duration::from_mins(10);

/// A name in the file, the role, and the claims.
type Role = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// The ids of the demo's accounts, by their names in the file.
pub type People = BTreeMap<&'static str, String>;

/// How somebody of the demo logs in.
#[derive(Debug, Serialize, Deserialize)]
struct Login {
    email: String,
    password: String,
}

/// Each role with the claims that tie it to the demo's records, where a person has it: pet 109 is customer 66's, 7 is a
/// groomer and 1 a vet of the clinic, S-4101 is the district's first school.
const PEOPLE: &[Role] = &[
    ("owner", "owner", &[("customer", "66")]),
    ("owner2", "owner", &[("customer", "67")]),
    ("groomer", "groomer", &[("provider", "7")]),
    ("vet", "vet", &[("provider", "1")]),
    ("admin", "admin", &[]),
    ("school-staff", "school-staff", &[("school", "S-4101")]),
    ("inventory-manager", "inventory-manager", &[]),
];

/// Makes the demo's clients. The secrets of those that have one are written beside the demo's other ones.
pub async fn clients(ledger: &Ledger, folder: &Path, now: i64) -> anyhow::Result<()> {
    let both = || vec![CODE.to_owned(), REFRESH.to_owned()];
    let clients = [
        (
            "demo-vendor",
            "Demo Vendor",
            "basic",
            Metadata {
                redirect_uris: vec!["http://127.0.0.1/callback".into(), "http://[::1]/callback".into()],
                grant_types: [both(), vec![DEVICE.into()]].concat(),
                ..Metadata::default()
            },
        ),
        (
            "demo-vendor-web",
            "Demo Vendor's site",
            "basic",
            Metadata {
                method: Method::ClientSecretBasic,
                redirect_uris: vec!["http://127.0.0.1/callback".into()],
                grant_types: [both(), vec![CREDENTIALS.into()]].concat(),
                roles: vec!["vendor".into()],
                ..Metadata::default()
            },
        ),
        (
            "demo-partner",
            "Demo Partner",
            "partner",
            Metadata {
                method: Method::ClientSecretBasic,
                grant_types: vec![CREDENTIALS.into()],
                roles: vec!["partner".into()],
                claims: [("partner".to_owned(), "0107".to_owned())].into(),
                ..Metadata::default()
            },
        ),
        (
            "demo-app",
            "PetHub",
            "basic",
            Metadata {
                redirect_uris: vec!["http://127.0.0.1/app".into()],
                grant_types: both(),
                own: true,
                ..Metadata::default()
            },
        ),
    ];
    for (id, name, tier, metadata) in clients {
        let mut row = ClientRow {
            id: id.into(),
            name: name.into(),
            status: "active".into(),
            tier: tier.into(),
            metadata: serde_json::to_string(&metadata)?,
            created_at: now,
            ..ClientRow::default()
        };
        if metadata.method.has_secret() {
            let secret =
                secrets::fresh("cs_").map_err(|refusal| anyhow::anyhow!("{}", refusal.description))?;
            row.secret_hash = secrets::hash(&secret);
            let file = folder.join(format!("{id}.secret"));
            write(&file, secret.as_bytes()).with_context(|| format!("`{}`", file.display()))?;
        }
        let failed = |fault: crate::fault::Fault| anyhow::anyhow!(fault.detail.unwrap_or(fault.message));
        if !ledger.add_client(&row).await.map_err(failed)? {
            ensure!(
                ledger.change_client(&row, now).await.map_err(failed)?,
                "the client `{id}` has been removed"
            );
        }
    }
    Ok(())
}

/// Makes an account for each person, with a password that is written beside the demo's secrets, so that anybody can log in as
/// any of them. What stands there from an earlier start is kept. The ids of the accounts, by name.
pub async fn people(desk: &Desk, folder: &Path) -> anyhow::Result<People> {
    let failed = |fault: crate::fault::Fault| anyhow::anyhow!(fault.detail.unwrap_or(fault.message));
    let file = folder.join("people.json");
    let mut shown: BTreeMap<String, Login> =
        std::fs::read(&file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    let mut ids = People::new();
    for (name, role, claims) in PEOPLE {
        let email = format!("{name}@demo.example");
        if let Some(account) = desk.find(&email).await.map_err(failed)? {
            ids.insert(name, account.id);
            continue;
        }
        let password = secrets::fresh("").map_err(|refusal| anyhow::anyhow!("{}", refusal.description))?;
        let password: String = password.chars().take(16).collect();
        let person = Person {
            address: email.clone(),
            roles: vec![(*role).to_owned()],
            claims: claims.iter().map(|(name, key)| ((*name).to_owned(), (*key).to_owned())).collect(),
            language: Language::English,
        };
        let account = desk.add_known(&person, &password).await.map_err(failed)?;
        ids.insert(name, account.id);
        shown.insert((*name).to_owned(), Login { email, password });
        let text = serde_json::to_string_pretty(&shown)? + "\n";
        write(&file, text.as_bytes()).with_context(|| format!("`{}`", file.display()))?;
    }
    Ok(ids)
}

/// A token for each role, by its name.
async fn tokens(
    ledger: &Ledger,
    server: &Server,
    people: &People,
) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let failed = |fault: crate::fault::Fault| anyhow::anyhow!(fault.detail.unwrap_or(fault.message));
    let refused = |refusal: crate::oauth::refusal::Refusal| anyhow::anyhow!("{}", refusal.description);
    let client = async |id: &str| {
        let found = Client::find(ledger, id).await.map_err(failed)?;
        found.with_context(|| format!("the client `{id}` is missing"))
    };
    let mut tokens = BTreeMap::new();
    for (name, id) in [("vendor", "demo-vendor-web"), ("partner", "demo-partner")] {
        let client = client(id).await?;
        let mut scopes = client.scopes(&server.rules(), None).map_err(refused)?;
        scopes.retain(|scope| scope != "openid");
        tokens.insert(name, server.mint(&client, None, &scopes).map_err(refused)?.access_token);
    }
    let app = client("demo-app").await?;
    for (name, role, claims) in PEOPLE {
        let account = Account {
            id: people.get(name).cloned().unwrap_or_else(|| format!("a_demo_{name}")),
            roles: vec![(*role).to_owned()],
            claims: claims.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            active: true,
            ..Account::default()
        };
        tokens.insert(name, server.mint(&app, Some(&account), &[]).map_err(refused)?.access_token);
    }
    Ok(tokens)
}

/// What writes the file of tokens.
pub struct Keeping {
    pub file: PathBuf,
    pub ledger: Ledger,
    pub server: Arc<Server>,
    pub people: People,
}

impl Keeping {
    /// Writes the file.
    pub async fn write(&self) -> anyhow::Result<()> {
        let tokens = tokens(&self.ledger, &self.server, &self.people).await?;
        let text = serde_json::to_string_pretty(&tokens)? + "\n";
        let file = &self.file;
        write(file, text.as_bytes()).with_context(|| format!("`{}` cannot be written", file.display()))
    }

    /// Writes it again before its tokens expire; for ever.
    pub async fn go_on(self) -> anyhow::Result<()> {
        loop {
            tokio::time::sleep(ANEW).await;
            self.write().await?;
        }
    }
}

/// Writes a file that only its owner may read, whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let fresh = file.with_extension("new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&fresh)?.write_all(bytes)?;
    std::fs::rename(fresh, file)
}
