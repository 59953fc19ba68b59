//! Text in comma-separated values (RFC 4180), for the command line and the window alike.

use std::borrow::Cow;

/// `text` as a field, quoted where the format asks for it.
pub fn field(text: &str) -> Cow<'_, str> {
    let is_quoted =
        text.contains(['"', ',', '\n', '\r']) || text.starts_with([' ', '\t']) || text.ends_with([' ', '\t']);
    if is_quoted { Cow::Owned(format!("\"{}\"", text.replace('"', "\"\""))) } else { Cow::Borrowed(text) }
}

/// Text from a file as a field. What a spreadsheet would take for a formula begins with `'`, which
/// makes it text there: a name in a file must not run anything.
pub fn untrusted_field(text: &str) -> Cow<'_, str> {
    if !text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return field(text);
    }
    // Quoted for what it begins with, before `'` hides that.
    match field(text) {
        Cow::Owned(quoted) => Cow::Owned(format!("\"'{}", &quoted[1..])),
        Cow::Borrowed(plain) => Cow::Owned(format!("'{plain}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_where_it_must_be() {
        assert_eq!(field("Object"), "Object");
        assert_eq!(field("{a, b}"), "\"{a, b}\"");
        assert_eq!(field("say \"hi\"\n"), "\"say \"\"hi\"\"\n\"");
        assert_eq!(field("-7"), "-7", "numbers are numbers");
        assert_eq!(field(""), "");
    }

    #[test]
    fn text_that_looks_like_a_formula_becomes_text() {
        assert_eq!(untrusted_field("=1+1"), "'=1+1");
        assert_eq!(untrusted_field("@SUM(A1,A2)"), "\"'@SUM(A1,A2)\"");
        assert_eq!(untrusted_field("-x"), "'-x");
        assert_eq!(untrusted_field("\tx"), "\"'\tx\"");
        assert_eq!(untrusted_field("Object"), "Object");
    }
}
