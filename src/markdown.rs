//! Sentences with names from source code in them: as Markdown writes them, and taken apart for
//! those who draw them otherwise.

/// Text as Markdown code, whatever is in it.
pub fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    let longest_run = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest_run + 1);
    // One space is taken off both ends where both have one.
    let is_padded = text.starts_with('`') || text.ends_with('`') || text.starts_with(' ') && text.ends_with(' ');
    let space = if is_padded { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// As [`code`], for a cell of a table.
pub fn code_in_table(text: &str) -> String {
    code(&text.replace('|', "\\|"))
}

/// A sentence of ours, whose names in backquotes stay code and whose other text is taken literally.
pub fn plain(text: &str) -> String {
    text.replace(['\n', '\r'], " ").replace('|', "\\|").replace('<', "\\<")
}

/// A part of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run<'a> {
    /// Words.
    Plain(&'a str),
    /// A name from source code, without the backquotes around it.
    Code(&'a str),
}

/// Takes a sentence apart into words and code, as Markdown does: as many backquotes as opened a
/// piece of code close it, and those that nothing closes are text.
pub fn runs(sentence: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    let mut plain_from = 0;
    let mut at = 0;
    while let Some(found) = sentence[at..].find('`') {
        let opens = at + found;
        let begin = opens + fence_length(&sentence[opens..]);
        at = begin;
        let Some(end) = closing(sentence, begin, begin - opens) else { continue };
        if plain_from < opens {
            runs.push(Run::Plain(&sentence[plain_from..opens]));
        }
        let code = &sentence[begin..end];
        let without_spaces = code.strip_prefix(' ').and_then(|code| code.strip_suffix(' '));
        runs.push(Run::Code(without_spaces.filter(|code| !code.trim().is_empty()).unwrap_or(code)));
        at = end + (begin - opens);
        plain_from = at;
    }
    if plain_from < sentence.len() {
        runs.push(Run::Plain(&sentence[plain_from..]));
    }
    runs
}

/// Where the next fence of exactly `length` backquotes begins, from `at` on.
fn closing(sentence: &str, mut at: usize, length: usize) -> Option<usize> {
    while let Some(found) = sentence[at..].find('`') {
        let fence = at + found;
        let long = fence_length(&sentence[fence..]);
        if long == length {
            return Some(fence);
        }
        at = fence + long;
    }
    None
}

fn fence_length(text: &str) -> usize {
    text.bytes().take_while(|&b| b == b'`').count()
}

#[cfg(test)]
mod tests {
    use super::Run::{Code, Plain};
    use super::*;

    #[test]
    fn names_cannot_break_out_of_their_code() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`x`\ny"), "`` `x` y ``");
        assert_eq!(code_in_table("a|b"), "`a\\|b`");
    }

    #[test]
    fn sentences_are_taken_apart_into_words_and_code() {
        assert_eq!(runs("`a.b` grew, and `c`."), [Code("a.b"), Plain(" grew, and "), Code("c"), Plain(".")]);
        assert_eq!(runs("It grew."), [Plain("It grew.")]);
        assert_eq!(runs("one ` only"), [Plain("one ` only")]);
        assert_eq!(runs("``a` b"), [Plain("``a` b")]);
        assert_eq!(runs(""), []);
    }

    #[test]
    fn whatever_a_name_has_in_it_comes_back_as_one_run() {
        for name in ["a", "`", "``", "a`b``c", "`x`", "ä ` ", " a ", "x`"] {
            let sentence = format!("Look: {} grew.", code(name));
            assert_eq!(runs(&sentence), [Plain("Look: "), Code(name), Plain(" grew.")], "{sentence}");
        }
    }
}
