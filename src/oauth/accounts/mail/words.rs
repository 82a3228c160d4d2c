//! What messages say. They name nobody, show no password, and say what to do where somebody else caused them.

use super::Message;
use crate::oauth::accounts::{language::Language, links::Purpose};

impl Message {
    /// A link to prove the address, or to set a password.
    pub fn of_link(language: Language, to: &str, purpose: Purpose, link: &str, public_url: &str) -> Self {
        let host = host(public_url);
        let (subject, begin, end) = match purpose {
            Purpose::Verify => (
                language.pick("Confirm your e-mail address", "Confirme su dirección de correo"),
                language.pick(
                    "Somebody, we hope you, made an account with this address. Confirm it by this link, within a day:",
                    "Alguien, esperamos que usted, ha creado una cuenta con esta dirección. Confírmela con este enlace en el plazo de un día:",
                ),
                language.pick(
                    "If it was not you, do nothing: without the link nobody can use the account.",
                    "Si no ha sido usted, no haga nada: sin el enlace nadie puede usar la cuenta.",
                ),
            ),
            Purpose::Reset => (
                language.pick("Set a new password", "Elija una contraseña nueva"),
                language.pick(
                    "Somebody, we hope you, has forgotten the password. Set a new one by this link, within an hour:",
                    "Alguien, esperamos que usted, ha olvidado la contraseña. Elija una nueva con este enlace en el plazo de una hora:",
                ),
                language.pick(
                    "If it was not you, do nothing: your password stays as it is.",
                    "Si no ha sido usted, no haga nada: su contraseña sigue siendo la misma.",
                ),
            ),
            Purpose::Invite => (
                language.pick("Your account is ready", "Su cuenta está lista"),
                language.pick(
                    "An account was made for you. Choose your password by this link, within a week:",
                    "Se ha creado una cuenta para usted. Elija su contraseña con este enlace en el plazo de una semana:",
                ),
                language.pick(
                    "If you did not expect this, ask whoever runs the site before you follow it.",
                    "Si no lo esperaba, pregunte a quien administra el sitio antes de seguirlo.",
                ),
            ),
        };
        Self::of(to, &format!("{subject} ({host})"), &format!("{begin}\n\n{link}\n\n{end}\n"))
    }

    /// Somebody registered with an address that has an account.
    pub fn known_already(language: Language, to: &str, public_url: &str) -> Self {
        let subject = language.pick("You have an account already", "Ya tiene una cuenta");
        let begin = language.pick(
            "Somebody, perhaps you, wanted to make an account with this address, which has one already. Log in here:",
            "Alguien, quizá usted, ha querido crear una cuenta con esta dirección, que ya tiene una. Inicie sesión aquí:",
        );
        let forgot = language.pick(
            "Have you forgotten the password? Set a new one:",
            "¿Ha olvidado la contraseña? Elija una nueva:",
        );
        let end = language.pick(
            "If it was not you, do nothing: nothing has changed.",
            "Si no ha sido usted, no haga nada: nada ha cambiado.",
        );
        let text = format!(
            "{begin}\n\n{public_url}/account/login\n\n{forgot}\n\n{public_url}/account/forgot\n\n{end}\n"
        );
        Self::of(to, &format!("{subject} ({})", host(public_url)), &text)
    }

    /// The password was set anew.
    pub fn password_changed(language: Language, to: &str, public_url: &str) -> Self {
        let subject = language.pick("Your password was changed", "Su contraseña ha cambiado");
        let begin = language.pick(
            "The password of your account was changed, and other sessions were ended.",
            "La contraseña de su cuenta ha cambiado y las demás sesiones se han cerrado.",
        );
        let end = language.pick(
            "If it was not you, set a new one at once:",
            "Si no ha sido usted, elija una nueva cuanto antes:",
        );
        let text = format!("{begin}\n\n{end}\n\n{public_url}/account/forgot\n");
        Self::of(to, &format!("{subject} ({})", host(public_url)), &text)
    }

    fn of(to: &str, subject: &str, text: &str) -> Self {
        Self { to: to.to_owned(), subject: subject.to_owned(), text: text.to_owned() }
    }
}

fn host(public_url: &str) -> &str {
    public_url.split("://").nth(1).unwrap_or(public_url).split('/').next().unwrap_or_default()
}
