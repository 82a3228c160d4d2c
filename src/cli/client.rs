//! `portico client`: who may ask for tokens, and for which.

use super::{
    Files,
    noted::{Deed, noted},
    runtime, told,
};
use crate::{
    control,
    identity::revoked::Kind,
    ledger::{
        Ledger,
        oauth::{clients::ClientRow, revocations::RevocationRow},
    },
    oauth::{
        client::{CODE, CREDENTIALS, Client as Known, GRANT_TYPES, Metadata, Method, REFRESH},
        rules::Rules,
        secrets,
    },
    telemetry::clock::{Clock, System},
};
use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand};
use std::{path::PathBuf, process::ExitCode};

/// Access tokens live no longer, so that a revocation need not be kept longer.
const LONGEST: i64 = 3600;
const DAY: i64 = 86_400;

#[derive(Debug, Args)]
#[command(after_help = "\
A secret is shown once, when it is made: the ledger has a hash of it. A running server takes up what is changed here at once.
docs/guides/oauth.md has the flows.")]
pub(super) struct Client {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    files: Files,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a client, and show its secret once.
    Add(Box<Add>),
    /// List clients: how they prove themselves, what they subscribe to, and which wait for approval.
    List,
    /// Show all that is kept of a client.
    Show { id: String },
    /// Let a client that registered itself, or was disabled, ask for tokens.
    Approve {
        id: String,
        /// What it subscribes to: one of `identity.tiers`.
        #[arg(long)]
        tier: String,
    },
    /// Stop a client for now: it gets no more tokens, and those that it has are refused within a second.
    Disable { id: String },
    /// Remove a client with all that it was granted; its tokens are refused within a second.
    Remove { id: String },
    /// Give a client a new secret; the old one goes on for a while.
    Rotate {
        id: String,
        /// How many days the old one goes on.
        #[arg(long, default_value = "7", value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=90))]
        overlap: u32,
    },
}

#[derive(Debug, Args)]
struct Add {
    /// What people read when they are asked for their consent.
    name: String,
    /// What it subscribes to: one of `identity.tiers`.
    #[arg(long)]
    tier: String,
    /// Its id; made where it is not said.
    #[arg(long)]
    id: Option<String>,
    /// How it proves itself: `none`, `client_secret_basic`, `client_secret_post`, `private_key_jwt`, `tls_client_auth` or
    /// `self_signed_tls_client_auth`.
    #[arg(long = "auth", default_value = "client_secret_basic", value_name = "METHOD")]
    method: String,
    /// Where answers of the code flow go; several times for several.
    #[arg(long = "redirect", value_name = "URI")]
    redirects: Vec<String>,
    /// What it may do; the code flow with refresh tokens where there is a redirect URI, and client credentials where not.
    #[arg(long = "grant", value_name = "TYPE")]
    grants: Vec<String>,
    /// What of its tier's scopes it is for; all where it is not said.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// The role that it has where it acts for itself.
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// What ties it to records where it acts for itself, as `name=value`.
    #[arg(long = "claim", value_name = "NAME=VALUE")]
    claims: Vec<String>,
    /// A file with the JWK Set of its public keys.
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// SHA-256 of its certificate (DER), in hex.
    #[arg(long, value_name = "HEX")]
    certificate: Option<String>,
    /// Its tokens are bound to a key (`DPoP`).
    #[arg(long)]
    dpop: bool,
    /// The company's own app: nobody is asked for a consent, and roles alone decide.
    #[arg(long)]
    own: bool,
    /// It may ask about tokens that are not its own.
    #[arg(long)]
    introspects: bool,
    /// Its page, which people are shown.
    #[arg(long, value_name = "URL")]
    uri: Option<String>,
}

impl Client {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        crate::telemetry::log::begin("error");
        runtime()?.block_on(async {
            let overrides = self.files.overrides();
            let (ledger, rules) = control::open_rules(&self.files.config, &overrides)
                .await
                .map_err(told)?
                .context("the configuration has no `ledger` with an `identity`, where clients are kept")?;
            let (place, now) = ((self.files.config.as_path(), &overrides), System.now().seconds);
            match self.what {
                What::List => list(&ledger).await?,
                What::Show { id } => show(&ledger, &id).await?,
                what => {
                    let (action, key) = what.deed();
                    let deed = Deed { action, resource: "clients", key: key.as_deref() };
                    Box::pin(noted(place, deed, what.done(&ledger, &rules, now))).await?;
                }
            }
            Ok(ExitCode::SUCCESS)
        })
    }
}

fn failed(fault: crate::fault::Fault) -> anyhow::Error {
    anyhow::anyhow!(fault.detail.unwrap_or(fault.message)).context("the ledger")
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` takes")]
fn unrefused(refusal: crate::oauth::refusal::Refusal) -> anyhow::Error {
    anyhow::anyhow!("{}", refusal.description)
}

fn is_tier(rules: &Rules, tier: &str) -> anyhow::Result<()> {
    let names: Vec<&str> = rules.tiers.iter().map(|tier| tier.name.as_str()).collect();
    ensure!(names.contains(&tier), "there is no tier `{tier}`; `identity.tiers` has {}", names.join(", "));
    Ok(())
}

async fn found(ledger: &Ledger, id: &str) -> anyhow::Result<Known> {
    let client = Known::find(ledger, id).await.map_err(failed)?;
    client.with_context(|| format!("there is no client `{id}`; `portico client list` shows them"))
}

async fn list(ledger: &Ledger) -> anyhow::Result<()> {
    for row in ledger.clients().await.map_err(failed)? {
        let client = Known::of(row).map_err(failed)?;
        let (row, metadata) = (&client.row, &client.metadata);
        let tier = if row.tier.is_empty() { "-" } else { &row.tier };
        println!("{}\t{}\t{tier}\t{}\t{}", row.id, row.status, metadata.method.name(), row.name);
    }
    Ok(())
}

async fn show(ledger: &Ledger, id: &str) -> anyhow::Result<()> {
    let client = found(ledger, id).await?;
    let row = &client.row;
    println!("id       {}\nname     {}\nstatus   {}\ntier     {}", row.id, row.name, row.status, row.tier);
    println!("{}", serde_json::to_string_pretty(&client.metadata)?);
    Ok(())
}

async fn changed(ledger: &Ledger, row: &ClientRow, now: i64) -> anyhow::Result<()> {
    ensure!(ledger.change_client(row, now).await.map_err(failed)?, "the client has just been removed");
    Ok(())
}

impl What {
    /// What it is called in the audit trail, and the client that it is done to.
    fn deed(&self) -> (&'static str, Option<String>) {
        match self {
            Self::Add(add) => ("client.added", add.id.clone()),
            Self::List => ("client.listed", None),
            Self::Show { id } => ("client.shown", Some(id.clone())),
            Self::Approve { id, .. } => ("client.approved", Some(id.clone())),
            Self::Disable { id } => ("client.disabled", Some(id.clone())),
            Self::Remove { id } => ("client.removed", Some(id.clone())),
            Self::Rotate { id, .. } => ("client.rotated", Some(id.clone())),
        }
    }

    /// Changes a client, whose id is given back.
    async fn done(self, ledger: &Ledger, rules: &Rules, now: i64) -> anyhow::Result<String> {
        match self {
            Self::Add(add) => add.done(ledger, rules, now).await,
            // These change nothing.
            Self::List => Ok(String::new()),
            Self::Show { id } => Ok(id),
            Self::Approve { id, tier } => {
                is_tier(rules, &tier)?;
                let client = found(ledger, &id).await?;
                changed(ledger, &ClientRow { status: "active".into(), tier, ..client.row }, now).await?;
                println!("approved {id}");
                Ok(id)
            }
            Self::Disable { id } => {
                let client = found(ledger, &id).await?;
                changed(ledger, &ClientRow { status: "disabled".into(), ..client.row }, now).await?;
                // What it holds ends now; what it is given after it has been approved again is newer.
                let row = RevocationRow {
                    kind: Kind::Client.name().into(),
                    value: id.clone(),
                    before: now,
                    created_at: now,
                    expires_at: now.saturating_add(LONGEST),
                };
                ledger.revoke(&row).await.map_err(failed)?;
                println!("disabled {id}");
                Ok(id)
            }
            Self::Remove { id } => {
                let removed =
                    ledger.remove_client(&id, now, now.saturating_add(LONGEST)).await.map_err(failed)?;
                ensure!(removed, "there is no client `{id}`");
                println!("removed {id}");
                Ok(id)
            }
            Self::Rotate { id, overlap } => {
                let client = found(ledger, &id).await?;
                ensure!(client.metadata.method.has_secret(), "the client `{id}` has no secret");
                let secret = secrets::fresh("cs_").map_err(unrefused)?;
                let row = ClientRow {
                    former_hash: client.row.secret_hash.clone(),
                    former_until: now.saturating_add(i64::from(overlap) * DAY),
                    secret_hash: secrets::hash(&secret),
                    ..client.row
                };
                changed(ledger, &row, now).await?;
                println!(
                    "secret {secret}\nThis is the only time that it is shown; the old one goes on for {overlap} days."
                );
                Ok(id)
            }
        }
    }
}

impl Add {
    async fn done(self, ledger: &Ledger, rules: &Rules, now: i64) -> anyhow::Result<String> {
        is_tier(rules, &self.tier)?;
        let (id, tier, name) = (self.id.clone(), self.tier.clone(), self.name.clone());
        let metadata = self.metadata(rules)?;
        let id = match id {
            Some(id) => id,
            None => secrets::name("c_").map_err(unrefused)?,
        };
        let sound = (1..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b));
        ensure!(sound, "an id has up to 64 of `A-Z a-z 0-9 - . _ ~`");
        let secret = secrets::fresh("cs_").map_err(unrefused)?;
        let row = ClientRow {
            id: id.clone(),
            name,
            status: "active".into(),
            tier,
            secret_hash: if metadata.method.has_secret() { secrets::hash(&secret) } else { String::new() },
            metadata: serde_json::to_string(&metadata)?,
            created_at: now,
            ..ClientRow::default()
        };
        ensure!(ledger.add_client(&row).await.map_err(failed)?, "the id `{id}` is taken");
        println!("id     {id}");
        if metadata.method.has_secret() {
            println!("secret {secret}\nThis is the only time that it is shown.");
        }
        Ok(id)
    }

    fn metadata(self, rules: &Rules) -> anyhow::Result<Metadata> {
        let method = Method::named(&self.method)
            .with_context(|| format!("there is no way `{}` to prove oneself", self.method))?;
        if let Some(scope) = self.scopes.iter().find(|scope| !rules.scopes.contains(*scope)) {
            bail!("there is no scope `{scope}`");
        }
        let mut metadata = Metadata {
            method,
            grant_types: self.grants,
            scopes: self.scopes,
            roles: self.roles,
            dpop: self.dpop,
            own: self.own,
            introspects: self.introspects,
            uri: self.uri,
            ..Metadata::default()
        };
        for claim in &self.claims {
            let (name, value) = claim.split_once('=').context("a claim is written `name=value`")?;
            metadata.claims.insert(name.to_owned(), value.to_owned());
        }
        if let Some(file) = &self.jwks {
            let text = std::fs::read_to_string(file).with_context(|| format!("`{}`", file.display()))?;
            metadata.jwks =
                Some(serde_json::from_str(&text).with_context(|| format!("`{}`", file.display()))?);
        }
        if let Some(certificate) = &self.certificate {
            let hash = hex::decode(certificate.replace(':', "")).ok().filter(|hash| hash.len() == 32);
            let hash = hash.context("a certificate is named by its SHA-256: 64 hexadecimal digits")?;
            metadata.certificate = Some(crate::identity::jws::encode(&hash));
        }
        if metadata.grant_types.is_empty() {
            let usual: &[&str] = if self.redirects.is_empty() { &[CREDENTIALS] } else { &[CODE, REFRESH] };
            metadata.grant_types = usual.iter().map(|grant| (*grant).to_owned()).collect();
        }
        // Short names for those that nobody types.
        for grant in &mut metadata.grant_types {
            if let Some(known) = GRANT_TYPES.iter().find(|known| known.ends_with(&format!(":{grant}"))) {
                (*known).clone_into(grant);
            }
        }
        metadata.redirect_uris = self.redirects;
        let faults = metadata.faults();
        ensure!(faults.is_empty(), "{}", faults.join("; "));
        Ok(metadata)
    }
}
