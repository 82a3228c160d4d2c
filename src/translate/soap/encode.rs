//! A value as an envelope: elements in the order of their types, whatever the order of the value; nothing that is
//! not declared, nothing missing that is required, and every text one of its type.

mod order;
mod writer;

use super::{
    Headers, Problem,
    security::{BASE64, Security, WSSE, WSU},
};
use crate::{
    fault::nearest::nearest,
    plan::soap::{Attribute, Complex, Content, Element, Operation, Simple, TypeId, Types},
    value::{Brief, Value, decimal::Decimal, xml::INSTANCE},
};
use order::Order;
use writer::Writer;

/// Deeper values than this are refused.
const MAX_DEPTH: usize = 128;

/// The request's envelope. `body` is the value of the body's element: an object by the names of its elements,
/// lists for those that repeat, `@name` for attributes, `$` for a text beside them. Null is `xsi:nil` where the
/// element may be nil, and left out otherwise.
pub fn encode(operation: &Operation, body: &Value, headers: &Headers<'_>) -> Result<Vec<u8>, Problem> {
    let mut encoder = Encoder {
        types: &operation.types,
        writer: Writer::new(operation.version),
        place: Vec::new(),
        depth: 0,
    };
    encoder.headers(operation, headers)?;
    encoder.writer.begin_body();
    if operation.input.is_nothing() {
        if let Value::Object(members) = body
            && let Some((name, _)) = members.first()
        {
            return Err(Problem::Unknown { place: name.as_str().into(), near: None });
        }
    } else {
        let empty = Value::Object(Vec::new());
        let complex = matches!(operation.input.content, Content::Complex(_));
        let body = if body.is_null() && complex && !operation.input.nillable { &empty } else { body };
        encoder.element(&operation.input, body)?;
    }
    Ok(encoder.writer.finish())
}

struct Encoder<'a> {
    types: &'a Types,
    writer: Writer,
    /// The names of the elements that are open, below the body's.
    place: Vec<String>,
    depth: usize,
}

/// What a value is, for a complaint that does not tell the value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl Encoder<'_> {
    fn headers(&mut self, operation: &Operation, headers: &Headers<'_>) -> Result<(), Problem> {
        let declared = match &headers.declared {
            Value::Null => &[][..],
            Value::Object(members) => members,
            other => {
                let place = "header".to_owned();
                return Err(Problem::Misfit { place, found: kind(other), expected: "an object".into() });
            }
        };
        if let Some(security) = headers.security {
            self.place.push("Security".to_owned());
            self.security(security)?;
            self.place.pop();
        }
        for (name, _) in declared {
            if !operation.headers.iter().any(|header| *header.name == **name) {
                let near = nearest(name, operation.headers.iter().map(|header| &*header.name));
                return Err(Problem::Unknown { place: name.as_str().into(), near: near.map(str::to_owned) });
            }
        }
        for header in &operation.headers {
            let value = headers.declared.get(&header.name);
            if let Some(value) = value.filter(|value| !value.is_null() || header.nillable) {
                self.place.push(header.name.to_string());
                self.element(header, value)?;
                self.place.pop();
            }
        }
        Ok(())
    }

    fn security(&mut self, security: &Security) -> Result<(), Problem> {
        let must = self.writer.envelope_name("mustUnderstand");
        let [outer, token, user, password, nonce] =
            ["Security", "UsernameToken", "Username", "Password", "Nonce"]
                .map(|name| self.writer.name(Some(WSSE), name));
        let created = self.writer.name(Some(WSU), "Created");
        self.writer.open(&outer);
        self.attribute(&must, "1")?;
        self.writer.more();
        self.writer.open(&token);
        self.writer.more();
        let kind = security.kind.uri();
        for (name, mark, text) in [
            (&user, None, &security.user),
            (&password, Some(("Type", kind.as_str())), &security.password),
            (&nonce, Some(("EncodingType", BASE64)), &security.nonce),
            (&created, None, &security.created),
        ] {
            self.writer.open(name);
            if let Some((name, value)) = mark {
                self.attribute(name, value)?;
            }
            self.writer.more();
            self.text(text)?;
            self.writer.close(name);
        }
        self.writer.close(&token);
        self.writer.close(&outer);
        Ok(())
    }

    /// The element that is open; `$` is the body's.
    fn at(&self) -> String {
        if self.place.is_empty() { "$".to_owned() } else { self.place.join(".") }
    }

    /// The place of something in the element that is open.
    fn below(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at()) }
    }

    fn misfit<T>(&self, value: &Value, expected: impl Into<String>) -> Result<T, Problem> {
        Err(Problem::Misfit { place: self.at(), found: kind(value), expected: expected.into() })
    }

    fn text(&mut self, text: &str) -> Result<(), Problem> {
        self.writer.text(text).map_err(|_| Problem::Character { place: self.at() })
    }

    fn attribute(&mut self, name: &str, text: &str) -> Result<(), Problem> {
        self.writer.attribute(name, text).map_err(|_| Problem::Character { place: self.below(name) })
    }

    /// One element with its value.
    fn element(&mut self, element: &Element, value: &Value) -> Result<(), Problem> {
        let name = self.writer.name(element.namespace.as_deref(), &element.name);
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Problem::TooDeep { place: self.at() });
        }
        self.writer.open(&name);
        if value.is_null() {
            if !element.nillable {
                return Err(Problem::Missing { place: self.at() });
            }
            let nil = self.writer.name(Some(INSTANCE), "nil");
            self.attribute(&nil, "true")?;
            self.writer.more();
        } else {
            match &element.content {
                Content::Simple(simple) => {
                    self.writer.more();
                    let text = self.lexical(simple, value)?;
                    self.text(&text)?;
                }
                Content::Complex(id) => self.complex(*id, value)?,
                Content::Any => match value.scalar() {
                    Some(text) => {
                        self.writer.more();
                        self.text(text)?;
                    }
                    None => return self.misfit(value, "a text: no type says what its parts are"),
                },
            }
        }
        self.writer.close(&name);
        self.depth -= 1;
        Ok(())
    }

    /// A scalar's text in the form of its type. Digits are kept; an exponent is written out where the type has none.
    fn lexical(&self, simple: &Simple, value: &Value) -> Result<String, Problem> {
        use crate::plan::soap::Kind;
        let Some(text) = value.scalar() else {
            return self.misfit(value, "a text or a number");
        };
        let mut text = text.to_owned();
        if let Value::Number(digits) = value {
            let odd = match simple.kind {
                Kind::Integer => digits.contains(['.', 'e', 'E']),
                Kind::Decimal => digits.contains(['e', 'E']),
                _ => false,
            };
            if odd && let Some(plain) = Decimal::parse(digits).and_then(|decimal| decimal.to_text(None)) {
                text = plain;
            }
        }
        match simple.check(&text) {
            Ok(()) => Ok(text),
            Err(misfit) => self.misfit(value, misfit.to_string()),
        }
    }

    fn complex(&mut self, declared: TypeId, value: &Value) -> Result<(), Problem> {
        let types = self.types;
        let said = match value.get("@xsi:type") {
            None | Some(Value::Null) => None,
            Some(said) => Some(self.derived(declared, said)?),
        };
        let id = said.unwrap_or(declared);
        let Some(complex) = types.get(id) else { return self.misfit(value, "of a known type") };
        if complex.is_abstract {
            return Err(Problem::Abstract { place: self.at() });
        }
        if let (Some(_), Some((namespace, name))) = (said, &complex.name) {
            let mark = self.writer.name(Some(INSTANCE), "type");
            let name = self.writer.name(Some(namespace).filter(|n| !n.is_empty()).map(|n| &**n), name);
            self.attribute(&mark, &name)?;
        }
        let text = match value {
            Value::Object(members) => {
                self.known(complex, members)?;
                self.attributes(complex, value)?;
                value.get("$")
            }
            other if complex.text.is_some() => {
                self.attributes(complex, &Value::Null)?;
                Some(other)
            }
            other => return self.misfit(other, "an object"),
        };
        self.writer.more();
        if let Some(simple) = &complex.text {
            let nothing = Value::Text("".into());
            let text = self.lexical(simple, text.filter(|text| !text.is_null()).unwrap_or(&nothing))?;
            return self.text(&text);
        }
        if let Some(text) = text.filter(|text| !text.is_null()) {
            match text.scalar() {
                Some(text) => self.text(text)?,
                None => return self.misfit(text, "a text"),
            }
        }
        Order::new(self, complex, value)?.write(self)
    }

    /// The type that `@xsi:type` names: one of those that derive from the declared one.
    fn derived(&self, declared: TypeId, said: &Value) -> Result<TypeId, Problem> {
        let place = self.below("@xsi:type");
        let name = said.scalar().unwrap_or_default();
        let family = || self.types.family(declared).filter_map(|(id, c)| Some((id, &*c.name.as_ref()?.1)));
        family().find(|(_, known)| *known == name).map(|(id, _)| id).ok_or_else(|| {
            let names: Vec<&str> = family().map(|(_, name)| name).collect();
            Problem::Misfit { place, found: kind(said), expected: format!("one of {}", names.join(", ")) }
        })
    }

    fn known(&self, complex: &Complex, members: &[(Brief, Value)]) -> Result<(), Problem> {
        for (name, _) in members {
            let known = match name.strip_prefix('@') {
                Some("xsi:type") => true,
                Some(attribute) => complex.attribute(attribute).is_some(),
                None if name == "$" => complex.text.is_some() || complex.mixed,
                None => complex.field(name).is_some(),
            };
            if !known {
                let names = complex.members();
                let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
                return Err(Problem::Unknown { place: self.below(name), near });
            }
        }
        Ok(())
    }

    fn attributes(&mut self, complex: &Complex, value: &Value) -> Result<(), Problem> {
        for attribute in &complex.attributes {
            let name = format!("@{}", attribute.name);
            let text = match value.get(&name) {
                None | Some(Value::Null) if attribute.required => match &attribute.default {
                    Some(default) => default.to_string(),
                    None => return Err(Problem::Missing { place: self.below(&name) }),
                },
                None | Some(Value::Null) => continue,
                Some(value) => {
                    self.place.push(name);
                    let text = self.lexical(&attribute.simple, value)?;
                    self.place.pop();
                    text
                }
            };
            let Attribute { namespace, name, .. } = attribute;
            let name = self.writer.name(namespace.as_deref(), name);
            self.attribute(&name, &text)?;
        }
        Ok(())
    }
}
