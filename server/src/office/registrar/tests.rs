//! Who may do what to whom, and that it is written down.

use client_core::id::UnitId;
use client_core::records::{Role, UnitKind, UserRecord, UserStatus};

use super::{
    By, ChangePerson, ChangePersonError, ChangeUnit, ChangeUnitError, PersonError, Refusal,
};
use crate::office::desk::{Desk, desk};
use crate::office::{
    CreateUnit, CreateUnitError, CreateUser, CreateUserError, PasswordChoice, Registrar, Standing,
};
use crate::storage::{Accounts, Invitations};

/// North and south below the top, a team below the north, and people in each.
struct Firm {
    desk: Desk,
    north: UnitId,
    team: UnitId,
    south: UnitId,
    admin: UserRecord,
    /// The manager of the north.
    nora: UserRecord,
    /// A rep of the team below the north.
    rico: UserRecord,
    /// A rep of the south.
    sven: UserRecord,
}

async fn unit(desk: &Desk, name: &str, parent: UnitId) -> UnitId {
    let wanted = CreateUnit { name: name.into(), kind: UnitKind::Team, parent: Some(parent) };
    desk.office.create_unit(wanted).await.unwrap().id
}

fn person(login: &str, role: Role, unit: UnitId) -> CreateUser {
    CreateUser {
        login: login.into(),
        name: login.into(),
        role,
        units: vec![unit],
        hired_on: None,
        locale: None,
        password: PasswordChoice::Later,
    }
}

async fn firm() -> Firm {
    let desk = desk().await;
    let root = desk.root;
    let (north, south) = (unit(&desk, "north", root).await, unit(&desk, "south", root).await);
    let team = unit(&desk, "team", north).await;
    let make = async |login: &str, role, unit| {
        desk.office.create_user(person(login, role, unit)).await.unwrap().user
    };
    let admin = make("admin", Role::Admin, root).await;
    let nora = make("nora", Role::Manager, north).await;
    let rico = make("rico", Role::Rep, team).await;
    let sven = make("sven", Role::Rep, south).await;
    Firm { north, team, south, admin, nora, rico, sven, desk }
}

impl Firm {
    async fn by(&self, user: &UserRecord) -> Registrar {
        self.desk.office.registrar(By::Person(user.clone())).await.unwrap()
    }
}

fn same(user: &UserRecord) -> ChangePerson {
    ChangePerson {
        name: user.name.clone(),
        role: user.role,
        units: user.units.clone(),
        hired_on: user.hired_on,
        locale: user.locale.clone(),
    }
}

fn why<T>(result: Result<T, PersonError>) -> Refusal {
    match result {
        Err(PersonError::Refused(refusal)) => refusal,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was done"),
    }
}

#[tokio::test]
async fn a_manager_looks_after_the_units_below_and_nobody_else() {
    let firm = firm().await;
    let nora = firm.by(&firm.nora).await;
    assert!(nora.invite(firm.rico.id).await.is_ok());
    assert!(matches!(why(nora.invite(firm.sven.id).await), Refusal::OtherUnit { .. }));
    assert_eq!(why(nora.disable(firm.admin.id).await), Refusal::Admin);
    assert_eq!(why(nora.disable(firm.nora.id).await), Refusal::Oneself);
    let peer = person("paul", Role::Manager, firm.north);
    let peer = firm.desk.office.create_user(peer).await.unwrap().user;
    let choice = PasswordChoice::OneTime;
    assert_eq!(why(nora.reset_password(peer.id, choice).await), Refusal::Colleague);
    let rico = firm.by(&firm.rico).await;
    assert_eq!(why(rico.disable(firm.sven.id).await), Refusal::Role);
    assert!(nora.sees(&firm.rico) && nora.sees(&firm.nora) && !nora.sees(&firm.sven));
    assert!(!nora.roles().contains(&Role::Admin) && nora.roles().contains(&Role::Manager));
}

#[tokio::test]
async fn nobody_is_made_or_moved_beyond_ones_own_units() {
    let firm = firm().await;
    let nora = firm.by(&firm.nora).await;
    let refused = async |wanted: CreateUser| match nora.create_person(wanted).await {
        Err(CreateUserError::Refused(refusal)) => refusal,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("made"),
    };
    assert_eq!(refused(person("eve", Role::Admin, firm.team)).await, Refusal::Admin);
    assert_eq!(refused(person("eve", Role::Manager, firm.north)).await, Refusal::Colleague);
    let outside = refused(person("eve", Role::Rep, firm.south)).await;
    assert_eq!(outside, Refusal::NotYours { name: "south".into() });
    nora.create_person(person("ed", Role::Rep, firm.team)).await.unwrap();

    let change = async |wanted: ChangePerson| nora.change_person(firm.rico.id, wanted).await;
    let away = ChangePerson { units: vec![firm.south], ..same(&firm.rico) };
    assert!(matches!(
        change(away).await,
        Err(ChangePersonError::Refused(Refusal::NotYours { .. }))
    ));
    let up = ChangePerson { role: Role::Admin, ..same(&firm.rico) };
    assert!(matches!(change(up).await, Err(ChangePersonError::Refused(Refusal::Admin))));
    let lead = ChangePerson {
        role: Role::Supervisor,
        name: "Rico B".into(),
        hired_on: Some("2024-03-01".parse().unwrap()),
        ..same(&firm.rico)
    };
    let changed = change(lead).await.unwrap();
    assert_eq!((changed.role, changed.name.as_str()), (Role::Supervisor, "Rico B"));
    let history = nora.history_of(firm.rico.id, 5).await.unwrap();
    assert_eq!((history[0].what.as_str(), history[0].user), ("changed", Some(firm.nora.id)));
    let detail = history[0].detail.as_deref().unwrap();
    assert_eq!(detail, "rico → Rico B; rep → supervisor; – → 2024-03-01");
}

#[tokio::test]
async fn a_unit_of_somebody_elses_is_neither_given_nor_taken() {
    let firm = firm().await;
    let admin = firm.by(&firm.admin).await;
    let both = ChangePerson { units: vec![firm.team, firm.south], ..same(&firm.rico) };
    let both = admin.change_person(firm.rico.id, both).await.unwrap();
    let nora = firm.by(&firm.nora).await;
    let taken = ChangePerson { units: vec![firm.team], ..same(&both) };
    let taken = nora.change_person(firm.rico.id, taken).await;
    assert!(matches!(taken, Err(ChangePersonError::Refused(Refusal::NotYours { .. }))));
    let kept = ChangePerson { units: vec![firm.north, firm.south], ..same(&both) };
    let kept = nora.change_person(firm.rico.id, kept).await.unwrap();
    assert_eq!(kept.units, [firm.north, firm.south]);
}

#[tokio::test]
async fn the_last_admin_stays_one_and_stays_in() {
    let firm = firm().await;
    let office = &firm.desk.office;
    let console = office.registrar(By::CommandLine).await.unwrap();
    assert_eq!(why(console.disable(firm.admin.id).await), Refusal::LastAdmin);
    let rep = ChangePerson { role: Role::Rep, ..same(&firm.admin) };
    let refused = console.change_person(firm.admin.id, rep.clone()).await;
    assert!(matches!(refused, Err(ChangePersonError::Refused(Refusal::LastAdmin))));
    let second = office.create_user(person("ada", Role::Admin, firm.desk.root)).await.unwrap().user;
    let admin = firm.by(&firm.admin).await;
    assert_eq!(why(admin.disable(firm.admin.id).await), Refusal::Oneself);
    let demoted = admin.change_person(firm.admin.id, rep).await;
    assert!(matches!(demoted, Err(ChangePersonError::Refused(Refusal::Oneself))));
    let disabled = admin.disable(second.id).await.unwrap();
    assert_eq!(disabled.status, UserStatus::Disabled);
    let own = ChangePerson { name: "Ada A".into(), ..same(&firm.admin) };
    assert_eq!(admin.change_person(firm.admin.id, own).await.unwrap().name, "Ada A");
}

#[tokio::test]
async fn an_invitation_gives_a_password_only_to_somebody_without_one() {
    let firm = firm().await;
    let admin = firm.by(&firm.admin).await;
    assert_eq!(admin.uninvited().await.unwrap().len(), 3, "everybody but the reader");
    let first = admin.invite(firm.nora.id).await.unwrap();
    let again = admin.invite(firm.nora.id).await.unwrap();
    assert!(first.code != again.code && again.one_time_password.is_some(), "never used");
    assert_eq!(admin.uninvited().await.unwrap().len(), 2);
    let standing = async || {
        let storage = firm.desk.app.storage();
        let account = storage.account(firm.desk.office.org(), firm.nora.id).await.unwrap().unwrap();
        let codes = storage.codes(firm.desk.office.org()).await.unwrap();
        let code = codes.iter().find(|code| code.user == firm.nora.id);
        Standing::of(&account, code, &[], firm.desk.app.clock().now())
    };
    assert_eq!(standing().await, Standing::Invited { until: Some(again.until) });
    firm.desk.clock.advance_ms(8 * 24 * 3_600_000);
    assert_eq!(standing().await, Standing::NotInvited, "it passed");
    let chosen = PasswordChoice::Given("my own choice".into());
    firm.desk.office.reset_password("nora", chosen).await.unwrap();
    assert_eq!(standing().await, Standing::Active);
    let kept = admin.invite(firm.nora.id).await.unwrap();
    assert!(kept.one_time_password.is_none(), "what works is not taken away");
    admin.disable(firm.nora.id).await.unwrap();
    assert!(matches!(admin.invite(firm.nora.id).await, Err(PersonError::Disabled { .. })));
}

#[tokio::test]
async fn units_are_renamed_and_moved_and_never_below_themselves() {
    let firm = firm().await;
    let change = |name: &str, parent| ChangeUnit {
        name: name.into(),
        kind: UnitKind::Region,
        parent: Some(parent),
    };
    let admin = firm.by(&firm.admin).await;
    let cycle = admin.change_unit(firm.north, change("north", firm.team)).await;
    assert!(matches!(cycle, Err(ChangeUnitError::Cycle { .. })));
    let taken = admin.change_unit(firm.south, change("north", firm.desk.root)).await;
    assert!(matches!(taken, Err(ChangeUnitError::NameTaken { .. })));
    let top = admin.change_unit(firm.desk.root, change("top", firm.north)).await;
    assert!(matches!(top, Err(ChangeUnitError::Top)));
    let nora = firm.by(&firm.nora).await;
    let own = nora.change_unit(firm.north, change("mine", firm.desk.root)).await;
    assert!(matches!(own, Err(ChangeUnitError::Refused(Refusal::NotYours { .. }))));
    let away = nora.change_unit(firm.team, change("team", firm.south)).await;
    assert!(matches!(away, Err(ChangeUnitError::Refused(Refusal::NotYours { .. }))));
    let outside = CreateUnit { name: "x".into(), kind: UnitKind::Team, parent: Some(firm.south) };
    let outside = nora.create_unit(outside).await;
    assert!(matches!(outside, Err(CreateUnitError::Refused(Refusal::NotYours { .. }))));
    let moved = admin.change_unit(firm.team, change("team", firm.south)).await.unwrap();
    assert_eq!(moved.parent, Some(firm.south));
    let nora = firm.by(&firm.nora).await;
    assert!(!nora.sees(&firm.rico), "her team went south");
}

#[tokio::test]
async fn a_supervisor_places_what_is_in_their_units_and_nothing_beyond() {
    use crate::office::{Place, PlaceError};

    let firm = firm().await;
    let lead = person("lena", Role::Supervisor, firm.team);
    let lena = firm.desk.office.create_user(lead).await.unwrap().user;
    let mate = firm.desk.office.create_user(person("mia", Role::Rep, firm.team)).await.unwrap();
    let customer = firm.desk.customer(firm.rico.id).await;
    let lena = firm.by(&lena).await;
    let give = |owner| Place { owner: Some(owner), ..Place::default() };
    let placed = lena.place(customer, give(mate.user.id)).await.unwrap();
    assert_eq!(placed.current().unwrap().owner, mate.user.id);
    let refused = async |wanted: Place| match lena.place(customer, wanted).await {
        Err(PlaceError::Refused(refusal)) => refusal,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was done"),
    };
    assert!(matches!(refused(give(firm.sven.id)).await, Refusal::OtherUnit { .. }));
    let away = Place { unit: Some(firm.south), ..Place::default() };
    assert_eq!(refused(away).await, Refusal::NotYours { name: "south".into() });
    let rico = firm.by(&firm.rico).await;
    let by_a_rep = rico.place(customer, give(firm.rico.id)).await.unwrap_err();
    assert!(matches!(by_a_rep, PlaceError::Refused(Refusal::Places)), "{by_a_rep}");
    let ahead = firm.desk.app.clock().now().plus_millis(1);
    let early = Place { from: Some(ahead), ..give(firm.rico.id) };
    let early = lena.place(customer, early).await.unwrap_err();
    assert!(matches!(early, PlaceError::InFuture { .. }), "{early}");
}

#[tokio::test]
async fn everything_of_one_person_goes_to_another_and_again_changes_nothing() {
    use crate::office::{HandedOver, Place};

    let firm = firm().await;
    let mate = firm.desk.office.create_user(person("mia", Role::Rep, firm.team)).await.unwrap();
    let mia = mate.user.id;
    for _n in 0..3 {
        firm.desk.customer(firm.rico.id).await;
    }
    let shared = firm.desk.customer(mia).await;
    let nora = firm.by(&firm.nora).await;
    nora.place(shared, Place { add: vec![firm.rico.id], ..Place::default() }).await.unwrap();
    let other = firm.desk.office.create_user(person("otto", Role::Rep, firm.team)).await.unwrap();
    let otto = other.user.id;
    firm.desk.clock.advance_ms(1);
    let done = nora.hand_over(firm.rico.id, otto, Place::default()).await.unwrap();
    assert_eq!(done, HandedOver { owned: 3, shared: 1, left: Vec::new() });
    let placement = firm.desk.office.placement(shared).await.unwrap().unwrap();
    let span = placement.current().unwrap();
    assert_eq!((span.owner, span.collaborators.as_slice()), (mia, &[otto][..]));
    let again = nora.hand_over(firm.rico.id, otto, Place::default()).await.unwrap();
    assert_eq!(again, HandedOver::default());
}
