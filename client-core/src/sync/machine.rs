//! One run of sync after another.

use super::answer::{Answer, Fault, Reading, TransportFault, fault_of, read_cbor, read_json};
use super::backoff::{Backoff, Chance};
use crate::docs::{ChangeHash, Header};
use crate::id::{CommandId, DocId, ReplicaId};
use crate::protocol::{
    ChangeNames, ChangeResult, Command, Cursor, HandBack, MAX_PUSH_BYTES, PhoneSays, ProblemCode,
    PushGroup, RejectCode, RepairAsk, SyncRequest, SyncResponse, Tokens, VERSION,
};
use crate::time::Timestamp;

/// What a run is set up with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of page wanted.
    pub page_budget: u32,
    /// Bytes of changes in one request at most.
    pub push_limit: usize,
    /// The app's version.
    pub app: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            page_budget: crate::protocol::DEFAULT_PAGE_BUDGET,
            // Headers of groups and commands need room below the protocol's limit.
            push_limit: MAX_PUSH_BYTES / 2,
            app: None,
        }
    }
}

/// What the store has to say next. Built by it, carried by the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// This copy of the data.
    pub replica: ReplicaId,
    /// Where the last page ended.
    pub cursor: Option<Cursor>,
    /// Changes by document.
    pub groups: Vec<PushGroup>,
    /// Requests.
    pub commands: Vec<Command>,
    /// Documents dropped.
    pub purged: Vec<DocId>,
    /// What does not add up here.
    pub repair: Option<RepairAsk>,
    /// The position of the last thing this device stored, as far as it is known here.
    pub pushed: Option<u64>,
    /// The server does not know this device yet: it has to be told before anything else.
    pub unbound: bool,
    /// What a server that was restored may lack.
    pub hand_back: Option<Box<HandBack>>,
    /// What of this came from where.
    pub manifest: Manifest,
}

/// What was put into a request, so that the answer can be matched to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Per group, the document and its changes, as sent.
    pub groups: Vec<(DocId, Vec<ChangeHash>)>,
    /// Per group, the header that was sent with it.
    pub headers: Vec<Header>,
    /// Commands, as sent.
    pub commands: Vec<CommandId>,
    /// Acknowledged purges, as sent.
    pub purged: Vec<DocId>,
    /// Documents that were offered to a server that lost something, none if it was not asked.
    pub offered: Option<Vec<DocId>>,
}

impl Manifest {
    /// Changes in all groups.
    pub fn changes(&self) -> u64 {
        self.groups.iter().map(|(_, changes)| changes.len() as u64).sum()
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody wants a sync.
    Begin,
    /// The store collected what to send.
    Collected(Box<Outgoing>),
    /// The store named what waits beside a request.
    Named(ChangeNames),
    /// An answer came.
    Answered(Box<Answer>),
    /// No answer came.
    Unanswered(TransportFault),
    /// The store took the answer.
    Stored(Stored),
    /// The store failed; nothing of the answer was kept.
    StoreFailed(Fault),
    /// The app wants no more of it.
    Cancel,
}

/// What storing an answer came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stored {
    /// Something is to be sent now.
    pub due: bool,
    /// The answer moved something.
    pub progressed: bool,
    /// Something differs from the server's and is to be asked for.
    pub repairing: bool,
    /// The server knows another life of this replica.
    pub forked: bool,
    /// The page was left aside until what waits has its answer.
    pub aside: bool,
}

/// What to do now, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Collect at most this many bytes of changes from the store.
    Collect {
        /// The limit.
        bytes: usize,
    },
    /// Collect no more than where the last page ended: the server can only give.
    CollectNothing,
    /// Name what was written here, waits for its answer and did not go into this request.
    NameTheRest(Box<Manifest>),
    /// Send this to the sync path.
    Send(Box<SyncRequest>),
    /// Exchange the refresh token for new tokens.
    Refresh,
    /// Keep these tokens.
    KeepTokens(Tokens),
    /// Become a device of one's own: fresh device, actor and replica. The outbox stays.
    Renew,
    /// Tell the server of the new device, as what the tokens of the former one allow.
    Bind,
    /// Keep these tokens: they are the new device's, and the server knows it now.
    KeepBound(Tokens),
    /// Forget the cursor: the server does not know it. Everything comes again and merges.
    ForgetCursor,
    /// Store this answer, page and cursor in one transaction.
    Store(Box<SyncResponse>, Box<Manifest>),
    /// The run is over.
    End(Ended),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Everything that could be exchanged was.
    UpToDate,
    /// It did not work, and when to try again, if that can help.
    Failed {
        /// Why.
        fault: Fault,
        /// When.
        retry_at: Option<Timestamp>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Idle,
    Collecting,
    Exchanging { request: Box<SyncRequest>, manifest: Box<Manifest> },
    Naming { request: Box<SyncRequest>, manifest: Box<Manifest>, fault: Fault },
    Refreshing,
    Binding,
    Storing { more: bool },
}

/// The state machine. Lives as long as the session; one run at a time.
#[derive(Debug, Clone)]
pub struct Machine {
    settings: Settings,
    state: State,
    backoff: Backoff,
    push_limit: usize,
    page_budget: u32,
    refreshed: bool,
    forgot_cursor: bool,
    renewed: bool,
    /// Requests of this run that asked for repair.
    repairs: u32,
    /// Why the server takes nothing of what this run brings, and how long it asked to
    /// wait. What it has to give can still be had.
    refused: Option<(Fault, Option<u32>)>,
}

/// Requests of one run that ask for repair: 64 pages of a list, or 16,000 documents.
/// What is left goes on with the next sync.
const MOST_REPAIRS: u32 = 64;

/// Below this, a single change decides the size.
const SMALLEST_PUSH: usize = 4 * 1024;
/// Below this, a page is mostly frame.
const SMALLEST_PAGE: u32 = 16 * 1024;

impl Machine {
    /// A machine at rest.
    pub fn new(settings: Settings) -> Self {
        let Settings { push_limit, page_budget, .. } = settings;
        Self {
            settings,
            state: State::Idle,
            backoff: Backoff::default(),
            push_limit,
            page_budget,
            refreshed: false,
            forgot_cursor: false,
            renewed: false,
            repairs: 0,
            refused: None,
        }
    }

    /// Takes an event, gives what to do. An event that does not fit the state
    /// (a late answer after a cancel) does nothing.
    pub fn handle(&mut self, now: Timestamp, chance: Chance, event: Event) -> Vec<Effect> {
        match (std::mem::replace(&mut self.state, State::Idle), event) {
            (State::Idle, Event::Begin) => {
                self.refreshed = false;
                self.forgot_cursor = false;
                self.renewed = false;
                self.refused = None;
                self.repairs = 0;
                self.push_limit = self.push_limit.max(SMALLEST_PUSH);
                self.collect()
            }
            (State::Collecting, Event::Collected(outgoing)) if outgoing.unbound => {
                self.state = State::Binding;
                vec![Effect::Bind]
            }
            (State::Collecting, Event::Collected(outgoing)) => self.send(*outgoing),
            (State::Naming { request, manifest, .. }, Event::Named(unheard))
                if !unheard.is_empty() =>
            {
                self.send_out(SyncRequest { unheard, ..*request }, manifest)
            }
            (State::Naming { .. }, Event::Named(_)) if !self.renewed => self.renew(),
            (State::Naming { fault, .. }, Event::Named(_)) => self.fail(now, chance, fault, None),
            (State::Binding, Event::Answered(answer)) => self.bound(now, chance, &answer),
            (State::Exchanging { request, manifest }, Event::Answered(answer)) => {
                self.answered(now, chance, &answer, &request, manifest)
            }
            (State::Refreshing, Event::Answered(answer)) => {
                self.tokens_answered(now, chance, &answer)
            }
            (State::Exchanging { request, .. }, Event::Unanswered(fault)) => {
                if matches!(fault, TransportFault::TimedOut | TransportFault::Broken) {
                    self.take_smaller_bites(&request);
                }
                self.fail(now, chance, fault.into(), None)
            }
            (State::Refreshing | State::Binding, Event::Unanswered(fault)) => {
                self.fail(now, chance, fault.into(), None)
            }
            (State::Storing { .. }, Event::Stored(stored)) if stored.forked && !self.renewed => {
                self.renew()
            }
            (State::Storing { more }, Event::Stored(stored)) => {
                let pushes = stored.due && self.refused.is_none();
                let repairs = stored.repairing && stored.progressed && self.repairs < MOST_REPAIRS;
                // What was left aside comes again, once more was sent.
                let more = more && !(stored.aside && self.refused.is_some());
                if more || (pushes && stored.progressed) || repairs {
                    return self.collect();
                }
                if let Some((fault, retry_after_s)) = self.refused.take() {
                    return self.fail(now, chance, fault, retry_after_s);
                }
                self.backoff.succeed();
                // What got through says that more may.
                let Settings { push_limit, page_budget, .. } = self.settings;
                self.push_limit = self.push_limit.saturating_mul(2).min(push_limit);
                self.page_budget = self.page_budget.saturating_mul(2).min(page_budget);
                vec![Effect::End(Ended::UpToDate)]
            }
            (
                State::Collecting | State::Storing { .. } | State::Naming { .. },
                Event::StoreFailed(fault),
            ) => self.fail(now, chance, fault, None),
            (State::Idle, _) => Vec::new(),
            (_, Event::Cancel) => {
                vec![Effect::End(Ended::Failed { fault: Fault::Cancelled, retry_at: None })]
            }
            (state, _) => {
                self.state = state;
                Vec::new()
            }
        }
    }

    /// A connection broke or fell silent. What was too much for it once may be too
    /// much every time, so the next run asks for half of what this one did; what gets
    /// through then stays through.
    fn take_smaller_bites(&mut self, request: &SyncRequest) {
        self.page_budget = (self.page_budget / 2).max(SMALLEST_PAGE);
        let sent = pushed_bytes(request);
        if sent > SMALLEST_PUSH {
            self.push_limit = (sent.min(self.push_limit) / 2).max(SMALLEST_PUSH);
        }
    }

    fn collect(&mut self) -> Vec<Effect> {
        self.state = State::Collecting;
        match self.refused {
            None => vec![Effect::Collect { bytes: self.push_limit }],
            Some(_) => vec![Effect::CollectNothing],
        }
    }

    fn send(&mut self, outgoing: Outgoing) -> Vec<Effect> {
        self.repairs += u32::from(outgoing.repair.is_some());
        let request = SyncRequest {
            version: VERSION,
            replica: outgoing.replica,
            cursor: outgoing.cursor,
            budget: self.page_budget,
            groups: outgoing.groups,
            commands: outgoing.commands,
            purged: outgoing.purged,
            app: self.settings.app.clone(),
            repair: outgoing.repair,
            pushed: outgoing.pushed,
            unheard: ChangeNames::default(),
            hand_back: outgoing.hand_back,
            says: PhoneSays::default(),
        };
        self.send_out(request, Box::new(outgoing.manifest))
    }

    fn send_out(&mut self, request: SyncRequest, manifest: Box<Manifest>) -> Vec<Effect> {
        self.state = State::Exchanging { request: Box::new(request.clone()), manifest };
        vec![Effect::Send(Box::new(request))]
    }

    fn renew(&mut self) -> Vec<Effect> {
        self.renewed = true;
        let mut effects = vec![Effect::Renew];
        effects.extend(self.collect());
        effects
    }

    fn answered(
        &mut self,
        now: Timestamp,
        chance: Chance,
        answer: &Answer,
        request: &SyncRequest,
        manifest: Box<Manifest>,
    ) -> Vec<Effect> {
        match read_cbor::<SyncResponse>(answer) {
            Reading::Good(response) => {
                if let Err(reason) = matches_request(&response, &manifest) {
                    return self.fail(now, chance, Fault::Garbled { reason }, None);
                }
                if above_quota(&response) {
                    self.refused = Some((Fault::QuotaReached, answer.retry_after_s));
                }
                self.state = State::Storing { more: response.more };
                vec![Effect::Store(Box::new(response), manifest)]
            }
            Reading::TooLarge => {
                let sent = pushed_bytes(request);
                let one = manifest.changes() <= 1;
                self.push_limit = (sent.min(self.push_limit) / 2).max(1);
                if one {
                    self.push_limit = self.settings.push_limit;
                    return self.fail(now, chance, Fault::TooLarge { bytes: sent }, None);
                }
                self.collect()
            }
            Reading::Problem(ProblemCode::TokenExpired | ProblemCode::NotSignedIn, _)
                if !self.refreshed =>
            {
                self.refreshed = true;
                self.state = State::Refreshing;
                vec![Effect::Refresh]
            }
            // It may have stored more of an earlier push than this one brings.
            Reading::Problem(ProblemCode::Forked, title) if request.unheard.is_empty() => {
                let (request, fault) = (request.clone(), fault_of(ProblemCode::Forked, title));
                let rest = Effect::NameTheRest(manifest.clone());
                self.state = State::Naming { request: Box::new(request), manifest, fault };
                vec![rest]
            }
            Reading::Problem(ProblemCode::Forked, _) if !self.renewed => self.renew(),
            Reading::Problem(ProblemCode::BadCursor, _) if !self.forgot_cursor => {
                self.forgot_cursor = true;
                let mut effects = vec![Effect::ForgetCursor];
                effects.extend(self.collect());
                effects
            }
            // What others wrote can still be had.
            Reading::Problem(ProblemCode::StorageFull, _) if self.refused.is_none() => {
                self.refused = Some((Fault::ServerFull, answer.retry_after_s));
                self.collect()
            }
            Reading::Problem(code, title) => {
                if code == ProblemCode::TooSlow {
                    self.take_smaller_bites(request);
                }
                self.fail(now, chance, fault_of(code, title), answer.retry_after_s)
            }
            Reading::Bad(fault) => self.fail(now, chance, fault, answer.retry_after_s),
        }
    }

    fn bound(&mut self, now: Timestamp, chance: Chance, answer: &Answer) -> Vec<Effect> {
        match read_json::<Tokens>(answer) {
            Reading::Good(tokens) => {
                let mut effects = vec![Effect::KeepBound(tokens)];
                effects.extend(self.collect());
                effects
            }
            Reading::Problem(ProblemCode::TokenExpired | ProblemCode::NotSignedIn, _)
                if !self.refreshed =>
            {
                self.refreshed = true;
                self.state = State::Refreshing;
                vec![Effect::Refresh]
            }
            // Our server's problem with it, or none of ours: the same as for tokens.
            _ => self.tokens_answered(now, chance, answer),
        }
    }

    fn tokens_answered(&mut self, now: Timestamp, chance: Chance, answer: &Answer) -> Vec<Effect> {
        match read_json::<Tokens>(answer) {
            Reading::Good(tokens) => {
                let mut effects = vec![Effect::KeepTokens(tokens)];
                effects.extend(self.collect());
                effects
            }
            Reading::Problem(
                ProblemCode::NotSignedIn | ProblemCode::TokenExpired | ProblemCode::WrongPassword,
                _,
            ) => self.fail(now, chance, Fault::SignInNeeded, None),
            Reading::Problem(code, title) => {
                self.fail(now, chance, fault_of(code, title), answer.retry_after_s)
            }
            Reading::TooLarge => {
                let reason = "a token request cannot be too large".to_owned();
                self.fail(now, chance, Fault::Garbled { reason }, None)
            }
            Reading::Bad(fault) => self.fail(now, chance, fault, answer.retry_after_s),
        }
    }

    fn fail(
        &mut self,
        now: Timestamp,
        chance: Chance,
        fault: Fault,
        retry_after_s: Option<u32>,
    ) -> Vec<Effect> {
        self.state = State::Idle;
        let retry_at = fault.retries().then(|| {
            self.backoff.fail(now, chance, retry_after_s.map(|seconds| i64::from(seconds) * 1000))
        });
        vec![Effect::End(Ended::Failed { fault, retry_at })]
    }
}

fn pushed_bytes(request: &SyncRequest) -> usize {
    request.groups.iter().flat_map(|group| &group.changes).map(|change| change.len()).sum()
}

/// Whether a quota kept the server from taking all of the push.
fn above_quota(response: &SyncResponse) -> bool {
    response.results.iter().flat_map(|group| &group.changes).any(|change| {
        matches!(change, ChangeResult::Rejected { code: RejectCode::QuotaReached, .. })
    })
}

/// An answer to another request than ours must not empty the outbox.
fn matches_request(response: &SyncResponse, manifest: &Manifest) -> Result<(), String> {
    if response.version != VERSION {
        return Err(format!("it speaks version {}, this app {VERSION}", response.version));
    }
    if response.results.len() != manifest.groups.len() {
        let (got, sent) = (response.results.len(), manifest.groups.len());
        return Err(format!("{got} results for {sent} groups"));
    }
    for (result, (doc, changes)) in response.results.iter().zip(&manifest.groups) {
        if result.doc != *doc || result.changes.len() != changes.len() {
            return Err("a result belongs to another group".to_owned());
        }
    }
    let answered = response.commands.iter().map(|result| &result.id);
    if !response.commands.is_empty() && !answered.eq(&manifest.commands) {
        return Err("a result belongs to another command".to_owned());
    }
    Ok(())
}
