//! A manager edits on the web what a rep edits on the phone.

use std::path::Path;
use std::sync::Arc;

use client_core::docs::deal::{DealKind, DealMilestone, DealOutcome, LeadGrade};
use client_core::engine::{
    Client as Phone, Config, DealChange, DeviceInfo, ManualClock, NewDeal, SaveError,
};
use client_core::id::{DocId, ItemId};
use client_core::projection::DocState;
use reqwest::StatusCode;
use reqwest::header::LOCATION;
use server::office::{Office, SetPolicy};
use server::storage::{Documents, Records};
use tempfile::TempDir;
use tests::evening::Evening;
use tests::reader::Reader;

/// Chen's phone, as it was left in the evening.
fn phone(dir: &Path, evening: &Evening) -> Phone {
    let device = DeviceInfo {
        name: "chen's phone".into(),
        platform: "android".into(),
        app_version: "0.1.0".into(),
    };
    let mut config = Config::new(dir.join("chen"), &evening.url(""), device);
    config.clock = Arc::<ManualClock>::clone(&evening.clock);
    config.runtime = Some(tokio::runtime::Handle::current());
    Phone::open(config).unwrap()
}

/// A form as a browser would send it back untouched: what each field holds, and what
/// it held when the page was made.
fn untouched(page: &str) -> Vec<(String, String)> {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        Some(rest.split('"').next().unwrap().to_owned())
    };
    let mut pairs = Vec::new();
    for tag in page.split("<input type=\"hidden\"").skip(1) {
        let tag = tag.split('>').next().unwrap();
        let (Some(name), Some(value)) = (attribute(tag, "name"), attribute(tag, "value")) else {
            continue;
        };
        let value = value.replace("&#38;", "&").replace("&#34;", "\"").replace("&#39;", "'");
        if let Some(field) = name.strip_prefix("was.").filter(|field| *field != "collaborators") {
            pairs.push((field.to_owned(), value.clone()));
        }
        pairs.push((name, value));
    }
    assert!(pairs.len() > 10, "{page}");
    pairs
}

fn with(mut pairs: Vec<(String, String)>, name: &str, to: &str) -> Vec<(String, String)> {
    let field = pairs.iter_mut().find(|(each, _)| each == name).unwrap_or_else(|| panic!("{name}"));
    to.clone_into(&mut field.1);
    pairs
}

async fn row(evening: &Evening, doc: DocId) -> DocState {
    let storage = evening.server.app().storage();
    let org = storage.orgs().await.unwrap()[0].id;
    storage.row(org, doc).await.unwrap().unwrap().state
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_manager_and_a_rep_without_signal_change_both_survives() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let path = format!("/customers/{}/edit", evening.customer);
    let (_, form) = zhou.read(&path).await;
    let form = untouched(&form);
    let number =
        form.iter().find(|(name, _)| name.starts_with("contacts.") && name.ends_with(".phone"));
    let number = number.unwrap().0.clone();

    let chen = phone(dir.path(), &evening);
    chen.edit_customer(evening.customer, |edit| edit.set_name(Some("浦江精密 Pujiang"))).unwrap();
    let changed = with(form.clone(), &number, "139 0000 1111");
    let saved = zhou.post(&path, &changed).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER, "{}", saved.text().await.unwrap());
    chen.sync_once().await.unwrap();

    let DocState::Customer(stored) = row(&evening, evening.customer).await else { panic!() };
    let contact = stored.value.contacts.values().next().unwrap();
    assert_eq!(stored.value.name.as_deref(), Some("浦江精密 Pujiang"));
    assert_eq!(contact.phone.raw.as_deref(), Some("139 0000 1111"));
    let held = chen.customer(evening.customer).unwrap().unwrap();
    let contact = held.state.contacts.values().next().unwrap();
    assert_eq!(contact.phone.raw.as_deref(), Some("139 0000 1111"), "the phone has it too");
    assert_eq!(held.state.name.as_deref(), Some("浦江精密 Pujiang"));

    // The same page again, as it lay open all the while: nothing is written over.
    let late = with(form, "name", "Pujiang Machines");
    let refused = zhou.post(&path, &late).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    let page = refused.text().await.unwrap();
    assert!(page.contains("浦江精密 Pujiang") && page.contains("陈思远"), "{page}");
    assert!(page.contains("value=\"Pujiang Machines\""), "what was entered stays");
    let knowing = with(untouched(&page), "name", "Pujiang Machines");
    assert_eq!(zhou.post(&path, &knowing).await.status(), StatusCode::SEE_OTHER);
    let DocState::Customer(stored) = row(&evening, evening.customer).await else { panic!() };
    assert_eq!(stored.value.name.as_deref(), Some("Pujiang Machines"));
    let storage = evening.server.app().storage();
    let org = storage.orgs().await.unwrap()[0].id;
    let log = storage.log(org, evening.customer).await.unwrap();
    assert_ne!(log.last().unwrap().user, evening.chen, "in the manager's name");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rep_and_a_stranger_edit_nothing_on_the_web_and_bad_values_are_told() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let path = format!("/customers/{}/edit", evening.customer);
    let chen = Reader::signed_in(&evening, "chen").await;
    let shown = format!("/customers/{}", evening.customer);
    assert!(!chen.read(&shown).await.1.contains("/edit"), "not offered to a rep");
    assert_eq!(chen.read(&path).await.0, StatusCode::FORBIDDEN);
    assert_eq!(chen.press(&path).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(Reader::stranger(&evening).read(&path).await.0, StatusCode::SEE_OTHER);
    let zhou = Reader::signed_in(&evening, "zhou").await;
    assert!(zhou.read(&shown).await.1.contains(&format!("href=\"{path}\"")));
    let missing = format!("/customers/{}/edit", evening.chen);
    assert_eq!(zhou.read(&missing).await.0, StatusCode::NOT_FOUND);
    let (_, page) = zhou.read(&path).await;
    for (field, bad) in [("name", ""), ("credit_limit", "a lot"), ("credit_reviewed_on", "soon")] {
        let answer = zhou.post(&path, &with(untouched(&page), field, bad)).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(&format!("id=\"{field}-error\"")), "{field}");
    }
    let anna = evening.anna.to_string();
    let moved = with(untouched(&page), "owner", &anna);
    let answer = zhou.post(&path, &with(moved, "tier", "b")).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert_eq!(answer.headers()[LOCATION], format!("/customers/{}", evening.customer));
    let (_, page) = zhou.read(&path).await;
    assert!(page.contains(&format!("name=\"was.owner\" value=\"{anna}\"")), "{page}");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_is_lost_only_with_a_reason() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let chen = phone(dir.path(), &evening);
    let deal = chen.deals(&client_core::engine::DealQuery::default()).unwrap().items[0].id;
    let path = format!("/deals/{deal}/edit");
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let (_, page) = zhou.read(&path).await;
    let lost = with(untouched(&page), "outcome", "lost");
    let answer = zhou.post(&path, &lost).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().await.unwrap().contains("id=\"lost_reason-error\""));
    let lost = with(with(lost, "lost_reason", "price"), "amount", "1,000.5");
    let answer = zhou.post(&path, &lost).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    chen.sync_once().await.unwrap();
    let held = chen.deal(deal).unwrap().unwrap();
    assert_eq!(held.state.outcome, Some(DealOutcome::Lost));
    assert_eq!(held.state.lost_reason.as_deref(), Some("price"));
    assert_eq!(held.state.amount.unwrap().minor, 100_050);
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_graded_and_a_loss_is_reviewed_at_the_office_and_on_the_phone() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let chen = phone(dir.path(), &evening);
    let deal = chen.deals(&client_core::engine::DealQuery::default()).unwrap().items[0].id;
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let path = format!("/deals/{deal}/edit");
    let mut form = untouched(&zhou.page(&path).await);
    for (name, to) in [
        ("grade", "b"),
        ("kind", "tender"),
        ("budget", "5,000"),
        ("decision_cycle_days", "90"),
        ("terms", "2"),
        ("lost_to", "Beta AG"),
    ] {
        form = with(form, name, to);
    }
    let wrong = zhou.post(&path, &with(form.clone(), "terms", "6")).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let saved = zhou.post(&path, &form).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER);
    let page = zhou.page(&format!("/deals/{deal}?lang=en")).await;
    for told in ["Tender", "5,000", "90 days", "2 / 5", "Beta AG"] {
        assert!(page.contains(told), "{told}");
    }

    // The rep, who knows of it by now: another grade, a trial, who else is there.
    chen.sync_once().await.unwrap();
    let trial = DealMilestone { what: Some("a trial".to_owned()), ..DealMilestone::default() };
    let change = DealChange {
        grade: Some(LeadGrade::A),
        competitors: vec!["Gamma".to_owned()],
        milestones: vec![trial],
        ..DealChange::default()
    };
    chen.change_deal(deal, &change).unwrap();
    chen.sync_once().await.unwrap();
    let both = chen.deal(deal).unwrap().unwrap().state;
    assert_eq!((both.grade, both.kind), (Some(LeadGrade::A), Some(DealKind::Tender)));
    let agreed = *both.milestones.keys().next().unwrap();
    chen.reach_milestone(deal, agreed, Some("it runs")).unwrap();
    chen.sync_once().await.unwrap();
    let page = zhou.page(&format!("/deals/{deal}?lang=en")).await;
    for told in ["Gamma", "a trial", "it runs"] {
        assert!(page.contains(told), "{told}");
    }
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_that_blocks_refuses_the_phone_and_the_office_with_what_is_missing() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let app = evening.server.app();
    let org = app.storage().orgs().await.unwrap()[0].id;
    let office = Office::of(app.clone(), org);
    let toml = office.policies().await.unwrap().pop().unwrap().toml;
    let strict = toml.replacen("block = false", "block = true", 1);
    let from = "2026-10-01".parse().ok();
    let set = SetPolicy { toml: strict, effective_from: from, restate: true };
    office.set_policy(set).await.unwrap();
    let chen = phone(dir.path(), &evening);
    chen.sync_once().await.unwrap();
    let pallets = NewDeal::with(evening.customer, "Pallet scanners II", "needs_confirmed");
    let deal = chen.create_deal(pallets).unwrap();
    let refused = chen.move_deal(deal, "proposal").unwrap_err();
    let SaveError::Gate(gate) = &refused else { panic!("{refused}") };
    assert!(gate.blocks && gate.contacts < gate.contacts_wanted, "{gate:?}");
    assert_eq!(gate.documents_missing, ["客户需求分析报告"]);
    let stage = |phone: &Phone| phone.deal(deal).unwrap().unwrap().state.stage;
    assert_eq!(stage(&chen).as_deref(), Some("needs_confirmed"), "nothing was saved");
    chen.sync_once().await.unwrap();

    let zhou = Reader::signed_in(&evening, "zhou").await;
    let path = format!("/deals/{deal}/edit");
    let form = untouched(&zhou.page(&path).await);
    let told = zhou.post(&path, &with(form.clone(), "stage", "proposal")).await;
    assert_eq!(told.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = told.text().await.unwrap();
    assert!(
        page.contains("asks for 3 deep contacts") && page.contains("客户需求分析报告"),
        "{page}"
    );
    let DocState::Deal(stored) = row(&evening, deal).await else { panic!("no deal") };
    assert_eq!(stored.value.stage.as_deref(), Some("needs_confirmed"));

    // With the report and the talks that the stage asks for, it is left.
    let gone_on = office.set_policy(SetPolicy {
        toml: toml.replacen("block = false", "block = true", 1).replacen(
            "deep_contacts = 3",
            "deep_contacts = 0",
            1,
        ),
        effective_from: "2026-10-01".parse().ok(),
        restate: true,
    });
    gone_on.await.unwrap();
    chen.sync_once().await.unwrap();
    chen.edit_deal(deal, |edit| {
        let report = DealMilestone {
            what: Some("客户需求分析报告".into()),
            done_on: "2026-10-08".parse().ok(),
            ..DealMilestone::default()
        };
        edit.add_milestone(ItemId::from_bytes([9; 16]), &report)
    })
    .unwrap();
    chen.move_deal(deal, "proposal").unwrap();
    assert_eq!(stage(&chen).as_deref(), Some("proposal"));
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_says_who_sees_to_a_recovery_plan() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let path = format!("/customers/{}/edit", evening.customer);
    let page = zhou.page(&path).await;
    assert!(page.contains("Anna Fischer"), "{page}");
    let plan = with(untouched(&page), "recovery_plan", "总经理登门");
    let nobody = zhou.post(&path, &with(plan.clone(), "recovery_owner", "somebody")).await;
    assert_eq!(nobody.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let saved = zhou.post(&path, &with(plan, "recovery_owner", &evening.anna.to_string())).await;
    assert_eq!(saved.status(), StatusCode::SEE_OTHER, "{}", saved.text().await.unwrap());
    let chen = phone(dir.path(), &evening);
    chen.sync_once().await.unwrap();
    let recovery = chen.customer(evening.customer).unwrap().unwrap().state.recovery;
    assert_eq!(recovery.owner, Some(evening.anna), "and the rep's phone knows");
    assert_eq!(recovery.plan.as_deref(), Some("总经理登门"));
    let again = untouched(&zhou.page(&path).await);
    let nobody = zhou.post(&path, &with(again, "recovery_owner", "")).await;
    assert_eq!(nobody.status(), StatusCode::SEE_OTHER);
    let DocState::Customer(stored) = row(&evening, evening.customer).await else { panic!() };
    assert_eq!(stored.value.recovery.owner, None);
    evening.server.shutdown().await;
}
