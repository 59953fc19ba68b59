//! `completions` and `man`: made from the same definitions that read the arguments.

use super::{CliError, write_text};
use clap::{Args, Command};
use std::io::{self, Write};

/// Print shell completions
///
/// For bash: heapglass completions bash > ~/.local/share/bash-completion/completions/heapglass
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// For which shell
    shell: clap_complete::Shell,
}

impl CompletionsArgs {
    pub(super) fn run(self, command: &mut Command) -> Result<(), CliError> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, command, "heapglass", &mut text);
        write_text(&String::from_utf8_lossy(&text))
    }
}

/// Print the manual page
///
/// To read it: heapglass man | man -l -
#[derive(Debug, Args)]
pub(super) struct ManArgs {}

impl ManArgs {
    pub(super) fn run(self, command: Command) -> Result<(), CliError> {
        let mut text = Vec::new();
        write_pages(command, &mut text)?;
        write_text(&String::from_utf8_lossy(&text))
    }
}

/// The page of the program and, below it, what each command takes.
fn write_pages(mut command: Command, text: &mut Vec<u8>) -> io::Result<()> {
    command.build();
    let page = clap_mangen::Man::new(command.clone());
    page.render(text)?;
    for sub in command.get_subcommands().filter(|c| c.get_name() != "help") {
        writeln!(text, ".SH \"HEAPGLASS {}\"", sub.get_name().to_uppercase())?;
        let page = clap_mangen::Man::new(sub.clone());
        page.render_synopsis_section(text)?;
        page.render_description_section(text)?;
        page.render_options_section(text)?;
    }
    Ok(())
}
