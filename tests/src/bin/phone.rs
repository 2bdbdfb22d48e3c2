//! A phone process for the kill tests: `phone save|sync DIR URL [CUSTOMER]`.
//!
//! `save` logs visits until it is killed and reports `saved ID` after each, when
//! the save has returned. `sync` syncs until nothing waits and reports `synced N`.

use std::io::Write;
use std::path::Path;

use anyhow::Context;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, verb, dir, url, rest @ ..] = args.as_slice() else {
        anyhow::bail!("usage: phone save|sync DIR URL [CUSTOMER]");
    };
    let client = tests::phone::open(Path::new(dir), url)?;
    match verb.as_str() {
        "save" => {
            let customer = rest.first().context("which customer?")?.parse()?;
            report("ready")?;
            loop {
                let visit = tests::phone::complete_visit(&client, customer)?;
                report(&format!("saved {visit}"))?;
            }
        }
        "sync" => {
            report("ready")?;
            loop {
                let done = client.sync_once().await?;
                report(&format!("synced {}", done.pushed))?;
                if done.remaining == 0 {
                    return Ok(());
                }
            }
        }
        other => anyhow::bail!("{other} is neither save nor sync"),
    }
}

fn report(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}
