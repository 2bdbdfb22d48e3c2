//! How a Chinese name sounds, for people who type pinyin.

use pinyin::ToPinyin;

use super::fold;

/// The pinyin initials of a name; Latin letters and digits stand for themselves.
/// `华东机械` gives `hdjx`.
pub fn initials(name: &str) -> String {
    fold(name).chars().flat_map(|letter| spell(letter, Spelling::First)).collect()
}

/// The full pinyin without tones; Latin letters and digits stand for themselves.
/// `华东机械` gives `huadongjixie`.
pub fn pinyin(name: &str) -> String {
    fold(name).chars().flat_map(|letter| spell(letter, Spelling::Whole)).collect()
}

#[derive(Clone, Copy)]
enum Spelling {
    First,
    Whole,
}

fn spell(letter: char, spelling: Spelling) -> Vec<char> {
    match (letter.to_pinyin(), spelling) {
        (Some(sound), Spelling::First) => sound.first_letter().chars().collect(),
        (Some(sound), Spelling::Whole) => {
            // ü is typed as v on Chinese keyboards.
            sound.plain().chars().map(|c| if c == 'ü' { 'v' } else { c }).collect()
        }
        (None, _) => vec![letter],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_scripts_sound_the_same() {
        for name in ["华东机械", "華東機械"] {
            assert_eq!(initials(name), "hdjx");
            assert_eq!(pinyin(name), "huadongjixie");
        }
        assert_eq!(initials("3M 中国"), "3mzg");
        assert_eq!(pinyin("绿源"), "lvyuan");
    }
}
