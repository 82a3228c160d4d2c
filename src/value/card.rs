//! Card numbers in texts: what reads like a primary account number (ISO/IEC 7812-1) is found, however it is grouped.
//! It is judged by length, by the ranges that issuers have, and by its check digit, so that chips, phones, dates and ids
//! are none. It never tells where in a text a number stands, nor which one.

/// Signs that people put between groups of digits.
const SEPARATORS: &[char] = &[
    ' ', '-', '.', '_', '/', '\u{a0}', '\u{ad}', '\u{2007}', '\u{2009}', '\u{200b}', '\u{2010}', '\u{2011}',
    '\u{2012}', '\u{2013}', '\u{202f}', '\u{2212}', '\t', '\n', '\r',
];

/// The shortest and the longest card number.
const SHORTEST: usize = 13;
const LONGEST: usize = 19;

/// First digits of issuers, from and until, and the lengths of their numbers. What no brand uses is left out, and so
/// are ranges of single countries' schemes that other ids would fall into.
const ISSUERS: &[(&str, &str, &[usize])] = &[
    // Visa; thirteen digits are of another age.
    ("4", "4", &[13, 16, 19]),
    // Mastercard.
    ("51", "55", &[16]),
    ("2221", "2720", &[16]),
    // American Express.
    ("34", "34", &[15]),
    ("37", "37", &[15]),
    // Diners Club.
    ("300", "305", &[14, 16]),
    ("3095", "3095", &[14, 16]),
    ("36", "36", &[14, 16]),
    ("38", "39", &[14, 16]),
    // JCB.
    ("3528", "3589", &[16, 17, 18, 19]),
    // Discover.
    ("6011", "6011", &[16, 19]),
    ("644", "649", &[16, 19]),
    ("65", "65", &[16, 19]),
    // UnionPay.
    ("62", "62", &[16, 17, 18, 19]),
    // Maestro.
    ("5018", "5018", &[13, 15, 16, 18, 19]),
    ("5020", "5020", &[13, 15, 16, 18, 19]),
    ("5038", "5038", &[13, 15, 16, 18, 19]),
    ("5893", "5893", &[13, 15, 16, 18, 19]),
    ("6304", "6304", &[13, 15, 16, 18, 19]),
    ("6759", "6759", &[13, 15, 16, 18, 19]),
    ("6761", "6763", &[13, 15, 16, 18, 19]),
    // Mir.
    ("2200", "2204", &[16, 17, 18, 19]),
];

/// Digits that stand together, and what is between them and the group before.
#[derive(Debug, Default)]
struct Group {
    digits: Vec<u8>,
    /// The signs in front, where they join it to the group before.
    joined: Option<String>,
    /// Whether a `+` stands in front: then it is a phone number in the international form (ITU-T E.164).
    plus: bool,
}

/// Whether a text holds a card number.
pub fn stands_in(text: &str) -> bool {
    // Most texts have too few digits for one.
    let digits = match text.len() {
        ..SHORTEST => return false,
        _ if text.is_ascii() => text.bytes().filter(u8::is_ascii_digit).count(),
        _ => text.chars().filter(|c| digit(*c).is_some()).take(SHORTEST).count(),
    };
    if digits < SHORTEST {
        return false;
    }
    if digits == text.len() {
        let mut values = [0; LONGEST];
        values.iter_mut().zip(text.bytes()).for_each(|(value, byte)| *value = byte.wrapping_sub(b'0'));
        return values.get(..digits).is_some_and(is_number);
    }
    let groups = groups(text);
    let pointed = |at: usize| groups.get(at).is_some_and(|group| group.joined.as_deref() == Some("."));
    (0..groups.len()).any(|from| {
        // Behind the one point of a decimal number.
        if pointed(from) && !pointed(from.wrapping_sub(1)) && !pointed(from + 1) {
            return false;
        }
        let mut digits: Vec<u8> = Vec::new();
        let mut sizes = Vec::new();
        let mut signs: Option<&str> = None;
        for group in groups.get(from..).unwrap_or_default() {
            if !sizes.is_empty() {
                // A number is grouped by one sign throughout.
                match (&group.joined, signs) {
                    (Some(joined), None) => signs = Some(joined),
                    (Some(joined), Some(known)) if joined == known => {}
                    _ => break,
                }
            }
            digits.extend_from_slice(&group.digits);
            sizes.push(group.digits.len());
            if digits.len() > LONGEST {
                break;
            }
            let plus = groups.get(from).is_some_and(|first| first.plus);
            let phone = plus && digits.len() <= 15;
            // Two groups around a point are a decimal number.
            let decimal = sizes.len() == 2 && signs == Some(".");
            if !phone && !decimal && is_grouped(&sizes) && is_number(&digits) {
                return true;
            }
        }
        false
    })
}

/// Whether a number of JSON is a card number: its whole digits, however it is written.
pub fn is_digits(digits: &str) -> bool {
    if digits.len() < SHORTEST && !digits.contains(['e', 'E']) {
        return false;
    }
    let whole = super::decimal::Decimal::parse(digits).filter(super::decimal::Decimal::is_integer);
    whole.and_then(|number| number.to_text(Some(0))).is_some_and(|text| stands_in(&text))
}

fn digit(c: char) -> Option<u8> {
    // Digits of other scripts are digits to those who read them.
    let zero = match c {
        '0'..='9' => '0',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        '\u{966}'..='\u{96f}' => '\u{966}',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        _ => return None,
    };
    u8::try_from(u32::from(c) - u32::from(zero)).ok()
}

/// The groups of digits of a text. Those within a UUID are none.
fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut between = String::new();
    let mut in_digits = false;
    let mut skip = 0;
    let mut before = None;
    for (at, c) in text.char_indices() {
        if at < skip {
            continue;
        }
        if let Some(end) = uuid(text, at, before) {
            (skip, in_digits) = (end, false);
            between = "x".into();
            before = Some('x');
            continue;
        }
        if let Some(value) = digit(c) {
            if !in_digits {
                let few = (1..=3).contains(&between.chars().count());
                let separates = few && between.chars().all(|sign| SEPARATORS.contains(&sign));
                let joined = (separates && !groups.is_empty()).then(|| plain(&between));
                groups.push(Group { digits: Vec::new(), joined, plus: between.ends_with('+') });
            }
            if let Some(group) = groups.last_mut() {
                group.digits.push(value);
            }
            between.clear();
            in_digits = true;
        } else {
            in_digits = false;
            between.push(c);
        }
        before = Some(c);
    }
    groups
}

/// The sign that groups are told apart by, whatever white space is around it.
fn plain(between: &str) -> String {
    let signs: String =
        between.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}' && *c != '\u{ad}').collect();
    if signs.is_empty() { " ".into() } else { signs }
}

/// The end of a UUID (RFC 9562, section 4) that begins here.
fn uuid(text: &str, at: usize, before: Option<char>) -> Option<usize> {
    if before.is_some_and(char::is_alphanumeric) {
        return None;
    }
    let end = at + 36;
    let found = text.get(at..end)?;
    let is_form = found.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    // One of digits alone is no UUID that anybody made.
    let has_letter = found.bytes().any(|byte| byte.is_ascii_alphabetic());
    let ends = text.get(end..).is_none_or(|rest| !rest.starts_with(char::is_alphanumeric));
    (is_form && has_letter && ends).then_some(end)
}

/// Whether people group a card number so: not at all, in groups of three and more, or each by the same number.
fn is_grouped(sizes: &[usize]) -> bool {
    let Some((_, before)) = sizes.split_last() else { return false };
    let first = sizes.first().copied().unwrap_or_default();
    before.iter().all(|size| *size >= 3) || before.iter().all(|size| *size == first)
}

fn is_number(digits: &[u8]) -> bool {
    (SHORTEST..=LONGEST).contains(&digits.len()) && has_check_digit(digits) && is_issued(digits)
}

fn is_issued(digits: &[u8]) -> bool {
    let text: String = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
    ISSUERS.iter().any(|(from, until, lengths)| {
        let start = text.get(..from.len()).unwrap_or_default();
        lengths.contains(&digits.len()) && (*from..=*until).contains(&start)
    })
}

/// The check digit of ISO/IEC 7812-1, annex B: Luhn's.
fn has_check_digit(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let weighed = if at % 2 == 1 { digit * 2 } else { *digit };
            u32::from(if weighed > 9 { weighed - 9 } else { weighed })
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that the card schemes publish for tests.
    const CARDS: &[&str] = &[
        "4111111111111111",
        "4012888888881881",
        "4222222222222",
        "4000000000000000006",
        "5555555555554444",
        "5105105105105100",
        "2223003122003222",
        "378282246310005",
        "371449635398431",
        "30569309025904",
        "38520000023237",
        "36227206271667",
        "6011111111111117",
        "6011000990139424",
        "3530111333300000",
        "3566002020360505",
        "6200000000000005",
        "6304000000000000",
        "6759649826438453",
    ];

    #[test]
    fn cards_are_found_however_they_are_written() {
        for card in CARDS {
            assert!(stands_in(card), "{card}");
            assert!(is_digits(card) || card.len() > 18, "{card}");
            for size in [1, 3, 4, 5] {
                for sign in [" ", "-", " - ", ".", "\u{a0}", "\u{2013}", "_", "/"] {
                    let digits: Vec<char> = card.chars().collect();
                    let groups: Vec<String> = digits.chunks(size).map(|g| g.iter().collect()).collect();
                    let text = groups.join(sign);
                    assert!(stands_in(&text), "{text}");
                    assert!(stands_in(&format!("My card is {text}, thanks.")), "{text}");
                }
            }
            assert!(stands_in(&format!("tok{card}x")), "{card}");
            assert!(stands_in(&format!("{{\"pan\":{card}}}")), "{card}");
        }
        assert!(stands_in("3782 822463 10005"));
        assert!(stands_in("call +1 555 0100 199 or charge 4111 1111 1111 1111 today"));
        assert!(stands_in("12/34 4111-1111-1111-1111"));
        assert!(stands_in("\u{ff14}111111111111111"));
        assert!(stands_in("+4111111111111111"));
        assert!(is_digits("4111111111111111.0") && is_digits("4.111111111111111e15"));
    }

    #[test]
    fn what_only_looks_like_one_passes() {
        for text in [
            "",
            // One digit is wrong.
            "4111111111111112",
            "5555555555554445",
            // Microchips: of a manufacturer, and of countries.
            "985141000000109",
            "900000000000003",
            "276098100000006",
            "528140000000008",
            "840000000000007",
            // Phones.
            "+1 555 010 0066",
            "+49 176 1234567890",
            "+4911111111111",
            "0034 600 123 456",
            "(555) 0100-199",
            // Ids, times and numbers.
            "0192f0c1-4111-7111-8111-111111111111",
            "41111111-1111-4111-8111-11111111111a",
            "2026-11-21T10:00:00.25Z",
            "2024-03-14 17:30 2027-03-14",
            "47.6062095123456",
            "0.4111111111111111",
            "1234567890123456",
            "0000000000000000",
            "411111111111111111111111",
            "tok_0660a1b2c3d4",
            "4 8 15 16 23 42 4 8 15 16",
            "https://img.example/records/109-card.pdf",
        ] {
            assert!(!stands_in(text), "{text}");
        }
        for digits in ["0.4111111111111111", "4111111111111112", "420", "-5", "1e400"] {
            assert!(!is_digits(digits), "{digits}");
        }
    }

    #[test]
    fn no_chip_of_the_demo_is_one() {
        let seed = crate::demo::seed::seed();
        let chips: Vec<&String> = seed.pets.iter().filter_map(|pet| pet.microchip.as_ref()).collect();
        assert!(chips.len() > 100);
        assert!(chips.iter().all(|chip| !stands_in(chip)));
        assert!(seed.customers.iter().all(|customer| !stands_in(&customer.phone)));
    }
}
