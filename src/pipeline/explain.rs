//! What a request would call, without calling it: the road up to where a backend would be asked.

use super::{
    Instance,
    arrive::Arrived,
    authorize::{Held, Permit, authorize},
    execute::restrict,
    route::{self, Routed, To},
    select, validate,
    validate::Asked,
};
use crate::{
    backend::{Ask, Subject, explain::Step, explain::Write, sources},
    fault::{Fault, code},
    identity::Caller,
    plan::{LookupId, MemberId, Resource, Selection, resource::Operation, shortcut},
    translate::{
        Surroundings,
        compare::{Filter, Operator},
    },
    value::time::Date,
};
use bytes::Bytes;
use std::sync::Arc;

/// A request explained.
#[derive(Debug, Default)]
pub struct Explanation {
    /// What is done, for people: `list pets`.
    pub title: String,
    /// The members that are asked for.
    pub fields: Vec<String>,
    pub steps: Vec<Group>,
}

/// Steps that belong together.
#[derive(Debug)]
pub struct Group {
    pub title: String,
    pub steps: Vec<Step>,
}

/// Explains a request. A body is checked as on the road, where one is given.
pub fn explain(
    instance: &Instance,
    head: &http::request::Parts,
    body: Option<Bytes>,
    caller: Arc<Caller>,
) -> Result<Explanation, Fault> {
    let plan = &instance.plan;
    let mut routed = Routed { caller, ..route::route(plan, Arrived::of(head)?)? };
    // The moment matters to conditions alone, and what they would say later is not explained.
    authorize(&mut routed, crate::value::time::Moment { seconds: 0, nanos: 0 })?;
    let sent = match routed.operation {
        Operation::Create | Operation::Replace | Operation::Patch => {
            Some(body.unwrap_or_else(|| Bytes::from_static(b"{}")))
        }
        _ => None,
    };
    let without_body = sent.as_deref() == Some(b"{}");
    let validated = match validate::validate(plan, routed, sent) {
        Ok(validated) => validated,
        Err(fault) if without_body => {
            return Err(Fault {
                message: format!("{} Give the body with `--body`.", fault.message),
                ..fault
            });
        }
        Err(fault) => return Err(fault),
    };
    let selected = select::select(plan, validated)?;
    let routed = &selected.validated.routed;
    let work = Work {
        instance,
        writes: routed.operation.is_write(),
        around: Surroundings {
            today: Date { year: 1970, month: 1, day: 1 },
            lookups: vec![None; plan.lookups.len()],
        },
    };
    let mut out = Explanation::default();
    match routed.to {
        To::Shortcut(shortcut) => {
            out.title = format!("shortcut {}", shortcut.name);
            out.fields =
                selected.selection.names(&shortcut.contract).into_iter().map(str::to_owned).collect();
            work.shortcut(&mut out, shortcut, &routed.parameters, &selected.selection)?;
        }
        To::Resource(resource, path) => {
            out.title = format!("{} {}", format!("{:?}", routed.operation).to_lowercase(), resource.name);
            out.fields =
                selected.selection.names(&resource.contract).into_iter().map(str::to_owned).collect();
            work.resource(&mut out, &selected, resource, path)?;
        }
    }
    logins_once(&mut out);
    Ok(out)
}

/// A session that was made for one call serves the others.
fn logins_once(out: &mut Explanation) {
    let mut seen: Vec<String> = Vec::new();
    for group in &mut out.steps {
        group.steps.retain(|step| {
            let again = step.login && seen.contains(&step.source);
            if step.login {
                seen.push(step.source.clone());
            }
            !again
        });
    }
}

struct Work<'i> {
    instance: &'i Instance,
    around: Surroundings,
    /// Whether it is for a write, which believes nothing that is kept.
    writes: bool,
}

impl Work<'_> {
    fn resource(
        &self,
        out: &mut Explanation,
        selected: &select::Selected<'_>,
        resource: &Resource,
        path: usize,
    ) -> Result<(), Fault> {
        let routed = &selected.validated.routed;
        let parent = resource.paths.get(path).and_then(|p| p.parent);
        match (routed.operation, &selected.validated.asked) {
            (Operation::List, Asked::List { filters, through, order, limit, offset, count, .. }) => {
                let mut filters = filters.clone();
                for (number, value) in through {
                    filters.extend(self.through(out, resource, *number, value)?);
                }
                if let (Some((_, member)), Some(value)) = (parent, routed.parameters.first()) {
                    filters.push(Filter { member, operator: Operator::Equal, values: vec![value.clone()] });
                }
                self.narrowed(out, routed, resource, &mut filters)?;
                let ask = Ask {
                    selection: &selected.selection,
                    filters: &filters,
                    order,
                    limit: *limit,
                    offset: *offset,
                    count: *count,
                    whole: false,
                };
                self.list(out, resource, &ask)?;
            }
            (Operation::Read, _) => {
                self.read(out, resource, routed.key(), &selected.selection, "the record")?;
            }
            (operation, _) => {
                let key = (operation != Operation::Create).then(|| routed.key());
                if let Some(key) = key {
                    self.read(out, resource, key, &resource.all, "the record as it stands")?;
                }
                for (_, target) in &resource.references {
                    if let Some(target) = self.instance.plan.resource(*target) {
                        out.steps.push(Group {
                            title: format!(
                                "whether the {} exist that it points to, where they are new",
                                target.name
                            ),
                            steps: Vec::new(),
                        });
                    }
                }
                let write = match operation {
                    Operation::Create => Write::Create,
                    Operation::Delete => Write::Delete,
                    _ => Write::Replace,
                };
                let subject = Subject { resource, binding: &resource.binding };
                let steps =
                    self.instance.sources.of(resource.binding.source)?.explain_write(subject, key, write);
                out.steps.push(Group { title: "the write".into(), steps });
                if operation != Operation::Delete {
                    self.read(
                        out,
                        resource,
                        key.unwrap_or("{new key}"),
                        &resource.all,
                        "the record as it is then",
                    )?;
                }
            }
        }
        if let Some((owner, _)) = parent
            && let Some(owner) = self.instance.plan.resource(owner)
        {
            let mut selection = Selection::none(&owner.contract);
            selection.add(&owner.contract, owner.key);
            let key = routed.parameters.first().map_or("", String::as_str);
            let why = if self.instance.plan.is_doubtful(resource, path) {
                "whether the parent exists, at the same time"
            } else {
                "whether the parent exists, only where the answer leaves it open"
            };
            self.read(out, owner, key, &selection, why)?;
        }
        Ok(())
    }

    /// Which records of another resource a value means; the filter that is made of them has a stand-in.
    fn through(
        &self,
        out: &mut Explanation,
        resource: &Resource,
        number: usize,
        value: &str,
    ) -> Result<Option<Filter>, Fault> {
        let Some(through) = resource.through.get(number) else { return Ok(None) };
        let Some(other) = self.instance.plan.resource(through.other) else { return Ok(None) };
        let meant = crate::pipeline::execute::through::meant(other, through, value);
        let values = match meant {
            Some((member, key)) if member == other.key => {
                let mut selection = Selection::none(&other.contract);
                selection.add(&other.contract, other.key);
                self.read(out, other, &key, &selection, &format!("whether `{}` is there", through.name))?;
                vec![key]
            }
            Some((member, wanted)) => {
                let mut selection = Selection::none(&other.contract);
                selection.add(&other.contract, other.key);
                let filters = [Filter { member, operator: Operator::Equal, values: vec![wanted] }];
                let limit = through.most + 1;
                let order = &other.order;
                let ask = Ask {
                    selection: &selection,
                    filters: &filters,
                    order,
                    limit,
                    offset: 0,
                    count: false,
                    whole: false,
                };
                let title =
                    format!("which {} `{}` means, and then for each of them:", other.name, through.name);
                out.steps.push(Group { title, steps: Vec::new() });
                self.list(out, other, &ask)?;
                vec!["KEY".to_owned()]
            }
            None => Vec::new(),
        };
        Ok(Some(Filter { member: through.member, operator: Operator::Equal, values }))
    }

    /// What a list is narrowed to, and what has to be asked for it.
    fn narrowed(
        &self,
        out: &mut Explanation,
        routed: &Routed<'_>,
        resource: &Resource,
        filters: &mut Vec<Filter>,
    ) -> Result<(), Fault> {
        let permit = &routed.permit;
        for (member, values) in permit.having {
            restrict(filters, *member, values);
        }
        match &permit.rows {
            Held::All => {}
            Held::Own(member, value) => _ = restrict(filters, *member, &[value.to_string()]),
            Held::Through(all) => {
                for through in *all {
                    let Some(other) = self.instance.plan.resource(through.resource) else { continue };
                    let mut selection = Selection::none(&other.contract);
                    selection.add(&other.contract, through.by);
                    let mut theirs = Vec::new();
                    for (member, values) in &through.having {
                        restrict(&mut theirs, *member, values);
                    }
                    if let Some(Held::Own(member, value)) = permit
                        .role
                        .and_then(|role| Permit::of_role(other, &routed.caller, role))
                        .map(|p| p.rows)
                    {
                        restrict(&mut theirs, member, &[value.to_string()]);
                    }
                    let ask = Ask {
                        selection: &selection,
                        filters: &theirs,
                        order: &other.order,
                        limit: 1001,
                        offset: 0,
                        count: false,
                        whole: true,
                    };
                    out.steps.push(Group {
                        title: format!("what leads the caller to `{}`", resource.name),
                        steps: Vec::new(),
                    });
                    self.list(out, other, &ask)?;
                    restrict(filters, through.member, &["KEY".to_owned()]);
                }
            }
        }
        Ok(())
    }

    /// What is said of a question whose answer may be there already.
    fn kept(&self, resource: &Resource) -> String {
        let Some(kept) = resource.caching.kept().filter(|_| !self.writes) else { return String::new() };
        format!(", only where {}", kept.told())
    }

    fn list(&self, out: &mut Explanation, resource: &Resource, ask: &Ask<'_>) -> Result<(), Fault> {
        let subject = Subject { resource, binding: &resource.binding };
        let order: Vec<MemberId> = ask.order.iter().map(|k| k.member).collect();
        self.lookups(out, &sources::lookups(subject, ask.selection, ask.filters, &order))?;
        let steps =
            self.instance.sources.of(resource.binding.source)?.explain_list(subject, ask, &self.around);
        out.steps.push(Group {
            title: format!(
                "{} through the binding `{}`{}",
                resource.name,
                resource.binding.name,
                self.kept(resource)
            ),
            steps,
        });
        Ok(())
    }

    fn read(
        &self,
        out: &mut Explanation,
        resource: &Resource,
        key: &str,
        selection: &Selection,
        what: &str,
    ) -> Result<(), Fault> {
        let subject = Subject { resource, binding: &resource.binding };
        self.lookups(out, &sources::lookups(subject, selection, &[], &[]))?;
        let steps = self.instance.sources.of(resource.binding.source)?.explain_read(subject, key, selection);
        out.steps.push(Group {
            title: format!(
                "{what}: {} through the binding `{}`{}",
                resource.name,
                resource.binding.name,
                self.kept(resource)
            ),
            steps,
        });
        Ok(())
    }

    /// The fills of look-ups, each once.
    fn lookups(&self, out: &mut Explanation, wanted: &[LookupId]) -> Result<(), Fault> {
        for id in wanted {
            let missing = || Fault::plain(&code::INTERNAL).detail("a look-up is not in the plan");
            let lookup = self.instance.plan.lookups.get(*id).ok_or_else(missing)?;
            let resource = self.instance.plan.resource(lookup.resource).ok_or_else(missing)?;
            let kept = if self.instance.sources.tables.is_kept(&self.instance.plan, *id) {
                "it is kept now"
            } else {
                "it is not kept now"
            };
            let title = format!(
                "look-up `{}`, only where it is not kept (for {} min; {kept})",
                lookup.name,
                lookup.fresh.as_secs() / 60
            );
            if out.steps.iter().any(|g| g.title == title) {
                continue;
            }
            let mut selection = Selection::none(&resource.contract);
            selection.add(&resource.contract, lookup.give);
            let order = [crate::plan::resource::SortKey { member: resource.key, descending: false }];
            let ask = Ask {
                selection: &selection,
                filters: &[],
                order: &order,
                limit: lookup.most + 1,
                offset: 0,
                count: false,
                whole: true,
            };
            let subject = Subject { resource, binding: &lookup.binding };
            let steps =
                self.instance.sources.of(lookup.binding.source)?.explain_list(subject, &ask, &self.around);
            out.steps.push(Group { title, steps });
        }
        Ok(())
    }

    fn shortcut(
        &self,
        out: &mut Explanation,
        shortcut: &shortcut::Shortcut,
        parameters: &[String],
        selection: &Selection,
    ) -> Result<(), Fault> {
        let all = &self.instance.plan.resources;
        let missing = || Fault::plain(&code::INTERNAL).detail("a part's resource is not in the plan");
        let resources: Vec<&Resource> = shortcut
            .parts
            .iter()
            .map(|p| all.get(p.resource).map(|r| &**r).ok_or_else(missing))
            .collect::<Result<_, _>>()?;
        let wanted = shortcut.asked(all, selection);
        for ((part, resource), wanted) in shortcut.parts.iter().zip(resources).zip(wanted.iter()) {
            let Some(selection) = wanted else { continue };
            let names: Vec<&str> =
                part.needs.iter().filter_map(|n| shortcut.parts.get(*n)).map(|p| p.name.as_str()).collect();
            let after =
                if names.is_empty() { "at once".to_owned() } else { format!("after {}", names.join(", ")) };
            let need = if part.required { "required" } else { "optional" };
            let condition = if part.when.is_some() { ", only where its condition holds" } else { "" };
            out.steps.push(Group {
                title: format!("part `{}` ({need}, {after}{condition})", part.name),
                steps: Vec::new(),
            });
            match &part.ask {
                shortcut::Ask::Read(input, _) => {
                    let key = match input {
                        shortcut::Input::Parameter(at) => parameters.get(*at).cloned().unwrap_or_default(),
                        shortcut::Input::Member(_) => "KEY".to_owned(),
                    };
                    self.read(out, resource, &key, selection, &format!("`{}`", part.name))?;
                }
                shortcut::Ask::List { limit, .. } => {
                    let ask = Ask {
                        selection,
                        filters: &[],
                        order: &resource.order,
                        limit: *limit,
                        offset: 0,
                        count: false,
                        whole: false,
                    };
                    self.list(out, resource, &ask)?;
                }
            }
        }
        Ok(())
    }
}
