//! Folding: what two spellings of one name have in common.

use unicode_normalization::UnicodeNormalization;

/// Company forms that say nothing about which company it is, longest first.
const SUFFIXES: &[&str] = &[
    "股份有限责任公司",
    "集团股份有限公司",
    "股份有限公司",
    "有限责任公司",
    "集团有限公司",
    "incorporated",
    "corporation",
    "有限公司",
    "limited",
    "company",
    "gmbh",
    "corp",
    "集团",
    "公司",
    "ltd",
    "inc",
    "llc",
    "plc",
    "co",
    "ag",
];

/// A name in the forms in which names are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct FoldedName {
    text: String,
    core: String,
}

impl FoldedName {
    /// Folds a name as a person typed it.
    pub fn of(name: &str) -> Self {
        let words = words(name);
        let text = words.concat();
        let core = core(words);
        Self { core: if core.is_empty() { text.clone() } else { core }, text }
    }

    /// The whole name folded; what substring search looks in.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name without its company form; what duplicates are compared by.
    pub fn core(&self) -> &str {
        &self.core
    }

    /// Nothing is left: the name was empty or only punctuation.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// Folds text for search: compatibility forms and full width to plain (NFKC),
/// lower case, Traditional to Simplified, without spaces and punctuation.
pub fn fold(text: &str) -> String {
    words(text).concat()
}

/// Compatibility forms and full width to plain letters and digits.
pub(super) fn plain(text: &str) -> String {
    text.nfkc().collect()
}

/// The folded text, split where punctuation or space stood.
fn words(text: &str) -> Vec<String> {
    let lower = plain(text).to_lowercase();
    fast2s::convert(&lower)
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Drops company forms from the end: Latin ones only as whole words, because
/// "Lego" is no company form of "Leg"; Chinese ones wherever the name ends.
fn core(mut words: Vec<String>) -> String {
    loop {
        let latin = words.len() > 1
            && words
                .last()
                .is_some_and(|last| last.is_ascii() && SUFFIXES.contains(&last.as_str()));
        if latin {
            words.pop();
            continue;
        }
        let shorter = words.last().and_then(|last| {
            SUFFIXES
                .iter()
                .filter(|suffix| !suffix.is_ascii())
                .find_map(|suffix| last.strip_suffix(suffix))
                .map(str::to_owned)
        });
        match shorter {
            Some(shorter) if words.len() > 1 || !shorter.is_empty() => {
                words.pop();
                if !shorter.is_empty() {
                    words.push(shorter);
                }
            }
            _ => return words.concat(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_company_fold_to_one_core() {
        for (one, other) in [
            ("華東機械", "华东机械有限公司"),
            ("ＡＢＢ（中國）", "abb 中国"),
            ("Acme Co., Ltd.", "ACME"),
            ("Müller GmbH", "müller"),
            ("上海宏远股份有限公司", "上海宏遠"),
            ("大华集团有限公司", "大華集團"),
        ] {
            assert_eq!(FoldedName::of(one).core(), FoldedName::of(other).core(), "{one} {other}");
        }
    }

    #[test]
    fn a_name_that_is_only_a_company_form_keeps_it() {
        assert_eq!(FoldedName::of("公司").core(), "公司");
        assert_eq!(FoldedName::of("Co").core(), "co");
        assert!(FoldedName::of(" ,. ").is_empty());
    }

    #[test]
    fn a_word_that_ends_like_a_company_form_stays_whole() {
        assert_eq!(FoldedName::of("Lego").core(), "lego");
        assert_eq!(FoldedName::of("Marco").core(), "marco");
    }
}
