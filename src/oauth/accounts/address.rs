//! E-mail addresses: which texts we take for one, and the form in which two are compared. Whether somebody reads what is
//! sent there is proven by a link alone.

/// No mailbox is longer (RFC 5321, section 4.5.3.1.3, less the angle brackets).
const LONGEST: usize = 254;

/// An address in the form in which it is compared and kept: without white space around it, in small letters. `None`
/// where it is none: no single `@`, an empty half, or characters that would mean something else in a message's header.
pub fn normalised(text: &str) -> Option<String> {
    let text = text.trim();
    let (local, host) = text.rsplit_once('@')?;
    let bad = |c: char| c.is_whitespace() || c.is_control() || "<>()[]\\,;:\"@".contains(c);
    let sound_local = !local.is_empty() && local.len() <= 64 && !local.contains(bad);
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let sound_host = host.contains('.') && host.split('.').all(label);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    (text.len() <= LONGEST && sound_local && sound_host && !dots).then(|| text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::normalised;

    #[test]
    fn addresses_are_compared_in_one_form() {
        assert_eq!(normalised("  Maria.Ortega@Example.ORG ").as_deref(), Some("maria.ortega@example.org"));
        assert_eq!(
            normalised("o'brien+pets@mail.example.org").as_deref(),
            Some("o'brien+pets@mail.example.org")
        );
        assert_eq!(normalised("ñandú@correo.example").as_deref(), Some("ñandú@correo.example"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.org", "a".repeat(65));
        let longer = format!("a@{}.org", "b.".repeat(130));
        for text in [
            "",
            "@",
            "a@",
            "@b.c",
            "a",
            "a@b",
            "a b@c.d",
            "a@b..c",
            "a@-b.c",
            "a@b.c-",
            ".a@b.c",
            "a.@b.c",
            "a..b@c.d",
            "a@b.c\r\nBcc: x@y.z",
            "<a@b.c>",
            "a@b@c.d",
            "a,b@c.d",
            &long,
            &longer,
        ] {
            assert_eq!(normalised(text), None, "{text}");
        }
    }
}
