//! Honest inputs to begin with.

use client_core::docs::case::SurveyAnswer;
use client_core::docs::deal::Quote;
use client_core::docs::plan::KeyTask;
use client_core::docs::{DocKind, Document, EditContext, Generation, Header, Heads};
use client_core::id::{ActorId, DocId, ItemId, OrgId, ReplicaId, UserId};
use client_core::money::{Currency, Money};
use client_core::protocol::codec::{self, Encoding};
use client_core::protocol::{
    ChangeResult, Cursor, FeedEntry, GroupResult, PushGroup, RejectCode, Scope, SyncResponse,
};
use client_core::time::Timestamp;
use serde_bytes::ByteBuf;
use server::RunningServer;
use server::auth::SignedDevice;
use server::relay::SyncError;
use tests::company::Company;
use tests::fleet::corpus;
use tests::fleet::dice::Dice;
use tests::fleet::founding::former_phone;
use tests::fleet::profile::{Customer, Profile, Visitor};
use tests::intruder::request;
use tokio::runtime::Runtime;

const AT: Timestamp = Timestamp::from_millis(1_791_424_800_000);
const ACTOR: ActorId = ActorId::from_bytes([7; 16]);
const VISITOR: Visitor = Visitor {
    org: OrgId::from_bytes([1; 16]),
    rep: UserId::from_bytes([2; 16]),
    colleague: UserId::from_bytes([3; 16]),
};

/// A document's header.
pub fn header(kind: DocKind) -> Header {
    Header {
        doc: DocId::from_bytes([4; 16]),
        kind,
        org: VISITOR.org,
        author: VISITOR.rep,
        customer: kind.has_customer().then(|| DocId::from_bytes([5; 16])),
        generation: Generation(0),
    }
}

/// A document of every kind with much in it.
pub fn documents() -> Vec<Document> {
    let mut dice = Dice::new(1, 1);
    let customer = Customer::new(AT, &mut dice);
    let of_customer = corpus::customer(VISITOR, ACTOR, &customer, Profile::Full, &mut dice);
    let of_visit = corpus::visit(VISITOR, ACTOR, AT, &customer, Profile::Full, &mut dice);
    let context = EditContext { actor: ACTOR, at: AT };
    let money = Some(Money::new(12_345_600, Currency::CNY));
    let item = |n: u8| ItemId::new(AT, [n; 10]);
    let mut deal = Document::create(header(DocKind::Deal));
    deal.edit_deal(&context, |edit| {
        edit.set_name(Some("主轴轴承"))?;
        edit.set_amount(money)?;
        edit.move_to_stage(item(1), "qualified", AT, None)?;
        edit.add_quote(item(2), &Quote { amount: money, ..Quote::default() })
    })
    .expect("a deal");
    deal.edit_deal(&context, |edit| edit.remove_quote(item(2))).expect("a deal");
    let mut plan = Document::create(header(DocKind::Plan));
    plan.edit_plan(&context, |edit| {
        edit.set_date("2026-10-08".parse().ok())?;
        edit.add_key_task(item(1), &KeyTask { text: Some("call".into()), ..KeyTask::default() })
    })
    .expect("a plan");
    let mut case = Document::create(header(DocKind::Case));
    case.edit_case(&context, |edit| {
        edit.set_subject(Some("leak"))?;
        edit.set_opened_at(Some(AT))?;
        edit.add_survey(item(1), &SurveyAnswer { score: Some(9), ..SurveyAnswer::default() })
    })
    .expect("a case");
    let (customer, visit) = (of_customer.expect("made"), of_visit.expect("made"));
    vec![customer.document, visit.document, deal, plan, case]
}

/// The changes that made them, and further ones on top.
pub fn changes() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for mut document in documents() {
        let context = EditContext { actor: ActorId::from_bytes([8; 16]), at: AT };
        let more = match document.header().kind {
            DocKind::Customer => document.edit_customer(&context, |it| it.set_name(Some("Acme"))),
            DocKind::Visit => document.edit_visit(&context, |it| {
                it.set_co_visitor_note(UserId::from_bytes([9; 16]), Some("agreed"))
            }),
            DocKind::Deal => document.edit_deal(&context, |it| it.win(AT)),
            DocKind::Plan => document.edit_plan(&context, |it| it.set_report_progress(Some("x"))),
            DocKind::Case => document.edit_case(&context, |it| it.resolve(AT)),
        };
        more.expect("an edit");
        let all = document.changes_since(&Heads::default());
        seeds.extend(all.into_iter().map(|change| change.bytes));
    }
    seeds
}

/// Requests and answers, packed and not.
pub fn frames() -> Vec<Vec<u8>> {
    let changes: Vec<ByteBuf> = changes().into_iter().map(ByteBuf::from).collect();
    let group = PushGroup { header: header(DocKind::Visit), stamp: None, changes };
    let mut asked = request(vec![group]);
    asked.cursor = Some(Cursor(ByteBuf::from(vec![7; 64])));
    asked.purged = vec![DocId::from_bytes([1; 16]); 3];
    let rejected = ChangeResult::Rejected { code: RejectCode::TooLarge, detail: "why".into() };
    let snapshot = documents().first().map(Document::snapshot).unwrap_or_default();
    let mut answer: SyncResponse =
        codec::decode(b"\xa2\x61v\x01\x61t\x00", Encoding::Identity, 100).expect("the least");
    answer.results = vec![GroupResult {
        doc: DocId::from_bytes([4; 16]),
        changes: vec![ChangeResult::Stored, rejected, ChangeResult::MissingDeps(Vec::new())],
    }];
    answer.feed = vec![
        FeedEntry::Enter {
            header: header(DocKind::Customer),
            scopes: vec![Scope::Org, Scope::User(VISITOR.rep)],
            snapshot: ByteBuf::from(snapshot),
        },
        FeedEntry::Changes { doc: DocId::from_bytes([4; 16]), changes: Vec::new() },
    ];
    [Encoding::Identity, Encoding::Zstd]
        .into_iter()
        .flat_map(|encoding| {
            [codec::encode(&asked, encoding).0, codec::encode(&answer, encoding).0]
        })
        .collect()
}

/// Tables as people export them, and mappings as they write them.
pub fn files() -> Vec<Vec<u8>> {
    let table =
        "key,name,region\n1,\"Acme, Inc\",East\n2,\"two\nlines\",\"quote \"\" in\"\n3,北京,华东\n";
    let wide: Vec<u8> = table.encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        table.as_bytes().to_vec(),
        table.replace(',', ";").into_bytes(),
        table.replace(',', "\t").replace('\n', "\r\n").into_bytes(),
        [&[0xef, 0xbb, 0xbf][..], table.as_bytes()].concat(),
        [&[0xff, 0xfe][..], &wide].concat(),
        b"sep=;\nname;amount\nAcme;1.234,50\n".to_vec(),
        vec![0xb1, 0xb1, 0xbe, 0xa9, b',', 0xc9, 0xcf, 0xba, 0xa3, b'\n', b'a', b',', b'b', b'\n'],
        include_bytes!("../../server/maps/crm-deal.map.toml").to_vec(),
        include_bytes!("../../server/maps/crm-account.map.toml").to_vec(),
    ]
}

/// A server in this process and a phone of it.
pub struct Office {
    runtime: Runtime,
    server: RunningServer,
    from: SignedDevice,
    _dir: tempfile::TempDir,
}

impl Office {
    /// Founds and opens it.
    pub fn open() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let dir = tempfile::tempdir().expect("a folder");
        let (server, from) = runtime.block_on(async {
            let company = Company::found(&dir.path().join("data"), &["anna"]).await;
            let company = company.expect("founded");
            let server = company.serve().await.expect("it listens");
            let rep = company.reps[0];
            let visitor = Visitor { org: company.org, rep, colleague: rep };
            let mut dice = Dice::new(3, 3);
            let from = former_phone(server.app(), visitor, ACTOR, AT, &mut dice).await;
            (server, from.expect("enrolled"))
        });
        Self { runtime, server, from, _dir: dir }
    }

    /// A cursor that the server gave out.
    pub fn cursor(&self) -> Vec<u8> {
        let mut first = request(Vec::new());
        first.budget = 1 << 20;
        let asking = server::relay::sync(self.server.app(), &self.from, first);
        let answer = self.runtime.block_on(asking).expect("a page");
        answer.cursor.expect("a cursor").0.into_vec()
    }

    /// Asks from a cursor.
    pub fn ask_from(&self, cursor: &[u8]) -> Result<(), SyncError> {
        let mut asked = request(Vec::new());
        asked.replica = ReplicaId::from_bytes([5; 16]);
        asked.cursor = Some(Cursor(ByteBuf::from(cursor.to_vec())));
        let asking = server::relay::sync(self.server.app(), &self.from, asked);
        self.runtime.block_on(asking).map(drop)
    }
}
