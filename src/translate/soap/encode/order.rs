//! The children of one element in the order of their type. Each field's values are taken one after another by the
//! places at which the field may stand, so that groups that repeat are interleaved, and a choice is what the value
//! has. What no place took is a fault.

use super::{Encoder, Problem, kind};
use crate::{
    plan::soap::{Complex, Field, Particle},
    value::Value,
};

pub(super) struct Order<'v> {
    complex: &'v Complex,
    /// Of each field, what has not been written yet.
    left: Vec<&'v [Value]>,
    taken: Vec<usize>,
    /// Fields of alternatives that were not chosen, with one that was.
    beside: Vec<(usize, usize)>,
}

impl<'v> Order<'v> {
    pub fn new(encoder: &Encoder<'_>, complex: &'v Complex, value: &'v Value) -> Result<Self, Problem> {
        let mut left = Vec::with_capacity(complex.fields.len());
        for field in &complex.fields {
            left.push(values(encoder, field, value.get(&field.element.name))?);
        }
        Ok(Self { taken: vec![0; left.len()], complex, left, beside: Vec::new() })
    }

    pub fn write(mut self, encoder: &mut Encoder<'_>) -> Result<(), Problem> {
        let complex = self.complex;
        for particle in &complex.children {
            self.particle(encoder, particle)?;
        }
        for (at, field) in complex.fields.iter().enumerate() {
            let unwritten = self.rest(at).iter().any(|value| !value.is_null());
            if !unwritten {
                continue;
            }
            let place = encoder.below(&field.element.name);
            let chosen = self.beside.iter().find(|(other, _)| *other == at);
            if let Some(other) = chosen.and_then(|(_, chosen)| complex.fields.get(*chosen)) {
                return Err(Problem::Both { place, other: encoder.below(&other.element.name) });
            }
            return Err(Problem::TooMany { place, max: field.element.max.unwrap_or(u32::MAX) });
        }
        Ok(())
    }

    fn rest(&self, field: usize) -> &'v [Value] {
        self.left.get(field).copied().unwrap_or_default()
    }

    fn particle(&mut self, encoder: &mut Encoder<'_>, particle: &'v Particle) -> Result<(), Problem> {
        match particle {
            Particle::Element { field, min, max } => self.element(encoder, *field, *min, *max),
            Particle::Sequence { min, max, parts } => {
                let mut round = 0;
                while max.is_none_or(|max| round < max) && (round < *min || self.waits(parts)) {
                    let before = self.waiting(parts);
                    for part in parts {
                        self.particle(encoder, part)?;
                    }
                    round += 1;
                    // A round that takes nothing would be followed by others like it.
                    if self.waiting(parts) == before {
                        break;
                    }
                }
                Ok(())
            }
            Particle::Choice { min, max, parts } => self.choice(encoder, parts, *min, *max),
        }
    }

    fn element(
        &mut self,
        encoder: &mut Encoder<'_>,
        at: usize,
        min: u32,
        max: Option<u32>,
    ) -> Result<(), Problem> {
        let Some(field) = self.complex.fields.get(at) else { return Ok(()) };
        let rest = self.rest(at);
        let count = max.map_or(rest.len(), |max| rest.len().min(max as usize));
        let (now, later) = rest.split_at_checked(count).unwrap_or_default();
        if now.len() < min as usize {
            return Err(Problem::Missing { place: encoder.below(&field.element.name) });
        }
        for value in now {
            let index = self.taken.get(at).copied().unwrap_or_default();
            let name = &field.element.name;
            encoder.place.push(if field.many { format!("{name}[{index}]") } else { name.to_string() });
            encoder.element(&field.element, value)?;
            encoder.place.pop();
            if let Some(taken) = self.taken.get_mut(at) {
                *taken += 1;
            }
        }
        if let Some(place) = self.left.get_mut(at) {
            *place = later;
        }
        Ok(())
    }

    fn choice(
        &mut self,
        encoder: &mut Encoder<'_>,
        parts: &'v [Particle],
        min: u32,
        max: Option<u32>,
    ) -> Result<(), Problem> {
        let mut round = 0;
        while max.is_none_or(|max| round < max) {
            // The alternative that has most of what is there: two may begin with the same element. Null counts
            // only where nothing else does.
            let best = |nulls: bool| {
                let counted = parts.iter().map(|part| (self.present(part, nulls), part));
                counted.filter(|(count, _)| *count > 0).reduce(|a, b| if b.0 > a.0 { b } else { a })
            };
            let Some((_, chosen)) = best(false).or_else(|| best(true)) else {
                if round < min && !parts.iter().any(empty) {
                    let names: Vec<String> = parts.iter().filter_map(|part| self.first(part)).collect();
                    return Err(Problem::None { place: encoder.at(), names: names.join(", ") });
                }
                break;
            };
            let before = self.waiting(parts);
            self.particle(encoder, chosen)?;
            round += 1;
            let within = fields(chosen);
            if let Some(one) = within.first() {
                let others = parts.iter().flat_map(fields).filter(|field| !within.contains(field));
                self.beside.extend(others.map(|other| (other, *one)));
            }
            if self.waiting(parts) == before {
                break;
            }
        }
        Ok(())
    }

    /// How many fields of a particle have values left.
    fn present(&self, particle: &Particle, nulls: bool) -> usize {
        let has = |at: &usize| self.rest(*at).iter().any(|value| nulls || !value.is_null());
        let mut found = fields(particle);
        found.sort_unstable();
        found.dedup();
        found.iter().filter(|at| has(at)).count()
    }

    fn waits(&self, parts: &[Particle]) -> bool {
        parts.iter().any(|part| self.present(part, true) > 0)
    }

    fn waiting(&self, parts: &[Particle]) -> usize {
        parts.iter().flat_map(fields).map(|at| self.rest(at).len()).sum()
    }

    fn first(&self, particle: &Particle) -> Option<String> {
        let at = fields(particle).into_iter().next()?;
        Some(format!("`{}`", self.complex.fields.get(at)?.element.name))
    }
}

/// The values of a field: none, one, or those of a list.
fn values<'v>(
    encoder: &Encoder<'_>,
    field: &Field,
    value: Option<&'v Value>,
) -> Result<&'v [Value], Problem> {
    let place = || encoder.below(&field.element.name);
    match value {
        None => Ok(&[]),
        Some(Value::Null) if field.many || !field.element.nillable => Ok(&[]),
        Some(Value::List(items)) if field.many => Ok(items),
        Some(list @ Value::List(_)) => {
            Err(Problem::Misfit { place: place(), found: kind(list), expected: "a single value".into() })
        }
        Some(other) if field.many => {
            Err(Problem::Misfit { place: place(), found: kind(other), expected: "a list".into() })
        }
        Some(one) => Ok(std::slice::from_ref(one)),
    }
}

/// The fields of a particle, in its order.
fn fields(particle: &Particle) -> Vec<usize> {
    match particle {
        Particle::Element { field, .. } => vec![*field],
        Particle::Sequence { parts, .. } | Particle::Choice { parts, .. } => {
            parts.iter().flat_map(fields).collect()
        }
    }
}

/// Whether a particle may stand for nothing.
fn empty(particle: &Particle) -> bool {
    match particle {
        Particle::Element { min, .. } => *min == 0,
        Particle::Sequence { min, parts, .. } => *min == 0 || parts.iter().all(empty),
        Particle::Choice { min, parts, .. } => *min == 0 || parts.iter().any(empty),
    }
}
