//! What a new plan has that the old one had not, in names of the files: for the log of a reload, for operators who ask for one,
//! and for `portico check --against`. Values are never told, only where they stand.

use crate::{
    pace::breathe,
    plan::{Api, Binding, Contract, HttpSource, Listen, Means, Plan, Resource, Settings, Source, SourceKind},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fmt::Debug,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// `api`, `resource`, `shortcut`, `binding`, `source`, `role`, `limit`, `setting` or `file`.
    pub kind: &'static str,
    pub name: String,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Added,
    Removed,
    /// In these of its parts; nothing is named where it has none.
    Changed(Vec<String>),
}

/// All that differs between two plans, sorted by kind and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    pub changes: Vec<Change>,
    /// Settings that differ and are taken up by a restart or a hand-over alone.
    pub restart: Vec<&'static str>,
}

/// The parts of something, as far as they can be compared.
type Parts = Vec<(&'static str, Told)>;

#[derive(Debug, Clone)]
enum Told {
    Text(String),
    /// Plans share the contracts whose files are the same.
    Contract(Arc<Contract>),
}

impl PartialEq for Told {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one == other,
            // The order of members is a part of what is shown.
            (Self::Contract(one), Self::Contract(other)) => {
                Arc::ptr_eq(one, other) || one.schema.to_string() == other.schema.to_string()
            }
            _ => false,
        }
    }
}

impl From<String> for Told {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Difference {
    pub fn between(before: &Plan, after: &Plan) -> Self {
        let mut changes = Vec::new();
        let mut compare = |kind, of: fn(&Plan) -> BTreeMap<String, Parts>| {
            compare(kind, &of(before), &of(after), &mut changes);
        };
        compare("api", apis);
        compare("resource", resources);
        compare("shortcut", shortcuts);
        compare("binding", bindings);
        compare("source", sources);
        compare("role", roles);
        compare("limit", limits);
        compare("setting", |plan| settings(&plan.settings));
        compare("file", files);
        changes.sort();
        let restart = restart(&before.settings, &after.settings);
        Self { changes, restart }
    }

    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// A line for each change, for people.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.changes.iter().map(ToString::to_string).collect();
        if !self.restart.is_empty() {
            let names: Vec<String> = self.restart.iter().map(|name| format!("`{name}`")).collect();
            lines.push(format!("{}: taken up by a restart or a hand-over", names.join(", ")));
        }
        lines
    }

    pub fn json(&self) -> Value {
        let of = |wanted: &str| -> Vec<Value> {
            let meant = self.changes.iter().filter(|change| change.what.word() == wanted);
            meant
                .map(|change| match &change.what {
                    What::Changed(parts) if !parts.is_empty() => {
                        json!({ "kind": change.kind, "name": change.name, "parts": parts })
                    }
                    _ => json!({ "kind": change.kind, "name": change.name }),
                })
                .collect()
        };
        json!({
            "added": of("added"),
            "removed": of("removed"),
            "changed": of("changed"),
            "restart": self.restart,
        })
    }
}

impl What {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed(_) => "changed",
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.what.word(), self.kind, self.name)?;
        match &self.what {
            What::Changed(parts) if !parts.is_empty() => write!(f, " ({})", parts.join(", ")),
            _ => Ok(()),
        }
    }
}

fn compare(
    kind: &'static str,
    before: &BTreeMap<String, Parts>,
    after: &BTreeMap<String, Parts>,
    changes: &mut Vec<Change>,
) {
    let mut push = |name: &String, what| changes.push(Change { kind, name: name.clone(), what });
    for (name, parts) in after {
        let Some(old) = before.get(name) else {
            push(name, What::Added);
            continue;
        };
        if old == parts {
            continue;
        }
        let of = |all: &Parts, part: &str| all.iter().find(|(known, _)| *known == part).cloned();
        let all = parts.iter().chain(old).map(|(part, _)| *part);
        let mut differ: Vec<String> = Vec::new();
        for part in all.filter(|part| !part.is_empty() && of(old, part) != of(parts, part)) {
            if !differ.iter().any(|known| known == part) {
                differ.push(part.to_owned());
            }
        }
        push(name, What::Changed(differ));
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        push(name, What::Removed);
    }
}

fn told(what: &impl Debug) -> Told {
    breathe();
    format!("{what:?}").into()
}

fn api(plan: &Plan, at: usize) -> &str {
    plan.apis.get(at).map_or("", |api| api.id.as_str())
}

fn apis(plan: &Plan) -> BTreeMap<String, Parts> {
    let parts = |api: &Api| -> Parts {
        vec![
            ("base", api.base.clone().into()),
            ("title", api.title.clone().into()),
            ("limit", told(&(api.default_limit, api.maximum_limit))),
        ]
    };
    plan.apis.iter().map(|api| (api.id.clone(), parts(api))).collect()
}

fn resources(plan: &Plan) -> BTreeMap<String, Parts> {
    let parts = |one: &Resource| -> Parts {
        vec![
            ("contract", Told::Contract(Arc::clone(&one.contract))),
            ("paths", told(&one.paths)),
            ("operations", told(&one.operations)),
            ("filters", told(&(&one.filters, &one.exact, &one.required, &one.through))),
            ("order", told(&(&one.order, &one.sorts))),
            ("access", told(&one.access)),
            ("caching", told(&(&one.caching.keeping, &one.caching.tags))),
            ("audit", told(&one.audit)),
            ("limits", told(&(one.total, one.max_offset))),
            ("references", told(&(&one.references, &one.create_only, &one.no_cards))),
            ("binding", one.binding.name.clone().into()),
        ]
    };
    plan.resources.iter().map(|one| (format!("{}/{}", api(plan, one.api), one.name), parts(one))).collect()
}

fn shortcuts(plan: &Plan) -> BTreeMap<String, Parts> {
    let named = plan.shortcuts.iter().map(|one| {
        let name = format!("{}/{}", api(plan, one.api), one.name);
        (name, vec![("", told(one))])
    });
    named.collect()
}

/// A binding's own file is compared as it is written: what it compiles to has no order of its own.
fn bindings(plan: &Plan) -> BTreeMap<String, Parts> {
    let parts = |binding: &Binding| -> Parts {
        let source = plan.sources.get(binding.source).map_or("", |source| source.name.as_str());
        let mut parts =
            vec![("rules", told(&plan.made.texts.get(&binding.file))), ("source", source.to_owned().into())];
        if let Means::Http(means) = &binding.means {
            parts.push(("dialect", told(&means.dialect)));
        }
        parts
    };
    plan.bindings.iter().map(|(_, binding)| (binding.file.clone(), parts(binding))).collect()
}

fn sources(plan: &Plan) -> BTreeMap<String, Parts> {
    let http = |one: &HttpSource| -> Parts {
        vec![
            ("address", one.address.clone().into()),
            ("deadline", told(&one.deadline)),
            ("concurrency", told(&(one.concurrency, one.when_busy))),
            ("answerBytes", told(&one.answer_bytes)),
            ("credentials", secrets(&one.credentials).into()),
        ]
    };
    let parts = |one: &Source| match &one.kind {
        SourceKind::Http(source) => http(source),
        SourceKind::Sql(source) => vec![
            ("url", secret(&source.url).into()),
            ("connections", told(&source.connections)),
            ("deadline", told(&source.deadline)),
            ("migrations", told(&source.migrations)),
        ],
        SourceKind::Stub => vec![("", "stub".to_owned().into())],
    };
    plan.sources.iter().map(|one| (one.name.clone(), parts(one))).collect()
}

/// References are compared with what they say; none of it is ever told.
fn secret(reference: &crate::plan::SecretRef) -> String {
    match reference {
        crate::plan::SecretRef::Plain(value) => format!("plain {value}"),
        crate::plan::SecretRef::Command(words) => format!("command {words:?}"),
        other => format!("{other:?}"),
    }
}

fn secrets(all: &[(String, crate::plan::SecretRef)]) -> String {
    let each: Vec<String> =
        all.iter().map(|(name, reference)| format!("{name}={}", secret(reference))).collect();
    each.join(";")
}

fn roles(plan: &Plan) -> BTreeMap<String, Parts> {
    let of = |api: &Api| -> Vec<(String, Parts)> {
        api.roles.iter().map(|role| (format!("{} {}", api.id, role.name), vec![("", told(role))])).collect()
    };
    plan.apis.iter().flat_map(of).collect()
}

fn limits(plan: &Plan) -> BTreeMap<String, Parts> {
    let policies = plan.rates.policies.iter();
    let mut all: BTreeMap<String, Parts> = policies
        .map(|policy| {
            let parts = vec![("kind", told(&policy.kind)), ("count", told(&policy.count))];
            (policy.name.to_string(), parts)
        })
        .collect();
    // Which of them hold where: of an API, for each tier.
    for (at, rows) in plan.rates.rows.iter().enumerate() {
        all.insert(format!("of {}", api(plan, at)), vec![("", told(&(rows, &plan.rates.tiers)))]);
    }
    all
}

fn settings(one: &Settings) -> BTreeMap<String, Parts> {
    let mut all: BTreeMap<String, Parts> = restarted(one).into_iter().map(whole).collect();
    let more = [
        ("publicUrl", one.public_url.clone().into()),
        ("certificates", told(&one.listen)),
        ("sealing", told(&one.sealing)),
        ("identity", told(&one.identity)),
        ("ledger", one.ledger.as_ref().map(|sql| secret(&sql.url)).unwrap_or_default().into()),
        ("telemetry", told(&one.telemetry)),
    ];
    all.extend(more.into_iter().map(whole));
    all
}

fn whole((name, told): (&'static str, Told)) -> (String, Parts) {
    (name.to_owned(), vec![("", told)])
}

/// What of a listening address is opened once; certificates are renewed.
fn sockets(one: &Listen) -> (SocketAddr, bool, bool, &[(IpAddr, u8)]) {
    (one.address, one.certificate.is_some(), one.behind_proxy, &one.trusted)
}

/// What is opened once, when the program starts.
fn restarted(one: &Settings) -> Vec<(&'static str, Told)> {
    vec![
        ("listen", told(&one.listen.iter().map(sockets).collect::<Vec<_>>())),
        ("limits", told(&one.limits)),
        ("admin", told(&one.admin)),
        ("adminToken", one.admin_token.as_ref().map(secret).unwrap_or_default().into()),
        ("audit", told(&one.trail)),
        ("cache", told(&one.cache)),
        ("shared", one.shared.as_ref().map(secret).unwrap_or_default().into()),
    ]
}

/// The settings among them that differ and are not taken up by a reload.
fn restart(before: &Settings, after: &Settings) -> Vec<&'static str> {
    let issuers = |one: &Settings| told(&one.identity.as_ref().map(|identity| &identity.issuers));
    let outlets = |one: &Settings| {
        let traces = one.telemetry.traces.as_ref().map(|traces| (&traces.endpoint, &traces.service));
        told(&(&one.telemetry.requests, traces, &one.telemetry.faults))
    };
    let more =
        |one: &Settings| [("issuers of `identity`", issuers(one)), ("places of `telemetry`", outlets(one))];
    let all = |one: &Settings| restarted(one).into_iter().chain(more(one)).collect::<Vec<_>>();
    let pairs = all(before).into_iter().zip(all(after));
    pairs.filter(|(before, after)| before != after).map(|((name, _), _)| name).collect()
}

fn files(plan: &Plan) -> BTreeMap<String, Parts> {
    plan.made.texts.iter().map(|(name, hash)| (name.clone(), vec![("", hash.to_string().into())])).collect()
}
