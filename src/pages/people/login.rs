//! The pages of one form each: log in, register, prove an address, set a password, type a device's code; and those that only say
//! something.

use super::{
    Field, Page, Shown,
    form::{button, hidden, links, paragraph, told, wrong},
    frame::{Width, text},
};
use std::fmt::Write;

/// What the page to log in shows.
#[derive(Debug, Clone, Default)]
pub struct LoginPage {
    pub email: String,
    /// The pending request that it leads back to; empty for the account's own page.
    pub pending: String,
    /// Who asks, where somebody does.
    pub client: Option<String>,
    pub wrong: Option<String>,
    pub may_register: bool,
}

pub fn login(page: &Page, shown: &LoginPage) -> Shown {
    let mut out = wrong(shown.wrong.as_deref());
    if let Some(client) = &shown.client {
        let english = format!("{client} asks for access. Log in to decide.");
        let spanish = format!("{client} solicita acceso. Inicie sesión para decidir.");
        out += &paragraph(page.pick(&english, &spanish));
    }
    let fields = Field::email(page, &shown.email).html()
        + &Field::password(page).html()
        + &hidden("return", &shown.pending)
        + &button(page.pick("Log in", "Iniciar sesión"));
    out += &page.form("/account/login", &fields);
    let mut below =
        vec![("/account/forgot", page.pick("Forgotten your password?", "¿Ha olvidado la contraseña?"))];
    if shown.may_register {
        below.push(("/account/register", page.pick("Make an account", "Crear una cuenta")));
    }
    out += &links(&below);
    page.document(page.pick("Log in", "Iniciar sesión"), Width::Narrow, &out)
}

/// `fields` stand between the address and the password.
pub fn register(
    page: &Page,
    email: &Field,
    fields: &[Field],
    password: &Field,
    fault: Option<&str>,
) -> Shown {
    let mut inner = email.html();
    for field in fields {
        inner += &field.html();
    }
    inner += &password.html();
    inner += &button(page.pick("Make the account", "Crear la cuenta"));
    let out = wrong(fault)
        + &page.form("/account/register", &inner)
        + &links(&[("/account/login", page.pick("I have an account", "Ya tengo una cuenta"))]);
    page.document(page.pick("Make an account", "Crear una cuenta"), Width::Narrow, &out)
}

pub fn verify(page: &Page, token: &str) -> Shown {
    let words = page.pick(
        "Confirm that this e-mail address is yours, and your account can be used.",
        "Confirme que esta dirección de correo es suya y podrá usar su cuenta.",
    );
    let inner = hidden("token", token) + &button(page.pick("Confirm", "Confirmar"));
    let out = paragraph(words) + &page.form("/account/verify", &inner);
    page.document(page.pick("Confirm your address", "Confirme su dirección"), Width::Narrow, &out)
}

pub fn forgot(page: &Page, fault: Option<&str>) -> Shown {
    let words = page.pick(
        "Tell us your address, and we send you a link to set a new password.",
        "Díganos su dirección y le enviaremos un enlace para elegir una contraseña nueva.",
    );
    let inner = Field::email(page, "").html() + &button(page.pick("Send the link", "Enviar el enlace"));
    let out = wrong(fault)
        + &paragraph(words)
        + &page.form("/account/forgot", &inner)
        + &links(&[("/account/login", page.pick("Back to log in", "Volver a iniciar sesión"))]);
    page.document(page.pick("Forgotten your password?", "¿Ha olvidado la contraseña?"), Width::Narrow, &out)
}

/// Sets a password by a link. `email` is for password managers.
pub fn password(page: &Page, token: &str, email: &str, fault: Option<String>) -> Shown {
    let name = format!(
        "<input class=\"skip\" type=\"text\" name=\"username\" autocomplete=\"username\" value=\"{}\" tabindex=\"-1\" aria-hidden=\"true\" readonly>\n",
        text(email)
    );
    let inner = hidden("token", token)
        + &name
        + &Field::new_password(page).fault(fault).html()
        + &button(page.pick("Set the password", "Guardar la contraseña"));
    let words = page.pick(
        "All sessions end, and you log in anew with this password.",
        "Todas las sesiones se cierran y deberá iniciar sesión con esta contraseña.",
    );
    let out = paragraph(words) + &page.form("/account/reset", &inner);
    page.document(page.pick("Set a new password", "Elija una contraseña nueva"), Width::Narrow, &out)
}

/// Where the code stands that a device shows (RFC 8628, section 3.3).
pub fn device(page: &Page, code: &str, fault: Option<String>) -> Shown {
    let field = Field {
        name: "user_code".into(),
        label: page.pick("Code", "Código").into(),
        kind: "text",
        autocomplete: "off",
        value: code.into(),
        required: true,
        hint: Some(
            page.pick("It stands on the screen of your device.", "Aparece en la pantalla de su dispositivo.")
                .into(),
        ),
        fault,
    };
    let words = page.pick(
        "Type the code only if you have just asked for it yourself, on a device that is yours.",
        "Escriba el código solo si acaba de pedirlo usted, en un dispositivo que es suyo.",
    );
    let inner =
        format!("<div class=\"code\">\n{}</div>\n", field.html()) + &button(page.pick("Go on", "Continuar"));
    let out = paragraph(words) + &page.form("/oauth/device", &inner);
    page.document(page.pick("Connect a device", "Conectar un dispositivo"), Width::Narrow, &out)
}

/// A page that says one thing, and where to go on.
pub fn notice(page: &Page, title: &str, words: &str, below: &[(&str, &str)]) -> Shown {
    let mut out = paragraph(words);
    if !below.is_empty() {
        out += &links(below);
    }
    page.document(title, Width::Narrow, &out)
}

/// What cannot be done for an app: words for the person, and for the app's makers an error with its description.
pub fn refused(page: &Page, title: &str, words: &str, error: &str, description: &str) -> Shown {
    let makers = page.pick("For its makers:", "Para quienes la han creado:");
    let out =
        paragraph(words) + &format!("<p>{makers} <code>{}</code>, {}.</p>\n", text(error), text(description));
    page.document(title, Width::Narrow, &out)
}

/// The messages that were caught: when, to whom, subject and text.
pub fn mail(page: &Page, messages: &[(String, String, String, String)]) -> Shown {
    let words = page.pick(
        "This is a demo: messages are sent to nobody, and shown here to everybody.",
        "Esto es una demostración: los mensajes no se envían a nadie y se muestran aquí a todos.",
    );
    let mut out = told(Some(words));
    if messages.is_empty() {
        out += &paragraph(page.pick("There is none yet.", "Todavía no hay ninguno."));
    }
    for (when, to, subject, body) in messages {
        let _ = write!(
            out,
            "<article>\n<h2>{}</h2>\n<p class=\"meta\">{} {} · {}</p>\n<pre>{}</pre>\n</article>\n",
            text(subject),
            page.pick("To", "Para"),
            text(to),
            text(when),
            linked(body)
        );
    }
    page.document(page.pick("Messages", "Mensajes"), Width::Wide, &out)
}

/// A text in which lines that are an address of a page can be followed.
fn linked(body: &str) -> String {
    let line = |line: &str| {
        let shown = text(line);
        let is_link = (line.starts_with("http://") || line.starts_with("https://")) && !line.contains(' ');
        if is_link { format!("<a href=\"{shown}\">{shown}</a>") } else { shown }
    };
    body.lines().map(line).collect::<Vec<_>>().join("\n")
}
