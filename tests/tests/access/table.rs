//! The table: every route, and whom it is for.

use reqwest::StatusCode;

/// What somebody meets, in the order of [`super::cast::WHO`]: `D` the door, `F` forbidden,
/// `H` hidden as if there were nothing, `S` shown.
type Row = &'static str;

/// Whoever is signed in, for their own part of it.
const EVERYBODY: Row = "DDFSSSSSSS";
/// Work of Chen's: Chen, whoever leads Chen's unit, and managers of the org.
const CHENS: Row = "DDFSHSHSSH";
/// Whoever leads people.
const LEADS: Row = "DDFFFSSSSS";
/// What leads may decide about Chen's work.
const LEADS_OF_CHEN: Row = "DDFFFSHSSH";
/// What leads may place: somebody else's is refused aloud, because its id was known.
const PLACING: Row = "DDFFFSFSSH";
/// The manager's own unit, which an admin shapes.
const OWN_UNIT: Row = "DDFFFFFHSH";
/// Rules and publishing: for whoever leads the whole org.
const WHOLE_ORG: Row = "DDFFFFFFSS";
/// Setting Chen's target: somebody else's is refused aloud.
const SETTING: Row = "DDFFFSFSSF";
/// A case that is not there, for those who could decide on one.
const NO_CASE: Row = "DDFFFHHHHH";
/// A request that nobody made, which everybody could answer who was asked.
const NOTHING_ASKED: Row = "DDFHHHHHHH";
/// Managers and admins.
const MANAGERS: Row = "DDFFFFFSSS";
/// What managers may decide about their own org's work.
const MANAGERS_OF_CHEN: Row = "DDFFFFFSSH";

/// How a route is asked.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// It asks nobody who they are; what it answers to nothing at all.
    Open(u16),
    /// A page or a form: a cookie.
    Page(Row),
    /// JSON: a bearer token.
    Api(Row),
    /// What a phone's session carries, whoever it is of.
    Phone,
}

/// A row of the table.
#[derive(Debug)]
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path as the router has it.
    pub path: &'static str,
    /// Who is answered what.
    pub kind: Kind,
}

impl Route {
    /// Whether a browser asks it.
    pub fn is_page(&self) -> bool {
        !self.path.starts_with("/v1/") && !matches!(self.path, "/livez" | "/readyz")
    }

    /// The least of those who may, in the order of the table's letters.
    pub fn least(&self) -> Option<usize> {
        let (Kind::Page(row) | Kind::Api(row)) = self.kind else { return None };
        row.chars().position(|letter| letter == 'S')
    }

    /// What somebody is answered; nothing where the table does not say.
    pub fn expected(&self, who: usize) -> Option<StatusCode> {
        let (row, door) = match self.kind {
            Kind::Open(status) => {
                let status = StatusCode::from_u16(status).ok();
                return status.filter(|_| self.method == "GET" && who == 0);
            }
            Kind::Page(row) => (row, StatusCode::SEE_OTHER),
            Kind::Api(row) => (row, StatusCode::UNAUTHORIZED),
            Kind::Phone => ("DD", StatusCode::UNAUTHORIZED),
        };
        row.chars().nth(who).map(|letter| match letter {
            'D' => door,
            'F' => StatusCode::FORBIDDEN,
            'H' => StatusCode::NOT_FOUND,
            _ => StatusCode::OK,
        })
    }
}

const fn get(path: &'static str, kind: Kind) -> Route {
    Route { method: "GET", path, kind }
}

const fn post(path: &'static str, kind: Kind) -> Route {
    Route { method: "POST", path, kind }
}

use Kind::{Api, Open, Page, Phone};

/// Every route.
pub const ROUTES: &[Route] = &[
    get("/livez", Open(200)),
    get("/readyz", Open(200)),
    get("/", Open(303)),
    get("/assets/{name}", Open(404)),
    get("/sign-in", Open(200)),
    post("/sign-in", Open(401)),
    get("/new-password", Open(303)),
    post("/new-password", Open(401)),
    post("/sign-out", Open(303)),
    get("/v1/openapi.json", Open(200)),
    post("/v1/sign_in", Open(400)),
    post("/v1/enrol", Open(400)),
    post("/v1/token/refresh", Open(400)),
    post("/v1/device/renew", Phone),
    post("/v1/sync", Phone),
    get("/v1/live", Phone),
    post("/v1/scorecard/inputs", Phone),
    get("/board", Page(EVERYBODY)),
    get("/leaderboard", Page(EVERYBODY)),
    get("/funnel", Page(EVERYBODY)),
    get("/coverage", Page(EVERYBODY)),
    get("/targets", Page(EVERYBODY)),
    get("/customers", Page(EVERYBODY)),
    get("/customers.csv", Page(EVERYBODY)),
    get("/customers.xlsx", Page(EVERYBODY)),
    get("/visits", Page(EVERYBODY)),
    get("/visits.csv", Page(EVERYBODY)),
    get("/visits.xlsx", Page(EVERYBODY)),
    get("/deals", Page(EVERYBODY)),
    get("/deals.csv", Page(EVERYBODY)),
    get("/deals.xlsx", Page(EVERYBODY)),
    get("/appraisals", Page(EVERYBODY)),
    get("/cases", Page(EVERYBODY)),
    get("/competitors", Page(EVERYBODY)),
    get("/help", Page(EVERYBODY)),
    post("/help/{request}", Page(NOTHING_ASKED)),
    get("/scorecards/{rep}/{period}", Page(CHENS)),
    get("/scorecards/{rep}/{period}/changes", Page(CHENS)),
    get("/scorecards/{rep}/{period}/{indicator}", Page(CHENS)),
    get("/appraisals/{rep}/{period}", Page(CHENS)),
    post("/appraisals/{rep}/{period}", Page(CHENS)),
    get("/visits/{visit}", Page(CHENS)),
    get("/customers/{customer}", Page(CHENS)),
    get("/deals/{deal}", Page(CHENS)),
    post("/visits/{visit}/judge", Page("DDFFHSHSSH")),
    get("/visits/{visit}/void", Page(MANAGERS_OF_CHEN)),
    post("/visits/{visit}/void", Page(MANAGERS_OF_CHEN)),
    get("/visits/{visit}/move", Page(MANAGERS_OF_CHEN)),
    post("/visits/{visit}/move", Page(MANAGERS_OF_CHEN)),
    get("/customers/{customer}/merge", Page(MANAGERS_OF_CHEN)),
    post("/customers/{customer}/merge", Page(MANAGERS_OF_CHEN)),
    get("/customers/{customer}/books", Page(MANAGERS_OF_CHEN)),
    post("/customers/{customer}/books", Page(MANAGERS_OF_CHEN)),
    post("/customers/{customer}/books/{kind}/{id}/withdraw", Page(MANAGERS_OF_CHEN)),
    post("/customers/{customer}/books/case/{case}/resolve", Page(MANAGERS_OF_CHEN)),
    get("/customers/{customer}/edit", Page(LEADS_OF_CHEN)),
    post("/customers/{customer}/edit", Page(LEADS_OF_CHEN)),
    get("/deals/{deal}/edit", Page(LEADS_OF_CHEN)),
    post("/deals/{deal}/edit", Page(LEADS_OF_CHEN)),
    get("/conflicts", Page(MANAGERS)),
    post("/conflicts/{doc}", Page(MANAGERS_OF_CHEN)),
    get("/alarms", Page(LEADS)),
    post("/alarms/signals/{signal}", Page(LEADS_OF_CHEN)),
    get("/quarantine", Page(LEADS)),
    get("/reports", Page(LEADS)),
    get("/reports/{kind}/{period}", Page(LEADS)),
    post("/reports/{kind}/{period}", Page(LEADS)),
    get("/reports/{kind}/{period}/{file}", Page(LEADS)),
    get("/reports/issued/{id}", Page(LEADS_OF_CHEN)),
    get("/reports/issued/{id}/{file}", Page(LEADS_OF_CHEN)),
    get("/meetings", Page(LEADS)),
    post("/meetings", Page(LEADS)),
    get("/meetings/{meeting}", Page(LEADS_OF_CHEN)),
    post("/meetings/{meeting}", Page(LEADS_OF_CHEN)),
    post("/meetings/{meeting}/actions/{item}", Page(LEADS_OF_CHEN)),
    get("/quarantine/{case}", Page(NO_CASE)),
    post("/quarantine/{case}", Page(NO_CASE)),
    get("/people", Page(MANAGERS)),
    get("/people/new", Page(MANAGERS)),
    post("/people/new", Page(MANAGERS)),
    post("/people/invite", Page(MANAGERS)),
    get("/people/units", Page(MANAGERS)),
    post("/people/units", Page(MANAGERS)),
    get("/people/units/{unit}", Page(OWN_UNIT)),
    post("/people/units/{unit}", Page(OWN_UNIT)),
    get("/people/{user}", Page(MANAGERS_OF_CHEN)),
    post("/people/{user}", Page(MANAGERS_OF_CHEN)),
    post("/people/{user}/invite", Page(MANAGERS_OF_CHEN)),
    post("/people/{user}/password", Page(MANAGERS_OF_CHEN)),
    post("/people/{user}/disable", Page(MANAGERS_OF_CHEN)),
    post("/people/{user}/enable", Page(MANAGERS_OF_CHEN)),
    post("/people/{user}/devices/{device}/revoke", Page(MANAGERS_OF_CHEN)),
    get("/live", Open(204)),
    get("/due", Page(EVERYBODY)),
    get("/risks", Page(EVERYBODY)),
    get("/map", Page(EVERYBODY)),
    get("/trends", Page(EVERYBODY)),
    get("/attainment", Page(EVERYBODY)),
    get("/customers/merges", Page(MANAGERS)),
    post("/customers/merges", Page(MANAGERS)),
    get("/placement", Page(LEADS)),
    post("/placement", Page(LEADS)),
    post("/placement/preview", Page(LEADS)),
    post("/placement/undo", Page(LEADS)),
    get("/policy", Page(MANAGERS)),
    post("/policy", Page(WHOLE_ORG)),
    get("/devices", Page(LEADS)),
    post("/devices/{device}/revoke", Page(MANAGERS_OF_CHEN)),
    get("/audit", Page(MANAGERS)),
    get("/audit.csv", Page(MANAGERS)),
    get("/audit.xlsx", Page(MANAGERS)),
    get("/targets/new", Page(LEADS)),
    post("/targets/new", Page(SETTING)),
    post("/targets/publish", Page(WHOLE_ORG)),
    post("/targets/requests/{request}", Page(LEADS_OF_CHEN)),
    get("/targets/{target}", Page(CHENS)),
    post("/targets/{target}", Page(CHENS)),
    get("/v1/reports", Api(LEADS)),
    get("/v1/reports/{kind}/{period}", Api(LEADS)),
    post("/v1/reports/{kind}/{period}", Api(LEADS)),
    get("/v1/reports/issued/{report}", Api(LEADS_OF_CHEN)),
    get("/v1/reports/issued/{report}/receipt", Api(LEADS_OF_CHEN)),
    get("/v1/team-figures/{period}", Api(LEADS)),
    get("/v1/due", Api(EVERYBODY)),
    get("/v1/due/agenda", Api(EVERYBODY)),
    get("/v1/risks", Api(EVERYBODY)),
    get("/v1/trends", Api(EVERYBODY)),
    get("/v1/attainment", Api(EVERYBODY)),
    get("/v1/board", Api(EVERYBODY)),
    get("/v1/leaderboard", Api(EVERYBODY)),
    get("/v1/funnel", Api(EVERYBODY)),
    get("/v1/coverage", Api(EVERYBODY)),
    get("/v1/targets", Api(EVERYBODY)),
    get("/v1/customers", Api(EVERYBODY)),
    get("/v1/visits", Api(EVERYBODY)),
    get("/v1/deals", Api(EVERYBODY)),
    get("/v1/deals/totals", Api(EVERYBODY)),
    get("/v1/appraisals", Api(EVERYBODY)),
    get("/v1/cases", Api(EVERYBODY)),
    get("/v1/competitors", Api(EVERYBODY)),
    get("/v1/help", Api(EVERYBODY)),
    post("/v1/help/{request}", Api(NOTHING_ASKED)),
    get("/v1/scorecards/{rep}/{period}", Api(CHENS)),
    get("/v1/scorecards/{rep}/{period}/changes", Api(CHENS)),
    get("/v1/scorecards/{rep}/{period}/{indicator}", Api(CHENS)),
    get("/v1/appraisals/{rep}/{period}", Api(CHENS)),
    post("/v1/appraisals/{rep}/{period}", Api(CHENS)),
    get("/v1/visits/{visit}", Api(CHENS)),
    get("/v1/customers/{customer}", Api(CHENS)),
    get("/v1/customers/{customer}/timeline", Api(CHENS)),
    get("/v1/deals/{deal}", Api(CHENS)),
    get("/v1/visits/{visit}/void", Api(MANAGERS_OF_CHEN)),
    post("/v1/visits/{visit}/void", Api(MANAGERS_OF_CHEN)),
    get("/v1/visits/{visit}/move", Api(MANAGERS_OF_CHEN)),
    post("/v1/visits/{visit}/move", Api(MANAGERS_OF_CHEN)),
    post("/v1/scorecards/{rep}/{period}/suppose", Api(CHENS)),
    get("/v1/customers/{customer}/merge", Api(MANAGERS_OF_CHEN)),
    post("/v1/customers/{customer}/merge", Api(MANAGERS_OF_CHEN)),
    get("/v1/customers/{customer}/books", Api(MANAGERS_OF_CHEN)),
    post("/v1/customers/{customer}/books", Api(MANAGERS_OF_CHEN)),
    post("/v1/customers/{customer}/books/{kind}/{entry}/withdraw", Api(MANAGERS_OF_CHEN)),
    post("/v1/customers/{customer}/cases/{case}/resolve", Api("DDFFFFFHHH")),
    get("/v1/visits/{visit}/reviews", Api(CHENS)),
    post("/v1/visits/{visit}/reviews", Api(LEADS_OF_CHEN)),
    get("/v1/contests", Api(EVERYBODY)),
    post("/v1/contests/{contest}", Api(LEADS_OF_CHEN)),
    post("/v1/scorecards/{rep}/{period}/contests", Api("DDFSHFHFFH")),
    get("/v1/audit", Api(MANAGERS)),
    get("/v1/policy", Api(MANAGERS)),
    get("/v1/customers/merges", Api(MANAGERS)),
    post("/v1/customers/merges", Api(MANAGERS_OF_CHEN)),
    get("/v1/targets/{target}", Api(CHENS)),
    post("/v1/policy", Api(WHOLE_ORG)),
    post("/v1/policy/try", Api(WHOLE_ORG)),
    post("/v1/targets", Api(SETTING)),
    post("/v1/targets/publish", Api(WHOLE_ORG)),
    post("/v1/targets/{target}", Api(LEADS_OF_CHEN)),
    post("/v1/targets/{target}/requests", Api(CHENS)),
    post("/v1/targets/{target}/split", Api(LEADS_OF_CHEN)),
    post("/v1/targets/requests/{request}", Api(LEADS_OF_CHEN)),
    get("/v1/map", Api(EVERYBODY)),
    get("/v1/meetings", Api(LEADS)),
    post("/v1/meetings", Api(LEADS)),
    get("/v1/meetings/{meeting}", Api(LEADS_OF_CHEN)),
    post("/v1/meetings/{meeting}", Api(LEADS_OF_CHEN)),
    post("/v1/meetings/{meeting}/actions/{item}", Api(LEADS_OF_CHEN)),
    post("/v1/visits/{visit}/judge", Api(LEADS_OF_CHEN)),
    post("/v1/placements", Api(LEADS)),
    post("/v1/placements/preview", Api("DDFFFSHSSH")),
    get("/v1/conflicts", Api(MANAGERS)),
    post("/v1/conflicts/{doc}", Api(MANAGERS_OF_CHEN)),
    get("/v1/alarms", Api(LEADS)),
    get("/v1/signals", Api(LEADS)),
    post("/v1/signals/{signal}", Api(LEADS_OF_CHEN)),
    get("/v1/quarantine", Api(LEADS)),
    get("/v1/quarantine/{case}", Api(NO_CASE)),
    post("/v1/quarantine/{case}", Api(NO_CASE)),
    get("/v1/people", Api(MANAGERS)),
    get("/v1/people/{person}", Api(MANAGERS_OF_CHEN)),
    post("/v1/people", Api(MANAGERS)),
    post("/v1/people/{person}", Api(MANAGERS_OF_CHEN)),
    post("/v1/people/{person}/invite", Api(MANAGERS_OF_CHEN)),
    post("/v1/people/{person}/password", Api(MANAGERS_OF_CHEN)),
    get("/v1/units", Api(MANAGERS)),
    post("/v1/units", Api(MANAGERS)),
    get("/v1/units/{unit}", Api(MANAGERS_OF_CHEN)),
    post("/v1/units/{unit}", Api("DDFFFFFFSH")),
    get("/v1/devices", Api(MANAGERS)),
    get("/v1/placements/{subject}", Api(PLACING)),
    post("/v1/placements/{subject}", Api(PLACING)),
    post("/v1/people/{person}/hand_over", Api(PLACING)),
    post("/v1/people/{person}/move", Api(MANAGERS_OF_CHEN)),
    post("/v1/people/{person}/disable", Api(MANAGERS_OF_CHEN)),
    post("/v1/people/{person}/enable", Api(MANAGERS_OF_CHEN)),
    post("/v1/people/{person}/devices/{device}/revoke", Api(MANAGERS_OF_CHEN)),
];
