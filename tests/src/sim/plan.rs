//! From a seed to a script.
//!
//! A run in which everything can happen is one in which little of each does. So a
//! seed first draws which kinds of trouble there are at all, and how often each
//! comes; some runs are all reassignments, some all kills, some only a bad network.

use client_core::records::Verdict;

use super::script::{Fate, Person, Region, Script, Step, Task, When};
use crate::fleet::dice::Dice;

/// The script of a seed.
pub fn script(seed: u64) -> Script {
    let mut dice = Dice::new(seed, 4);
    let phones = cast(&mut dice);
    let page_budget = dice.pick(&[4_096, 4_096, 6_000, 262_144]);
    let push_limit = dice.pick(&[600, 1_500, 4_000, 1_048_576]);
    let count = dice.between(14, 44);
    let mut planner =
        Planner { tastes: Tastes::draw(&mut dice), phones: phones.len() as u64, dice };
    let mut steps = planner.beginning();
    for _ in 0..count {
        planner.next(&mut steps);
    }
    if planner.tastes.lives > 0 && planner.dice.once_in(2) {
        planner.lost_with_the_server(&mut steps);
    }
    Script { phones, page_budget, push_limit, steps }
}

/// Two to four phones; often the same rep twice, or somebody above.
fn cast(dice: &mut Dice) -> Vec<Person> {
    let mut phones = vec![Person::Anna, dice.pick(&[Person::Boris, Person::Anna, Person::Carla])];
    if dice.below(3) > 0 {
        phones.push(dice.pick(&[Person::Sofia, Person::Sofia, Person::Maria, Person::Carla]));
    }
    if dice.once_in(3) {
        phones.push(dice.pick(&[Person::Boris, Person::Anna, Person::Maria, Person::Sofia]));
    }
    phones
}

/// How often each kind of thing comes.
struct Tastes {
    work: u64,
    sync: u64,
    struggle: u64,
    network: u64,
    kill: u64,
    server: u64,
    place: u64,
    people: u64,
    wait: u64,
    copies: u64,
    lives: u64,
    decide: u64,
    merge: u64,
    anew: u64,
}

impl Tastes {
    fn draw(dice: &mut Dice) -> Self {
        let mut taste = |often: u64, high: u64| {
            if dice.below(100) < often { 1 + dice.below(high) } else { 0 }
        };
        Self {
            work: 12 + taste(100, 10),
            sync: 3 + taste(80, 6),
            struggle: taste(60, 8),
            network: taste(60, 14),
            kill: taste(50, 6),
            server: taste(45, 4),
            place: taste(75, 7),
            people: taste(45, 4),
            wait: taste(70, 4),
            copies: taste(35, 5),
            lives: taste(30, 3),
            decide: taste(40, 3),
            merge: taste(25, 3),
            anew: taste(20, 2),
        }
    }
}

struct Planner {
    dice: Dice,
    phones: u64,
    tastes: Tastes,
}

impl Planner {
    fn phone(&mut self) -> u8 {
        small(self.dice.below(self.phones))
    }

    fn any(&mut self) -> u8 {
        small(self.dice.below(16))
    }

    fn rep(&mut self) -> Person {
        self.dice.pick(&[Person::Anna, Person::Boris, Person::Carla])
    }

    fn region(&mut self) -> Region {
        self.dice.pick(&[Region::East, Region::West])
    }

    fn when(&mut self) -> When {
        let nth = small(1 + self.dice.below(4));
        self.dice.pick(&[When::Now, When::Before(nth), When::After(nth)])
    }

    fn fate(&mut self) -> Fate {
        let cut = u16::try_from(self.dice.below(1_000)).unwrap_or(0);
        let fates = [Fate::Cut(cut), Fate::Portal, Fate::BadGateway, Fate::TooLarge, Fate::Noise];
        match self.dice.below(10) {
            0..=5 => Fate::Whole,
            6..=7 => Fate::Twice,
            _ => self.dice.pick(&fates),
        }
    }

    /// A few customers that everybody knows, or a first sync in the middle of it.
    fn beginning(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        for _ in 0..self.dice.below(4) {
            let phone = self.phone();
            steps.push(Step::Work { phone, task: Task::Find });
        }
        if self.dice.below(4) > 0 {
            for phone in 0..small(self.phones) {
                steps.push(Step::Sync { phone });
            }
        }
        if self.tastes.copies > 0 && self.dice.once_in(2) {
            steps.push(Step::BackUp { phone: self.phone() });
        }
        if self.tastes.lives > 0 && self.dice.once_in(2) {
            steps.push(self.dice.pick(&[Step::CopyServer, Step::BackUpServer]));
        }
        steps
    }

    fn next(&mut self, steps: &mut Vec<Step>) {
        let Tastes { work, sync, struggle, network, kill, server, place, people, wait, .. } =
            self.tastes;
        let Tastes { copies, lives, decide, merge, anew, .. } = self.tastes;
        let kinds = [
            work, sync, struggle, network, kill, server, place, people, wait, copies, lives,
            decide, merge, anew,
        ];
        let mut left = self.dice.below(kinds.iter().sum());
        let kind = kinds.iter().position(|weight| {
            let here = left < *weight;
            left = left.saturating_sub(*weight);
            here
        });
        steps.push(match kind.unwrap_or(0) {
            0 => self.work(),
            1 => Step::Sync { phone: self.phone() },
            2 => {
                let dice = u16::try_from(self.dice.below(1 << 16)).unwrap_or(0);
                Step::Struggle { phone: self.phone(), dice }
            }
            3 => self.network(),
            4 if self.dice.once_in(4) => Step::PowerCut { phone: self.phone() },
            4 => Step::Kill { phone: self.phone(), when: self.when() },
            5 if self.dice.once_in(3) => Step::Restart,
            5 => Step::KillServer { when: self.when() },
            6 => self.place(),
            7 => self.people(),
            8 => Step::Wait { minutes: self.minutes() },
            9 => self.copies(),
            10 => self.dice.pick(&[
                Step::CopyServer,
                Step::CopyServerBack,
                Step::BackUpServer,
                Step::RestoreServer,
            ]),
            11 => {
                let verdicts = [Verdict::Accepted, Verdict::Rejected, Verdict::HandedOver];
                Step::Decide { case: self.any(), verdict: self.dice.pick(&verdicts) }
            }
            12 => self.belongs(),
            _ if self.dice.once_in(2) => Step::BeginAnew { doc: self.any() },
            _ => Step::Erase { customer: self.any() },
        });
    }

    /// Work that everybody heard of is lost with the server, and its author's phone does not
    /// come back: somebody else's has to bring it.
    fn lost_with_the_server(&mut self, steps: &mut Vec<Step>) {
        let author = self.phone();
        steps.push(Step::Sync { phone: author });
        steps.push(Step::BackUpServer);
        steps.push(Step::Work { phone: author, task: Task::Find });
        steps.push(Step::Work { phone: author, task: Task::Visit(self.any()) });
        steps.push(Step::Sync { phone: author });
        steps.extend((0..small(self.phones)).map(|phone| Step::Sync { phone }));
        steps.push(Step::Revoke { phone: author });
        steps.push(Step::RestoreServer);
    }

    fn work(&mut self) -> Step {
        let n = self.any();
        let task = self.dice.pick(&[
            Task::Find,
            Task::Rename(n),
            Task::Rename(n),
            Task::Note(n),
            Task::Offer(n),
            Task::Move(n),
            Task::Win(n),
            Task::CheckIn(n),
            Task::Visit(n),
            Task::Visit(n),
            Task::Draft(n),
            Task::Continue(n),
            Task::Submit(n),
            Task::Amend(n),
            Task::Plan(n),
        ]);
        Step::Work { phone: self.phone(), task }
    }

    fn network(&mut self) -> Step {
        match self.dice.below(10) {
            0..=3 => Step::Begin { phone: self.phone() },
            4..=7 => Step::Carry { message: self.any(), fate: self.fate() },
            8 => Step::Lose { message: self.any() },
            _ => Step::GiveUp { phone: self.phone() },
        }
    }

    fn place(&mut self) -> Step {
        let with = self.dice.once_in(3).then(|| self.rep());
        let unit = self.dice.once_in(3).then(|| self.region());
        Step::Place { customer: self.any(), owner: self.rep(), with, unit }
    }

    fn people(&mut self) -> Step {
        match self.dice.below(10) {
            0..=1 => Step::Revoke { phone: self.phone() },
            2..=3 => Step::Disable { person: self.rep() },
            4..=6 => Step::Enable { person: self.rep() },
            // Only who leads holds units, so a lead's move is the one that changes most.
            7 => Step::Transfer { person: self.rep(), unit: self.region() },
            _ => Step::Transfer { person: Person::Sofia, unit: self.region() },
        }
    }

    fn copies(&mut self) -> Step {
        let phone = self.phone();
        match self.dice.below(6) {
            0..=2 => Step::BackUp { phone },
            3 => Step::PutBack { phone },
            4 => Step::Replace { phone },
            _ => Step::Clone { phone, whole: self.dice.below(3) > 0 },
        }
    }

    /// What somebody logged under one customer belongs to another.
    fn belongs(&mut self) -> Step {
        match self.dice.below(8) {
            0..=1 => Step::Part { customer: self.any() },
            2..=4 => Step::Merge { customer: self.any(), into: self.any() },
            5..=6 => Step::MoveVisit { visit: self.any(), customer: self.any() },
            _ => Step::MoveBack { visit: self.any() },
        }
    }

    /// Minutes, an hour in which tokens end, days, or longer than any grace.
    fn minutes(&mut self) -> u32 {
        self.dice.pick(&[5, 20, 90, 24 * 60, 3 * 24 * 60, 31 * 24 * 60])
    }
}

fn small(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}
