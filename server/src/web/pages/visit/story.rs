//! The steps of the story, in the order they happened.

use client_core::docs::visit::{Check, Fix, NextStep, VisitMode, VisitState};
use client_core::geo::Point;
use client_core::time::CapturedAt;

use super::{Step, VisitData, place_state, word};
use crate::web::chart::PlaceSketch;
use crate::web::format::{self, Format};
use crate::web::view::Tone;

pub(super) fn steps(f: &Format, data: &VisitData) -> Vec<Step> {
    let state = &data.state;
    let mut steps = Vec::new();
    steps.extend(preparation(f, state));
    steps.extend(arrival(f, data));
    steps.extend(talk(f, data));
    steps.extend(departure(f, state));
    steps.extend(outcome(f, data));
    steps.extend(submit(f, data));
    for amendment in in_order(state) {
        steps.push(Step {
            time: time(&amendment.at),
            title: f.w.with("visit.amendment", &[("name", &data.person(amendment.by))]),
            texts: vec![
                amendment.text.clone(),
                f.w.with("visit.reason", &[("text", &amendment.reason)]),
            ],
            ..Step::default()
        });
    }
    steps
}

fn in_order(state: &VisitState) -> Vec<&client_core::docs::visit::Amendment> {
    let mut amendments: Vec<_> = state.amendments.values().collect();
    amendments.sort_by_key(|amendment| amendment.at.at);
    amendments
}

/// In the zone where it happened: "09:10" on a visit is read as it was there.
fn time(captured: &CapturedAt) -> String {
    format::clock(captured.at, captured.offset_s)
}

fn preparation(f: &Format, state: &VisitState) -> Option<Step> {
    let mut texts = Vec::new();
    if let Some(objective) = text(state.objective.as_deref()) {
        texts.push(f.w.with("visit.objective", &[("text", &objective)]));
    }
    if let Some(reason) = text(state.unplanned_reason.as_deref()) {
        texts.push(f.w.with("visit.reason", &[("text", &reason)]));
    }
    let key = match state.planned {
        Some(_) => "visit.planned",
        None if texts.is_empty() => return None,
        None => "visit.unplanned",
    };
    Some(Step { title: f.w.say(key).to_owned(), texts, ..Step::default() })
}

fn arrival(f: &Format, data: &VisitData) -> Option<Step> {
    let Some(check) = &data.state.check_in else {
        let started = data.state.started_at.as_ref()?;
        let title = f.w.say("visit.started").to_owned();
        return Some(Step { time: time(started), title, ..Step::default() });
    };
    let (mut texts, map) = place(f, data, check);
    if let Some(fix) = &check.fix
        && fix.is_mock
    {
        texts.push(f.w.say("visit.mock").to_owned());
    }
    Some(Step {
        time: time(&check.at),
        title: f.w.say("visit.check_in").to_owned(),
        state: place_state(f, data.judged.as_ref()),
        texts,
        map,
    })
}

fn place(f: &Format, data: &VisitData, check: &Check) -> (Vec<String>, Option<PlaceSketch>) {
    let Some(fix) = &check.fix else {
        return (vec![f.w.say("visit.no_fix").to_owned()], None);
    };
    let accuracy = f.metres(fix.accuracy_mm);
    let accurate =
        f.w.with("visit.accuracy", &[("metres", &accuracy), ("provider", &fix.provider)]);
    let fence = data.policy.as_ref().map_or(0, |policy| i64::from(policy.visits.fence_m.0));
    let home = data.position.filter(|home| home.datum == fix.point.datum && fence > 0);
    let Some(home) = home else { return (vec![accurate], None) };
    let (east, north) = offset_mm(home, fix.point);
    let away = f.metres(length(east, north));
    let values: [(&str, &dyn std::fmt::Display); 3] =
        [("metres", &away), ("fence", &fence), ("accuracy", &accuracy)];
    let sketch = sketch(fix, fence, (east, north), f.w.with("visit.map", &values));
    (vec![f.w.with("visit.distance", &values), accurate], Some(sketch))
}

fn sketch(fix: &Fix, fence_m: i64, (east, north): (i64, i64), label: String) -> PlaceSketch {
    PlaceSketch::new(east, north, fix.accuracy_mm, fence_m.saturating_mul(1000), label)
}

/// How far `there` lies east and north of `here`, in millimetres. Flat, for a
/// drawing of some hundred metres; the verdict is the rule core's.
fn offset_mm(here: Point, there: Point) -> (i64, i64) {
    const MM_PER_E7: f64 = 11.119_492_66;
    let degrees = |e7: i64| e7 as f64 / 10_000_000.0;
    let shrink = degrees(here.lat_e7).to_radians().cos();
    let north = (there.lat_e7 - here.lat_e7) as f64 * MM_PER_E7;
    let east = (there.lon_e7 - here.lon_e7) as f64 * MM_PER_E7 * shrink;
    (east.round() as i64, north.round() as i64)
}

fn length(east: i64, north: i64) -> i64 {
    (east as f64).hypot(north as f64).round() as i64
}

fn talk(f: &Format, data: &VisitData) -> Option<Step> {
    let state = &data.state;
    let names: Vec<String> =
        state.contacts_met.keys().filter_map(|id| data.contacts.get(id).cloned()).collect();
    let mut texts = Vec::new();
    let met = i64::try_from(state.contacts_met.len()).unwrap_or(i64::MAX);
    let title = match (names.is_empty(), met) {
        (true, 0) => String::new(),
        (true, met) => f.w.count("visit.met_contacts", met, &[("n", &met)]),
        (false, _) => names.join(", "),
    };
    let lists = [
        ("visit.needs", state.needs.values().cloned().collect::<Vec<_>>()),
        ("visit.objections", state.objections.values().cloned().collect()),
        ("visit.competitors", competitors(state)),
        ("visit.products", products(state)),
    ];
    for (label, items) in lists {
        if !items.is_empty() {
            texts.push(format!("{}: {}", f.w.say(label), items.join(", ")));
        }
    }
    for (user, note) in &state.co_visitor_notes {
        let by = f.w.with("visit.co_note", &[("name", &data.person(*user))]);
        texts.push(format!("{by}: {note}"));
    }
    let empty = title.is_empty() && texts.is_empty();
    let title = if title.is_empty() {
        f.w.say("visit.talk").to_owned()
    } else {
        format!("{}: {title}", f.w.say("visit.met"))
    };
    (!empty).then(|| Step { title, texts, ..Step::default() })
}

fn competitors(state: &VisitState) -> Vec<String> {
    let seen = state.competitors.values();
    seen.filter_map(|seen| match (&seen.name, &seen.note) {
        (Some(name), Some(note)) => Some(format!("{name} ({note})")),
        (name, note) => name.clone().or_else(|| note.clone()),
    })
    .collect()
}

fn products(state: &VisitState) -> Vec<String> {
    state.products.values().filter_map(|shown| shown.product.clone()).collect()
}

fn departure(f: &Format, state: &VisitState) -> Option<Step> {
    let (end, key) = match (&state.check_out, &state.ended_at) {
        (Some(check), _) => (&check.at, "visit.check_out"),
        (None, Some(end)) => (end, "visit.ended"),
        (None, None) => return None,
    };
    let start = state.check_in.as_ref().map(|check| &check.at).or(state.started_at.as_ref());
    let minutes = start.map(|start| end.at.since(start.at) / 60_000);
    let onsite = state.mode == Some(VisitMode::Onsite);
    let lasted = if onsite { "visit.duration_onsite" } else { "visit.duration" };
    Some(Step {
        time: time(end),
        title: f.w.say(key).to_owned(),
        texts: minutes
            .map(|minutes| f.w.with(lasted, &[("minutes", &minutes)]))
            .into_iter()
            .collect(),
        ..Step::default()
    })
}

fn outcome(f: &Format, data: &VisitData) -> Option<Step> {
    let state = &data.state;
    let result = text(state.result.as_deref());
    if state.outcome.is_none() && result.is_none() && state.next_step.is_none() {
        return None;
    }
    let title = match &state.outcome {
        Some(outcome) => {
            let word = f.w.code("outcome", outcome.as_str());
            f.w.with("visit.outcome", &[("outcome", &word)])
        }
        None => f.w.say("visit.no_outcome").to_owned(),
    };
    let mut texts: Vec<String> = result.into_iter().collect();
    match &state.next_step {
        Some(NextStep::None) => texts.push(f.w.say("visit.next_none").to_owned()),
        Some(NextStep::Do { what, due, who }) => {
            let mut line = f.w.with("visit.next_do", &[("what", what)]);
            if let Some(due) = due {
                let by = f.w.with("visit.next_due", &[("date", &f.day(*due))]);
                line = format!("{line} · {by}");
            }
            if let Some(who) = who {
                line = format!("{line} · {}", data.person(*who));
            }
            texts.push(line);
        }
        None => {}
    }
    Some(Step { title, texts, ..Step::default() })
}

fn submit(f: &Format, data: &VisitData) -> Option<Step> {
    let stored = f.w.with("visit.stored", &[("when", &f.moment(data.received_at))]);
    let Some(submitted) = &data.state.submitted_at else {
        let title = f.w.say("visit.not_submitted").to_owned();
        let state = Some(word(f, Tone::Neutral, "verdict.draft"));
        return Some(Step { title, state, texts: vec![stored], ..Step::default() });
    };
    Some(Step {
        time: time(submitted),
        title: f.w.say("visit.submitted").to_owned(),
        texts: vec![stored],
        ..Step::default()
    })
}

fn text(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_point_the_right_way_and_have_the_right_length() {
        let shanghai = Point::wgs84(312_304_000, 1_214_737_000).unwrap();
        let north = Point::wgs84(312_313_000, 1_214_737_000).unwrap();
        let (east, up) = offset_mm(shanghai, north);
        assert_eq!(east, 0);
        assert!((up - 100_075).abs() < 5, "{up} mm for 9e-4 degrees of latitude");
        let west = Point::wgs84(312_304_000, 1_214_727_000).unwrap();
        let (left, _) = offset_mm(shanghai, west);
        assert!((-96_000..-94_000).contains(&left), "{left} mm for 1e-3 degrees west at 31°");
    }
}
