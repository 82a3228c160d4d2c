//! Registering: an account and its record, or neither. The account is noted first, as being made; then its record is made;
//! then the account is tied to it. What breaks off between is found by [`Desk::tend`] and ends one way or the other.
//!
//! Whether an address was known is told to nobody but its owner, by mail. A known address costs the same work: a hash, and
//! a question to the system of records; and the answer comes no sooner than a fixed time.

use super::{Desk, address, id, links::Purpose, links::record, mail::Message, password};
use crate::{
    fault::{Fault, Place, Violation, code, code::Whose},
    ledger::accounts::{Account, Added, PasswordHash, Status},
    oauth::accounts::{body::Body, language::Language},
    plan::identity::accounts::Register,
};
use std::{future::Future, net::IpAddr, time::Duration};
use tokio::time::{Instant, sleep_until};

/// No answer that could tell whether an address is known comes sooner: longer than the work takes on a busy machine.
const PACE: Duration = Duration::from_millis(400);
/// Whose making began so many seconds ago is no longer being made.
const BROKEN_OFF: i64 = 300;

/// What somebody registers with.
pub struct Wish {
    pub address: String,
    pub password: String,
    pub language: Language,
    /// The members that are asked for besides.
    pub fields: Vec<(String, String)>,
}

impl Wish {
    /// Takes what registering asks for out of a body; what is wrong is noted there.
    pub fn of(body: &mut Body, register: &Register, language: Language) -> Self {
        let told = body.required("email");
        let address = address::normalised(&told);
        if address.is_none() && !told.is_empty() {
            body.wrong("email", &code::WRONG_FORMAT, "`email` is an address such as `name@example.org`.");
        }
        let address = address.unwrap_or_default();
        let password = body.required("password");
        if let (false, Err(weak)) = (password.is_empty(), password::judge(&password, &address)) {
            let message = if language == Language::Spanish { weak.spanish() } else { weak.sentence() };
            body.wrong("password", &code::OUT_OF_BOUNDS, message);
        }
        let language = body.optional("language").map_or(language, |name| Language::of(&name));
        let mut fields = Vec::new();
        for field in &register.fields {
            let value =
                if field.required { Some(body.required(&field.name)) } else { body.optional(&field.name) };
            fields.extend(value.filter(|value| !value.is_empty()).map(|value| (field.name.clone(), value)));
        }
        Self { address, password, language, fields }
    }
}

impl Desk {
    /// What can be registered for. Refuses with F111 where nobody can.
    pub fn registering(&self) -> Result<Register, Fault> {
        self.settings().accounts.register.clone().ok_or_else(|| Fault::plain(&code::NO_PATH))
    }

    /// Registers somebody, as far as their body is sound. Refuses with all that is wrong with it, with F241, and where the
    /// record cannot be made.
    pub async fn register(
        &self,
        mut body: Body,
        register: &Register,
        wish: Wish,
        from: Option<IpAddr>,
    ) -> Result<(), Fault> {
        let members = wish.fields.iter().cloned().chain([(register.address.clone(), wish.address.clone())]);
        let made_of = record(members);
        // What its contract says is told beside what registering itself has to say, once for each member.
        if let Err(fault) = self.parts.records.judge(register, &made_of) {
            if fault.violations.is_empty() {
                return Err(fault);
            }
            for violation in fault.violations {
                let violation = public(violation, register);
                if body.violations.iter().all(|known| known.place != violation.place) {
                    body.violations.push(violation);
                }
            }
        }
        body.done()?;
        self.count_made(from).await?;
        self.paced(async {
            let password_hash = self.passwords.hash(&wish.password).await?;
            let known = self.ledger().account_by_email(&self.index("address", &wish.address)).await?;
            let found = self.parts.records.find(register, &wish.address).await?;
            match known {
                Some(account) => self.registered_before(account, &wish, password_hash).await,
                None => self.make(register, &wish, password_hash, &made_of, found).await,
            }
        })
        .await
    }

    /// Answers no sooner than at its pace.
    pub(super) async fn paced<T>(&self, work: impl Future<Output = T>) -> T {
        let until = Instant::now() + PACE;
        let done = work.await;
        sleep_until(until).await;
        done
    }

    /// The address has an account: its owner is told so. While the address is not proven yet, the last to register counts, and
    /// earlier links are void.
    async fn registered_before(
        &self,
        account: Account,
        wish: &Wish,
        hash: PasswordHash,
    ) -> Result<(), Fault> {
        if account.status != Status::Active || !self.may_mail(&wish.address).await? {
            return Ok(());
        }
        if account.verified_at > 0 {
            let public_url = &self.settings().public_url;
            return self.post(&Message::known_already(wish.language, &wish.address, public_url)).await;
        }
        let language = wish.language.name().to_owned();
        let account = Account { password_hash: hash, password_at: self.now(), language, ..account };
        match self.ledger().change_account(&account, Status::Active).await? {
            Some(_) => self.send_link(&account, Purpose::Verify).await,
            None => Ok(()),
        }
    }

    async fn make(
        &self,
        register: &Register,
        wish: &Wish,
        password_hash: PasswordHash,
        made_of: &super::Record,
        found: Option<String>,
    ) -> Result<(), Fault> {
        let (id, now) = (id("a")?, self.now());
        let account = Account {
            email_index: self.index("address", &wish.address),
            email_sealed: self.seal_address(&id, &wish.address)?,
            id,
            password_hash,
            roles: vec![register.role.clone()],
            claims: Vec::new(),
            status: Status::Making,
            language: wish.language.name().to_owned(),
            created_at: now,
            verified_at: 0,
            password_at: now,
            record: None,
        };
        if self.ledger().add_account(&account).await? == Added::Taken {
            // Somebody registers the same address at the same moment: one of them does.
            return Ok(());
        }
        // Who has a record here already gets it once the address is proven, and not before.
        let key = match found {
            Some(_) => None,
            None => match self.parts.records.make(register, made_of).await {
                Ok(key) => Some(key),
                Err(fault) => self.not_made(register, &account, &wish.address, fault).await?,
            },
        };
        let mut made = Account { status: Status::Active, ..account };
        if let Some(key) = key {
            made.record = Some(format!("{}/{key}", register.name));
            made.claims.push((register.claim.clone(), key));
        }
        match self.ledger().change_account(&made, Status::Making).await? {
            Some(Added::Yes) => self.send_link(&made, Purpose::Verify).await,
            Some(Added::Taken) => {
                let detail = "accounts: a new record has the key of another account's";
                Err(Fault::plain(&code::INTERNAL).detail(detail))
            }
            None => Err(Fault::plain(&code::INTERNAL).detail("accounts: an account went while it was made")),
        }
    }

    /// The record was not made, as far as is known: if it is there all the same, the account stays without a claim until its
    /// address is proven; if it is not, neither is the account; and if that cannot be known now, it is asked again later.
    async fn not_made(
        &self,
        register: &Register,
        account: &Account,
        address: &str,
        fault: Fault,
    ) -> Result<Option<String>, Fault> {
        let refused = fault.code.whose == Whose::Caller;
        match self.parts.records.find(register, address).await {
            Ok(Some(_)) => Ok(None),
            Ok(None) => {
                self.ledger().remove_account_in_making(&account.id).await?;
                Err(named(fault, register))
            }
            Err(_) if refused => {
                self.ledger().remove_account_in_making(&account.id).await?;
                Err(named(fault, register))
            }
            Err(_) => Err(fault),
        }
    }

    /// Accounts whose making broke off: with a record under their address they stay, without one they go.
    pub(super) async fn resolve(&self) -> Result<(), Fault> {
        let settings = self.settings();
        let Some(register) = &settings.accounts.register else { return Ok(()) };
        for account in self.ledger().accounts_in_making(self.now().saturating_sub(BROKEN_OFF)).await? {
            let Some(address) = self.address_of(&account) else { continue };
            match self.parts.records.find(register, &address).await {
                Ok(Some(_)) => {
                    let made = Account { status: Status::Active, ..account };
                    if self.ledger().change_account(&made, Status::Making).await? == Some(Added::Yes) {
                        self.send_link(&made, Purpose::Verify).await?;
                    }
                }
                Ok(None) => self.ledger().remove_account_in_making(&account.id).await?,
                Err(fault) => {
                    let why = fault.detail.as_deref().unwrap_or(&fault.message);
                    tracing::warn!(
                        account = account.id,
                        why,
                        "whether its record was made is asked again later"
                    );
                }
            }
        }
        Ok(())
    }
}

/// A record's violations in the names of what was sent.
fn named(mut fault: Fault, register: &Register) -> Fault {
    fault.violations = fault.violations.into_iter().map(|violation| public(violation, register)).collect();
    fault
}

fn public(mut violation: Violation, register: &Register) -> Violation {
    if violation.place == Place::Pointer(format!("/{}", register.address)) {
        violation.place = Place::Pointer("/email".to_owned());
    }
    violation
}
