//! Accounts that are made for people: staff, by an administrator at the command line. The first password is set by a link,
//! which is sent or printed; nobody else ever knows it.

use super::{Desk, address, id, links::Purpose};
use crate::{
    fault::{Fault, code},
    ledger::accounts::{Account, Added, PasswordHash, Status},
    oauth::accounts::language::Language,
};

/// Lists no more than this.
const LISTED: i64 = 10_000;

/// Who gets an account.
#[derive(Debug, Clone)]
pub struct Person {
    pub address: String,
    pub roles: Vec<String>,
    pub claims: Vec<(String, String)>,
    pub language: Language,
}

/// What is done with the link to the first password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    Mailed,
    /// It is given to whoever asked for the account.
    Printed,
}

impl Desk {
    /// Makes an account. The link to its first password where it is to be printed. Refuses with F445 and F464.
    pub async fn add(&self, person: &Person, hand: Hand) -> Result<(Account, Option<String>), Fault> {
        let account = self.made(person, |account| account).await?;
        let link = self.invite(&account, hand).await?;
        Ok((account, link))
    }

    /// Makes an account that is proven, with a password that is known to whoever asks for it. For demos and tests: nobody but
    /// its owner should know a password. Refuses with F445 and F464.
    pub async fn add_known(&self, person: &Person, password: &str) -> Result<Account, Fault> {
        let hash = self.passwords.hash(password).await?;
        let now = self.now().max(1);
        let known = |account| Account { password_hash: hash, password_at: now, verified_at: now, ..account };
        self.made(person, known).await
    }

    async fn made(
        &self,
        person: &Person,
        finished: impl FnOnce(Account) -> Account,
    ) -> Result<Account, Fault> {
        let Some(address) = address::normalised(&person.address) else {
            return Err(Fault::new(&code::WRONG_FORMAT, "This is no e-mail address."));
        };
        let (id, now) = (id("a")?, self.now());
        let account = Account {
            email_index: self.index("address", &address),
            email_sealed: self.seal_address(&id, &address)?,
            id,
            password_hash: PasswordHash::default(),
            roles: person.roles.clone(),
            claims: person.claims.clone(),
            status: Status::Active,
            language: person.language.name().to_owned(),
            created_at: now,
            verified_at: 0,
            password_at: 0,
            record: None,
        };
        let account = finished(account);
        if self.ledger().add_account(&account).await? == Added::Taken {
            return Err(Fault::new(&code::ALREADY_THERE, "There is an account with this address already."));
        }
        Ok(account)
    }

    /// A new link to the first password, or to a new one.
    pub async fn invite(&self, account: &Account, hand: Hand) -> Result<Option<String>, Fault> {
        match hand {
            Hand::Mailed => self.send_link(account, Purpose::Invite).await.map(|()| None),
            Hand::Printed => self.link(account, Purpose::Invite).await.map(Some),
        }
    }

    /// All accounts with their addresses, oldest first.
    pub async fn list(&self) -> Result<Vec<(Account, String)>, Fault> {
        let all = self.ledger().accounts(LISTED).await?;
        let address = |account: &Account| self.address_of(account).unwrap_or_else(|| "(sealed)".to_owned());
        Ok(all.into_iter().map(|account| (address(&account), account)).map(|(a, b)| (b, a)).collect())
    }

    /// An account by its id or its address.
    pub async fn find(&self, who: &str) -> Result<Option<Account>, Fault> {
        match address::normalised(who) {
            Some(address) => self.ledger().account_by_email(&self.index("address", &address)).await,
            None => self.ledger().account(who).await,
        }
    }

    /// Gives an account these roles and claims in the place of what it had. Its sessions end, so that no token says
    /// otherwise.
    pub async fn appoint(
        &self,
        account: &Account,
        roles: Vec<String>,
        claims: Vec<(String, String)>,
    ) -> Result<Account, Fault> {
        let changed = Account { roles, claims, ..account.clone() };
        self.change(&changed, account.status).await?;
        self.parts.tokens.revoke_account(&account.id).await?;
        self.end_sessions(&account.id, None).await?;
        Ok(changed)
    }

    /// Lets an account in no longer, at once, or lets it in again.
    pub async fn set_status(&self, account: &Account, status: Status) -> Result<Account, Fault> {
        let changed = Account { status, ..account.clone() };
        self.change(&changed, account.status).await?;
        if status == Status::Disabled {
            self.parts.tokens.revoke_account(&account.id).await?;
            self.end_sessions(&account.id, None).await?;
            self.ledger().void_links(&account.id, self.now()).await?;
        }
        Ok(changed)
    }

    async fn change(&self, account: &Account, from: Status) -> Result<(), Fault> {
        match self.ledger().change_account(account, from).await? {
            Some(Added::Yes) => Ok(()),
            Some(Added::Taken) => Err(Fault::new(&code::ALREADY_THERE, "The record is another account's.")),
            None => Err(Fault::new(&code::LOST_RACE, "The account was changed by somebody else just now.")),
        }
    }
}
