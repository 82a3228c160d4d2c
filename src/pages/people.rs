//! Pages on which people log in, consent and look after their account: HTML alone, with a style sheet of ours and no script, in
//! English and Spanish. A page here is made of what it is given; who may see it is not asked here.

mod account;
mod consent;
mod form;
mod frame;
mod login;

pub use account::{AccountPage, Allowed, LoggedIn, account};
pub use consent::{ConsentPage, consent};
pub use form::Field;
pub use frame::{Page, STYLE, Shown};
pub use login::{LoginPage, device, forgot, login, mail, notice, password, refused, register, verify};

/// What pages and messages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    English,
    Spanish,
}

impl Language {
    /// Its name as in BCP 47.
    pub fn name(self) -> &'static str {
        self.pick("en", "es")
    }

    /// English where it is another one's name.
    pub fn of(name: &str) -> Self {
        if name == "es" { Self::Spanish } else { Self::English }
    }

    pub fn pick<'t>(self, english: &'t str, spanish: &'t str) -> &'t str {
        match self {
            Self::English => english,
            Self::Spanish => spanish,
        }
    }
}
