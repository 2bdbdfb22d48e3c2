//! What stands beside the story.

use client_core::docs::visit::{Attachment, VisitState};

use super::{PhotoRow, VisitData};
use crate::web::format::{self, Format};
use crate::web::pages::wording;
use crate::web::view::Pair;

pub(super) fn details(f: &Format, data: &VisitData) -> Vec<Pair> {
    let (w, state) = (f.w, &data.state);
    let start = super::super::customer::start_of(state).unwrap_or(data.received_at);
    let month = client_core::period::Period::month_of(f.zone.date(start));
    let mut pairs = vec![
        Pair {
            label: w.say("word.rep").to_owned(),
            value: data.rep_name.clone(),
            href: data.rep_href(month),
        },
        Pair::new(
            w.say("word.mode"),
            wording::code(w, "mode", state.mode.as_ref().map(|mode| mode.as_str())),
        ),
    ];
    if let Some(purpose) = &state.purpose {
        pairs.push(Pair::new(w.say("word.purpose"), w.code("purpose", purpose.as_str())));
    }
    let along: Vec<String> = state.co_visitors.keys().map(|user| data.person(*user)).collect();
    let deals: Vec<String> =
        state.deals.keys().filter_map(|deal| data.deals.get(deal).cloned()).collect();
    let help = state.help_request.as_ref().map(|help| {
        let parts = [help.kind.clone(), help.text.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
    });
    let lists = [
        ("visit.co_visitors", along.join(", ")),
        ("visit.deals", deals.join(", ")),
        ("visit.help", help.unwrap_or_default()),
        ("visit.faults", data.faults.join(", ")),
    ];
    let told = lists.into_iter().filter(|(_, value)| !value.is_empty());
    pairs.extend(told.map(|(label, value)| Pair::new(w.say(label), value)));
    for (question, answer) in &state.form_answers {
        pairs.push(Pair::new(question.clone(), answer.clone()));
    }
    pairs
}

pub(super) fn photos(f: &Format, state: &VisitState) -> Vec<PhotoRow> {
    let photos = state.photos.values().map(|file| ("visit.photo", file));
    let voices = state.voice_notes.values().map(|file| ("visit.voice", file));
    let signature = state.signature.iter().map(|file| ("visit.signature", file));
    let mut files: Vec<(&str, &Attachment)> = photos.chain(voices).chain(signature).collect();
    files.sort_by_key(|(_, file)| file.taken_at.at);
    files
        .into_iter()
        .map(|(key, file)| PhotoRow {
            title: f.w.with(key, &[("size", &f.size(file.length))]),
            taken: format::clock(file.taken_at.at, file.taken_at.offset_s),
            hash: super::super::short_hash(&file.hash.0),
        })
        .collect()
}
