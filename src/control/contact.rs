//! Whether `securityTxt` is still true: the one word of the files that time makes wrong.

use crate::{
    fault::{Diagnostics, mapping as m},
    plan::Plan,
    spec::Files,
    value::time::{DAY, Moment},
};

/// From when on it is to be renewed.
const NEAR: i64 = 30 * DAY;
/// RFC 9116 section 2.5.5: it should be less than a year ahead, so that nobody forgets it.
const FAR: i64 = 366 * DAY;

/// Says at its line that it has passed, is near, or is further than anybody remembers.
pub(super) fn judge(plan: Option<&Plan>, files: &Files, now: Moment, out: &mut Diagnostics) {
    let said = plan.and_then(|plan| plan.settings.security_txt.as_ref());
    let (Some(said), Some(config)) = (said, &files.config) else { return };
    let left = said.expires.seconds.saturating_sub(now.seconds);
    let place = ["securityTxt", "expires"];
    let hint = Some("see that the contacts are right, and write a day within the next year".into());
    if left <= 0 {
        config.error(out, m::BAD_CONTACT, &place, "this day has passed", hint);
    } else if left < NEAR {
        let message = format!("this day comes in {}", days(left));
        config.warning(out, m::BAD_CONTACT, &place, message, hint);
    } else if left > FAR {
        config.warning(out, m::BAD_CONTACT, &place, "this day is more than a year ahead", hint);
    }
}

fn days(seconds: i64) -> String {
    match seconds / DAY {
        0 => "less than a day".to_owned(),
        1 => "a day".to_owned(),
        days => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        plan::compile::compile,
        spec::load::{Tree, load},
    };
    use std::{collections::BTreeMap, path::Path};

    fn told(expires: &str) -> String {
        let config = format!(
            "listen: [{{ address: 127.0.0.1:8080 }}]\npublicUrl: https://api.example\napis: {{}}\nsources: {{}}\nsecurityTxt: {{ contact: [\"mailto:a@b.example\"], expires: \"{expires}\" }}\n"
        );
        let tree = Tree::Memory(BTreeMap::from([("config/base.yaml".into(), config)]));
        let mut out = Diagnostics::new();
        let files = load(&tree, Path::new("config/base.yaml"), &mut out);
        let plan = compile(&files, &mut out);
        let now = Moment::parse("2026-11-21T12:00:00Z").unwrap();
        judge(plan.as_ref(), &files, now, &mut out);
        out.render_plain()
    }

    #[test]
    fn a_day_has_to_lie_ahead_and_not_too_far() {
        for (expires, wanted) in [
            ("2026-11-21", "error[M763]: this day has passed"),
            ("2026-11-22", "warning[M763]: this day comes in less than a day"),
            ("2026-12-20T12:00:00Z", "warning[M763]: this day comes in 29 days"),
            ("2028-01-01", "warning[M763]: this day is more than a year ahead"),
        ] {
            let told = told(expires);
            assert!(told.contains(wanted), "{expires}: {told}");
            assert!(told.contains("config/base.yaml:5:"), "{told}");
        }
        assert!(!told("2027-06-30").contains("M763"));
    }
}
