//! What commands answer is what the definitions of their tables say, and so is what help and README document.

use crate::cli::{BASE, FILTERS, TARGET, TIMELINE, json, stdout};
use heapglass::relation::catalog::{Definition, definitions, of_command};
use heapglass::relation::{Column, Format};
use serde_json::Value;

const PROFILE: &str = "profiles/same-names.heapprofile";

/// How each definition's answer is asked for.
fn arguments(definition: &Definition) -> Vec<&'static str> {
    match definition.command {
        "info" => vec!["info", FILTERS],
        "summary" => vec!["summary", FILTERS],
        "instances" => vec!["instances", FILTERS, "Function"],
        "statistics" => vec!["statistics", FILTERS],
        "comparison" => vec!["comparison", BASE, TARGET],
        "comparison --with-changed" => vec!["comparison", BASE, TARGET, "--with-changed"],
        "comparison --changed" => vec!["comparison", BASE, TARGET, "--changed"],
        "comparison --objects" => vec!["comparison", BASE, TARGET, "--objects", "{k}"],
        "growth" => vec!["growth", BASE, TARGET],
        "side-by-side" => vec!["side-by-side", BASE, TARGET],
        "containment" => vec!["containment", FILTERS],
        "object" => vec!["object", TIMELINE, "@11"],
        "retainers" => vec!["retainers", FILTERS, "@17"],
        "path" => vec!["path", FILTERS, "@17"],
        "path --all" => vec!["path", FILTERS, "@45", "--all"],
        "dominators" => vec!["dominators", FILTERS],
        "dominators @ID" => vec!["dominators", FILTERS, "@17"],
        "search" => vec!["search", FILTERS, "kept"],
        "duplicates" => vec!["duplicates", "devtools/duplicates.heapsnapshot"],
        "contexts" => vec!["contexts", "devtools/native_contexts.heapsnapshot"],
        "leaks" => vec!["leaks", FILTERS],
        "paths" => vec!["paths", FILTERS, "--filter", "retained-by-contexts"],
        "check" => vec!["check", FILTERS, "--max-retained", "1GB"],
        "why" => vec!["why", FILTERS, "@17"],
        "what-if" => vec!["what-if", FILTERS, "--cut", "@17"],
        "allocations" => vec!["allocations", TIMELINE],
        "allocations --samples" => vec!["allocations", TIMELINE, "--samples"],
        "sources" => vec!["sources", FILTERS],
        "sources BASE" => vec!["sources", TARGET, BASE],
        "nodes" => vec!["nodes", FILTERS],
        "profile" => vec!["profile", PROFILE],
        "profile --by file" => vec!["profile", PROFILE, "--by", "file"],
        "profile --by package" => vec!["profile", PROFILE, "--by", "package"],
        "profile --by tree" => vec!["profile", PROFILE, "--by", "tree"],
        "profile --by bottom-up" => vec!["profile", PROFILE, "--by", "bottom-up"],
        "profile --base" => vec!["profile", PROFILE, "--base", "profiles/recursion.heapprofile"],
        "targets" => vec!["targets"],
        other => panic!("how is '{other}' asked for?"),
    }
}

fn names(columns: &[Column], format: Format) -> Vec<&str> {
    columns.iter().filter(|c| c.is_in(format)).map(|c| &*c.name).collect()
}

#[test]
fn answers_have_the_facts_and_columns_of_their_definition() {
    for definition in definitions() {
        let args = arguments(&definition);
        let csv = stdout(&[&*args, &["--format", "csv"]].concat());
        assert_eq!(csv.lines().next(), Some(&*definition.csv_header()), "{args:?}");
        // These three have a richer form of JSON than their table.
        if ["leaks", "check", "why"].contains(&definition.command) {
            continue;
        }
        let answer = json(&args);
        for fact in definition.facts.iter() {
            assert!(answer.get(&*fact.name).is_some(), "{args:?} does not say {}", fact.name);
        }
        for (key, columns) in &definition.tables {
            let rows = answer[*key].as_array().unwrap_or_else(|| panic!("{args:?} has no {key}"));
            let Some(row) = rows.first().and_then(Value::as_object) else { continue };
            let mut found: Vec<&str> = row.keys().map(String::as_str).collect();
            found.retain(|name| !name.ends_with("_text"));
            let mut expected = names(columns, Format::Json);
            expected.sort_unstable();
            assert_eq!(found, expected, "{key} of {args:?}");
        }
    }
}

#[test]
fn help_explains_every_name_of_an_answer() {
    for definition in definitions() {
        let command = definition.command.split(' ').next().unwrap();
        let help = stdout(&["help", command]);
        let on_one_line = help.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.replace(['\n', ' '], "").contains(&definition.csv_header()), "{command}: {help}");
        for column in definition.named_columns() {
            assert!(on_one_line.contains(&format!("{} {}", column.name, column.help)), "{command}: {}", column.name);
        }
    }
}

#[test]
fn first_page_of_help_and_readme_have_the_headers_of_the_definitions() {
    let readme = include_str!("../../README.md").split_whitespace().collect::<Vec<_>>().join(" ");
    let help = stdout(&["--help"]).replace(['\n', ' '], "");
    for command in ["summary", "comparison", "nodes"] {
        let header = of_command(command)[0].csv_header();
        assert!(readme.contains(&format!("`{command}`: `{header}`")), "README does not say {command}: {header}");
        assert!(help.contains(&format!("{command}{header}")), "--help does not say {command}: {header}");
    }
}

#[test]
fn markdown_has_the_rows_of_the_table_for_people() {
    let markdown = stdout(&["summary", FILTERS, "--class", "Wrapper", "--format", "markdown"]);
    let lines: Vec<&str> = markdown.lines().collect();
    assert_eq!(
        lines,
        [
            "- Filter: `all`",
            "- Objects: 1",
            "- Size: 61 B",
            "",
            "| Constructor | Count | Distance | Shallow size | % | Retained size | % |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
            "| `Wrapper` | 1 | 3 | 0.1 kB | 6 % | 0.3 kB | 23 % |",
        ]
    );
}

#[test]
fn side_by_side_has_both_snapshots_and_the_difference() {
    let answer = json(&["side-by-side", BASE, TARGET, "--sort", "count_delta"]);
    let rows = answer["rows"].as_array().unwrap();
    let row = |name: &str| rows.iter().find(|row| row["constructor"] == name).unwrap();
    assert_eq!(row("{m}")["base_count"], Value::Null, "only the target has it");
    assert_eq!(row("{m}")["target_count"], 2);
    assert_eq!(row("{m}")["count_delta"], 2);
    let number = |row: &Value, key: &str| row[key].as_i64().unwrap_or(0);
    for row in rows {
        for measure in ["count", "shallow_size", "retained_size"] {
            let delta = ["count_delta", "size_delta", "retained_delta"]
                [["count", "shallow_size", "retained_size"].iter().position(|m| *m == measure).unwrap()];
            let difference = number(row, &format!("target_{measure}")) - number(row, &format!("base_{measure}"));
            assert_eq!(number(row, delta), difference, "{row}");
        }
    }
    assert!(rows.is_sorted_by_key(|row| -number(row, "count_delta")));
}
