//! The office refuses what cannot be, and what it writes can be read back.

use client_core::id::{DocId, RecordId, UnitId, UserId};
use client_core::money::Money;
use client_core::records::{Metric, RecordKind, Role, TargetLevel, Tier, UnitKind, UserStatus};

use super::desk::desk;
use super::{
    CreateOrg, CreateUnit, CreateUnitError, CreateUser, DisableUserError, Office, PasswordChoice,
    PlaceCustomer, PlaceError, SetPolicy, SetPolicyError, SetProduct, SetTarget,
};
use crate::storage::{Accounts, Records};

fn anna() -> CreateUser {
    CreateUser {
        login: "anna".into(),
        name: "Anna 王".into(),
        role: Role::Rep,
        units: Vec::new(),
        hired_on: None,
        locale: None,
        password: PasswordChoice::Given("correct horse".into()),
    }
}

#[tokio::test]
async fn a_new_org_has_a_calendar_a_policy_and_a_unit_at_the_top() {
    let desk = desk().await;
    let settings = desk.office.settings().await.unwrap();
    assert_eq!(settings.currency.code(), "CNY");
    assert_eq!(desk.office.calendar().await.unwrap().zone.name, "Asia/Shanghai");
    let policy = desk.office.policy_for("2026-10".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(policy.version, 1);
    assert!(desk.office.units().await.unwrap().contains_key(&desk.root));
}

#[tokio::test]
async fn an_org_with_a_wrong_setting_is_refused_whole() {
    let desk = desk().await;
    let app = &desk.app;
    let bad = [
        CreateOrg { name: "  ".into(), ..CreateOrg::default() },
        CreateOrg { time_zone: "Mars/Olympus".into(), ..CreateOrg::default() },
        CreateOrg { currency: "yuan".into(), ..CreateOrg::default() },
        CreateOrg { fiscal_start_month: 13, ..CreateOrg::default() },
        CreateOrg { locale: "fr".into(), ..CreateOrg::default() },
    ];
    for wanted in bad {
        Office::create_org(app, wanted.clone()).await.expect_err(&format!("{wanted:?}"));
    }
    assert_eq!(app.storage().orgs().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_one_time_password_must_be_changed_and_a_given_one_not() {
    let desk = desk().await;
    let given = desk.office.create_user(anna()).await.unwrap();
    assert!(given.one_time_password.is_none());
    assert_eq!(given.user.units, [desk.root], "without a unit: the top one");
    let drawn = CreateUser { login: "boris".into(), password: PasswordChoice::OneTime, ..anna() };
    let drawn = desk.office.create_user(drawn).await.unwrap();
    assert_eq!(drawn.one_time_password.unwrap().reveal().len(), 17);
    let must_change = |login: &'static str| {
        let office = desk.office.clone();
        async move { office.account(login).await.unwrap().unwrap().must_change }
    };
    assert!(!must_change("anna").await && must_change("boris").await);
    let before = desk.office.account("anna").await.unwrap().unwrap().password;
    assert!(before.starts_with("$argon2id$"), "{before}");
    desk.office.reset_password("anna", PasswordChoice::OneTime).await.unwrap();
    assert!(must_change("anna").await);
    assert_ne!(desk.office.account("anna").await.unwrap().unwrap().password, before);
}

#[tokio::test]
async fn a_user_with_a_mistake_is_refused_by_name() {
    let desk = desk().await;
    desk.office.create_user(anna()).await.unwrap();
    let check = |wanted: CreateUser, says: &'static str| {
        let office = desk.office.clone();
        async move {
            let error = office.create_user(wanted).await.err().expect(says).to_string();
            assert!(error.contains(says), "{error}");
        }
    };
    check(anna(), "\"anna\" is taken").await;
    check(CreateUser { login: "An na".into(), ..anna() }, "contains 'A'").await;
    check(CreateUser { login: String::new(), ..anna() }, "login is empty").await;
    check(CreateUser { login: "b".into(), name: "a\nb".into(), ..anna() }, "contains '\\n'").await;
    let nowhere = UnitId::from_bytes([9; 16]);
    check(CreateUser { login: "b".into(), units: vec![nowhere], ..anna() }, "no unit").await;
    let short = PasswordChoice::Given("short".into());
    check(CreateUser { login: "b".into(), password: short, ..anna() }, "5 characters").await;
    assert_eq!(desk.app.storage().accounts(desk.office.org()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_last_admin_cannot_be_disabled() {
    let desk = desk().await;
    let admin = |login: &str| CreateUser { login: login.into(), role: Role::Admin, ..anna() };
    desk.office.create_user(admin("ada")).await.unwrap();
    let error = desk.office.disable_user("ada").await.unwrap_err();
    assert!(matches!(error, DisableUserError::LastAdmin { .. }), "{error}");
    desk.office.create_user(admin("bob")).await.unwrap();
    let disabled = desk.office.disable_user("ada").await.unwrap();
    assert_eq!(disabled.status, UserStatus::Disabled);
    assert!(matches!(
        desk.office.disable_user("nobody").await.unwrap_err(),
        DisableUserError::UnknownLogin { .. }
    ));
}

#[tokio::test]
async fn a_unit_needs_a_parent_that_exists_and_a_name_of_its_own() {
    let desk = desk().await;
    let east = |parent| CreateUnit { name: "华东".into(), kind: UnitKind::Region, parent };
    let made = desk.office.create_unit(east(None)).await.unwrap();
    assert_eq!(made.parent, Some(desk.root));
    assert!(matches!(
        desk.office.create_unit(east(None)).await.unwrap_err(),
        CreateUnitError::NameTaken { .. }
    ));
    assert!(matches!(
        desk.office.create_unit(east(Some(UnitId::from_bytes([9; 16])))).await.unwrap_err(),
        CreateUnitError::UnknownParent { .. }
    ));
    desk.office.create_unit(east(Some(made.id))).await.unwrap();
}

#[tokio::test]
async fn a_target_set_twice_is_one_target_with_the_later_value() {
    let desk = desk().await;
    let rep = desk.office.create_user(anna()).await.unwrap().user.id;
    let period = "2026".parse().unwrap();
    let year = SetTarget::new(TargetLevel::Org, Metric::SalesAmount, period, 2_000_000_000);
    let year = desk.office.set_target(year).await.unwrap();
    assert_eq!(year.published_on.unwrap().to_string(), "2026-10-08");
    let october = "2026-10".parse().unwrap();
    let month = |value| SetTarget {
        parent: Some(year.id),
        ..SetTarget::new(TargetLevel::Rep(rep), Metric::SalesAmount, october, value)
    };
    let first = desk.office.set_target(month(100)).await.unwrap();
    let second = desk.office.set_target(month(200)).await.unwrap();
    assert_eq!(first.id, second.id);
    let stored = desk.office.targets().await.unwrap();
    assert_eq!(stored.len(), 2);
    assert!(stored.contains(&second));

    let bad = [
        (SetTarget { value: -1, ..month(0) }, "-1"),
        (SetTarget { metric: Metric::EffectiveVisits, ..month(0) }, "same metric"),
        (SetTarget { period: "2027-01".parse().unwrap(), ..month(0) }, "period inside"),
        (SetTarget { parent: Some(RecordId::from_bytes([9; 16])), ..month(0) }, "no target"),
        (SetTarget { level: TargetLevel::Rep(UserId::from_bytes([9; 16])), ..month(0) }, "no user"),
        (
            SetTarget { level: TargetLevel::Unit(UnitId::from_bytes([9; 16])), ..month(0) },
            "no unit",
        ),
        (SetTarget { metric: Metric::Unknown("luck".into()), ..month(0) }, "luck is not a metric"),
    ];
    for (wanted, says) in bad {
        let error = desk.office.set_target(wanted).await.unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[tokio::test]
async fn a_policy_is_checked_and_versioned() {
    let desk = desk().await;
    let toml = client_core::rules::policy::preset_text("guide-coverage").unwrap().to_owned();
    let set = |toml: String, from: Option<&str>| SetPolicy {
        toml,
        effective_from: from.map(|day| day.parse().unwrap()),
        restate: false,
    };
    let broken = set(toml.replace("cap = ", "cup = "), None);
    assert!(matches!(desk.office.set_policy(broken).await.unwrap_err(), SetPolicyError::Policy(_)));
    let closed = desk.office.set_policy(set(toml.clone(), Some("2026-09-30"))).await.unwrap_err();
    assert!(closed.to_string().contains("expected 2026-10-01 or later"), "{closed}");
    let first = desk.office.set_policy(set(toml.clone(), None)).await.unwrap();
    assert_eq!((first.version, first.effective_from.to_string().as_str()), (2, "2026-10-01"));
    let scored_by = |period: &'static str| {
        let office = desk.office.clone();
        async move { office.policy_for(period.parse().unwrap()).await.unwrap().unwrap().version }
    };
    assert_eq!((scored_by("2026-09").await, scored_by("2026-10").await), (1, 2));
    // The monthly review decides on November's weights; October and September keep theirs.
    desk.office.set_policy(set(toml.clone(), Some("2026-11-01"))).await.unwrap();
    assert_eq!((scored_by("2026-09").await, scored_by("2026-10").await), (1, 2));
    assert_eq!((scored_by("2026-11").await, scored_by("2026-12").await), (3, 3));
    let restated = SetPolicy { restate: true, ..set(toml, Some("2026-09-01")) };
    desk.office.set_policy(restated).await.unwrap();
    assert_eq!((scored_by("2026-08").await, scored_by("2026-09").await), (1, 4));
}

#[tokio::test]
async fn a_calendar_changes_the_years_it_names_and_the_fiscal_year() {
    let desk = desk().await;
    let before = desk.office.calendar().await.unwrap();
    let text = "zone = \"Asia/Shanghai\"\nweek_starts = \"sunday\"\nfiscal_year_starts = 4\n\
                [[holidays]]\nfrom = 2027-01-01\n";
    let after = desk.office.set_calendar(text).await.unwrap();
    assert_eq!(after.holidays.len(), before.holidays.len() + 1, "2026 keeps its days");
    assert_eq!(after.adjusted_workdays, before.adjusted_workdays);
    assert_eq!(desk.office.calendar().await.unwrap(), after);
    assert_eq!(desk.office.settings().await.unwrap().fiscal_start_month, 4);
    let other = text.replace("Asia/Shanghai", "Asia/Atlantis");
    let error = desk.office.set_calendar(&other).await.unwrap_err().to_string();
    assert!(error.contains("Asia/Atlantis"), "{error}");
    assert_eq!(desk.office.calendar().await.unwrap(), after, "nothing was changed");
}

#[tokio::test]
async fn a_customer_nobody_has_heard_of_cannot_be_placed() {
    let desk = desk().await;
    let rep = desk.office.create_user(anna()).await.unwrap().user.id;
    let wanted = PlaceCustomer {
        customer: DocId::from_bytes([7; 16]),
        owner: rep,
        collaborators: Vec::new(),
        unit: None,
        tier: Some(Tier::A),
        from: None,
    };
    let error = desk.office.place_customer(wanted).await.unwrap_err();
    assert!(matches!(error, PlaceError::Unknown { .. }), "{error}");
}

#[tokio::test]
async fn a_product_is_made_or_changed_by_its_code_and_the_same_again_says_nothing() {
    let desk = desk().await;
    let pro = SetProduct {
        name: "GTX Pro".into(),
        line: Some(" GTX ".into()),
        list_price: Some("CNY".parse().map(|cny| Money::new(482_100, cny)).unwrap()),
        ..SetProduct::named(" GTX-PRO ")
    };
    let made = desk.office.set_product(pro.clone()).await.unwrap();
    assert_eq!((made.code.as_str(), made.line.as_deref()), ("GTX-PRO", Some("GTX")));
    let version = async || {
        let id = RecordId::from_bytes(*made.id.as_bytes());
        let row = desk.app.storage().record(desk.office.org(), RecordKind::Product, id).await;
        row.unwrap().unwrap().version
    };
    let first = version().await;
    desk.office.set_product(pro.clone()).await.unwrap();
    assert_eq!(version().await, first, "the same again");
    let retired = desk.office.set_product(SetProduct { active: false, ..pro.clone() }).await;
    assert_eq!(retired.unwrap().id, made.id);
    assert!(version().await > first);
    desk.office.set_product(SetProduct::named("GTX Basic")).await.unwrap();
    let products = desk.office.products().await.unwrap();
    let names: Vec<_> = products.iter().map(|product| product.name.as_str()).collect();
    assert_eq!(names, ["GTX Basic", "GTX Pro"], "by code; without a name: the code");

    let bad = [
        (SetProduct::named(" "), "code of the product is empty"),
        (SetProduct::named("gtx-pro"), "\"GTX-PRO\" has that code"),
        (SetProduct { name: "gtx pro".into(), ..SetProduct::named("X") }, "\"GTX-PRO\" has that"),
        (SetProduct { line: Some("a\tb".into()), ..SetProduct::named("X") }, "line of the product"),
        (
            SetProduct {
                list_price: pro.list_price.map(|price| Money { minor: -1, ..price }),
                ..SetProduct::named("X")
            },
            "below 0",
        ),
        (
            SetProduct { class: Some("posh".into()), ..SetProduct::named("X") },
            "posh is not a class",
        ),
        (
            SetProduct { margin: Some("huge".into()), ..SetProduct::named("X") },
            "huge is not a margin",
        ),
    ];
    for (wanted, says) in bad {
        let error = desk.office.set_product(wanted).await.unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(desk.office.products().await.unwrap().len(), 2);
}
