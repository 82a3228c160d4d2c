//! Converters of numbers, and the proof that what they round comes back.

use super::{End, Ground};
use crate::{
    fault::mapping as m,
    plan::{
        Kind,
        compile::Compiler,
        convert::{Op, Scale},
    },
    spec::words::converter,
    value::decimal::Decimal,
};

impl Compiler<'_> {
    pub(super) fn scaled(&mut self, ground: Ground<'_>, path: &[&str], places: u8, end: End<'_>) -> Op {
        if let Kind::Number(Some(scale)) = end.kind
            && *scale < places
        {
            let message =
                format!("the contract keeps {scale} digits after the point, and this gives {places}");
            let hint = Some(format!("write `scaled: {scale}`"));
            ground.doc.error(self.out, m::CONVERTER_MISFIT, path, message, hint);
        }
        Op::Scaled(places)
    }

    pub(super) fn affix(
        &mut self,
        ground: Ground<'_>,
        path: &[&str],
        affix: &converter::Affix,
    ) -> Option<Op> {
        if affix.before.is_empty() && affix.after.is_empty() {
            let hint = "write for example `affix: { before: \"$\" }`";
            let message = "this affix says no text";
            ground.doc.error(self.out, m::CONVERTER_MISFIT, path, message, Some(hint.into()));
            return None;
        }
        Some(Op::Affix(affix.before.as_str().into(), affix.after.as_str().into()))
    }

    /// A text that is looked for in another one.
    pub(super) fn sought(
        &mut self,
        ground: Ground<'_>,
        path: &[&str],
        word: &str,
        text: &str,
    ) -> Option<Box<str>> {
        if text.is_empty() {
            let hint = format!("write for example `{word}: \"/\"`");
            let place = [path, &[word]].concat();
            ground.doc.error(self.out, m::CONVERTER_MISFIT, &place, "every text holds nothing", Some(hint));
            return None;
        }
        Some(text.into())
    }

    pub(super) fn grouped(&mut self, ground: Ground<'_>, path: &[&str], sign: &str) -> Option<Op> {
        let mut signs = sign.chars();
        match (signs.next(), signs.next()) {
            (Some(sign), None) if !sign.is_alphanumeric() && sign != '.' && sign != '-' => {
                Some(Op::Grouped(sign))
            }
            _ => {
                let message = format!("`{sign}` cannot stand between the thousands of a number");
                let hint = "write the one sign that does, for example `grouped: \",\"`";
                let place = [path, &["grouped"]].concat();
                ground.doc.error(self.out, m::CONVERTER_MISFIT, &place, message, Some(hint.into()));
                None
            }
        }
    }

    /// Proves that every public number comes back: the way there is rounded finely enough, and the public digits are
    /// all that the contract has.
    pub(super) fn scale(
        &mut self,
        ground: Ground<'_>,
        path: &[&str],
        scale: &converter::Scale,
        end: End<'_>,
    ) -> Option<Op> {
        let doc = ground.doc;
        let place = [path, &["scale"]].concat();
        let Some(by) = Decimal::parse(&scale.by).filter(Decimal::is_positive) else {
            let message = format!("`{}` is no factor", scale.by);
            let hint = Some("write a decimal above zero, for example `by: \"0.45359237\"`".into());
            doc.error(self.out, m::CONVERTER_MISFIT, &[&place[..], &["by"]].concat(), message, hint);
            return None;
        };
        let before = self.out.errors();
        let digits = scale.digits;
        let kept = match end.kind {
            Kind::Number(kept) => *kept,
            Kind::Integer => Some(0),
            // What else it is does not fit a number, which is told there.
            _ => Some(digits),
        };
        match kept {
            Some(kept) if digits > kept || (end.written && digits < kept) => {
                let message =
                    format!("the contract keeps {kept} digits after the point, and this rounds to {digits}");
                let hint = Some(format!("write `digits: {kept}`"));
                doc.error(self.out, m::CONVERTER_MISFIT, &[&place[..], &["digits"]].concat(), message, hint);
            }
            None if end.written => {
                let name = &end.member.path;
                let message = format!(
                    "the contract does not say how many digits `{name}` has: more than {digits} would be lost in a write"
                );
                let unit = Decimal::unit(digits).to_text(None).unwrap_or_default();
                let hint = Some(format!("say `\"multipleOf\": {unit}` in the contract"));
                doc.error(self.out, m::CONVERTER_MISFIT, &[&place[..], &["digits"]].concat(), message, hint);
            }
            _ => {}
        }
        let least = Scale::least_back(&by, digits).filter(|least| *least <= 18);
        let Some(least) = least else {
            let message = "numbers this small cannot be brought back";
            let hint = Some("write fewer `digits`, or a smaller factor".into());
            doc.error(self.out, m::CONVERTER_MISFIT, &place, message, hint);
            return None;
        };
        let back = scale.back.unwrap_or(least);
        if end.written && back < least {
            let message = format!("{back} digits on the way back do not bring every number back");
            let hint = Some(format!("write `back: {least}`, or leave `back` out"));
            doc.error(self.out, m::CONVERTER_MISFIT, &[&place[..], &["back"]].concat(), message, hint);
        }
        (self.out.errors() == before).then(|| Op::Scale(Box::new(Scale { by, digits, back })))
    }
}
