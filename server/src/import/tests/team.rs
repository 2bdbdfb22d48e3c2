use client_core::records::{Record, Role};

use super::bench::{TEAM, room};
use crate::import::ImportKind::Team;
use crate::storage::{Accounts, Records};

#[tokio::test]
async fn offices_managers_and_reps_become_units_and_people_who_wait_to_be_invited() {
    let room = room().await;
    let report = room.import(Team, TEAM).await;
    assert_eq!((report.rows, report.created, report.errors), (3, 3, 0), "{report:?}");
    assert_eq!(report.counts["managers_created"], 2);
    assert_eq!(report.counts["units_created"], 4);
    assert_eq!(room.unit_path("Anna Berg").await, "East/Mona Roth");
    assert_eq!(room.unit_path("Clara Diaz").await, "West/Karl Lind");
    let manager = room.person("Mona Roth").await;
    assert_eq!(manager.role, Role::Manager);
    assert_eq!(manager.units, room.person("Boris Novak").await.units);
    let account = room.desk.office.account("anna.berg").await.unwrap().unwrap();
    assert!(!account.invited(), "no password yet");
    room.again(Team, "", TEAM).await;
}

#[tokio::test]
async fn names_in_other_scripts_and_namesakes_get_logins_of_their_own() {
    let room = room().await;
    let csv = "rep,key\n陈静,1\nAnna Berg,2\nAnna Berg,3\nИван,4\n";
    assert_eq!(room.import(Team, csv).await.created, 4, "two keys are two people");
    let logins = room.desk.app.storage().accounts(room.desk.office.org()).await.unwrap();
    let logins: Vec<&str> = logins.iter().map(|account| account.login.as_str()).collect();
    assert_eq!(logins, ["ada", "anna.berg", "anna.berg2", "chenjing", "user"]);
    room.again(Team, "", csv).await;
    let csv = "rep,login\nAnna-Berg,anna.berg\nAnna.Berg,\n";
    let report = room.import(Team, csv).await;
    assert_eq!((report.created, report.errors), (1, 1), "{report:?}");
    assert!(room.desk.office.account("anna.berg3").await.unwrap().is_some());
}

#[tokio::test]
async fn another_manager_moves_the_rep_and_the_report_says_so() {
    let room = room().await;
    room.import(Team, TEAM).await;
    let csv = TEAM.replace("Boris Novak,Mona Roth,East", "Boris Novak,Karl Lind,West");
    let report = room.import(Team, &csv).await;
    assert_eq!((report.created, report.changed, report.unchanged), (0, 1, 2), "{report:?}");
    assert_eq!(report.moved, ["Boris Novak from Mona Roth to Karl Lind"]);
    assert_eq!(room.unit_path("Boris Novak").await, "West/Karl Lind");
    room.again(Team, "", &csv).await;
}

#[tokio::test]
async fn somebody_moved_by_hand_stays_there() {
    let room = room().await;
    room.import(Team, TEAM).await;
    let mut anna = room.person("Anna Berg").await;
    anna.units = room.person("Clara Diaz").await.units;
    let (storage, now) = (room.desk.app.storage(), room.desk.app.clock().now());
    storage.write_records(room.desk.office.org(), vec![Record::User(anna)], now).await.unwrap();
    room.again(Team, "", TEAM).await;
    assert_eq!(room.unit_path("Anna Berg").await, "West/Karl Lind");
}

#[tokio::test]
async fn a_gb18030_export_keeps_its_names() {
    let room = room().await;
    let text = "销售代表,销售经理,地区\n陈静,林晓东,华东大区\n李伟,林晓东,华东大区\n\
                王芳,郑国华,华南大区\n赵磊,郑国华,华南大区\n";
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    let map = "[columns]\nrep = \"销售代表\"\nmanager = \"销售经理\"\noffice = \"地区\"";
    let report = room.import_by(Team, map, &bytes).await;
    assert_eq!((report.created, report.errors), (4, 0), "{report:?}");
    assert!(report.encoding.to_lowercase().contains("gb"), "{}", report.encoding);
    assert_eq!(room.unit_path("陈静").await, "华东大区/林晓东");
    assert!(room.desk.office.account("linxiaodong").await.unwrap().is_some());
}

#[tokio::test]
async fn all_that_is_wrong_with_a_person_is_named_at_once() {
    let room = room().await;
    let long = "x".repeat(500);
    let csv = format!("rep,manager,login,hired_on\nAnna Berg,{long},no good,soon\n");
    let report = room.import(Team, &csv).await;
    assert_eq!(report.created, 0, "{report:?}");
    assert!(report.counts.is_empty(), "nothing is made for a row that is not taken: {report:?}");
    let errors = room.errors().unwrap();
    for says in ["2,manager,x", "2,login,no good", "2,hired_on,soon"] {
        assert!(errors.contains(says), "{says}: {errors}");
    }
}
