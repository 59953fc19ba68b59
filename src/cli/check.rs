//! `check`: budgets for continuous integration.

use super::leaks::known_leaks;
use super::open::{OpenArgs, files_named};
use super::summary::classes_called;
use super::{CliError, write, write_text};
use crate::analysis::Heap;
use crate::analysis::leaks::{Finding, find_leaks};
use crate::analysis::tables::growth::{Growth, growth};
use crate::progress::Stage;
use crate::relation::tables::check::BudgetRow;
use crate::relation::{Format, catalog, tables};
use crate::units;
use crate::visible::one_line;
use clap::Args;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::str::FromStr;

/// Hold snapshots to budgets: exit status 3 when one is broken
///
/// Exit status: 0 if all budgets are kept, 3 if any is broken, 1 and 2 as of all commands: a class that no snapshot has
/// is wrong usage. What is broken is printed,
/// a leak with its finding. JSON: passed; budgets, each with budget (max-growth, max-retained or fail-on-leak),
/// class, limit, found and broken; findings, the unexpected leaks, as of leaks. CSV and
/// Markdown: the budgets.
#[derive(Debug, Args)]
#[command(after_long_help = catalog::help("check"))]
#[command(group = clap::ArgGroup::new("budget").required(true).multiple(true))]
pub(super) struct CheckArgs {
    /// Snapshots of one program, the oldest first, or a folder of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The most objects of a class, by name or class key, that the last snapshot may have more than the first; can be
    /// given several times
    #[arg(long, value_name = "CLASS=N", group = "budget")]
    max_growth: Vec<MaxGrowth>,
    /// The most bytes that the last snapshot may have altogether, or that one class may retain in it: 300MB, Foo=2MB
    #[arg(long, value_name = "[CLASS=]SIZE", group = "budget")]
    max_retained: Vec<MaxRetained>,
    /// A leak breaks the budget; what is expected does not
    #[arg(long, group = "budget")]
    fail_on_leak: bool,
    /// Leaks that are meant to be: a file of fingerprints and reasons, by default heapglass-known.txt beside the
    /// snapshots
    #[arg(long, value_name = "FILE", requires = "fail_on_leak")]
    known: Option<PathBuf>,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    format: Format,
    #[command(flatten)]
    open: OpenArgs,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct MaxGrowth {
    class: String,
    objects: i64,
}

impl FromStr for MaxGrowth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected a class and a number of objects, such as Foo=100".to_owned();
        // A name may have the sign in it, a number does not.
        let (class, number) = text.rsplit_once('=').ok_or_else(wrong)?;
        let objects = number.trim().parse().map_err(|_e| wrong())?;
        if class.is_empty() { Err(wrong()) } else { Ok(Self { class: class.to_owned(), objects }) }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct MaxRetained {
    class: Option<String>,
    bytes: u64,
}

impl FromStr for MaxRetained {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected a size, such as 300MB, or a class and a size, such as Foo=2MB".to_owned();
        let (class, size) = text.rsplit_once('=').map_or((None, text), |(class, size)| (Some(class.to_owned()), size));
        Ok(Self { class, bytes: units::parse_bytes(size).ok_or_else(wrong)? })
    }
}

/// A budget, and what was found.
#[derive(Debug, serde::Serialize)]
struct Budget {
    budget: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    limit: i64,
    found: i64,
    broken: bool,
    #[serde(skip)]
    sentence: String,
}

impl CheckArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let files = files_named(&self.files)?;
        if files.len() < 2 && (self.fail_on_leak || !self.max_growth.is_empty()) {
            return Err(CliError::Usage("what grew or leaks takes two snapshots or more to tell".to_owned()));
        }
        let known = known_leaks(self.known.as_deref(), &files)?;
        let snapshots = self.open.open_all(&files)?;
        let heaps: Vec<&Heap> = snapshots.iter().map(|s| &s.heap).collect();
        self.check_classes(&heaps)?;
        let mut budgets = Vec::new();
        if !self.max_growth.is_empty() || self.max_retained.iter().any(|b| b.class.is_some()) {
            // Nothing is asked about those between.
            let ends = if heaps.len() > 1 { vec![heaps[0], heaps[heaps.len() - 1]] } else { heaps.clone() };
            let growth = growth(&ends, &Stage::unwatched())?;
            budgets.extend(self.max_growth.iter().map(|b| b.held_to(&growth)));
            budgets.extend(self.max_retained.iter().filter_map(|b| b.held_to_class(&growth)));
        }
        if let Some(last) = heaps.last() {
            budgets.extend(self.max_retained.iter().filter(|b| b.class.is_none()).map(|b| b.held_to(last)));
        }
        let mut leaks = Vec::new();
        if self.fail_on_leak {
            let mut findings = find_leaks(&heaps, &Stage::unwatched())?;
            known.apply(&mut findings);
            leaks = findings.unexpected().cloned().collect();
            let sentence = match leaks.len() {
                0 => "nothing leaks".to_owned(),
                1 => "there is a leak".to_owned(),
                n => format!("there are {n} leaks"),
            };
            let (found, broken) = (leaks.len() as i64, !leaks.is_empty());
            budgets.push(Budget { budget: "fail-on-leak", class: None, limit: 0, found, broken, sentence });
        }
        let broken = budgets.iter().filter(|b| b.broken).count();
        match self.format {
            Format::Table => write_text(&text(&budgets, &leaks))?,
            Format::Json => write_text(&json(&budgets, &leaks)?)?,
            Format::Csv | Format::Markdown => {
                write(tables::check::check(budgets.iter().map(Budget::row).collect()), self.format)?;
            }
        }
        if broken == 0 { Ok(()) } else { Err(CliError::BrokenBudgets(broken)) }
    }
}

impl Budget {
    fn row(&self) -> BudgetRow {
        let Self { budget, class, limit, found, broken, .. } = self;
        BudgetRow { budget, class: class.clone(), limit: *limit, found: *found, broken: *broken }
    }
}

impl CheckArgs {
    /// A budget for a class that is nowhere would always be kept: most likely the name is wrong.
    fn check_classes(&self, heaps: &[&Heap]) -> Result<(), CliError> {
        let of_growth = self.max_growth.iter().map(|b| b.class.as_str());
        let names = of_growth.chain(self.max_retained.iter().filter_map(|b| b.class.as_deref()));
        let is_nowhere = |name: &&str| heaps.iter().all(|heap| classes_called(heap, name).is_empty());
        match names.into_iter().find(is_nowhere) {
            Some(name) => Err(CliError::Usage(format!("none of the snapshots has a class '{}'", one_line(name)))),
            None => Ok(()),
        }
    }
}

impl MaxGrowth {
    fn held_to(&self, growth: &Growth) -> Budget {
        let rows = growth.rows.iter().filter(|row| row.is_called(&self.class));
        let found: i64 = rows.map(|row| row.delta(|c| c.count)).sum();
        let [limit_text, found_text] = [self.objects, found].map(|n| units::signed(n, units::count));
        Budget {
            budget: "max-growth",
            class: Some(self.class.clone()),
            limit: self.objects,
            found,
            broken: found > self.objects,
            sentence: format!("{} changed by {found_text} objects, allowed {limit_text}", self.class),
        }
    }
}

impl MaxRetained {
    /// About one class in the last snapshot.
    fn held_to_class(&self, growth: &Growth) -> Option<Budget> {
        let class = self.class.as_deref()?;
        let rows = growth.rows.iter().filter(|row| row.is_called(class));
        let found = rows.filter_map(|row| row.at.last()).map(|c| c.retained_size).sum();
        Some(self.budget(found, class))
    }

    /// About a whole snapshot.
    fn held_to(&self, heap: &Heap) -> Budget {
        self.budget(heap.total_size(), "the last snapshot")
    }

    fn budget(&self, found: u64, what: &str) -> Budget {
        let [limit_text, found_text] = [self.bytes, found].map(units::bytes);
        let signed = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        Budget {
            budget: "max-retained",
            class: self.class.clone(),
            limit: signed(self.bytes),
            found: signed(found),
            broken: found > self.bytes,
            sentence: format!("{what} retains {found_text}, allowed {limit_text}"),
        }
    }
}

fn text(budgets: &[Budget], leaks: &[Finding]) -> String {
    let mut out = String::new();
    for budget in budgets {
        let word = if budget.broken { "broken" } else { "kept" };
        let _ = writeln!(out, "{word}: {}: {}", budget.budget, one_line(&budget.sentence).replace(units::NBSP, " "));
    }
    for leak in leaks {
        let _ = writeln!(out, "\n{} ({})", one_line(&leak.owner), leak.evidence.words());
        for sentence in &leak.why {
            let _ = writeln!(out, "  {}", one_line(sentence));
        }
        let _ = writeln!(out, "  {}\n  fingerprint {}", one_line(&leak.path_text()), leak.fingerprint);
    }
    out
}

fn json(budgets: &[Budget], findings: &[Finding]) -> Result<String, CliError> {
    #[derive(serde::Serialize)]
    struct Document<'a> {
        command: &'static str,
        passed: bool,
        budgets: &'a [Budget],
        findings: &'a [Finding],
    }
    let passed = budgets.iter().all(|b| !b.broken);
    let text = serde_json::to_string_pretty(&Document { command: "check", passed, budgets, findings });
    Ok(text.map_err(|e| CliError::Write(e.into()))? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_are_read_with_names_that_have_equals_signs() {
        assert_eq!("a=b=12".parse(), Ok(MaxGrowth { class: "a=b".to_owned(), objects: 12 }));
        assert_eq!("2MB".parse(), Ok(MaxRetained { class: None, bytes: 2_000_000 }));
        assert_eq!("Foo=1.5kB".parse(), Ok(MaxRetained { class: Some("Foo".to_owned()), bytes: 1500 }));
        assert!("=1".parse::<MaxGrowth>().is_err() && "Foo=x".parse::<MaxGrowth>().is_err());
        assert!("Foo".parse::<MaxRetained>().is_err());
    }
}
