//! Handing a message to a mail server (RFC 6409), over TLS that is verified. The password is read when it is needed.

use super::Message;
use crate::{
    backend::secret,
    plan::identity::accounts::{Security, Smtp},
};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::{Mailbox, header},
    transport::smtp::{authentication::Credentials, client::Tls, client::TlsParameters},
};
use std::time::Duration;

/// A mail server that takes longer is away.
const LONGEST: Duration = Duration::from_secs(20);

/// Why a message did not leave. The texts name the server and what it said, and no address of ours.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("the credentials cannot be had: {0}")]
    Secret(#[from] secret::Missing),
    #[error("an address is no mailbox")]
    Address,
    #[error("the message cannot be put together")]
    Form,
    #[error("the mail server does not take it ({0})")]
    Refused(String),
    #[error("the mail server cannot be reached or used: {0}")]
    Away(String),
}

impl Failed {
    /// Whether trying again gives nothing else.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Address | Self::Form | Self::Refused(_))
    }
}

pub(super) async fn send(smtp: &Smtp, from: &str, message: &Message) -> Result<(), Failed> {
    let letter = letter(from, message)?;
    let away = |why: lettre::transport::smtp::Error| Failed::Away(why.to_string());
    let tls = || TlsParameters::new(smtp.host.clone()).map_err(away);
    let tls = match smtp.security {
        Security::Starttls => Tls::Required(tls()?),
        Security::Tls => Tls::Wrapper(tls()?),
        Security::None => Tls::None,
    };
    let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
        .port(smtp.port)
        .tls(tls)
        .timeout(Some(LONGEST));
    if let (Some(user), Some(password)) = (&smtp.user, &smtp.password) {
        let credentials = Credentials::new(secret::resolve(user)?, secret::resolve(password)?);
        server = server.credentials(credentials);
    }
    match server.build().send(letter).await {
        Ok(_) => Ok(()),
        // What the server said may repeat the address: its status says enough.
        Err(why) if why.is_permanent() => {
            Err(Failed::Refused(why.status().map_or_else(String::new, |status| status.to_string())))
        }
        Err(why) => Err(Failed::Away(match why.status() {
            Some(status) => status.to_string(),
            None => why.to_string(),
        })),
    }
}

fn letter(from: &str, message: &Message) -> Result<lettre::Message, Failed> {
    let from: Mailbox = from.parse().map_err(|_| Failed::Address)?;
    let to = lettre::Address::try_from(message.to.clone()).map_err(|_| Failed::Address)?;
    lettre::Message::builder()
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(message.subject.clone())
        // Nobody's holiday notice is to answer (RFC 3834, section 5).
        .raw_header(header::HeaderValue::new(
            header::HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .header(header::ContentType::TEXT_PLAIN)
        .body(message.text.clone())
        .map_err(|_| Failed::Form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        oauth::accounts::{language::Language, links::Purpose},
        plan::SecretRef,
    };
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
    };

    /// A mail server that takes one message, and what it was told. `answer` is what it says to the recipient.
    async fn server(answer: &'static str) -> (u16, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        #[expect(clippy::disallowed_methods, reason = "it ends with its one client")]
        let task = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            stream.get_mut().write_all(b"220 test\r\n").await.unwrap();
            let (mut told, mut data) = (Vec::new(), false);
            loop {
                let mut line = String::new();
                if stream.read_line(&mut line).await.unwrap() == 0 {
                    return told;
                }
                let line = line.trim_end().to_owned();
                let reply: &str = match line.split([' ', ':']).next().unwrap_or_default() {
                    "." if data => {
                        data = false;
                        "250 taken\r\n"
                    }
                    _ if data => "",
                    "EHLO" => "250-test\r\n250 AUTH PLAIN LOGIN\r\n",
                    "AUTH" => "235 come in\r\n",
                    "RCPT" => answer,
                    "DATA" => {
                        data = true;
                        "354 go on\r\n"
                    }
                    "QUIT" => "221 bye\r\n",
                    _ => "250 ok\r\n",
                };
                told.push(line);
                stream.get_mut().write_all(reply.as_bytes()).await.unwrap();
            }
        });
        (port, task)
    }

    fn smtp(port: u16) -> Smtp {
        let plain = |text: &str| Some(SecretRef::Plain(text.to_owned()));
        Smtp {
            host: "127.0.0.1".into(),
            port,
            security: Security::None,
            user: plain("u"),
            password: plain("p"),
        }
    }

    fn message() -> Message {
        Message::of_link(
            Language::Spanish,
            "maria@example.org",
            Purpose::Verify,
            "https://a.example/x?token=t",
            "https://a.example",
        )
    }

    #[tokio::test]
    async fn a_message_is_handed_to_the_server() {
        let (port, told) = server("250 ok\r\n").await;
        send(&smtp(port), "PetHub <no-reply@pethub.example>", &message()).await.unwrap();
        let told = told.await.unwrap();
        for line in [
            "AUTH PLAIN AHUAcA==",
            "MAIL FROM:<no-reply@pethub.example>",
            "RCPT TO:<maria@example.org>",
            "To: maria@example.org",
            "Auto-Submitted: auto-generated",
        ] {
            assert!(told.iter().any(|known| known.starts_with(line)), "{line}: {told:?}");
        }
        assert!(
            told.iter().any(|line| line.starts_with("Subject:") && line.contains("=?utf-8?")),
            "{told:?}"
        );
    }

    #[tokio::test]
    async fn what_is_refused_for_ever_is_not_tried_again() {
        let (port, _) = server("550 no such mailbox maria@example.org\r\n").await;
        let why = send(&smtp(port), "no-reply@pethub.example", &message()).await.unwrap_err();
        assert!(why.is_final() && !why.to_string().contains("maria"), "{why}");
        let (port, _) = server("451 later\r\n").await;
        let why = send(&smtp(port), "no-reply@pethub.example", &message()).await.unwrap_err();
        assert!(!why.is_final(), "{why}");
        let why = send(&smtp(1), "no-reply@pethub.example", &message()).await.unwrap_err();
        assert!(!why.is_final(), "{why}");
    }

    #[tokio::test]
    async fn an_unsealed_server_gets_nothing_where_tls_is_asked_for() {
        let (port, told) = server("250 ok\r\n").await;
        let smtp = Smtp { security: Security::Starttls, ..smtp(port) };
        send(&smtp, "no-reply@pethub.example", &message()).await.unwrap_err();
        let told = told.await.unwrap();
        assert!(!told.iter().any(|line| line.starts_with("AUTH") || line.starts_with("RCPT")), "{told:?}");
    }
}
