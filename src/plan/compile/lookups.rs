//! Look-ups: each wish is joined with the binding whose records explain the key, and circles are refused.

use super::{Compiler, Half, Wish, calls};
use crate::{
    fault::{mapping as m, nearest::cure},
    pace::breathe,
    plan::{Binding, Lookup, LookupId, Means},
    value::path::Path,
};
use std::{collections::BTreeMap, sync::Arc};

impl Compiler<'_> {
    /// The number of a look-up; the same wish has the same number.
    pub(super) fn wish(&mut self, wish: Wish) -> LookupId {
        let same = |known: &Wish| {
            known.api_id == wish.api_id
                && known.source == wish.source
                && known.table == wish.table
                && known.by == wish.by
                && known.give == wish.give
                && known.asked_by == wish.asked_by
        };
        if let Some(at) = self.wishes.iter().position(same) {
            return at;
        }
        self.wishes.push(wish);
        self.wishes.len() - 1
    }

    /// Completes the bindings with what look-ups read from them, and joins the look-ups.
    pub(super) fn join(&mut self, mut halves: Vec<Option<Half>>) -> (super::Bindings, Vec<Lookup>) {
        let wishes = self.wishes.clone();
        let mut targets = Vec::new();
        for wish in &wishes {
            breathe();
            targets.push(self.target(wish, &mut halves));
        }
        self.circles(&wishes, &targets);
        // A look-up's key may be a place that no field reads: what a list gives is counted anew.
        for half in halves.iter_mut().flatten() {
            breathe();
            if let Means::Http(means) = &mut half.means
                && let Some(list) = &mut means.list
            {
                list.given = calls::given(&half.reading, &list.call);
            }
        }
        let bindings: super::Bindings = halves
            .into_iter()
            .map(|half| {
                half.map(|h| {
                    let Half { resource, source, name, file, reading, writing, means } = h;
                    (resource, Arc::new(Binding { name, file, source, reading, writing, means }))
                })
            })
            .collect();
        let mut lookups: Vec<Lookup> = Vec::new();
        let mut tables: Vec<(usize, u16, u16)> = Vec::new();
        for (wish, target) in wishes.iter().zip(targets) {
            let Some((place, slot, give)) = target else { continue };
            let Some(Some((resource, binding))) = bindings.get(place) else { continue };
            tables.push((place, slot, give));
            let table = tables.iter().position(|known| *known == (place, slot, give)).unwrap_or_default();
            let fresh = self.drafts.get(*resource).and_then(|d| d.doc.words.fresh);
            let most = match &binding.means {
                Means::Http(http) => http.list.as_ref().and_then(|l| l.within).unwrap_or(10_000),
                _ => 10_000,
            };
            lookups.push(Lookup {
                name: wish.table.clone(),
                table,
                resource: *resource,
                binding: Arc::clone(binding),
                by: slot,
                give,
                fresh: fresh.map_or(std::time::Duration::from_mins(5), |s| s.0),
                most,
            });
        }
        (bindings, lookups)
    }

    fn target(&mut self, wish: &Wish, halves: &mut [Option<Half>]) -> Option<(usize, u16, u16)> {
        let bound = self.files.bindings.get(wish.asked_by)?;
        let doc = &bound.doc;
        let place: Vec<&str> = wish.place.iter().map(String::as_str).collect();
        let at = |key: &'static str| [place.as_slice(), &[key]].concat();
        let Some(resource) = self.draft(&wish.api_id, &wish.table) else {
            if !self.is_broken(&wish.table) {
                let names = self
                    .drafts
                    .iter()
                    .filter(|d| d.api_id == wish.api_id)
                    .map(|d| d.doc.words.resource.as_str());
                let hint = Some(cure(&wish.table, names));
                doc.error(
                    self.out,
                    m::BAD_LOOKUP,
                    &at("in"),
                    format!("there is no resource `{}`", wish.table),
                    hint,
                );
            }
            return None;
        };
        let found = halves
            .iter()
            .position(|h| h.as_ref().is_some_and(|h| h.resource == resource && h.source == wish.source));
        let Some(found) = found else {
            let broken = self
                .files
                .bindings
                .iter()
                .zip(halves.iter())
                .any(|(b, h)| h.is_none() && b.doc.words.binds == wish.table);
            if !broken && !self.is_broken(&wish.table) {
                let hint = Some(format!("write a binding of `{}` on the same source", wish.table));
                let message = format!("`{}` has no binding on this source", wish.table);
                doc.error(self.out, m::BAD_LOOKUP, &at("in"), message, hint);
            }
            return None;
        };
        let contract = self.drafts.get(resource).map(|d| Arc::clone(&d.contract))?;
        let Some(give) = contract.find(&wish.give).map(|mm| mm.id) else {
            let hint = Some(cure(&wish.give, contract.names()));
            doc.error(
                self.out,
                m::BAD_LOOKUP,
                &at("give"),
                format!("`{}` has no member `{}`", wish.table, wish.give),
                hint,
            );
            return None;
        };
        let half = halves.get_mut(found)?.as_mut()?;
        let path = match &half.means {
            Means::Sql(_) => Ok(Path::name(&wish.by)),
            _ => Path::parse(&wish.by).map_err(|wrong| wrong.to_string()),
        };
        let known = half.reading.levels.first().map(|l| l.places.clone()).unwrap_or_default();
        let reached = match (&path, &half.means) {
            (Ok(path), Means::Http(http)) => {
                let gives = http.list.as_ref().and_then(|l| l.call.gives.clone());
                known.contains(path)
                    || gives.is_none_or(|g| path.head().is_some_and(|h| g.iter().any(|n| n == h)))
            }
            (Ok(path), _) => known.contains(path),
            (Err(_), _) => false,
        };
        let Some(path) = path.ok().filter(|_| reached) else {
            let names: Vec<String> = known.iter().map(ToString::to_string).collect();
            let hint = Some(cure(&wish.by, names.iter().map(String::as_str)));
            let message = format!("a row of `{}` has no place `{}`", wish.table, wish.by);
            doc.error(self.out, m::BAD_LOOKUP, &at("by"), message, hint);
            return None;
        };
        Some((found, half.reading.slot(0, 0, &path), give))
    }

    /// A table that needs itself to be filled can never be.
    fn circles(&mut self, wishes: &[Wish], targets: &[Option<(usize, u16, u16)>]) {
        let mut edges: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (at, (wish, target)) in wishes.iter().zip(targets).enumerate() {
            if let Some((to, ..)) = target {
                edges.entry(wish.asked_by).or_default().push((*to, at));
            }
        }
        for (at, wish) in wishes.iter().enumerate() {
            let Some(Some((start, ..))) = targets.get(at) else { continue };
            let mut seen = vec![*start];
            let mut next = vec![*start];
            while let Some(here) = next.pop() {
                for (to, _) in edges.get(&here).into_iter().flatten() {
                    if !seen.contains(to) {
                        seen.push(*to);
                        next.push(*to);
                    }
                }
            }
            if seen.contains(&wish.asked_by)
                && let Some(bound) = self.files.bindings.get(wish.asked_by)
            {
                let place: Vec<&str> = wish.place.iter().map(String::as_str).chain(["in"]).collect();
                let message =
                    format!("looking up `{}` needs this resource's own records: a circle", wish.table);
                let hint = Some("take the value from a place of the record, or from a `codes` table".into());
                bound.doc.error(self.out, m::LOOKUP_CYCLE, &place, message, hint);
            }
        }
    }
}
