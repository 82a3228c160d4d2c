//! Opens what the program tells of itself by its configuration, and carries it there: lines to a file or a stream, spans to a
//! collector, faults of our own to whoever looks after them. All of it fails open: a receiver that is away costs what was to be
//! told, which is counted, and never a request.

#[cfg(feature = "otlp")]
mod otlp;
mod sentry;

use super::Refusal;
use crate::{
    backend::{
        http::{Transport, network},
        secret,
    },
    fault::{Fault, code},
    plan::{
        HttpSource, Plan, SecretRef, WhenBusy,
        telemetry::{Requests, To},
    },
    telemetry::{
        Outlets,
        clock::Clock,
        lines::{self, Form, Lines},
        meters::Meters,
        queue,
    },
};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::{task::JoinHandle, time::timeout};

/// Requests with their spans that wait to be sent.
const SPANS: usize = 2048;
/// Reports that wait to be sent.
const REPORTS: usize = 256;
/// How long a receiver may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// What is left when the program ends is given so long.
const LAST: Duration = Duration::from_secs(2);

/// Whether a façade tells what it does: one that serves does, one that answers a question at the command line does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    Nothing,
    All,
}

/// What is told is carried on as long as this lives.
#[derive(Debug, Default)]
pub(super) struct Telling(Vec<JoinHandle<()>>);

impl Telling {
    fn carry(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        #[expect(clippy::disallowed_methods, reason = "it ends with its queue, or with `Telling`")]
        self.0.push(tokio::spawn(work));
    }

    /// Waits a moment for what is left; the façade has to be gone, or its queues stay open.
    pub(super) async fn finish(self) {
        for task in self.0 {
            let stop = task.abort_handle();
            if timeout(LAST, task).await.is_err() {
                stop.abort();
            }
        }
    }
}

/// Opens all that a plan says. What cannot be opened is a mistake of the files, and is said when the program starts.
pub(super) fn open(
    plan: &Plan,
    meters: &Arc<Meters>,
    clock: &Arc<dyn Clock>,
) -> Result<(Outlets, Telling), Refusal> {
    let said = &plan.settings.telemetry;
    let (mut outlets, mut telling) = (Outlets::default(), Telling::default());
    if let Some(requests) = &said.requests {
        outlets.lines = Some(opened(requests)?);
    }
    #[cfg(feature = "otlp")]
    if let Some(traces) = &said.traces
        && let Some(endpoint) = &traces.endpoint
    {
        let (sender, receiver) = queue::bounded(SPANS);
        let exporter = otlp::exporter(traces, endpoint, way(endpoint)?)?;
        telling.carry(otlp::carry(exporter, receiver, Arc::clone(meters)));
        outlets.spans = Some(sender);
    }
    if let Some(faults) = &said.faults {
        let dsn = resolved("telemetry.faults.dsn", &faults.dsn)?;
        let dsn = sentry::Dsn::read(dsn.trim()).ok_or_else(|| {
            refused("`telemetry.faults.dsn`: write it as `https://KEY@host/PROJECT`".to_owned())
        })?;
        let (sender, receiver) = queue::bounded(REPORTS);
        let desk = sentry::Desk {
            way: way(&dsn.address)?,
            dsn,
            environment: faults.environment.clone(),
            clock: Arc::clone(clock),
            meters: Arc::clone(meters),
        };
        telling.carry(desk.carry(receiver));
        outlets.reports = Some(sender);
    }
    Ok((outlets, telling))
}

fn opened(requests: &Requests) -> Result<Arc<Lines>, Refusal> {
    let form = if requests.logfmt { Form::Logfmt } else { Form::Json };
    let to = match &requests.to {
        To::Stdout => lines::To::Stdout,
        To::Stderr => lines::To::Stderr,
        To::File(path) => lines::To::File(path.clone()),
    };
    Lines::open(form, &to).map_err(|why| {
        let place = match &requests.to {
            To::File(path) => path.display().to_string(),
            _ => String::new(),
        };
        refused(format!("`telemetry.requests.to`: {place}: {why}"))
    })
}

fn resolved(place: &str, reference: &SecretRef) -> Result<String, Refusal> {
    secret::resolve(reference).map_err(|why| refused(format!("`{place}`: {why}")))
}

fn refused(detail: String) -> Refusal {
    Refusal::Source(Box::new(Fault::plain(&code::INTERNAL).detail(detail)))
}

/// The way to a receiver: few calls at a time, bounded in time and size.
fn way(address: &str) -> Result<Transport, Refusal> {
    let source = HttpSource {
        address: address.to_owned(),
        addresses: vec![address.to_owned()],
        deadline: DEADLINE,
        concurrency: 2,
        answer_bytes: 64 * 1024,
        credentials: Vec::new(),
        when_busy: WhenBusy::Fail,
        dialect: None,
    };
    network(&source).map_err(|fault| Refusal::Source(Box::new(fault)))
}
