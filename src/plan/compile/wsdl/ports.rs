//! Services, ports and bindings: from what a binding says of an operation and its messages to the operation.
//! It leaves types to `types`.

use super::{
    Complaint, Service, WSDL, Wanted,
    index::{Index, Placed, Sort, is},
    service::Entry,
    types::Compiler,
};
use crate::{
    fault::nearest::cure,
    plan::soap::{Content, Element, Operation, Style, Version},
};
use std::sync::Arc;

/// The namespaces of WSDL's SOAP bindings.
const SOAP11: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const SOAP12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";
const MIME: &str = "http://schemas.xmlsoap.org/wsdl/mime/";

/// What says that a binding is spoken over HTTP.
const HTTP: &[&str] =
    &["http://schemas.xmlsoap.org/soap/http", "http://www.w3.org/2003/05/soap/bindings/HTTP/", ""];

/// A port, or a binding that no port names.
struct Port<'a> {
    service: &'a str,
    name: &'a str,
    address: &'a str,
    binding: Placed<'a>,
    /// The binding's own element of SOAP.
    soap: Placed<'a>,
    version: Version,
}

pub(super) fn compile(index: &Index<'_>, wanted: Wanted<'_>) -> Result<Service, Vec<Complaint>> {
    let mut complaints = Vec::new();
    let ports = ports(index, &mut complaints);
    let mut compiler = Compiler::new(index);
    let mut entries = Vec::new();
    for port in &ports {
        let kind = match index.refer(
            Sort::PortType,
            port.binding,
            port.binding.attribute("type").unwrap_or_default(),
        ) {
            Ok(kind) => kind,
            Err(complaint) => {
                complaints.push(complaint);
                continue;
            }
        };
        for operation in port.binding.wsdl("operation") {
            let Some(name) = operation.attribute("name") else { continue };
            let asked = match wanted {
                Wanted::All => true,
                Wanted::Operations(names) => names.contains(&name),
            };
            let made =
                asked.then(|| Operations { index, compiler: &mut compiler }.one(port, kind, operation, name));
            entries.push(Entry {
                name: name.into(),
                service: port.service.into(),
                port: port.name.into(),
                version: port.version,
                kind: kind.attribute("name").unwrap_or_default().into(),
                made: made.transpose().map_err(|complaint| vec![complaint]),
            });
        }
    }
    compiler.drain();
    compiler.derived();
    for entry in &mut entries {
        if let Ok(Some(operation)) = &entry.made {
            let elements = [&operation.input, &operation.output];
            let faults = compiler.faults(elements.into_iter().chain(&operation.headers));
            if !faults.is_empty() {
                entry.made = Err(faults);
            }
        }
    }
    if ports.is_empty() && complaints.is_empty() {
        let root = index.scopes.first().map(|scope| Placed { node: scope.root, scope: 0 });
        complaints.extend(root.map(|root| {
            index.complain(
                root,
                "no binding of SOAP over HTTP is declared",
                "name the file that holds the `service`",
            )
        }));
    }
    match wanted {
        Wanted::All => {
            let usable = entries.iter().any(|entry| matches!(entry.made, Ok(Some(_))));
            if !usable {
                complaints
                    .extend(entries.iter().filter_map(|entry| entry.made.as_ref().err()).flatten().cloned());
            }
        }
        Wanted::Operations(names) => {
            for name in names {
                let (usable, broken) = entries
                    .iter()
                    .filter(|entry| &*entry.name == *name)
                    .partition::<Vec<_>, _>(|entry| entry.made.is_ok());
                if usable.is_empty() {
                    complaints.extend(
                        broken.iter().filter_map(|entry| entry.made.as_ref().err()).flatten().cloned(),
                    );
                }
                if usable.is_empty() && broken.is_empty() && !ports.is_empty() {
                    let root = index.scopes.first().map(|scope| Placed { node: scope.root, scope: 0 });
                    let known: Vec<&str> = entries.iter().map(|entry| &*entry.name).collect();
                    let hint = cure(name, known);
                    let message = format!("the WSDL has no operation `{name}`");
                    complaints.extend(root.map(|root| index.complain(root, message, hint)));
                }
            }
        }
    }
    if !complaints.is_empty() {
        let mut once: Vec<Complaint> = Vec::new();
        for complaint in complaints {
            if !once.contains(&complaint) {
                once.push(complaint);
            }
        }
        return Err(once);
    }
    let types = Arc::new(compiler.types);
    for entry in &mut entries {
        if let Ok(Some(operation)) = &mut entry.made {
            operation.types = types.clone();
        }
    }
    Ok(Service { entries })
}

/// The bindings of SOAP over HTTP, by the ports that have them; one without a port stands last.
fn ports<'a>(index: &Index<'a>, complaints: &mut Vec<Complaint>) -> Vec<Port<'a>> {
    let mut out = Vec::new();
    let mut bound = Vec::new();
    for (scope, found) in index.scopes.iter().enumerate() {
        let services = found.root.children().filter(|node| is(*node, WSDL, "service"));
        for service in services.map(|node| Placed { node, scope }) {
            for port in service.wsdl("port") {
                let named = port.attribute("binding").unwrap_or_default();
                let binding = match index.refer(Sort::Binding, port, named) {
                    Ok(binding) => binding,
                    Err(complaint) => {
                        complaints.push(complaint);
                        continue;
                    }
                };
                bound.push(binding.node);
                let address = extension(port, "address").and_then(|(node, _)| node.attribute("location"));
                let names = [service, port].map(|node| node.attribute("name").unwrap_or_default());
                out.extend(spoken(binding).map(|(soap, version)| Port {
                    service: names[0],
                    name: names[1],
                    address: path(address.unwrap_or_default()),
                    binding,
                    soap,
                    version,
                }));
            }
        }
    }
    for (_, _, binding) in index.all(Sort::Binding) {
        if !bound.contains(&binding.node) {
            out.extend(spoken(binding).map(|(soap, version)| Port {
                service: "",
                name: "",
                address: "",
                binding,
                soap,
                version,
            }));
        }
    }
    out
}

/// The binding's element of SOAP, where it is spoken over HTTP.
fn spoken(binding: Placed<'_>) -> Option<(Placed<'_>, Version)> {
    let (soap, version) = extension(binding, "binding")?;
    HTTP.contains(&soap.attribute("transport").unwrap_or_default()).then_some((soap, version))
}

/// A child of SOAP's own namespaces, with the version that it speaks of.
fn extension<'a>(placed: Placed<'a>, name: &str) -> Option<(Placed<'a>, Version)> {
    let child = |namespace| placed.node.children().find(|node| is(*node, namespace, name));
    let old = child(SOAP11).map(|node| (placed.here(node), Version::V11));
    old.or_else(|| child(SOAP12).map(|node| (placed.here(node), Version::V12)))
}

/// The path of an address, without its query: the part behind the authority.
fn path(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/");
    path.split(['?', '#']).next().unwrap_or("/")
}

struct Operations<'c, 'i, 'a> {
    index: &'i Index<'a>,
    compiler: &'c mut Compiler<'i, 'a>,
}

/// Which side of an operation a message is.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Input,
    Output,
}

impl<'a> Operations<'_, '_, 'a> {
    fn one(
        &mut self,
        port: &Port<'a>,
        kind: Placed<'a>,
        bound: Placed<'a>,
        name: &str,
    ) -> Result<Operation, Complaint> {
        let said = extension(bound, "operation").map(|(node, _)| node);
        let style = said.and_then(|node| node.attribute("style")).or(port.soap.attribute("style"));
        let style = if style == Some("rpc") { Style::Rpc } else { Style::Document };
        // Overloaded operations differ by the names of their messages (WSDL 1.1, section 2.5).
        let message = |node: Placed<'a>| node.wsdl("input").next().and_then(|input| input.attribute("name"));
        let named: Vec<Placed<'a>> =
            kind.wsdl("operation").filter(|node| node.attribute("name") == Some(name)).collect();
        let same = named.iter().find(|node| named.len() > 1 && message(**node) == message(bound));
        let Some(declared) = same.or(named.first()).copied() else {
            let known: Vec<&str> = kind.wsdl("operation").filter_map(|node| node.attribute("name")).collect();
            let message = format!("the port type has no operation `{name}`");
            return Err(self.index.complain(bound, message, cure(name, known)));
        };
        let input = self.side(Side::Input, style, bound, declared, name)?;
        let output = self.side(Side::Output, style, bound, declared, name)?;
        let headers = self.headers(bound)?;
        let mut faults = Vec::new();
        for fault in declared.wsdl("fault") {
            let Some(message) = fault.attribute("message") else { continue };
            let parts: Vec<Placed<'a>> =
                self.index.refer(Sort::Message, fault, message)?.wsdl("part").collect();
            if let [part] = parts.as_slice()
                && let Some(element) = part.attribute("element")
            {
                faults.push(self.compiler.global(*part, element)?);
            }
        }
        Ok(Operation {
            name: name.into(),
            version: port.version,
            style,
            action: said.and_then(|node| node.attribute("soapAction")).unwrap_or_default().into(),
            address: port.address.into(),
            input,
            output,
            headers,
            faults,
            types: Arc::default(),
        })
    }

    /// The body's element of a side.
    fn side(
        &mut self,
        side: Side,
        style: Style,
        bound: Placed<'a>,
        declared: Placed<'a>,
        name: &str,
    ) -> Result<Element, Complaint> {
        let tag = if side == Side::Input { "input" } else { "output" };
        let Some(message) = declared.wsdl(tag).next() else { return Ok(Element::nothing()) };
        let holder = bound.wsdl(tag).next().unwrap_or(bound);
        if holder.node.children().any(|node| node.tag_name().namespace() == Some(MIME)) {
            let text = format!("the {tag} of `{name}` is sent with attachments (MIME), which is not taken");
            return Err(self.index.complain(holder, text, "an operation without attachments is needed"));
        }
        let body = extension(holder, "body").map(|(node, _)| node);
        if body.and_then(|body| body.attribute("use")) == Some("encoded") {
            let text = format!("the {tag} of `{name}` is encoded (`use=\"encoded\"`), which is not taken");
            return Err(self.index.complain(
                body.unwrap_or(holder),
                text,
                "ask the service for a literal WSDL",
            ));
        }
        let referred = message.attribute("message").unwrap_or_default();
        let all = self.index.refer(Sort::Message, message, referred)?;
        let chosen = body.and_then(|body| body.attribute("parts"));
        let headers = header_parts(self.index, holder, all);
        let parts: Vec<Placed<'a>> = all
            .wsdl("part")
            .filter(|part| {
                let name = part.attribute("name").unwrap_or_default();
                match chosen {
                    Some(chosen) => chosen.split_whitespace().any(|word| word == name),
                    None => !headers.contains(&name),
                }
            })
            .collect();
        match style {
            Style::Document => self.document(&parts, all, tag, name),
            Style::Rpc => {
                let namespace = body.and_then(|body| body.attribute("namespace")).map(str::trim);
                let element = if side == Side::Input { name.to_owned() } else { format!("{name}Response") };
                self.rpc(&parts, element, namespace.unwrap_or_default())
            }
        }
    }

    fn document(
        &mut self,
        parts: &[Placed<'a>],
        message: Placed<'a>,
        tag: &str,
        name: &str,
    ) -> Result<Element, Complaint> {
        match parts {
            [] => Ok(Element::nothing()),
            [part] => {
                if let Some(element) = part.attribute("element") {
                    self.compiler.global(*part, element)
                } else {
                    let text = format!("the {tag} of `{name}` is a document, but its part names a type");
                    Err(self.index.complain(*part, text, "give the part an `element`"))
                }
            }
            _ => {
                let text =
                    format!("the {tag} of `{name}` has {} parts in its body; one can be sent", parts.len());
                Err(self.index.complain(message, text, "name one with `parts`"))
            }
        }
    }

    /// The wrapper of an rpc body: the operation's name, and its parts as elements without a namespace
    /// (WSDL 1.1, section 3.5; WS-I Basic Profile 1.1, R2735).
    fn rpc(&mut self, parts: &[Placed<'a>], name: String, namespace: &str) -> Result<Element, Complaint> {
        let mut elements = Vec::new();
        for part in parts {
            let (Some(name), Some(named)) = (part.attribute("name"), part.attribute("type")) else {
                let cure = "an rpc operation's parts have a `type`";
                return Err(self.index.complain(*part, "the part has no name, or no type", cure));
            };
            let content = self.compiler.content(*part, named)?;
            let default = None;
            let once = (1, Some(1));
            elements.push(Element {
                name: name.into(),
                namespace: None,
                min: once.0,
                max: once.1,
                nillable: false,
                default,
                content,
            });
        }
        Ok(Element {
            name: name.into(),
            namespace: (!namespace.is_empty()).then(|| namespace.into()),
            content: Content::Complex(self.compiler.wrapper(elements)),
            min: 1,
            max: Some(1),
            ..Element::nothing()
        })
    }

    fn headers(&mut self, bound: Placed<'a>) -> Result<Vec<Element>, Complaint> {
        let mut out: Vec<Element> = Vec::new();
        let Some(input) = bound.wsdl("input").next() else { return Ok(out) };
        let named =
            |node: &roxmltree::Node<'a, 'a>| is(*node, SOAP11, "header") || is(*node, SOAP12, "header");
        for header in input.node.children().filter(named).map(|node| input.here(node)) {
            let (Some(message), Some(name)) = (header.attribute("message"), header.attribute("part")) else {
                continue;
            };
            let message = self.index.refer(Sort::Message, header, message)?;
            let part = message.wsdl("part").find(|part| part.attribute("name") == Some(name));
            let Some((part, element)) = part.and_then(|part| Some((part, part.attribute("element")?))) else {
                let text = format!("the message has no part `{name}` with an element");
                return Err(self.index.complain(header, text, ""));
            };
            // Whether a header is sent is its sender's to say.
            let element = Element { min: 0, ..self.compiler.global(part, element)? };
            if !out.iter().any(|known| known.name == element.name) {
                out.push(element);
            }
        }
        Ok(out)
    }
}

/// The parts of a message that the same binding sends as headers.
fn header_parts<'a>(index: &Index<'a>, holder: Placed<'a>, message: Placed<'a>) -> Vec<&'a str> {
    let headers =
        holder.node.children().filter(|node| is(*node, SOAP11, "header") || is(*node, SOAP12, "header"));
    headers
        .filter_map(|node| {
            let header = holder.here(node);
            let found = index.refer(Sort::Message, header, header.attribute("message")?).ok()?;
            (found.node == message.node).then(|| header.attribute("part")).flatten()
        })
        .collect()
}
