//! What became of a file that ends too early or has a hole, so that the error can say it.

use crate::reader::error::ReadError;
use crate::reader::input::Input;
use crate::reader::json::HOLE;
use crate::reader::source::Trouble;

/// Adds to an error that stands where the text ends, or where zero bytes begin, what that means
/// and what to do. `whole` is what was read until there.
pub(super) fn explain(error: ReadError, input: &Input<'_>, whole: &str) -> ReadError {
    let ReadError::Malformed { section, offset, expected, found, .. } = error else { return error };
    let at = usize::try_from(offset).ok().and_then(|at| at.checked_sub(input.base));
    let rest = at.and_then(|at| input.text.get(at..)).unwrap_or_default();
    let zeros = rest.iter().position(|&b| b != 0);
    let why = match (zeros, &input.trouble) {
        (None, Some(Trouble::BreaksOff(why))) => why.clone(),
        (None, _) if rest.is_empty() => "the file is cut short".into(),
        (None, _) => "the file ends in zero bytes, as a crash or a full disk leaves it".into(),
        (Some(HOLE..), _) => "a part of the file was lost when it was written or copied".into(),
        (Some(_), _) => return ReadError::Malformed { section, offset, expected, found, hint: String::new() },
    };
    let hint = format!("; {why}; before that {whole} could be read; {ADVICE}");
    ReadError::Malformed { section, offset, expected, found, hint }
}

const ADVICE: &str = "copy the file again, or take the snapshot again and wait until it is written";
