//! A WSDL to a project: operations are grouped by the noun in their names, and what one gives is the contract. What is
//! not said there, such as which fault means that there is no such record, is left to a person.

mod elements;
mod resource;

use super::{
    names,
    project::{Address, Dialect, Project, Wish},
};
use crate::{
    fault::{Diagnostic, Diagnostics, SourceFile, mapping as m},
    plan::{
        compile::wsdl::{self, Choice, Complaint, Service, Wanted},
        soap::Operation,
    },
};
use serde_json::{Map, Value, json};
use std::{
    path::{Component, Path},
    sync::Arc,
};

/// What an operation does with records of its noun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    List,
    Read,
    Create,
    Replace,
    Delete,
}

const VERBS: &[(Verb, &[&str])] = &[
    (Verb::List, &["search", "list", "find", "query", "enumerate", "browse"]),
    (Verb::Read, &["get", "lookup", "read", "fetch", "retrieve", "load", "show", "view"]),
    (Verb::Create, &["add", "create", "insert", "new", "register", "post"]),
    (Verb::Replace, &["update", "change", "modify", "edit", "save", "put", "replace"]),
    (Verb::Delete, &["delete", "remove", "drop", "destroy"]),
];

/// The operations of one noun.
#[derive(Debug, Default)]
pub struct Group {
    pub noun: String,
    pub list: Option<Operation>,
    pub read: Option<Operation>,
    pub create: Option<Operation>,
    pub replace: Option<Operation>,
    pub delete: Option<Operation>,
}

/// Reads a WSDL and what it imports. What is left out is told as warnings; nothing comes of it where there is an error.
pub fn read(path: &Path, wish: &Wish, out: &mut Diagnostics) -> Option<Project> {
    let text =
        |part: Option<&std::ffi::OsStr>| part.map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    let (main, stem) = (text(path.file_name()), text(path.file_stem()));
    let folder = path.parent().unwrap_or(Path::new(""));
    let shown = |name: &str| folder.join(name).display().to_string();
    if let Err(error) = std::fs::metadata(path) {
        let file = SourceFile::new(shown(&main), "");
        let message = format!("this file cannot be read: {error}");
        out.push(
            Diagnostic::error(m::UNREADABLE, &file, 0..0, message).with_hint("name a WSDL that can be read"),
        );
        return None;
    }
    let mut loaded: Vec<(String, Arc<str>)> = Vec::new();
    let mut load = |name: &str| -> Result<Arc<str>, String> {
        let inner = Path::new(name);
        if !inner.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(
                "it stands outside of the WSDL's folder: put it beside, and correct the location".into()
            );
        }
        let text: Arc<str> =
            std::fs::read_to_string(folder.join(inner)).map_err(|error| error.to_string())?.into();
        loaded.push((name.to_owned(), Arc::clone(&text)));
        Ok(text)
    };
    let service = match wsdl::read(&main, &mut load, Wanted::All) {
        Ok(service) => service,
        Err(complaints) => {
            for complaint in complaints {
                out.push(told(&complaint, &loaded, &shown));
            }
            return None;
        }
    };
    let file = loaded.first().map(|(name, text)| SourceFile::new(shown(name), text.to_string()))?;
    let source = wish.source(&stem);
    let groups = groups(&service, &file, out);
    let shared = shared(&groups);
    let mut resources = Vec::new();
    for group in &groups {
        let name = names::resource(&group.noun);
        if wish.wants(&name) {
            match resource::resource(group, &shared) {
                Ok(found) => resources.push(found),
                Err(reason) => {
                    let message = format!("the operations of `{name}` are left out: {reason}");
                    let hint = "a resource needs an operation that gives its records, with a key among their elements";
                    out.push(Diagnostic::warning(m::LEFT_OUT, &file, 0..0, message).with_hint(hint));
                }
            }
        }
    }
    if resources.is_empty() {
        let known: Vec<String> = groups.iter().map(|group| names::resource(&group.noun)).collect();
        let hint = if wish.only.is_empty() || known.is_empty() {
            "it needs operations such as `SearchParts` and `GetPart`, whose answers have elements".to_owned()
        } else {
            format!("`--only` can name: {}", known.join(", "))
        };
        let message = "no operation here gives records that a resource could be made of";
        out.push(Diagnostic::error(m::NOTHING_FOUND, &file, 0..0, message).with_hint(hint));
        return None;
    }
    let (resources, dialects) = dialects(resources, &main, &groups, &service, &shared);
    let (address, notes) = address(&file.text, &source);
    Some(Project {
        origin: main.clone(),
        kind: "wsdl",
        api: wish.api(&source),
        title: format!("{} API", names::title(&source)),
        source,
        address: Address::Http(address),
        credentials: shared.iter().map(|path| credential(path)).collect(),
        dialects,
        resources,
        copies: loaded.iter().map(|(name, text)| (format!("wsdl/{name}"), text.to_string())).collect(),
        notes,
    })
}

fn told(complaint: &Complaint, loaded: &[(String, Arc<str>)], shown: &dyn Fn(&str) -> String) -> Diagnostic {
    let text = loaded
        .iter()
        .find(|(name, _)| *name == *complaint.file)
        .map_or_else(String::new, |(_, t)| t.to_string());
    let file = SourceFile::new(shown(&complaint.file), text);
    let found =
        Diagnostic::error(m::NOT_IMPORTABLE, &file, complaint.span.clone(), complaint.message.as_str());
    if complaint.cure.is_empty() { found } else { found.with_hint(complaint.cure.as_str()) }
}

/// The verb and the noun of an operation's name: `PartsSearch`, `GetPartById`.
fn parted(name: &str) -> Option<(Verb, Vec<String>)> {
    let words = names::words(name);
    let verb =
        |word: &String| VERBS.iter().find(|(_, all)| all.contains(&word.as_str())).map(|(verb, _)| *verb);
    let (at, found) = match (words.first().and_then(verb), words.last().and_then(verb)) {
        (Some(found), _) => (0, found),
        (None, Some(found)) => (words.len() - 1, found),
        (None, None) => return None,
    };
    let noun: Vec<String> =
        words.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, word)| word.clone()).collect();
    let end = noun.iter().position(|word| word == "by").unwrap_or(noun.len());
    let noun: Vec<String> =
        noun.into_iter().take(end).filter(|word| word != "all" && word != "list").collect();
    (!noun.is_empty()).then_some((found, noun))
}

/// Operations in groups, in the order of the file.
fn groups(service: &Service, file: &Arc<SourceFile>, out: &mut Diagnostics) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for named in service.names() {
        if seen.iter().any(|known| known == named.operation) {
            continue;
        }
        seen.push(named.operation.to_owned());
        let place = file
            .text
            .find(&format!("\"{}\"", named.operation))
            .map_or(0..0, |at| at + 1..at + 1 + named.operation.len());
        let mut left_out = |message: String, hint: &str| {
            out.push(Diagnostic::warning(m::LEFT_OUT, file, place.clone(), message).with_hint(hint));
        };
        let choice = Choice { port: Some(named.port), ..Choice::default() };
        let operation = match service.operation(named.operation, choice) {
            Ok(operation) => operation,
            Err(unknown) => {
                left_out(unknown.message, &unknown.cure);
                continue;
            }
        };
        let Some((verb, noun)) = parted(named.operation) else {
            let hint = "an operation that begins or ends with a word such as `Search`, `Get`, `Add`, `Update` or `Delete` is taken";
            left_out(
                format!("`{}` is left out: its name says nothing that is known here", named.operation),
                hint,
            );
            continue;
        };
        let noun = noun.join("-");
        let resource = names::resource(&noun);
        let at =
            groups.iter().position(|group| names::resource(&group.noun) == resource).unwrap_or_else(|| {
                groups.push(Group { noun: noun.clone(), ..Group::default() });
                groups.len() - 1
            });
        let Some(group) = groups.get_mut(at) else { continue };
        // `GetParts` gives many, whatever its verb says.
        let many = elements::rows(&operation, &resource).is_some();
        let slot = match verb {
            Verb::List | Verb::Read if many && (verb == Verb::List || group.list.is_none()) => {
                &mut group.list
            }
            Verb::List | Verb::Read => &mut group.read,
            Verb::Create => &mut group.create,
            Verb::Replace => &mut group.replace,
            Verb::Delete => &mut group.delete,
        };
        if slot.is_some() {
            left_out(
                format!("`{}` is left out: another operation does the same", named.operation),
                "write it by hand where it matters",
            );
        } else {
            *slot = Some(operation);
        }
    }
    groups
}

/// The name of a credential that stands at this place.
fn credential(path: &str) -> String {
    names::camel(path.rsplit('.').next().unwrap_or(path))
}

/// The places that every operation has in its body: who calls, and for whom.
fn shared(groups: &[Group]) -> Vec<String> {
    let each = |group: &'_ Group| -> Vec<Operation> {
        [&group.list, &group.read, &group.create, &group.replace, &group.delete]
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    };
    let all: Vec<Operation> = groups.iter().flat_map(each).collect();
    let required = |operation: &Operation| -> Vec<String> {
        let found = elements::parameters(&operation.types, &operation.input);
        found.into_iter().filter(|parameter| parameter.required).map(|parameter| parameter.path).collect()
    };
    let mut rest = all.iter();
    let Some(first) = rest.next().filter(|_| all.len() > 2) else { return Vec::new() };
    rest.fold(required(first), |mut shared, operation| {
        let own = required(operation);
        shared.retain(|path| own.contains(path));
        shared
    })
}

/// Where the service is, as the WSDL says it.
fn address(text: &str, source: &str) -> (String, Vec<String>) {
    let said = text.match_indices("location=").find_map(|(at, word)| {
        let rest = text.get(at + word.len()..)?;
        let quote = rest.chars().next().filter(|c| "\"'".contains(*c))?;
        let url = rest.get(1..)?.split(quote).next()?;
        let sound =
            url.parse::<http::Uri>().is_ok_and(|uri| uri.authority().is_some() && uri.query().is_none());
        (sound && url.starts_with("http")).then(|| url.to_owned())
    });
    let secret = "Decide: a WSDL does not say what proves who calls; see `auth` and `always` in the dialect."
        .to_owned();
    if let Some(url) = said {
        return (url, vec![secret]);
    }
    let made_up = "Decide: the WSDL does not say where the source is; the address is made up.".to_owned();
    (format!("https://{source}.example/soap"), vec![made_up, secret])
}

/// Lists that come in the same pages share a dialect.
fn dialects(
    found: Vec<resource::Made>,
    main: &str,
    groups: &[Group],
    service: &Service,
    shared: &[String],
) -> (Vec<super::project::Resource>, Vec<Dialect>) {
    let mut styles: Vec<(Map<String, Value>, Vec<String>)> = Vec::new();
    for made in found.iter().filter(|made| made.resource.has("list")) {
        if !styles.iter().any(|(words, _)| *words == made.paging) {
            styles.push((made.paging.clone(), made.notes.clone()));
        }
    }
    styles.sort_by_key(|(words, _)| {
        std::cmp::Reverse(
            found.iter().filter(|made| made.resource.has("list") && made.paging == *words).count(),
        )
    });
    if styles.is_empty() {
        styles.push((Map::new(), Vec::new()));
    }
    let operation = groups.iter().find_map(|group| group.list.as_ref().or(group.read.as_ref()));
    let version = operation.map_or("1.1", |operation| operation.version.word());
    let several = service.names().iter().any(|named| named.version.word() != version);
    let dialect = |(paging, notes): &(Map<String, Value>, Vec<String>)| {
        let mut words = Map::new();
        words.insert("format".into(), "soap".into());
        let mut soap = Map::from_iter([("wsdl".to_owned(), Value::from(format!("../wsdl/{main}")))]);
        if several {
            soap.insert("version".into(), version.into());
        }
        words.insert("soap".into(), Value::Object(soap));
        if !shared.is_empty() {
            let with: Map<String, Value> = shared
                .iter()
                .map(|path| (path.clone(), format!("${{{}}}", credential(path)).into()))
                .collect();
            words.insert("always".into(), json!({ "with": with }));
        }
        if !paging.is_empty() {
            words.insert("paging".into(), Value::Object(paging.clone()));
        }
        let mut notes = notes.clone();
        if !shared.is_empty() {
            notes.push("Guessed: what every operation asks for is the same always, and is taken from the credentials.".into());
        }
        notes.push(
            "Decide: which fault means that there is no such record; `errors: { rules: [...] }` says it."
                .into(),
        );
        Dialect { words, notes }
    };
    let numbered = |made: resource::Made| {
        let own = styles.iter().position(|(words, _)| made.resource.has("list") && *words == made.paging);
        let mut resource = made.resource;
        resource.dialect = Some(own.unwrap_or(0));
        resource
    };
    let dialects = styles.iter().map(dialect).collect();
    (found.into_iter().map(numbered).collect(), dialects)
}

/// The words of a call to an operation.
pub fn call(operation: &Operation, words: &Value) -> Value {
    let mut call = Map::from_iter([("soap".to_owned(), Value::from(&*operation.name))]);
    call.extend(words.as_object().cloned().unwrap_or_default());
    json!(call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_done_and_with_what() {
        let cases = [
            ("PartsSearch", Some((Verb::List, "parts"))),
            ("GetPartById", Some((Verb::Read, "part"))),
            ("listAllWorkOrders", Some((Verb::List, "work-orders"))),
            ("PartReserve", None),
            ("Search", None),
            ("Supplier_Update", Some((Verb::Replace, "supplier"))),
        ];
        for (name, expected) in cases {
            let found = parted(name).map(|(verb, noun)| (verb, noun.join("-")));
            assert_eq!(found, expected.map(|(verb, noun)| (verb, noun.to_owned())), "{name}");
        }
    }
}
