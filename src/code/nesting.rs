//! How deeply a text nests, judged before it is parsed.
//!
//! A parser that descends calls itself for every level, and a text of a million brackets would end the program with an
//! overflown stack. This walks over the text once and counts what could make a parser descend: open brackets, and
//! inside each the words and signs since the last one that ends a statement or an element. That is never less than the
//! real depth. Where it cannot be told whether a slash divides or begins a regular expression, or what a sign of old
//! comments means, brackets could hide from the count; such texts are refused too unless they are short.

/// The greatest depth that is parsed. A level takes 2 kB of stack on average and 7 kB at worst.
const MAX_DEPTH: usize = 10_000;

/// The most brackets open at a time: parsing takes time by the square of those.
const MAX_BRACKETS: usize = 1_000;

/// Up to so many bytes no text can nest too deeply.
const HARMLESS: usize = 2_000;

/// The stack that the parser's thread must have.
pub const PARSER_STACK: usize = 256 << 20;

/// Whether no parser should be let loose on `text`.
pub fn is_too_deep(text: &str) -> bool {
    text.len() > HARMLESS && !Walk::new(text.as_bytes()).stays_shallow()
}

/// What was seen last, as far as it matters for what comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// The beginning of a statement or an element, or a sign that a value must follow.
    Expecting,
    /// A value.
    Value,
    /// `)` of `if (…)` and the like: a statement follows.
    Condition,
    /// A word after which either may come.
    EitherWay,
    /// `}`, `++` or `--`: a value or the end of one.
    Unclear,
    /// A dot: the next word is a name.
    Dot,
    /// A word before the parenthesis of a condition.
    ConditionWord,
}

/// An open bracket.
#[derive(Debug, Clone, Copy)]
struct Open {
    byte: u8,
    /// What could nest before it in its own bracket.
    before: usize,
    is_condition: bool,
}

struct Walk<'a> {
    text: &'a [u8],
    at: usize,
    open: Vec<Open>,
    /// Levels around the innermost open bracket, and since then.
    outer: usize,
    here: usize,
    last: Last,
}

impl<'a> Walk<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, open: Vec::new(), outer: 0, here: 0, last: Last::Expecting }
    }

    /// Walks to the end, or to where it is enough.
    fn stays_shallow(mut self) -> bool {
        while let Some(&byte) = self.text.get(self.at) {
            if !self.step(byte) || self.outer + self.here > MAX_DEPTH || self.open.len() > MAX_BRACKETS {
                return false;
            }
        }
        true
    }

    /// Takes one token; `false` where it cannot be told what it is.
    fn step(&mut self, byte: u8) -> bool {
        let rest = &self.text[self.at..];
        match byte {
            b'\n' | b'\r' => {
                self.at += 1;
                // Two names cannot stand side by side: the statement ended with the line.
                if self.last == Last::Value && !self.goes_on() {
                    self.here = 0;
                    self.last = Last::Expecting;
                }
            }
            b' ' | b'\t' => self.at += 1,
            b'(' | b'[' | b'{' => self.open(byte),
            b')' | b']' => {
                let open = self.close();
                self.last = if open.is_some_and(|o| o.is_condition) { Last::Condition } else { Last::Value };
            }
            b'}' => {
                if self.close().is_some_and(|o| o.byte == b'`') {
                    return self.template();
                }
                self.last = Last::Unclear;
                if !self.goes_on() {
                    self.here = 0;
                }
            }
            b';' | b',' => {
                self.at += 1;
                self.here = 0;
                self.last = Last::Expecting;
            }
            b'\'' | b'"' => {
                self.string(byte);
                self.value();
            }
            b'`' => {
                self.at += 1;
                return self.template();
            }
            b'/' if rest.starts_with(b"//") => self.line_comment(),
            b'#' if self.at == 0 && rest.starts_with(b"#!") => self.line_comment(),
            b'/' if rest.starts_with(b"/*") => self.skip_past(b"*/"),
            b'/' => return self.slash(),
            b'<' if rest.starts_with(b"<!--") => return false,
            b'-' if rest.starts_with(b"-->") => return false,
            b'+' | b'-' if rest.get(1) == Some(&byte) => {
                self.at += 2;
                self.here += 1;
                self.last = Last::Unclear;
            }
            b'.' => {
                self.at += 1;
                self.here += 1;
                self.last = Last::Dot;
            }
            _ if is_word(byte) => self.word(),
            _ => {
                self.at += 1;
                self.here += 1;
                self.last = Last::Expecting;
            }
        }
        true
    }

    fn open(&mut self, byte: u8) {
        let is_condition = byte == b'(' && self.last == Last::ConditionWord;
        self.open.push(Open { byte, before: self.here, is_condition });
        self.outer += self.here + 1;
        self.here = 0;
        self.at += 1;
        self.last = Last::Expecting;
    }

    fn close(&mut self) -> Option<Open> {
        self.at += 1;
        let open = self.open.pop()?;
        self.here = open.before;
        self.outer -= open.before + 1;
        Some(open)
    }

    fn value(&mut self) {
        self.here += 1;
        self.last = Last::Value;
    }

    fn word(&mut self) {
        let begin = self.at;
        while self.text.get(self.at).is_some_and(|&b| is_word(b)) {
            self.at += 1;
        }
        self.here += 1;
        self.last = match &self.text[begin..self.at] {
            _ if self.last == Last::Dot => Last::Value,
            b"if" | b"while" | b"for" | b"with" => Last::ConditionWord,
            b"yield" | b"await" | b"of" | b"let" | b"async" => Last::EitherWay,
            b"else" | b"do" | b"new" | b"typeof" | b"void" | b"delete" | b"return" | b"throw" | b"case" | b"in"
            | b"instanceof" | b"try" | b"finally" | b"extends" | b"default" => Last::Expecting,
            _ => Last::Value,
        };
    }

    /// Skips a string; one that does not end with its line is none, and stops any parser.
    fn string(&mut self, quote: u8) {
        self.at += 1;
        while let Some(&byte) = self.text.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'\n' | b'\r' => return,
                _ if byte == quote => return,
                _ => {}
            }
        }
        self.at = self.at.min(self.text.len());
    }

    /// Skips the text of a template up to its end or to what is put into it.
    fn template(&mut self) -> bool {
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    self.value();
                    return true;
                }
                b'$' if self.text.get(self.at + 1) == Some(&b'{') => {
                    self.at += 1;
                    self.open(b'`');
                    return true;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.text.len();
        true
    }

    fn line_comment(&mut self) {
        // The line separators of Unicode end it as well.
        let ends = |at: usize| {
            matches!(self.text[at], b'\n' | b'\r')
                || self.text[at..].starts_with(&[0xE2, 0x80]) && self.text.len() > at + 2
        };
        let mut at = self.at;
        while at < self.text.len() && !ends(at) {
            at += 1;
        }
        self.at = if self.text.get(at).is_some_and(|&b| b == 0xE2) { at + 2 } else { at };
    }

    fn skip_past(&mut self, end: &[u8]) {
        let from = self.at + 2;
        let found = self.text[from.min(self.text.len())..].windows(end.len()).position(|w| w == end);
        self.at = found.map_or(self.text.len(), |i| from + i + end.len());
    }

    /// A division or a regular expression; `false` where it may be either and it matters.
    fn slash(&mut self) -> bool {
        let regex = self.regex_end();
        match self.last {
            Last::Value | Last::Dot => {}
            Last::Expecting | Last::Condition | Last::ConditionWord => {
                if let Some(end) = regex {
                    self.at = end;
                    self.value();
                    return true;
                }
            }
            Last::Unclear | Last::EitherWay => {
                let inside = regex.map_or(&[][..], |end| &self.text[self.at + 1..end]);
                if inside.iter().any(|b| b"'\"`()[]{}/*".contains(b) && *b != b'/')
                    || inside.windows(2).any(|w| w == b"//")
                {
                    return false;
                }
            }
        }
        self.at += 1;
        self.here += 1;
        self.last = Last::Expecting;
        true
    }

    /// Where a regular expression that begins here would end.
    fn regex_end(&self) -> Option<usize> {
        let mut at = self.at + 1;
        let mut in_class = false;
        while let Some(&byte) = self.text.get(at) {
            match byte {
                b'\\' => at += 1,
                b'\n' | b'\r' => return None,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
        None
    }

    /// Whether what follows goes on with the statement before it.
    fn goes_on(&self) -> bool {
        let rest = &self.text[self.at.min(self.text.len())..];
        let rest = &rest[rest.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(rest.len())..];
        match rest.first() {
            None => false,
            Some(&b) if is_word(b) => {
                let end = rest.iter().position(|&b| !is_word(b)).unwrap_or(rest.len());
                matches!(&rest[..end], b"else" | b"in" | b"of" | b"instanceof" | b"catch" | b"finally" | b"while")
            }
            Some(b'}' | b';' | b',' | b'\'' | b'"') => false,
            Some(_) => true,
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte == b'#' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nests_is_counted_however_it_nests() {
        let n = MAX_DEPTH * 2;
        let deep: [(&str, &str); 17] = [
            ("[", ""),
            ("(", ""),
            ("{", ""),
            ("{a:", ""),
            ("`${", ""),
            ("!", "a"),
            ("- ", "a"),
            ("a=>", "a"),
            ("a?b:", "c"),
            ("if(a)", ";"),
            ("if(a)\n", ";"),
            ("if(a){}else ", "{}"),
            ("new\n", "a"),
            ("a+", "a"),
            ("a\n+", "a"),
            ("[\"]\",", ""),
            ("[/]/,", ""),
        ];
        for (repeated, end) in deep {
            assert!(is_too_deep(&(repeated.repeat(n) + end)), "{repeated}");
        }
    }

    #[test]
    fn nothing_hides_brackets_from_the_count() {
        let deep = "[\"]\",".repeat(MAX_DEPTH);
        for before in
            ["if(a)/'/;", "a={}/'/;", "a++/'/;", "`'`;", "`${'}'}'`;", "//\r", "// \u{2028}", "<!--/*\n", "a/'b'/"]
        {
            assert!(is_too_deep(&format!("{before}{deep}")), "{before}");
        }
    }

    #[test]
    fn what_only_goes_on_is_not_deep() {
        let n = MAX_DEPTH * 2;
        for repeated in [
            "f(a, b);\n",
            "f(a)\n",
            "a = b\n",
            "'((((', \"[[[[\",",
            "/[(({]/.test(a);",
            "x = a.replace(/[\"']/g, '');",
            "// ((((\n",
            "/* {{{{ */",
            "if (a) { b() } else { c() }\n",
            "function f() {}\n",
            "{ a: [1, 2], b: {} },",
            "class A { b() { return [] } }\n",
            "`a ${b} (((`;",
            "if (a) /[(]/.test(b);",
        ] {
            assert!(!is_too_deep(&repeated.repeat(n)), "{repeated}");
        }
    }
}
