//! What a resource promises, a binding keeps: each filter, each order and the total, by the source itself or by
//! looking through a stated number of rows. What can do neither does not load.

use super::Compiler;
use crate::{
    fault::mapping as m,
    plan::{
        Kind, MemberId,
        convert::Op,
        http::{
            Dialect, HttpMeans, List, Paging, Pushed,
            dialect::{FilterStyle, Several},
        },
        reading::{Fill, Reading},
        resource::Operator,
        sql::SqlMeans,
    },
    spec::{
        Doc,
        words::{self, binding::Field},
    },
};

impl Compiler<'_> {
    /// The members that lists are filtered and sorted by, parents included.
    fn promised(&self, resource: usize) -> (Vec<MemberId>, Vec<MemberId>) {
        let Some(draft) = self.drafts.get(resource) else { return (Vec::new(), Vec::new()) };
        let public = &draft.public;
        let parents = public.paths.iter().filter_map(|p| p.parent.map(|(_, member)| member));
        let filters = public.filters.iter().copied().chain(parents).collect();
        let sorts = public.sorts.iter().copied().chain(public.order.iter().map(|k| k.member)).collect();
        (filters, sorts)
    }

    pub(super) fn sql_promises(
        &mut self,
        doc: &Doc<words::Binding>,
        resource: usize,
        reading: &Reading,
        means: &SqlMeans,
    ) {
        let (filters, sorts) = self.promised(resource);
        let Some(draft) = self.drafts.get(resource) else { return };
        let contract = draft.contract.clone();
        for (mut members, what) in [(filters, "filtered"), (sorts, "sorted")] {
            members.sort_unstable();
            members.dedup();
            for id in members {
                let name = contract.get(id).map_or("", |mm| &mm.path).to_owned();
                let can = match reading.leaf(id).map(|leaf| &leaf.fill) {
                    Some(Fill::Slot(slot, chain)) if usize::from(*slot) < means.columns.len() => {
                        let codes = chain.read.iter().all(|op| {
                            matches!(
                                op,
                                Op::Number
                                    | Op::Truth
                                    | Op::Boolean
                                    | Op::Codes(_)
                                    | Op::Part(..)
                                    | Op::OneOf(_)
                            )
                        });
                        chain.keeps_order() || (what == "filtered" && codes)
                    }
                    _ => false,
                };
                if !can {
                    let hint = Some("keep it in a column of its own, in the public order".into());
                    let message = format!(
                        "the resource promises that it can be {what} by `{name}`, and this table cannot"
                    );
                    doc.error_at_key(self.out, m::PROMISE_BROKEN, &["fields", &name], message, hint);
                }
            }
        }
    }

    pub(super) fn http_promises(
        &mut self,
        doc: &Doc<words::Binding>,
        resource: usize,
        reading: &Reading,
        means: &mut HttpMeans,
        max_offset: Option<u64>,
    ) {
        let (mut filters, sorts) = self.promised(resource);
        let Some(draft) = self.drafts.get(resource) else { return };
        filters.extend(draft.public.through.iter().map(|through| through.member));
        filters.sort_unstable();
        filters.dedup();
        let (contract, key, numeric) = (draft.contract.clone(), draft.public.key, draft.public.numeric_key);
        let default = draft.public.order.clone();
        let picks: Vec<String> = means
            .fixed
            .iter()
            .filter(|fixed| !fixed.by_source)
            .map(|fixed| format!("pick by `{}`", fixed.path))
            .collect();
        let dialect = std::sync::Arc::clone(&means.dialect);
        let Some(list) = &mut means.list else { return };
        let order_said = |id: MemberId| {
            let name = contract.get(id).map_or("", |mm| &mm.path);
            matches!(doc.words.fields.get(name), Some(Field::Rule(rule)) if rule.order.is_some())
        };
        // An order that is not the public one is no help: then it is done here.
        let mut unlike = Vec::new();
        list.sorts.retain(|(id, _)| {
            let keeps = reading.leaf(*id).is_some_and(|leaf| match &leaf.fill {
                // A number that is shown as a text is ordered as the plain place would be.
                Fill::Slot(_, chain) => {
                    chain.keeps_order() || matches!(&chain.read[..], [] | [Op::Number, Op::Text])
                }
                _ => false,
            });
            let own = keeps && order_said(*id) == (numeric && *id == key);
            if !own {
                unlike.push(*id);
            }
            own
        });
        for id in unlike {
            let name = contract.get(id).map_or("", |mm| &mm.path);
            let message =
                format!("the source's order of `{name}` is not the public one, and is not asked for");
            let hint = "take it out; the rows are put in order here, `within` the bound; or correct `order` or the converters";
            let place = ["list", "sort", name];
            doc.warning(self.out, m::PROMISE_BROKEN, &place, message, Some(hint.into()));
        }
        // Nor can a source look for what has several forms there, or is a part of a text.
        list.filters.retain(|pushed| {
            reading.leaf(pushed.member).is_none_or(|leaf| match &leaf.fill {
                Fill::Slot(_, chain) => pushed.wide || chain.has_one_form(),
                Fill::Pick(..) => false,
                _ => true,
            })
        });
        let mut here: Vec<String> = picks;
        // What every list is asked with is what this source needs: it has to be told, always.
        let required = draft.public.asked_with();
        let severally: Vec<MemberId> = draft.public.through.iter().map(|through| through.member).collect();
        for id in &required {
            let name = contract.get(*id).map_or("", |mm| &mm.path);
            let told = asked_alone(list, *id, &dialect, severally.contains(id));
            if told.is_none_or(|left| !left.is_empty()) {
                let several =
                    if severally.contains(id) { ", for several values too (`each: true`)" } else { "" };
                let hint = format!("add `{name}` to `filter`{several}");
                let message = format!("every list is asked with `{name}`, and this binding does not use it");
                doc.error_at_key(self.out, m::PROMISE_BROKEN, &["list"], message, Some(hint));
            }
        }
        for id in &filters {
            let Some(member) = contract.get(*id) else { continue };
            let left = if required.contains(id) {
                asked_alone(list, *id, &dialect, severally.contains(id))
            } else if draft.public.filters.contains(id) {
                operators_left(list, *id, &member.kind, &dialect)
            } else {
                // A parent's key is one value, and nothing else.
                list.filters.iter().any(|p| p.member == *id).then(Vec::new)
            };
            match left {
                None => here.push(format!("filter by `{}`", member.path)),
                Some(_) if list.filters.iter().any(|p| p.member == *id && p.wide) => {
                    here.push(format!("filter by `{}` exactly", member.path));
                }
                Some(words) if !words.is_empty() => {
                    here.push(format!("filter by `{}` with {}", member.path, words.join(", ")));
                }
                Some(_) => {}
            }
        }
        let own = list.order == default;
        for id in &sorts {
            let pushed = list.sorts.iter().any(|(member, _)| member == id);
            let kept = own && default.iter().any(|k| k.member == *id) && !draft.public.sorts.contains(id);
            if !pushed && !kept {
                here.push(format!("sort by `{}`", contract.get(*id).map_or("", |mm| &mm.path)));
            }
        }
        if let Paging::Cursor { .. } = dialect.pages.style
            && max_offset.is_none()
        {
            let hint = Some("add `maxOffset: 10000` to the resource: how far an offset may walk".into());
            let message = "a cursor has to be walked to an offset, and the resource says no `maxOffset`";
            doc.error_at_key(self.out, m::PROMISE_BROKEN, &["list"], message, hint);
        }
        here.sort();
        here.dedup();
        if !here.is_empty() && list.within.is_none() {
            let hint = "let the source do it (`filter`, `sort`), or say `within: <rows>`, how many rows may be looked through for it";
            let message =
                format!("the resource promises what this source cannot do by itself: {}", here.join(", "));
            doc.error_at_key(self.out, m::PROMISE_BROKEN, &["list"], message, Some(hint.into()));
        }
        if list.complete.is_none() && list.given.iter().any(|given| !given) {
            let missing = reading.levels.first().map(|l| l.places.as_slice()).unwrap_or_default();
            let missing: Vec<String> = missing
                .iter()
                .zip(&list.given)
                .filter(|(_, given)| !**given)
                .map(|(p, _)| format!("`{p}`"))
                .collect();
            let hint = Some("add `complete: <call>`, or name them in the call's `gives`".into());
            let message = format!("the list does not give {}", missing.join(", "));
            doc.error_at_key(self.out, m::INPUT_MISSING, &["list"], message, hint);
        }
    }
}

/// What a source does not do of a filter that is always one equality: of one value, or of several.
fn asked_alone(list: &List, id: MemberId, dialect: &Dialect, several: bool) -> Option<Vec<&'static str>> {
    let pushed = list.filters.iter().find(|p| p.member == id)?;
    pushed.ways.iter().any(|(operator, ..)| *operator == Operator::Equal).then(|| {
        let left = several && !takes_several(pushed, dialect);
        if left { vec!["several values"] } else { Vec::new() }
    })
}

/// Whether a filter of the source takes several values of which any may match.
fn takes_several(pushed: &Pushed, dialect: &Dialect) -> bool {
    pushed.each
        || pushed.any.is_some()
        || match &dialect.filters.style {
            _ if pushed.target.is_some() => false,
            FilterStyle::Parameters { several } => *several != Several::No,
            FilterStyle::Objects { several } | FilterStyle::Terms { several, .. } => several.is_some(),
            FilterStyle::Expression { or, .. } => or.is_some(),
        }
}

/// The operators of a filter that the source does not do; `None` where it does not filter by this member at all.
fn operators_left(list: &List, id: MemberId, kind: &Kind, dialect: &Dialect) -> Option<Vec<&'static str>> {
    let pushed = list.filters.iter().find(|p| p.member == id)?;
    let ordered = !matches!(kind, Kind::Enum(_) | Kind::Boolean);
    let all: &[Operator] = if ordered { &OPERATORS } else { &OPERATORS[..2] };
    let does = |operator: &Operator| pushed.ways.iter().any(|(way, ..)| way == operator);
    let mut left: Vec<&'static str> = all
        .iter()
        .filter(|operator| !does(operator))
        .map(|operator| if *operator == Operator::Equal { "one value" } else { operator.word() })
        .collect();
    let several = takes_several(pushed, dialect);
    if !several {
        left.push("several values");
    }
    Some(left)
}

/// What the query can say, the two of every kind first.
const OPERATORS: [Operator; 6] = [
    Operator::Equal,
    Operator::NotEqual,
    Operator::Less,
    Operator::LessOrEqual,
    Operator::Greater,
    Operator::GreaterOrEqual,
];
