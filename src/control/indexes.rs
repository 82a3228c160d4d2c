//! placeholder
pub fn unindexed(_: &crate::plan::Plan, _: &crate::spec::Files) -> Vec<crate::fault::Diagnostic> {
    Vec::new()
}
