//! JSON Pointers (RFC 6901), made step by step. Nothing is looked up by one here.

/// Adds a member's name to a pointer: `~` becomes `~0` and `/` becomes `~1`.
pub fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    if !name.contains(['~', '/']) {
        return pointer.push_str(name);
    }
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Adds an item's index to a pointer.
pub fn push_index(pointer: &mut String, index: usize) {
    pointer.push('/');
    pointer.push_str(itoa::Buffer::new().format(index));
}

/// The name that a step of a pointer stands for.
pub fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_escaped_and_come_back() {
        for (name, step) in [("a", "/a"), ("", "/"), ("a/b", "/a~1b"), ("m~n", "/m~0n"), ("~1", "/~01")] {
            let mut pointer = String::new();
            push(&mut pointer, name);
            assert_eq!(pointer, step);
            assert_eq!(unescape(&pointer[1..]), name);
        }
    }
}
