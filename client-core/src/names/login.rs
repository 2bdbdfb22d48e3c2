//! What somebody signs in with, made from their name.

use unicode_normalization::UnicodeNormalization;

use super::sound::pinyin;

/// A login from a name: `Anna Snelling` gives `anna.snelling`, `陈静` gives
/// `chenjing`, `Müller, Jürgen` gives `muller.jurgen`. Words are parted by dots;
/// a hyphen inside a word stays. Empty if nothing of the name can be written so.
pub fn login(name: &str) -> String {
    let words = name.split(|letter: char| letter.is_whitespace() || ",.;/_".contains(letter));
    let words = words.map(word).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(".")
}

fn word(word: &str) -> String {
    let parts = word.split('-').map(plain).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

fn plain(part: &str) -> String {
    pinyin(part).nfkd().flat_map(spelt).filter(char::is_ascii_alphanumeric).collect()
}

/// Letters that do not fall apart into a plain one and a mark.
fn spelt(letter: char) -> impl Iterator<Item = char> {
    let spelt = match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ł' => "l",
        'þ' => "th",
        'ı' => "i",
        _ => "",
    };
    spelt.chars().chain(spelt.is_empty().then_some(letter))
}

#[cfg(test)]
mod tests {
    use super::login;

    #[test]
    fn names_of_many_scripts_become_logins() {
        for (name, expected) in [
            ("Anna Snelling", "anna.snelling"),
            ("Mei-Mei Johns", "mei-mei.johns"),
            ("陈静", "chenjing"),
            ("吕 布", "lv.bu"),
            ("Müller, Jürgen", "muller.jurgen"),
            ("Łukasz Strauß", "lukasz.strauss"),
            ("  O'Brien  ", "obrien"),
            ("Иван", ""),
        ] {
            assert_eq!(login(name), expected, "{name}");
        }
    }
}
