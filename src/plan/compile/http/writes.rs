//! Writes of HTTP calls: their steps in order, what each is given, where a new key stands.

use super::{Work, path_of, place_of};
use crate::{
    fault::{mapping as m, nearest::cure},
    plan::{
        MemberId,
        compile::{
            Compiler,
            calls::{Inputs, NO_INPUTS, Site},
            dialects::plain,
        },
        http::{Call, Hook, NewKey, Poll, Sends, Spot, Step, Write},
    },
    spec::{
        Doc,
        words::{self, operation as said},
    },
};

/// The blank that is the request's own key, or one made for it.
const IDEMPOTENCY: &str = "idempotencyKey";

impl Compiler<'_> {
    pub(super) fn write(&mut self, work: &mut Work<'_>, what: &str, write: &said::Write) -> Option<Write> {
        let doc = work.doc;
        let creates = what == "create";
        // What is sent is known before every call; the key only where there is a record already.
        let mut names = if creates { Vec::new() } else { work.keys.clone() };
        names.push(IDEMPOTENCY.into());
        let sent = what != "delete";
        let first = self.step_calls(work, &[what, "first"], &write.first, &mut names, sent)?;
        let inputs = Inputs { names: &names.clone(), sent };
        let call = self.named(doc, &mut work.reading, &[what, "call"], &write.call, &inputs)?;
        let key = match write.key.as_deref() {
            None => NewKey::Spot(Spot::At(path_of(&work.reading, work.key))),
            Some("sent") => NewKey::Sent,
            Some(text) => match text.strip_prefix("kept:") {
                Some(name) => NewKey::Kept(name.to_owned()),
                None => NewKey::Spot(self.spot(doc, &[what, "key"], text)?),
            },
        };
        if creates && write.key.is_none() && write.then.is_some() && write.poll.is_none() {
            self.gives_key(work, &call);
        }
        names.extend(work.keys.iter().cloned());
        let undo = match &write.undo {
            None => None,
            Some(name) => {
                let inputs = Inputs { names: &names.clone(), sent };
                Some(self.named(doc, &mut work.reading, &[what, "undo"], name, &inputs)?)
            }
        };
        let after = self.step_calls(work, &[what, "after"], &write.after, &mut names, sent)?;
        if let NewKey::Kept(name) = &key
            && !names.contains(name)
        {
            let hint = Some(format!("keep it by `keep: {{ {name}: <place> }}` in one of the steps"));
            doc.error(self.out, m::INPUT_MISSING, &[what, "key"], format!("no step keeps `{name}`"), hint);
        }
        let guard = match &write.guard {
            None => None,
            Some(text) => {
                let mut site = Site { doc, out: self.out };
                Some(site.target(&[what, "guard"], text, plain(&work.dialect.format))?)
            }
        };
        if guard.is_some() && doc.words.read.as_ref().is_none_or(|read| read.version.is_none()) {
            let hint = Some("add `version: header:ETag` (or a place) to `read`".into());
            let message = "nothing says which version is guarded";
            doc.error(self.out, m::INPUT_MISSING, &[what, "guard"], message, hint);
        }
        let poll = match &write.poll {
            None => None,
            Some(poll) => Some(self.poll(work, what, poll, names)?),
        };
        let names_it = |call: &Call| call.inputs().iter().any(|(_, name)| *name == IDEMPOTENCY);
        let steps = first.iter().chain(&after);
        let once = write.idempotency.is_some()
            || steps.flat_map(|step| [Some(&step.call), step.undo.as_ref()]).flatten().any(names_it)
            || [Some(&call), undo.as_ref(), poll.as_ref().map(|poll| &poll.call)]
                .into_iter()
                .flatten()
                .any(names_it);
        Some(Write {
            call,
            form: None,
            once,
            undo,
            first,
            after,
            key,
            sends: match write.sends {
                said::Sends::Changed => Sends::Changed,
                said::Sends::All => Sends::All,
                said::Sends::Merged => Sends::Merged,
            },
            idempotency: write.idempotency.as_ref().map(|name| name.to_ascii_lowercase()),
            guard,
            fresh: write.fresh,
            find: self.found_by(work, what, write),
            poll,
        })
    }

    /// The members by which a new record is looked for after a crash.
    fn found_by(&mut self, work: &Work<'_>, what: &str, write: &said::Write) -> Vec<MemberId> {
        let doc = work.doc;
        if !write.find.is_empty() && what != "create" {
            let hint = Some("leave it out: the record is known by its key".into());
            let message = "only a new record has to be looked for";
            doc.error_at_key(self.out, m::NOT_COMPARABLE, &[what, "find"], message, hint);
        }
        let mut found = Vec::new();
        for (at, name) in write.find.iter().enumerate() {
            let at = at.to_string();
            let place = [what, "find", at.as_str()];
            let Some(member) = work.contract.find(name) else {
                let hint = Some(cure(name, work.contract.names()));
                doc.error(
                    self.out,
                    m::NO_MEMBER,
                    &place,
                    format!("the contract has no member `{name}`"),
                    hint,
                );
                continue;
            };
            if !work.filters.contains(&member.id) {
                let hint = Some("add it to `filters` of the resource, or look by another member".into());
                let message = format!("lists cannot be filtered by `{name}`");
                doc.error(self.out, m::NOT_COMPARABLE, &place, message, hint);
            }
            found.push(member.id);
        }
        found
    }

    fn step_calls(
        &mut self,
        work: &mut Work<'_>,
        place: &[&str],
        words: &[said::Step],
        names: &mut Vec<String>,
        sent: bool,
    ) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        for (at, step) in words.iter().enumerate() {
            let at = at.to_string();
            let here = [place, &[at.as_str()]].concat();
            let inputs = Inputs { names: &names.clone(), sent };
            let doc = work.doc;
            let call =
                self.named(doc, &mut work.reading, &[&here[..], &["call"]].concat(), &step.call, &inputs)?;
            let mut keep = Vec::new();
            for (name, text) in &step.keep {
                let mut site = Site { doc, out: self.out };
                keep.push((name.clone(), site.path(&[&here[..], &["keep", name]].concat(), text)?));
                names.push(name.clone());
            }
            let undo = match &step.undo {
                None => None,
                Some(name) => {
                    let inputs = Inputs { names: &names.clone(), sent };
                    let place = [&here[..], &["undo"]].concat();
                    Some(self.named(doc, &mut work.reading, &place, name, &inputs)?)
                }
            };
            steps.push(Step { call, keep, undo });
        }
        Some(steps)
    }

    fn poll(
        &mut self,
        work: &mut Work<'_>,
        what: &str,
        poll: &said::Poll,
        mut names: Vec<String>,
    ) -> Option<Poll> {
        let doc = work.doc;
        let mut keep = Vec::new();
        for (name, text) in &poll.keep {
            keep.push((name.clone(), self.spot(doc, &[what, "poll", "keep", name], text)?));
            names.push(name.clone());
        }
        let inputs = Inputs { names: &names, sent: false };
        let call = self.named(doc, &mut work.reading, &[what, "poll", "call"], &poll.call, &inputs)?;
        let mut site = Site { doc, out: self.out };
        let until = site.conditions(&[what, "poll", "until"], &poll.until);
        let failed = site.conditions(&[what, "poll", "failed"], &poll.failed);
        let key = match &poll.key {
            None => None,
            Some(text) => Some(site.path(&[what, "poll", "key"], text)?),
        };
        let hook = match &poll.hook {
            None => None,
            Some(hook) => Some(self.hook(doc, &[what, "poll", "hook"], hook, &keep)?),
        };
        Some(Poll { call, keep, until, failed, every: poll.every.0, most: poll.most.0, key, hook })
    }

    fn hook(
        &mut self,
        doc: &Doc<words::Binding>,
        place: &[&str],
        hook: &said::Hook,
        keep: &[(String, Spot)],
    ) -> Option<Hook> {
        let mut site = Site { doc, out: self.out };
        let secret = site.template(&[place, &["secret"]].concat(), &hook.secret, &NO_INPUTS)?;
        let at = site.path(&[place, &["at"]].concat(), &hook.at)?;
        if !keep.iter().any(|(name, _)| *name == hook.is) {
            let hint = Some(match keep.first() {
                Some(_) => cure(&hook.is, keep.iter().map(|(name, _)| name.as_str())),
                None => format!("keep it: `keep: {{ {}: <place of the write's answer> }}`", hook.is),
            });
            let message = format!("the poll keeps no `{}`", hook.is);
            doc.error(self.out, m::INPUT_MISSING, &[place, &["is"]].concat(), message, hint);
            return None;
        }
        Some(Hook { secret, at, is: hook.is.clone() })
    }

    /// A record that is read back after it was made is found by the key in the answer.
    fn gives_key(&mut self, work: &Work<'_>, call: &Call) {
        let path = place_of(&work.reading, work.key);
        if !call.gives.as_ref().is_none_or(|names| names.contains(&path)) {
            let message =
                format!("the answer of `{}` does not give `{path}`, by which the record is read", call.name);
            let hint = Some(format!("add `gives: [{path}]`"));
            work.doc.error_at_key(self.out, m::INPUT_MISSING, &["calls", &call.name], message, hint);
        }
    }
}
