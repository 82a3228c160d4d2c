//! Requests that wait for an account's word: what is asked by whom, and what follows from a yes or a no. The pages that
//! ask stand elsewhere; they hold nothing but a request's id.

use super::{
    authorize::{Asked, denied, granted},
    client::Client,
    mint::Terms,
    refusal::Refusal,
    seams::Session,
    secrets,
    server::Server,
};
use crate::ledger::oauth::{
    grants::{ConsentRow, GrantRow, GrantToken},
    requests::RequestRow,
};
use serde::{Deserialize, Serialize};

/// A request waits so many seconds for its account's word.
const WAITS: i64 = 600;
/// A code counts so many seconds (RFC 6749, section 4.1.2: ten minutes at most).
const CODE_LIVES: i64 = 60;

/// Something that an account is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    asked: Kind,
    /// The account has to have proved itself at this time or later.
    proved_from: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Client(Box<Asked>),
    #[serde(rename_all = "camelCase")]
    Device {
        client_id: String,
        user_hash: String,
        scopes: Vec<String>,
        resources: Vec<String>,
    },
}

/// What stands between a request and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Somebody has to sign in first, or anew.
    Nobody,
    /// The account has to be asked.
    Asks,
    /// The account has said yes before.
    Allowed,
}

/// What a page shows to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub client_id: String,
    pub client_name: String,
    pub client_uri: Option<String>,
    pub scopes: Vec<String>,
    /// Where the answer goes, so that a person may see it; nothing for a device.
    pub redirect_uri: Option<String>,
    pub login_hint: Option<String>,
    /// The account has to have proved itself at this time or later, in seconds since 1970.
    pub proved_from: i64,
    pub is_device: bool,
}

/// How a consent given now is answered.
const GONE: &str =
    "the request has expired or was answered before; begin again at the app that sent you here";

// === impl Request ===

impl Request {
    pub(super) fn of_client(asked: Asked, now: i64) -> Self {
        let anew = asked.prompt.iter().any(|prompt| prompt == "login" || prompt == "select_account");
        let proved_from = match asked.max_age {
            _ if anew => now,
            Some(age) => now.saturating_sub(age),
            None => 0,
        };
        Self { asked: Kind::Client(Box::new(asked)), proved_from }
    }

    pub(super) fn of_device(
        client_id: &str,
        user_hash: &str,
        scopes: Vec<String>,
        resources: Vec<String>,
    ) -> Self {
        let (client_id, user_hash) = (client_id.to_owned(), user_hash.to_owned());
        Self { asked: Kind::Device { client_id, user_hash, scopes, resources }, proved_from: 0 }
    }

    fn client_id(&self) -> &str {
        match &self.asked {
            Kind::Client(asked) => &asked.client_id,
            Kind::Device { client_id, .. } => client_id,
        }
    }

    fn scopes(&self) -> &[String] {
        match &self.asked {
            Kind::Client(asked) => &asked.scopes,
            Kind::Device { scopes, .. } => scopes,
        }
    }

    /// Whether nobody may be asked anything (`prompt=none`).
    pub(super) fn is_silent(&self) -> bool {
        matches!(&self.asked, Kind::Client(asked) if asked.prompt.iter().any(|prompt| prompt == "none"))
    }

    fn is_to_be_asked(&self) -> bool {
        match &self.asked {
            Kind::Client(asked) => asked.prompt.iter().any(|prompt| prompt == "consent"),
            // Somebody else's device may be meant: its person is always asked (RFC 8628, section 5.4).
            Kind::Device { .. } => true,
        }
    }
}

impl Server {
    /// What stands between a request and its answer.
    pub(super) async fn see(
        &self,
        client: &Client,
        request: &Request,
        session: Option<&Session>,
    ) -> Result<Seen, Refusal> {
        let Some(session) = session.filter(|session| session.auth_time >= request.proved_from) else {
            return Ok(Seen::Nobody);
        };
        if request.is_to_be_asked() {
            return Ok(Seen::Asks);
        }
        if client.metadata.own {
            return Ok(Seen::Allowed);
        }
        // Whoever can take the place of a public client with a loopback or an own scheme would be allowed with it
        // (RFC 8252, section 8.6).
        let imitable = |uri: &str| !uri.starts_with("https://");
        if client.is_public()
            && matches!(&request.asked, Kind::Client(asked) if imitable(&asked.redirect_uri))
        {
            return Ok(Seen::Asks);
        }
        let given = self.ledger.consent(&session.account.id, client.id()).await?;
        let given = given.map(|consent| super::mint::split(&consent.scopes)).unwrap_or_default();
        let all = request.scopes().iter().all(|scope| given.contains(scope));
        Ok(if all { Seen::Allowed } else { Seen::Asks })
    }

    /// Keeps a request while it waits, and says where the browser goes: to sign in, to be asked, or back at once.
    pub(super) async fn wait(
        &self,
        client: &Client,
        request: Request,
        seen: Seen,
        session: Option<&Session>,
    ) -> Result<String, Refusal> {
        let (id, now) = (secrets::fresh("")?, self.now());
        let row = RequestRow {
            hash: secrets::hash(&id),
            kind: "pending".into(),
            client_id: client.id().into(),
            request: serde_json::to_string(&request)
                .map_err(|_| Refusal::server_error("the request cannot be kept"))?,
            created_at: now,
            expires_at: now.saturating_add(WAITS),
            used_at: 0,
        };
        self.ledger.add_request(&row).await?;
        match (seen, session) {
            (Seen::Allowed, Some(session)) => self.answered(client, &row.hash, request, session, None).await,
            (Seen::Asks, Some(_)) => Ok(format!("/account/consent?request={id}")),
            _ => Ok(format!("/account/login?return={id}")),
        }
    }

    /// Where a browser goes that has signed in for a request: on to be asked, or back where that is not needed.
    pub async fn resume(&self, id: &str, session: &Session) -> Result<String, Refusal> {
        let (row, request, client) = self.kept(id).await?;
        match self.see(&client, &request, Some(session)).await? {
            Seen::Nobody => Ok(format!("/account/login?return={id}")),
            Seen::Asks => Ok(format!("/account/consent?request={id}")),
            Seen::Allowed => self.answered(&client, &row.hash, request, session, None).await,
        }
    }

    /// What is asked by whom; nothing where no such request waits.
    pub async fn pending(&self, id: &str) -> Result<Option<Pending>, Refusal> {
        let (_, request, client) = match self.kept(id).await {
            Ok(kept) => kept,
            Err(refusal) if refusal.error == "invalid_request" => return Ok(None),
            Err(refusal) => return Err(refusal),
        };
        let (redirect_uri, login_hint) = match &request.asked {
            Kind::Client(asked) => (Some(asked.redirect_uri.clone()), asked.login_hint.clone()),
            Kind::Device { .. } => (None, None),
        };
        Ok(Some(Pending {
            client_id: client.id().to_owned(),
            client_name: client.row.name.clone(),
            client_uri: client.metadata.uri.clone(),
            scopes: request.scopes().to_vec(),
            is_device: redirect_uri.is_none(),
            redirect_uri,
            login_hint,
            proved_from: request.proved_from,
        }))
    }

    /// An account's yes to a request, for those of its scopes that it allows. Returns where the browser goes.
    pub async fn approve(&self, id: &str, session: &Session, scopes: &[String]) -> Result<String, Refusal> {
        let (row, request, client) = self.kept(id).await?;
        if session.auth_time < request.proved_from || !session.account.active {
            return Err(Refusal::login_required("sign in anew before you answer"));
        }
        if let Some(more) = scopes.iter().find(|scope| !request.scopes().contains(scope)) {
            return Err(Refusal::invalid_scope(format!(
                "`{}` was not asked for",
                super::client::shown(more)
            )));
        }
        if scopes.is_empty() && !client.metadata.own {
            return self.deny(id).await;
        }
        self.answered(&client, &row.hash, request, session, Some(scopes)).await
    }

    /// An account's no to a request. Returns where the browser goes.
    pub async fn deny(&self, id: &str) -> Result<String, Refusal> {
        let (row, request, _) = self.kept(id).await?;
        if !self.ledger.use_request(&row.hash, self.now()).await? {
            return Err(Refusal::invalid_request(GONE));
        }
        match request.asked {
            Kind::Client(asked) => {
                let refusal = Refusal::access_denied("the account did not allow it");
                Ok(denied(&self.rules(), &asked.redirect_uri, asked.state.as_deref(), &refusal))
            }
            Kind::Device { user_hash, .. } => {
                self.ledger.decide_device(&user_hash, self.now(), None).await?;
                Ok("/oauth/device?done=denied".into())
            }
        }
    }

    /// A request that waits, with its client.
    async fn kept(&self, id: &str) -> Result<(RequestRow, Request, Client), Refusal> {
        let gone = || Refusal::invalid_request(GONE);
        let row = self.ledger.request(&secrets::hash(id)).await?;
        let row = row.filter(|row| row.kind == "pending" && row.used_at == 0 && row.expires_at > self.now());
        let row = row.ok_or_else(gone)?;
        let request: Request = serde_json::from_str(&row.request).map_err(|_| gone())?;
        let client = Client::find(&self.ledger, request.client_id()).await?.filter(Client::is_active);
        Ok((row, request, client.ok_or_else(gone)?))
    }

    /// Grants what a request asks for, as far as it was allowed, and remembers that where somebody was asked.
    async fn answered(
        &self,
        client: &Client,
        hash: &str,
        request: Request,
        session: &Session,
        allowed: Option<&[String]>,
    ) -> Result<String, Refusal> {
        let (rules, now) = (self.rules(), self.now());
        let scopes = allowed.unwrap_or(request.scopes()).to_vec();
        let resources = match &request.asked {
            Kind::Client(asked) => asked.resources.clone(),
            Kind::Device { resources, .. } => resources.clone(),
        };
        let terms =
            Terms { resources, jkt: None, auth_time: Some(session.auth_time), own: client.metadata.own };
        let grant = GrantRow {
            id: secrets::name("g_")?,
            client_id: client.id().into(),
            subject: session.account.id.clone(),
            scopes: scopes.join(" "),
            terms: terms.text(),
            created_at: now,
            renewed_at: 0,
            expires_at: now.saturating_add(rules.refresh),
            revoked_at: 0,
        };
        let location = match &request.asked {
            Kind::Client(asked) => {
                let text = secrets::fresh("ac_")?;
                let code = GrantToken {
                    hash: secrets::hash(&text),
                    kind: "code".into(),
                    grant_id: grant.id.clone(),
                    client_id: grant.client_id.clone(),
                    terms: serde_json::to_string(asked)
                        .map_err(|_| Refusal::server_error("the code cannot be kept"))?,
                    created_at: now,
                    expires_at: now.saturating_add(CODE_LIVES),
                    used_at: 0,
                };
                if !self.ledger.answer_request(hash, now, &grant, &code).await? {
                    return Err(Refusal::invalid_request(GONE));
                }
                granted(&rules, &asked.redirect_uri, asked.state.as_deref(), &text)
            }
            Kind::Device { user_hash, .. } => {
                if !self.ledger.use_request(hash, now).await?
                    || !self.ledger.decide_device(user_hash, now, Some(&grant)).await?
                {
                    return Err(Refusal::invalid_request(GONE));
                }
                "/oauth/device?done=approved".into()
            }
        };
        if allowed.is_some() && !client.metadata.own {
            self.remember(client, &session.account.id, &scopes, now).await?;
        }
        Ok(location)
    }

    /// What was allowed before is still allowed.
    async fn remember(
        &self,
        client: &Client,
        subject: &str,
        scopes: &[String],
        now: i64,
    ) -> Result<(), Refusal> {
        let before = self.ledger.consent(subject, client.id()).await?;
        let mut all = before.map(|consent| super::mint::split(&consent.scopes)).unwrap_or_default();
        all.extend(scopes.iter().filter(|scope| !all.contains(scope)).cloned().collect::<Vec<_>>());
        let (subject, client_id) = (subject.to_owned(), client.id().to_owned());
        let consent = ConsentRow { subject, client_id, scopes: all.join(" "), given_at: now };
        Ok(self.ledger.give_consent(&consent).await?)
    }
}
