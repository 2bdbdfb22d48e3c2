//! How many visits a second the relay takes: pushes of several phones at the same
//! time, judged and committed in groups, in this process and without HTTP.

use client_core::id::ActorId;
use client_core::protocol::PushGroup;
use server::app::App;
use server::auth::SignedDevice;

use super::corpus::{self, Size};
use super::dice::Dice;
use super::founding::{former_phone, push};
use super::phases::now_at;
use super::profile::Profile;
use super::stopwatch::now;
use super::world::founded_without_history;

/// Visits of one push.
const PUSH: usize = 50;

/// A phone with visits that nobody has pushed yet.
pub struct Full {
    /// As whom it pushes.
    pub from: SignedDevice,
    /// Visits, all at customers that the server has.
    pub visits: Vec<PushGroup>,
}

/// A server's state and `phones` phones with `visits` visits each.
pub async fn prepared(
    dir: &std::path::Path,
    phones: u32,
    visits: u32,
    profile: Profile,
) -> anyhow::Result<(App, Vec<Full>)> {
    let founded = founded_without_history(dir, phones, profile).await?;
    let app = super::founding::open(dir)?;
    let mut full = Vec::new();
    for (number, rep) in founded.reps.iter().enumerate() {
        let mut dice = Dice::new(7, 9_000 + number as u64);
        let actor = ActorId::from_bytes(dice.bytes());
        let from = former_phone(&app, rep.visitor, actor, now_at(), &mut dice).await?;
        let size = Size { customers: 10, visits: visits / 10, profile };
        let history = corpus::history(rep.visitor, actor, size, now_at(), &mut dice)?;
        let mut groups: Vec<PushGroup> =
            history.documents.into_iter().map(|made| made.group).collect();
        let visits = groups.split_off(10);
        push(&app, &from, groups).await?;
        full.push(Full { from, visits });
    }
    Ok((app, full))
}

/// Pushes everything, all phones at the same time; gives visits per second.
pub async fn ingest(app: &App, phones: Vec<Full>) -> anyhow::Result<f64> {
    let visits: usize = phones.iter().map(|phone| phone.visits.len()).sum();
    let begun = now();
    let mut pushes = tokio::task::JoinSet::new();
    for Full { from, visits } in phones {
        let app = app.clone();
        pushes.spawn(async move {
            for part in visits.chunks(PUSH) {
                push(&app, &from, part.to_vec()).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = pushes.join_next().await {
        done??;
    }
    Ok(visits as f64 / begun.elapsed().as_secs_f64())
}
