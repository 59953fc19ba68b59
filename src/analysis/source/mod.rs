//! What the program's source says: natural references and paths, scripts, modules, names of owners.

pub mod adopted;

pub mod modules;
pub mod object_text;
pub mod owner_name;
pub mod packages;
pub mod places;
pub mod references;
pub mod scripts;
pub mod source_owners;
pub mod walk;
