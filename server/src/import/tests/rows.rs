//! Rows and files that cannot be taken.

use super::bench::{TEAM, room};
use crate::import::ImportError;
use crate::import::ImportKind::{Customers, Deals, Team};

#[tokio::test]
async fn a_bad_row_is_named_with_its_line_and_the_good_ones_are_kept() {
    let room = room().await;
    room.import(Team, TEAM).await;
    room.import(Customers, "name\nAcme\n").await;
    let csv = "key,owner,customer,stage,created,decided,amount\n\
         D1,Anna Berg,Acme,won,2016-10-20,2017-03-01,10\n\
         D2,Nobody,Acme,won,2016-10-20,2017-03-01,10\n\
         D3,Anna Berg,Elsewhere,won,2016-10-20,2017-03-01,10\n\
         D4,Anna Berg,Acme,=cmd,2016-10-20,2017-03-01,10\n\
         D5,Anna Berg,Acme,won,20.10.2016,2017-03-01,10\n\
         D6,Anna Berg,Acme,won,2017-10-20,2017-03-01,10\n\
         D7,Anna Berg,Acme,won,2016-10-20,2017-03-01,ten\n\
         ,Anna Berg,Acme,won,2016-10-20,2017-03-01,10\n\
         D1,Anna Berg,Acme,won,2016-10-20,2017-03-01,11\n\
         D10,Anna Berg,Acme\n\
         D11,Anna Berg,Acme,won,2016-10-20,2017-03-01,10\n";
    let report = room.import(Deals, csv).await;
    assert_eq!((report.rows, report.created, report.errors), (11, 2, 9), "{report:?}");
    let errors = room.errors().unwrap();
    for says in [
        "3,owner,Nobody,",
        "4,customer,Elsewhere,",
        "5,stage,'=cmd,",
        "6,created,20.10.2016,",
        "7,decided,2017-03-01,",
        "8,amount,ten,",
        "9,key,,the key is missing",
        "10,key,D1,the same key stands in line 2",
        "11,,,\"it has 3 cells",
    ] {
        assert!(errors.contains(says), "{says} in {errors}");
    }
    let lines: Vec<u32> =
        errors.lines().skip(1).filter_map(|row| row.split(',').next()?.parse().ok()).collect();
    assert_eq!(lines, [3, 4, 5, 6, 7, 8, 9, 10, 11], "in the order of the file");
    assert_eq!(report.errors_file.unwrap().file_name().unwrap(), "file.errors.csv");
    let corrected = csv.lines().take(2).collect::<Vec<_>>().join("\n");
    assert_eq!(room.import(Deals, &corrected).await.errors, 0);
    assert!(room.errors().is_none(), "nothing is left to correct");
}

#[tokio::test]
async fn a_mapping_that_does_not_fit_is_said_before_anything_is_written() {
    let room = room().await;
    let before = room.head().await;
    let check = |map: &'static str, csv: &'static str, says: &'static str| {
        let room = &room;
        async move {
            let error = room.try_import(Deals, map, csv).await.unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
    };
    check("", "id,who\n1,2\n", "no column gives owner").await;
    let map = "[columns]\nkey = \"id\"\nowner = \"who\"\nstage = \"state\"";
    check(map, "id,who\n1,2\n", "\"state\"").await;
    let map = "[columns]\nkey = \"id\"\nowner = \"who\"\nstage = \"who\"\n\
               [deals]\ncreated_stage = \"dreaming\"";
    check(map, "id,who\n1,2\n", "dreaming").await;
    let error = room.try_import(Deals, "", "").await.unwrap_err();
    assert!(matches!(error, ImportError::Source { .. }), "{error}");
    assert_eq!(room.head().await, before);
}

#[tokio::test]
async fn a_text_longer_than_a_field_costs_its_row_alone() {
    let room = room().await;
    let long = "x".repeat(17 * 1024);
    let report = room.import(Customers, &format!("name,region\nAcme,{long}\nBeta,north\n")).await;
    assert_eq!((report.created, report.errors), (1, 1), "{report:?}");
    assert!(room.errors().unwrap().contains("the limit is 16384"));
    let again = room.import(Customers, "name,region\nAcme,south\nBeta,north\n").await;
    assert_eq!((again.created, again.unchanged), (1, 1), "{again:?}");
}
