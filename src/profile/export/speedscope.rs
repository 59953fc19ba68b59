//! speedscope's JSON: <https://www.speedscope.app/file-format-schema.json>.

use super::super::tree::Profile;
use super::{outermost_first, stacks};
use crate::text::Text;
use std::io::{self, Write};

/// Writes one sampled profile called `name`.
pub fn write_speedscope(profile: &Profile, name: &str, out: &mut dyn Write) -> io::Result<()> {
    let quoted = |text: Text<'_>| {
        let mut json = String::new();
        text.write_json(&mut json);
        json
    };
    write!(out, "{{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"shared\":{{\"frames\":[")?;
    for (i, at) in profile.frames.indices().enumerate() {
        let frame = profile.frames.get(at);
        let separator = if i == 0 { "" } else { "," };
        write!(out, "{separator}\n{{\"name\":{}", quoted(frame.shown_name()))?;
        if !frame.url.is_empty() {
            write!(out, ",\"file\":{}", quoted(frame.url))?;
        }
        if let Some(line) = frame.shown_line() {
            write!(out, ",\"line\":{line}")?;
        }
        if let Some(column) = frame.shown_column() {
            write!(out, ",\"col\":{column}")?;
        }
        write!(out, "}}")?;
    }
    let (unit, title) = (if profile.kind.is_bytes() { "bytes" } else { "none" }, quoted(Text::from(name)));
    let end: i64 = stacks(profile).map(|(_, size)| size).fold(0, i64::saturating_add);
    write!(
        out,
        "\n]}},\"profiles\":[{{\"type\":\"sampled\",\"name\":{title},\"unit\":\"{unit}\",\"startValue\":0,\
         \"endValue\":{end},\"samples\":["
    )?;
    let mut stack = Vec::new();
    for (i, (n, _)) in stacks(profile).enumerate() {
        outermost_first(profile, n, &mut stack);
        write!(out, "{}\n[", if i == 0 { "" } else { "," })?;
        for (i, &at) in stack.iter().enumerate() {
            write!(out, "{}{}", if i == 0 { "" } else { "," }, profile.frame_index(at).0)?;
        }
        write!(out, "]")?;
    }
    write!(out, "\n],\"weights\":[")?;
    for (i, (_, size)) in stacks(profile).enumerate() {
        write!(out, "{}{size}", if i == 0 { "" } else { "," })?;
    }
    let exporter = concat!("heapglass ", env!("CARGO_PKG_VERSION"));
    writeln!(out, "]}}],\"name\":{title},\"exporter\":\"{exporter}\",\"activeProfileIndex\":0}}")
}
