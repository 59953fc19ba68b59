//! The name of a finding's owner taken apart: a variable and the steps from there.

/// An owner as the source names it: `bus.topics[ ]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerName {
    /// The variable the name begins with; `globalThis` for properties of the global object.
    pub variable: String,
    /// What follows it.
    pub steps: Vec<OwnerStep>,
}

/// One step of an owner's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerStep {
    /// A property, or a private one with its `#`.
    Property(String),
    /// A property whose key is a symbol of this description.
    Symbol(String),
    /// One member of many.
    Member,
}

impl OwnerName {
    /// Takes `name` apart; `None` for what no source could say, such as `(string)`.
    pub fn parse(name: &str) -> Option<Self> {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let variable = &name[..end];
        if variable.is_empty() || !variable.chars().all(is_name) {
            return None;
        }
        let mut steps = Vec::new();
        let mut rest = &name[end..];
        while !rest.is_empty() {
            let (step, after) = step(rest)?;
            steps.push(step);
            rest = after;
        }
        Some(Self { variable: variable.to_owned(), steps })
    }

    /// The last property of the name, if it ends in one, or in a member of one.
    pub fn last_property(&self) -> Option<&str> {
        self.steps.iter().rev().find_map(|step| match step {
            OwnerStep::Property(name) => Some(name.as_str()),
            OwnerStep::Symbol(_) | OwnerStep::Member => None,
        })
    }
}

fn step(text: &str) -> Option<(OwnerStep, &str)> {
    if let Some(rest) = text.strip_prefix("[ ]") {
        return Some((OwnerStep::Member, rest));
    }
    if let Some(rest) = text.strip_prefix('.') {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let name = &rest[..end];
        return (!name.is_empty()).then(|| (OwnerStep::Property(name.to_owned()), &rest[end..]));
    }
    if text.starts_with("[\"") {
        let quoted = quoted_length(&text[1..])?;
        let name: String = unquote(&text[2..quoted]);
        let rest = text[1 + quoted..].strip_prefix(']')?;
        return Some((OwnerStep::Property(name), rest));
    }
    let end = text.find(']')?;
    let name = text.strip_prefix('[').map(|_| &text[1..end])?;
    Some((OwnerStep::Symbol(name.to_owned()), &text[end + 1..]))
}

/// The bytes of the string literal at the beginning of `text`.
fn quoted_length(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(i + 1),
            _ => {}
        }
    }
    None
}

fn unquote(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(name: &str) -> OwnerStep {
        OwnerStep::Property(name.to_owned())
    }

    #[test]
    fn names_come_apart_as_they_were_put_together() {
        let parse = |name| OwnerName::parse(name).unwrap();
        assert_eq!(parse("cache"), OwnerName { variable: "cache".into(), steps: vec![] });
        assert_eq!(parse("bus.topics[ ]").steps, [property("topics"), OwnerStep::Member]);
        assert_eq!(parse("Tracker.#all").steps, [property("#all")]);
        assert_eq!(parse("a[kHistory]").steps, [OwnerStep::Symbol("kHistory".into())]);
        assert_eq!(parse(r#"a["x-\"y"].z"#).steps, [property("x-\"y"), property("z")]);
        assert_eq!(parse("bus.topics[ ]").last_property(), Some("topics"));
    }

    #[test]
    fn what_no_source_could_say_is_no_name() {
        for name in ["", "(string)", "system / Context", ".a", "a..b", "a[\"b", "a["] {
            assert_eq!(OwnerName::parse(name), None, "{name}");
        }
    }
}
