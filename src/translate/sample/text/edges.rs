//! Texts and letters that translations have been seen to break. There is no U+0000 among them: databases
//! and C libraries refuse it, and so no contract can promise to keep it.

/// Letters of which harsh texts are strewn together.
pub const LETTERS: &[char] = &[
    'a',
    'Z',
    '0',
    '9',
    ' ',
    ' ',
    '-',
    '_',
    '.',
    ',',
    ';',
    ':',
    '|',
    '/',
    '\\',
    '"',
    '\'',
    '`',
    '<',
    '>',
    '&',
    '%',
    '+',
    '=',
    '?',
    '#',
    '@',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    '$',
    '*',
    '~',
    '^',
    '!',
    '\n',
    '\r',
    '\t',
    '\u{1}',
    '\u{1f}',
    '\u{7f}',
    '\u{85}',
    '\u{a0}',
    'é',
    'ß',
    'İ',
    'ı',
    'ñ',
    '\u{301}',
    '\u{200b}',
    '\u{200d}',
    '\u{202e}',
    '\u{2028}',
    '\u{feff}',
    '\u{fffd}',
    'Ω',
    'ж',
    'ש',
    'ع',
    'ก',
    '中',
    '한',
    '🐶',
    '𝒳',
    '\u{10000}',
];

/// Texts, each with its own trap: what looks like another type, what must be escaped somewhere, what is
/// trimmed, folded, normalised or split somewhere.
pub const TEXTS: &[&str] = &[
    "",
    " ",
    "null",
    "true",
    "0",
    "[]",
    "\"\"",
    "x",
    " leading and trailing ",
    "\"quoted\" and \\back\\slashed\\",
    "line\nfeed\r\nand\ttab",
    "\u{1}control\u{1f}\u{7f}",
    "e\u{301} is not é",
    "🐶 👨‍👩‍👧 🇺🇸",
    "שלום عليكم",
    "O'Hara; DROP TABLE pets;--",
    "<a href=\"x\">&amp;</a>]]>",
    "007",
    "-1",
    "1.0",
    "1e5",
    "false",
    "NULL",
    "undefined",
    "NaN",
    "{}",
    "{\"a\":[1]}",
    "''",
    "\\",
    "\\u0041\\n\\0",
    "%20%s%d{0}${x}{{y}}",
    "a,b;c|d\te",
    "a=b&c=d+e?f#g",
    "\n",
    "trailing newline\n",
    "\u{feff}mark",
    "\u{202e}reversed",
    "zero\u{200b}width",
    "next\u{85}line\u{2028}separator",
    "İstanbul ıssız STRASSE straße",
    "\u{fb01}\u{a0}\u{3000}full",
    "中文字符 한국어",
    "𝒳𝒴\u{10000}",
    "2024-02-30",
    "12:34",
    "no",
    "../../etc/passwd",
    "=1+1",
];

/// Texts of the least and the greatest length, the latter in letters of one, two and four bytes of UTF-8:
/// what counts bytes, or units of UTF-16, cuts them elsewhere.
pub fn lengths(least: usize, most: Option<usize>) -> Vec<String> {
    /// Longer ones show nothing new and only take time.
    const LONGEST: usize = 10_000;
    /// Where nobody says how long a text may be: beyond the 255 that so many columns hold.
    const UNSAID: usize = 300;
    let longest = most.unwrap_or(least.max(UNSAID));
    let mut found = vec!["x".repeat(least), "x".repeat(least + 1)];
    if longest <= LONGEST {
        found.extend(["x", "é", "🐶"].map(|letter| letter.repeat(longest)));
        found.push("x".repeat(longest.saturating_sub(1)));
        // A space at the very end is what padded columns drop.
        found.push(format!("{} ", "x".repeat(longest.saturating_sub(1))));
    }
    found
}
