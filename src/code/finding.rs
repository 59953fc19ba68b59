//! What the source says about a finding: where its owner is declared, what adds to it and what removes.

use super::changes::{self, Changes, Holder, Place, Question, Variable};
use super::library::{Found, Library};
use super::lines::Lines;
use super::owner::{OwnerName, OwnerStep};
use super::script;
use super::source_map::{Map, Original};
use super::text::SourceText;
use crate::analysis::Heap;
use crate::analysis::leaks::find::fingerprint;
use crate::analysis::leaks::{Finding, Fingerprint, Kind};
use crate::analysis::source::scripts::{file_name, is_runtime_script, script_name};
use crate::markdown;
use crate::text::Text;
use serde::Serialize;
use std::fmt::Write as _;

/// The places of a finding in the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FindingCode {
    /// Where the owner is declared.
    pub declared: Option<CodePlace>,
    /// What adds to it.
    pub adds: Vec<CodePlace>,
    /// What removes from it, or replaces it.
    pub removes: Vec<CodePlace>,
    /// The owner's name as it was written, where a source map says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_owner: Option<String>,
    /// The fingerprint of the finding by what was written, which survives another build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_fingerprint: Option<Fingerprint>,
    /// What must be known about these, such as why there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// A place in a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodePlace {
    /// The script, by the name the snapshot has for it.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1 in UTF-16 code units.
    pub column: u32,
    /// What stands there, on one line.
    pub text: String,
    /// Whether scopes prove that it is about this owner, rather than the name of a property.
    pub certain: bool,
    /// Where it was written, if a source map says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
}

/// How many places of a sort are told.
const MOST_PLACES: usize = 50;

/// How many scripts are read in search of the one that adds.
const MOST_SCRIPTS: usize = 60;

/// What the sources say about `finding` of `heap`, the last snapshot; `None` where no source names the owner or none is
/// at hand and nothing can be said about it.
pub fn code_of(finding: &Finding, heap: &Heap, library: &Library) -> Option<FindingCode> {
    let question = question_about(finding, heap)?;
    let (script, _) = script::of_finding(heap, finding);
    let script = script.filter(|&script| !is_runtime_script(script_name(heap, script)));
    let name = match script {
        Some(script) => Some(script_name(heap, script).lossy().into_owned()),
        None => finding.script.clone().filter(|name| !is_runtime_script(Text::from(name.as_str()))),
    };
    let Some(name) = name else { return in_all_scripts(heap, library, &question) };
    let found = library.find(heap, script, &name);
    match &found.text {
        Ok(text) => Some(in_text(&name, text, &found, &question)),
        // Nothing is known of a script that the heap does not have.
        Err(_) if script.is_none() => None,
        Err(why) => Some(FindingCode { remarks: vec![why.clone()], ..FindingCode::default() }),
    }
}

/// What is asked of the source about `finding`; `None` where no source names the owner.
pub fn question_about(finding: &Finding, heap: &Heap) -> Option<Question> {
    let mut owner = OwnerName::parse(&finding.owner)?;
    let holder = match finding.kind {
        Kind::Listeners => Holder::Listeners,
        Kind::Timers => Holder::Timers,
        Kind::Chain => Holder::Chain,
        _ => Holder::Collection,
    };
    // Where the runtime keeps the listeners of something the program has made, in private fields, is its own matter.
    let is_private = |step: &OwnerStep| matches!(step, OwnerStep::Property(name) if name.starts_with('#'));
    while holder == Holder::Listeners && owner.steps.last().is_some_and(is_private) {
        owner.steps.pop();
    }
    let (_, seen_from) = script::of_finding(heap, finding);
    let rest_of_name = finding.owner[owner.variable.len()..].to_owned();
    Some(Question { owner, rest_of_name, holder, seen_from })
}

/// The places in one text.
fn in_text(name: &str, source: &SourceText, found: &Found, question: &Question) -> FindingCode {
    let map = found.map.as_deref();
    let mut code = match changes::changes(name, &source.text, question) {
        Ok(changes) => FindingCode::new(name, &source.text, &changes, map),
        Err(why) => FindingCode { remarks: vec![why.to_string()], ..FindingCode::default() },
    };
    if let Some(map) = map {
        code.name_as_written(&source.text, map, question);
    }
    code.remarks.extend(source.origin.remark().filter(|_| source.origin.path().is_some()));
    code.remarks.extend(found.warning.clone());
    code
}

/// The places in whatever script of the program has any: no scope says where the owner's name begins.
fn in_all_scripts(heap: &Heap, library: &Library, question: &Question) -> Option<FindingCode> {
    let mut all = FindingCode::default();
    let is_dependency = |name: &str| name.contains("/node_modules/");
    let scripts = script::program_scripts(heap);
    let (own, others): (Vec<_>, Vec<_>) = scripts.into_iter().partition(|(name, _)| !is_dependency(name));
    for (name, script) in own.into_iter().chain(others).take(MOST_SCRIPTS) {
        let found = library.find(heap, Some(script), &name);
        let Ok(text) = &found.text else { continue };
        // A name that does not stand there at all need not be looked for.
        let word = question.owner.last_property().unwrap_or(&question.owner.variable);
        if !text.text.contains(word.trim_start_matches('#')) {
            continue;
        }
        let found = in_text(&name, text, &found, question);
        all.adds.extend(found.adds);
        all.removes.extend(found.removes);
        all.declared = all.declared.or(found.declared);
    }
    // Beside the owner's own, places by the name of a property are about something else.
    if all.adds.iter().any(|p| p.certain) {
        all.adds.retain(|p| p.certain);
    }
    (!all.adds.is_empty()).then_some(all)
}

impl FindingCode {
    fn new(name: &str, text: &str, changes: &Changes, map: Option<&Map>) -> Self {
        let lines = Lines::new(text);
        let place = |p: &Place| {
            let at = lines.position(text, p.offset);
            CodePlace {
                file: name.to_owned(),
                line: at.line + 1,
                column: at.column + 1,
                text: p.text.clone(),
                certain: p.is_certain,
                original: map.and_then(|map| map.original(at)),
            }
        };
        let all = |places: &[Place]| places.iter().take(MOST_PLACES).map(place).collect();
        Self {
            declared: changes.declared.as_ref().map(place),
            adds: all(&changes.adds),
            removes: all(&changes.removes),
            ..Self::default()
        }
    }

    /// Finds what the owner and its file were called before they were bundled.
    fn name_as_written(&mut self, text: &str, map: &Map, question: &Question) {
        let variable =
            Variable { name: question.owner.variable.clone(), seen_from: question.seen_from.first().copied() };
        let Ok(declared) = changes::declarations("", text, &[variable]) else { return };
        let Some(at) = declared.first().copied().flatten().map(|offset| Lines::new(text).position(text, offset)) else {
            return;
        };
        let Some(original) = map.original(at) else { return };
        let variable = original.name.unwrap_or_else(|| question.owner.variable.clone());
        let owner = format!("{variable}{}", question.rest_of_name);
        self.original_fingerprint = Some(fingerprint(&owner, Some(&original.file)));
        self.original_owner = Some(owner);
    }

    /// What the places say, in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let mut all = Vec::new();
        all.extend(self.original_owner.as_ref().map(|owner| format!("It was written as {owner}.")));
        let uncertain = |p: &CodePlace| if p.certain { "" } else { " (by the name of the property)" };
        for place in self.adds.iter().take(TOLD) {
            all.push(format!("{} {} adds{}.", place.place(), place.text, uncertain(place)));
        }
        if self.adds.len() > TOLD {
            all.push(format!("{} more places add.", self.adds.len() - TOLD));
        }
        for place in self.removes.iter().take(TOLD) {
            all.push(format!("{} {} removes{}.", place.place(), place.text, uncertain(place)));
        }
        if self.removes.len() > TOLD {
            all.push(format!("{} more places remove.", self.removes.len() - TOLD));
        }
        if !self.adds.is_empty() && self.removes.is_empty() {
            all.push("Nothing in this file removes.".to_owned());
        }
        if let Some(declared) = &self.declared {
            if self.adds.is_empty() {
                all.push(format!(
                    "Nothing in this file adds to it; {} {} declares it.",
                    declared.place(),
                    declared.text
                ));
            } else {
                all.push(format!("{} {} declares it.", declared.place(), declared.text));
            }
        }
        all.extend(self.remarks.iter().cloned());
        all
    }

    /// The places as Markdown: a fence of code for each sort.
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        let mut sort = |title: &str, places: &[CodePlace]| {
            if places.is_empty() {
                return;
            }
            let fence = fence_for(places);
            let _ = writeln!(out, "{title}\n\n{fence}js");
            for place in places.iter().take(TOLD) {
                let _ = writeln!(out, "// {}", place.place());
                let _ = writeln!(out, "{}", place.text);
            }
            if places.len() > TOLD {
                let _ = writeln!(out, "// and {} more places", places.len() - TOLD);
            }
            let _ = writeln!(out, "{fence}\n");
        };
        sort("Adds:", &self.adds);
        sort("Removes:", &self.removes);
        sort("Declared:", self.declared.as_slice());
        if !self.adds.is_empty() && self.removes.is_empty() {
            out.push_str("Nothing in this file removes.\n\n");
        }
        for remark in &self.remarks {
            let _ = writeln!(out, "{}\n", markdown::plain(remark));
        }
        out
    }
}

/// How many places of a sort are told in words.
const TOLD: usize = 5;

/// Backticks that no line of `places` has so many of.
fn fence_for(places: &[CodePlace]) -> String {
    let longest = places.iter().map(|p| p.text.split(|c| c != '`').map(str::len).max().unwrap_or(0)).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

impl CodePlace {
    /// `server.js:8`, or where it was written: `src/registry.ts:41`.
    pub fn place(&self) -> String {
        if let Some(original) = &self.original {
            return original.place();
        }
        format!("{}:{}", file_name(Text::from(self.file.as_str())).lossy(), self.line)
    }
}
