//! A request's body: from bytes to a value, and from a value to all that is wrong with it, in public names.
//!
//! It refuses with F431 to F449. It changes nothing in a body but by `strip_read_only`, merges no patch, knows
//! no backend, and repeats no value of the client's: a body may hold what no log should.

mod digits;
mod finding;
mod media;
mod parse;
mod read_only;
mod schema;
mod sentence;
mod sure;
mod walk;

pub use media::{Media, media};
pub use parse::parse;
pub use read_only::{keep_created, strip_read_only};

use crate::{
    fault::{Violation, code},
    plan::Contract,
    value::Value,
};
use finding::Findings;

/// More violations than this are counted, not listed: nobody reads them, and each costs its sentence.
const MOST: usize = 100;

/// What a body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A record is made: a read-only member is refused.
    Create,
    /// A record is replaced, or was patched and stands here whole: `strip_read_only` has taken the read-only
    /// members out before, and has told of those that differ.
    Replace,
}

/// Everything that is wrong with a body, in public names and the contract's order; empty when it is valid.
///
/// After a hundred violations one more, at the body as a whole, says how many there would have been. A required
/// member that is read-only is not missed: the system sets it.
pub fn violations(contract: &Contract, body: &Value, purpose: Purpose) -> Vec<Violation> {
    if sure::is_valid(&contract.sure, body) { Vec::new() } else { found(contract, body, purpose) }
}

/// The same, by the validator.
fn found(contract: &Contract, body: &Value, purpose: Purpose) -> Vec<Violation> {
    let mut findings = Findings::default();
    walk::walk(contract, body, purpose, &mut findings);
    let instance = digits::holdable(body, &mut findings);
    let judged = digits::judge(contract, body, &mut findings);
    schema::judge(contract, &instance, &judged, &mut findings);
    let full = findings.full();
    let sorted = findings.sorted(contract);
    let shown = sorted.iter().take(MOST);
    let mut violations: Vec<Violation> =
        shown.map(|finding| sentence::violation(contract, finding)).collect();
    if sorted.len() > MOST {
        let message = sentence::more(sorted.len() - MOST, full);
        violations.push(Violation::pointer("", &code::BAD_BODY, message));
    }
    violations
}

#[cfg(test)]
mod tests;
