//! Codes and their pages, both ways; and the schemas of our own files, as the types say them.

use crate::support::{below, read};
use portico::fault::{code, mapping};
use std::collections::BTreeMap;

fn codes() -> BTreeMap<String, String> {
    let public = code::ALL.iter().map(|code| (code.id.to_owned(), code.title.to_owned()));
    let own = mapping::ALL.iter().map(|(id, title)| ((*id).to_owned(), (*title).to_owned()));
    public.chain(own).collect()
}

#[test]
fn every_code_has_its_page_and_every_page_its_code() {
    let codes = codes();
    let pages = below("docs/errors");
    let mut wrong = Vec::new();
    for (id, title) in &codes {
        let name = format!("docs/errors/{id}.md");
        if !pages.contains(&name) {
            wrong.push(format!("{name} is missing"));
            continue;
        }
        let first = read(&name).lines().next().unwrap_or_default().to_owned();
        if first != format!("# {id}: {title}") {
            wrong.push(format!("{name} begins with `{first}`, and the code says `# {id}: {title}`"));
        }
    }
    for page in &pages {
        let id = page.trim_start_matches("docs/errors/").trim_end_matches(".md");
        if !codes.contains_key(id) {
            wrong.push(format!("{page} has no code"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_page_says_what_happened_and_what_to_do() {
    let thin: Vec<String> =
        below("docs/errors").into_iter().filter(|page| read(page).lines().count() < 5).collect();
    assert!(thin.is_empty(), "pages with hardly a word: {thin:?}");
}

#[test]
fn schemas_of_our_own_files_are_up_to_date() {
    let made = portico::describe::files();
    let kept = below("schemas/portico");
    let names: Vec<String> = made.iter().map(|(name, _)| format!("schemas/portico/{name}")).collect();
    for (name, text) in &made {
        let path = format!("schemas/portico/{name}");
        assert!(kept.contains(&path), "{path} is missing: run `make schemas`");
        assert!(read(&path) == *text, "{path} is not what the types say: run `make schemas`");
    }
    let extra: Vec<&String> = kept.iter().filter(|path| !names.contains(path)).collect();
    assert!(extra.is_empty(), "no type says {extra:?}");
}

#[test]
fn files_name_their_schema() {
    for name in below("mappings").into_iter().chain(below("config")).filter(|name| name.ends_with(".yaml")) {
        let text = read(&name);
        let first = text.lines().next().unwrap_or_default();
        let schema = first.strip_prefix("# yaml-language-server: $schema=");
        let schema =
            schema.unwrap_or_else(|| panic!("{name}: the first line names the file's schema, for editors"));
        let folder = crate::support::at(&name);
        let path = folder.parent().unwrap().join(schema);
        assert!(path.is_file(), "{name}: there is no `{schema}`");
    }
}
