//! Simple types of XML Schema: the built-in ones, and those derived from them with their facets. It knows no
//! element and no complex type.

use super::{
    Complaint, XSD,
    index::{Index, Placed, Sort},
};
use crate::plan::soap::{Bound, Kind, Simple, decimal};
use std::sync::Arc;

/// Derivations deeper than this are refused; a chain that comes back to itself is, too.
const MAX_STEPS: usize = 32;

/// A pattern whose automaton is larger is refused, as it would be with any other program.
const MAX_PATTERN: usize = 1 << 20;

/// A built-in type by its name. `None` where XML Schema has none of it.
pub(super) fn built_in(name: &str) -> Option<Simple> {
    let of = |kind| Simple { kind, ..Simple::default() };
    let bound = |text: &str| decimal(text).map(|value| Bound { value, inclusive: true });
    let integer = |low: &str, high: &str| Simple { low: bound(low), high: bound(high), ..of(Kind::Integer) };
    Some(match name {
        "string" | "anySimpleType" => Simple { preserve: true, ..of(Kind::Text) },
        "normalizedString" | "token" | "language" | "Name" | "NCName" | "NMTOKEN" | "NMTOKENS" | "ID"
        | "IDREF" | "IDREFS" | "ENTITY" | "ENTITIES" | "anyURI" | "QName" | "NOTATION" | "duration"
        | "gYear" | "gYearMonth" | "gMonth" | "gMonthDay" | "gDay" => of(Kind::Text),
        "boolean" => of(Kind::Boolean),
        "decimal" => of(Kind::Decimal),
        "float" | "double" => of(Kind::Float),
        "date" => of(Kind::Date),
        "dateTime" => of(Kind::DateTime),
        "time" => of(Kind::Time),
        "base64Binary" => of(Kind::Base64),
        "hexBinary" => of(Kind::Hex),
        "integer" => of(Kind::Integer),
        "nonPositiveInteger" => integer("", "0"),
        "negativeInteger" => integer("", "-1"),
        "nonNegativeInteger" => integer("0", ""),
        "positiveInteger" => integer("1", ""),
        "long" => integer("-9223372036854775808", "9223372036854775807"),
        "int" => integer("-2147483648", "2147483647"),
        "short" => integer("-32768", "32767"),
        "byte" => integer("-128", "127"),
        "unsignedLong" => integer("0", "18446744073709551615"),
        "unsignedInt" => integer("0", "4294967295"),
        "unsignedShort" => integer("0", "65535"),
        "unsignedByte" => integer("0", "255"),
        _ => return None,
    })
}

/// Types of attachments: what they hold is not in the envelope.
pub(super) fn attachment(namespace: &str, name: &str) -> bool {
    namespace == "http://ws-i.org/profiles/basic/1.1/xsd" && name == "swaRef"
        || namespace == "http://www.w3.org/2005/05/xmlmime"
}

/// The simple type that a name in `placed` means.
pub(super) fn named(
    index: &Index<'_>,
    placed: Placed<'_>,
    name: &str,
    steps: usize,
) -> Result<Simple, Complaint> {
    // The lifetimes of the placed node and of the index meet in `Index` itself.
    let placed = Placed { ..placed };
    let (namespace, local) = index.qname(placed, name);
    if &*namespace == XSD {
        return built_in(&local)
            .ok_or_else(|| index.complain(placed, format!("XML Schema has no simple type `{local}`"), ""));
    }
    if attachment(&namespace, &local) {
        let cure = "an operation without attachments is needed";
        return Err(index.complain(placed, format!("`{name}` is an attachment, which is not taken"), cure));
    }
    if &*namespace == "http://schemas.xmlsoap.org/soap/encoding/"
        && let Some(simple) = built_in(&local)
    {
        return Ok(simple);
    }
    let found = index.refer(Sort::Type, placed, name)?;
    if found.tag() != "simpleType" {
        let message = format!("`{name}` is no simple type");
        return Err(index.complain(placed, message, "an attribute or a text has a simple type"));
    }
    defined(index, found, steps)
}

/// A `simpleType`.
pub(super) fn defined(index: &Index<'_>, node: Placed<'_>, steps: usize) -> Result<Simple, Complaint> {
    if steps > MAX_STEPS {
        return Err(index.complain(node, "the type is derived from itself, or in too many steps", ""));
    }
    if let Some(restriction) = node.part("restriction") {
        return restricted(index, restriction, None, steps);
    }
    // A list's items and a union's members are texts to JSON.
    match node.part("list").or_else(|| node.part("union")) {
        Some(_) => Ok(Simple::default()),
        None => Err(index.complain(node, "the simple type says nothing", "give it a `restriction`")),
    }
}

/// A `restriction` of a simple type, or of simple content whose base's text is given.
pub(super) fn restricted(
    index: &Index<'_>,
    node: Placed<'_>,
    base: Option<&Arc<Simple>>,
    steps: usize,
) -> Result<Simple, Complaint> {
    let mut simple = match (base, node.part("simpleType"), node.attribute("base")) {
        (Some(base), None, _) => (**base).clone(),
        (_, Some(inner), _) => defined(index, inner, steps + 1)?,
        (None, None, Some(base)) => named(index, node, base, steps + 1)?,
        (None, None, None) => return Err(index.complain(node, "the restriction has no base", "")),
    };
    let mut words = Vec::new();
    let mut patterns = Vec::new();
    for facet in node.parts() {
        let Some(value) = facet.attribute("value") else { continue };
        let number = || {
            let wrong = || index.complain(facet, format!("`{value}` is no number of this facet"), "");
            value.trim().parse::<u64>().map_err(|_| wrong())
        };
        let bound = |inclusive| decimal(value.trim()).map(|value| Bound { value, inclusive });
        match facet.tag() {
            "enumeration" => words.push(value.into()),
            "pattern" => patterns.push(value),
            "length" => {
                simple.min_length = Some(number()?);
                simple.max_length = simple.min_length;
            }
            "minLength" => simple.min_length = Some(number()?),
            "maxLength" => simple.max_length = Some(number()?),
            "totalDigits" => simple.total_digits = u32::try_from(number()?).ok(),
            "fractionDigits" => simple.fraction_digits = u32::try_from(number()?).ok(),
            "whiteSpace" => simple.preserve = value.trim() == "preserve",
            "minInclusive" => simple.low = bound(true).or(simple.low),
            "minExclusive" => simple.low = bound(false).or(simple.low),
            "maxInclusive" => simple.high = bound(true).or(simple.high),
            "maxExclusive" => simple.high = bound(false).or(simple.high),
            _ => {}
        }
    }
    if !words.is_empty() {
        simple.enumeration = words;
    }
    if !patterns.is_empty() {
        simple.patterns.extend(pattern(&patterns));
    }
    Ok(simple)
}

/// The patterns of one step, of which a text matches at least one. `None` where they cannot be said in this
/// program's expressions: the service judges such a text then.
fn pattern(patterns: &[&str]) -> Option<regex::Regex> {
    let joined: Vec<String> = patterns.iter().map(|pattern| format!("(?:{})", translated(pattern))).collect();
    regex::RegexBuilder::new(&format!("^(?:{})$", joined.join("|"))).size_limit(MAX_PATTERN).build().ok()
}

/// XML Schema's expressions (part 2, appendix F) in the form of the crate `regex`: `^` and `$` are plain
/// characters there, `\i` and `\c` are those of names, and `[a-z-[aeiou]]` takes a class away from another.
fn translated(pattern: &str) -> String {
    const BEGINS: &str = r"_:\p{L}";
    const CONTINUES: &str = r"\-._:\p{L}\p{N}\p{M}";
    let mut out = String::new();
    let mut class = 0usize;
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('i') if class > 0 => out.push_str(BEGINS),
                Some('c') if class > 0 => out.push_str(CONTINUES),
                Some('i') => out.extend(["[", BEGINS, "]"]),
                Some('I') => out.extend(["[^", BEGINS, "]"]),
                Some('c') => out.extend(["[", CONTINUES, "]"]),
                Some('C') => out.extend(["[^", CONTINUES, "]"]),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            '[' => {
                class += 1;
                out.push('[');
                if characters.peek() == Some(&'^') {
                    characters.next();
                    out.push('^');
                }
            }
            ']' => {
                class = class.saturating_sub(1);
                out.push(']');
            }
            '-' if class > 0 && characters.peek() == Some(&'[') => out.push_str("--"),
            '^' | '$' if class == 0 => out.extend(['\\', character]),
            '&' | '~' if class > 0 => out.extend(['\\', character]),
            other => out.push(other),
        }
    }
    out
}
