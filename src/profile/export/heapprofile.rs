//! V8's `.heapprofile`, as DevTools opens it.

use super::super::tree::{Profile, StackIndex};
use super::whole;
use std::io::{self, Write};

/// Writes the tree; nodes are numbered in the order of the file. There are no samples in it.
pub fn write_heapprofile(profile: &Profile, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{\"head\":")?;
    let mut json = String::new();
    let mut open: Vec<StackIndex> = Vec::new();
    for n in profile.nodes() {
        let mut separator = "";
        while let Some(&last) = open.last()
            && profile.end(last) <= n
        {
            open.pop();
            out.write_all(b"]}")?;
            separator = ",";
        }
        let frame = profile.frame(n);
        json.clear();
        json.push_str(separator);
        json.push_str("{\"callFrame\":{\"functionName\":");
        frame.name.write_json(&mut json);
        json.push_str(",\"scriptId\":");
        frame.script.write_json(&mut json);
        json.push_str(",\"url\":");
        frame.url.write_json(&mut json);
        out.write_all(json.as_bytes())?;
        let (line, column, size, id) = (frame.line, frame.column, whole(profile.self_size(n)), n.0 + 1);
        write!(
            out,
            ",\"lineNumber\":{line},\"columnNumber\":{column}}},\"selfSize\":{size},\"id\":{id},\"children\":["
        )?;
        open.push(n);
    }
    for _ in open {
        out.write_all(b"]}")?;
    }
    out.write_all(b",\"samples\":[]}\n")
}
