//! Codes, judged against the contract: each has a meaning that the contract knows, and each of the contract's values has
//! a code.

use super::{End, Ground};
use crate::{
    fault::{mapping as m, nearest::nearest},
    plan::{Kind, compile::Compiler},
    spec::words::binding::Rule,
    value::Value,
};

impl Compiler<'_> {
    /// Every code's meaning is one of the contract's, and every one of the contract's has a code.
    pub(super) fn codes(
        &mut self,
        ground: Ground<'_>,
        path: &[&str],
        pairs: &[(Box<str>, Value)],
        unknown: Option<&Value>,
        (rule, end): (&Rule, End<'_>),
    ) {
        let doc = ground.doc;
        if !matches!(end.kind, Kind::Enum(_)) {
            self.one_form(ground, path, pairs, unknown);
        }
        match end.kind {
            Kind::Enum(texts) => {
                for (code, value) in pairs {
                    let Value::Text(text) = value else {
                        if !value.is_null() {
                            let message =
                                format!("`{code}` gives {}, and the contract has texts", value.to_json());
                            doc.error(
                                self.out,
                                m::CODE_MISSING,
                                &[path, &["codes", code]].concat(),
                                message,
                                Some(format!("the contract has {}", texts.join(", "))),
                            );
                        }
                        continue;
                    };
                    if !texts.iter().any(|t| **t == **text) {
                        let near = nearest(text, texts.iter().map(|t| &**t));
                        let hint = near.map_or_else(
                            || format!("the contract has {}", texts.join(", ")),
                            |n| format!("did you mean `{n}`?"),
                        );
                        let message = format!("`{text}` is not among the contract's codes");
                        doc.error(
                            self.out,
                            m::CODE_MISSING,
                            &[path, &["codes", code]].concat(),
                            message,
                            Some(hint),
                        );
                    }
                }
                // What is never written needs no code to be written as.
                let shown = |text: &str| !end.written && unknown.and_then(Value::scalar) == Some(text);
                for lacked in &rule.lacks {
                    let wrong = if !texts.iter().any(|text| **text == **lacked) {
                        format!("`{lacked}` is not among the contract's codes")
                    } else if pairs.iter().any(|(_, v)| v.scalar() == Some(lacked)) {
                        format!("`{lacked}` has a code of the source")
                    } else {
                        continue;
                    };
                    let hint =
                        Some("`lacks` names values of the contract that have no code; remove it".into());
                    let place = [path.get(..2).unwrap_or(path), &["lacks"]].concat();
                    doc.error_at_key(self.out, m::CODE_MISSING, &place, wrong, hint);
                }
                let lacked = |text: &str| rule.lacks.iter().any(|lacked| lacked == text);
                for text in texts.iter().filter(|text| !shown(text) && !lacked(text)) {
                    if !pairs.iter().any(|(_, v)| *v == Value::Text(text.to_string().into())) {
                        let message = format!("the contract's code `{text}` has no code of the source");
                        let hint = Some(format!("add `<code>: {text}`, or say `lacks: [{text}]`"));
                        doc.error_at_key(
                            self.out,
                            m::CODE_MISSING,
                            &[path, &["codes"]].concat(),
                            message,
                            hint,
                        );
                    }
                }
                if let Some(unknown) = unknown
                    && !texts.iter().any(|t| *unknown == Value::Text(t.to_string().into()))
                {
                    let shown = unknown.scalar().unwrap_or("null");
                    let message = format!("`unknown: {shown}` is not among the contract's codes");
                    let hint = Some(format!("the contract has {}", texts.join(", ")));
                    doc.error_at_key(self.out, m::CODE_MISSING, path, message, hint);
                }
            }
            Kind::Boolean => {
                for truth in [true, false] {
                    if !pairs.iter().any(|(_, v)| *v == Value::Bool(truth)) {
                        let message = format!("no code of the source gives `{truth}`");
                        doc.error_at_key(
                            self.out,
                            m::CODE_MISSING,
                            &[path, &["codes"]].concat(),
                            message,
                            Some(format!("add `<code>: {truth}`")),
                        );
                    }
                }
            }
            _ => {}
        }
    }

    /// The codes of one place give values of one kind.
    fn one_form(
        &mut self,
        ground: Ground<'_>,
        path: &[&str],
        pairs: &[(Box<str>, Value)],
        unknown: Option<&Value>,
    ) {
        let mut given = pairs.iter().map(|(_, value)| value).filter(|value| !value.is_null());
        let Some(first) = given.next() else { return };
        let unlike = |value: &&Value| std::mem::discriminant(*value) != std::mem::discriminant(first);
        if let Some(value) = given.chain(unknown).find(unlike) {
            let message = format!("codes give {} here and {} there", first.to_json(), value.to_json());
            let hint =
                Some("give texts, numbers or truths, as the contract has them; texts stand in quotes".into());
            ground.doc.error_at_key(self.out, m::CODE_MISSING, &[path, &["codes"]].concat(), message, hint);
        }
    }
}
