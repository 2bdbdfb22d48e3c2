//! `fieldsync customer`.

use clap::Subcommand;
use client_core::id::DocId;
use serde_json::json;

use super::answer::Answer;
use super::data::DataArg;
use super::failure::Failure;

/// Customers that are one.
#[derive(Debug, clap::Args)]
pub(super) struct Customer {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Say that a customer is another one: its visits, deals and due dates count there.
    /// Nothing is lost, and `unmerge` takes it back.
    Merge {
        /// The customer that is shown no more.
        customer: DocId,
        /// The customer it is.
        into: DocId,
    },
    /// Take a merge back.
    Unmerge {
        /// The customer that was merged into another.
        customer: DocId,
    },
    /// Every merge in force.
    Merged,
}

impl Customer {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let (_app, office) = self.data.office().await?;
        match self.verb {
            Verb::Merge { customer, into } => {
                let alias = office.merge_customers(customer, into, None).await?;
                let words = format!("{customer} is {into} from now on.");
                Ok(Answer::new(words, json!(alias)))
            }
            Verb::Unmerge { customer } => {
                let alias = office.part_customers(customer, None).await?;
                let words = format!("{customer} is a customer of its own again.");
                Ok(Answer::new(words, json!(alias)))
            }
            Verb::Merged => {
                let mut merges = office.alias_records().await?;
                merges.retain(client_core::records::AliasRecord::in_force);
                let rows: Vec<[String; 3]> = merges
                    .iter()
                    .map(|alias| {
                        [alias.from.to_string(), alias.into.to_string(), alias.at.to_string()]
                    })
                    .collect();
                Ok(Answer::table(["CUSTOMER", "IS", "SINCE"], &rows, json!(merges)))
            }
        }
    }
}
