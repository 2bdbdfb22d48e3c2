//! Names and logins as people type them.

/// Longest name of a person, unit or org, in characters.
const NAME_CHARS: usize = 100;
/// Longest note, in characters.
const NOTE_CHARS: usize = 1_000;
/// Longest login, in bytes.
const LOGIN_BYTES: usize = 64;

/// A text that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but space.
    #[error("the {what} is empty")]
    Empty {
        /// Which text.
        what: &'static str,
    },
    /// Too long.
    #[error("the {what} has {chars} characters, the limit is {limit}")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Its length.
        chars: usize,
        /// The limit.
        limit: usize,
    },
    /// A character that has no place in it.
    #[error("the {what} contains {found:?}: {allowed}")]
    Character {
        /// Which text.
        what: &'static str,
        /// The character.
        found: char,
        /// What may stand there.
        allowed: &'static str,
    },
}

/// A name without space around it.
pub(crate) fn name(what: &'static str, text: &str) -> Result<String, TextError> {
    let text = text.trim();
    let bad = text.chars().find(|letter| letter.is_control());
    check(what, text, NAME_CHARS, bad, "names have no control characters")
}

/// What somebody says to somebody else, in a few sentences.
pub(crate) fn note(text: &str) -> Result<String, TextError> {
    let bad = text.chars().find(|letter| letter.is_control() && *letter != '\n');
    check("note", text, NOTE_CHARS, bad, "notes have no control characters")
}

/// A login. Small letters only, so that `Anna` and `anna` are not two people.
pub(crate) fn login(text: &str) -> Result<String, TextError> {
    let allowed =
        |letter: &char| matches!(letter, 'a'..='z' | '0'..='9' | '.' | '_' | '-' | '@' | '+');
    let bad = text.chars().find(|letter| !allowed(letter));
    check("login", text, LOGIN_BYTES, bad, "logins are made of a to z, 0 to 9 and . _ - @ +")
}

fn check(
    what: &'static str,
    text: &str,
    limit: usize,
    bad: Option<char>,
    allowed: &'static str,
) -> Result<String, TextError> {
    let chars = text.chars().count();
    if chars == 0 {
        return Err(TextError::Empty { what });
    }
    if chars > limit {
        return Err(TextError::TooLong { what, chars, limit });
    }
    match bad {
        Some(found) => Err(TextError::Character { what, found, allowed }),
        None => Ok(text.to_owned()),
    }
}
