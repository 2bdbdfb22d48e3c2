//! Copies of a folder, as backups and batteries leave them.

use std::collections::BTreeMap;
use std::path::Path;

/// The files of a folder, by name. The shared memory of a log is left out: it is
/// made anew by whoever opens the file next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// What is in `dir` now and has `kind` in its name.
    pub fn of(dir: &Path, kind: &str) -> std::io::Result<Self> {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.contains(kind) && !name.ends_with("-shm") && entry.file_type()?.is_file() {
                files.insert(name, std::fs::read(entry.path())?);
            }
        }
        Ok(Self(files))
    }

    /// Those of them whose name is `wanted`.
    #[must_use]
    pub fn only(&self, wanted: impl Fn(&str) -> bool) -> Self {
        let kept = self.0.iter().filter(|(name, _bytes)| wanted(name));
        Self(kept.map(|(name, bytes)| (name.clone(), bytes.clone())).collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Makes `dir` hold these and no others of `kind`.
    pub fn put_back(&self, dir: &Path, kind: &str) -> std::io::Result<()> {
        std::fs::create_dir_all(dir)?;
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().contains(kind) {
                std::fs::remove_file(entry.path())?;
            }
        }
        self.0.iter().try_for_each(|(name, bytes)| std::fs::write(dir.join(name), bytes))
    }
}

/// A folder for a run, in memory where the system has one there: a run makes a few
/// thousand commits, and none of them has to survive this machine.
pub fn scratch() -> std::io::Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::Builder::new().prefix("fieldsync-sim").tempdir_in(memory)
    } else {
        tempfile::tempdir()
    }
}
