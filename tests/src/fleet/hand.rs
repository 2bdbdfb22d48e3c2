//! What a rep feels in the hand: opening, the first page of a list, a search, the
//! month's scorecard.

use client_core::engine::{Client, CustomerQuery, VisitQuery};
use client_core::period::Period;
use serde_json::{Value, json};

use super::phases::now_at;
use super::profile::zone;
use super::stopwatch::{Laps, millis, timed};

const TIMES: usize = 15;

/// The median of each in milliseconds, on a phone that holds whatever it holds.
pub fn in_the_hand(client: &Client) -> anyhow::Result<Value> {
    let month = Period::month_of(zone().date(now_at()));
    let open = median(|| {
        client.pause();
        client.resume()
    })?;
    Ok(json!({
        "open_ms": open,
        "customers_page_ms": median(|| client.customers(&CustomerQuery::default()))?,
        "visits_page_ms": median(|| client.visits(&VisitQuery::default()))?,
        "search_name_ms": median(|| client.search("精密", 50))?,
        "search_pinyin_ms": median(|| client.search("shyj", 50))?,
        "search_tail_ms": median(|| client.search("5678", 50))?,
        "scorecard_ms": median(|| client.scorecard(month, None))?,
        "agenda_ms": median(|| client.agenda(50))?,
    }))
}

fn median<T, E: std::error::Error + Send + Sync + 'static>(
    mut work: impl FnMut() -> Result<T, E>,
) -> anyhow::Result<f64> {
    let mut laps = Laps::default();
    for _ in 0..TIMES {
        let (done, lap) = timed(&mut work);
        done?;
        laps.add(lap);
    }
    Ok(millis(laps.percentile(50)))
}
