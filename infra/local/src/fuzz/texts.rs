//! Texts that somebody could search for: by the grammar, by its tokens in any order, and by anything at all.

/// Words of all the kinds that an index treats differently.
const WORDS: [&str; 59] = [
    "zebra",
    "horse",
    "crossing",
    "cow",
    "go",
    "the",
    "a",
    "from",
    "will",
    "x86_64",
    "under_score",
    "_",
    "C++",
    "C#",
    "node.js",
    "user@example.com",
    "v1.2.3",
    "3.14",
    "AB-1234-X",
    "full-text",
    "don't",
    "caf\u{e9}",
    "cafe\u{301}",
    "stra\u{df}e",
    "\u{691c}\u{7d22}",
    "\u{5168}\u{6587}\u{691c}\u{7d22}",
    "\u{5168}",
    "\u{c5d4}\u{c9c4}",
    "\u{e04}\u{e49}\u{e19}\u{e2b}\u{e32}",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "\u{645}\u{631}\u{62d}\u{628}\u{627}",
    "\u{1F993}",
    "\u{938}\u{94d}\u{924}\u{947}",
    "S\u{23e}\u{23a}x",
    "data",
    "tea",
    "in",
    "'; DROP TABLE t; --",
    "\u{0}",
    "\u{202e}",
    "%",
    // One of each language that has stems, with an ending that they take off.
    "\u{627}\u{644}\u{643}\u{62a}\u{627}\u{628}\u{629}",
    "hesterne",
    "boeken",
    "running",
    "taloissa",
    "chanteuses",
    "H\u{e4}usern",
    "\u{3b1}\u{3bd}\u{3b8}\u{3c1}\u{3ce}\u{3c0}\u{3bf}\u{3c5}\u{3c2}",
    "h\u{e1}zakban",
    "velocemente",
    "skolebarnas",
    "cora\u{e7}\u{f5}es",
    "copiilor",
    "\u{441}\u{43e}\u{431}\u{430}\u{43a}\u{430}\u{43c}\u{438}",
    "canciones",
    "flickornas",
    "\u{bae}\u{bb0}\u{b99}\u{bcd}\u{b95}\u{bb3}\u{bc8}",
    "kitaplar\u{131}n",
];

/// What the grammar and MySQL's own are made of.
const SIGNS: [&str; 34] = [
    "+", "-", "~", "<", ">", "*", "\"", "(", ")", "@", "@3", "~2", " ", " ", " ", "AND", " AND ", " OR ", " NOT ",
    "NOT ", "NEAR/3", " NEAR/2 ", "\\", "'", "`", "%", "_", "\u{0}", "\t", "\n", ";", "--", "/*", "\" @5",
];

/// The most characters that a query has.
const CHARS_MAX: usize = 500;

/// A source of texts: the same for the same seed.
pub struct Texts {
    state: u64,
}

impl Texts {
    /// From this seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next text, at most 500 characters.
    pub fn text(&mut self) -> String {
        let text = match self.below(10) {
            0..4 => self.query(0),
            4..8 => self.tokens(),
            8 => self.characters(),
            _ => self.damaged(),
        };
        text.chars().take(CHARS_MAX).collect()
    }

    /// By the grammar of `functions/search/src/query.rs`.
    fn query(&mut self, depth: usize) -> String {
        let clauses = (0..=self.below(5)).map(|_| self.clause(depth)).collect::<Vec<_>>();
        clauses.join([" ", " AND ", " OR ", " "][self.below(4)])
    }

    fn clause(&mut self, depth: usize) -> String {
        let sign = ["", "", "", "+", "-", "NOT "][self.below(6)];
        let item = match self.below(8) {
            0 if depth < 8 => format!("({})", self.query(depth + 1)),
            1 => format!("\"{} {}\"", self.word(), self.word()),
            2 => format!("\"{} {}\"{}{}", self.word(), self.word(), ["~", " @", "@"][self.below(3)], self.below(12)),
            3 => format!("{} NEAR/{} {}", self.word(), self.below(9), self.word()),
            4 => format!("{}*", self.word()),
            _ => self.word(),
        };
        format!("{sign}{item}")
    }

    /// A known word, or one of letters by chance, as long as any can be.
    fn word(&mut self) -> String {
        if self.below(4) > 0 {
            return WORDS[self.below(WORDS.len())].to_owned();
        }
        let length = [1, 2, 3, 8, 84, 85, 120][self.below(7)];
        let first =
            [u32::from('a'), u32::from('\u{e0}'), 0x3b1, 0x430, 0x5d0, 0x627, 0xb85, 0x4e00, 0xac00][self.below(9)];
        (0..length).filter_map(|_| char::from_u32(first + u32::try_from(self.below(20)).unwrap_or(0))).collect()
    }

    fn tokens(&mut self) -> String {
        let tokens = (0..=self.below(24)).map(|_| match self.below(2) {
            0 => self.word(),
            _ => SIGNS[self.below(SIGNS.len())].to_owned(),
        });
        tokens.collect()
    }

    /// Of all planes, and mostly of the first 128.
    fn characters(&mut self) -> String {
        let characters = (0..=self.below(60)).filter_map(|_| {
            let range = [0x80, 0x80, 0x800, 0x1_0000, 0x11_0000][self.below(5)];
            char::from_u32(u32::try_from(self.below(range)).unwrap_or(0))
        });
        characters.collect()
    }

    /// A query that lost a part, or got one.
    fn damaged(&mut self) -> String {
        let mut characters: Vec<char> = self.query(0).chars().collect();
        for _ in 0..=self.below(3) {
            let at = self.below(characters.len().max(1));
            if self.below(2) == 0 && at < characters.len() {
                characters.remove(at);
            } else {
                let sign = SIGNS[self.below(SIGNS.len())];
                characters.splice(at..at, sign.chars());
            }
        }
        characters.into_iter().collect()
    }

    /// A number below this one: `SplitMix64` (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
    fn below(&mut self, end: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % (end as u64)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_texts_and_another_makes_others() {
        let some = |seed| -> Vec<String> {
            let mut texts = Texts::new(seed);
            (0..100).map(|_| texts.text()).collect()
        };
        assert_eq!(some(1), some(1));
        assert_ne!(some(1), some(2));
    }
}
