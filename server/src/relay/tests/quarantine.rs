//! § Work done before a reassignment: taken within grace, kept for a person after it.

use client_core::docs::customer::{Contact, CustomerEdit};
use client_core::docs::{EditError, Header, LeftOut, NewChange};
use client_core::id::{CommandId, DocId, ItemId, RecordId};
use client_core::projection::DocState;
use client_core::protocol::{
    AccessStamp, ChangeResult, Command, CommandResult, DecideQuarantine, ProblemCode, RejectCode,
};
use client_core::records::{DecisionRecord, Record, Role, UserRecord, UserStatus, Verdict};
use serde_bytes::ByteBuf;

use super::reassignment::give;
use crate::app::AppConfig;
use crate::auth::Cost;
use crate::office::{By, DecideError, Extent, Office, Refusal, Registrar};
use crate::storage::Placing;
use crate::storage::lists::Window;
use crate::storage::model::{AuditFilter, Room};
use crate::testing::{Phone, World, hour, unit_id};

const GRACE: i64 = 30 * 24 * 3_600_000;

/// Anna's customer, given to Boris while she has an edit that was not sent.
struct Story {
    world: World,
    anna: Phone,
    boris: Phone,
    header: Header,
    edit: NewChange,
}

impl Story {
    async fn begin() -> Self {
        Self::with(AppConfig { password_cost: Cost::CHEAP, ..AppConfig::default() }).await
    }

    async fn with(config: AppConfig) -> Self {
        let world = World::with(config).await;
        let (mut anna, boris) = (world.rep("anna").await, world.rep("boris").await);
        let (header, change) = anna.customer(&world, "Acme");
        anna.push(header, &change).await;
        anna.pull().await;
        let (header, edit) = anna.rename(&world, header.doc, "Acme AG");
        give(&world, header.doc, boris.user).await;
        Self { world, anna, boris, header, edit }
    }

    async fn pass(&mut self, millis: i64) {
        self.world.pass(millis);
        self.anna.renew().await;
        self.boris.renew().await;
    }

    /// Pushes the edit after its grace; the case that it opens.
    async fn late(&mut self) -> RecordId {
        self.pass(GRACE + 1).await;
        let answer = self.anna.push(self.header, &self.edit).await;
        assert!(matches!(answer, ChangeResult::Quarantined { .. }), "{answer:?}");
        self.decision().await.id
    }

    async fn decision(&mut self) -> DecisionRecord {
        self.anna.pull().await;
        decision(&self.anna).expect("Anna's phone has the case")
    }

    async fn registrar(&self, by: By) -> Registrar {
        Office::of(self.world.app.clone(), self.world.org).registrar(by).await.unwrap()
    }

    async fn lead(&self, login: &str, role: Role, unit: &str) -> UserRecord {
        let id = self.world.person(login, role, &[unit]).await;
        Office::of(self.world.app.clone(), self.world.org).user(id).await.unwrap().unwrap()
    }

    fn name(&self, phone: &Phone) -> String {
        let document = &phone.docs[&self.header.doc];
        let DocState::Customer(state) = DocState::read(document) else { panic!("a customer") };
        state.value.name.unwrap_or_default()
    }
}

fn decision(phone: &Phone) -> Option<DecisionRecord> {
    phone.records.iter().rev().find_map(|record| match record {
        Record::Decision(decision) => Some(decision.clone()),
        _ => None,
    })
}

#[tokio::test]
async fn grace_is_measured_by_the_servers_clock_to_the_millisecond() {
    for (passed, stored) in [(GRACE, true), (GRACE + 1, false)] {
        let mut story = Story::begin().await;
        story.pass(passed).await;
        let answer = story.anna.push(story.header, &story.edit).await;
        assert_eq!(answer == ChangeResult::Stored, stored, "{answer:?} after {passed} ms");
        assert_eq!(matches!(answer, ChangeResult::Quarantined { .. }), !stored);
    }
    // A phone that says it wrote this years ago, or in years, gains and loses nothing.
    for clock in [1_000_000_000_000, 2_000_000_000_000] {
        let mut story = Story::begin().await;
        let at = client_core::time::Timestamp::from_millis(clock);
        let context = story.anna.context(at);
        let document = story.anna.docs.get_mut(&story.header.doc).unwrap();
        let odd = document.edit_customer(&context, |edit| edit.set_notes(Some("odd clock")));
        let odd = odd.unwrap().unwrap();
        story.pass(GRACE).await;
        let group = story.anna.group(story.header, &[&story.edit, &odd]);
        let response = story.anna.exchange(vec![group]).await;
        assert_eq!(response.results[0].changes, [ChangeResult::Stored, ChangeResult::Stored]);
    }
}

/// A visit that was begun while the customer was Anna's, and what she wrote in it later.
fn begun(story: &mut Story) -> (Header, NewChange, NewChange) {
    let (header, first) = story.anna.visit(&story.world, story.header.doc);
    let context = story.anna.context(story.world.now());
    let document = story.anna.docs.get_mut(&header.doc).unwrap();
    let more = document.edit_visit(&context, |edit| edit.set_result(Some("they will order")));
    (header, first, more.unwrap().unwrap())
}

#[tokio::test]
async fn a_new_visit_that_comes_after_grace_waits_for_a_person_and_so_does_what_builds_on_it() {
    let mut story = Story::begin().await;
    let (in_time, first, _more) = begun(&mut story);
    let (late, began, more) = begun(&mut story);
    story.pass(GRACE).await;
    assert_eq!(story.anna.push(in_time, &first).await, ChangeResult::Stored);
    story.pass(1).await;
    for change in [&began, &more, &began] {
        let answer = story.anna.push(late, change).await;
        assert!(matches!(answer, ChangeResult::Quarantined { .. }), "{answer:?}");
    }
    let case = story.decision().await;
    assert_eq!((case.subject, case.unit), (late.doc, Some(unit_id("north"))));
    assert_eq!(case.changes, [began.hash, more.hash], "one case, however often it is sent");
    let nora = story.lead("nora", Role::Supervisor, "north").await;
    let registrar = story.registrar(By::Person(nora)).await;
    let seen = registrar.case(case.id).await.unwrap();
    assert_eq!((seen.holder, seen.now.is_none()), (Some(story.boris.user), true));
    registrar.decide(case.id, Verdict::Accepted, None).await.unwrap();
    assert_eq!(story.anna.push(late, &more).await, ChangeResult::Duplicate);
    story.boris.pull().await;
    assert!(story.boris.docs.contains_key(&late.doc), "it is a visit at his customer");

    let (unwanted, began, more) = begun(&mut story);
    story.anna.push(unwanted, &began).await;
    let case = story.decision().await;
    assert_eq!((case.subject, case.verdict), (unwanted.doc, None));
    registrar.decide(case.id, Verdict::Rejected, None).await.unwrap();
    for (change, expected) in
        [(&began, RejectCode::Declined), (&more, RejectCode::DependsOnRejected)]
    {
        let answer = story.anna.push(unwanted, change).await;
        let refused = matches!(&answer, ChangeResult::Rejected { code, .. } if *code == expected);
        assert!(refused, "{answer:?}");
    }
}

#[tokio::test]
async fn a_stamp_of_somebody_else_or_a_forged_one_proves_nothing() {
    let mut story = Story::begin().await;
    story.boris.pull().await;
    let mut forged = story.anna.stamp.clone().unwrap().0.into_vec();
    forged[3] ^= 1;
    let stamps = [
        None,
        story.boris.stamp.clone(),
        Some(AccessStamp(ByteBuf::from(forged))),
        Some(AccessStamp(ByteBuf::from(Vec::new()))),
    ];
    for stamp in stamps {
        let mut group = story.anna.group(story.header, &[&story.edit]);
        group.stamp = stamp;
        let response = story.anna.exchange(vec![group]).await;
        let answer = &response.results[0].changes[0];
        let refused = matches!(answer, ChangeResult::Rejected { code: RejectCode::NotAllowed, .. });
        assert!(refused, "{answer:?}");
    }
    let answer = story.anna.push(story.header, &story.edit).await;
    assert_eq!(answer, ChangeResult::Stored, "her own stamp does");
}

#[tokio::test]
async fn a_stamp_older_than_the_grant_proves_nothing_and_a_lead_has_grace_too() {
    let world = World::new().await;
    let mut anna = world.rep("anna").await;
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;
    let vera_id = world.person("vera", Role::Supervisor, &[]).await;
    let lead = |units: &[&str]| {
        Record::User(UserRecord {
            id: vera_id,
            name: "vera".into(),
            role: Role::Supervisor,
            units: units.iter().map(|unit| unit_id(unit)).collect(),
            hired_on: None,
            status: UserStatus::Active,
            locale: None,
            leave: Vec::new(),
        })
    };
    let mut vera = world.phone("vera").await;
    vera.pull().await;
    let before = vera.stamp.clone();
    world.pass(hour(1) / 60);
    world.write(lead(&["north"])).await;
    vera.pull().await;
    let (header, edit) = vera.rename(&world, header.doc, "Acme by Vera");
    world.pass(hour(1) / 60);
    world.write(lead(&[])).await;
    world.pass(hour(24 * 20));
    vera.renew().await;
    let mut older = vera.group(header, &[&edit]);
    older.stamp = before;
    let response = vera.exchange(vec![older, vera.group(header, &[&edit])]).await;
    let answers: Vec<_> = response.results.iter().map(|result| result.changes[0].clone()).collect();
    assert!(matches!(answers[0], ChangeResult::Rejected { code: RejectCode::NotAllowed, .. }));
    assert_eq!(answers[1], ChangeResult::Stored, "the unit was hers when she wrote it");
}

#[tokio::test]
async fn the_work_of_a_disabled_user_is_neither_taken_nor_lost() {
    let story = Story::begin().await;
    let registrar = story.registrar(By::CommandLine).await;
    registrar.disable(story.anna.user).await.unwrap();
    let request = story.anna.request(vec![story.anna.group(story.header, &[&story.edit])]);
    let (body, encoding) = client_core::protocol::codec::encode(
        &request,
        client_core::protocol::codec::Encoding::Zstd,
    );
    let answer = story.anna.post(body.clone(), encoding.header()).await;
    assert_eq!(answer.problem().code, ProblemCode::Revoked);
    registrar.enable(story.anna.user).await.unwrap();
    let answer = story.anna.post(body, encoding.header()).await;
    let response = crate::testing::read(&answer);
    assert_eq!(response.results[0].changes, [ChangeResult::Stored], "nothing was lost");
}

#[tokio::test]
async fn accepted_work_is_in_the_document_as_its_authors_and_the_phone_is_told() {
    let mut story = Story::begin().await;
    let case = story.late().await;
    story.boris.pull().await;
    assert_eq!(story.name(&story.boris), "Acme", "it waits outside of the document");
    // What builds on it waits with it, in the same case.
    let (_, more) = story.anna.rename(&story.world, story.header.doc, "Acme AG & Co");
    let answer = story.anna.push(story.header, &more).await;
    assert!(matches!(answer, ChangeResult::Quarantined { .. }), "{answer:?}");
    assert_eq!(story.decision().await.changes, [story.edit.hash, more.hash]);

    let nora = story.lead("nora", Role::Supervisor, "north").await;
    let registrar = story.registrar(By::Person(nora.clone())).await;
    let seen = registrar.case(case).await.unwrap();
    assert_eq!((seen.changes.len(), seen.holder), (2, Some(story.boris.user)));
    assert!(seen.now.is_some() && seen.then.is_some() && seen.written.is_some());
    registrar.decide(case, Verdict::Accepted, Some(" thank you ".into())).await.unwrap();
    story.boris.pull().await;
    assert_eq!(story.name(&story.boris), "Acme AG & Co");
    let told = story.decision().await;
    assert_eq!((told.verdict, told.by), (Some(Verdict::Accepted), Some(nora.id)));
    assert_eq!(told.note.as_deref(), Some("thank you"));
    let log = {
        use crate::storage::Documents;
        story.world.app.storage().log(story.world.org, story.header.doc).await.unwrap()
    };
    assert_eq!(log.last().unwrap().user, story.anna.user, "as its author's");
    let again = story.anna.push(story.header, &story.edit).await;
    assert_eq!(again, ChangeResult::Duplicate, "a repeated push has its answer");
}

#[tokio::test]
async fn rejected_work_stays_out_for_good_and_so_does_what_builds_on_it() {
    let mut story = Story::begin().await;
    let case = story.late().await;
    let registrar = story.registrar(By::CommandLine).await;
    registrar.decide(case, Verdict::Rejected, None).await.unwrap();
    let again = story.anna.push(story.header, &story.edit).await;
    assert!(
        matches!(again, ChangeResult::Rejected { code: RejectCode::Declined, .. }),
        "{again:?}"
    );
    // Even where she holds it again.
    give(&story.world, story.header.doc, story.anna.user).await;
    let (_, more) = story.anna.rename(&story.world, story.header.doc, "Acme AG & Co");
    let group = story.anna.group(story.header, &[&story.edit, &more]);
    let response = story.anna.exchange(vec![group]).await;
    let [first, second] = &response.results[0].changes[..] else { panic!("two answers") };
    assert!(matches!(first, ChangeResult::Rejected { code: RejectCode::Declined, .. }));
    assert!(matches!(second, ChangeResult::Rejected { code: RejectCode::DependsOnRejected, .. }));
    let kept = {
        use crate::storage::Quarantine;
        story.world.app.storage().kept_in(story.world.org, case).await.unwrap()
    };
    assert_eq!(kept[0].bytes, story.edit.bytes, "the server keeps the bytes");
}

#[tokio::test]
async fn work_that_builds_on_what_waits_waits_too_even_after_a_regrant() {
    let mut story = Story::begin().await;
    let case = story.late().await;
    give(&story.world, story.header.doc, story.anna.user).await;
    story.anna.pull().await;
    let (_, more) = story.anna.rename(&story.world, story.header.doc, "Acme AG & Co");
    let answer = story.anna.push(story.header, &more).await;
    assert!(matches!(answer, ChangeResult::Quarantined { .. }), "{answer:?}");
    let registrar = story.registrar(By::CommandLine).await;
    registrar.decide(case, Verdict::Accepted, None).await.unwrap();
    assert_eq!(story.anna.push(story.header, &more).await, ChangeResult::Duplicate);
}

#[tokio::test]
async fn work_on_a_history_that_began_anew_is_written_again_where_a_person_accepts_it() {
    for late in [false, true] {
        let mut story = Story::begin().await;
        let office = Office::of(story.world.app.clone(), story.world.org);
        office.begin_history_anew(story.header.doc).await.unwrap();
        story.pass(if late { GRACE + 1 } else { 1 }).await;
        let answer = story.anna.push(story.header, &story.edit).await;
        assert!(matches!(answer, ChangeResult::Quarantined { .. }), "{answer:?}");
        let case = story.decision().await;
        let registrar = story.registrar(By::CommandLine).await;
        assert!(registrar.case(case.id).await.unwrap().then.is_some(), "the page shows it");
        let verdict = if late { Verdict::HandedOver } else { Verdict::Accepted };
        registrar.decide(case.id, verdict, None).await.unwrap();
        story.boris.pull().await;
        assert_eq!(story.name(&story.boris), "Acme AG");
    }
}

#[tokio::test]
async fn late_work_on_a_contact_goes_into_the_same_contact_of_the_new_history() {
    for removed in [false, true] {
        let world = World::new().await;
        let (mut anna, boris) = (world.rep("anna").await, world.rep("boris").await);
        let (header, change) = anna.customer(&world, "Acme");
        anna.push(header, &change).await;
        let [known, met] = [1, 2].map(|n| ItemId::new(world.now(), [n; 10]));
        let context = anna.context(world.now());
        let mut edit = |intents: &dyn Fn(&mut CustomerEdit<'_>) -> Result<(), EditError>| {
            let document = anna.docs.get_mut(&header.doc).unwrap();
            document.edit_customer(&context, |edit| intents(edit)).unwrap().unwrap()
        };
        let named = |name: &str| Contact { name: Some(name.into()), ..Contact::default() };
        let added = edit(&|edit| edit.add_contact(known, &named("Zhang")));
        let late = edit(&|edit| {
            edit.set_contact_title(known, Some("buyer"))?;
            edit.add_contact(met, &named("Li"))?;
            edit.set_contact_title(met, Some("driver"))
        });
        anna.push(header, &added).await;
        anna.pull().await;
        give(&world, header.doc, boris.user).await;
        let mut story = Story { world, anna, boris, header, edit: late };
        let office = Office::of(story.world.app.clone(), story.world.org);
        if removed {
            let hand = office.hand(story.boris.user).await.unwrap();
            let gone = move |edit: &mut CustomerEdit<'_>| edit.remove_contact(known);
            office.edit_customer(&hand, header.doc, gone).await.unwrap();
        }
        office.begin_history_anew(header.doc).await.unwrap();
        let answer = story.anna.push(header, &story.edit).await;
        assert!(matches!(answer, ChangeResult::Quarantined { .. }), "{answer:?}");
        let case = story.decision().await.id;
        let registrar = story.registrar(By::CommandLine).await;
        let decided = registrar.decide(case, Verdict::Accepted, None).await;
        if removed {
            let DecideError::InPart { rest } = decided.unwrap_err() else { panic!() };
            // Of a thing that was gone when the history ended nobody knows which it was.
            let left_out = LeftOut { field: "…/title".into(), value: Some("buyer".into()) };
            assert_eq!(rest.left_out, [left_out], "{rest}");
            let shown = registrar.case(case).await.unwrap();
            assert_eq!(shown.rest, rest, "the page shows what does not fit");
            assert!(shown.then.is_some(), "and what does");
            let fits = Extent::WhatFits;
            let record = registrar.decide_on(case, Verdict::Accepted, fits, None).await.unwrap();
            assert_eq!(record.left_out, rest.left_out, "it is kept with the decision");
            story.anna.pull().await;
            assert_eq!(decision(&story.anna), Some(record), "and told to who wrote it");
        } else {
            decided.unwrap();
        }
        story.boris.pull().await;
        let DocState::Customer(state) = DocState::read(&story.boris.docs[&header.doc]) else {
            panic!("a customer")
        };
        let titles = state.value.contacts.iter().map(|(id, one)| (*id, one.title.as_deref()));
        let titles: Vec<_> = titles.collect();
        match removed {
            true => assert_eq!(titles, [(met, Some("driver"))], "the rest is as good as it was"),
            false => assert_eq!(titles, [(known, Some("buyer")), (met, Some("driver"))]),
        }
    }
}

#[tokio::test]
async fn changes_of_which_nothing_fits_wait_on_while_the_others_are_accepted() {
    let world = World::new().await;
    let (mut anna, boris) = (world.rep("anna").await, world.rep("boris").await);
    let (header, change) = anna.customer(&world, "Acme");
    anna.push(header, &change).await;
    let known = ItemId::new(world.now(), [1; 10]);
    let context = anna.context(world.now());
    let mut edit = |intents: &dyn Fn(&mut CustomerEdit<'_>) -> Result<(), EditError>| {
        let document = anna.docs.get_mut(&header.doc).unwrap();
        document.edit_customer(&context, |edit| intents(edit)).unwrap().unwrap()
    };
    let zhang = Contact { name: Some("Zhang".into()), ..Contact::default() };
    let added = edit(&|edit| edit.add_contact(known, &zhang));
    let about_zhang = edit(&|edit| edit.set_contact_title(known, Some("buyer")));
    let about_acme = edit(&|edit| edit.set_region(Some("west")));
    anna.push(header, &added).await;
    anna.pull().await;
    give(&world, header.doc, boris.user).await;
    let mut story = Story { world, anna, boris, header, edit: about_zhang };
    let office = Office::of(story.world.app.clone(), story.world.org);
    let hand = office.hand(story.boris.user).await.unwrap();
    let gone = move |edit: &mut CustomerEdit<'_>| edit.remove_contact(known);
    office.edit_customer(&hand, header.doc, gone).await.unwrap();
    office.begin_history_anew(header.doc).await.unwrap();
    for change in [story.edit.clone(), about_acme.clone()] {
        let answer = story.anna.push(header, &change).await;
        assert!(matches!(answer, ChangeResult::Quarantined { .. }), "{answer:?}");
    }
    let case = story.decision().await.id;
    let registrar = story.registrar(By::CommandLine).await;
    let whole = registrar.decide(case, Verdict::Accepted, None).await.unwrap_err();
    assert!(matches!(whole, DecideError::InPart { .. }), "{whole}");
    let fits = Extent::WhatFits;
    let record = registrar.decide_on(case, Verdict::Accepted, fits, None).await.unwrap();
    assert_eq!(record.changes, [about_acme.hash]);
    let cases = registrar.cases().await.unwrap();
    let [rest, decided] = &cases[..] else { panic!("two cases, not {cases:?}") };
    assert_eq!((rest.verdict, &rest.changes[..]), (None, &[story.edit.hash][..]), "it waits on");
    assert_eq!((decided.id, decided.verdict), (case, Some(Verdict::Accepted)));
    let answer = story.anna.push(header, &story.edit).await;
    assert!(matches!(answer, ChangeResult::Quarantined { .. }), "{answer:?}");
    let none = registrar.decide_on(rest.id, Verdict::Accepted, fits, None).await.unwrap_err();
    let DecideError::CannotApply { detail } = none else { panic!("{none}") };
    assert!(detail.contains("started anew"), "{detail}");
    registrar.decide(rest.id, Verdict::Rejected, None).await.unwrap();
    let answer = story.anna.push(header, &story.edit).await;
    assert!(matches!(answer, ChangeResult::Rejected { code: RejectCode::Declined, .. }));
    story.boris.pull().await;
    let DocState::Customer(state) = DocState::read(&story.boris.docs[&header.doc]) else {
        panic!("a customer")
    };
    assert_eq!(state.value.region.as_deref(), Some("west"));
}

#[tokio::test]
async fn handed_over_work_is_told_to_whoever_holds_the_document_now() {
    let mut story = Story::begin().await;
    let case = story.late().await;
    let registrar = story.registrar(By::CommandLine).await;
    let record = registrar.decide(case, Verdict::HandedOver, None).await.unwrap();
    assert_eq!(record.to, Some(story.boris.user));
    story.boris.pull().await;
    assert_eq!(story.name(&story.boris), "Acme AG");
    let told = decision(&story.boris).expect("Boris is told");
    assert_eq!((told.id, told.verdict), (case, Some(Verdict::HandedOver)));

    let mut alone = Story::begin().await;
    let case = alone.late().await;
    give(&alone.world, alone.header.doc, alone.anna.user).await;
    let registrar = alone.registrar(By::CommandLine).await;
    let refused = registrar.decide(case, Verdict::HandedOver, None).await.unwrap_err();
    assert!(matches!(refused, DecideError::NobodyElse), "{refused}");
}

#[tokio::test]
async fn only_who_leads_the_author_or_the_unit_decides_and_only_once() {
    let mut story = Story::begin().await;
    let case = story.late().await;
    let boris = Office::of(story.world.app.clone(), story.world.org);
    let boris = boris.user(story.boris.user).await.unwrap().unwrap();
    let rep = story.registrar(By::Person(boris)).await;
    let refused = rep.decide(case, Verdict::Accepted, None).await.unwrap_err();
    assert!(matches!(refused, DecideError::Refused(Refusal::Places)), "{refused}");
    assert!(rep.cases().await.unwrap().is_empty());
    let elsewhere = story.lead("sven", Role::Manager, "elsewhere").await;
    let elsewhere = story.registrar(By::Person(elsewhere)).await;
    let refused = elsewhere.decide(case, Verdict::Accepted, None).await.unwrap_err();
    assert!(matches!(refused, DecideError::Refused(Refusal::OtherUnit { .. })), "{refused}");
    let above = story.lead("mara", Role::Manager, "sales").await;
    let above = story.registrar(By::Person(above)).await;
    assert_eq!(above.cases().await.unwrap().len(), 1);
    above.decide(case, Verdict::Rejected, None).await.unwrap();
    let late = above.decide(case, Verdict::Accepted, None).await.unwrap_err();
    assert!(matches!(late, DecideError::Already { verdict: Verdict::Rejected, .. }), "{late}");
    let whats = vec!["decided".to_owned(), "quarantined".to_owned()];
    let filter = AuditFilter { whats, ..AuditFilter::default() };
    let done = story.world.app.storage().audit(story.world.org, filter, Window::ALL).await.unwrap();
    let done: Vec<&str> = done.iter().map(|entry| entry.what.as_str()).collect();
    assert_eq!(done, ["decided", "quarantined"]);
}

async fn command(phone: &mut Phone, id: u8, case: RecordId, verdict: Verdict) -> CommandResult {
    let mut request = phone.request(Vec::new());
    let body = DecideQuarantine { case, verdict, note: None }.encode();
    request.commands.push(Command {
        id: CommandId::from_bytes([id; 16]),
        kind: DecideQuarantine::KIND.to_owned(),
        body: ByteBuf::from(body),
    });
    phone.exchange_as(request).await.commands.remove(0)
}

#[tokio::test]
async fn an_offline_lead_decides_by_a_command_that_may_be_repeated() {
    let mut story = Story::begin().await;
    let case = story.late().await;
    story.lead("nora", Role::Supervisor, "north").await;
    let mut nora = story.world.phone("nora").await;
    nora.pull().await;
    assert_eq!(decision(&nora).map(|decision| decision.id), Some(case), "her phone has the case");
    assert_eq!(command(&mut nora, 1, case, Verdict::Accepted).await.refused, None);
    assert_eq!(command(&mut nora, 1, case, Verdict::Accepted).await.refused, None, "repeated");
    assert_eq!(command(&mut nora, 2, case, Verdict::Accepted).await.refused, None, "as a new one");
    let other = command(&mut nora, 3, case, Verdict::Rejected).await.refused.unwrap();
    assert!(other.contains("decided before"), "{other}");
    let told = story.decision().await;
    assert_eq!(told.verdict, Some(Verdict::Accepted), "the answer is a record");
    let refused = command(&mut story.boris, 4, case, Verdict::Rejected).await.refused;
    assert!(refused.is_some(), "a rep decides nothing");
    let nothing = RecordId::from_bytes([9; 16]);
    assert!(command(&mut nora, 5, nothing, Verdict::Rejected).await.refused.is_some());
}

#[tokio::test]
async fn when_no_more_may_wait_the_phone_is_told_and_keeps_its_work() {
    let room = Room { device_changes: 1, ..Room::default() };
    let config = AppConfig { password_cost: Cost::CHEAP, room, ..AppConfig::default() };
    let mut story = Story::with(config).await;
    let case = story.late().await;
    let (_, more) = story.anna.rename(&story.world, story.header.doc, "Acme AG & Co");
    let answer = story.anna.push(story.header, &more).await;
    let ChangeResult::Rejected { code, detail } = answer else { panic!("{answer:?}") };
    assert_eq!(code, RejectCode::QuarantineFull);
    assert!(detail.contains("stays on the phone"), "{detail}");
    let registrar = story.registrar(By::CommandLine).await;
    registrar.decide(case, Verdict::Rejected, None).await.unwrap();
}

#[tokio::test]
async fn who_came_along_to_a_visit_writes_their_own_note_and_nothing_else() {
    let world = World::new().await;
    let (mut anna, mut boris) = (world.rep("anna").await, world.rep("boris").await);
    let (customer, made) = anna.customer(&world, "Acme");
    anna.push(customer, &made).await;
    let office = Office::of(world.app.clone(), world.org);
    let registrar = office.registrar(By::CommandLine).await.unwrap();
    let share = crate::office::Place { add: vec![boris.user], ..Default::default() };
    registrar.place(customer.doc, share).await.unwrap();
    let (visit, began) = anna.visit(&world, customer.doc);
    anna.push(visit, &began).await;
    let context = anna.context(world.now());
    let (guest, document) = (boris.user, anna.docs.get_mut(&visit.doc).unwrap());
    let invited = document.edit_visit(&context, |edit| edit.add_co_visitor(guest, context.at));
    anna.push(visit, &invited.unwrap().unwrap()).await;
    boris.pull().await;
    let edit = |phone: &mut Phone, doc: DocId, note: Option<&str>, result: Option<&str>| {
        let (context, me) = (phone.context(world.now()), phone.user);
        let document = phone.docs.get_mut(&doc).unwrap();
        let change = document.edit_visit(&context, |edit| {
            if let Some(note) = note {
                edit.set_co_visitor_note(me, Some(note))?;
            }
            result.map_or(Ok(()), |result| edit.set_result(Some(result)))
        });
        change.unwrap().unwrap()
    };
    let own = edit(&mut boris, visit.doc, Some("I was there"), None);
    assert_eq!(boris.push(visit, &own).await, ChangeResult::Stored);
    let whole = edit(&mut boris, visit.doc, None, Some("it was all my doing"));
    let answer = boris.push(visit, &whole).await;
    assert!(matches!(answer, ChangeResult::Rejected { code: RejectCode::NotAllowed, .. }));
}
