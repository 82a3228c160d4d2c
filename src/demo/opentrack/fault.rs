//! What is wrong with a message rather than with what it asks: SOAP faults, printed for both versions. Business errors
//! are in `refusal.rs`.

use axum::http::StatusCode;

use super::MESSAGES;
use super::envelope::Version;
use super::printer::Printer;
use super::security::{WSSE, WSU};

/// Why a message is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The sender's fault: not XML, not an envelope, not as the schema has it.
    Client { reason: String, detail: Option<Detail> },
    /// An envelope of another version than the content type said.
    VersionMismatch,
    /// A header with `mustUnderstand` that nobody here understands.
    MustUnderstand(String),
    /// No security header, or one of another form (WS-Security 1.1, section 12).
    InvalidSecurity(&'static str),
    /// Wrong credentials, a nonce seen before, or a time outside the window.
    FailedAuthentication(&'static str),
    /// A `Timestamp` whose `Expires` is past.
    MessageExpired,
}

/// Where in the body it is wrong. A fault over a header must have none (SOAP 1.1, section 4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Detail {
    /// The element, without its namespace.
    pub(super) element: String,
    /// From 1.
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Fault {
    pub(super) fn client(reason: impl Into<String>) -> Self {
        Self::Client { reason: reason.into(), detail: None }
    }

    /// Over SOAP 1.1 a fault is always a 500 (section 6.2); over 1.2 a sender's fault is a 400 (part 2, table 20).
    pub(super) fn status(&self, version: Version) -> StatusCode {
        match (version, self) {
            (Version::Soap11, _) | (_, Self::VersionMismatch | Self::MustUnderstand(_)) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The code that says most: a prefix and a name.
    fn code(&self, version: Version) -> &'static str {
        match self {
            Self::Client { .. } => version.sender(),
            Self::VersionMismatch => "soap:VersionMismatch",
            Self::MustUnderstand(_) => "soap:MustUnderstand",
            Self::InvalidSecurity(_) => "wsse:InvalidSecurity",
            Self::FailedAuthentication(_) => "wsse:FailedAuthentication",
            Self::MessageExpired => "wsu:MessageExpired",
        }
    }

    fn reason(&self) -> String {
        match self {
            Self::Client { reason, .. } => reason.clone(),
            Self::VersionMismatch => {
                "the envelope is of another version than the content type says".to_owned()
            }
            Self::MustUnderstand(header) => format!("the header `{header}` is not understood"),
            Self::InvalidSecurity(reason) => format!("the security header is not valid: {reason}"),
            Self::FailedAuthentication(reason) => format!("the sender is not authenticated: {reason}"),
            Self::MessageExpired => "the message has expired".to_owned(),
        }
    }

    /// The element `Fault`.
    pub(super) fn body(&self, version: Version) -> String {
        let mut out = Printer::default();
        let code = self.code(version);
        let namespaces = match self {
            Self::InvalidSecurity(_) | Self::FailedAuthentication(_) => &[("xmlns:wsse", WSSE)][..],
            Self::MessageExpired => &[("xmlns:wsu", WSU)],
            _ => &[],
        };
        out.within("soap:Fault", namespaces, |fault| match version {
            Version::Soap11 => {
                fault.text("faultcode", code);
                fault.text("faultstring", self.reason());
                self.detail(fault, "detail");
            }
            Version::Soap12 => {
                fault.within("soap:Code", &[], |codes| {
                    let own = code.starts_with("soap:");
                    codes.text("soap:Value", if own { code } else { version.sender() });
                    if !own {
                        codes.within("soap:Subcode", &[], |sub| sub.text("soap:Value", code));
                    }
                });
                fault.within("soap:Reason", &[], |reason| {
                    reason.within("soap:Text", &[("xml:lang", "en")], |text| text.content(&self.reason()));
                });
                self.detail(fault, "soap:Detail");
            }
        });
        out.finish()
    }

    fn detail(&self, fault: &mut Printer, name: &str) {
        let Self::Client { detail: Some(detail), .. } = self else { return };
        fault.within(name, &[], |out| {
            out.within("Problem", &[("xmlns", MESSAGES)], |problem| {
                problem.text("Element", &detail.element);
                problem.text("Line", detail.line);
                problem.text("Column", detail.column);
            });
        });
    }
}
