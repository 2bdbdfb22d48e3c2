//! `fieldsync place`.

use chrono::DateTime;
use clap::Subcommand;
use client_core::id::DocId;
use client_core::records::{PlacementRecord, Tier};
use client_core::time::Timestamp;
use serde_json::json;

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::office::{By, Office};

/// Decide who holds customers and deals. What is not named stays as it is.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Place {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    one: One,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Who holds a customer or deal, and who held it before.
    Show {
        /// The customer or deal.
        id: DocId,
    },
    /// Give everything of one person to another: their customers and deals, and their
    /// part in other people's customers.
    Everything {
        /// Whose, by login.
        #[arg(long)]
        of: String,
        /// To whom, by login.
        #[arg(long)]
        to: String,
        /// The unit it goes to, by name or id; the successor's main one if absent.
        #[arg(long)]
        unit: Option<String>,
        /// From when, such as 2026-10-08T09:00:00+08:00; now if absent.
        #[arg(long, value_parser = instant)]
        from: Option<Timestamp>,
    },
}

#[derive(Debug, clap::Args)]
struct One {
    /// The customer or deal.
    #[arg(required = true)]
    id: Option<DocId>,
    /// Its owner, by login.
    #[arg(long)]
    owner: Option<String>,
    /// Everybody who works on it too, by login.
    #[arg(long, conflicts_with_all = ["add", "remove"])]
    collaborator: Vec<String>,
    /// Somebody more who works on it too, by login.
    #[arg(long)]
    add: Vec<String>,
    /// Somebody who works on it no longer, by login.
    #[arg(long)]
    remove: Vec<String>,
    /// Its unit, by name or id; with another owner, the owner's main one if absent.
    #[arg(long)]
    unit: Option<String>,
    /// a (core), b (potential), c (maintenance) or none.
    #[arg(long, value_parser = tier)]
    tier: Option<TierChoice>,
    /// From when, such as 2026-10-08T09:00:00+08:00; now if absent.
    #[arg(long, value_parser = instant)]
    from: Option<Timestamp>,
    /// With another owner: leave the open deals with whoever holds them.
    #[arg(long, requires = "owner")]
    keep_deals: bool,
}

/// A tier, or that there is to be none.
#[derive(Debug, Clone, Copy)]
struct TierChoice(Option<Tier>);

fn tier(code: &str) -> Result<TierChoice, String> {
    let code = code.to_ascii_lowercase();
    if code == "none" {
        return Ok(TierChoice(None));
    }
    let tier = Tier::parse(&code).ok_or_else(|| "expected a, b, c or none".to_owned())?;
    Ok(TierChoice(Some(tier)))
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let at = DateTime::parse_from_rfc3339(text).map_err(|error| error.to_string())?;
    Ok(at.to_utc().into())
}

impl Place {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let (_app, office) = self.data.office().await?;
        match self.verb {
            None => self.one.run(&office).await,
            Some(Verb::Show { id }) => {
                let placement = office.placement(id).await?;
                let unknown = || Failure::usage(format!("nobody holds a customer or deal {id}"));
                shown(&office, &placement.ok_or_else(unknown)?).await
            }
            Some(Verb::Everything { of, to, unit, from }) => {
                let unit = unit_of(&office, unit.as_deref()).await?;
                let (former, next) =
                    (data::person(&office, &of).await?, data::person(&office, &to).await?);
                let registrar = office.registrar(By::CommandLine).await?;
                let wanted = crate::office::Place { unit, from, ..crate::office::Place::default() };
                let done = registrar.hand_over(former.id, next.id, wanted).await?;
                let mut words = format!(
                    "{to} owns {} customers and deals of {of}, and works on {} with their owners.",
                    done.owned, done.shared
                );
                for refusal in &done.left {
                    words.push_str(&format!("\nLeft as it was: {refusal}."));
                }
                let left: Vec<String> = done.left.iter().map(ToString::to_string).collect();
                let json = json!({ "owned": done.owned, "shared": done.shared, "left": left });
                Ok(Answer::new(words, json))
            }
        }
    }
}

impl One {
    async fn run(self, office: &Office) -> Result<Answer, Failure> {
        let Some(id) = self.id else {
            return Err(Failure::usage("say which customer or deal"));
        };
        let mut wanted = crate::office::Place {
            owner: None,
            unit: unit_of(office, self.unit.as_deref()).await?,
            tier: self.tier.map(|TierChoice(tier)| tier),
            collaborators: None,
            add: people(office, &self.add).await?,
            remove: people(office, &self.remove).await?,
            from: self.from,
            keep_deals: self.keep_deals,
            deals_of: None,
        };
        if let Some(owner) = &self.owner {
            wanted.owner = Some(data::person(office, owner).await?.id);
        }
        if !self.collaborator.is_empty() {
            wanted.collaborators = Some(people(office, &self.collaborator).await?);
        }
        if (crate::office::Place { from: None, keep_deals: false, ..wanted.clone() })
            == Default::default()
        {
            return Err(Failure::usage(
                "say what is to change: --owner, --unit, --tier, --collaborator, --add or --remove",
            ));
        }
        let registrar = office.registrar(By::CommandLine).await?;
        let placed = registrar.place_with_deals(id, wanted).await?;
        let answer = shown(office, &placed.placement).await?;
        Ok(match placed.deals.len() {
            0 => answer,
            n => answer.below(&format!("Open deals that went along: {n}.\n\n")),
        })
    }
}

async fn people(
    office: &Office,
    logins: &[String],
) -> Result<Vec<client_core::id::UserId>, Failure> {
    let mut people = Vec::new();
    for login in logins {
        people.push(data::person(office, login).await?.id);
    }
    Ok(people)
}

async fn unit_of(
    office: &Office,
    named: Option<&str>,
) -> Result<Option<client_core::id::UnitId>, Failure> {
    match named {
        Some(named) => Ok(Some(data::unit(office, named).await?)),
        None => Ok(None),
    }
}

/// The placement, newest span first, with names.
async fn shown(office: &Office, placement: &PlacementRecord) -> Result<Answer, Failure> {
    let (people, units) = (office.people().await?, office.units().await?);
    let person = |id: client_core::id::UserId| {
        let found = people.iter().find(|user| user.id == id);
        found.map_or_else(|| id.to_string(), |user| user.name.clone())
    };
    let rows: Vec<[String; 6]> = placement
        .spans
        .iter()
        .rev()
        .map(|span| {
            let with: Vec<String> = span.collaborators.iter().map(|user| person(*user)).collect();
            [
                person(span.owner),
                with.join(", "),
                units.get(&span.unit).map_or_else(String::new, |unit| unit.name.clone()),
                span.tier.map_or_else(String::new, |tier| tier.as_str().to_uppercase()),
                span.from.to_string(),
                span.until.map_or_else(String::new, |until| until.to_string()),
            ]
        })
        .collect();
    Ok(Answer::table(["OWNER", "WITH", "UNIT", "TIER", "FROM", "UNTIL"], &rows, json!(placement)))
}
