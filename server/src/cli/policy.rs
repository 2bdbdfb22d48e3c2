//! `fieldsync policy`.

use std::path::PathBuf;

use clap::Subcommand;
use client_core::period::Period;
use client_core::records::PolicyRecord;
use client_core::rules::Policy as Rules;
use client_core::rules::policy::{
    EXAMPLES, Example, PRESETS, PolicyChange, difference, preset_text, unexplained,
};
use client_core::time::Date;
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::{Exit, Failure};
use crate::office::{Office, SetPolicy, SetPolicyError};

/// The rules that visits and scores are judged by.
#[derive(Debug, clap::Args)]
pub(super) struct Policy {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Say whether a policy is sound; with --data also what it would change.
    Check(Text),
    /// Print the policy that a period is scored by.
    Show {
        /// The period; this month if absent.
        #[arg(long, conflicts_with_all = ["number", "preset"])]
        period: Option<Period>,
        /// A version, by its number.
        #[arg(long = "number", value_name = "N", conflicts_with = "preset")]
        number: Option<u32>,
        /// A policy that ships with fieldsync.
        #[arg(long)]
        preset: Option<String>,
    },
    /// Put a policy in force as the next version.
    Set {
        #[command(flatten)]
        text: Text,
        /// For periods that begin on or after this day; the first of this month if absent.
        #[arg(long)]
        effective_from: Option<Date>,
        /// Let it begin in a month that is over, whose cards are then computed again.
        #[arg(long)]
        restate: bool,
    },
    /// Every version, what it changed, and the months it is in force for.
    History,
    /// Parts of policies as the guides have them; prints the one that is named.
    Example {
        /// Its name.
        name: Option<String>,
    },
}

/// Where a policy's text comes from.
#[derive(Debug, clap::Args)]
struct Text {
    /// A TOML file.
    #[arg(required_unless_present = "preset", conflicts_with = "preset")]
    file: Option<PathBuf>,
    /// A policy that ships with fieldsync.
    #[arg(long)]
    preset: Option<String>,
    /// An example to take the place of what the policy says there, such as stages-s1.
    #[arg(long, value_name = "EXAMPLE")]
    with: Vec<String>,
}

impl Text {
    fn read(&self) -> Result<String, Failure> {
        let text = match (&self.file, &self.preset) {
            (Some(file), _) => data::text(file)?,
            (None, preset) => shipped(preset.as_deref().unwrap_or_default())?.to_owned(),
        };
        self.with.iter().try_fold(text, |text, name| Ok(example(name)?.put_into(&text)))
    }
}

impl Policy {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        match self.verb {
            Verb::Check(text) => check(&text.read()?, &self.data).await,
            Verb::Show { preset: Some(preset), .. } => {
                let text = shipped(&preset)?;
                Ok(Answer::new(text.trim_end(), json!({ "preset": preset, "toml": text })))
            }
            Verb::Show { period, number, preset: None } => show(&self.data, period, number).await,
            Verb::Set { text, effective_from, restate } => {
                let wanted = SetPolicy { toml: text.read()?, effective_from, restate };
                set(&self.data, wanted).await
            }
            Verb::History => history(&self.data).await,
            Verb::Example { name: Some(name) } => {
                let Example { name, about, text } = example(&name)?;
                let json = json!({ "name": name, "about": about, "toml": text });
                Ok(Answer::new(text.trim_end(), json))
            }
            Verb::Example { name: None } => {
                let rows: Vec<[String; 2]> = EXAMPLES
                    .iter()
                    .map(|one| [one.name.to_owned(), one.about.to_owned()])
                    .collect();
                let json =
                    EXAMPLES.iter().map(|one| json!({ "name": one.name, "about": one.about }));
                Ok(Answer::table(["NAME", "WHAT"], &rows, Value::Array(json.collect())))
            }
        }
    }
}

async fn check(text: &str, data: &DataArg) -> Result<Answer, Failure> {
    let policy = Rules::from_toml(text).map_err(SetPolicyError::from)?;
    let bare = unexplained(text, &policy.sources);
    let mut words = format!(
        "The policy {:?} is sound: {} indicators, {} visit rules, {} stages.",
        policy.name,
        policy.scorecard.indicators.len(),
        policy.frequency.len(),
        policy.pipeline.stages.len()
    );
    if !bare.is_empty() {
        let each: Vec<String> =
            bare.iter().map(|number| format!("  line {}: {}", number.line, number.key)).collect();
        words = format!(
            "{words}\nThese numbers have no line in [sources] that says where they come from:\n{}",
            each.join("\n")
        );
    }
    let mut json = json!({
        "name": policy.name,
        "hash": hash(&policy),
        "unexplained": bare.iter().map(|number| json!({ "line": number.line, "key": number.key }))
            .collect::<Vec<_>>(),
    });
    if data.is_given() {
        let (app, office) = data.office().await?;
        let this_month = Period::month_of(office.calendar().await?.zone.date(app.clock().now()));
        let in_force = in_force(&office, this_month).await?;
        let before = Rules::from_toml(&in_force.toml).map_err(SetPolicyError::from)?;
        let changes = difference(&before, &policy);
        words = format!("{words}\n{}", told(&changes, in_force.version));
        if let Some(json) = json.as_object_mut() {
            json.insert("against_version".into(), json!(in_force.version));
            json.insert("changes".into(), json!(changes));
        }
    }
    Ok(Answer::new(words, json))
}

async fn show(
    data: &DataArg,
    period: Option<Period>,
    number: Option<u32>,
) -> Result<Answer, Failure> {
    let (app, office) = data.office().await?;
    let policy = match number {
        Some(number) => {
            let found = office.policies().await?.into_iter().find(|one| one.version == number);
            let none = || Failure::usage(format!("there is no version {number} of the policy"));
            found.ok_or_else(none)?
        }
        None => {
            let zone = office.calendar().await?.zone;
            let now = || Period::month_of(zone.date(app.clock().now()));
            in_force(&office, period.unwrap_or_else(now)).await?
        }
    };
    let words = format!(
        "# version {}, in force from {}\n{}",
        policy.version,
        policy.effective_from,
        policy.toml.trim_end()
    );
    let mut json = json!(policy);
    if let (Ok(read), Some(json)) = (Rules::from_toml(&policy.toml), json.as_object_mut()) {
        json.insert("hash".into(), json!(hash(&read)));
    }
    Ok(Answer::new(words, json))
}

async fn in_force(office: &Office, period: Period) -> Result<PolicyRecord, Failure> {
    let none = || {
        let happened = format!("no policy is in force for {period}");
        Failure::new(Exit::Data, happened, "Set one: `fieldsync policy set FILE`.")
    };
    office.policy_for(period).await?.ok_or_else(none)
}

async fn set(data: &DataArg, wanted: SetPolicy) -> Result<Answer, Failure> {
    let (_app, office) = data.office().await?;
    let before = office.policies().await?;
    let policy = office.set_policy(wanted).await?;
    let (version, from) = (policy.version, policy.effective_from);
    let former = PolicyRecord::for_period(&before, Period::month_of(from));
    let (changes, against) = changes(former, &policy);
    let words = format!("Version {version} is in force from {from}.\n{}", told(&changes, against));
    let json =
        json!({ "version": version, "effective_from": from, "id": policy.id, "changes": changes });
    Ok(Answer::new(words, json))
}

async fn history(data: &DataArg) -> Result<Answer, Failure> {
    let (_app, office) = data.office().await?;
    let all = office.policies().await?;
    let mut rows = Vec::with_capacity(all.len());
    let mut told = Vec::with_capacity(all.len());
    let mut before: Option<&PolicyRecord> = None;
    for policy in &all {
        let (changes, _against) = changes(before, policy);
        let read = Rules::from_toml(&policy.toml).ok();
        let name = read.as_ref().map(|read| read.name.clone()).unwrap_or_default();
        let hash = read.as_ref().map(hash).unwrap_or_default();
        rows.push([
            policy.version.to_string(),
            policy.effective_from.to_string(),
            name.clone(),
            hash.chars().take(12).collect(),
            if before.is_some() { brief(&changes) } else { "the first".to_owned() },
        ]);
        told.push(json!({
            "version": policy.version,
            "effective_from": policy.effective_from,
            "id": policy.id,
            "name": name,
            "hash": hash,
            "changes": changes,
        }));
        before = Some(policy);
    }
    let header = ["VERSION", "FROM", "NAME", "HASH", "CHANGED"];
    Ok(Answer::table(header, &rows, Value::Array(told)))
}

/// What a version says differently from an earlier one, and which that is.
fn changes(before: Option<&PolicyRecord>, after: &PolicyRecord) -> (Vec<PolicyChange>, u32) {
    let read = |record: &PolicyRecord| Rules::from_toml(&record.toml).ok();
    let both = before.and_then(read).zip(read(after));
    let changes = both.map(|(before, after)| difference(&before, &after)).unwrap_or_default();
    (changes, before.map_or(0, |before| before.version))
}

/// The first few changes in a line.
fn brief(changes: &[PolicyChange]) -> String {
    let mut words: Vec<String> = changes.iter().take(3).map(one).collect();
    if changes.len() > 3 {
        words.push(format!("and {} more", changes.len() - 3));
    }
    if words.is_empty() { "nothing".to_owned() } else { words.join("; ") }
}

fn told(changes: &[PolicyChange], version: u32) -> String {
    if changes.is_empty() {
        return format!("It says what version {version} says.");
    }
    let each: Vec<String> = changes.iter().map(|change| format!("  {}", one(change))).collect();
    format!("Against version {version}:\n{}", each.join("\n"))
}

fn one(change: &PolicyChange) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
    format!("{} {} → {}", change.key, value(&change.before), value(&change.after))
}

fn hash(policy: &Rules) -> String {
    data_encoding::HEXLOWER.encode(&policy.hash())
}

fn example(name: &str) -> Result<Example, Failure> {
    let unknown = || {
        let known: Vec<&str> = EXAMPLES.iter().map(|one| one.name).collect();
        let known = known.join(", ");
        Failure::usage(format!("there is no example {name:?}: choose one of {known}"))
    };
    Example::find(name).ok_or_else(unknown)
}

fn shipped(preset: &str) -> Result<&'static str, Failure> {
    let unknown = || {
        let known = PRESETS.join(", ");
        Failure::usage(format!("there is no preset {preset:?}: choose one of {known}"))
    };
    preset_text(preset).ok_or_else(unknown)
}
