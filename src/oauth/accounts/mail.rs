//! Messages to people: what they say, in English and Spanish, and how they leave. Each is first kept in the ledger, sealed, and
//! sent by a task of its own, so that no answer waits for a mail server, and a restart loses none. Where messages are
//! caught they stay there for a while, for a page to show.

mod send;
mod words;

use super::{Desk, id};
use crate::{
    fault::{Fault, code},
    ledger::accounts::Mail,
    plan::identity::accounts::{self as plan, Way},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// The context in which a message is sealed, for its id.
const CONTEXT: &str = "message ";
/// After so many failures a message is given up: four days, with the pauses below.
const ATTEMPTS: i64 = 12;
/// How many are taken at once, and shown at most.
const AT_ONCE: i64 = 20;
const SHOWN: i64 = 50;
/// Caught messages are never due.
const NEVER: i64 = i64::MAX;

/// A message to one person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub to: String,
    pub subject: String,
    /// Plain text, in lines.
    pub text: String,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Message(..)")
    }
}

impl Desk {
    /// Puts a message on its way.
    pub(super) async fn post(&self, message: &Message) -> Result<(), Fault> {
        let Some(mail) = self.settings().mail.clone() else {
            tracing::warn!("a message is not sent: the configuration has no `mail`");
            return Ok(());
        };
        let (id, now) = (id("m")?, self.now());
        let failed = || Fault::plain(&code::INTERNAL).detail("accounts: a message cannot be sealed");
        let plain = serde_json::to_vec(message).map_err(|_| failed())?;
        let sealed = self.parts.sealer.seal(&format!("{CONTEXT}{id}"), &plain);
        if sealed.is_empty() {
            return Err(failed());
        }
        let sealed = URL_SAFE_NO_PAD.encode(sealed);
        let due_at = if mail.way == Way::Catch { NEVER } else { now };
        self.ledger().add_mail(&Mail { id, sealed, attempts: 0, created_at: now, due_at }).await
    }

    fn opened(&self, mail: &Mail) -> Option<Message> {
        let sealed = URL_SAFE_NO_PAD.decode(&mail.sealed).ok()?;
        let plain = self.parts.sealer.open(&format!("{CONTEXT}{}", mail.id), &sealed)?;
        serde_json::from_slice(&plain).ok()
    }

    /// The messages that were caught, the newest first, with when; nothing where they are sent.
    pub async fn caught(&self) -> Result<Option<Vec<(i64, Message)>>, Fault> {
        if self.settings().mail.as_ref().is_none_or(|mail| mail.way != Way::Catch) {
            return Ok(None);
        }
        let all = self.ledger().mails(SHOWN).await?;
        Ok(Some(all.iter().filter_map(|mail| Some((mail.created_at, self.opened(mail)?))).collect()))
    }

    /// Sends what is due. One that cannot be sent is tried again, each time later.
    pub async fn deliver(&self) -> Result<(), Fault> {
        let settings = self.settings();
        let Some(plan::Mail { from, way: Way::Smtp(smtp) }) = settings.mail.as_ref() else { return Ok(()) };
        let now = self.now();
        for mail in self.ledger().due_mails(now, AT_ONCE).await? {
            let later = now.saturating_add(pause(mail.attempts));
            if !self.ledger().take_mail(&mail, later).await? {
                continue;
            }
            let Some(message) = self.opened(&mail) else {
                tracing::error!(mail = mail.id, "a message was sealed with another key than the one of now");
                self.ledger().remove_mail(&mail.id).await?;
                continue;
            };
            match send::send(smtp, from, &message).await {
                Ok(()) => self.ledger().remove_mail(&mail.id).await?,
                Err(why) if why.is_final() || mail.attempts + 1 >= ATTEMPTS => {
                    tracing::error!(mail = mail.id, %why, "a message is given up");
                    self.ledger().remove_mail(&mail.id).await?;
                }
                Err(why) => tracing::warn!(mail = mail.id, %why, "a message is tried again later"),
            }
        }
        Ok(())
    }
}

/// Seconds until the next try: half a minute, and twice as long each time, a day at most.
fn pause(attempts: i64) -> i64 {
    30_i64.saturating_mul(1 << attempts.clamp(0, 12)).min(86_400)
}
