//! `portico access`: who may do what, with which records, on which fields, as the files say it.

use super::{Files, show, style};
use crate::{
    control,
    plan::{
        Plan, Resource, Selection,
        access::{Grant, Rows},
        resource::Operation,
    },
};
use anstyle::{AnsiColor, Reset};
use clap::Args;
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "\
A caller does what the first of the API's roles that they have, and that may do it, lets them.
What someone may not see does not exist for them: another's record is a 404, a hidden member an unknown name.")]
pub(super) struct Access {
    #[command(flatten)]
    files: Files,
    /// Only what this role may do.
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Only this resource.
    #[arg(long, value_name = "RESOURCE")]
    resource: Option<String>,
    /// As JSON, a row for each role and resource.
    #[arg(long)]
    json: bool,
}

/// What one role may do with one resource.
struct Row {
    api: String,
    resource: String,
    role: String,
    may: Vec<&'static str>,
    scopes: Vec<String>,
    records: String,
    fields: Vec<String>,
    condition: Option<String>,
}

const ALL: [(Operation, &str); 6] = [
    (Operation::List, "list"),
    (Operation::Read, "read"),
    (Operation::Create, "create"),
    (Operation::Replace, "replace"),
    (Operation::Patch, "patch"),
    (Operation::Delete, "delete"),
];

impl Access {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let (plan, _, diagnostics) = control::plan(&self.files.config, &self.files.overrides());
        let Some(plan) = plan else {
            show(&diagnostics);
            return Ok(ExitCode::FAILURE);
        };
        let mut rows = rows(&plan);
        rows.retain(|row| self.resource.as_ref().is_none_or(|name| *name == row.resource));
        rows.retain(|row| self.role.as_ref().is_none_or(|name| *name == row.role));
        if rows.is_empty() {
            let roles: Vec<&str> =
                plan.apis.iter().flat_map(|api| api.roles.iter().map(|role| &*role.name)).collect();
            anyhow::bail!("nothing is said of it; the roles are {}", roles.join(", "));
        }
        if self.json {
            println!("{}", serde_json::to_string_pretty(&rows.iter().map(json).collect::<Vec<_>>())?);
        } else {
            print(&rows);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn rows(plan: &Plan) -> Vec<Row> {
    let mut rows = Vec::new();
    for resource in &plan.resources {
        let api = plan.apis.get(resource.api).map(|api| api.id.clone()).unwrap_or_default();
        let access = &resource.access;
        let row = |role: &str, may: Vec<&'static str>, records: String| Row {
            api: api.clone(),
            resource: resource.name.clone(),
            role: role.to_owned(),
            may,
            scopes: Vec::new(),
            records,
            fields: Vec::new(),
            condition: None,
        };
        let open = |operation: &Operation| access.open || access.public.has(*operation);
        let public: Vec<&'static str> = said(|operation| resource.can(operation) && open(&operation));
        if !public.is_empty() {
            rows.push(Row { fields: fields(resource, None), ..row("anyone", public, "all".into()) });
        }
        for grant in &access.grants {
            let may = said(|operation| grant.may.has(operation));
            let mut scopes: Vec<String> = ALL
                .iter()
                .filter(|(operation, _)| grant.may.has(*operation) && !open(operation))
                .map(|(operation, _)| access.scope(*operation).to_owned())
                .collect();
            scopes.dedup();
            rows.push(Row {
                scopes,
                fields: fields(resource, grant.view.as_ref()),
                condition: grant.when.as_ref().map(|when| when.text().to_owned()),
                ..row(&grant.role, may, records(plan, resource, grant))
            });
        }
    }
    rows
}

fn said(may: impl Fn(Operation) -> bool) -> Vec<&'static str> {
    ALL.iter().filter(|(operation, _)| may(*operation)).map(|(_, word)| *word).collect()
}

fn records(plan: &Plan, resource: &Resource, grant: &Grant) -> String {
    let name = |of: &Resource, member: u16| of.contract.get(member).map_or("", |m| &*m.path).to_owned();
    let mut texts = Vec::new();
    match &grant.rows {
        Rows::All => texts.push("all".to_owned()),
        Rows::Own(member) => {
            let claim = grant.claim.as_deref().unwrap_or_default();
            texts.push(format!("{} = their {claim}", name(resource, *member)));
        }
        Rows::Through(all) => {
            let led: Vec<String> = all
                .iter()
                .filter_map(|through| {
                    let other = plan.resource(through.resource)?;
                    let by = name(other, through.by);
                    Some(format!("{} in the {by} of their {}", name(resource, through.member), other.name))
                })
                .collect();
            texts.push(led.join(" or "));
        }
    }
    for (member, values) in &grant.having {
        texts.push(format!("{} = {}", name(resource, *member), values.join(" or ")));
    }
    texts.join(", ")
}

/// What is shown, and what needs a scope of its own for it.
fn fields(resource: &Resource, view: Option<&Selection>) -> Vec<String> {
    let seen = view.unwrap_or(&resource.all);
    let mut names: Vec<String> = if view.is_none() {
        vec!["all".to_owned()]
    } else {
        seen.names(&resource.contract).into_iter().map(str::to_owned).collect()
    };
    for (members, scope) in &resource.access.scoped {
        let first = members.first().and_then(|id| resource.contract.get(*id));
        if let Some(member) = first.filter(|member| seen.has(member.id)) {
            names.push(format!("{} with {scope}", member.path));
        }
    }
    names
}

fn json(row: &Row) -> serde_json::Value {
    serde_json::json!({
        "api": row.api, "resource": row.resource, "role": row.role, "may": row.may, "scopes": row.scopes,
        "records": row.records, "fields": row.fields, "condition": row.condition,
    })
}

fn print(rows: &[Row]) {
    let mut before = String::new();
    for row in rows {
        let title = format!("{} {}", row.api, row.resource);
        if title != before {
            let gap = if before.is_empty() { "" } else { "\n" };
            anstream::println!("{gap}{}{}{} ({})", style(AnsiColor::Cyan), row.resource, Reset, row.api);
            before = title;
        }
        anstream::println!("  {}{:<18}{} {}", style(AnsiColor::Green), row.role, Reset, row.may.join(", "));
        let told = [
            ("records", row.records.clone()),
            ("fields", row.fields.join(", ")),
            ("scopes", row.scopes.join(", ")),
            ("when", row.condition.clone().unwrap_or_default()),
        ];
        for (name, text) in told.iter().filter(|(_, text)| !text.is_empty() && text != "all") {
            anstream::println!("  {:<18} {name}: {text}", "");
        }
    }
}
