//! The files of a WSDL: which there are, by their relative names, each loaded and parsed once, within bounds.
//! It knows imports and includes, and nothing of what they bring.

use super::{Complaint, WSDL, XSD};
use roxmltree::{Document, Node, ParsingOptions};
use std::{collections::HashSet, sync::Arc};

/// No service that is known has half as many.
const MAX_FILES: usize = 100;
/// Of all files together.
const MAX_BYTES: usize = 32 * 1024 * 1024;
/// Of one file. It keeps the tree of a file below some 100 MB.
const MAX_NODES: u32 = 1_000_000;
/// Deeper elements than this are refused before the text is parsed into a tree.
const MAX_DEPTH: usize = 200;

/// Namespaces whose schemas are part of this program's knowledge: an import of one needs no file.
const KNOWN: &[&str] = &[
    XSD,
    "http://www.w3.org/XML/1998/namespace",
    "http://schemas.xmlsoap.org/soap/encoding/",
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://schemas.xmlsoap.org/wsdl/",
    "http://schemas.xmlsoap.org/wsdl/soap/",
    "http://schemas.xmlsoap.org/wsdl/soap12/",
    "http://ws-i.org/profiles/basic/1.1/xsd",
    "http://www.w3.org/2005/05/xmlmime",
];

#[derive(Debug, Clone)]
pub(super) struct File {
    pub name: Box<str>,
    pub text: Arc<str>,
}

/// A complaint at a node's start tag.
pub(super) fn at(
    file: &File,
    node: Node<'_, '_>,
    message: impl Into<String>,
    cure: impl Into<String>,
) -> Complaint {
    let range = node.range();
    let tag = file.text.get(range.clone()).and_then(|text| text.find('>')).map_or(range.len(), |end| end + 1);
    let place = node.document().text_pos_at(range.start);
    Complaint {
        file: file.name.clone(),
        line: place.row,
        column: place.col,
        span: range.start..range.start + tag,
        message: message.into(),
        cure: cure.into(),
    }
}

/// A complaint about a file as a whole.
fn whole(name: &str, message: impl Into<String>, cure: impl Into<String>) -> Complaint {
    Complaint {
        file: name.into(),
        line: 1,
        column: 1,
        span: 0..0,
        message: message.into(),
        cure: cure.into(),
    }
}

/// Loads `main` and all that is imported from it. Cycles are fine: a file is loaded once.
pub(super) fn gather(
    main: &str,
    load: &mut dyn FnMut(&str) -> Result<Arc<str>, String>,
) -> Result<Vec<File>, Vec<Complaint>> {
    let mut files: Vec<File> = Vec::new();
    let mut complaints = Vec::new();
    let mut seen: HashSet<String> = HashSet::from([main.to_owned()]);
    let mut queue: Vec<(String, Option<Complaint>)> = vec![(main.to_owned(), None)];
    let mut bytes = 0;
    while let Some((name, blame)) = queue.pop() {
        let text = match load(&name) {
            Ok(text) => text,
            Err(why) => {
                let mut complaint = blame.unwrap_or_else(|| whole(&name, "", ""));
                complaint.message = format!("`{name}` cannot be read: {why}");
                "save the file there, or correct the name".clone_into(&mut complaint.cure);
                complaints.push(complaint);
                continue;
            }
        };
        bytes += text.len();
        if files.len() == MAX_FILES || bytes > MAX_BYTES {
            complaints.push(whole(
                &name,
                format!("the WSDL has more than {MAX_FILES} files or {MAX_BYTES} bytes"),
                "leave out what the operations do not need",
            ));
            break;
        }
        let file = File { name: name.into(), text };
        match document(&file) {
            Ok(document) => imports(&file, &document, &mut seen, &mut queue, &mut complaints),
            Err(complaint) => complaints.push(complaint),
        }
        files.push(file);
    }
    if complaints.is_empty() { Ok(files) } else { Err(complaints) }
}

pub(super) fn parse(files: &[File]) -> Result<Vec<Document<'_>>, Vec<Complaint>> {
    files.iter().map(|file| document(file).map_err(|complaint| vec![complaint])).collect()
}

fn document(file: &File) -> Result<Document<'_>, Complaint> {
    if let Some(complaint) = too_deep(file) {
        return Err(complaint);
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(&file.text, options).map_err(|error| {
        let (message, cure) = match error {
            roxmltree::Error::DtdDetected => {
                ("a DOCTYPE is not taken here", "remove it and what it declares")
            }
            _ => ("the file is no well-formed XML", ""),
        };
        let place = error.pos();
        let message = if cure.is_empty() { format!("{message}: {error}") } else { message.to_owned() };
        let start = byte(&file.text, place.row, place.col);
        Complaint {
            file: file.name.clone(),
            line: place.row,
            column: place.col,
            span: start..start,
            message,
            cure: cure.to_owned(),
        }
    })
}

fn byte(text: &str, row: u32, column: u32) -> usize {
    let lines = text.split_inclusive('\n').take(row.saturating_sub(1) as usize).map(str::len).sum::<usize>();
    let rest = text.get(lines..).unwrap_or_default();
    lines + rest.char_indices().nth(column.saturating_sub(1) as usize).map_or(rest.len(), |(at, _)| at)
}

/// The tree's parser and its reader recurse, so that depth is judged before. Broken texts pass: they are the
/// parser's to judge, and it stops where they break.
fn too_deep(file: &File) -> Option<Complaint> {
    let mut reader = quick_xml::Reader::from_str(&file.text);
    let mut depth = 0usize;
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Start(_)) => depth += 1,
            Ok(quick_xml::events::Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(quick_xml::events::Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
        if depth > MAX_DEPTH {
            let message = format!("elements are nested deeper than {MAX_DEPTH} levels");
            return Some(whole(&file.name, message, ""));
        }
    }
}

fn imports(
    file: &File,
    document: &Document<'_>,
    seen: &mut HashSet<String>,
    queue: &mut Vec<(String, Option<Complaint>)>,
    complaints: &mut Vec<Complaint>,
) {
    let root = document.root_element();
    if !root.has_tag_name((WSDL, "definitions")) && !root.has_tag_name((XSD, "schema")) {
        let (message, cure) = if root.tag_name().name() == "description" {
            ("WSDL 2.0 is not taken", "ask the service for its WSDL 1.1 (mostly `?wsdl`)")
        } else {
            ("this is neither a WSDL 1.1 nor an XML Schema", "name the file whose root is `definitions`")
        };
        complaints.push(at(file, root, message, cure));
        return;
    }
    for node in document.descendants().filter(Node::is_element) {
        let tag = (node.tag_name().namespace().unwrap_or_default(), node.tag_name().name());
        let location = match tag {
            (WSDL, "import") => node.attribute("location"),
            (XSD, "import") if KNOWN.contains(&node.attribute("namespace").unwrap_or_default()) => continue,
            (XSD, "import" | "include") => node.attribute("schemaLocation"),
            (XSD, "redefine" | "override") => {
                complaints.push(at(
                    file,
                    node,
                    format!("`{}` is not taken", tag.1),
                    "write the changed types into the schema, and include it",
                ));
                continue;
            }
            _ => continue,
        };
        // An import without a location means what another file brings.
        let Some(location) = location.map(str::trim).filter(|location| !location.is_empty()) else {
            continue;
        };
        match resolve(&file.name, location) {
            Ok(name) => {
                if seen.insert(name.clone()) {
                    queue.push((name, Some(at(file, node, "", ""))));
                }
            }
            Err(message) => {
                complaints.push(at(file, node, message, "save it beside the WSDL and name the file"));
            }
        }
    }
}

/// A location as it stands in `from`, as a name from where `main`'s name starts.
pub(super) fn resolve(from: &str, location: &str) -> Result<String, String> {
    let scheme = location.split_once(':').is_some_and(|(scheme, _)| !scheme.contains('/'));
    if scheme || location.starts_with('/') || location.contains(['\\', '?', '#']) {
        return Err(format!("`{location}` is no relative name of a file; nothing is fetched from elsewhere"));
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in location.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_some() => {}
            ".." => return Err(format!("`{location}` leaves the folder of the WSDL")),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}
