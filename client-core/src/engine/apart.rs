//! Where a phone's card and the official one differ, fact by fact.

use std::sync::Arc;

use super::client::{Client, Inner};
use super::error::ApartError;
use super::transport::{Cost, Outbound};
use crate::period::Period;
use crate::protocol::{INPUTS_PATH, InputsAnswer, InputsAsk};
use crate::rules::facts::FactsApart;
use crate::sync::{Fault, json};

impl Client {
    /// Which facts of this user's card the phone has and the server lacks, which the
    /// server has and the phone lacks, and of which the two say different things: for
    /// where [`Comparison::OtherFacts`](super::Comparison::OtherFacts) says that the cards
    /// rest on other facts. Asks the server, so it needs signal.
    ///
    /// # Errors
    /// [`ApartError`].
    pub async fn facts_apart(&self, period: Period) -> Result<FactsApart, ApartError> {
        // Brings fresh tokens, and whatever waited: most differences end with it.
        self.sync_once().await?;
        let inner = Arc::clone(&self.inner);
        let asked = self
            .inner
            .tracker
            .spawn_on(async move { ask(&inner, period).await }, self.inner.runtime());
        let answer = asked.await.map_err(|_ended| Fault::Cancelled)??;
        let (facts, policy) = self.own_facts(period, answer.as_of)?;
        Ok(FactsApart::of(facts.names(&policy), answer.facts))
    }
}

async fn ask(inner: &Inner, period: Period) -> Result<InputsAnswer, ApartError> {
    let (who, _store) = inner.replica()?;
    let kept = inner.tokens.load(who.org, who.user).map_err(Fault::from)?;
    let tokens = kept.ok_or(Fault::SignInNeeded)?;
    let outbound = Outbound::json(INPUTS_PATH, &InputsAsk { period });
    let outbound = outbound.map_err(|error| Fault::Store { reason: error.to_string() })?;
    let outbound = Outbound { token: Some(tokens.access_token), ..outbound };
    let answer = inner.transport.post(outbound, &mut Cost::default()).await;
    Ok(json(&answer.map_err(Fault::from)?)?)
}
