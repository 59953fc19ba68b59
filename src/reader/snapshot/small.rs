//! The small sections: samples, the allocation profile, scopes. Each is optional, and
//! what is odd in one of them costs only the entry concerned.

use super::header::RowLayout;
use crate::graph::{NodeIndex, Sample, Scope, StringIndex, TraceFunction, TraceNode};
use crate::reader::error::{ReadError, Warning};
use crate::reader::input::Input;
use crate::reader::json::Cursor;

/// Reads an array of flat rows and hands over the wanted fields of each. `cursor` stands after
/// `[`, and after `]` at the end.
pub(super) fn rows<const N: usize>(
    input: &Input<'_>,
    cursor: &mut Cursor<'_>,
    layout: &RowLayout<N>,
    warnings: &mut Vec<Warning>,
    mut take: impl FnMut([f64; N]),
) -> Result<(), ReadError> {
    let mut row = vec![0.0; layout.width];
    let mut filled = 0;
    let mut polled = cursor.at;
    while !cursor.eat(b']') {
        input.poll(&mut polled, cursor.at)?;
        row[filled] = cursor.number()?;
        filled += 1;
        if filled == layout.width {
            take(layout.at.map(|i| row[i]));
            filled = 0;
        }
        if cursor.peek() != Some(b']') {
            cursor.expect(b',')?;
        }
    }
    if filled > 0 {
        let message = format!("the last entry has {filled} numbers instead of {}; it was left out", layout.width);
        warnings.push(Warning::new(cursor.section, message));
    }
    Ok(())
}

/// A number that must be whole.
#[allow(clippy::cast_possible_truncation, reason = "compared with what it came from")]
pub(super) fn whole(value: f64) -> Option<i64> {
    let whole = value as i64;
    (whole as f64 == value).then_some(whole)
}

/// A number as the engine's own 32 bits, negative ones wrapped.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "reduced modulo 2^32, as DevTools does")]
fn wrapped(value: f64) -> u32 {
    value as i64 as u32
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float's cast saturates")]
fn count(value: f64) -> u64 {
    value as u64
}

/// The position of the node whose numbers begin at `offset` of the flat array.
pub(super) fn node_at(offset: f64, node_width: usize) -> Option<NodeIndex> {
    let offset = usize::try_from(whole(offset)?).ok()?;
    let node = u32::try_from(offset / node_width).ok()?;
    (offset.is_multiple_of(node_width)).then_some(NodeIndex(node))
}

/// Reads `samples`.
pub(super) fn read_samples(
    input: &Input<'_>,
    cursor: &mut Cursor<'_>,
    layout: &RowLayout<2>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Sample>, ReadError> {
    let mut list = Vec::new();
    rows(input, cursor, layout, warnings, |[timestamp_us, last_assigned_id]| {
        list.push(Sample { timestamp_us, last_assigned_id });
    })?;
    Ok(list)
}

/// Reads `trace_function_infos`. The header's count is not asked: it is wrong in real files.
pub(super) fn read_trace_functions(
    input: &Input<'_>,
    cursor: &mut Cursor<'_>,
    layout: &RowLayout<6>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<TraceFunction>, ReadError> {
    let mut list = Vec::new();
    rows(input, cursor, layout, warnings, |row| {
        let [function_id, name, script_name, script_id, line, column] = row.map(wrapped);
        let (name, script_name) = (StringIndex(name), StringIndex(script_name));
        list.push(TraceFunction { function_id, name, script_name, script_id, line, column });
    })?;
    Ok(list)
}

/// An array of the trace tree that is being read.
struct Level {
    parent: Option<u32>,
    /// The node whose values come next, and which of them.
    node: usize,
    field: usize,
}

/// Reads `trace_tree`: an array of flat rows, one value of which is an array of the same shape.
pub(super) fn read_trace_tree(
    input: &Input<'_>,
    cursor: &mut Cursor<'_>,
    layout: &RowLayout<5>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<TraceNode>, ReadError> {
    let [id, function, count_at, size, children] = layout.at;
    let mut list: Vec<TraceNode> = Vec::new();
    let mut levels = vec![Level { parent: None, node: 0, field: 0 }];
    let mut ragged = 0usize;
    let mut polled = cursor.at;
    while let Some(level) = levels.last_mut() {
        input.poll(&mut polled, cursor.at)?;
        if cursor.eat(b']') {
            ragged += usize::from(level.field != 0);
            levels.pop();
        } else {
            if level.field == 0 {
                level.node = list.len();
                list.push(TraceNode { id: 0, function: 0, count: 0, size: 0, parent: level.parent });
            }
            let field = level.field;
            level.field = (field + 1) % layout.width;
            if field == children {
                cursor.expect(b'[')?;
                let parent = u32::try_from(level.node).ok();
                levels.push(Level { parent, node: 0, field: 0 });
                continue;
            }
            let value = cursor.number()?;
            let node = &mut list[level.node];
            match field {
                f if f == id => node.id = wrapped(value),
                f if f == function => node.function = wrapped(value),
                f if f == count_at => node.count = count(value),
                f if f == size => node.size = count(value),
                _ => {}
            }
        }
        if !levels.is_empty() && cursor.peek() != Some(b']') {
            cursor.expect(b',')?;
        }
    }
    if ragged > 0 {
        let message = format!("{ragged} lists end within an entry, which must have {} values", layout.width);
        warnings.push(Warning::new(cursor.section, message));
    }
    Ok(list)
}

/// Reads `scopes`. `None`, with a warning, if one of them makes no sense: which variables belong
/// to which scope depends on all scopes before it.
pub(super) fn read_scopes(
    input: &Input<'_>,
    cursor: &mut Cursor<'_>,
    layout: &RowLayout<5>,
    node_width: usize,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Vec<Scope>>, ReadError> {
    let mut list = Some(Vec::new());
    rows(input, cursor, layout, warnings, |[script, scope_id, depth, context_vars, uses]| {
        let scope = || {
            Some(Scope {
                script: node_at(script, node_width)?,
                scope_id: whole(scope_id)?,
                depth: whole(depth)?,
                context_var_count: u32::try_from(whole(context_vars)?).ok()?,
                use_count: u32::try_from(whole(uses)?).ok()?,
            })
        };
        match (scope(), &mut list) {
            (Some(scope), Some(list)) => list.push(scope),
            _ => list = None,
        }
    })?;
    if list.is_none() {
        warnings.push(Warning::new(cursor.section, "an entry is not a scope of a script; all scopes were left out"));
    }
    Ok(list)
}

/// Reads `scope_context_vars`.
pub(super) fn read_scope_context_vars(
    input: &Input<'_>,
    cursor: &mut Cursor<'_>,
    layout: &RowLayout<1>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<StringIndex>, ReadError> {
    let mut list = Vec::new();
    rows(input, cursor, layout, warnings, |[name]| list.push(StringIndex(wrapped(name))))?;
    Ok(list)
}

/// Reads `scope_uses`.
pub(super) fn read_scope_uses(
    input: &Input<'_>,
    cursor: &mut Cursor<'_>,
    layout: &RowLayout<2>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<(i64, i64)>, ReadError> {
    let mut list = Vec::new();
    rows(input, cursor, layout, warnings, |row| {
        let [scope_id, slot] = row.map(|v| whole(v).unwrap_or(-1));
        list.push((scope_id, slot));
    })?;
    Ok(list)
}
