//! September 2026 of Boris, a rep of the demo, by what the demo wrote and by hand.

use client_core::docs::deal::DealOutcome;
use client_core::period::Period;
use client_core::rules::facts::Source;
use client_core::rules::policy::Group;
use client_core::rules::{LineState, NotApplicable};
use client_core::time::Date;

use super::*;
use crate::scoring;

/// The card of seed 1 with six reps, line by line; amounts in thousands of yuan:
///
/// | line | value | target | a = value ÷ target | n (at most 1.20) | weight | points |
/// |---|---|---|---|---|---|---|
/// | sales | deals won on the 25th and 26th: 1,850 + 460 = 2,310 | 2,000 | 1.155 | same | 36 | 41.58 |
/// | collection | paid on the 27th: 555 + 138; due on the 28th and 29th: 555 + 138; nothing was overdue: 100 % | 90 % | 1.111111111 | same | 24 | 26.667 |
/// | growth | two new customers after none in August: nothing to divide by | 10 % | – | – | – | – |
/// | visits | 99 visits, 3 too short, 2 without outcome, 1 without check-out: 93 | 99 | 0.939393939 | same | 15 | 14.091 |
/// | quotes | six issued; by the 30th two were accepted (25th, 26th), the next on 2 October: 33.33 % | 25 % | 1.333 | 1.20 | 15 | 18.00 |
/// | satisfaction | (10 + 6 + 8 + 8) ÷ 4 = 8.00 | 8.00 | 1.00 | 1.00 | 10 | 10.00 |
///
/// Growth does not apply, so its 10 of the result's 60 go to the two lines beside it, as 30 to
/// 20: 36 and 24. The exact sum is 110.3376, shown as 110.34; the floors of the lines come to
/// 110.33, and the hundredth that is missing goes to the largest remainder, collection.
#[tokio::test(flavor = "multi_thread")]
async fn the_card_of_a_rep_of_the_demo_is_what_a_hand_computes() {
    let progress = Progress { json: true };
    let args = DemoArgs { seed: 1, reps: 6, days: 60, port: 0, data: None, exit: true };
    let stage = stage::Stage::build(&args, 0, &progress).await.unwrap();
    let (app, org) = (stage.server.app().clone(), stage.org);
    let boris = stage.world.reps.iter().find(|rep| rep.login == "boris").unwrap().id;
    let september: Period = "2026-09".parse().unwrap();
    let found = scoring::examine(&app, org, boris, september).await.unwrap();
    let (facts, _policy, outcome) = found.unwrap();
    stage.strike().await;

    // What the demo wrote of September.
    let inside = |on: Option<Date>| on.filter(|on| september.contains(*on));
    let told = |on: Date, minor: i64| (on.to_string(), minor);
    let mut won: Vec<(String, i64)> = Vec::new();
    for deal in facts.deals.iter().filter(|deal| deal.outcome == Some(DealOutcome::Won)) {
        let on = inside(deal.decided_at.map(|at| facts.calendar.zone.date(at)));
        won.extend(on.zip(deal.amount).map(|(on, amount)| told(on, amount.minor)));
    }
    assert_eq!(won, [("2026-09-25".into(), 185_000_000), ("2026-09-26".into(), 46_000_000)]);
    let due = facts.instalments.iter().filter(|one| one.origin.source == Source::Claimed);
    let due = due.filter_map(|one| Some(told(inside(one.due_on)?, one.amount?.minor)));
    assert_eq!(
        due.collect::<Vec<_>>(),
        [("2026-09-28".into(), 55_500_000), ("2026-09-29".into(), 13_800_000)]
    );
    let paid = facts.payments.iter();
    let paid = paid.filter_map(|one| Some(told(inside(one.received_on)?, one.amount?.minor)));
    assert_eq!(
        paid.collect::<Vec<_>>(),
        [("2026-09-27".into(), 55_500_000), ("2026-09-27".into(), 13_800_000)]
    );
    let quotes = facts.quotes.iter().filter(|quote| inside(quote.issued_on).is_some());
    let accepted = quotes.map(|quote| {
        quote.decided_on.filter(|_on| quote.accepted == Some(true)).map(|on| on.to_string())
    });
    let mut accepted: Vec<Option<String>> = accepted.collect();
    accepted.sort();
    let on = |day: &str| Some(day.to_owned());
    assert_eq!(
        accepted,
        [None, None, on("2026-09-25"), on("2026-09-26"), on("2026-10-02"), on("2026-10-04")]
    );
    let answers = facts.surveys.iter().filter(|one| inside(one.answered_on).is_some());
    assert_eq!(answers.map(|one| one.score).collect::<Vec<_>>(), [10, 6, 8, 8]);
    assert_eq!(outcome.visits.len(), 99);

    // What the rules say of it.
    let card = &outcome.scorecard;
    let line = |id: &str| {
        let found = card.lines.iter().find(|line| line.indicator.as_str() == id).unwrap();
        let fraction = found.numerator.zip(found.denominator);
        let normalised = found.normalised.map(|normalised| normalised.0);
        (fraction, found.target, normalised, found.points.0)
    };
    let check = |id, fraction, target, normalised, points| {
        assert_eq!(line(id), (Some(fraction), Some(target), normalised, points), "{id}");
    };
    check("sales_amount", (231_000_000, 1), 200_000_000, Some(1_155_000_000), 4_158);
    check("collection_rate", (69_300_000, 69_300_000), 9_000, Some(1_111_111_111), 2_667);
    check("new_customer_growth", (2, 0), 1_000, None, 0);
    check("effective_visits", (93, 1), 99, Some(939_393_939), 1_409);
    check("quote_conversion", (2, 6), 2_500, Some(1_200_000_000), 1_800);
    check("customer_satisfaction", (32, 4), 800, Some(1_000_000_000), 1_000);
    let growth = card.lines.iter().find(|line| line.value.is_none()).unwrap();
    assert_eq!(growth.state, LineState::NotApplicable(NotApplicable::ZeroDenominator));
    let groups: Vec<(Group, i64)> =
        card.groups.iter().map(|group| (group.group, group.points.0)).collect();
    assert_eq!(groups, [(Group::Result, 6_825), (Group::Process, 4_209)]);
    assert_eq!(card.total.map(|total| total.0), Some(11_034));
}
