//! Links that are sent by mail: to prove an address, to set a password anew, and to set the first one of an account that
//! was made for somebody. Of each a hash is kept; it is good once, for a while, and until a newer one is sent.

use super::{Desk, Record, hash, password, token};
use crate::{
    fault::{Fault, Violation, code},
    ledger::accounts::{Account, Added, Link, Status},
    oauth::accounts::{language::Language, mail::Message},
};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Verify,
    Reset,
    /// The first password of an account that was made for somebody.
    Invite,
}

impl Purpose {
    pub fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Invite => "invite",
        }
    }

    /// Seconds that it is good for.
    fn lifetime(self) -> i64 {
        match self {
            Self::Verify => 86_400,
            Self::Reset => 3_600,
            Self::Invite => 7 * 86_400,
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset | Self::Invite => "reset",
        }
    }
}

impl Desk {
    /// A new link of an account; those before it for the same are void.
    pub(super) async fn link(&self, account: &Account, purpose: Purpose) -> Result<String, Fault> {
        let (token, now) = (token()?, self.now());
        let link = Link {
            token_hash: hash(&token),
            account_id: account.id.clone(),
            purpose: purpose.name().to_owned(),
            created_at: now,
            expires_at: now.saturating_add(purpose.lifetime()),
        };
        self.ledger().add_link(&link).await?;
        Ok(format!("{}/account/{}?token={token}", self.settings().public_url, purpose.path()))
    }

    /// Sends a new link, where the address can be opened.
    pub(super) async fn send_link(&self, account: &Account, purpose: Purpose) -> Result<(), Fault> {
        let Some(address) = self.address_of(account) else { return Ok(()) };
        let link = self.link(account, purpose).await?;
        let language = Language::of(&account.language);
        self.post(&Message::of_link(language, &address, purpose, &link, &self.settings().public_url)).await
    }

    /// The account of a link that can still be used for one of these.
    pub(in crate::oauth) async fn of_link(
        &self,
        token: &str,
        purposes: &[Purpose],
    ) -> Result<Option<Account>, Fault> {
        let Some(link) = self.ledger().link(&hash(token), self.now()).await? else { return Ok(None) };
        if !purposes.iter().any(|purpose| purpose.name() == link.purpose) {
            return Ok(None);
        }
        let account = self.ledger().account(&link.account_id).await?;
        Ok(account.filter(|account| account.status == Status::Active))
    }

    /// An address is proven by its link. Refuses with F243.
    pub async fn verify(&self, token: &str) -> Result<Account, Fault> {
        let account = self.of_link(token, &[Purpose::Verify]).await?.ok_or_else(no_link)?;
        if !self.ledger().use_link(&hash(token), self.now()).await? {
            return Err(no_link());
        }
        self.proven(account).await
    }

    /// The address of an account is its owner's: from now on they can log in, and what was kept under this address is
    /// theirs.
    async fn proven(&self, mut account: Account) -> Result<Account, Fault> {
        if account.verified_at == 0 {
            account.verified_at = self.now().max(1);
        }
        self.adopt(&mut account).await?;
        match self.ledger().change_account(&account, Status::Active).await? {
            Some(Added::Yes) => Ok(account),
            Some(Added::Taken) => {
                tracing::warn!(account = account.id, "the record of this address is another account's");
                let settings = self.settings();
                let claim = settings.accounts.register.as_ref().map(|register| register.claim.as_str());
                account.claims.retain(|(name, _)| Some(name.as_str()) != claim);
                account.record = None;
                self.ledger().change_account(&account, Status::Active).await?.ok_or_else(no_link)?;
                Ok(account)
            }
            None => Err(no_link()),
        }
    }

    /// An account without its record is tied to the one that is there under its address: it was there before anybody
    /// registered, or its making broke off.
    async fn adopt(&self, account: &mut Account) -> Result<(), Fault> {
        let settings = self.settings();
        let Some(register) = &settings.accounts.register else { return Ok(()) };
        let tied = account.claims.iter().any(|(name, _)| *name == register.claim);
        if tied || !account.roles.contains(&register.role) {
            return Ok(());
        }
        let Some(address) = self.address_of(account) else { return Ok(()) };
        if let Some(key) = self.parts.records.find(register, &address).await? {
            account.record = Some(format!("{}/{key}", register.name));
            account.claims.push((register.claim.clone(), key));
        }
        Ok(())
    }

    /// Somebody has forgotten the password. What is answered, and what is done for it here, does not depend on whether
    /// there is an account.
    pub async fn forgot(&self, address: &str, from: Option<std::net::IpAddr>) -> Result<(), Fault> {
        self.count_made(from).await?;
        self.paced(async {
            let may = self.may_mail(address).await?;
            let account = self.ledger().account_by_email(&self.index("address", address)).await?;
            match account.filter(|account| account.status == Status::Active && may) {
                Some(account) => self.send_link(&account, Purpose::Reset).await,
                None => Ok(()),
            }
        })
        .await
    }

    /// Sets a password by a link. All sessions end, and all apps are logged out. Refuses with F243, and with what is
    /// wrong with the password.
    pub async fn reset(&self, token: &str, password: &str) -> Result<Account, Fault> {
        let purposes = [Purpose::Reset, Purpose::Invite];
        let account = self.of_link(token, &purposes).await?.ok_or_else(no_link)?;
        let address = self.address_of(&account).unwrap_or_default();
        judged(password, &address)?;
        let hashed = self.passwords.hash(password).await?;
        if !self.ledger().use_link(&hash(token), self.now()).await? {
            return Err(no_link());
        }
        let account =
            self.proven(Account { password_hash: hashed, password_at: self.now(), ..account }).await?;
        self.password_changed(&account, &address, None).await?;
        Ok(account)
    }

    /// Changes the password of somebody who is logged in, and knows it. Other sessions end. Refuses with F242 and F241.
    pub async fn change_password(
        &self,
        account: &Account,
        session: &str,
        old: &str,
        new: &str,
        from: Option<std::net::IpAddr>,
    ) -> Result<(), Fault> {
        let address = self.address_of(account).unwrap_or_default();
        self.count_login(&address, from).await?;
        if !self.passwords.fits(old, Some(&account.password_hash)).await? {
            return Err(Fault::new(&code::LOGIN_REFUSED, "The present password is another one."));
        }
        self.forget_login(&address).await?;
        judged(new, &address)?;
        let hashed = self.passwords.hash(new).await?;
        let account = Account { password_hash: hashed, password_at: self.now(), ..account.clone() };
        self.ledger().change_account(&account, Status::Active).await?.ok_or_else(no_link)?;
        self.password_changed(&account, &address, Some(session)).await
    }

    async fn password_changed(
        &self,
        account: &Account,
        address: &str,
        but: Option<&str>,
    ) -> Result<(), Fault> {
        self.end_sessions(&account.id, but).await?;
        self.ledger().void_links(&account.id, self.now()).await?;
        self.forget_login(address).await?;
        let language = Language::of(&account.language);
        self.post(&Message::password_changed(language, address, &self.settings().public_url)).await
    }
}

fn no_link() -> Fault {
    Fault::plain(&code::BAD_LINK)
}

fn judged(password: &str, address: &str) -> Result<(), Fault> {
    password::judge(password, address).map_err(|weak| {
        let violation = Violation::pointer("/password", &code::OUT_OF_BOUNDS, weak.sentence());
        Fault::of_violations(vec![violation]).unwrap_or_else(|| Fault::plain(&code::BAD_BODY))
    })
}

/// A record of texts.
pub(super) fn record(members: impl IntoIterator<Item = (String, String)>) -> Record {
    members.into_iter().map(|(name, value)| (name, value.into())).collect()
}
