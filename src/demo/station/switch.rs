//! The fault switch: which calls go wrong and how. It only decides; the station carries it out. Nothing here is random:
//! a test says which calls and how many.

use super::fault::{Fault, FaultPlan};

/// The switch itself; off at first.
#[derive(Debug, Default)]
pub(super) struct Switch {
    plan: Option<FaultPlan>,
}

impl Switch {
    pub(super) fn set(&mut self, plan: Option<FaultPlan>) {
        self.plan = plan;
    }

    /// The fault for a call; counts it. A call that logs in is not struck by [`Fault::Expired`].
    pub(super) fn strike(&mut self, path_and_query: &str, logs_in: bool) -> Option<Fault> {
        let plan = self.plan.as_mut()?;
        let meant = plan.only_path_containing.as_ref().is_none_or(|part| path_and_query.contains(part));
        if !meant || (logs_in && plan.fault == Fault::Expired) {
            return None;
        }
        if let Some(times) = &mut plan.times {
            *times = times.checked_sub(1)?;
        }
        Some(plan.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultPlan, Switch};

    #[test]
    fn a_plan_strikes_what_it_names_and_as_often() {
        let mut switch = Switch::default();
        assert_eq!(switch.strike("/v1/node", false), None);
        switch.set(Some(FaultPlan {
            fault: Fault::ServerError,
            only_path_containing: Some("node".to_owned()),
            times: Some(2),
        }));
        assert_eq!(switch.strike("/v1/user", false), None);
        assert_eq!(switch.strike("/v1/node", false), Some(Fault::ServerError));
        assert_eq!(switch.strike("/v1/user?of=node", true), Some(Fault::ServerError));
        assert_eq!(switch.strike("/v1/node", false), None);
    }

    #[test]
    fn a_login_is_not_struck_by_an_expired_session() {
        let mut switch = Switch::default();
        switch.set(Some(FaultPlan { times: Some(1), ..Fault::Expired.into() }));
        assert_eq!(switch.strike("/login", true), None);
        assert_eq!(switch.strike("/v1/node", false), Some(Fault::Expired));
        assert_eq!(switch.strike("/v1/node", false), None);
    }

    #[test]
    fn a_new_plan_takes_the_place_of_the_old() {
        let mut switch = Switch::default();
        switch.set(Some(Fault::Reset.into()));
        assert_eq!(switch.strike("/", false), Some(Fault::Reset));
        switch.set(None);
        assert_eq!(switch.strike("/", false), None);
    }
}
