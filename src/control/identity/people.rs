//! People who log in, brought together: the configuration of now, and the records that accounts are tied to, which are made by
//! the façade's own road as the operator's.

use super::super::Refusal;
use crate::{
    fault::{Fault, Place, Violation, code},
    identity::{Caller, sealer::Sealer},
    ledger::Ledger,
    oauth::{
        Own, People, Wording,
        accounts::{Configured, Desk, Parts, Record, Records, Settings},
    },
    pipeline::{Body, Facade, Instance, arrive::Trouble, explain},
    plan::{Plan, identity::accounts::Register},
    telemetry::clock::Clock,
};
use arc_swap::ArcSwap;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, header, request::Parts as Head};
use http_body_util::{BodyExt, Full};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use std::{
    sync::{Arc, Weak},
    time::Duration,
};
use tokio::time::Instant;

/// No record takes longer to be made or found.
const LONGEST: Duration = Duration::from_secs(20);

/// What the plan of now says of people.
#[derive(Debug)]
struct OfPlan {
    facade: Arc<Facade>,
    made: ArcSwap<(Weak<Instance>, Arc<Settings>)>,
}

impl Configured for OfPlan {
    fn settings(&self) -> Arc<Settings> {
        let instance = self.facade.current();
        let made = self.made.load();
        if Weak::as_ptr(&made.0) == Arc::as_ptr(&instance) {
            return Arc::clone(&made.1);
        }
        // A plan that no longer has accounts has no apps that could log in.
        let settings =
            Arc::new(settings(&instance.plan).unwrap_or_else(|| Settings {
                public_url: made.1.public_url.clone(),
                ..Settings::default()
            }));
        self.made.store(Arc::new((Arc::downgrade(&instance), Arc::clone(&settings))));
        settings
    }
}

fn settings(plan: &Plan) -> Option<Settings> {
    let identity = plan.settings.identity.as_ref()?;
    let accounts = identity.accounts.clone()?;
    Some(Settings { public_url: plan.settings.public_url.clone(), accounts, mail: identity.mail.clone() })
}

/// The people of a façade, where its plan has accounts.
pub async fn open(
    facade: &Arc<Facade>,
    ledger: &Ledger,
    clock: &Arc<dyn Clock>,
    sealer: &Arc<dyn Sealer>,
) -> Result<Option<People>, Refusal> {
    let instance = facade.current();
    let Some(settings) = settings(&instance.plan) else { return Ok(None) };
    let made = ArcSwap::from_pointee((Arc::downgrade(&instance), Arc::new(settings)));
    let own = Arc::new(Own::default());
    let road = Arc::new(ByRoad { facade: Arc::clone(facade) });
    let parts = Parts {
        ledger: ledger.clone(),
        clock: Arc::clone(clock),
        sealer: Arc::clone(sealer),
        configured: Arc::new(OfPlan { facade: Arc::clone(facade), made }),
        records: Arc::clone(&road) as _,
        tokens: Arc::clone(&own) as _,
    };
    let desk = Desk::open(parts).await.map_err(|fault| Refusal::Source(Box::new(fault)))?;
    Ok(Some(People { desk: Arc::new(desk), own, wording: road }))
}

/// Records by the façade's own road, and its words for refusals.
#[derive(Debug)]
struct ByRoad {
    facade: Arc<Facade>,
}

impl Wording for ByRoad {
    fn refuse(&self, head: &Head, fault: &Fault) -> Response<Body> {
        self.facade.refuse_with(head, fault)
    }
}

#[async_trait]
impl Records for ByRoad {
    fn judge(&self, register: &Register, record: &Record) -> Result<(), Fault> {
        let (head, ()) = request(Method::POST, &register.path, ())?.into_parts();
        let body = Bytes::from(Value::Object(record.clone()).to_string());
        explain::explain(&self.facade.current(), &head, Some(body), Caller::operator()).map(drop)
    }

    async fn find(&self, register: &Register, address: &str) -> Result<Option<String>, Fault> {
        let address = utf8_percent_encode(address, NON_ALPHANUMERIC);
        let key = self.key(register)?;
        let path =
            format!("{}?{}={address}&fields={key}&limit=1&count=false", register.path, register.address);
        let answer = self.ask(request(Method::GET, &path, Full::default())?).await?;
        let plural = self.facade.current().plan.resource(register.resource).map(|one| one.plural.clone());
        let rows = answer.get(plural.unwrap_or_default()).and_then(Value::as_array);
        Ok(rows
            .and_then(|rows| rows.first())
            .and_then(|row| row.get(&key))
            .and_then(Value::as_str)
            .map(str::to_owned))
    }

    async fn make(&self, register: &Register, record: &Record) -> Result<String, Fault> {
        let body = Bytes::from(Value::Object(record.clone()).to_string());
        let answer = self.ask(request(Method::POST, &register.path, Full::new(body))?).await?;
        let key = answer.get(self.key(register)?).and_then(Value::as_str);
        key.map(str::to_owned).ok_or_else(|| internal("a record was made, and its key was not told"))
    }
}

impl ByRoad {
    fn key(&self, register: &Register) -> Result<String, Fault> {
        let instance = self.facade.current();
        let resource = instance.plan.resource(register.resource);
        let member = resource.and_then(|resource| resource.contract.get(resource.key));
        member
            .map(|member| member.name.to_string())
            .ok_or_else(|| internal("the resource of accounts is gone"))
    }

    /// The body of an answer, or the fault that it tells.
    async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Value, Fault> {
        let request = request.map(|body| body.map_err(|never| -> Trouble { match never {} }));
        let answer = self.facade.answer_as(Caller::operator(), request, Instant::now() + LONGEST).await;
        let status = answer.status();
        let body = answer.into_body().collect().await.map(http_body_util::Collected::to_bytes);
        let body: Value = body.ok().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default();
        if status.is_success() { Ok(body) } else { Err(told(&body)) }
    }
}

/// The fault that a refusal's body tells.
fn told(body: &Value) -> Fault {
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let found = code::find(&text(body, "code")).unwrap_or(&code::INTERNAL);
    let mut fault = Fault::new(found, text(body, "message"));
    for violation in body.get("violations").and_then(Value::as_array).into_iter().flatten() {
        let Some(known) = code::find(&text(violation, "code")) else { continue };
        let place = match violation.get("pointer").and_then(Value::as_str) {
            Some(pointer) => Place::Pointer(pointer.to_owned()),
            None => Place::Parameter(text(violation, "parameter")),
        };
        fault.violations.push(Violation { place, message: text(violation, "message"), code: known.id });
    }
    fault
}

fn request<B>(method: Method, path: &str, body: B) -> Result<Request<B>, Fault> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json");
    request.body(body).map_err(|_| internal("a request for a record cannot be made"))
}

fn internal(detail: &str) -> Fault {
    Fault::plain(&code::INTERNAL).detail(format!("accounts: {detail}"))
}
