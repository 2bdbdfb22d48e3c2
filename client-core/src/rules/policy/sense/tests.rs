use super::*;
use crate::rules::policy::{Leaf, Lines, PRESETS, preset_text};

/// The preset with the value on the line of `leaf` replaced, in quotes if it is a share.
fn with(text: &str, leaf: &Leaf, value: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let line = &mut lines[leaf.line - 1];
    let (key, _value) = line.split_once('=').unwrap();
    let share = leaf.value.ends_with('%');
    *line = if share { format!("{key}= \"{value}%\"") } else { format!("{key}= {value}") };
    lines.join("\n")
}

fn refused(text: &str, leaf: &Leaf, value: &str) {
    let error = Policy::from_toml(&with(text, leaf, value)).expect_err(&leaf.key);
    let told = error.to_string();
    assert_eq!(error.line(), Some(leaf.line), "{} = {value}: {told}", leaf.key);
    assert!(told.contains("expected"), "{} = {value}: {told}", leaf.key);
}

fn numbers(text: &str) -> Vec<Leaf> {
    let leaves = Lines::of(text).unwrap().leaves();
    leaves.into_iter().filter(|leaf| leaf.is_number).collect()
}

#[test]
fn every_number_of_a_preset_has_a_least_and_a_most_and_is_refused_beyond_them() {
    for name in PRESETS {
        let text = preset_text(name).unwrap();
        for leaf in numbers(text) {
            refused(text, &leaf, "-1");
            refused(text, &leaf, if leaf.value.ends_with('%') { "999999" } else { "4294967295" });
        }
    }
}

#[test]
fn each_span_ends_where_it_says() {
    let text = preset_text("guide-standard").unwrap();
    let leaf = |key: &str| numbers(text).into_iter().find(|leaf| leaf.key == key).expect(key);
    for span in &SPANS {
        let leaf = leaf(span.key);
        refused(text, &leaf, &(i64::from(span.least) - 1).to_string());
        refused(text, &leaf, &(u64::from(span.most) + 1).to_string());
    }
    for share in &SHARES {
        let leaf = leaf(share.key);
        let beyond = |units: i64| Percent(BasisPoints(units)).to_string();
        refused(text, &leaf, beyond(share.least.0 - 1).trim_end_matches('%'));
        refused(text, &leaf, beyond(share.most.0 + 1).trim_end_matches('%'));
    }
}

#[test]
fn a_policy_that_switches_a_rule_off_unsaid_is_refused() {
    let preset = preset_text("guide-standard").unwrap();
    let check = |from: &str, to: &str, told: &str| {
        assert!(preset.contains(from), "the preset says no {from}");
        let error = Policy::from_toml(&preset.replacen(from, to, 1)).expect_err(to);
        assert!(error.line().is_some() && error.to_string().contains(told), "{to}: {error}");
    };
    check("red_signals = 2", "red_signals = 9", "1 to 7 of them: there are no more signals");
    check("score_at_most = 6", "score_at_most = 11", "10 is not low");
    check("months = 2 ", "months = 0 ", "alarms.fall.months is 0: expected 1 to 24 months");
    check("a_days = 30", "a_days = 91", "leads.b_days, which is 90");
    check("a_days = 30", "a_days = 90", "expected less than leads.b_days");
    check("p1 = 1", "p1 = 9", "at most reminders.hygiene.p2, which is 3");
    check("tender_win_min = \"60%\"", "tender_win_min = \"600%\"", "0.01% to 100%");
    check("modes = [\"onsite\", \"video\"]\ndeep", "modes = []\ndeep", "which contact is deep");
    check("lookback_days = 366", "lookback_days = 30", "at least 91 days");
    check("overdue_days = 1 ", "overdue_days = 31 ", "at most risk.long_overdue_days");
    check("deep_modes = [\"onsite\", \"video\"]", "deep_modes = []", "never passed");
    check("phase = \"needs_confirmed\"\ndeep", "phase = \"closed\"\ndeep", "a phase before closed");
    check("share = \"30%\"", "share = \"0%\"", "milestones.0.share is 0%: expected 0.01% to");
    check("low = \"80%\"", "low = \"101%\"", "who is on pace");
    check("fence_m = 300", "fence_m = 4000000", "expected 1 to 10000 metres");
}

#[test]
fn a_policy_in_force_stays_readable_when_a_limit_comes_after_it() {
    let preset = preset_text("guide-standard").unwrap();
    let text = preset.replacen("red_signals = 2", "red_signals = 9", 1);
    assert!(Policy::from_toml(&text).is_err());
    assert_eq!(Policy::kept(&text).unwrap().risk.red_signals, 9);
    // What would fill the memory of every phone is refused there too.
    assert!(Policy::kept(&preset.replacen("hold_days = 7", "hold_days = 400000", 1)).is_err());
}
