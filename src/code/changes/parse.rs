//! Reading a text as a program, on a thread with a stack for it.

use super::question::{MAX_TEXT, NotRead};
use crate::code::nesting::{PARSER_STACK, is_too_deep};
use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::{Semantic, SemanticBuilder};
use oxc_span::SourceType;

/// Reads `text` and asks the program.
pub(super) fn with_program<T: Send>(
    name: &str,
    text: &str,
    ask: impl FnOnce(&Semantic<'_>) -> T + Send,
) -> Result<T, NotRead> {
    if text.len() > MAX_TEXT {
        return Err(NotRead::TooLarge(text.len()));
    }
    if is_too_deep(text) {
        return Err(NotRead::TooDeep);
    }
    let source_type = source_type(name);
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("parser".to_owned()).stack_size(PARSER_STACK);
        let running = thread.spawn_scoped(scope, || {
            let allocator = Allocator::default();
            // CommonJS modules may return, and their texts do not say that they are such.
            let options = ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
            let parsed = Parser::new(&allocator, text, source_type).with_options(options).parse();
            if parsed.panicked {
                let why = parsed.diagnostics.first().map(ToString::to_string);
                return Err(NotRead::Syntax(why.unwrap_or_else(|| "no reason given".to_owned())));
            }
            // Mistakes that do not stop the parser do not stop us: the engine took the text.
            let built = SemanticBuilder::new().with_build_nodes(true).build(&parsed.program);
            Ok(ask(&built.semantic))
        });
        match running {
            Ok(thread) => thread.join().unwrap_or_else(|_| Err(NotRead::Failed("a mistake in Heapglass".to_owned()))),
            Err(e) => Err(NotRead::Failed(e.to_string())),
        }
    })
}

fn source_type(name: &str) -> SourceType {
    let path = crate::code::roots::path_of(name);
    let ends = |endings: &[&str]| endings.iter().any(|e| path.ends_with(e));
    if ends(&[".ts", ".mts", ".cts"]) {
        SourceType::ts()
    } else if ends(&[".tsx"]) {
        SourceType::tsx()
    } else if ends(&[".mjs"]) {
        SourceType::mjs()
    } else if ends(&[".cjs"]) {
        SourceType::cjs()
    } else if ends(&[".jsx"]) {
        SourceType::jsx()
    } else {
        SourceType::unambiguous()
    }
}
