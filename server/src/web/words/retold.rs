//! Telling in the reader's language what a part without languages said in English.
//!
//! The rule core and its parser say what is wrong with a policy in English, for the command
//! line and for the log. A page finds the phrase among the English ones of the catalogue and
//! says it as its reader does; what stands in its slots is told the same way, or kept. What
//! is not found stays as it came: a message in another language is better than none.

use std::fmt::Display;

use super::{CATALOGUE, Lang, Words, fill};

impl Words {
    /// `text` as a phrase of `group`, its slots as phrases of `slots`.
    pub fn retold(self, group: &str, slots: &str, text: &str) -> String {
        if self.lang == Lang::En {
            return text.to_owned();
        }
        let found = CATALOGUE.get(group).into_iter().flatten().filter_map(|(_name, entry)| {
            let values = slots_of(&entry.en, text)?;
            // The phrase that says most of the text itself.
            let said: usize = values.iter().map(|(_slot, value)| value.len()).sum();
            Some((said, entry, values))
        });
        let Some((_said, entry, values)) = found.min_by_key(|(said, entry, _)| (*said, &entry.en))
        else {
            return text.to_owned();
        };
        let told: Vec<(&str, String)> =
            values.into_iter().map(|(slot, value)| (slot, self.retold(slots, "", value))).collect();
        let values: Vec<(&str, &dyn Display)> =
            told.iter().map(|(slot, value)| (*slot, value as &dyn Display)).collect();
        fill(self.pick(entry), &values)
    }
}

/// What stands in the slots of `phrase` if `text` is that phrase.
fn slots_of<'a>(phrase: &'static str, text: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let mut values = Vec::new();
    let (start, mut rest) = phrase.split_once('{').map_or((phrase, None), |(a, b)| (a, Some(b)));
    let mut text = text.strip_prefix(start)?;
    while let Some(part) = rest {
        let (slot, after) = part.split_once('}')?;
        let (literal, next) = match after.split_once('{') {
            Some((literal, next)) => (literal, Some(next)),
            None => (after, None),
        };
        let value = if literal.is_empty() {
            std::mem::take(&mut text)
        } else {
            let (value, after) = text.split_once(literal)?;
            text = after;
            value
        };
        values.push((slot, value));
        rest = next;
    }
    text.is_empty().then_some(values)
}

#[cfg(test)]
mod tests {
    use client_core::rules::Policy;
    use client_core::rules::policy::{PolicyError, preset_text};

    use super::*;

    #[test]
    fn a_phrase_gives_up_its_slots_and_only_its_own_text_matches() {
        assert_eq!(slots_of("at most {n} days", "at most 3 days"), Some(vec![("n", "3")]));
        assert_eq!(slots_of("at most {n} days", "at most 3 months"), None);
        assert_eq!(slots_of("no slot", "no slot"), Some(vec![]));
        assert_eq!(slots_of("no slot", "no slots"), None);
        assert_eq!(slots_of("{a}: {b}", "x: y: z"), Some(vec![("a", "x"), ("b", "y: z")]));
    }

    #[test]
    fn what_is_wrong_with_a_policy_is_told_in_the_readers_language() {
        let preset = preset_text("guide-standard").unwrap();
        let zh = Words::new(Lang::ZhCn);
        let told = |from: &str, to: &str| -> String {
            assert!(preset.contains(from), "the preset says no {from}");
            match Policy::from_toml(&preset.replacen(from, to, 1)).unwrap_err() {
                PolicyError::Text { reason, .. } => {
                    zh.retold("policy_error", "policy_slot", &reason)
                }
                PolicyError::Value { allowed, .. } => {
                    zh.retold("policy_error", "policy_slot", &allowed)
                }
                other => panic!("{other}"),
            }
        };
        for (from, to) in [
            ("result_weight = 60", "result_weight = 61"),
            ("result_weight = 60", "result_weight = \"60\""),
            ("result_weight = 60", "result_wait = 60"),
            ("cap = \"120%\"", "cap = \"0%\""),
            ("red_signals = 2", "red_signals = 9"),
            ("tender_win_min = \"60%\"", "tender_win_min = \"600%\""),
            ("a_days = 30", "a_days = 91"),
            ("growth = \"25%\"", "threshold = 3"),
            ("lookback_days = 366", "lookback_days = 30"),
            ("cap = \"120%\"", "cap = \"much\""),
        ] {
            let told = told(from, to);
            let foreign =
                ["expected", "invalid", "unknown", "missing", "a share", "whole number", "signals"];
            assert!(!foreign.iter().any(|word| told.contains(word)), "{to}: {told}");
        }
        let strange = "something that nobody translated";
        assert_eq!(zh.retold("policy_error", "policy_slot", strange), strange);
    }
}
