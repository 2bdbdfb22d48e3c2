//! The load tool: `fleet field-day`, `fleet scale`, `fleet figures`, `fleet pages`. See `tests::fleet`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde_json::{Value, json};
use tests::fleet::corpus::Size;
use tests::fleet::field_day::{self, Outcome};
use tests::fleet::pages::{self, PagesRun};
use tests::fleet::phase::Phase;
use tests::fleet::profile::Profile;
use tests::fleet::world::SERVER_ENV;
use tests::fleet::{Options, Said, figures};

/// Measures a fleet of phones against a real server, and checks that all agree.
///
/// Phones are real engines with their own SQLite files, the server is a process of
/// its own, traffic is counted at the socket with HTTP headers. Progress goes to
/// standard error. Exits with 1 if anything differs at the end.
#[derive(Debug, Parser)]
#[command(name = "fleet", version)]
struct Cli {
    /// Answer in JSON, one object, on standard output.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Play a whole day: first sync, a day without signal, everybody back at once,
    /// nothing to do, one visit live; then compare everybody with the server.
    FieldDay(FieldDay),
    /// First sync and nothing to do, for one rep with 200, 1,000 and 5,000 customers.
    Scale(Scale),
    /// Measure every line of docs/PERFORMANCE.md and print its table. Takes minutes.
    Figures {
        /// Everything smaller, to see that it runs.
        #[arg(long)]
        quick: bool,
    },
    /// Open every page of the manager's over a million visits, and print their times.
    Pages(Pages),
}

/// What every verb takes.
#[derive(Debug, Args)]
struct Shared {
    /// Which fields are filled.
    #[arg(long, value_enum, default_value = "peer")]
    profile: Profile,
    /// How often each phone syncs with nothing to do.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// The same seed makes the same company.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to put the files, and so which disk is measured; removed at the end.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct FieldDay {
    /// Reps, each with a phone.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=2000))]
    reps: u32,
    /// Customers of each rep.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    customers: u32,
    /// Visits at each customer before the day.
    #[arg(long, default_value_t = 20)]
    history: u32,
    /// Visits each rep saves without signal.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    visits: u32,
    /// Visits of the live phase, one after the other.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    live: u32,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Debug, Args)]
struct Scale {
    /// How many customers the rep has, one run for each number.
    #[arg(long, value_delimiter = ',', default_values_t = [200, 1_000, 5_000])]
    customers: Vec<u32>,
    /// Visits at each customer.
    #[arg(long, default_value_t = 10)]
    history: u32,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Debug, Args)]
struct Pages {
    /// Where the company lies; founded if nothing is there, and kept.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Reps: with what follows, a million visits, 21,000 of them in the last week.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=2000))]
    reps: u32,
    /// Customers of each rep.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    customers: u32,
    /// Visits at each customer.
    #[arg(long, default_value_t = 25)]
    history: u32,
    /// How often each page is opened.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// The same seed makes the same company.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    if std::env::var_os(SERVER_ENV).is_some() {
        return server::cli::main();
    }
    let cli = Cli::parse();
    match run(cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // A closed standard error leaves nobody to tell.
            drop(writeln!(std::io::stderr(), "fleet: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            done = measure(cli) => done,
            // Dropping what runs removes its files and ends its server.
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                anyhow::bail!("interrupted; its files are removed")
            }
        }
    })
}

async fn measure(cli: Cli) -> anyhow::Result<bool> {
    let mut said = Said::default();
    match cli.verb {
        Verb::FieldDay(verb) => {
            let options = verb.options();
            let outcome = field_day::field_day(&options, &mut said).await?;
            answer(cli.json, &outcome.json(&options), &[&outcome])
        }
        Verb::Figures { quick } => {
            let (table, agreed) = figures::figures(quick, &mut said).await?;
            write!(std::io::stdout().lock(), "{table}")?;
            Ok(agreed)
        }
        Verb::Pages(verb) => {
            let measured = pages::measure(&verb.run(), &mut said).await?;
            write!(std::io::stdout().lock(), "{}", pages::table(&measured))?;
            Ok(measured.iter().all(|one| one.status == 200))
        }
        Verb::Scale(verb) => {
            let (mut steps, mut outcomes) = (Vec::new(), Vec::new());
            for customers in verb.customers.clone() {
                let options = verb.options(customers);
                let outcome = field_day::scale(&options, &mut said).await?;
                steps.push(outcome.json(&options));
                outcomes.push(outcome);
            }
            let all: Vec<&Outcome> = outcomes.iter().collect();
            answer(cli.json, &json!({ "scale": steps }), &all)
        }
    }
}

/// Prints, and says whether everybody agreed.
fn answer(json: bool, whole: &Value, outcomes: &[&Outcome]) -> anyhow::Result<bool> {
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{whole}")?;
    } else {
        for outcome in outcomes {
            writeln!(out, "{}", Phase::head())?;
            for phase in &outcome.phases {
                writeln!(out, "{}", phase.line())?;
            }
            for phase in outcome.phases.iter().filter(|phase| !phase.more.is_empty()) {
                writeln!(out, "{}: {}", phase.name, Value::Object(phase.more.clone()))?;
            }
            writeln!(out, "limits of this run: {}", outcome.limits)?;
            let verdict = &outcome.verdict;
            writeln!(
                out,
                "compared {} documents and {} scorecards: {} differences",
                verdict.documents,
                verdict.scorecards,
                verdict.differences.len()
            )?;
            for difference in verdict.differences.iter().take(20) {
                writeln!(out, "  {difference}")?;
            }
        }
    }
    out.flush()?;
    Ok(outcomes.iter().all(|outcome| outcome.verdict.differences.is_empty()))
}

impl Shared {
    fn options(&self, reps: u32, customers: u32, history: u32, visits: u32, live: u32) -> Options {
        Options {
            reps,
            size: Size { customers, visits: history, profile: self.profile },
            visits,
            live,
            rounds: self.rounds,
            seed: self.seed,
            dir: self.dir.clone(),
        }
    }
}

impl FieldDay {
    fn options(&self) -> Options {
        self.shared.options(self.reps, self.customers, self.history, self.visits, self.live)
    }
}

impl Scale {
    fn options(&self, customers: u32) -> Options {
        self.shared.options(1, customers, self.history, 0, 0)
    }
}

impl Pages {
    fn run(&self) -> PagesRun {
        PagesRun {
            data: self.data.clone(),
            reps: self.reps,
            size: Size { customers: self.customers, visits: self.history, profile: Profile::Peer },
            rounds: self.rounds,
            seed: self.seed,
        }
    }
}
