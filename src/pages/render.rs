//! Markdown to a whole page of HTML, without scripts and without anything from elsewhere.

use pulldown_cmark::{Event, Options, Parser, html};

const STYLE: &str = "body{font:1rem/1.6 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c2330;background:#fff}\
h1{font-size:1.6rem;line-height:1.25;border-bottom:2px solid #2a6f6b;padding-bottom:.4rem}h2{font-size:1.1rem;margin-top:1.8rem}\
code{font:.9em ui-monospace,monospace;background:#eef2f4;padding:.1em .3em;border-radius:.2em}\
pre{background:#eef2f4;padding:.8rem 1rem;overflow:auto;border-radius:.3rem}pre code{padding:0;background:none}\
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #d5dde2;padding:.3rem .5rem;text-align:left}\
a{color:#17615d}nav{margin-bottom:1.5rem;font-size:.9rem}\
@media(prefers-color-scheme:dark){body{background:#14181f;color:#dfe5ea}code,pre{background:#222a34}td,th{border-color:#37424f}a{color:#6fc7c0}}";

/// A page with this title and content. Raw HTML in the Markdown is shown as text.
pub(super) fn document(title: &str, markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    });
    let mut body = String::new();
    html::push_html(&mut body, events);
    let title: String = title.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ' ').collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<nav><a href=\"/errors\">All error codes</a></nav>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}
