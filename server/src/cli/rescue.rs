//! `fieldsync rescue`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Subcommand;
use client_core::docs::Document;
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{CommandId, DocId, UserId};
use client_core::projection::DocState;
use client_core::protocol::{ChangeResult, Command};
use client_core::rescue::{OpenRescueError, Rescue as Content, RescueSecret, RescuedChange};
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::DataArg;
use super::failure::{Exit, Failure};
use crate::office::Office;
use crate::relay::{self, HandedIn};

/// Work saved from revoked phones.
#[derive(Debug, clap::Args)]
pub(super) struct Rescue {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Read what a revoked phone sealed, and hand it to the server.
    Open {
        /// The file.
        file: PathBuf,
        /// Hand the changes to the server: as its author's own they are taken, or kept
        /// for a manager to decide. Doing it again changes nothing.
        #[arg(long)]
        apply: bool,
    },
}

impl Rescue {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let Verb::Open { file, apply } = self.verb;
        let (app, office) = self.data.office().await?;
        let bytes = std::fs::read(&file).map_err(|error| {
            let happened = format!("{} could not be read: {error}", file.display());
            Failure::new(Exit::Data, happened, "Check the path and the permissions.")
        })?;
        let org = app.org(office.org()).await?;
        let secret = RescueSecret::of_org(&org.secret);
        let content = Content::open(&bytes, org.id, &secret).map_err(|error| {
            let happened = format!("{}: {error}", file.display());
            let advice = match error {
                OpenRescueError::NotOurs => "Name the file that the phone left, *.rescue.",
                OpenRescueError::AnotherOrg { .. } => {
                    "Open it with the data directory of that org."
                }
                OpenRescueError::Damaged => "Fetch it from the phone again, whole.",
                OpenRescueError::Unreadable { .. } => "Open it with a newer fieldsync.",
            };
            Failure::new(Exit::Data, happened, advice)
        })?;
        let applied = match apply {
            true => Some(relay::rescued(&app, &content).await?),
            false => None,
        };
        let names = names(&office).await?;
        Ok(told(&content, &names, applied.as_ref()))
    }
}

async fn names(office: &Office) -> Result<BTreeMap<UserId, String>, Failure> {
    let people = office.people().await?;
    Ok(people.into_iter().map(|user| (user.id, user.name)).collect())
}

fn told(content: &Content, names: &BTreeMap<UserId, String>, applied: Option<&HandedIn>) -> Answer {
    let name = names.get(&content.user).unwrap_or(&content.user_name);
    let mut words = format!(
        "Work of {name} that phone {} held when its access ended, {}.\n",
        content.device, content.at
    );
    let documents: BTreeMap<DocId, Document> = content
        .documents
        .iter()
        .filter_map(|held| Document::load(held.header, &held.snapshot).ok())
        .map(|document| (document.header().doc, document))
        .collect();
    let mut listed: Vec<Value> = Vec::new();
    let mut last = None;
    for (place, change) in content.changes.iter().enumerate() {
        let document = documents.get(&change.header.doc);
        if last != Some(change.header.doc) {
            words.push_str(&format!("\n{}\n", title(change, document, names)));
            last = Some(change.header.doc);
        }
        let result = applied.and_then(|done| done.changes.get(place)).map(outcome);
        let fields = fields(document, change);
        words.push_str(&format!("  saved {}, {}", change.saved_at, state(change)));
        if let Some(result) = &result {
            words.push_str(&format!(" → {result}"));
        }
        words.push('\n');
        for (field, value) in &fields {
            let value = value.as_deref().unwrap_or("(removed)");
            words.push_str(&format!("    {field}: {value}\n"));
        }
        let header = &change.header;
        listed.push(json!({
            "document": header.doc,
            "kind": header.kind.as_str(),
            "title": document.map(shown),
            "author": names.get(&header.author),
            "author_id": header.author,
            "customer": header.customer,
            "saved_at": change.saved_at.to_string(),
            "state": change.state,
            "reason": change.reason,
            "fields": fields.iter().map(|(field, value)| json!({ "field": field, "value": value }))
                .collect::<Vec<_>>(),
            "result": result,
        }));
    }
    let requests = requests(content, applied);
    if !requests.is_empty() {
        words.push_str(&format!("\n{} requests without an answer\n", requests.len()));
        for (command, result) in &requests {
            if let Some(result) = result {
                words.push_str(&format!("  {} → {result}\n", command.kind));
            }
        }
    }
    match applied {
        None => words.push_str("\nNothing was handed to the server: say --apply for that."),
        Some(_) => words.push_str("\nWhat was kept aside waits for a manager's decision."),
    }
    let json = json!({
        "user": name,
        "user_id": content.user,
        "device": content.device,
        "made_at": content.at.to_string(),
        "changes": listed,
        "commands": requests.iter().map(|(command, result)| json!({
            "id": command.id, "kind": command.kind, "result": result,
        })).collect::<Vec<_>>(),
        "applied": applied.is_some(),
    });
    Answer::new(words, json)
}

/// Requests with what became of them, where they were handed in.
fn requests<'a>(
    content: &'a Content,
    applied: Option<&HandedIn>,
) -> Vec<(&'a Command, Option<String>)> {
    let answers: BTreeMap<CommandId, Option<&String>> = applied
        .iter()
        .flat_map(|done| &done.commands)
        .map(|answer| (answer.id, answer.refused.as_ref()))
        .collect();
    let told = |command: &Command| match answers.get(&command.id) {
        Some(None) => "taken".to_owned(),
        Some(Some(reason)) => format!("not taken: {reason}"),
        None => "not handed in, there were too many: say --apply again in an hour".to_owned(),
    };
    content.commands.iter().map(|one| (one, applied.map(|_done| told(one)))).collect()
}

/// A line about a document: what it is, of whom, by whom.
fn title(
    change: &RescuedChange,
    document: Option<&Document>,
    names: &BTreeMap<UserId, String>,
) -> String {
    let header = &change.header;
    let author = names.get(&header.author).cloned().unwrap_or_else(|| header.author.to_string());
    let shown = document.map_or_else(|| header.doc.to_string(), shown);
    format!("{} {shown} (by {author}, {})", header.kind.as_str(), header.doc)
}

fn shown(document: &Document) -> String {
    let named = match DocState::read(document) {
        DocState::Customer(customer) => customer.value.name,
        DocState::Visit(visit) => visit.value.customer_name,
        DocState::Deal(deal) => deal.value.name,
        DocState::Plan(plan) => plan.value.date.map(|date| date.to_string()),
        DocState::Case(case) => case.value.subject,
    };
    named.unwrap_or_else(|| document.header().doc.to_string())
}

fn state(change: &RescuedChange) -> String {
    let state = match change.state.as_str() {
        "saved" => "not sent yet",
        "sent" => "sent, no answer",
        "quarantined" => "waiting for a decision",
        "rejected" => "not taken",
        _ => "set aside",
    };
    match &change.reason {
        Some(reason) => format!("{state}: {reason}"),
        None => state.to_owned(),
    }
}

fn fields(document: Option<&Document>, change: &RescuedChange) -> Vec<(String, Option<String>)> {
    let Ok(screened) = ScreenedChange::screen(&change.bytes, &Limits::default()) else {
        return Vec::new();
    };
    let empty = Document::create(change.header);
    document.unwrap_or(&empty).fields_of(&screened.hash())
}

fn outcome(result: &ChangeResult) -> String {
    match result {
        ChangeResult::Stored => "taken".to_owned(),
        ChangeResult::Duplicate => "was there already".to_owned(),
        ChangeResult::MissingDeps(_) => {
            "kept aside: it builds on changes that are not here".to_owned()
        }
        ChangeResult::Quarantined { detail } => format!("kept aside: {detail}"),
        ChangeResult::Rejected { detail, .. } => format!("not taken: {detail}"),
    }
}
