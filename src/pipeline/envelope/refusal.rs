//! Refusals: the error body, in the format that was asked for, and nothing of a backend in it.

use super::{Answer, RESPONSE_CODE, shown_status};
use crate::{
    fault::{Fault, Place as Where},
    pipeline::{
        arrive::{Format, Manner},
        trail::Trail,
    },
    plan::{Plan, contract::Label},
    translate::sink::{Place, Sink, json::Json, xml::Xml},
};
use http::header;
use std::sync::LazyLock;

static MESSAGE: LazyLock<Label> = LazyLock::new(|| Label::new("message"));
static MORE_INFO: LazyLock<Label> = LazyLock::new(|| Label::new("more_info"));
static CODE: LazyLock<Label> = LazyLock::new(|| Label::new("code"));
static VIOLATIONS: LazyLock<Label> =
    LazyLock::new(|| Label { item: "violation".into(), ..Label::new("violations") });
static POINTER: LazyLock<Label> = LazyLock::new(|| Label::new("pointer"));
static PARAMETER: LazyLock<Label> = LazyLock::new(|| Label::new("parameter"));
static HEADER: LazyLock<Label> = LazyLock::new(|| Label::new("header"));

impl Answer {
    pub fn refusal(plan: &Plan, manner: &Manner, fault: &Fault, trail: &mut Trail) -> Self {
        trail.fault(fault);
        Self::refused(plan, manner, fault)
    }

    /// The same, of which no trail is left.
    pub fn refused(plan: &Plan, manner: &Manner, fault: &Fault) -> Self {
        let body = match manner.format {
            Format::Json => body(Json::default(), plan, fault),
            Format::Xml => body(Xml::default(), plan, fault),
        };
        let mut headers = vec![
            (header::CONTENT_TYPE, manner.format.media_type().into()),
            (header::CACHE_CONTROL, "no-store".into()),
        ];
        if let Some(pause) = fault.retry_after {
            headers.push((header::RETRY_AFTER, pause.as_secs().max(1).to_string().into()));
        }
        if let Some(challenge) = &fault.challenge {
            headers.push((header::WWW_AUTHENTICATE, challenge.to_string().into()));
        } else if fault.code.status == 401 {
            headers.push((header::WWW_AUTHENTICATE, "Bearer".into()));
        }
        Self { status: shown_status(fault.code.status, *manner), headers, body: body.into() }
    }
}

fn body<S: Sink>(mut sink: S, plan: &Plan, fault: &Fault) -> Vec<u8> {
    let code = fault.code;
    sink.begin_object(Place::Root);
    sink.number(Place::Member(&RESPONSE_CODE), &code.status.to_string());
    sink.text(Place::Member(&MESSAGE), &fault.message);
    let link = format!("{}/errors/{}", plan.settings.public_url, code.id);
    sink.text(Place::Member(&MORE_INFO), &link);
    sink.text(Place::Member(&CODE), code.id);
    if !fault.violations.is_empty() {
        sink.begin_list(Place::Member(&VIOLATIONS));
        for violation in &fault.violations {
            let item = Place::Item(&VIOLATIONS);
            sink.begin_object(item);
            match &violation.place {
                Where::Pointer(pointer) => sink.text(Place::Member(&POINTER), pointer),
                Where::Parameter(name) => sink.text(Place::Member(&PARAMETER), name),
                Where::Header(name) => sink.text(Place::Member(&HEADER), name),
            }
            sink.text(Place::Member(&MESSAGE), &violation.message);
            sink.text(Place::Member(&CODE), violation.code);
            sink.end_object(item);
        }
        sink.end_list(Place::Member(&VIOLATIONS));
    }
    sink.end_object(Place::Root);
    sink.into_bytes()
}
