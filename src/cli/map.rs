//! `map`: the memory of a snapshot as areas, in an SVG file.

use super::open::OpenArgs;
use super::source::SourceArgs;
use super::{CliError, write_text};
use crate::code::memory::source_tree;
use crate::progress::Stage;
use crate::treemap::svg::svg;
use crate::treemap::{DominatorTreeMap, Form, Rect, layout};
use crate::units;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Draw the memory of a snapshot as areas: a treemap or an icicle, as SVG
///
/// By default objects lie within what dominates them, and areas are retained sizes; with --of sources classes lie within
/// files and packages, and each byte counts once. Whatever would be smaller than a pixel is left out.
#[derive(Debug, Args)]
pub(super) struct MapArgs {
    /// The snapshot
    file: PathBuf,
    /// The file to write; standard output unless given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What lies within what
    #[arg(long, value_enum, default_value_t = Of::Dominators, value_name = "TREE")]
    of: Of,
    /// How it is drawn
    #[arg(long, value_enum, default_value_t = FormArg::Treemap, value_name = "FORM")]
    form: FormArg,
    /// Width in pixels
    #[arg(long, default_value_t = 1600, value_parser = clap::value_parser!(u16).range(100..))]
    width: u16,
    /// Height in pixels
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u16).range(100..))]
    height: u16,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    open: OpenArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Of {
    /// Objects within what keeps them alive
    Dominators,
    /// Classes within files within packages
    Sources,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormArg {
    /// Rectangles within rectangles
    Treemap,
    /// Rows, each below what it is part of
    Icicle,
}

impl MapArgs {
    pub(super) fn run(self) -> Result<(), CliError> {
        let snapshot = self.open.open(&self.file)?;
        let heap = &snapshot.heap;
        let room = Rect { x: 0.0, y: 0.0, width: self.width.into(), height: self.height.into() };
        let form = match self.form {
            FormArg::Treemap => Form::Treemap,
            FormArg::Icicle => Form::Icicle,
        };
        let sized = |name: String, size: u64| format!("{name} {}", units::bytes(size));
        let text = match self.of {
            Of::Dominators => {
                let tree = DominatorTreeMap(heap);
                let cells = layout(&tree, 0, room, form);
                let name = |n: u32| heap.cell_text(tree.object(n)).as_text().lossy().into_owned();
                let title = |n: u32| {
                    let object = tree.object(n);
                    sized(format!("{} {}", name(n), heap.id(object)), heap.retained_size(object))
                };
                svg(&cells, room, name, title, |n| u16::from(heap.kind(tree.object(n)).0).wrapping_mul(47) % 360)
            }
            Of::Sources => {
                let owners = heap.source_owners(&Stage::unwatched())?;
                let tree = source_tree(heap, owners, &self.source.library());
                let cells = layout(&tree, 0, room, form);
                let name = |n: u32| tree.nodes[n as usize].name.clone();
                let title = |n: u32| sized(name(n), tree.nodes[n as usize].size);
                // A package and all in it have one color.
                let hue = |n: u32| (tree.branch_of(n) as u16).wrapping_mul(67) % 360;
                svg(&cells, room, name, title, hue)
            }
        };
        match &self.out {
            None => write_text(&text),
            Some(path) => std::fs::write(path, text)
                .map_err(|e| CliError::Failed(format!("cannot write {}: {e}", path.display()))),
        }
    }
}
