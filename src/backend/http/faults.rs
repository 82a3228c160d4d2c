//! Faults of calls: each names its source and its call, for the operator's log.

use super::{
    Http, Lost,
    identity::{self, Named},
};
use crate::{
    fault::{Code, Fault, code},
    plan::http::Call,
};

impl Http {
    pub(super) fn fault(&self, code: &'static Code, call: &Call, detail: &str) -> Fault {
        Fault::plain(code).detail(format!("{}: call `{}`: {detail}", self.name, call.name))
    }

    pub(super) fn lost(&self, call: &Call, lost: &Lost) -> Fault {
        let code = match lost {
            Lost::Unreachable(_) => &code::UNREACHABLE,
            Lost::TimedOut => &code::TIMED_OUT,
            Lost::Broken(_) => &code::BACKEND_FAILED,
            Lost::TooLarge => &code::NOT_UNDERSTOOD,
        };
        self.fault(code, call, &lost.to_string())
    }

    /// Whether an answer is about this record; a fault where it is about another one.
    pub(super) fn is_named(&self, call: &Call, asked: &str, came: Option<&str>) -> Result<bool, Fault> {
        match identity::named(asked, came) {
            Named::Same => Ok(true),
            Named::Loosely => Ok(false),
            Named::Another => {
                Err(self.fault(&code::NOT_UNDERSTOOD, call, "the answer is about another record"))
            }
        }
    }
}
