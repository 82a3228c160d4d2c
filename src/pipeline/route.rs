//! Path and method to what is to be done. Codes F1: no such path, a method that is not possible here.

use super::{arrive::Arrived, authorize::Permit};
use crate::{
    fault::{Fault, code},
    identity::Caller,
    plan::{Api, Plan, Resource, Shortcut, resource::Operation, route::Target},
};
use http::Method;
use std::sync::Arc;

/// A request whose destination is known.
#[derive(Debug)]
pub struct Routed<'p> {
    pub arrived: Arrived,
    pub api: &'p Api,
    pub to: To<'p>,
    pub operation: Operation,
    /// The path's parameters, in order.
    pub parameters: Vec<String>,
    /// Who asks; nobody until the road knows.
    pub caller: Arc<Caller>,
    /// What they may; everything until that was asked.
    pub permit: Permit<'p>,
}

/// Where it goes.
#[derive(Debug, Clone, Copy)]
pub enum To<'p> {
    /// A resource, by the path of this number.
    Resource(&'p Arc<Resource>, usize),
    Shortcut(&'p Arc<Shortcut>),
}

impl Routed<'_> {
    /// The number of its API in the plan.
    pub fn api_at(&self) -> usize {
        match self.to {
            To::Resource(resource, _) => resource.api,
            To::Shortcut(shortcut) => shortcut.api,
        }
    }

    /// The key of the record that the path names.
    pub fn key(&self) -> &str {
        self.parameters.last().map_or("", String::as_str)
    }
}

pub fn route(plan: &Plan, arrived: Arrived) -> Result<Routed<'_>, Fault> {
    let segments: Vec<&str> = arrived.segments.iter().map(String::as_str).collect();
    let found = plan.routes.find(&segments).ok_or_else(|| Fault::plain(&code::NO_PATH))?;
    let parameters: Vec<String> = found.parameters.iter().map(|p| (*p).to_owned()).collect();
    if !parameters.iter().all(|p| is_id(p)) {
        // An id of other characters names no record of ours.
        return Err(Fault::plain(&code::NO_RECORD));
    }
    let method = method(&arrived)?;
    let missing = || Fault::plain(&code::INTERNAL).detail("a route leads nowhere");
    let (api, to, can) = match found.target {
        Target::Collection(id, path) | Target::Record(id, path) => {
            let resource = plan.resource(id).ok_or_else(missing)?;
            (resource.api, To::Resource(resource, path), resource.operations.clone())
        }
        Target::Shortcut(at) => {
            let shortcut = plan.shortcuts.get(at).ok_or_else(missing)?;
            (shortcut.api, To::Shortcut(shortcut), vec![Operation::Read])
        }
    };
    let operation = match (found.target, &method) {
        (Target::Collection(..), &Method::GET | &Method::HEAD) => Some(Operation::List),
        (Target::Collection(..), &Method::POST) => Some(Operation::Create),
        (Target::Record(..) | Target::Shortcut(_), &Method::GET | &Method::HEAD) => Some(Operation::Read),
        (Target::Record(..), &Method::PUT) => Some(Operation::Replace),
        (Target::Record(..), &Method::PATCH) => Some(Operation::Patch),
        (Target::Record(..), &Method::DELETE) => Some(Operation::Delete),
        _ => None,
    };
    let api = plan.apis.get(api).ok_or_else(missing)?;
    if let Some(operation) = operation.filter(|o| can.contains(o)) {
        let permit = Permit::free(match to {
            To::Resource(resource, _) => &resource.all,
            To::Shortcut(shortcut) => &shortcut.all,
        });
        Ok(Routed { arrived, api, to, operation, parameters, caller: Caller::anonymous(), permit })
    } else {
        let here = matches!(found.target, Target::Collection(..));
        let possible: Vec<&str> = can.iter().filter_map(|o| word(*o, here)).collect();
        let message = format!("This path does not take {method}. It takes {}.", possible.join(", "));
        Err(Fault::new(&code::NO_METHOD, message))
    }
}

/// The method that is meant: `method=` on a POST stands for one that the client cannot send.
fn method(arrived: &Arrived) -> Result<Method, Fault> {
    let Some(said) = arrived.parameter("method") else { return Ok(arrived.method.clone()) };
    match (arrived.method.as_str(), said) {
        ("POST", "put") => Ok(Method::PUT),
        ("POST", "patch") => Ok(Method::PATCH),
        ("POST", "delete") => Ok(Method::DELETE),
        _ => Err(Fault::plain(&code::BAD_METHOD_PARAMETER)),
    }
}

fn word(operation: Operation, collection: bool) -> Option<&'static str> {
    Some(match (operation, collection) {
        (Operation::List, true) | (Operation::Read, false) => "GET",
        (Operation::Create, true) => "POST",
        (Operation::Replace, false) => "PUT",
        (Operation::Patch, false) => "PATCH",
        (Operation::Delete, false) => "DELETE",
        _ => return None,
    })
}

/// Ids are opaque texts of these characters (PUBLIC-API, "ids").
pub(crate) fn is_id(text: &str) -> bool {
    text.len() <= 200 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'~' | b'-'))
}
