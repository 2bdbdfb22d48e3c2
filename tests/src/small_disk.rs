//! A disk so small that a test can fill it.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A file system in memory with a size. It goes when the test ends, however it ends.
pub struct SmallDisk {
    at: TempDir,
}

impl SmallDisk {
    /// Mounts one. Where nobody may mount it says `skipped: needs …` and gives none;
    /// under `CI_REQUIRE_ALL=1` it fails instead.
    ///
    /// # Panics
    /// If every suite has to run and this one cannot.
    pub fn mount(kib: u32) -> Option<Self> {
        let at = TempDir::new().ok()?;
        let options = format!("size={kib}k,mode=700");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "fieldsync-test"])
            .arg(at.path())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if mounted {
            return Some(Self { at });
        }
        assert!(std::env::var_os("CI_REQUIRE_ALL").is_none(), "needs the right to mount a tmpfs");
        crate::tools::say_skipped("the right to mount a tmpfs");
        None
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.at.path()
    }

    /// Fills it to the last byte.
    ///
    /// # Errors
    /// If something else than the want of room ends it.
    pub fn fill(&self) -> std::io::Result<Filler> {
        let path = self.path().join("filler");
        let mut file = File::options().create(true).append(true).open(&path)?;
        let block = vec![b'x'; 64 << 10];
        let mut length = block.len();
        while length > 0 {
            match file.write(block.get(..length).unwrap_or_default()) {
                Ok(written) if written > 0 => {}
                Ok(_) => length /= 2,
                Err(error) if error.kind() == std::io::ErrorKind::StorageFull => length /= 2,
                Err(error) => return Err(error),
            }
        }
        Ok(Filler { path })
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily, because a process that a failed test left may still hold a file.
        let _gone = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// What takes the room.
pub struct Filler {
    path: PathBuf,
}

impl Filler {
    /// Gives some of the room back.
    ///
    /// # Errors
    /// If the system says so.
    pub fn give_back(&self, bytes: u64) -> std::io::Result<()> {
        let file = File::options().write(true).open(&self.path)?;
        let length = file.metadata()?.len();
        file.set_len(length.saturating_sub(bytes))
    }

    /// Makes room again.
    ///
    /// # Errors
    /// If the system says so.
    pub fn remove(self) -> std::io::Result<()> {
        std::fs::remove_file(self.path)
    }
}
