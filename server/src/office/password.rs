//! Passwords that the office gives out.

use crate::edge::{Random, random_bytes};

/// Shortest password the office takes.
const SHORTEST: usize = 8;
/// Longest password, so that hashing stays bounded.
const LONGEST: usize = 128;

/// Letters of a one-time password: none that is misread on paper.
const LETTERS: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// Which password somebody gets.
#[derive(Clone)]
pub enum PasswordChoice {
    /// A fresh one, to be told once and changed at first sign-in.
    OneTime,
    /// This one.
    Given(String),
    /// None until somebody invites them: nobody can sign in so far.
    Later,
}

/// A password to be told once. It has no `Debug`, so that it reaches no log.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimePassword(String);

impl OneTimePassword {
    /// Three groups of five letters, 74 bits.
    pub(super) fn draw(random: &dyn Random) -> Self {
        // 31 letters: a byte is used if it lies below 31 × 8, so each letter is
        // equally likely.
        let mut letters = String::with_capacity(17);
        let mut drawn = 0;
        while drawn < 15 {
            let [byte] = random_bytes::<1>(random);
            let Some(letter) = LETTERS.get(usize::from(byte % 31)).filter(|_| byte < 248) else {
                continue;
            };
            if drawn > 0 && drawn % 5 == 0 {
                letters.push('-');
            }
            letters.push(char::from(*letter));
            drawn += 1;
        }
        Self(letters)
    }

    /// The text, to be shown to a person.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// A password that is too short or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password has {chars} characters: between {SHORTEST} and {LONGEST} are allowed")]
pub struct PasswordLength {
    /// Its length.
    pub chars: usize,
}

/// The password in clear if there is one, whether it must be changed, and what to
/// tell about it.
pub(super) struct Chosen {
    pub clear: Option<String>,
    pub must_change: bool,
    pub one_time: Option<OneTimePassword>,
}

impl PasswordChoice {
    pub(super) fn choose(self, random: &dyn Random) -> Result<Chosen, PasswordLength> {
        match self {
            Self::OneTime => {
                let drawn = OneTimePassword::draw(random);
                let clear = drawn.reveal().to_owned();
                Ok(Chosen { clear: Some(clear), must_change: true, one_time: Some(drawn) })
            }
            Self::Given(clear) => {
                let chars = clear.chars().count();
                if !(SHORTEST..=LONGEST).contains(&chars) {
                    return Err(PasswordLength { chars });
                }
                Ok(Chosen { clear: Some(clear), must_change: false, one_time: None })
            }
            Self::Later => Ok(Chosen { clear: None, must_change: true, one_time: None }),
        }
    }
}
