//! What all pages have around them: language, style sheet, the name of the site, the switch of languages.

use super::Language;
use std::fmt::Write;

/// The style sheet of these pages.
pub const STYLE: &str = include_str!("style.css");

/// What a page has to know besides its own matter.
#[derive(Debug, Clone)]
pub struct Page {
    pub language: Language,
    /// The site, as people know it: the host of the public address.
    pub site: String,
    /// The page's own path, with the query that leads there again; without `lang`. Empty where nothing leads there again:
    /// then the language cannot be switched.
    pub here: String,
    /// What every form of it sends back.
    pub guard: String,
    /// The address of somebody who is logged in.
    pub who: Option<String>,
}

/// A finished page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown(pub String);

/// What stands between tags and in quotes: nothing in it is markup.
pub(super) fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len() + 16);
    for letter in raw.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Narrow,
    Wide,
}

impl Page {
    pub(super) fn pick<'t>(&self, english: &'t str, spanish: &'t str) -> &'t str {
        self.language.pick(english, spanish)
    }

    /// A whole document with this title and content, which is markup.
    pub(super) fn document(&self, title: &str, width: Width, content: &str) -> Shown {
        let (title, site) = (text(title), text(&self.site));
        let class = if width == Width::Wide { " class=\"wide\"" } else { "" };
        let mut out = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<title>{title} · {site}</title>\n\
             <link rel=\"stylesheet\" href=\"/account/style.css\">\n<link rel=\"icon\" href=\"data:,\">\n</head>\n\
             <body{class}>\n<a class=\"skip\" href=\"#main\">{}</a>\n<header>\n<span class=\"site\">{site}</span>\n",
            self.language.name(),
            self.pick("Skip to content", "Saltar al contenido"),
        );
        if !self.here.is_empty() {
            self.languages(&mut out);
        }
        let _ = write!(out, "</header>\n<main id=\"main\">\n<h1>{title}</h1>\n{content}</main>\n");
        if let Some(who) = &self.who {
            let _ = writeln!(
                out,
                "<footer>{} {}</footer>",
                self.pick("Logged in as", "Sesión iniciada como"),
                text(who)
            );
        }
        out.push_str("</body>\n</html>\n");
        Shown(out)
    }

    /// The switch of languages.
    fn languages(&self, out: &mut String) {
        let _ = write!(out, "<nav aria-label=\"{}\">", self.pick("Language", "Idioma"));
        for (language, name) in [(Language::English, "English"), (Language::Spanish, "Español")] {
            let code = language.name();
            if language == self.language {
                let _ = write!(out, "<span aria-current=\"true\" lang=\"{code}\">{name}</span>");
            } else {
                let join = if self.here.contains('?') { '&' } else { '?' };
                let href = text(&format!("{}{join}lang={code}", self.here));
                let _ = write!(out, "<a href=\"{href}\" hreflang=\"{code}\" lang=\"{code}\">{name}</a>");
            }
        }
        out.push_str("</nav>\n");
    }

    /// A form to a path, with what ties it to this browser.
    pub(super) fn form(&self, action: &str, content: &str) -> String {
        let (action, guard) = (text(action), text(&self.guard));
        format!(
            "<form method=\"post\" action=\"{action}\">\n<input type=\"hidden\" name=\"guard\" value=\"{guard}\">\n{content}</form>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_comes_from_outside_is_markup() {
        let bad = "<b>\"'&";
        let page = Page {
            language: Language::Spanish,
            site: bad.into(),
            here: format!("/account/login?return={bad}"),
            guard: bad.into(),
            who: Some(bad.into()),
        };
        let form = page.form(bad, "");
        let Shown(html) = page.document(bad, Width::Narrow, &form);
        assert!(!html.contains("<b>") && html.contains("&lt;b&gt;&quot;&#39;&amp;"), "{html}");
        assert!(html.contains("<html lang=\"es\">") && !html.contains("<script"));
    }
}
