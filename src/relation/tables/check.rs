//! `check`: budgets, and whether they are kept.

use crate::relation::{Answer, Column, Kind, Rows, Value};

/// The columns. Limits are objects or bytes, as the budget has it.
pub static COLUMNS: [Column; 5] = [
    Column::new("budget", "Budget", Kind::Text, "max-growth, max-retained or fail-on-leak"),
    Column::new("class", "Class", Kind::Text, "The class it is about").nullable(),
    Column::new("limit", "Limit", Kind::Integer, "The most that is allowed: objects, bytes or leaks"),
    Column::new("found", "Found", Kind::Integer, "What was found: objects, bytes or leaks"),
    Column::new("broken", "Broken", Kind::Bool, "Whether the budget is broken"),
];

/// A budget, and what was found.
#[derive(Debug, Clone)]
pub struct BudgetRow {
    /// Its name.
    pub budget: &'static str,
    /// The class it is about.
    pub class: Option<String>,
    /// The most that is allowed.
    pub limit: i64,
    /// What was found.
    pub found: i64,
    /// Whether that is too much.
    pub broken: bool,
}

struct Budgets(Vec<BudgetRow>);

impl Rows for Budgets {
    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, row: usize, column: usize) -> Value<'_> {
        let budget = &self.0[row];
        match column {
            0 => Value::word(budget.budget),
            1 => Value::option(budget.class.as_deref(), Value::word),
            2 => budget.limit.into(),
            3 => budget.found.into(),
            _ => budget.broken.into(),
        }
    }
}

/// The budgets of `check`.
pub fn check<'a>(budgets: Vec<BudgetRow>) -> Answer<'a> {
    Answer::new("check").rows(Budgets(budgets))
}
