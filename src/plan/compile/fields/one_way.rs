//! Members that do not come and go by one place: what a list is asked with, what stands in for nothing, and what is sent and
//! never shown.

use super::{Filler, Work, allows, values_of};
use crate::{
    fault::mapping as m,
    plan::{
        compile::{Compiler, converters::constant},
        contract::{Member, Stands},
        convert::Chain,
        reading::{Fill, LevelId},
    },
    spec::words::binding::Rule,
};

impl Compiler<'_> {
    /// A member that the source does not say: it is what the list was asked with.
    pub(super) fn asked_for(
        &mut self,
        work: &mut Work<'_, '_>,
        place: &[&str],
        member: &Member,
    ) -> Option<Filler> {
        if work.ground.sql || !work.asked.contains(&member.id) {
            let message = format!("lists are not always asked with a value of `{}`", member.path);
            let hint = "name it in the resource's `require`, where the resource has lists alone; a table has a column for it";
            work.ground.doc.error_at_key(self.out, m::INPUT_MISSING, place, message, Some(hint.into()));
            return None;
        }
        let slot = work.reading.asked(member.id, &member.path);
        Some(Filler::Leaf { fill: Fill::Slot(slot, Chain::default()), writes: None })
    }

    /// What stands in for nothing is a value of a member that cannot be nothing.
    pub(super) fn otherwise(
        &mut self,
        work: &mut Work<'_, '_>,
        place: &[&str],
        rule: &Rule,
        member: &Member,
    ) {
        let Some(said) = &rule.otherwise else { return };
        let value = constant(said);
        let here = [place, &["otherwise"]].concat();
        if value.is_null() || !allows(member, &value) {
            let message = format!("{} is no value of `{}`", value.to_json(), member.path);
            work.ground.doc.error(self.out, m::BAD_CONSTANT, &here, message, Some(values_of(member)));
        } else if member.stands_for_nothing() != Stands::Fault {
            let message = format!("the contract says what `{}` is where there is nothing", member.path);
            let hint = Some("remove `otherwise`".into());
            work.ground.doc.error_at_key(self.out, m::BAD_CONSTANT, &here, message, hint);
        }
        work.otherwise.insert(member.id, value);
    }

    /// Whether a rule says where a member goes that is never shown; what is shown comes from somewhere.
    pub(super) fn sent_alone(
        &mut self,
        work: &Work<'_, '_>,
        place: &[&str],
        rule: &Rule,
        member: &Member,
        level: LevelId,
    ) -> bool {
        let never_shown = work.contract.is_write_only(member);
        if never_shown && rule.from.is_some() {
            let message = format!("`{}` is `writeOnly`: it is sent, and not read", member.path);
            let hint = Some("say `to` in the place of `from`".into());
            work.ground.doc.error_at_key(self.out, m::CONVERTER_MISFIT, place, message, hint);
        }
        never_shown && level == 0 && rule.to.is_some() && rule.from.is_none()
    }
}
