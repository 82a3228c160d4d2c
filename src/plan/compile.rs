//! Words to plan: proves that everything fits together, and says everything that does not, all at once.
//! It reads no file and opens no connection. Nothing else builds a plan.

mod access;
mod audit;
mod cache;
mod calls;
mod contracts;
mod converters;
mod dialects;
mod edge;
mod fields;
mod http;
mod identity;
mod lookups;
mod names;
mod promises;
mod rates;
mod resilience;
mod resources;
mod routes;
mod sealing;
mod seals;
mod services;
mod shortcuts;
mod sources;
mod tables;
mod telemetry;
mod texts;
pub mod wsdl;

pub use names::{camel, lower_first};

use super::{
    Api, Binding, Contract, Means, Plan, Resource, Selection, Source, SourceKind,
    cache::{Caching, Keeping},
    http::Dialect,
    reading::Reading,
    writing::Writing,
};
use crate::{
    fault::{
        Diagnostics, mapping as m,
        nearest::{cure, nearest},
    },
    pace::{breathe, let_go},
    spec::{Bound, Doc, Files, words},
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// A resource before its binding is chosen.
pub(super) struct Draft<'a> {
    pub api_id: String,
    pub doc: &'a Doc<words::Resource>,
    pub contract: Arc<Contract>,
    pub public: Public,
}

/// What a resource is to the outside; everything of `Resource` but the binding.
pub(super) struct Public {
    pub api: usize,
    pub key: super::MemberId,
    pub keyed: bool,
    pub single: bool,
    pub required: Vec<super::resource::Required>,
    pub through: Vec<super::resource::Through>,
    pub numeric_key: bool,
    pub order: Vec<super::resource::SortKey>,
    pub filters: Vec<super::MemberId>,
    pub sorts: Vec<super::MemberId>,
    pub exact: Vec<super::MemberId>,
    pub no_cards: Vec<super::MemberId>,
    pub paths: Vec<super::resource::ResourcePath>,
    pub references: Vec<(super::MemberId, usize)>,
    pub create_only: Vec<super::MemberId>,
    pub audit: Option<super::audit::Audit>,
    pub derived: Vec<(super::MemberId, super::MemberId, Vec<super::convert::Op>)>,
    pub access: Arc<super::access::Access>,
}

impl Public {
    /// The members for which every list is asked with values.
    pub fn asked_with(&self) -> Vec<super::MemberId> {
        use super::resource::Required;
        let member = |required: &Required| match required {
            Required::Member(member) => Some(*member),
            Required::Through(number) => self.through.get(*number).map(|through| through.member),
        };
        self.required.iter().filter_map(member).collect()
    }
}

/// A binding before its look-ups are joined.
pub(super) struct Half {
    pub resource: usize,
    pub source: usize,
    pub name: String,
    pub file: String,
    pub reading: Reading,
    pub writing: Writing,
    pub means: Means,
}

/// The bindings by their place in the files, each with its resource; nothing where one has faults.
type Bindings = Vec<Option<(usize, Arc<Binding>)>>;

/// A look-up that a field asks for, before its table is found.
#[derive(Clone)]
pub(super) struct Wish {
    pub api_id: String,
    pub source: usize,
    pub table: String,
    pub by: String,
    pub give: String,
    /// The binding that asks, by its place in the files.
    pub asked_by: usize,
    pub place: Vec<String>,
}

struct Compiler<'a> {
    files: &'a Files,
    out: &'a mut Diagnostics,
    sources: Vec<Source>,
    dialects: BTreeMap<String, Arc<Dialect>>,
    /// The services of the dialects that speak SOAP.
    services: BTreeMap<String, services::Described>,
    apis: Vec<Api>,
    drafts: Vec<Draft<'a>>,
    /// The drafts by API and name: with a thousand of them a search through all for each would be felt.
    by_name: HashMap<(&'a str, &'a str), usize>,
    /// The bindings of each resource by their places in the files, by API and name.
    bound: HashMap<(&'a str, &'a str), Vec<usize>>,
    wishes: Vec<Wish>,
    /// Names of contracts and resources that have been told to be at fault: what refers to them is not blamed.
    blamed: std::collections::HashSet<String>,
}

/// Compiles all files. There is a plan only where there is no error; warnings may stand beside it.
pub fn compile(files: &Files, out: &mut Diagnostics) -> Option<Plan> {
    again(files, None, out)
}

/// The same behind a plan of most of the same files: contracts that are as they were are shared with it.
pub fn again(files: &Files, before: Option<&Plan>, out: &mut Diagnostics) -> Option<Plan> {
    let config = files.config.as_ref()?;
    let mut compiler = Compiler {
        files,
        out,
        sources: Vec::new(),
        dialects: BTreeMap::new(),
        services: BTreeMap::new(),
        apis: Vec::new(),
        drafts: Vec::new(),
        by_name: HashMap::new(),
        bound: HashMap::new(),
        wishes: Vec::new(),
        blamed: std::collections::HashSet::new(),
    };
    let mut settings = compiler.settings(config);
    compiler.sources(config);
    compiler.dialects();
    compiler.services();
    let contracts = compiler.contracts(before);
    compiler.apis(config);
    compiler.drafts(&contracts);
    compiler.access();
    for (at, bound) in files.bindings.iter().enumerate() {
        compiler.bound.entry((&bound.api, &bound.doc.words.binds)).or_default().push(at);
    }
    let halves = compiler.bindings();
    let (bindings, lookups) = compiler.join(halves);
    let mut resources = compiler.choose(config, &bindings);
    compiler.caching(&mut resources, &lookups);
    let shortcuts = compiler.shortcuts(&contracts, &resources);
    let rates = Arc::new(compiler.rates(config));
    if let Some(accounts) = settings.identity.as_mut().and_then(|identity| identity.accounts.as_mut()) {
        accounts.register = compiler.register(config, &resources);
    }
    let routes = compiler.routes(&resources, &shortcuts);
    compiler.spoken(&bindings);
    if compiler.out.has_errors() {
        return None;
    }
    let Compiler { apis, sources, drafts, .. } = compiler;
    let_go(drafts);
    let made = texts::made(files, config);
    let bindings = bindings.into_iter().flatten().collect();
    Some(Plan { apis, resources, shortcuts, sources, lookups, bindings, routes, rates, settings, made })
}

impl<'a> Compiler<'a> {
    /// Whether a name stands in a file that is broken already: then nobody who refers to it is blamed.
    fn is_broken(&self, name: &str) -> bool {
        self.files.broken.contains(name) || self.blamed.contains(name)
    }

    fn bindings(&mut self) -> Vec<Option<Half>> {
        let files: &'a Files = self.files;
        files.bindings.iter().enumerate().map(|(at, bound)| self.binding(at, bound)).collect()
    }

    fn binding(&mut self, at: usize, bound: &'a Bound) -> Option<Half> {
        breathe();
        let doc = &bound.doc;
        let words = &doc.words;
        let others = self.bound_to(&bound.api, &words.binds);
        if let Some((_, other)) = others.into_iter().find(|(place, b)| *place < at && b.name == bound.name) {
            let message =
                format!("`{}` has a binding of this name in `{}` already", words.binds, other.doc.file.name);
            doc.error(
                self.out,
                m::SAID_TWICE,
                &["binds"],
                message,
                Some("a binding is named by the middle part of its file; rename one of the two".into()),
            );
            return None;
        }
        let Some(resource) = self.draft(&bound.api, &words.binds) else {
            if !self.is_broken(&words.binds) {
                let names = self
                    .drafts
                    .iter()
                    .filter(|d| d.api_id == bound.api)
                    .map(|d| d.doc.words.resource.as_str());
                let hint = Some(cure(&words.binds, names));
                let message = format!("there is no resource `{}` in `{}`", words.binds, bound.api);
                doc.error(self.out, m::NO_RESOURCE, &["binds"], message, hint);
            }
            return None;
        };
        let source_name = words.source.as_deref().unwrap_or(&bound.name);
        let Some(source) = self.sources.iter().position(|s| s.name == source_name) else {
            let place: &[&str] = if words.source.is_some() { &["source"] } else { &["binds"] };
            let hint = nearest(source_name, self.sources.iter().map(|s| s.name.as_str())).map_or_else(
                || "add it to `sources` in the configuration".into(),
                |n| format!("did you mean `{n}`?"),
            );
            let message = format!("the configuration has no source `{source_name}`");
            if !self.config_is_broken() && !self.is_broken(source_name) {
                // A configuration need not have the systems of bindings that it does not choose.
                if self.is_chosen(bound) {
                    doc.error(self.out, m::NO_SOURCE, place, message, Some(hint));
                } else {
                    let message = format!("{message}; nothing serves this binding, and it is left out");
                    doc.warning(self.out, m::NO_SOURCE, place, message, Some(hint));
                }
            }
            return None;
        };
        let kind = self.sources.get(source).map(|s| s.kind.clone())?;
        let before = self.out.errors();
        self.hedged_at_all(doc, &kind);
        let half = match (&kind, &words.table, &words.stub, words.calls.is_empty()) {
            (SourceKind::Http(_), None, None, false) => self.http_binding(at, bound, resource, source),
            (SourceKind::Sql(_), Some(_), None, true) => self.sql_binding(at, bound, resource, source),
            (SourceKind::Stub, None, Some(stub), true) => {
                Some((Reading::default(), Writing::default(), Means::Stub { rows: stub.rows }))
            }
            (kind, ..) => {
                let (noun, key) = match kind {
                    SourceKind::Http(_) => ("an `http` source", "calls"),
                    SourceKind::Sql(_) => ("a `sql` source", "table"),
                    SourceKind::Stub => ("a `stub` source", "stub"),
                };
                let message = format!(
                    "`{source_name}` is {noun}: its bindings have `{key}` and nothing of another kind"
                );
                doc.error(
                    self.out,
                    m::UNCLEAR_KIND,
                    &["binds"],
                    message,
                    Some(format!("say `{key}` alone, or name a source of another kind in `source`")),
                );
                None
            }
        };
        self.no_seals(doc, &kind);
        let (reading, writing, means) = half?;
        if self.out.errors() > before {
            return None;
        }
        Some(Half {
            resource,
            source,
            name: bound.name.clone(),
            file: doc.file.name.clone(),
            reading,
            writing,
            means,
        })
    }

    fn draft(&self, api: &str, name: &str) -> Option<usize> {
        self.by_name.get(&(api, name)).copied()
    }

    /// The bindings of a resource with their places in the files.
    fn bound_to(&self, api: &str, name: &str) -> Vec<(usize, &'a Bound)> {
        let files: &'a Files = self.files;
        let places = self.bound.get(&(api, name)).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|at| files.bindings.get(*at).map(|bound| (*at, bound))).collect()
    }

    fn config_is_broken(&self) -> bool {
        self.files.config.is_none()
    }

    /// Chooses the binding that serves each resource.
    fn choose(&mut self, config: &Doc<words::Config>, bindings: &Bindings) -> Vec<Arc<Resource>> {
        let mut resources = Vec::new();
        for (api_id, served) in &config.words.apis {
            for name in served.serve.keys() {
                if self.draft(api_id, name).is_none() && !self.is_broken(name) {
                    let names = self
                        .drafts
                        .iter()
                        .filter(|d| d.api_id == *api_id)
                        .map(|d| d.doc.words.resource.as_str());
                    let hint = Some(cure(name, names));
                    let path = ["apis", api_id.as_str(), "serve", name.as_str()];
                    config.error_at_key(
                        self.out,
                        m::NO_RESOURCE,
                        &path,
                        format!("`{api_id}` has no resource `{name}`"),
                        hint,
                    );
                }
            }
        }
        for at in 0..self.drafts.len() {
            breathe();
            if let Some(resource) = self.chosen(at, config, bindings) {
                resources.push(Arc::new(resource));
            }
        }
        resources
    }

    fn chosen(&mut self, at: usize, config: &Doc<words::Config>, bindings: &Bindings) -> Option<Resource> {
        let draft = self.drafts.get(at)?;
        let (api_id, name) = (draft.api_id.clone(), draft.doc.words.resource.clone());
        let served = config.words.apis.get(&api_id)?;
        let bound = self.bound_to(&api_id, &name);
        let names: Vec<&str> = bound.iter().map(|(_, b)| b.name.as_str()).collect();
        let Some(wanted) = served.serve.get(&name) else {
            let hint = match names.as_slice() {
                [] => format!("write a binding `{name}.<source>.yaml` and name it here"),
                names => format!("add `{name}: {}` below `serve`", names.join("` or `")),
            };
            let path = ["apis", api_id.as_str(), "serve"];
            config.error_at_key(
                self.out,
                m::NOT_SERVED,
                &path,
                format!("nothing serves the resource `{name}`"),
                Some(hint),
            );
            return None;
        };
        let place = bound.iter().find(|(_, b)| b.name == *wanted);
        let Some(&(place, _)) = place else {
            if !self.is_broken(&format!("{name}.{wanted}")) {
                let hint = match nearest(wanted, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!(
                        "its bindings are: {}",
                        if names.is_empty() { "none".into() } else { names.join(", ") }
                    ),
                };
                let path = ["apis", api_id.as_str(), "serve", name.as_str()];
                config.error(
                    self.out,
                    m::NO_BINDING,
                    &path,
                    format!("`{name}` has no binding `{wanted}`"),
                    Some(hint),
                );
            }
            return None;
        };
        // A binding with faults has told them already.
        let (_, binding) = bindings.get(place)?.as_ref()?;
        let draft = self.drafts.get(at)?;
        let plural = camel(&name);
        let words = &draft.doc.words;
        let mut label = super::contract::Label::new(&plural);
        label.item = lower_first(&draft.contract.title).into();
        let public = &draft.public;
        Some(Resource {
            id: at,
            api: public.api,
            plural_label: label,
            name,
            plural,
            key: public.key,
            keyed: public.keyed,
            single: public.single,
            required: public.required.clone(),
            through: public.through.clone(),
            numeric_key: public.numeric_key,
            order: public.order.clone(),
            filters: public.filters.clone(),
            sorts: public.sorts.clone(),
            exact: public.exact.clone(),
            no_cards: public.no_cards.clone(),
            total: words.total == words::resource::Total::Promised,
            max_offset: words.max_offset,
            references: public.references.clone(),
            create_only: public.create_only.clone(),
            access: Arc::clone(&public.access),
            paths: public.paths.clone(),
            operations: words.operations.clone(),
            all: Selection::all(&draft.contract),
            contract: Arc::clone(&draft.contract),
            binding: Arc::clone(binding),
            audit: public.audit.clone(),
            fresh: words.fresh.map_or(std::time::Duration::from_mins(5), |s| s.0),
            // Told when all resources are known.
            caching: Caching { keeping: Keeping::Unsaid, tag: "".into(), tags: Arc::from([]) },
        })
    }

    /// A source logs in as the dialect of its bindings says.
    fn spoken(&mut self, bindings: &Bindings) {
        for (_, binding) in bindings.iter().flatten() {
            if let (Means::Http(means), Some(source)) = (&binding.means, self.sources.get_mut(binding.source))
                && let SourceKind::Http(http) = &mut source.kind
                && http.dialect.is_none()
            {
                http.dialect = Some(Arc::clone(&means.dialect));
            }
        }
    }
}
