//! Where memory is allocated: stacks of functions and what was allocated there.
//!
//! [`Stacks`] is a file as it is, [`Profile`] the tree that all views are made of. Knows no file, no front end and no
//! pixels.

mod bottom_up;
mod builder;
mod compare;
pub mod export;
mod flame;
mod frames;
mod groups;
mod package;
mod pool;
mod reshape;
mod sandwich;
mod stacks;
mod top_down;
mod tree;

pub use bottom_up::{BottomUp, CallerRow, sort_caller_rows};
pub use builder::TreeBuilder;
pub use compare::{ComparedProfiles, ComparedRow, compare_profiles};
pub use flame::{Bar, FlameLayout};
pub use frames::{ANONYMOUS, Frame, FrameIndex, Frames, FramesBuilder, FunctionIndex, TextIndex, last_part};
pub use groups::{By, GroupRow, Groups, NO_FILE, SizeColumn, group_rows, package_of_row, sort_group_rows};
pub use package::{CodeKind, Package, package_of};
pub use sandwich::Sandwich;
pub use stacks::{Format, Interval, Sample, Stacks, ValueKind, Values};
pub use top_down::{sort_nodes, sorted_children};
pub use tree::{Profile, SampleRange, StackIndex};
