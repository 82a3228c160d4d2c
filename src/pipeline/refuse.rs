//! What is answered beside the road: refusals of what never came on it, in the form that was asked for.

use super::{Body, Facade, arrive::Manner, cors, envelope::Answer, tell, trail::Trail};
use crate::{
    fault::{Code, Fault},
    limits::Meter,
};
use http::{Response, request::Parts};

impl Facade {
    /// The answer to what the edge refuses before there is a request on the road.
    pub fn refuse(&self, head: &Parts, code: &'static Code) -> Response<Body> {
        self.refuse_with(head, &Fault::plain(code))
    }

    /// The answer to what is refused beside the road, in the form that was asked for.
    pub fn refuse_with(&self, head: &Parts, fault: &Fault) -> Response<Body> {
        self.refuse_by(head, fault, &Meter::default())
    }

    /// The same, with what it was counted by.
    pub fn refuse_by(&self, head: &Parts, fault: &Fault, meter: &Meter) -> Response<Body> {
        let instance = self.current();
        let mut trail = Trail::begin(head, &instance, &self.outlets, &*self.clock);
        trail.is_beside(|meters| &meters.edge);
        let mut answer = Answer::refusal(&instance.plan, &Manner::of(head), fault, &mut trail);
        tell(meter, &mut answer);
        trail.end(&mut answer, None);
        let mut response = answer.into_response(&head.method);
        cors::mark(&instance.plan, head, response.headers_mut());
        response
    }
}
