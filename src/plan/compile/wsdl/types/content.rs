//! What is in a complex type: attributes, texts and particles with their derivations, and how often each child
//! can stand in all.

use super::{Compiler, MAX_DEPTH, MAX_PARTICLES, Occurs, State, encoded, replace};
use crate::plan::{
    compile::wsdl::{
        Complaint, XSD,
        index::{Placed, Sort},
        simple,
    },
    soap::{Attribute, Complex, Element, Field, Particle, TypeId},
};
use std::sync::Arc;

/// How often a child can stand; `None` is without bound.
type Times = (u64, Option<u64>);

impl<'a> Compiler<'_, 'a> {
    /// A `complexType`.
    pub(super) fn complex(&mut self, placed: Placed<'a>, depth: usize) -> Result<Complex, Complaint> {
        if depth > MAX_DEPTH {
            return Err(self.index.complain(placed, "the type is derived in too many steps", ""));
        }
        let mut complex = Complex::default();
        if let Some(content) = placed.part("simpleContent") {
            self.simple_content(content, &mut complex, depth)?;
        } else if let Some(content) = placed.part("complexContent") {
            complex.mixed = yes(content.attribute("mixed"));
            self.complex_content(content, &mut complex, depth)?;
        } else {
            self.body(placed, &mut complex)?;
        }
        complex.mixed |= yes(placed.attribute("mixed"));
        complex.is_abstract = yes(placed.attribute("abstract"));
        let namespace = self.index.namespace(placed);
        complex.name = placed.attribute("name").map(|name| (namespace, name.into()));
        count(&mut complex);
        Ok(complex)
    }

    /// The type that a derivation begins with, compiled. `None` is `anyType`.
    fn base(&mut self, node: Placed<'a>, depth: usize) -> Result<Option<(TypeId, Complex)>, Complaint> {
        let index = self.index;
        let Some(name) = node.attribute("base") else {
            return Err(index.complain(node, "the derivation has no base", ""));
        };
        let (namespace, local) = index.qname(node, name);
        if &*namespace == XSD && &*local == "anyType" {
            return Ok(None);
        }
        if &*namespace == "http://schemas.xmlsoap.org/soap/encoding/" {
            return Err(encoded(index, node));
        }
        let found = index.refer(Sort::Type, node, name)?;
        if found.tag() != "complexType" {
            return Err(index.complain(node, format!("`{name}` is no complex type"), "use `simpleContent`"));
        }
        let id = self.reserve(found);
        self.build(id, depth + 1);
        if self.states.get(id as usize) != Some(&State::Done) {
            return Err(index.complain(node, format!("`{name}` is derived from itself"), ""));
        }
        Ok(Some((id, self.types.get(id).cloned().unwrap_or_default())))
    }

    fn complex_content(
        &mut self,
        node: Placed<'a>,
        out: &mut Complex,
        depth: usize,
    ) -> Result<(), Complaint> {
        let (extension, restriction) = (node.part("extension"), node.part("restriction"));
        let Some(inner) = extension.or(restriction) else {
            return Err(self.index.complain(
                node,
                "the content has neither `extension` nor `restriction`",
                "",
            ));
        };
        let base = self.base(inner, depth)?;
        if let Some((id, base)) = base {
            out.base = Some(id);
            out.attributes = base.attributes;
            out.mixed |= base.mixed;
            if extension.is_some() {
                // The base's content, then the type's own (XML Schema part 1, section 3.4.2).
                out.children = base.children;
                out.fields = base.fields;
                out.open = base.open;
                out.text = base.text;
            }
        }
        self.body(inner, out)
    }

    fn simple_content(&mut self, node: Placed<'a>, out: &mut Complex, depth: usize) -> Result<(), Complaint> {
        let index = self.index;
        let (extension, restriction) = (node.part("extension"), node.part("restriction"));
        let Some((inner, name)) = extension.or(restriction).and_then(|n| Some((n, n.attribute("base")?)))
        else {
            return Err(index.complain(node, "the content has no derivation with a base", ""));
        };
        let (namespace, local) = index.qname(inner, name);
        let found = index.get(Sort::Type, &namespace, &local);
        if found.is_some_and(|found| found.tag() == "complexType") {
            if let Some((id, base)) = self.base(inner, depth)? {
                out.base = Some(id);
                out.attributes = base.attributes;
                out.text = base.text;
            }
        } else {
            out.text = Some(Arc::new(simple::named(index, inner, name, 0)?));
        }
        if restriction.is_some() {
            let text = simple::restricted(index, inner, out.text.as_ref(), 0)?;
            out.text = Some(Arc::new(text));
        }
        self.attributes(inner, out, 0)
    }

    /// The particle and the attributes that stand in a type or a derivation.
    fn body(&mut self, node: Placed<'a>, out: &mut Complex) -> Result<(), Complaint> {
        for part in node.parts() {
            if let Some(particle) = self.particle(part, out, 0)? {
                out.children.push(particle);
            }
        }
        self.attributes(node, out, 0)
    }

    fn particle(
        &mut self,
        node: Placed<'a>,
        out: &mut Complex,
        depth: usize,
    ) -> Result<Option<Particle>, Complaint> {
        let index = self.index;
        let tag = node.tag();
        if !matches!(tag, "sequence" | "all" | "choice" | "group" | "element" | "any") {
            return Ok(None);
        }
        self.particles += 1;
        if depth > MAX_DEPTH || self.particles > MAX_PARTICLES {
            let message = "the type has too many parts, or a group that holds itself";
            return Err(index.complain(node, message, ""));
        }
        let Occurs { min, max } = Occurs::of(index, node)?;
        if max == Some(0) {
            return Ok(None);
        }
        match tag {
            "any" => {
                out.open = true;
                Ok(None)
            }
            "element" => self.child(node, out, Occurs { min, max }).map(Some),
            "group" => {
                let Some(name) = node.attribute("ref") else {
                    return Err(index.complain(node, "the group has no `ref`", ""));
                };
                let group = index.refer(Sort::Group, node, name)?;
                let mut parts = Vec::new();
                for part in group.parts() {
                    parts.extend(self.particle(part, out, depth + 1)?);
                }
                Ok(Some(Particle::Sequence { min, max, parts }))
            }
            _ => {
                let mut parts = Vec::new();
                for part in node.parts() {
                    parts.extend(self.particle(part, out, depth + 1)?);
                }
                // A choice that may also be something unknown need not be any of those that are known.
                let wild = tag == "choice" && node.part("any").is_some();
                Ok(Some(if tag == "choice" {
                    Particle::Choice { min: if wild { 0 } else { min }, max, parts }
                } else {
                    Particle::Sequence { min, max, parts }
                }))
            }
        }
    }

    /// An element where it stands in a type: its own declaration, a reference, or one of those that may stand
    /// for what is referred to.
    fn child(&mut self, node: Placed<'a>, out: &mut Complex, occurs: Occurs) -> Result<Particle, Complaint> {
        let index = self.index;
        let Occurs { min, max } = occurs;
        let Some(name) = node.attribute("ref") else {
            let element = self.element(node, false)?;
            let field = self.field(node, out, element)?;
            return Ok(Particle::Element { field, min, max });
        };
        let found = index.refer(Sort::Element, node, name)?;
        let mut parts = Vec::new();
        let mut waiting = vec![found];
        let mut seen = Vec::new();
        while let Some(placed) = waiting.pop() {
            let Some(name) = placed.attribute("name") else { continue };
            let id = (index.namespace(placed), Box::<str>::from(name));
            if seen.contains(&id) {
                continue;
            }
            self.particles += 1;
            waiting.extend(index.substitutes.get(&id).into_iter().flatten().rev());
            seen.push(id);
            if !yes(placed.attribute("abstract")) {
                let element = self.element(placed, true)?;
                let field = self.field(node, out, element)?;
                parts.push(Particle::Element { field, min: 1, max: Some(1) });
            }
        }
        match parts.as_slice() {
            [] => Err(index.complain(node, format!("`{name}` is abstract, and nothing stands for it"), "")),
            [Particle::Element { field, .. }] => Ok(Particle::Element { field: *field, min, max }),
            _ => Ok(Particle::Choice { min, max, parts }),
        }
    }

    /// The field of a child: the same for the same name.
    fn field(&self, node: Placed<'a>, out: &mut Complex, element: Element) -> Result<usize, Complaint> {
        if let Some(at) = out.fields.iter().position(|field| field.element.name == element.name) {
            let same = out.fields.get(at).is_some_and(|field| field.element.namespace == element.namespace);
            if same {
                return Ok(at);
            }
            let message =
                format!("two elements `{}` of different namespaces stand in one type", element.name);
            return Err(self.index.complain(node, message, "a mapping could not tell them apart"));
        }
        out.fields.push(Field { element, many: false, required: false });
        Ok(out.fields.len() - 1)
    }

    fn attributes(&mut self, node: Placed<'a>, out: &mut Complex, depth: usize) -> Result<(), Complaint> {
        let index = self.index;
        for part in node.parts() {
            match (part.tag(), part.attribute("ref")) {
                ("attributeGroup", Some(name)) => {
                    if depth > MAX_DEPTH {
                        return Err(index.complain(part, "the attribute group holds itself", ""));
                    }
                    let group = index.refer(Sort::AttributeGroup, part, name)?;
                    self.attributes(group, out, depth + 1)?;
                }
                ("attribute", _) => self.attribute(part, out)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn attribute(&mut self, node: Placed<'a>, out: &mut Complex) -> Result<(), Complaint> {
        let index = self.index;
        let reference = node.attribute("ref");
        if let Some(name) = reference {
            let (namespace, _) = index.qname(node, name);
            // `xml:lang` and the marks of SOAP's encoding belong to no service.
            if &*namespace == "http://www.w3.org/XML/1998/namespace" {
                return Ok(());
            }
            if &*namespace == "http://schemas.xmlsoap.org/soap/encoding/" {
                return Err(encoded(index, node));
            }
            if &*namespace == "http://www.w3.org/2005/05/xmlmime" {
                return Ok(());
            }
        }
        let declared = match reference {
            Some(name) => index.refer(Sort::Attribute, node, name)?,
            None => node,
        };
        let Some(name) = declared.attribute("name") else {
            return Err(index.complain(node, "the attribute has no name", ""));
        };
        let simple = match (declared.attribute("type"), declared.part("simpleType")) {
            (Some(named), _) => Arc::new(simple::named(index, declared, named, 0)?),
            (None, Some(inner)) => self.simple(inner)?,
            (None, None) => Arc::new(simple::built_in("string").unwrap_or_default()),
        };
        let qualified = reference.is_some() || self.qualified(node, "attributeFormDefault");
        let namespace = index.namespace(declared);
        let said = |word: &str| node.attribute(word).or_else(|| declared.attribute(word));
        let attribute = Attribute {
            name: name.into(),
            namespace: (qualified && !namespace.is_empty()).then_some(namespace),
            required: node.attribute("use") == Some("required"),
            simple,
            default: said("default").or_else(|| said("fixed")).map(Into::into),
        };
        if node.attribute("use") == Some("prohibited") {
            out.attributes.retain(|a| (&a.name, &a.namespace) != (&attribute.name, &attribute.namespace));
        } else {
            replace(&mut out.attributes, attribute);
        }
        Ok(())
    }
}

fn yes(said: Option<&str>) -> bool {
    matches!(said.map(str::trim), Some("true" | "1"))
}

/// Says of each field how often it stands in all.
fn count(complex: &mut Complex) {
    let mut totals = vec![(0, Some(0)); complex.fields.len()];
    for particle in &complex.children {
        let times = occurrences(particle, complex.fields.len());
        totals.iter_mut().zip(times).for_each(|(total, times)| *total = sum(*total, times));
    }
    for (field, (min, max)) in complex.fields.iter_mut().zip(totals) {
        field.element.min = u32::try_from(min).unwrap_or(u32::MAX);
        field.element.max = max.map(|max| u32::try_from(max).unwrap_or(u32::MAX));
        field.many = field.element.is_many();
        field.required = min > 0;
    }
}

fn sum(a: Times, b: Times) -> Times {
    (a.0.saturating_add(b.0), a.1.zip(b.1).map(|(a, b)| a.saturating_add(b)))
}

fn times(a: Times, min: u32, max: Option<u32>) -> Times {
    let upper = match (a.1, max) {
        (Some(0), _) => Some(0),
        (Some(a), Some(b)) => Some(a.saturating_mul(u64::from(b))),
        _ => None,
    };
    (a.0.saturating_mul(u64::from(min)), upper)
}

/// For each field, how often it stands in what the particle allows.
fn occurrences(particle: &Particle, fields: usize) -> Vec<Times> {
    let mut out = vec![(0, Some(0)); fields];
    let (min, max) = match particle {
        Particle::Element { field, min, max } => {
            if let Some(place) = out.get_mut(*field) {
                *place = (u64::from(*min), max.map(u64::from));
            }
            return out;
        }
        Particle::Sequence { min, max, parts } => {
            for part in parts {
                out.iter_mut().zip(occurrences(part, fields)).for_each(|(all, one)| *all = sum(*all, one));
            }
            (*min, *max)
        }
        Particle::Choice { min, max, parts } => {
            for (at, part) in parts.iter().enumerate() {
                for (all, one) in out.iter_mut().zip(occurrences(part, fields)) {
                    let least = if at == 0 { one.0 } else { all.0.min(one.0) };
                    *all = (least, all.1.zip(one.1).map(|(a, b)| a.max(b)));
                }
            }
            (*min, *max)
        }
    };
    for place in &mut out {
        *place = times(*place, min, max);
    }
    out
}
