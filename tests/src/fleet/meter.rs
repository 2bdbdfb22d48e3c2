//! What a process cost: CPU and peak memory, as the kernel counts them.
//!
//! `/proc/PID/stat` counts CPU in hundredths of a second, too coarse for a sync of
//! two milliseconds, so the run time of each thread is added up in nanoseconds
//! from `schedstat`. Threads of a blocking pool come and go: what one had used
//! when it was last seen stays in the sum.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Threads that are the measurement and not what is measured: the wire between.
pub const NOT_COUNTED: &str = "wiretap";

/// A process under observation.
#[derive(Debug)]
pub struct ProcessMeter {
    dir: PathBuf,
    seen: HashMap<String, u64>,
}

impl ProcessMeter {
    /// A child process.
    pub fn of(pid: u32) -> Self {
        Self { dir: Path::new("/proc").join(pid.to_string()), seen: HashMap::new() }
    }

    /// This process.
    pub fn own() -> Self {
        Self { dir: "/proc/self".into(), seen: HashMap::new() }
    }

    /// CPU used since the process began, as far as this meter has seen it.
    pub fn cpu(&mut self) -> Duration {
        let tasks = std::fs::read_dir(self.dir.join("task"));
        for task in tasks.into_iter().flatten().flatten() {
            let name = task.file_name().to_string_lossy().into_owned();
            let read = |file: &str| std::fs::read_to_string(task.path().join(file));
            if read("comm").is_ok_and(|comm| comm.trim() == NOT_COUNTED) {
                continue;
            }
            let Ok(line) = read("schedstat") else { continue };
            if let Some(nanos) = line.split(' ').next().and_then(|used| used.parse().ok()) {
                self.seen.insert(name, nanos);
            }
        }
        Duration::from_nanos(self.seen.values().sum())
    }

    /// Starts a new peak of memory, where the kernel allows it.
    pub fn reset_peak(&self) {
        // Without it the peak is that of the whole life, which is never too small.
        drop(std::fs::write(self.dir.join("clear_refs"), "5"));
    }

    /// Peak memory since the last reset, in bytes.
    pub fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(self.dir.join("status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
        kilobytes.unwrap_or(0) * 1024
    }
}
