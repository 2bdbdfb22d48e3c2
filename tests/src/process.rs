//! Real processes that tests start, listen to and kill.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

/// A server process on a data directory.
pub struct Relay {
    child: Child,
    /// Where it listens, `127.0.0.1:PORT`.
    pub addr: String,
}

impl Relay {
    /// Starts `program serve` on `data`, on a free port, and waits until it listens.
    pub fn start(program: &str, data: &Path) -> anyhow::Result<Self> {
        Self::start_on(program, data, "127.0.0.1:0")
    }

    /// The same on a given address.
    pub fn start_on(program: &str, data: &Path, bind: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.stderr(Stdio::null());
        Self::run(command, data, bind)
    }

    /// The same with a program and environment of the caller's.
    pub fn run(command: Command, data: &Path, bind: &str) -> anyhow::Result<Self> {
        Self::run_with(command, data, bind, &[])
    }

    /// The same with further options of `serve`.
    pub fn run_with(
        mut command: Command,
        data: &Path,
        bind: &str,
        options: &[&OsStr],
    ) -> anyhow::Result<Self> {
        let mut child = command
            .args(["serve", "--json", "--bind", bind, "--data"])
            .arg(data)
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server process did not start")?;
        let mut lines = lines(&mut child)?;
        let line = lines.next().context("the server said nothing")??;
        let said: serde_json::Value = serde_json::from_str(&line).context(line.clone())?;
        let addr = said["listening"].as_str().context(line)?.to_owned();
        Ok(Self { child, addr })
    }

    /// Its address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as `kill -9` does and waits for its end.
    pub fn kill(mut self) {
        end(&mut self.child);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// A process that reports on standard output, a line each.
pub struct Reporter {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Reporter {
    /// Starts `program` with `args`.
    pub fn start(program: &str, args: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("{program} did not start"))?;
        let lines = lines(&mut child)?;
        Ok(Self { child, lines })
    }

    /// The next line, or none at the end.
    pub fn next_line(&mut self) -> anyhow::Result<Option<String>> {
        Ok(self.lines.next().transpose()?)
    }

    /// Kills it and gives every line that it had reported and nobody had read.
    pub fn kill(mut self) -> anyhow::Result<Vec<String>> {
        end(&mut self.child);
        Ok(self.lines.by_ref().collect::<Result<_, _>>()?)
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn lines(child: &mut Child) -> anyhow::Result<std::io::Lines<BufReader<ChildStdout>>> {
    Ok(BufReader::new(child.stdout.take().context("no standard output")?).lines())
}

fn end(child: &mut Child) {
    // Both fail only if it has ended already.
    let _killed = child.kill();
    let _status = child.wait();
}

/// Lets `micros` pass without sleeping: kills land anywhere, not on a timer's grid.
#[expect(clippy::disallowed_methods, reason = "real processes are killed in real time")]
pub fn spin_for(micros: u64) {
    let until = Instant::now() + Duration::from_micros(micros);
    while Instant::now() < until {
        std::hint::spin_loop();
    }
}
