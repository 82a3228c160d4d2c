//! `POST /reload`: the files are taken up anew, and the answer says what differs, or what is wrong with them and where.

use super::text;
use crate::{
    control::{Refusal, reload::Reloader},
    fault::Diagnostic,
    pipeline::Body,
};
use http::{Response, StatusCode, header, request::Parts};
use serde_json::{Value, json};

pub(super) async fn answer(reloader: &Reloader, head: &Parts) -> Response<Body> {
    // A page in a browser cannot ask for this in an operator's name.
    if head.headers.contains_key(header::ORIGIN) {
        let kind = "text/plain; charset=utf-8";
        return text(StatusCode::FORBIDDEN, kind, "This is not for pages in browsers.\n".into());
    }
    let (status, body) = match reloader.reload("by an operator").await {
        Ok(taken) => {
            let warnings: Vec<Value> = taken.diagnostics.iter().map(told).collect();
            let difference = taken.difference.json();
            let body = json!({
                "reloaded": true,
                "plan": taken.digest,
                "difference": difference,
                "warnings": warnings,
            });
            (StatusCode::OK, body)
        }
        Err(Refusal::Files(diagnostics)) => {
            let errors: Vec<Value> = diagnostics.iter().map(told).collect();
            let message = "The files have errors; the old plan serves on.";
            let body = json!({ "reloaded": false, "message": message, "errors": errors });
            (StatusCode::UNPROCESSABLE_ENTITY, body)
        }
        Err(refusal) => {
            let message = format!("The plan cannot be taken up ({refusal}); the old plan serves on.");
            (StatusCode::CONFLICT, json!({ "reloaded": false, "message": message, "errors": [] }))
        }
    };
    text(status, "application/json", format!("{body:#}\n"))
}

/// A diagnostic with its place and cure.
fn told(one: &Diagnostic) -> Value {
    let (line, column) = one.line_column();
    json!({
        "code": one.code,
        "file": one.file.name,
        "line": line,
        "column": column,
        "message": one.message,
        "cure": one.hint,
    })
}
