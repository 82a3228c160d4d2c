//! Which paths of a document belong together: a collection, and below it the record by its key.

use super::{
    document::{Document, Operation},
    schema::kind,
};
use crate::{fault::Diagnostics, import::names};
use serde_json::Value;

/// A collection and its records; not all of it has to be there.
#[derive(Debug, Clone)]
pub struct Pair<'a> {
    /// The collection's path, as the document has it or would.
    pub collection: &'a str,
    /// The record's path, and the name of its key there.
    pub record: Option<(&'a str, &'a str)>,
    pub list: Option<Operation<'a>>,
    pub read: Option<Operation<'a>>,
    pub create: Option<Operation<'a>>,
    /// With the method.
    pub replace: Option<(&'static str, Operation<'a>)>,
    pub delete: Option<Operation<'a>>,
}

/// A path without what people write at its end.
fn stem(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.strip_suffix(".json").unwrap_or(path)
}

/// The collection and the key of a record's path: `/pets/{petId}` is of `/pets`.
fn parted(path: &str) -> Option<(&str, &str)> {
    let (collection, last) = stem(path).rsplit_once('/')?;
    let key = last.strip_prefix('{')?.strip_suffix('}')?;
    (!key.contains(['{', '}'])).then_some((collection, key))
}

/// All pairs of a document, in its order.
pub fn pairs<'a>(doc: &'a Document, out: &mut Diagnostics) -> Vec<Pair<'a>> {
    let mut pairs: Vec<Pair<'a>> = Vec::new();
    let mut collections: Vec<&str> = Vec::new();
    for path in doc.paths() {
        let collection = parted(path).map_or(stem(path), |(collection, _)| collection);
        if !collections.contains(&collection) {
            collections.push(collection);
        }
    }
    for collection in collections {
        let own = doc.paths().find(|path| parted(path).is_none() && stem(path) == collection);
        let record = doc.paths().find_map(|path| {
            let (of, key) = parted(path)?;
            (of == collection).then_some((path, key))
        });
        let shown = own.or(record.map(|(path, _)| path)).unwrap_or(collection);
        if collection.is_empty() || collection.contains('{') {
            if record.is_some() || own.is_some_and(|path| doc.operation(path, "get").is_some()) {
                let message = format!("`{shown}` stands below a record: left out");
                let hint =
                    "where its rows name that record, write a resource with `path: /owners/{ownerId}/things`";
                doc.left_out(shown, message, hint, out);
            }
            continue;
        }
        let at = |path: Option<&'a str>, method: &str| path.and_then(|path| doc.operation(path, method));
        let (one, many) = (record.map(|(path, _)| path), own);
        let list = at(many, "get")
            .filter(|operation| operation.query().iter().all(|p| !p.required) || is_list(operation));
        let mut pair = Pair {
            collection: shown,
            record,
            list,
            read: at(one, "get"),
            create: at(many, "post"),
            replace: None,
            delete: at(one, "delete"),
        };
        let ways = [("put", at(one, "put")), ("patch", at(one, "patch")), ("put", at(many, "put"))];
        pair.replace = ways.into_iter().find_map(|(method, operation)| Some((method, operation?)));
        pairs.push(pair);
    }
    // What is found below a collection by a word of its own: `/pet/findByStatus` gives what `/pet/{petId}` does.
    let plain: Vec<Pair<'a>> = pairs.clone();
    for pair in &mut pairs {
        let Some(read) = pair.read.filter(|_| pair.list.is_none()) else { continue };
        let wanted = read.answer().map(|schema| doc.resolve(schema));
        let within = format!("{}/", parted(read.path).map_or("", |(collection, _)| collection));
        let finder = plain.iter().filter(|other| other.collection.starts_with(&within)).find_map(|other| {
            let list = other.list?;
            let items = list
                .answer()
                .and_then(|schema| doc.resolve(schema).0.get("items"))
                .map(|items| doc.resolve(items));
            (items.is_some() && items == wanted).then_some(list)
        });
        pair.list = finder;
    }
    let finds = |pair: &Pair<'_>| {
        let list = pair.list.filter(|_| pair.read.is_none() && pair.create.is_none())?;
        let items = doc.resolve(doc.resolve(list.answer()?).0.get("items")?);
        let same = |other: &&Pair<'_>| {
            let within =
                other.read.and_then(|read| parted(read.path)).map(|(collection, _)| format!("{collection}/"));
            within.is_some_and(|within| list.path.starts_with(&within))
                && other.read.and_then(|read| read.answer()).map(|schema| doc.resolve(schema)) == Some(items)
        };
        pairs.iter().find(same).map(|other| other.list.is_some_and(|own| own.path == list.path))
    };
    let found: Vec<Option<bool>> = pairs.iter().map(finds).collect();
    for (pair, _) in pairs.iter().zip(&found).filter(|(_, found)| **found == Some(false)) {
        let message = format!("`{}` is one more way to find the same records: left out", pair.collection);
        doc.left_out(
            pair.collection,
            message,
            "say its parameters as filters, where the list takes them",
            out,
        );
    }
    let mut found = found.into_iter();
    pairs.retain(|pair| found.next().flatten().is_none() && (pair.list.is_some() || pair.read.is_some()));
    pairs
}

fn is_list(operation: &Operation<'_>) -> bool {
    operation.answer().is_some_and(|schema| kind(operation.doc, schema) == "array")
}

impl<'a> Pair<'a> {
    /// The resource's name.
    pub fn name(&self) -> String {
        names::resource(self.word())
    }

    /// The last word of the collection's path that is no parameter.
    pub fn word(&self) -> &'a str {
        let path =
            self.record.map_or(stem(self.collection), |(path, _)| parted(path).map_or(path, |(of, _)| of));
        path.rsplit('/').find(|segment| !segment.is_empty() && !segment.contains('{')).unwrap_or("records")
    }

    pub fn operations(&self) -> Vec<Operation<'a>> {
        let replace = self.replace.map(|(_, operation)| operation);
        [self.list, self.read, self.create, replace, self.delete].into_iter().flatten().collect()
    }

    /// The schema of a body that makes or changes a record.
    pub fn body(&self) -> Option<&'a Value> {
        self.create.and_then(|o| o.body()).or_else(|| self.replace.and_then(|(_, o)| o.body()))
    }
}
