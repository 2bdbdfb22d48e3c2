//! Where in the product: one table of groups and their pages.
//!
//! A manager uses some twenty pages, and one row cannot hold them: so the header names
//! groups, and under it stand the pages of the group that is open. A phone opens the whole
//! table from one button. To add a page: a [`Section`], a line in [`GROUPS`], a word.

use super::words::Words;

/// A section of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// The evening board.
    Board,
    /// What is due within a week and what is late.
    Due,
    /// Deals at risk.
    Risks,
    /// What a leader should look at.
    Alarms,
    /// The leaderboard and the scorecards below it.
    Leaderboard,
    /// Visit coverage.
    Coverage,
    /// Where the team is.
    Map,
    /// Visits.
    Visits,
    /// Customers.
    Customers,
    /// Who holds which customer, many at once.
    Placement,
    /// Customers that are one, and those that may be.
    Merges,
    /// What people wrote without seeing each other.
    Conflicts,
    /// The pipeline.
    Funnel,
    /// Deals.
    Deals,
    /// A year of sales, and what they are made of.
    Trends,
    /// Attainment from the org down to each rep.
    Attainment,
    /// Targets.
    Targets,
    /// Appraisals.
    Appraisals,
    /// Reports of a day, week, month or quarter.
    Reports,
    /// Meetings with what they decided.
    Meetings,
    /// Help that was asked for.
    Help,
    /// Decided deals as cases.
    Cases,
    /// Competitors that visits saw.
    Competitors,
    /// The rules.
    Policy,
    /// Who works here, for whoever looks after them.
    People,
    /// Phones.
    Devices,
    /// Who did what.
    Audit,
    /// Work that waits for a decision, for whoever decides.
    Late,
    /// None of them.
    None,
}

/// Whom a page is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// Everybody who reads pages.
    All,
    /// Whoever decides for others.
    Deciders,
    /// Whoever looks after people.
    Office,
}

/// A page of the navigation.
#[derive(Debug)]
pub struct Entry {
    section: Section,
    href: &'static str,
    word: &'static str,
    whom: For,
}

/// Pages that belong together.
#[derive(Debug)]
pub struct Group {
    word: &'static str,
    entries: &'static [Entry],
}

const fn entry(section: Section, href: &'static str, word: &'static str, whom: For) -> Entry {
    Entry { section, href, word, whom }
}

/// Every group with its pages, in the order in which they stand.
pub static GROUPS: &[Group] = &[
    Group {
        word: "nav.group_today",
        entries: &[
            entry(Section::Board, "/board", "nav.board", For::All),
            entry(Section::Due, "/due", "due_list.title", For::All),
            entry(Section::Help, "/help", "nav.help", For::All),
            entry(Section::Risks, "/risks", "risks.title", For::All),
            entry(Section::Alarms, "/alarms", "nav.alarms", For::Deciders),
        ],
    },
    Group {
        word: "nav.group_team",
        entries: &[
            entry(Section::Leaderboard, "/leaderboard", "nav.leaderboard", For::All),
            entry(Section::Coverage, "/coverage", "nav.coverage", For::All),
            entry(Section::Map, "/map", "map.title", For::All),
            entry(Section::Visits, "/visits", "nav.visits", For::All),
        ],
    },
    Group {
        word: "nav.group_customers",
        entries: &[
            entry(Section::Customers, "/customers", "nav.customers", For::All),
            entry(Section::Placement, "/placement", "placement.title", For::Deciders),
            entry(Section::Merges, "/customers/merges", "merges.title", For::Office),
            entry(Section::Conflicts, "/conflicts", "conflicts.title", For::Office),
        ],
    },
    Group {
        word: "nav.group_pipeline",
        entries: &[
            entry(Section::Funnel, "/funnel", "nav.funnel", For::All),
            entry(Section::Deals, "/deals", "nav.deals", For::All),
            entry(Section::Trends, "/trends", "trends.title", For::All),
            entry(Section::Cases, "/cases", "nav.cases", For::All),
            entry(Section::Competitors, "/competitors", "nav.competitors", For::All),
        ],
    },
    Group {
        word: "nav.group_pay",
        entries: &[
            entry(Section::Attainment, "/attainment", "attainment.title", For::All),
            entry(Section::Targets, "/targets", "nav.targets", For::All),
            entry(Section::Appraisals, "/appraisals", "nav.appraisals", For::All),
            entry(Section::Policy, "/policy", "policy.title", For::Office),
        ],
    },
    Group {
        word: "nav.group_reports",
        entries: &[
            entry(Section::Reports, "/reports", "nav.reports", For::Deciders),
            entry(Section::Meetings, "/meetings", "nav.meetings", For::Deciders),
        ],
    },
    Group {
        word: "nav.group_office",
        entries: &[
            entry(Section::Late, "/quarantine", "nav.late", For::Deciders),
            entry(Section::People, "/people", "nav.people", For::Office),
            entry(Section::Devices, "/devices", "devices.title", For::Deciders),
            entry(Section::Audit, "/audit", "audit.title", For::Office),
        ],
    },
];

/// A link of the navigation, ready to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavLink {
    /// Where it leads.
    pub href: &'static str,
    /// Its word.
    pub label: String,
    /// Whether the reader is there.
    pub here: bool,
}

/// A group, ready to print: its own link leads to its first page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavGroup {
    /// The group as a link.
    pub link: NavLink,
    /// Its pages.
    pub pages: Vec<NavLink>,
}

/// The navigation as a reader in `section` sees it, without groups that hold nothing for
/// them.
pub fn groups(w: Words, section: Section, decides: bool, office: bool) -> Vec<NavGroup> {
    let opens = |entry: &&Entry| match entry.whom {
        For::All => true,
        For::Deciders => decides,
        For::Office => office,
    };
    let group = |group: &Group| {
        let link = |entry: &Entry| NavLink {
            href: entry.href,
            label: w.say(entry.word).to_owned(),
            here: entry.section == section,
        };
        let pages: Vec<NavLink> = group.entries.iter().filter(opens).map(link).collect();
        let href = pages.first()?.href;
        let here = group.entries.iter().any(|entry| entry.section == section);
        let link = NavLink { href, label: w.say(group.word).to_owned(), here };
        Some(NavGroup { link, pages })
    };
    GROUPS.iter().filter_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::Lang;

    #[test]
    fn a_reader_sees_only_what_opens_to_them_and_where_they_are() {
        let w = Words::new(Lang::En);
        let rep = groups(w, Section::Deals, false, false);
        assert!(rep.iter().flat_map(|group| &group.pages).all(|page| page.href != "/people"));
        assert!(rep.iter().all(|group| !group.pages.is_empty()));
        let here: Vec<_> = rep.iter().filter(|group| group.link.here).collect();
        assert_eq!(here.len(), 1);
        assert_eq!(here[0].pages.iter().find(|page| page.here).unwrap().href, "/deals");
        let office = groups(w, Section::None, true, true);
        assert!(office.iter().flat_map(|group| &group.pages).any(|page| page.href == "/people"));
        assert!(office.iter().all(|group| !group.link.here));
    }

    #[test]
    fn every_page_stands_once() {
        let all: Vec<_> = GROUPS.iter().flat_map(|group| group.entries).collect();
        for (place, entry) in all.iter().enumerate() {
            let later = all.iter().skip(place + 1);
            assert!(later.into_iter().all(|other| other.href != entry.href), "{}", entry.href);
        }
    }
}
