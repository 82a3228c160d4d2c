//! Which characters XML 1.0 (fifth edition) allows, in texts and in names without a colon. It escapes nothing.

/// Production 2, `Char`.
pub fn is_allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Production 3, `S`.
pub fn is_white(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// Whether a text is an `NCName`: a name by production 5 that holds no colon.
pub fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(begins) && characters.all(continues)
}

fn begins(character: char) -> bool {
    matches!(character,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn continues(character: char) -> bool {
    begins(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_other_texts() {
        for name in ["a", "birthDate", "_x", "a-b.c1", "größe", "名前"] {
            assert!(is_name(name), "{name}");
        }
        for other in ["", "1x", "a b", "a:b", "-a", ".a", "a/b", "<", "a\u{0}", "×"] {
            assert!(!is_name(other), "{other}");
        }
    }

    #[test]
    fn control_characters_and_the_two_last_are_not_allowed() {
        for no in ['\0', '\u{1}', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
            assert!(!is_allowed(no), "{no:?}");
        }
        for yes in ['\t', '\n', '\r', ' ', '\u{7f}', '\u{85}', '\u{fffd}', '🐶', '\u{10ffff}'] {
            assert!(is_allowed(yes), "{yes:?}");
        }
    }
}
