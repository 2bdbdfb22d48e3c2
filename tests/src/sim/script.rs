//! What happens in a run, step by step, in words that can be pasted into a test.

use std::fmt;

use client_core::records::Verdict;

/// The people of the simulated company. Fewer than a company has, and enough for
/// every kind of access: two units, somebody above one of them, somebody above all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// A rep in the east.
    Anna,
    /// Another rep in the east.
    Boris,
    /// A rep in the west.
    Carla,
    /// The supervisor of the east.
    Sofia,
    /// The manager of everything.
    Maria,
}

impl Person {
    /// Everybody.
    pub const ALL: [Self; 5] = [Self::Anna, Self::Boris, Self::Carla, Self::Sofia, Self::Maria];

    /// The login.
    pub const fn login(self) -> &'static str {
        match self {
            Self::Anna => "anna",
            Self::Boris => "boris",
            Self::Carla => "carla",
            Self::Sofia => "sofia",
            Self::Maria => "maria",
        }
    }
}

/// A unit below the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    /// Sofia's.
    East,
    /// The other one.
    West,
}

/// What somebody does on a phone. Numbers pick among what is there, round and
/// round, so that a script stays meaningful when steps before it are taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Finds a customer.
    Find,
    /// Gives the n-th customer another name.
    Rename(u8),
    /// Writes a long note about the n-th customer.
    Note(u8),
    /// Begins a deal with the n-th customer.
    Offer(u8),
    /// Moves the n-th deal on.
    Move(u8),
    /// Wins the n-th deal.
    Win(u8),
    /// Checks in at the n-th customer.
    CheckIn(u8),
    /// Logs a visit at the n-th customer and submits it.
    Visit(u8),
    /// Logs a visit there and leaves it open to changes.
    Draft(u8),
    /// Writes more into the n-th own draft.
    Continue(u8),
    /// Submits the n-th own draft.
    Submit(u8),
    /// Adds to the n-th own submitted visit.
    Amend(u8),
    /// Plans the n-th customer for today.
    Plan(u8),
}

/// What a network does to a message on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Whole,
    /// It arrives, and a copy of it stays on the way.
    Twice,
    /// This many thousandths of it arrive.
    Cut(u16),
    /// A sign-in page comes instead.
    Portal,
    /// A proxy says 502.
    BadGateway,
    /// A proxy says 413.
    TooLarge,
    /// Something of the same length comes instead.
    Noise,
}

/// When a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Now.
    Now,
    /// Before its n-th commit from now.
    Before(u8),
    /// After its n-th commit from now, before anybody hears of it.
    After(u8),
}

/// One thing that happens. Phones are numbered as in the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Time passes.
    Wait {
        /// Minutes.
        minutes: u32,
    },
    /// Somebody works.
    Work {
        /// Where.
        phone: u8,
        /// What.
        task: Task,
    },
    /// A whole sync over a good network.
    Sync {
        /// Whose.
        phone: u8,
    },
    /// A whole sync over a network that loses, doubles and cuts by this chance.
    Struggle {
        /// Whose.
        phone: u8,
        /// The chance.
        dice: u16,
    },
    /// A sync begins: its first request is on the way.
    Begin {
        /// Whose.
        phone: u8,
    },
    /// The n-th message on the way arrives.
    Carry {
        /// Which.
        message: u8,
        /// How.
        fate: Fate,
    },
    /// The n-th message on the way is lost, and whoever waits for it gives up.
    Lose {
        /// Which.
        message: u8,
    },
    /// A phone gives up waiting; what is on the way stays there.
    GiveUp {
        /// Which.
        phone: u8,
    },
    /// A phone's app is killed and started again.
    Kill {
        /// Which.
        phone: u8,
        /// When.
        when: When,
    },
    /// A phone's battery dies: what did not wait for the disk is gone.
    PowerCut {
        /// Which.
        phone: u8,
    },
    /// The server is killed and started again.
    KillServer {
        /// When.
        when: When,
    },
    /// The server is stopped in order and started again.
    Restart,
    /// A customer is given to somebody.
    Place {
        /// Which of all customers.
        customer: u8,
        /// To whom.
        owner: Person,
        /// Who works on it too.
        with: Option<Person>,
        /// In which unit; the owner's own if absent.
        unit: Option<Region>,
    },
    /// Somebody moves to a unit.
    Transfer {
        /// Who.
        person: Person,
        /// Where to.
        unit: Region,
    },
    /// A phone is revoked for good.
    Revoke {
        /// Which.
        phone: u8,
    },
    /// Somebody may not sign in any more.
    Disable {
        /// Who.
        person: Person,
    },
    /// Somebody may sign in again.
    Enable {
        /// Who.
        person: Person,
    },
    /// The office decides on late work that waits.
    Decide {
        /// Which.
        case: u8,
        /// What.
        verdict: Verdict,
    },
    /// A customer turns out to be another one.
    Merge {
        /// Which.
        customer: u8,
        /// Which other.
        into: u8,
    },
    /// A customer that was merged is itself again.
    Part {
        /// Which of those that are merged.
        customer: u8,
    },
    /// A visit turns out to have been at another customer.
    MoveVisit {
        /// Which of all visits.
        visit: u8,
        /// At which of all customers.
        customer: u8,
    },
    /// A visit that was moved is where its author logged it again.
    MoveBack {
        /// Which of those that are moved.
        visit: u8,
    },
    /// The history of a document starts anew with all that stands in it.
    BeginAnew {
        /// Which of all.
        doc: u8,
    },
    /// What is personal about a customer is erased.
    Erase {
        /// Which.
        customer: u8,
    },
    /// A backup of a phone is made, of all but what its keystore holds.
    BackUp {
        /// Which.
        phone: u8,
    },
    /// The replica of the backup takes the place of the later one on the same phone.
    PutBack {
        /// Which.
        phone: u8,
    },
    /// A phone is lost; another one is set up from its backup.
    Replace {
        /// Which.
        phone: u8,
    },
    /// A second phone is made from one as it is now, and both go on.
    Clone {
        /// Which.
        phone: u8,
        /// With what the keystore holds, so that nothing on the phone tells them apart.
        whole: bool,
    },
    /// The server's file is copied.
    CopyServer,
    /// The server's file is replaced by the copy, behind its back.
    CopyServerBack,
    /// A backup of the server is made while it runs.
    BackUpServer,
    /// The server is restored from the backup, as another life of its data.
    RestoreServer,
}

/// A run: who has phones, how the network is cut, and what happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Whose phones; the same person may have two.
    pub phones: Vec<Person>,
    /// Bytes of a page.
    pub page_budget: u32,
    /// Bytes of changes in a request.
    pub push_limit: u32,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

impl Script {
    /// A script from its parts, as failing ones are printed.
    pub fn new(phones: &[Person], page_budget: u32, push_limit: u32, steps: &[Step]) -> Self {
        Self { phones: phones.to_vec(), page_budget, push_limit, steps: steps.to_vec() }
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { phones, page_budget, push_limit, steps } = self;
        writeln!(f, "Script::new(&{phones:?}, {page_budget}, {push_limit}, &[")?;
        for step in steps {
            writeln!(f, "    {step:?},")?;
        }
        f.write_str("])")
    }
}
