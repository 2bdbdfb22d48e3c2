use std::collections::BTreeSet;
use std::path::Path;

use super::*;

fn keys_used_in(dir: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            keys_used_in(&path, found);
        } else if !path.ends_with("words/tests.rs") {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            for call in ["say(\"", "with(\"", "count(\"", "with(\n", "count(\n"] {
                for after in text.split(call).skip(1) {
                    let after = after.trim_start().trim_start_matches('"');
                    let key = after.split('"').next().unwrap_or_default();
                    let is_key = key.contains('.')
                        && key.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '.');
                    if is_key {
                        found.insert(key.to_owned());
                    }
                }
            }
        }
    }
}

#[test]
fn every_file_of_words_is_read_and_no_key_stands_in_two() {
    let mut seen = BTreeSet::new();
    for (file, text) in FILES {
        let read: Catalogue =
            toml::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        for (group, names) in &read {
            for name in names.keys() {
                assert!(seen.insert(format!("{group}.{name}")), "{group}.{name} again in {file}");
            }
        }
    }
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/words");
    let names = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let there: BTreeSet<String> =
        names.filter_map(|name| name.into_string().ok()).filter(|n| n.ends_with(".toml")).collect();
    let read: BTreeSet<String> = FILES.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(there, read, "a file of words that no page reads");
}

#[test]
fn every_word_a_page_says_is_in_the_catalogue_in_every_language() {
    for (group, names) in &*CATALOGUE {
        for (name, entry) in names {
            assert!(!entry.en.trim().is_empty(), "{group}.{name} has no English");
            assert!(!entry.zh.trim().is_empty(), "{group}.{name} has no Chinese");
            assert!(!entry.tw.trim().is_empty(), "{group}.{name} has no Traditional Chinese");
            let slots = |text: &str| -> BTreeSet<String> {
                text.split('{')
                    .skip(1)
                    .filter_map(|t| t.split_once('}'))
                    .map(|(s, _)| s.into())
                    .collect()
            };
            assert_eq!(slots(&entry.en), slots(&entry.zh), "{group}.{name} fills other slots");
            assert_eq!(slots(&entry.en), slots(&entry.tw), "{group}.{name} fills other slots");
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut used = BTreeSet::new();
    keys_used_in(&root.join("templates"), &mut used);
    keys_used_in(&root.join("src/web"), &mut used);
    assert!(used.len() > 100, "only {} keys found", used.len());
    let missing: Vec<_> = used.iter().filter(|key| entry(key).is_none()).collect();
    assert!(missing.is_empty(), "not in the catalogue: {missing:?}");
}

#[test]
fn the_reader_gets_the_first_language_that_is_spoken_here() {
    let check = |header: &str, expected: Option<Lang>| {
        assert_eq!(Lang::from_accept_language(header), expected, "{header}");
    };
    check("zh-CN,zh;q=0.9,en;q=0.8", Some(Lang::ZhCn));
    check("de-DE, en;q=0.5, zh;q=0.7", Some(Lang::ZhCn));
    check("fr, en", Some(Lang::En));
    check("en;q=0, zh-TW", Some(Lang::ZhTw));
    check("zh-Hant-HK, zh-CN;q=0.9", Some(Lang::ZhTw));
    check("zh-Hans-TW", Some(Lang::ZhCn));
    check("zh", Some(Lang::ZhCn));
    check("fr", None);
    check("", None);
}

#[test]
fn a_value_with_braces_is_not_filled_again() {
    assert_eq!(fill("{a} and {b}", &[("a", &"{b}"), ("b", &1)]), "{b} and 1");
    assert_eq!(fill("open {", &[]), "open ");
}

#[test]
fn one_is_singular_in_english_only() {
    let en = Words::new(Lang::En);
    assert_eq!(en.count("board.visits_count", 1, &[("n", &1)]), "1 visit");
    assert_eq!(en.count("board.visits_count", 2, &[("n", &2)]), "2 visits");
    let zh = Words::new(Lang::ZhCn);
    assert_eq!(zh.count("board.visits_count", 1, &[("n", &1)]), "1 次拜访");
    let tw = Words::new(Lang::ZhTw);
    assert_eq!(tw.count("board.visits_count", 1, &[("n", &1)]), "1 次拜訪");
}

#[test]
fn a_code_of_a_newer_app_is_shown_as_it_came() {
    let words = Words::new(Lang::En);
    assert_eq!(words.code("mode", "onsite"), "On site");
    assert_eq!(words.code("mode", "hologram"), "hologram");
}
