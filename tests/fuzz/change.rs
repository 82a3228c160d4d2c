//! Changed inputs, the same in each run: letters flipped, cut, doubled, and words of one input put into another.

/// Pieces that mean something to one of the readers.
const WORDS: &[&str] = &[
    "/",
    "..",
    "%2f",
    "%00",
    "%",
    ".json",
    ".xml",
    "&",
    "=",
    "fields=",
    "(",
    ")",
    ",",
    "limit=",
    "<",
    ">",
    "</",
    "/>",
    "<![CDATA[",
    "]]>",
    "&#",
    "&amp;",
    "<!--",
    "-->",
    "<?",
    "xsi:nil=\"true\"",
    "\"",
    "'",
    "\\u0000",
    "{",
    "}",
    "[",
    "]",
    ":",
    "null",
    "true",
    "1e400",
    "-0",
    "\n",
    "\r",
    "  ",
    "- ",
    "é",
    "\u{FEFF}",
    "\u{202E}",
    "$",
    "*",
    "&a",
    "9223372036854775808",
];

pub struct Changes<'c> {
    corpus: Vec<&'c [u8]>,
    state: u64,
}

impl<'c> Changes<'c> {
    pub fn of(corpus: &'c [(String, Vec<u8>)]) -> Self {
        Self { corpus: corpus.iter().map(|(_, input)| &**input).collect(), state: 0x0DD_BA11 }
    }

    /// Splitmix64.
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % end.max(1) as u64).unwrap()
    }

    /// A stretch of an input.
    fn stretch(&mut self, length: usize) -> std::ops::Range<usize> {
        let from = self.below(length + 1);
        from..from + self.below((length - from).min(64) + 1)
    }

    pub fn next(&mut self) -> Vec<u8> {
        let from = self.below(self.corpus.len());
        let mut input = self.corpus[from].to_vec();
        for _ in 0..=self.below(4) {
            let place = self.stretch(input.len());
            match self.below(6) {
                0 if !input.is_empty() => {
                    let at = self.below(input.len());
                    input[at] ^= 1 << self.below(8);
                }
                1 => drop(input.drain(place)),
                2 => {
                    let twice = input[place.clone()].to_vec();
                    input.splice(place.end..place.end, twice);
                }
                3 => {
                    let other = self.below(self.corpus.len());
                    let other = self.corpus[other];
                    let theirs = self.stretch(other.len());
                    input.splice(place, other[theirs].iter().copied());
                }
                4 => {
                    let word = WORDS[self.below(WORDS.len())];
                    input.splice(place.start..place.start, word.bytes());
                }
                _ => {
                    let word = WORDS[self.below(WORDS.len())];
                    input.splice(place, word.bytes());
                }
            }
        }
        input
    }
}
