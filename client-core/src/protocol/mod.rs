//! What phone and server say to each other.
//!
//! One exchange carries everything: `POST /v1/sync`, CBOR inside zstd, safe to
//! repeat at any point. The phone pushes raw Automerge changes grouped by
//! document and gets a result for each; then it gets a page of the server's feed
//! and a cursor. Nothing else is needed, because mobile systems give background
//! work seconds: one request must be enough.
//!
//! Fields have one- or two-letter names on the wire and full names in code. A
//! reader skips fields it does not know; a missing field has a default. Raw
//! change bytes are carried as they are and the whole body is compressed: zstd
//! over a page costs 115–125 bytes a visit, one compressed change at a time
//! costs three times that.

mod ask;
pub mod codec;
mod decide;
pub mod hand_back;
mod inputs;
mod invitation;
mod live;
mod names;
mod problem;
mod repair;
mod scope;
mod session;
mod sync;

pub use ask::{
    AnswerAsked, Ask, AskTarget, AssessSelf, ContestLine, JudgeVisit, Question, ReviewVisit,
    StepAppraisal,
};
pub use decide::DecideQuarantine;
pub use hand_back::{HandBack, HandBackAnswer, Offer, Receipt};
pub use inputs::{InputsAnswer, InputsAsk};
pub use invitation::{EnrolmentCode, Invitation, ParseInvitationError};
pub use live::{HINT_EVENT, HintReader, LIVE_MEDIA_TYPE, LIVE_PATH, LIVE_SILENCE_S, LiveHint};
pub use names::{ChangeNames, NameSet};
pub use problem::{Problem, ProblemCode};
pub use repair::{DocAnswer, ListAsk, ListedDoc, Listing, RepairAnswer, RepairAsk};
pub use scope::{Scope, ScopeDigest};
pub use session::{
    DeviceClaim, EnrolRequest, RefreshRequest, SignInRequest, SignInResponse, Tokens,
};
pub use sync::{
    AccessStamp, ChangeResult, Command, CommandResult, Cursor, FeedEntry, GroupResult, LeaveReason,
    PhoneSays, PushGroup, RejectCode, SyncRequest, SyncResponse,
};

/// The version this code speaks. A server answers any other with
/// [`ProblemCode::ProtocolVersion`] and the versions it knows.
pub const VERSION: u16 = 1;

/// Where sync is served.
pub const SYNC_PATH: &str = "/v1/sync";
/// Where a phone signs in and enrols.
pub const SIGN_IN_PATH: &str = "/v1/sign_in";
/// Where a phone enrols with a code.
pub const ENROL_PATH: &str = "/v1/enrol";
/// Where a phone that was restored or cloned becomes a device of its own.
pub const RENEW_PATH: &str = "/v1/device/renew";
/// Where tokens are renewed.
pub const REFRESH_PATH: &str = "/v1/token/refresh";
/// Where a phone asks which facts its card was computed from.
pub const INPUTS_PATH: &str = "/v1/scorecard/inputs";
/// The media type of both bodies.
pub const MEDIA_TYPE: &str = "application/cbor";
/// Largest request body after decompression, in bytes.
pub const MAX_PUSH_BYTES: usize = 4 * 1024 * 1024;
/// Largest response body a phone accepts after decompression, in bytes.
pub const MAX_PAGE_BYTES: usize = 8 * 1024 * 1024;
/// The page size a phone asks for, in bytes before compression.
pub const DEFAULT_PAGE_BUDGET: u32 = 512 * 1024;
