//! Logging in, at a browser or by one of the company's own apps, whose tokens are renewed and ended here, too.

use super::{Desk, Minted};
use crate::{
    fault::{Fault, code},
    ledger::accounts::{Account, Status},
};
use std::net::IpAddr;

/// How long an app's session is shown without its tokens being renewed; its tokens end by themselves.
const APP_SESSION: i64 = 30 * 86_400;

impl Desk {
    /// Whose address and password these are. Unknown addresses, wrong passwords, addresses that were not proven yet and
    /// accounts that are disabled are all the same. Refuses with F242, and with F241 while guesses rest.
    pub async fn login(&self, address: &str, password: &str, from: Option<IpAddr>) -> Result<Account, Fault> {
        self.count_login(address, from).await?;
        let account = self.ledger().account_by_email(&self.index("address", address)).await?;
        let fits =
            self.passwords.fits(password, account.as_ref().map(|account| &account.password_hash)).await?;
        let account =
            account.filter(|account| fits && account.status == Status::Active && account.verified_at > 0);
        let Some(account) = account else { return Err(Fault::plain(&code::LOGIN_REFUSED)) };
        self.forget_login(address).await?;
        Ok(account)
    }

    /// The id of the account with an address, where there is one.
    pub(in crate::oauth) async fn id_of(&self, address: &str) -> Result<Option<String>, Fault> {
        let account = self.ledger().account_by_email(&self.index("address", address)).await?;
        Ok(account.map(|account| account.id))
    }

    /// Whether a client is one of the company's own apps. Refuses with F244.
    pub fn own_app(&self, client: &str) -> Result<(), Fault> {
        let settings = self.settings();
        if settings.accounts.apps.iter().any(|known| known == client) {
            return Ok(());
        }
        Err(Fault::plain(&code::NOT_OUR_APP))
    }

    /// Logs an app in. Refuses as [`Desk::login`] does.
    pub async fn login_app(
        &self,
        client: &str,
        address: &str,
        password: &str,
        device: &str,
        from: Option<IpAddr>,
    ) -> Result<(Minted, Account), Fault> {
        let account = self.login(address, password, from).await?;
        let now = self.now();
        let minted = self.parts.tokens.begin(client, &self.known(&account), now).await?;
        self.note_app(&minted, client, device, now.saturating_add(APP_SESSION)).await?;
        Ok((minted, account))
    }

    /// New tokens for a refresh token. Refuses with F245.
    pub async fn refresh_app(&self, client: &str, refresh: &str) -> Result<(Minted, Account), Fault> {
        let refused = || Fault::plain(&code::BAD_REFRESH);
        let minted = self.parts.tokens.renew(client, refresh).await?.ok_or_else(refused)?;
        let account = self.ledger().account(&minted.account).await?;
        let account = account.filter(|account| account.status == Status::Active && account.verified_at > 0);
        let Some(account) = account else {
            self.parts.tokens.revoke(&minted.family).await?;
            return Err(refused());
        };
        let now = self.now();
        if let Some(session) = self.ledger().session(&minted.family, now).await? {
            self.ledger().seen_session(&session.id, now, now.saturating_add(APP_SESSION)).await?;
        }
        Ok((minted, account))
    }

    /// Logs an app out. It is the same whether the token was good: afterwards it is not.
    pub async fn logout_app(&self, client: &str, refresh: &str) -> Result<(), Fault> {
        let Some(family) = self.parts.tokens.end(client, refresh).await? else { return Ok(()) };
        let now = self.now();
        if let Some(session) = self.ledger().session(&family, now).await? {
            self.ledger().revoke_session(&session.account_id, &session.id, now).await?;
        }
        Ok(())
    }
}
