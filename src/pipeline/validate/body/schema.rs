//! The schema's own verdict: every error of the validator becomes a finding. What has been judged on the digits
//! before is passed over, and so is a required member that only the system sets.

use super::{
    digits::{Judged, decides_multiple},
    finding::{Bound, Findings, Spot, Step, What, steps},
    sentence,
};
use crate::plan::Contract;
use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind as Error},
};
use serde_json::Value as Json;

pub(super) fn judge(contract: &Contract, instance: &Json, judged: &Judged, findings: &mut Findings) {
    for error in contract.validator.iter_errors(instance) {
        if findings.full() {
            return;
        }
        one(contract, &error, judged, findings);
    }
}

fn one(contract: &Contract, error: &ValidationError<'_>, judged: &Judged, findings: &mut Findings) {
    let steps = steps(contract, error.instance_path().as_str());
    let below = |name: &str| {
        let mut steps = steps.clone();
        steps.push(Step::Name(name.to_owned()));
        steps
    };
    let by_digits = || judged.contains(&steps);
    let what = match error.kind() {
        Error::Required { property } => {
            let steps = below(property.as_str().unwrap_or_default());
            let ours =
                Spot::at(contract, &steps).member().is_some_and(|member| contract.is_read_only(member));
            if !ours {
                findings.push(steps, What::Missing);
            }
            return;
        }
        Error::AdditionalProperties { unexpected } | Error::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                findings.push(below(name), What::Unknown);
            }
            return;
        }
        Error::Minimum { .. }
        | Error::Maximum { .. }
        | Error::ExclusiveMinimum { .. }
        | Error::ExclusiveMaximum { .. }
            if by_digits() =>
        {
            return;
        }
        Error::MultipleOf { .. }
            if by_digits() && decides_multiple(contract, error.schema_path().as_str()) =>
        {
            return;
        }
        Error::Type { kind } => {
            What::WrongType { found: sentence::noun_of_json(error.instance()), types: types(kind) }
        }
        Error::Enum { options } => {
            not_one_of(options.as_array().cloned().unwrap_or_default(), error.instance())
        }
        Error::Constant { expected_value } => not_one_of(vec![(**expected_value).clone()], error.instance()),
        Error::Format { format } => What::Format(format.clone()),
        Error::Minimum { limit } => What::Bounds(Bound::Least(limit.to_string())),
        Error::Maximum { limit } => What::Bounds(Bound::Most(limit.to_string())),
        Error::ExclusiveMinimum { limit } => What::Bounds(Bound::Above(limit.to_string())),
        Error::ExclusiveMaximum { limit } => What::Bounds(Bound::Below(limit.to_string())),
        Error::MultipleOf { multiple_of } => What::Bounds(Bound::MultipleOf(multiple_of.to_string())),
        Error::MinLength { limit } => What::Bounds(Bound::Shortest(*limit)),
        Error::MaxLength { limit } => What::Bounds(Bound::Longest(*limit)),
        Error::MinItems { limit } => What::Bounds(Bound::FewestItems(*limit)),
        Error::MaxItems { limit } => What::Bounds(Bound::MostItems(*limit)),
        Error::MinProperties { limit } => What::Bounds(Bound::FewestMembers(*limit)),
        Error::MaxProperties { limit } => What::Bounds(Bound::MostMembers(*limit)),
        Error::UniqueItems => What::Bounds(Bound::Unique),
        Error::Pattern { pattern } => What::Bounds(Bound::Pattern(pattern.clone())),
        Error::FalseSchema => What::Other("is not taken here; leave it out"),
        Error::AdditionalItems { .. } | Error::UnevaluatedItems { .. } => {
            What::Other("has more items than it can have")
        }
        Error::Contains => What::Other("lacks an item that it has to have"),
        Error::PropertyNames { .. } => What::Other("has a member with a name that is not taken here"),
        _ => What::Other("does not fit the contract; compare it with the API's documentation"),
    };
    findings.push(steps, what);
}

fn not_one_of(choices: Vec<Json>, sent: &Json) -> What {
    What::NotOneOf { choices, sent: sent.as_str().map(str::to_owned) }
}

fn types(kind: &TypeKind) -> Vec<&'static str> {
    match kind {
        TypeKind::Single(one) => vec![one.as_str()],
        TypeKind::Multiple(several) => several.iter().map(jsonschema::JsonType::as_str).collect(),
    }
}
