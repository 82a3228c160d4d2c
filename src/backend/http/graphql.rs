//! GraphQL documents, made from what is read of the answer (GraphQL specification, October 2021, section 2).

use crate::{
    plan::http::call::{GraphQl, names},
    value::{Value, path::Path},
};
use std::fmt::Write as _;

/// A field and those below it.
#[derive(Debug, Default)]
struct Field {
    name: String,
    below: Vec<Field>,
}

/// The document for these places of the answer, all below `data`. Variables without a value are left out.
pub(super) fn document(graphql: &GraphQl, wanted: &[Path], variables: Option<&Value>) -> String {
    let mut root = Field::default();
    for path in wanted {
        let mut steps = names(path);
        if steps.next() == Some("data") {
            enter(&mut root, steps);
        }
    }
    let given = |name: &str| variables.and_then(|v| v.get(name)).is_some();
    let used = |name: &str| {
        graphql
            .fields
            .iter()
            .any(|(path, arguments)| arguments.iter().any(|a| a == name) && is_there(&root, &mut names(path)))
    };
    let declared: Vec<String> = graphql
        .variables
        .iter()
        .filter(|(name, _)| given(name) && used(name))
        .map(|(name, kind)| format!("${name}: {kind}"))
        .collect();
    let mut out = String::from(if graphql.mutation { "mutation" } else { "query" });
    if !declared.is_empty() {
        let _ = write!(out, "({})", declared.join(", "));
    }
    print(&root, &mut Vec::new(), graphql, &given, &mut out);
    out
}

fn enter<'a>(field: &mut Field, mut steps: impl Iterator<Item = &'a str>) {
    let Some(name) = steps.next() else { return };
    let at = field.below.iter().position(|f| f.name == name).unwrap_or_else(|| {
        field.below.push(Field { name: name.to_owned(), below: Vec::new() });
        field.below.len() - 1
    });
    if let Some(next) = field.below.get_mut(at) {
        enter(next, steps);
    }
}

fn is_there<'a>(field: &Field, steps: &mut impl Iterator<Item = &'a str>) -> bool {
    match steps.next() {
        None => true,
        Some(name) => field.below.iter().any(|f| f.name == name && is_there(f, steps)),
    }
}

fn print(
    field: &Field,
    at: &mut Vec<String>,
    graphql: &GraphQl,
    given: &dyn Fn(&str) -> bool,
    out: &mut String,
) {
    if field.below.is_empty() {
        return;
    }
    out.push_str(" {");
    for below in &field.below {
        out.push(' ');
        out.push_str(&below.name);
        at.push(below.name.clone());
        let arguments = graphql.fields.iter().find(|(path, _)| names(path).eq(at.iter().map(String::as_str)));
        let arguments: Vec<String> = arguments
            .map(|(_, all)| {
                all.iter().filter(|name| given(name)).map(|name| format!("{name}: ${name}")).collect()
            })
            .unwrap_or_default();
        if !arguments.is_empty() {
            let _ = write!(out, "({})", arguments.join(", "));
        }
        print(below, at, graphql, given, out);
        at.pop();
    }
    out.push_str(" }");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_what_is_read_and_the_variables_that_have_values() {
        let graphql = GraphQl {
            mutation: false,
            fields: vec![
                (Path::parse("allParts").unwrap(), vec!["page".into(), "filter".into()]),
                (Path::parse("_allPartsMeta").unwrap(), vec!["filter".into()]),
            ],
            variables: vec![("page".into(), "Int".into()), ("filter".into(), "PartFilter".into())],
        };
        let wanted: Vec<Path> = ["data.allParts[0].id", "data.allParts.maker.name", "data.allParts.id"]
            .map(|text| Path::parse(text).unwrap())
            .into();
        let variables = Value::Object(vec![("page".into(), Value::Number("2".into()))]);
        assert_eq!(
            document(&graphql, &wanted, Some(&variables)),
            "query($page: Int) { allParts(page: $page) { id maker { name } } }"
        );
        let counted = [Path::parse("data._allPartsMeta.count").unwrap()];
        assert_eq!(document(&graphql, &counted, Some(&variables)), "query { _allPartsMeta { count } }");
    }
}
