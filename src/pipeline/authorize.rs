//! What a caller may do with a resource, with which of its records, and what they see of them. Codes F2.
//! What someone may not see does not exist for them: records are answered as if they were not there (F112), members
//! as if the contract had none of their name.

use super::route::{Routed, To};
use crate::{
    fault::{Fault, Violation, code},
    identity::Caller,
    plan::{
        Contract, MemberId, Resource, Selection,
        access::{Access, Condition, Grant, Rows, Through, condition::Facts},
        resource::Operation,
    },
    value::{Value, pointer, time::Moment},
};
use std::borrow::Cow;

/// What a caller may do here.
#[derive(Debug, Clone)]
pub struct Permit<'p> {
    pub rows: Held<'p>,
    /// Members with the values of which one has to be theirs.
    pub having: &'p [(MemberId, Vec<String>)],
    /// What exists for the caller.
    pub view: Cow<'p, Selection>,
    pub when: Option<&'p Condition>,
    /// The role that it rests on; nothing where no role was asked for.
    pub role: Option<&'p str>,
}

/// With which records.
#[derive(Debug, Clone)]
pub enum Held<'p> {
    All,
    /// Those whose member holds this.
    Own(MemberId, Box<str>),
    /// Those that one of these leads to.
    Through(&'p [Through]),
}

impl<'p> Permit<'p> {
    /// Everything, with all records.
    pub fn free(all: &'p Selection) -> Self {
        Self { rows: Held::All, having: &[], view: Cow::Borrowed(all), when: None, role: None }
    }

    /// What the caller may do with a resource.
    ///
    /// Refuses with F211 (nobody is known to ask), F221 (no scope) and F222 (no role does this).
    pub fn of(resource: &'p Resource, caller: &Caller, operation: Operation) -> Result<Self, Fault> {
        let access = &*resource.access;
        if caller.is_operator() || access.open {
            return Ok(Self::free(&resource.all));
        }
        if access.public.has(operation) {
            return Ok(Self { view: view(resource, None, caller), ..Self::free(&resource.all) });
        }
        if caller.is_anonymous() {
            return Err(Fault::plain(&code::NO_TOKEN));
        }
        let scope = access.scope(operation);
        if !caller.has_scope(scope) {
            return Err(no_scope(scope));
        }
        Self::granted(resource, caller, operation).ok_or_else(|| Fault::plain(&code::NOT_YOURS))
    }

    /// What a role's grant for reading gives the caller, whatever scopes they have.
    pub fn of_role(resource: &'p Resource, caller: &Caller, role: &str) -> Option<Self> {
        let reads = |grant: &&Grant| *grant.role == *role && grant.may.any(false);
        let grant = resource.access.grants.iter().find(reads)?;
        Self::by(resource, grant, caller)
    }

    /// What of a resource's records exists for the caller, whatever they may ask for by scope: for parents and
    /// references. `None`: nothing of it.
    pub fn known(resource: &'p Resource, caller: &Caller) -> Option<Self> {
        let access = &*resource.access;
        let free = caller.is_operator()
            || access.open
            || access.public.has(Operation::Read)
            || access.public.has(Operation::List);
        if free {
            return Some(Self::free(&resource.all));
        }
        Self::granted(resource, caller, Operation::Read)
            .or_else(|| Self::granted(resource, caller, Operation::List))
    }

    fn granted(resource: &'p Resource, caller: &Caller, operation: Operation) -> Option<Self> {
        let access: &'p Access = &resource.access;
        let mut possible = access.grants.iter().filter(|grant| grant.may.has(operation));
        possible.find_map(|grant| Self::by(resource, grant, caller))
    }

    fn by(resource: &'p Resource, grant: &'p Grant, caller: &Caller) -> Option<Self> {
        if !caller.roles.contains(&grant.role) {
            return None;
        }
        Some(Self {
            rows: held(grant, caller)?,
            having: &grant.having,
            view: view(resource, grant.view.as_ref(), caller),
            when: grant.when.as_ref(),
            role: Some(&grant.role),
        })
    }

    /// A selection with what has to be known of a record before it is shown.
    pub fn guarded(&self, selection: &Selection, resource: &Resource) -> Selection {
        if self.when.is_some_and(|when| when.of_record) {
            return resource.all.clone();
        }
        let mut guarded = selection.clone();
        match &self.rows {
            Held::All => {}
            Held::Own(member, _) => guarded = guarded.with(*member),
            Held::Through(all) => {
                for through in *all {
                    guarded = guarded.with(through.member);
                }
            }
        }
        for (member, _) in self.having {
            guarded = guarded.with(*member);
        }
        guarded
    }

    /// Whether every record is the caller's to see.
    pub fn is_free(&self) -> bool {
        matches!(self.rows, Held::All) && self.having.is_empty() && self.when.is_none()
    }

    /// Whether the caller may come at all: holds a condition that asks nothing of a record.
    pub fn stands(&self, caller: &Caller, operation: Operation, now: Moment) -> Result<(), Fault> {
        if self.when.is_some_and(|when| when.of_record) {
            return Ok(());
        }
        self.condition(caller, operation, now, None)
    }

    /// Whether the condition holds. A condition that fails does not hold.
    pub fn condition(
        &self,
        caller: &Caller,
        operation: Operation,
        now: Moment,
        record: Option<&Value>,
    ) -> Result<(), Fault> {
        let Some(when) = self.when else { return Ok(()) };
        let now = now.to_string();
        let scopes = caller.scopes.as_deref().unwrap_or_default();
        let facts = Facts {
            subject: caller.subject.as_deref(),
            client: caller.client.as_deref(),
            tier: caller.tier.as_deref(),
            roles: &caller.roles,
            scopes,
            claims: &caller.claims,
            operation: operation.name(),
            now: &now,
        };
        match when.holds(&facts, record) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Fault::plain(&code::CONDITION)),
            Err(wrong) => Err(Fault::plain(&code::CONDITION).detail(wrong)),
        }
    }

    /// Takes the members out of a body that do not exist for the caller, and tells of each as of one that the contract
    /// has not.
    pub fn hide(&self, contract: &Contract, body: &mut Value) -> Vec<Violation> {
        let mut violations = Vec::new();
        if !self.view.is_all() {
            let top: Vec<MemberId> = contract.top().map(|member| member.id).collect();
            self.hide_in(contract, &top, body, &mut String::new(), &mut violations);
        }
        violations
    }

    fn hide_in(
        &self,
        contract: &Contract,
        members: &[MemberId],
        body: &mut Value,
        at: &mut String,
        violations: &mut Vec<Violation>,
    ) {
        let length = at.len();
        if let Value::List(items) = body {
            for (number, item) in items.iter_mut().enumerate() {
                pointer::push(at, &number.to_string());
                self.hide_in(contract, members, item, at, violations);
                at.truncate(length);
            }
            return;
        }
        for member in members.iter().filter_map(|id| contract.get(*id)) {
            pointer::push(at, &member.name);
            if !self.view.has(member.id) {
                if body.remove(&member.name).is_some() {
                    let message = format!("`{}` is not known; leave it out.", member.path);
                    violations.push(Violation::pointer(at.clone(), &code::UNKNOWN_MEMBER, message));
                }
            } else if let Value::Object(all) = &mut *body
                && let Some((_, inner)) = all.iter_mut().find(|(name, _)| **name == *member.name)
            {
                self.hide_in(contract, &member.children, inner, at, violations);
            }
            at.truncate(length);
        }
    }

    /// Brings the members that do not exist for the caller back to what they are in the record.
    pub fn keep_hidden(&self, contract: &Contract, body: &mut Value, current: &Value) {
        if self.view.is_all() {
            return;
        }
        for member in contract.members().iter().filter(|member| !self.view.has(member.id) && !member.in_list)
        {
            let whole = member.parent.is_none_or(|parent| self.view.has(parent));
            if whole && let Some(theirs) = current.at(&member.path) {
                body.set_at(&member.path, theirs.clone());
            }
        }
    }
}

/// The stage: what the caller may do with what the path names.
pub fn authorize(routed: &mut Routed<'_>, now: Moment) -> Result<(), Fault> {
    match routed.to {
        To::Resource(resource, _) => {
            let permit = Permit::of(resource, &routed.caller, routed.operation)?;
            permit.stands(&routed.caller, routed.operation, now)?;
            routed.permit = permit;
        }
        To::Shortcut(shortcut) => {
            if !shortcut.public && routed.caller.is_anonymous() {
                return Err(Fault::plain(&code::NO_TOKEN));
            }
        }
    }
    Ok(())
}

pub fn no_scope(scope: &str) -> Fault {
    let message = format!("This needs the scope `{scope}`, which the access token was not granted.");
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
    Fault::new(&code::NO_SCOPE, message).challenge(challenge)
}

fn held<'p>(grant: &'p Grant, caller: &Caller) -> Option<Held<'p>> {
    match &grant.rows {
        Rows::All => Some(Held::All),
        Rows::Through(all) => Some(Held::Through(all)),
        // Who has no claim owns nothing.
        Rows::Own(member) => {
            let value = caller.claim(grant.claim.as_deref()?).filter(|value| !value.is_empty())?;
            Some(Held::Own(*member, value.into()))
        }
    }
}

/// What a role sees, without what it lacks the scope for.
fn view<'p>(resource: &'p Resource, role: Option<&'p Selection>, caller: &Caller) -> Cow<'p, Selection> {
    let seen = role.unwrap_or(&resource.all);
    let lacking: Vec<MemberId> = resource
        .access
        .scoped
        .iter()
        .filter(|(_, scope)| caller.is_anonymous() || !caller.has_scope(scope))
        .flat_map(|(members, _)| members.iter().copied())
        .collect();
    if lacking.is_empty() {
        Cow::Borrowed(seen)
    } else {
        Cow::Owned(seen.without(&resource.contract, &lacking))
    }
}
