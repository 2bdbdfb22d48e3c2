//! The command line: what an administrator does on the server's machine.
//!
//! Scripts and people use the same verbs, so each answers in words or with
//! `--json`, and ends with a code that means one thing:
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 2 | the request was wrong; nothing was changed |
//! | 3 | the configuration or the program's version does not fit |
//! | 4 | the data is not there, not ours or damaged; of an import, some rows were not taken |
//! | 5 | something needed is not available now: a port, the disk |

mod answer;
mod appraisal;
mod asked;
mod audit;
mod backup;
mod calendar;
mod customer;
mod data;
#[cfg(feature = "demo")]
mod demo;
mod device;
mod doctor;
mod erase;
mod evaluate;
mod explain;
mod failure;
mod import;
mod init;
mod invite;
mod limits;
mod place;
mod policy;
mod quarantine;
mod replay;
mod report;
mod rescue;
mod restore;
mod serve;
mod signals;
mod target;
mod unit;
mod user;
mod visit;

use std::process::ExitCode;

use anyhow::Context;
use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use answer::Answer;
use failure::{Exit, Failure};

/// Offline-first field sales: the server.
#[derive(Debug, Parser)]
#[command(name = "fieldsync", version, about)]
struct Cli {
    /// Answer in JSON, one object, on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a data directory with an org and its first admin.
    Init(init::Init),
    /// Run the server.
    Serve(serve::Serve),
    /// Play a working day of an invented company, on simulated phones.
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// People who sign in.
    User(user::User),
    /// Units of the sales organisation.
    Unit(unit::Unit),
    /// Phones.
    Device(device::Device),
    /// Targets.
    Target(target::Target),
    Place(place::Place),
    /// Customers that are one.
    Customer(customer::Customer),
    /// Decisions about visits.
    Visit(visit::Visit),
    /// Objections of reps to lines of their cards.
    Contest(asked::Contest),
    /// What the server noticed about visits and deals.
    Signal(asked::Signal),
    Appraisal(appraisal::Appraisal),
    /// Erase personal data, here and on every phone.
    Erase(erase::Erase),
    Audit(audit::Audit),
    Quarantine(quarantine::Quarantine),
    /// The rules that visits and scores are judged by.
    Policy(policy::Policy),
    Calendar(calendar::Calendar),
    Replay(replay::Replay),
    /// Figures of a stretch of time: deals, scorecards.
    Report(report::Report),
    Evaluate(evaluate::Evaluate),
    Explain(explain::Explain),
    Import(import::Import),
    /// Copy everything into one file, while the server runs.
    Backup(backup::Backup),
    /// Put a backup in place: another life of the data, which phones notice and complete.
    Restore(restore::Restore),
    /// Work saved from revoked phones.
    Rescue(rescue::Rescue),
    Doctor(doctor::Doctor),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            // Nothing to be done if standard error is closed.
            drop(error.print());
            return if asked { ExitCode::SUCCESS } else { Exit::Usage.into() };
        }
    };
    let json = cli.json;
    match run(cli) {
        Ok(answer) => answer.print(json),
        Err(failure) => failure.print(json),
    }
}

fn run(cli: Cli) -> Result<Answer, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime could not be started")?;
    let answer = runtime.block_on(async {
        match cli.verb {
            Verb::Init(verb) => verb.run().await,
            Verb::Serve(verb) => verb.run(cli.json).await,
            #[cfg(feature = "demo")]
            Verb::Demo(verb) => verb.run(cli.json).await,
            Verb::User(verb) => verb.run().await,
            Verb::Unit(verb) => verb.run().await,
            Verb::Device(verb) => verb.run().await,
            Verb::Target(verb) => verb.run().await,
            Verb::Place(verb) => verb.run().await,
            Verb::Customer(verb) => verb.run().await,
            Verb::Visit(verb) => verb.run().await,
            Verb::Contest(verb) => verb.run().await,
            Verb::Signal(verb) => verb.run().await,
            Verb::Appraisal(verb) => verb.run().await,
            Verb::Erase(verb) => verb.run().await,
            Verb::Audit(verb) => verb.run().await,
            Verb::Quarantine(verb) => verb.run().await,
            Verb::Policy(verb) => verb.run().await,
            Verb::Calendar(verb) => verb.run().await,
            Verb::Replay(verb) => verb.run().await,
            Verb::Report(verb) => verb.run().await,
            Verb::Evaluate(verb) => verb.run(),
            Verb::Explain(verb) => verb.run().await,
            Verb::Import(verb) => verb.run().await,
            Verb::Backup(verb) => verb.run().await,
            Verb::Restore(verb) => verb.run().await,
            Verb::Rescue(verb) => verb.run().await,
            Verb::Doctor(verb) => verb.run(cli.json).await,
        }
    });
    // After a second signal something may still hold on; the process ends anyway.
    runtime.shutdown_background();
    answer
}
