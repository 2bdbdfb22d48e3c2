//! What the system says of this process.

use std::time::Duration;

/// Readings; zero where the system does not tell.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Own {
    pub(super) memory: u64,
    pub(super) cpu: Duration,
    pub(super) files: u64,
}

/// Reads them.
pub(super) fn read() -> Own {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    Own {
        memory: resident(&status).unwrap_or(0),
        cpu: cpu(&stat).unwrap_or_default(),
        files: std::fs::read_dir("/proc/self/fd").map_or(0, |entries| entries.count() as u64),
    }
}

/// Bytes in memory.
fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// User and system time. The kernel counts in hundredths of a second on every
/// platform it shows this file on (`USER_HZ`).
fn cpu(stat: &str) -> Option<Duration> {
    // The name in brackets may hold anything, also spaces and brackets.
    let (_, after) = stat.rsplit_once(')')?;
    let mut fields = after.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Duration::from_millis((user + system) * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_a_strange_name_is_read_all_the_same() {
        let stat = "7 (a) b (c) S 1 1 1 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 9 0 1 2 3";
        assert_eq!(cpu(stat), Some(Duration::from_secs(3)));
        assert_eq!(resident("Name:\tx\nVmRSS:\t  2048 kB\n"), Some(2 << 20));
        let own = read();
        assert!(own.memory > 1 << 20 && own.files > 2, "{own:?}");
    }
}
