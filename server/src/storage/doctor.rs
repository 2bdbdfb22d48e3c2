//! What can be wrong with the data, what it means, and what to do.

use std::collections::BTreeMap;

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Worth knowing.
    Note,
    /// Somebody should act soon.
    Warning,
    /// Something is damaged or lost.
    Damage,
}

impl Weight {
    /// As people and programs read it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Damage => "damage",
        }
    }
}

/// One kind of trouble.
#[derive(Debug, Clone, Copy)]
struct Page {
    code: &'static str,
    weight: Weight,
    heals: bool,
    means: &'static str,
    advice: &'static str,
}

macro_rules! troubles {
    ($($(#[$doc:meta])* $name:ident: $code:literal, $weight:ident, $heals:literal,
        $means:literal, $advice:expr;)+) => {
        /// What can be found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Trouble {
            $($(#[$doc])* #[doc = $means] $name,)+
        }

        impl Trouble {
            const fn page(self) -> Page {
                match self {
                    $(Self::$name => Page {
                        code: $code,
                        weight: Weight::$weight,
                        heals: $heals,
                        means: $means,
                        advice: $advice,
                    },)+
                }
            }
        }
    };
}

const REBUILD: &str = "Stop the server and run `fieldsync doctor --rebuild`.";
const RESTORE: &str = "Stop the server, keep a copy of the directory, and restore the last backup; \
                       phones hand back what it lacks.";

troubles! {
    NotADatabase: "not_a_database", Damage, false,
        "The data file cannot be read as a database of ours.", RESTORE;
    FileDamaged: "file_damaged", Damage, false,
        "The data file is damaged inside: the disk or a copy of it was at fault.",
        "If only indexes are named, `fieldsync doctor --rebuild` heals it. Otherwise stop the \
         server, keep a copy of the directory, and restore the last backup; phones hand back what \
         it lacks. Check the disk.";
    SchemaDiffers: "schema_differs", Damage, false,
        "Tables or indexes are not as this program makes them.",
        "Undo what was changed by hand, or restore a backup.";
    KeysMissing: "keys_missing", Damage, false,
        "The keys that sign cursors and access stamps are missing or empty.", RESTORE;
    ChangeDamaged: "change_damaged", Damage, false,
        "The bytes of a logged change are not what its hash names.", RESTORE;
    ChangeMissing: "change_missing", Damage, false,
        "The log of a document lacks a change that others build on.", RESTORE;
    ChangeOrphaned: "change_orphaned", Damage, false,
        "There are logged changes of a document that is not there.", RESTORE;
    FeedGap: "feed_gap", Damage, false,
        "Positions of the feed are missing: readers may have missed what was there.", RESTORE;
    DocumentDiffers: "document_differs", Damage, true,
        "A stored document is not what its logged changes make.", REBUILD;
    RowDiffers: "row_differs", Damage, true,
        "A row of a list is missing, or not what its document says.", REBUILD;
    RowOrphaned: "row_orphaned", Damage, true,
        "Rows belong to nothing any more.", REBUILD;
    MembershipDiffers: "membership_differs", Damage, true,
        "A document is in other scopes than the placements say: somebody sees too much or too \
         little.",
        REBUILD;
    HoldingDiffers: "holding_differs", Damage, true,
        "Who holds a customer or deal is noted otherwise than its placement says.", REBUILD;
    AliasDiffers: "alias_differs", Damage, true,
        "Which customer stands for which is noted otherwise than the merges say.", REBUILD;
    AboutDiffers: "about_differs", Damage, true,
        "What a record is about is noted otherwise than the record says: it would not follow its \
         customer.",
        REBUILD;
    RecordUnread: "record_unread", Damage, true,
        "A record is in nobody's scope: no phone gets it.", REBUILD;
    AccessDiffers: "access_differs", Damage, true,
        "What somebody may read is noted otherwise than their role and units say.", REBUILD;
    DigestDiffers: "digest_differs", Damage, true,
        "The digest of a scope is not the sum of its documents: phones would repair in vain.",
        REBUILD;
    NobodyAdministers: "nobody_administers", Warning, false,
        "No active person is an administrator, so nobody can look after people and phones.",
        "Run `fieldsync user add LOGIN --role admin --name NAME`.";
    OpenToOthers: "open_to_others", Warning, false,
        "Other users of this machine can read the data.",
        "Run `chmod 700` on the data directory and `chmod 600` on the files in it.";
    ClockBehind: "clock_behind", Warning, false,
        "The clock of this machine shows an earlier time than the newest change was received at.",
        "Set the clock, and keep it set with NTP; sessions and scores follow it.";
    DiskLow: "disk_low", Warning, false,
        "There is little room left on the disk of the data directory.",
        "Make room, or move the directory to a larger disk while the server is stopped.";
    LogLarge: "log_large", Warning, false,
        "The write-ahead log has grown far beyond its size: something held an old snapshot open.",
        "Restart the server; it folds the log into the file.";
    Quarantined: "quarantined", Note, false,
        "Changes wait for a person's decision.",
        "Look at them on the page of late work, or with `fieldsync quarantine`.";
    ScoresWait: "scores_wait", Note, false,
        "Periods wait to be scored. A running server does that within seconds.",
        "Start the server.";
}

impl Trouble {
    /// As programs know it.
    pub const fn code(self) -> &'static str {
        self.page().code
    }

    /// How bad it is.
    pub const fn weight(self) -> Weight {
        self.page().weight
    }

    /// Whether a rebuild from the log heals it.
    pub const fn heals(self) -> bool {
        self.page().heals
    }

    /// What it means, for people.
    pub const fn means(self) -> &'static str {
        self.page().means
    }

    /// What to do.
    pub const fn advice(self) -> &'static str {
        self.page().advice
    }
}

/// How often a trouble was found, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// How often.
    pub count: u64,
    /// The first few, for people.
    pub examples: Vec<String>,
}

/// Examples kept of one trouble.
const EXAMPLES: usize = 5;

/// What an examination came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What was found.
    pub found: BTreeMap<Trouble, Found>,
    /// Documents that were looked at.
    pub documents: u64,
    /// Logged changes that were looked at.
    pub changes: u64,
}

impl Report {
    /// Notes one more.
    pub fn add(&mut self, trouble: Trouble, example: impl Into<String>) {
        self.add_many(trouble, 1, example);
    }

    /// Notes `count` more, if there are any.
    pub fn add_many(&mut self, trouble: Trouble, count: u64, example: impl Into<String>) {
        if count == 0 {
            return;
        }
        let found = self.found.entry(trouble).or_default();
        found.count += count;
        if found.examples.len() < EXAMPLES {
            found.examples.push(example.into());
        }
    }

    /// The worst of what was found.
    pub fn worst(&self) -> Option<Weight> {
        self.found.keys().map(|trouble| trouble.weight()).max()
    }

    /// Whether a rebuild would heal something.
    pub fn heals(&self) -> bool {
        self.found.keys().any(|trouble| trouble.heals())
    }
}

/// How far an examination or a rebuild is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Documents done.
    pub done: u64,
    /// Documents in all.
    pub of: u64,
}
