//! The places of a text that add to a collection, that remove from it, and that declare it.
//!
//! [`parse`] reads the text, [`denote`] says which expressions mean the collection, and [`uses`] what is done with it.

#[cfg(feature = "source-analysis")]
mod denote;
#[cfg(feature = "source-analysis")]
mod methods;
#[cfg(feature = "source-analysis")]
mod parse;
mod question;
#[cfg(all(test, feature = "source-analysis"))]
mod tests;
#[cfg(feature = "source-analysis")]
mod uses;

pub use question::{Changes, Holder, MAX_TEXT, NotRead, Place, Question, Variable};

/// Answers `question` about the text of the script called `name`.
#[cfg(feature = "source-analysis")]
pub fn changes(name: &str, text: &str, question: &Question) -> Result<Changes, NotRead> {
    parse::with_program(name, text, |semantic| uses::changes(semantic, text, question))
}

/// Answers nothing: there is no parser.
#[cfg(not(feature = "source-analysis"))]
pub fn changes(_name: &str, _text: &str, _question: &Question) -> Result<Changes, NotRead> {
    Err(NotRead::NotBuiltIn)
}

/// Where each of `variables` is declared, if the text tells.
#[cfg(feature = "source-analysis")]
pub fn declarations(script: &str, text: &str, variables: &[Variable]) -> Result<Vec<Option<usize>>, NotRead> {
    parse::with_program(script, text, |semantic| denote::declarations(semantic, text, variables))
}

/// Answers nothing: there is no parser.
#[cfg(not(feature = "source-analysis"))]
pub fn declarations(_script: &str, _text: &str, _variables: &[Variable]) -> Result<Vec<Option<usize>>, NotRead> {
    Err(NotRead::NotBuiltIn)
}
