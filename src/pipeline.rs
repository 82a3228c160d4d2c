//! READ FIRST: the road of a request, in one function. Each stage takes what the one before hands on, and
//! refuses with codes of its own digit: arrive and route F1, authenticate and authorize F2, limits F3, validate and select F4,
//! execute F5, translate F6, audit F9.
//! The road holds no configuration text and knows no socket: `edge` brings requests, `control` exchanges plans.

pub mod arrive;
pub mod audit;
pub mod authorize;
pub mod caching;
pub mod contact;
pub mod cors;
pub mod envelope;
pub mod execute;
pub mod explain;
pub mod hooks;
pub mod once;
mod refuse;
pub mod route;
pub mod select;
pub mod standing;
pub mod trail;
pub mod validate;

use crate::{
    backend::Sources,
    boxed::boxed,
    cache::Cache,
    fault::{Fault, code},
    idempotency::{Engine, Memory},
    identity::{Authenticate, Caller, Nobody, address::ClientAddress, audit::Note},
    limits::{Limits, Meter},
    plan::{Plan, Resource},
    resilience::{Gate, NoRoom, Room},
    telemetry::{Outlets, clock::Clock, journal},
    value::time::Moment,
};
use arc_swap::ArcSwap;
use arrive::{Arrived, Manner, Trouble};
use audit::Watch;
use bytes::Bytes;
use caching::{Account, Caching};
use envelope::Answer;
use http_body_util::Full;
use standing::Standing;
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};
use trail::Trail;

/// A plan with the sources that it runs on.
#[derive(Debug)]
pub struct Instance {
    pub plan: Plan,
    pub sources: Sources,
}

impl Instance {
    /// Drops the look-ups that are filled from a resource of this tag, or from what it changes; all where none is named.
    fn forget(&self, tag: Option<&str>) {
        for (id, lookup) in self.plan.lookups.iter().enumerate() {
            let resource = self.plan.resource(lookup.resource);
            let meant =
                |tag: &str| resource.is_some_and(|one| one.caching.tags.iter().any(|known| **known == *tag));
            if tag.is_none_or(meant) {
                self.sources.tables.forget(&self.plan, id);
            }
        }
    }
}

/// The façade: answers requests by the plan that is current when they begin.
#[derive(Debug)]
pub struct Facade {
    current: Arc<ArcSwap<Instance>>,
    clock: Arc<dyn Clock>,
    identity: Arc<dyn Authenticate>,
    cache: Arc<Cache>,
    audit: Option<Arc<dyn Note>>,
    /// Told of every exchange.
    exchanged: watch::Sender<()>,
    outlets: Outlets,
    idempotency: Arc<Engine>,
    limits: Arc<Limits>,
    gate: Gate,
}

/// What operators and the program itself may ask beyond the bound of requests under way.
const RESERVED: usize = 64;
/// When it is worth coming again where there were too many requests at once.
const AGAIN: Duration = Duration::from_secs(1);
/// The body of an answer.
pub type Body = Full<Bytes>;

impl Facade {
    /// A façade that takes no credentials: what is public can be had, and nothing else.
    pub fn new(instance: Instance, clock: Arc<dyn Clock>) -> Self {
        let cache = Cache::new(&instance.plan.settings.cache);
        let current = Arc::new(ArcSwap::from_pointee(instance));
        let heeding = Arc::clone(&current);
        // What look-ups were filled from is written as well.
        cache.heed(Box::new(move |tag| heeding.load().forget(tag)));
        Self {
            current,
            identity: Arc::new(Nobody),
            cache,
            audit: None,
            exchanged: watch::Sender::new(()),
            outlets: Outlets::default(),
            idempotency: Arc::new(Engine::new(Arc::new(Memory::default()), Arc::clone(&clock))),
            limits: Arc::new(Limits::new(Arc::clone(&clock))),
            gate: Gate::default(),
            clock,
        }
    }

    /// Requests under way, and those that found no room: for metrics.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    pub fn cache(&self) -> &Arc<Cache> {
        &self.cache
    }

    /// The same, with who tells its callers apart.
    #[must_use]
    pub fn with_identity(mut self, identity: Arc<dyn Authenticate>) -> Self {
        self.identity = identity;
        self
    }

    /// The same, with who keeps what callers do.
    #[must_use]
    pub fn with_audit(mut self, audit: Option<Arc<dyn Note>>) -> Self {
        self.audit = audit;
        self
    }

    /// The same, with where what is told of requests goes to.
    #[must_use]
    pub fn with_outlets(mut self, outlets: Outlets) -> Self {
        self.outlets = outlets;
        self
    }

    pub fn outlets(&self) -> &Outlets {
        &self.outlets
    }

    /// Who keeps what callers do; nothing where nobody does.
    pub fn audit(&self) -> Option<&Arc<dyn Note>> {
        self.audit.as_ref()
    }

    /// The same, with who keeps the answers of requests that have a key; they are kept in memory otherwise.
    #[must_use]
    pub fn with_idempotency(mut self, engine: Arc<Engine>) -> Self {
        self.idempotency = engine;
        self
    }

    /// The same, with limits that outlast the program or are shared.
    #[must_use]
    pub fn with_limits(mut self, limits: Arc<Limits>) -> Self {
        self.limits = limits;
        self
    }

    /// The requests that have a key.
    pub fn idempotency(&self) -> &Arc<Engine> {
        &self.idempotency
    }

    /// How much callers may ask for.
    pub fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// The plan and sources of now. Whoever holds them ends on them.
    pub fn current(&self) -> Arc<Instance> {
        self.current.load_full()
    }

    /// Puts a new plan in the place of the old one, which it gives back; requests under way end on theirs.
    pub fn exchange(&self, instance: Instance) -> Arc<Instance> {
        let before = self.current.swap(Arc::new(instance));
        self.exchanged.send_replace(());
        before
    }

    /// Changes with every exchange from now on.
    pub fn exchanges(&self) -> watch::Receiver<()> {
        self.exchanged.subscribe()
    }

    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Answers one request. Whatever happens, there is an answer, in the form that was asked for.
    pub fn answer<B>(
        &self,
        request: http::Request<B>,
        deadline: Instant,
    ) -> impl Future<Output = http::Response<Body>>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Trouble>,
    {
        let (head, body) = request.into_parts();
        let mut body = Some(body);
        async move { self.serve(&head, &mut body, None, deadline).await }
    }

    /// The same for a request whose parts lie with the caller, where they stay. The body is taken where it is read.
    pub fn answer_parts<B>(
        &self,
        head: &http::request::Parts,
        body: &mut Option<B>,
        deadline: Instant,
    ) -> impl Future<Output = http::Response<Body>>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Trouble>,
    {
        self.serve(head, body, None, deadline)
    }

    /// Answers one request of somebody who is known already: the program's own questions, and an operator's.
    pub fn answer_as<B>(
        &self,
        caller: Arc<Caller>,
        request: http::Request<B>,
        deadline: Instant,
    ) -> impl Future<Output = http::Response<Body>>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Trouble>,
    {
        let (head, body) = request.into_parts();
        let mut body = Some(body);
        async move { self.serve(&head, &mut body, Some(caller), deadline).await }
    }

    async fn serve<B>(
        &self,
        head: &http::request::Parts,
        body: &mut Option<B>,
        caller: Option<Arc<Caller>>,
        deadline: Instant,
    ) -> http::Response<Body>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Trouble>,
    {
        let instance = self.current();
        let mut trail = Trail::begin(head, &instance, &self.outlets, &*self.clock);
        let own = || contact::answer(&instance.plan, head, self.clock.now());
        let own = own().or_else(|| cors::preflight(&instance.plan, head));
        if let Some(page) = own.or_else(|| crate::pages::answer(head)) {
            trail.page(page.status().as_u16());
            return page;
        }
        // Before anything of it is looked at: whoever is told to come again has cost as good as nothing.
        let most = instance.plan.settings.limits.requests;
        let reserved = if caller.is_some() { RESERVED } else { 0 };
        let Some(mut room) = self.gate.enter(most + reserved) else {
            let fault = overloaded();
            let mut answer = Answer::refusal(&instance.plan, &Manner::of(head), &fault, &mut trail);
            trail.end(&mut answer, None);
            let mut response = answer.into_response(&head.method);
            cors::mark(&instance.plan, head, response.headers_mut());
            return response;
        };
        let account = Account::default();
        let mut watch = Watch::begin(self.audit.as_ref(), head);
        let mut meter = Meter::default();
        let journal = trail.journal();
        let travelled = {
            // It stays where it is: what waits around it would each have it copied as a whole.
            let on_the_road = pin!(self.travel(
                &instance,
                head,
                body,
                caller,
                deadline,
                (&mut trail, &mut watch, &account, &mut meter, &mut room),
            ));
            tokio::time::timeout_at(deadline, journal::scope(journal, on_the_road)).await
        };
        // A refusal says what it is to whoever asked, and is told of as one: it has to be made each time.
        let may_stand = matches!(travelled, Ok(Ok(_))) && !watch.has_told();
        // How a refusal is wanted is asked only where there is one: the road finds it out by itself.
        let mut answer = match travelled {
            Ok(Ok(answer)) => answer,
            refused => {
                let fault = match refused {
                    Ok(Err(fault)) => fault,
                    _ => Fault::plain(&code::DEADLINE),
                };
                instance.sources.radars.breached(&fault, self.clock.now());
                let fault = watch.refused(&fault).await.err().unwrap_or(fault);
                let mut answer = Answer::refusal(&instance.plan, &Manner::of(head), &fault, &mut trail);
                account.mark_refusal(&mut answer);
                answer
            }
        };
        tell(&meter, &mut answer);
        trail.end(&mut answer, account.word());
        let standing = if may_stand { Standing::of(&instance, &account, head, &answer) } else { None };
        let mut response = answer.into_response(&head.method);
        cors::mark(&instance.plan, head, response.headers_mut());
        if let Some(standing) = standing {
            response.extensions_mut().insert(standing);
        }
        response
    }

    /// The whole road.
    async fn travel<B>(
        &self,
        instance: &Arc<Instance>,
        head: &http::request::Parts,
        body: &mut Option<B>,
        caller: Option<Arc<Caller>>,
        deadline: Instant,
        (trail, watch, account, meter, room): (
            &mut Trail<'_>,
            &mut Watch,
            &Account,
            &mut Meter,
            &mut Room<'_>,
        ),
    ) -> Result<Answer, Fault>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: Into<Trouble>,
    {
        let plan = &instance.plan;
        if let Some(source) = hooks::source(head)
            && let Some(body) = body.take()
        {
            trail.is_beside(|meters| &meters.hook);
            let taken = Box::pin(hooks::take(instance, source, head, body, self.clock.now()));
            let taken = room.aside(taken).await;
            trail.stage("hook", taken.unwrap_or_else(|NoRoom| Err(overloaded())))?;
            // It says that something there has changed, in words of the source.
            let theirs = |resource: &&Arc<Resource>| {
                plan.sources.get(resource.binding.source).is_some_and(|one| one.name == source)
            };
            for resource in plan.resources.iter().filter(theirs) {
                self.cache.written(&resource.caching.tag, true);
            }
            return Ok(Answer { status: 204, headers: Vec::new(), body: Bytes::new() });
        }
        let arrived = trail.stage("arrive", Arrived::of(head))?;
        let mut routed = trail.stage("route", route::route(plan, arrived))?;
        trail.goes(&routed);
        let address = head.extensions.get::<ClientAddress>().map(|found| found.0);
        let api = routed.api_at();
        if caller.is_none() {
            let arrived = self.limits.arrive(&plan.rates, api, address, meter).await;
            trail.stage("limits", arrived)?;
        }
        let caller = match caller {
            Some(known) => known,
            None => trail.stage("authenticate", self.identity.caller(head).await)?,
        };
        trail.caller(&caller);
        let counted = self.limits.admit(&plan.rates, (api, routed.operation), &caller, address, meter).await;
        trail.stage("limits", counted)?;
        routed.caller = caller;
        watch.aims(plan, &routed);
        trail.stage("authorize", authorize::authorize(&mut routed, self.clock.now()))?;
        let read = arrive::read(&routed, body.take());
        let read = if routed.operation.is_write() { room.aside(read).await } else { Ok(read.await) };
        let read = trail.stage("validate", read.unwrap_or_else(|NoRoom| Err(overloaded())))?;
        let keyed = trail.stage("validate", once::keyed(head, &routed, read.as_ref()))?;
        let validated = trail.stage("validate", validate::validate(plan, routed, read))?;
        let selected = trail.stage("select", select::select(plan, validated))?;
        // Only who runs the program may have sources asked at will.
        let anew =
            selected.validated.routed.arrived.no_cache && selected.validated.routed.caller.is_operator();
        let caching = Caching { cache: &self.cache, account, anew };
        let now = self.clock.now();
        let (task, pending) = match &keyed {
            None => (once::Task::Carry(None), None),
            Some(keyed) => {
                let around = once::Around { engine: &self.idempotency, instance, caching, now, deadline };
                match Box::pin(once::begin(around, keyed, &selected)).await? {
                    once::Begun::Replayed(answer) => return Ok(answer),
                    once::Begun::Left(task, pending) => (task, Some(pending)),
                }
            }
        };
        // In a box, as what comes with keys is: who waits for a body, or for a turn, holds no room for what comes behind.
        let done = boxed(|| carry(instance, &selected, task, (now, deadline), caching, (trail, watch))).await;
        let Some(pending) = pending else { return done };
        Box::pin(once::end(pending, instance, selected.validated.routed.arrived.manner, done)).await
    }
}

/// Says in an answer's headers what it was counted by.
fn tell(meter: &Meter, answer: &mut Answer) {
    let told = meter.headers().into_iter().flatten();
    answer.headers.extend(told.map(|(name, value)| (name, value.into())));
}

/// There are more requests under way than there is room for.
fn overloaded() -> Fault {
    Fault::plain(&code::OVERLOADED).retry_after(Some(AGAIN))
}

/// The end of the road: what is left to do is done, worded, and noted before it is shown.
async fn carry<'p>(
    instance: &'p Arc<Instance>,
    selected: &select::Selected<'p>,
    task: once::Task<'p>,
    (now, deadline): (Moment, Instant),
    caching: Caching<'p>,
    (trail, watch): (&mut Trail<'_>, &mut Watch),
) -> Result<Answer, Fault> {
    let found = match task {
        once::Task::Carry(mark) => {
            execute::execute(instance, selected, now, deadline, (caching, watch, mark)).await
        }
        once::Task::Show(found) => Ok(found),
    };
    let found = trail.stage("execute", found)?;
    let mut answer = trail.stage("translate", envelope::answer(&instance.plan, selected, &found))?;
    if !selected.validated.routed.operation.is_write() {
        caching.account.mark(&mut answer);
    }
    trail.stage("audit", watch.shows(instance, selected, &found).await)?;
    Ok(answer)
}
