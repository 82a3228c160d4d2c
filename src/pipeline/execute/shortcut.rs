//! Shortcuts: the graph of parts at work. A part begins as soon as what it needs is there; what nobody asked
//! for is not fetched; what is optional and missing is named.

use super::{
    Run,
    held::{self, Narrowed},
};
use crate::{
    backend::{Answer, Ask},
    boxed::boxed,
    fault::{Code, Fault, code},
    pipeline::{
        audit::{self, Watch},
        authorize::Permit,
    },
    plan::{
        MemberId, Resource, Selection, Shortcut,
        resource::{Operation, SortKey},
        shortcut::{self, Input, PartMember},
    },
    translate::compare::{Filter, Operator},
    value::Brief,
};
use futures_util::stream::{FuturesUnordered, StreamExt};

/// A shortcut's parts, as far as they could be had.
#[derive(Debug)]
pub struct Composed<'p> {
    pub shortcut: &'p Shortcut,
    pub parts: Vec<PartState<'p>>,
}

#[derive(Debug)]
pub enum PartState<'p> {
    Have {
        resource: &'p Resource,
        answer: Answer,
        /// What exists of it for the caller.
        view: Selection,
    },
    /// Not asked for, or its condition does not hold.
    Skipped,
    Missing(&'static Code),
}

impl Composed<'_> {
    /// A truth of a part; what is not there is not true.
    pub fn truth(&self, member: PartMember) -> Result<bool, Fault> {
        Ok(truth_of(self.parts.get(member.part), member.member)? == Some(true))
    }
}

fn text_of(state: Option<&PartState<'_>>, member: MemberId) -> Result<Option<Brief>, Fault> {
    match state {
        Some(PartState::Have { resource, answer, .. }) => answer.member(Run::subject(resource), 0, member),
        _ => Ok(None),
    }
}

fn truth_of(state: Option<&PartState<'_>>, member: MemberId) -> Result<Option<bool>, Fault> {
    Ok(text_of(state, member)?.map(|text| text == "true"))
}

pub(super) async fn compose<'p>(
    run: &Run<'p>,
    shortcut: &'p Shortcut,
    parameters: &[String],
    selection: &Selection,
    watch: &Watch,
) -> Result<Composed<'p>, Fault> {
    let all = &run.instance.plan.resources;
    let missing = || Fault::plain(&code::INTERNAL).detail("a part's resource is not in the plan");
    let resources: Vec<&'p Resource> = shortcut
        .parts
        .iter()
        .map(|part| all.get(part.resource).map(|r| &**r).ok_or_else(missing))
        .collect::<Result<_, _>>()?;
    let asked = shortcut.asked(all, selection);
    let named = |(asked, resource): (&Option<Selection>, &&Resource)| {
        asked.as_ref().map(|asked| audit::named(watch, resource, asked))
    };
    let wanted: Vec<Option<Selection>> = asked.iter().zip(&resources).map(named).collect();
    let mut states: Vec<Option<PartState<'p>>> = Vec::new();
    for selection in &wanted {
        states.push(selection.is_none().then_some(PartState::Skipped));
    }
    let mut under_way = FuturesUnordered::new();
    let mut begun = vec![false; shortcut.parts.len()];
    loop {
        for (at, part) in shortcut.parts.iter().enumerate() {
            let open = states.get(at).is_some_and(Option::is_none) && !begun.get(at).copied().unwrap_or(true);
            let ready = part.needs.iter().all(|need| states.get(*need).is_some_and(Option::is_some));
            let (true, true, Some(Some(selection)), Some(resource)) =
                (open, ready, wanted.get(at), resources.get(at))
            else {
                continue;
            };
            if let Some(place) = begun.get_mut(at) {
                *place = true;
            }
            let question = question(part, parameters, &states)?;
            // In a box: it is handed on three times until it lies among the others.
            let fetch = || async move { (at, fetch(run, resource, part, question, selection).await) };
            under_way.push(boxed(fetch));
        }
        let Some((at, outcome)) = under_way.next().await else { break };
        let Some(part) = shortcut.parts.get(at) else { continue };
        let state = match outcome {
            Ok(state @ PartState::Missing(code)) => {
                if part.required {
                    return Err(Fault::plain(code));
                }
                state
            }
            Ok(state) => state,
            Err(fault) if part.required => return Err(fault),
            Err(fault) => {
                tracing::warn!(part = %part.name, code = fault.code.id, detail = fault.detail.as_deref(), "an optional part is missing");
                PartState::Missing(fault.code)
            }
        };
        if let Some(place) = states.get_mut(at) {
            *place = Some(state);
        }
    }
    let parts = states.into_iter().map(|s| s.unwrap_or(PartState::Skipped)).collect();
    Ok(Composed { shortcut, parts })
}

/// A part's inputs, taken from the path and from parts that are there.
enum Question {
    /// Its condition does not hold, or what it is found by is not there.
    Skip,
    Read(String, Vec<(MemberId, String)>),
    List(Vec<(MemberId, String)>, u32),
}

fn question(
    part: &shortcut::Part,
    parameters: &[String],
    states: &[Option<PartState<'_>>],
) -> Result<Question, Fault> {
    let state = |at: usize| states.get(at).and_then(Option::as_ref);
    if let Some(when) = part.when
        && truth_of(state(when.part), when.member)? != Some(true)
    {
        return Ok(Question::Skip);
    }
    let value = |input: &Input| match input {
        Input::Parameter(at) => Ok(parameters.get(*at).cloned()),
        Input::Member(member) => Ok(text_of(state(member.part), member.member)?.map(String::from)),
    };
    // Nothing where a value of one is not there.
    let conditions = |having: &[(MemberId, Input)]| -> Result<Option<Vec<(MemberId, String)>>, Fault> {
        let all = having.iter().map(|(member, input)| Ok(value(input)?.map(|value| (*member, value))));
        all.collect::<Result<Option<Vec<_>>, Fault>>()
    };
    Ok(match &part.ask {
        shortcut::Ask::Read(input, having) => match (value(input)?, conditions(having)?) {
            (Some(key), Some(conditions)) => Question::Read(key, conditions),
            _ => Question::Skip,
        },
        shortcut::Ask::List { having, limit } => {
            conditions(having)?.map_or(Question::Skip, |conditions| Question::List(conditions, *limit))
        }
    })
}

async fn fetch<'p>(
    run: &Run<'p>,
    resource: &'p Resource,
    part: &shortcut::Part,
    question: Question,
    selection: &Selection,
) -> Result<PartState<'p>, Fault> {
    let operation = match question {
        // What an answer cannot be without is missing then; all else is left out.
        Question::Skip if part.required => return Ok(PartState::Missing(&code::NO_RECORD)),
        Question::Skip => return Ok(PartState::Skipped),
        Question::Read(..) => Operation::Read,
        Question::List(..) => Operation::List,
    };
    let permit = Permit::of(resource, &run.caller, operation)?;
    permit.stands(&run.caller, operation, run.journey.now)?;
    let view = permit.view.clone().into_owned();
    match question {
        Question::Skip => Ok(PartState::Skipped),
        Question::Read(key, conditions) => {
            let guarded = permit.guarded(selection, resource);
            let Some(answer) = run.read(resource, &key, &guarded, &permit).await? else {
                return Ok(PartState::Missing(&code::NO_RECORD));
            };
            if !run.shows(resource, &permit, &answer).await? {
                return Ok(PartState::Missing(&code::NO_RECORD));
            }
            run.meets(resource, &permit, operation, &answer)?;
            for (member, wanted) in conditions {
                if !answer.has(Run::subject(resource), 0, member, &wanted)? {
                    return Ok(PartState::Missing(&code::NO_RECORD));
                }
            }
            Ok(PartState::Have { resource, answer, view })
        }
        Question::List(conditions, limit) => {
            let mut filters: Vec<Filter> = conditions
                .into_iter()
                .map(|(member, value)| Filter { member, operator: Operator::Equal, values: vec![value] })
                .collect();
            let narrowed = run.narrow(resource, &permit, &mut filters).await?;
            let order: &[SortKey] = &resource.order;
            let ask =
                Ask { selection, filters: &filters, order, limit, offset: 0, count: false, whole: false };
            let answer = match narrowed {
                Narrowed::Asked => run.list(resource, &ask, &permit).await?,
                Narrowed::Nothing => held::nothing(false),
                Narrowed::Among(keys) => run.among(resource, keys, &ask, &permit).await?,
            };
            Ok(PartState::Have { resource, answer, view })
        }
    }
}
