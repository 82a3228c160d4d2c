//! What a request would call, for people: made by the functions that make the calls.

use super::{
    Http, key_place, list, pager,
    pager::{At, Question},
    push, request, session,
};
use crate::{
    backend::{
        Ask, Journey, Subject,
        explain::{Step, Write},
    },
    plan::{
        Selection,
        http::{Call, HttpMeans, Paging, Total},
    },
    translate::Surroundings,
    value::time::{Date, Moment},
};
use std::sync::Arc;

impl Http {
    fn told(&self, call: String, why: String, takes: Vec<String>) -> Step {
        Step { source: self.name.clone(), call, detail: None, why, takes, login: false }
    }

    pub(super) fn explain_rows(
        &self,
        subject: Subject<'_>,
        ask: &Ask<'_>,
        around: &Surroundings,
    ) -> Vec<Step> {
        let Ok(means) = Self::means(subject) else { return Vec::new() };
        let mut steps = session::explain(&self.name, &means.dialect);
        let Some(list) = &means.list else { return steps };
        // Values that are asked one by one are shown by the first of them.
        let severally = list::severally(list, ask);
        let mut filters = ask.filters.to_vec();
        let mut values = 1;
        if let Some(filter) = severally.and_then(|at| filters.get_mut(at)) {
            values = filter.values.len();
            filter.values.truncate(1);
        }
        let ask = &Ask { filters: &filters, ..ask.clone() };
        let pushed = push::push(subject, means, list, ask, around);
        let local = !pushed.filters_left.is_empty() || pushed.sort_left || means.picks();
        let parameters = pushed.parameters();
        let journey = journey();
        let wanted = list::wanted(subject, means, list, ask.selection, ask.count);
        let question = Question {
            subject,
            means,
            list,
            parameters: &parameters,
            filters: ask.filters,
            wanted: &wanted,
            journey: &journey,
        };
        let given = |selection: &Selection| -> Vec<String> {
            let named = &list.call.gives;
            let is_given = |place: &String| {
                named.as_ref().is_none_or(|names| {
                    names.iter().any(|name| place == name || place.starts_with(&format!("{name}.")))
                })
            };
            places(subject, selection).into_iter().filter(is_given).collect()
        };
        let pages = &means.dialect.pages;
        if local || ask.whole {
            let mut why = self.looked_through_because(subject, means, ask, &pushed);
            if values > 1 {
                why = format!("one call for each of {values} values; {why}");
            }
            steps.push(self.told(self.any_page(question), why, given(ask.selection)));
        } else {
            self.pages_of(question, ask, &given(ask.selection), &mut steps);
        }
        let compared = list::compared(subject, ask, &pushed);
        if let Some(complete) = &list.complete {
            let all = local && list::needs_completing(subject, means, list, &compared);
            if all || list::needs_completing(subject, means, list, ask.selection) {
                let many = if all {
                    "each row that was looked through".to_owned()
                } else {
                    format!("each row that is shown (at most {})", ask.limit)
                };
                let why = format!("{many}: the list does not give all that is asked for");
                let why = match &complete.many {
                    Some(several) => format!("{why}; {} rows by one call", several.most),
                    None => why,
                };
                let line = self.keyed_line(subject, means, &complete.call, None);
                steps.push(self.told(line, why, places(subject, ask.selection)));
            }
        }
        if ask.count && !local && pages.style != Paging::Whole {
            match &list.total {
                Some(Total::Walk(keep)) => {
                    let how = if pages.jumps() {
                        "pages 1, 3, 7, … until one is short, then halving"
                    } else {
                        "the list is walked to its end"
                    };
                    let why = format!(
                        "the total: only where the end of the list was not met and no count is kept ({}s); {how}",
                        keep.as_secs()
                    );
                    steps.push(self.told(self.any_page(question), why, Vec::new()));
                }
                Some(Total::Call(call, at, keep)) => {
                    let why = format!("the total: only where no count is kept ({}s)", keep.as_secs());
                    let line = self.keyed_line(subject, means, call, None);
                    steps.push(self.told(line, why, vec![at.to_string()]));
                }
                _ => {}
            }
        }
        steps
    }

    /// The pages that hold the wanted rows.
    fn pages_of(&self, question: Question<'_>, ask: &Ask<'_>, takes: &[String], steps: &mut Vec<Step>) {
        let pages = &question.means.dialect.pages;
        let numbered = matches!(pages.style, Paging::Number { .. });
        if pages.style == Paging::Whole || pages.repeats || (pages.short && numbered) {
            let why = if pages.repeats {
                "page after page from the start: a row may come twice and is taken once"
            } else if numbered {
                "page after page from the start: a page may have fewer rows than its size"
            } else {
                "everything comes at once"
            };
            steps.push(self.told(self.any_page(question), why.into(), takes.to_vec()));
            return;
        }
        if let Paging::Cursor { .. } = pages.style {
            let why = format!(
                "page after page from the nearest bookmark at or before row {}, until row {} is there",
                ask.offset,
                ask.offset + u64::from(ask.limit)
            );
            steps.push(self.told(self.any_page(question), why, takes.to_vec()));
            return;
        }
        for window in pager::windows(pages, ask.offset, ask.limit) {
            let last = window.start + u64::from(window.size) - 1;
            let why = format!("rows {} to {last} hold those that are wanted", window.start);
            let line = self.page_request(question, &window.at, window.size, &self.secrets.hidden());
            let line = line.map_or_else(|_| String::new(), |out| self.line(&question.list.call, &out));
            steps.push(self.told(line, why, takes.to_vec()));
        }
    }

    fn looked_through_because(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        ask: &Ask<'_>,
        pushed: &push::Pushed,
    ) -> String {
        let left: Vec<&str> = pushed
            .filters_left
            .iter()
            .filter_map(|f| subject.resource.contract.get(f.member))
            .map(|m| &*m.path)
            .collect();
        let mut reasons = Vec::new();
        if !left.is_empty() {
            reasons.push(format!("filters by {}", left.join(", ")));
        }
        if pushed.sort_left {
            reasons.push("sorts".to_owned());
        }
        if means.picks() {
            reasons.push("picks what is to be shown".to_owned());
        }
        let within = means.list.as_ref().and_then(|list| list.within);
        let bound = match within {
            Some(within) => format!(", at most {within} rows"),
            None if ask.whole => String::new(),
            None => ", at most 0 rows".to_owned(),
        };
        let how = if means.dialect.pages.style == Paging::Whole {
            format!("everything at once{bound}")
        } else {
            format!("page after page until one is short{bound}")
        };
        let _ = self;
        if reasons.is_empty() { how } else { format!("{how}: the façade {} itself", reasons.join(" and ")) }
    }

    /// The request of any page, with `N` for its number.
    fn any_page(&self, question: Question<'_>) -> String {
        let pages = &question.means.dialect.pages;
        let at = match &pages.style {
            Paging::Number { .. } => At::Page(0),
            Paging::Offset { .. } | Paging::Range { .. } => At::Row(0),
            Paging::Cursor { .. } => At::Cursor(None),
            Paging::Whole => At::Whole,
        };
        let line = self.page_request(question, &at, pages.size.most(), &self.secrets.hidden());
        let line = line.map_or_else(|_| String::new(), |out| self.line(&question.list.call, &out));
        match &pages.style {
            Paging::Number { page: crate::plan::http::Target::Query(name), first } => {
                line.replace(&format!("{name}={first}"), &format!("{name}=N"))
            }
            _ => line,
        }
    }

    /// A call by its method and path; one of a described service by its operation, too, since all have one path.
    fn call_line(&self, call: &Call, key: Option<&str>) -> String {
        request::said(&self.source, call, call.method.as_str(), &template(&call.path, key))
    }

    fn line(&self, call: &Call, outgoing: &super::Outgoing) -> String {
        let line = request::line(&self.source, call, outgoing);
        match &outgoing.body {
            Some(body) if !body.is_empty() => {
                let text: String = String::from_utf8_lossy(body).chars().take(2000).collect();
                format!("{line}\n{text}")
            }
            _ => line,
        }
    }

    /// The request of a call about one record; without a key a blank stands for it.
    fn keyed_line(&self, subject: Subject<'_>, means: &HttpMeans, call: &Call, key: Option<&str>) -> String {
        let blank = format!("{{{}}}", super::key_path(subject, means));
        let wanted = super::record_places(subject, call);
        let Ok(outgoing) = self.keyed_with(
            subject,
            means,
            call,
            key.unwrap_or("KEY"),
            &wanted,
            (&self.secrets.hidden(), journey().now),
        ) else {
            return format!("{} (`{}`)", call.method.as_str(), call.name);
        };
        let line = self.line(call, &outgoing);
        if key.is_none() { line.replace("KEY", &blank) } else { line }
    }

    pub(super) fn explain_record(&self, subject: Subject<'_>, key: &str, selection: &Selection) -> Vec<Step> {
        let Ok(means) = Self::means(subject) else { return Vec::new() };
        let mut steps = session::explain(&self.name, &means.dialect);
        if let Some(read) = &means.read {
            let place = key_place(subject, means, key, &nowhere()).unwrap_or_default();
            let line = self.keyed_line(subject, means, &read.call, Some(&place));
            steps.push(self.told(line, "the record itself".into(), places(subject, selection)));
        }
        steps
    }

    pub(super) fn explain_calls(&self, subject: Subject<'_>, key: Option<&str>, write: Write) -> Vec<Step> {
        let Ok(means) = Self::means(subject) else { return Vec::new() };
        let (found, why, sends) = match write {
            Write::Create => (&means.create, "makes the record", true),
            Write::Replace => (&means.replace, "writes the members that changed", true),
            Write::Delete => (&means.delete, "removes the record", false),
        };
        let Some(found) = found else { return Vec::new() };
        let mut steps = session::explain(&self.name, &means.dialect);
        let place = key.and_then(|key| key_place(subject, means, key, &nowhere()));
        let one = |call: &Call| self.call_line(call, place.as_deref());
        for step in &found.first {
            steps.push(self.told(one(&step.call), format!("first: `{}`", step.call.name), Vec::new()));
        }
        let mut main = self.told(one(&found.call), why.into(), Vec::new());
        if sends {
            let names = subject.binding.writing.rules.iter().filter_map(|r| r.path.head().map(str::to_owned));
            main.detail = Some(format!("may carry {}", names.collect::<Vec<_>>().join(", ")));
        }
        steps.push(main);
        if let Some(poll) = &found.poll {
            let why = format!("asks for the outcome, for {}s at most", poll.most.as_secs());
            steps.push(self.told(one(&poll.call), why, Vec::new()));
        }
        for step in &found.after {
            steps.push(self.told(one(&step.call), format!("then: `{}`", step.call.name), Vec::new()));
        }
        steps
    }
}

/// A path with its blanks named, the key's filled in where it is known.
fn template(template: &crate::plan::http::Template, key: Option<&str>) -> String {
    use crate::plan::http::Piece;
    let piece = |piece: &Piece| match (piece, key) {
        (Piece::Literal(text), _) => text.clone(),
        (Piece::Input(_), Some(key)) => request::encode(key),
        (Piece::Input(name), None) => format!("{{{name}}}"),
        _ => "{…}".to_owned(),
    };
    template.0.iter().map(piece).collect()
}

/// The places of a record that a selection needs, for people.
fn places(subject: Subject<'_>, selection: &Selection) -> Vec<String> {
    let reading = &subject.binding.reading;
    let needed = reading.needed(selection);
    let level = reading.levels.first().zip(needed.first());
    level.map_or_else(Vec::new, |(level, needed)| {
        let asked = |at: usize| reading.asked.iter().any(|(slot, _)| usize::from(*slot) == at);
        let wanted = level.places.iter().zip(needed).enumerate().filter(|(at, (_, n))| **n && !asked(*at));
        wanted.map(|(_, (p, _))| p.to_string()).collect()
    })
}

fn nowhere() -> Surroundings {
    Surroundings { today: Date { year: 1970, month: 1, day: 1 }, lookups: Vec::new() }
}

/// A journey that goes nowhere: nothing is sent.
fn journey() -> Journey {
    Journey {
        deadline: tokio::time::Instant::now(),
        now: Moment { seconds: 0, nanos: 0 },
        around: Arc::new(nowhere()),
        mark: None,
    }
}
