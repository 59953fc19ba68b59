//! A flame graph as one SVG file that any browser opens from disk: click zooms, a field searches, arrows move. Nothing in
//! it comes from elsewhere.

use super::super::flame::FlameLayout;
use super::super::frames::Frame;
use super::super::package::{CodeKind, package_of};
use super::super::tree::{Profile, StackIndex};
use crate::units;
use std::fmt::Write as _;
use std::io::{self, Write};

/// What colors say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SvgColors {
    /// Packages, each one of its own.
    #[default]
    Package,
    /// Program, dependencies, Node, engine, native.
    Kind,
}

/// How the graph is drawn.
#[derive(Debug, Clone)]
pub struct SvgOptions<'a> {
    /// Its heading.
    pub title: &'a str,
    /// What colors say.
    pub colors: SvgColors,
    /// Whether the root is at the bottom rather than at the top.
    pub is_upward: bool,
    /// The most bars; the widest are drawn.
    pub most_bars: usize,
}

/// As many bars as browsers move at once.
impl Default for SvgOptions<'_> {
    fn default() -> Self {
        Self { title: "", colors: SvgColors::Package, is_upward: false, most_bars: 20_000 }
    }
}

const WIDTH: f64 = 1200.0;
const ROW: u32 = 18;
/// Room for the title, the field and the line about what the pointer is on.
const TOP: u32 = 64;
/// About the width of a character.
const LETTER: f64 = 7.0;

/// Writes the graph of `profile`, in its order.
pub fn write_svg(profile: &Profile, options: &SvgOptions<'_>, out: &mut dyn Write) -> io::Result<()> {
    let least = least_total(profile, options.most_bars);
    let layout = FlameLayout::new(profile);
    let shown: Vec<StackIndex> = profile
        .nodes()
        .filter(|&n| n == StackIndex::ROOT || profile.total_size(n) > 0.0 && profile.total_size(n) >= least)
        .collect();
    let levels = shown.iter().map(|&n| profile.depth(n)).max().unwrap_or(0) + 1;
    let height = TOP + levels * ROW + 8;
    let total = profile.total();
    let mut text = String::new();
    let _ = write!(
        text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" data-total=\"{total}\">\n<title>{}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n\
         <text class=\"head\" x=\"8\" y=\"22\">{}</text>\n",
        escaped(options.title),
        escaped(options.title),
    );
    let hidden = profile.node_count() - shown.len();
    let mut about =
        format!("{} in {} stacks", size_text(profile, total), units::count(profile.node_count() as u64 - 1));
    if hidden > 0 {
        let share = units::share(least, total);
        let _ = write!(about, "; {} of less than {share} each are not drawn", units::count(hidden as u64));
    }
    let _ = write!(
        text,
        "<text class=\"about\" x=\"8\" y=\"40\">{}</text>\n\
         <text class=\"about\" id=\"details\" x=\"8\" y=\"56\">Click to zoom, Esc to zoom out, / to search, arrows to move</text>\n\
         <text class=\"about end\" id=\"matched\" x=\"{}\" y=\"40\"></text>\n\
         <foreignObject x=\"{}\" y=\"4\" width=\"292\" height=\"26\"><input xmlns=\"http://www.w3.org/1999/xhtml\" id=\"search\" \
         type=\"search\" placeholder=\"Search functions and files\" aria-label=\"Search functions and files\"/></foreignObject>\n\
         <g id=\"frames\" role=\"tree\" aria-label=\"Flame graph\">\n",
        escaped(&about),
        WIDTH - 8.0,
        WIDTH - 300.0,
    );
    out.write_all(text.as_bytes())?;
    for &n in &shown {
        text.clear();
        let level = profile.depth(n);
        let row = if options.is_upward { levels - 1 - level } else { level };
        let bar = Bar { profile, node: n, start: layout.start(n), y: TOP + row * ROW, level };
        bar.write(options.colors, &mut text);
        out.write_all(text.as_bytes())?;
    }
    writeln!(out, "</g>\n<script><![CDATA[{SCRIPT}]]></script>\n</svg>")
}

/// The smallest total of the widest `most` bars.
fn least_total(profile: &Profile, most: usize) -> f64 {
    let mut totals: Vec<f64> = profile.nodes().map(|n| profile.total_size(n)).collect();
    if totals.len() <= most || most == 0 {
        return 0.0;
    }
    let at = most - 1;
    let (_, least, _) = totals.select_nth_unstable_by(at, |a, b| b.total_cmp(a));
    let least = *least;
    // Of many that are equally wide all would come along; then none of them does.
    let as_wide = totals.iter().filter(|t| **t >= least).count();
    if as_wide > most.saturating_mul(2) {
        totals.iter().copied().filter(|t| *t > least).min_by(f64::total_cmp).unwrap_or(least)
    } else {
        least
    }
}

struct Bar<'p> {
    profile: &'p Profile,
    node: StackIndex,
    start: f64,
    y: u32,
    level: u32,
}

impl Bar<'_> {
    fn write(&self, colors: SvgColors, out: &mut String) {
        let (profile, n) = (self.profile, self.node);
        let frame = profile.frame(n);
        let (whole, total) = (profile.total(), profile.total_size(n));
        let name = if n == StackIndex::ROOT { "(root)".into() } else { frame.shown_name().lossy() };
        let scale = if whole > 0.0 { WIDTH / whole } else { 0.0 };
        let (x, width) = (self.start * scale, if n == StackIndex::ROOT { WIDTH } else { total * scale });
        let mut title = name.to_string();
        let place = frame.place();
        if !place.is_empty() {
            let _ = write!(title, "\n{place}");
        }
        let own = profile.self_size(n);
        let _ = write!(title, "\nSelf {} ({})", size_text(profile, own), units::share(own, whole));
        let _ = write!(title, "\nTotal {} ({})", size_text(profile, total), units::share(total, whole));
        let fill = if n == StackIndex::ROOT {
            "class=\"root\"".to_owned()
        } else {
            format!("fill=\"{}\"", color(&frame, colors))
        };
        let (title, name) = (escaped(&title), escaped(&name));
        let _ = writeln!(
            out,
            "<g class=\"f\" role=\"treeitem\" tabindex=\"-1\" aria-level=\"{}\" data-s=\"{}\" data-t=\"{total}\" data-l=\"{}\" \
             data-n=\"{name}\"><title>{title}</title><rect x=\"{x:.2}\" y=\"{}\" width=\"{width:.2}\" height=\"{}\" {fill}/>\
             <text x=\"{:.2}\" y=\"{}\">{}</text></g>",
            self.level + 1,
            self.start,
            self.level,
            self.y,
            ROW - 1,
            x + 3.0,
            self.y + 13,
            escaped(&fitting(&if n == StackIndex::ROOT { "(root)".into() } else { frame.shown_name().lossy() }, width)),
        );
    }
}

/// As much of a name as there is room for.
fn fitting(name: &str, width: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of letters")]
    let letters = ((width - 6.0) / LETTER).max(0.0) as usize;
    match name.chars().count() {
        len if len <= letters => name.to_owned(),
        _ if letters < 3 => String::new(),
        _ => name.chars().take(letters - 1).chain(['…']).collect(),
    }
}

fn size_text(profile: &Profile, size: f64) -> String {
    if profile.kind.is_bytes() {
        return units::size(size);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
    let count = size.max(0.0).round() as u64;
    format!("{} objects", units::count(count))
}

fn color(frame: &Frame<'_>, colors: SvgColors) -> String {
    let package = package_of(frame);
    match (colors, package.kind) {
        (_, CodeKind::Engine) => "hsl(0,0%,72%)".to_owned(),
        (_, CodeKind::Native) => "hsl(30,12%,68%)".to_owned(),
        (_, CodeKind::Runtime) => "hsl(140,28%,66%)".to_owned(),
        (_, CodeKind::Program) => "hsl(28,85%,66%)".to_owned(),
        (SvgColors::Kind, CodeKind::Dependency) => "hsl(210,60%,70%)".to_owned(),
        (SvgColors::Package, CodeKind::Dependency) => format!("hsl({},55%,72%)", hue(&package.title())),
    }
}

/// A hue between green and red by way of blue, so that no package looks like the program; the same for the same name.
pub(crate) fn hue(name: &str) -> u32 {
    let hash = name.bytes().fold(0x811C_9DC5u32, |hash, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193));
    170 + (hash ^ hash >> 15) % 170
}

/// Text within markup. What XML cannot hold at all is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push(' '),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

const STYLE: &str = "\
text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1d1d1f}\
svg{background:#fff}.ground{fill:#fff}.head{font-size:15px;font-weight:600}.about{fill:#555}.end{text-anchor:end}.root{fill:#d6d6da}\
.f{cursor:pointer;outline:none}.f text{pointer-events:none}.f:hover rect,.f:focus rect{stroke:#000;stroke-width:1.5}\
.searching .f rect{opacity:.35}.searching .f.hit rect{opacity:1;stroke:#c2185b;stroke-width:1.5}.around rect{opacity:.55}\
#search{width:100%;box-sizing:border-box;font:13px ui-monospace,Menlo,Consolas,monospace}\
@media (prefers-color-scheme:dark){svg{background:#1b1b1e}.ground{fill:#1b1b1e}.head,.about{fill:#ddd}.root{fill:#8a8a90}\
.f:hover rect,.f:focus rect{stroke:#fff}}";

const SCRIPT: &str = r#"
(function () {
  "use strict";
  var svg = document.documentElement, W = 1200, LETTER = 7;
  var whole = Number(svg.getAttribute("data-total"));
  var details = document.getElementById("details"), matched = document.getElementById("matched");
  var field = document.getElementById("search"), group = document.getElementById("frames");
  var frames = Array.prototype.map.call(document.querySelectorAll(".f"), function (g) {
    return {g: g, rect: g.querySelector("rect"), text: g.querySelector("text"), name: g.getAttribute("data-n"),
      title: g.querySelector("title").textContent, start: Number(g.getAttribute("data-s")),
      total: Number(g.getAttribute("data-t")), level: Number(g.getAttribute("data-l")), shown: true};
  });
  var path = [], stack = [];
  frames.forEach(function (f) {
    stack.length = f.level; f.parent = stack[f.level - 1] || null; stack[f.level] = f; f.children = [];
    if (f.parent) f.parent.children.push(f);
    f.g.frame = f;
  });
  var root = frames[0], zoomed = root, at = root;
  function resize() {
    var box = svg.viewBox.baseVal, width = Math.max(600, document.documentElement.clientWidth || window.innerWidth);
    svg.setAttribute("width", width); svg.setAttribute("height", box.height * width / box.width);
  }
  window.addEventListener("resize", resize); resize();
  function fit(name, width) {
    var n = Math.max(0, Math.floor((width - 6) / LETTER));
    return name.length <= n ? name : n < 3 ? "" : name.slice(0, n - 1) + "\u2026";
  }
  function place(f, x, width, around) {
    f.shown = width >= 0.4;
    f.g.style.display = f.shown ? "" : "none";
    f.g.classList.toggle("around", around);
    if (!f.shown) return;
    f.rect.setAttribute("x", x); f.rect.setAttribute("width", width);
    f.text.setAttribute("x", x + 3); f.text.textContent = fit(f.name, width);
  }
  function zoom(to) {
    zoomed = to;
    var around = new Set();
    for (var up = to.parent; up; up = up.parent) around.add(up);
    var scale = to === root ? (whole > 0 ? W / whole : 0) : W / to.total, end = to.start + (to === root ? whole : to.total);
    frames.forEach(function (f) {
      if (around.has(f) || f === to) place(f, 0, W, f !== to);
      else if (f.level <= to.level || f.start < to.start || f.start >= end) place(f, 0, 0, false);
      else place(f, (f.start - to.start) * scale, f.total * scale, false);
    });
    search();
  }
  function say(f) {
    var share = zoomed !== root && zoomed.total > 0 ? ", " + (100 * f.total / zoomed.total).toFixed(2) + " % of what is zoomed" : "";
    details.textContent = f.title.split("\n").join(" \u00b7 ") + share;
  }
  function search() {
    var query = field.value.trim().toLowerCase(), sum = 0, count = 0, until = -1;
    group.classList.toggle("searching", query !== "");
    frames.forEach(function (f) {
      var lines = f.title.split("\n"), text = f.name + (lines.length > 3 ? "\n" + lines[1] : "");
      f.hit = query !== "" && f !== root && text.toLowerCase().indexOf(query) >= 0;
      f.g.classList.toggle("hit", f.hit);
      if (!f.hit) return;
      count++;
      for (var up = f.parent; up; up = up.parent) if (up.hit) return;
      sum += f.total;
    });
    matched.textContent = query === "" ? "" :
      count + (count === 1 ? " frame matches, " : " frames match, ") + (whole > 0 ? (100 * sum / whole).toFixed(2) : "0.00") + " % of the total";
  }
  function focus(f) { if (f && f.shown) { at = f; f.g.focus(); say(f); } }
  function sibling(f, step) {
    var all = f.parent ? f.parent.children : [f];
    for (var i = all.indexOf(f) + step; i >= 0 && i < all.length; i += step) if (all[i].shown) return all[i];
    return null;
  }
  group.addEventListener("click", function (e) { var g = e.target.closest(".f"); if (g) { at = g.frame; zoom(g.frame); say(g.frame); } });
  group.addEventListener("mouseover", function (e) { var g = e.target.closest(".f"); if (g) say(g.frame); });
  field.addEventListener("input", search);
  window.addEventListener("keydown", function (e) {
    if (e.target === field) { if (e.key === "Escape") { field.value = ""; search(); field.blur(); } return; }
    var upward = frames.length > 1 && Number(frames[1].rect.getAttribute("y")) < Number(root.rect.getAttribute("y"));
    var key = e.key === "ArrowUp" ? (upward ? "in" : "out") : e.key === "ArrowDown" ? (upward ? "out" : "in") : e.key;
    if (key === "/" || key === "f" && (e.ctrlKey || e.metaKey)) field.focus();
    else if (key === "Escape") { zoom(zoomed.parent || root); focus(zoomed); }
    else if (key === "Enter") zoom(at);
    else if (key === "out") focus(at.parent);
    else if (key === "in") focus(at.children.find(function (c) { return c.shown; }));
    else if (key === "ArrowLeft") focus(sibling(at, -1));
    else if (key === "ArrowRight") focus(sibling(at, 1));
    else return;
    e.preventDefault();
  });
  window.heapglass = {frames: frames, zoom: zoom, search: search};
})();
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_to_their_bar_and_cannot_end_the_markup() {
        assert_eq!(fitting("abcdefgh", 62.0), "abcdefgh");
        assert_eq!(fitting("abcdefgh", 48.0), "abcde…");
        assert_eq!(fitting("abcdefgh", 20.0), "");
        assert_eq!(escaped("<a href=\"x\">&\u{1}]]>"), "&lt;a href=&quot;x&quot;&gt;&amp;\u{fffd}]]&gt;");
    }
}
