//! A project to files: the configuration, the API, and for each resource its contract, its public side and its binding.
//! A file that is there is kept, unless it is said that it may go: then nothing at all is written.

use super::{
    contract::{contract, fields},
    names,
    project::{Address, Project, Resource},
    yaml::document,
};
use serde_json::{Map, Value, json};
use std::{
    io,
    path::{Path, PathBuf},
};

/// What came of it.
#[derive(Debug)]
pub struct Written {
    /// Relative to the folder, in the order in which they are read best.
    pub files: Vec<PathBuf>,
    /// The configuration among them.
    pub config: PathBuf,
}

#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("these files are there already: {}", .0.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", "))]
    There(Vec<PathBuf>),
    #[error("`{}` cannot be written: {}", .0.display(), .1)]
    Io(PathBuf, #[source] io::Error),
}

/// Whether files that are there may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Present {
    Kept,
    Replaced,
}

/// Writes the project's files below a folder.
pub fn write(project: &Project, into: &Path, present: Present) -> Result<Written, Refusal> {
    let files = files(project, into);
    if present == Present::Kept {
        let there: Vec<PathBuf> =
            files.iter().map(|(path, _)| into.join(path)).filter(|p| p.exists()).collect();
        if !there.is_empty() {
            return Err(Refusal::There(there));
        }
    }
    for (path, text) in &files {
        let path = into.join(path);
        let done =
            path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, text));
        done.map_err(|error| Refusal::Io(path, error))?;
    }
    let config = PathBuf::from(format!("config/{}.yaml", project.source));
    Ok(Written { files: files.into_iter().map(|(path, _)| path).collect(), config })
}

/// All files with their texts, relative to the folder.
fn files(project: &Project, into: &Path) -> Vec<(PathBuf, String)> {
    let (api, version) = &project.api;
    let mut files = vec![
        (PathBuf::from(format!("config/{}.yaml", project.source)), config(project, into)),
        (PathBuf::from(format!("mappings/{api}/{version}/api.yaml")), api_file(project)),
    ];
    for (at, dialect) in project.dialects.iter().enumerate() {
        let name = dialect_name(project, at);
        let mut words = Map::new();
        words.insert("dialect".into(), name.as_str().into());
        words.extend(dialect.words.clone());
        let mut comment = vec![first(project, "How this source speaks")];
        comment.extend(dialect.notes.iter().cloned());
        files.push((format!("mappings/dialects/{name}.yaml").into(), document(&comment, &words)));
    }
    for (path, text) in &project.copies {
        files.push((Path::new("mappings").join(path), text.clone()));
    }
    for resource in &project.resources {
        let folder = format!("mappings/{api}/{version}");
        let file = contract_name(project, resource);
        let comment = first(project, "The contract");
        let comment: Vec<String> =
            std::iter::once(comment).chain(resource.of_contract.iter().cloned()).collect();
        let words = contract(&file, &resource.title, &comment, &resource.members);
        let text = serde_json::to_string_pretty(&words).unwrap_or_default() + "\n";
        files.push((format!("schemas/{file}").into(), text));
        files.push((format!("{folder}/{}.yaml", resource.name).into(), public(project, resource)));
        let name = format!("{folder}/{}.{}.yaml", resource.name, project.source);
        files.push((name.into(), binding(project, resource)));
    }
    files
}

/// The first sentence of every file.
fn first(project: &Project, what: &str) -> String {
    format!("{what}, made from {} by `portico import {}`: a draft.", project.origin, project.kind)
}

fn dialect_name(project: &Project, at: usize) -> String {
    if at == 0 { project.source.clone() } else { format!("{}-{}", project.source, at + 1) }
}

fn contract_name(project: &Project, resource: &Resource) -> String {
    format!("{}/{}/{}.json", project.api.0, project.api.1, names::kebab(&resource.title))
}

fn config(project: &Project, into: &Path) -> String {
    let serve: Map<String, Value> =
        project.resources.iter().map(|r| (r.name.clone(), project.source.as_str().into())).collect();
    let mut source = Map::new();
    let mut comment = vec![first(project, "The configuration")];
    match &project.address {
        Address::Http(address) => {
            let mut http = Map::new();
            http.insert("address".into(), address.as_str().into());
            if address.starts_with("http:") {
                http.insert("plain".into(), true.into());
                comment.push(
                    "Decide: `plain: true` says that calls to this source are meant to go without TLS."
                        .into(),
                );
            }
            http.insert("deadline".into(), "10s".into());
            source.insert("http".into(), Value::Object(http));
        }
        Address::Sql(url) => {
            let url = below(url, into);
            source.insert("sql".into(), json!({ "url": url }));
        }
        Address::SqlIn(variable) => {
            source.insert("sql".into(), json!({ "url": { "env": variable } }));
        }
    }
    if !project.credentials.is_empty() {
        let by = |name: &String| (name.clone(), json!({ "env": names::variable(&project.source, name) }));
        let credentials: Map<String, Value> = project.credentials.iter().map(by).collect();
        source.insert("credentials".into(), Value::Object(credentials));
        comment.push(
            "Decide: where the credentials come from, `env`, `file` or `command`; none is written here."
                .into(),
        );
    }
    comment.push("Decide: where it listens, and under which address the world sees it.".into());
    comment.extend(project.notes.iter().cloned());
    let (api, version) = &project.api;
    let words = json!({
        "listen": [{ "address": "127.0.0.1:8080" }],
        "publicUrl": "http://127.0.0.1:8080",
        "apis": { format!("{api}/{version}"): { "serve": serve } },
        "sources": { project.source.as_str(): source },
    });
    document(&comment, words.as_object().unwrap_or(&Map::new()))
}

/// A database's file below the project is named from the configuration's folder, so that the project can be moved.
fn below(url: &str, into: &Path) -> String {
    let Some(file) = url.strip_prefix("sqlite:") else { return url.to_owned() };
    let into = std::path::absolute(into).unwrap_or_default();
    match Path::new(file).strip_prefix(&into) {
        Ok(inner) => format!("sqlite:../{}", inner.display()),
        Err(_) => url.to_owned(),
    }
}

fn api_file(project: &Project) -> String {
    let (api, version) = &project.api;
    let comment = [
        first(project, "The API"),
        "Decide: its title, the path under which everything stands, and how long lists may be.".into(),
    ];
    let words = json!({
        "api": api, "version": version, "base": format!("/{version}"), "title": project.title,
        "limit": { "default": 10, "maximum": 100 },
    });
    document(&comment, words.as_object().unwrap_or(&Map::new()))
}

fn public(project: &Project, resource: &Resource) -> String {
    let mut words = Map::new();
    let mut put = |key: &str, value: Value| drop(words.insert(key.to_owned(), value));
    put("resource", resource.name.as_str().into());
    put("contract", contract_name(project, resource).into());
    put("key", resource.key.as_str().into());
    if resource.numeric {
        put("keyOrder", "numeric".into());
    }
    put("path", format!("/{}", resource.name).into());
    put("operations", json!(resource.operations));
    put("access", "public".into());
    put("order", json!([resource.key]));
    if !resource.filter.is_empty() {
        put("filter", json!(resource.filter));
    }
    if !resource.sort.is_empty() {
        put("sort", json!(resource.sort));
    }
    put("total", if resource.total { "promised" } else { "none" }.into());
    if let Some(most) = resource.max_offset {
        put("maxOffset", most.into());
    }
    if !resource.references.is_empty() {
        let references: Map<String, Value> = resource
            .references
            .iter()
            .map(|(member, other)| (member.clone(), other.as_str().into()))
            .collect();
        put("references", Value::Object(references));
    }
    let mut comment = vec![
        first(project, "The public side"),
        "Decide: the path, what may be done and by whom, the order of lists, and what they are filtered by."
            .into(),
    ];
    comment.extend(resource.of_resource.iter().cloned());
    document(&comment, &words)
}

fn binding(project: &Project, resource: &Resource) -> String {
    let mut words = Map::new();
    words.insert("binds".into(), resource.name.as_str().into());
    if let Some(at) = resource.dialect {
        words.insert("dialect".into(), dialect_name(project, at).into());
    }
    let table = ["table", "children", "softDelete", "version", "newKey"];
    let (before, behind): (Vec<_>, Vec<_>) =
        resource.binding.clone().into_iter().partition(|(key, _)| table.contains(&key.as_str()));
    words.extend(before);
    words.insert("fields".into(), Value::Object(fields(&resource.members)));
    words.extend(behind);
    let mut comment = vec![first(project, "How the source does it")];
    comment.extend(resource.of_binding.iter().cloned());
    document(&comment, &words)
}
