use super::bench::room;
use crate::import::ImportKind::Products;
use crate::office::SetProduct;

#[tokio::test]
async fn a_catalogue_is_imported_once_and_changed_by_what_the_file_changes() {
    let room = room().await;
    let csv = "name,line,price,currency\nGTX Basic,GTX,550,USD\nGTK 500,GTK,\"26,768\",USD\n";
    let report = room.import(Products, csv).await;
    assert_eq!((report.created, report.errors), (2, 0), "{report:?}");
    room.again(Products, "", csv).await;
    let products = room.desk.office.products().await.unwrap();
    assert_eq!(products[0].list_price.unwrap().to_string(), "USD 26768.00");
    let named = SetProduct { line: Some("Big".into()), ..SetProduct::named("GTK 500") };
    room.desk.office.set_product(named).await.unwrap();
    let report = room.import(Products, &csv.replace("550", "600")).await;
    assert_eq!((report.changed, report.unchanged), (1, 1), "{report:?}");
    let products = room.desk.office.products().await.unwrap();
    assert_eq!(products[0].line.as_deref(), Some("Big"), "what a person set stays");
    assert_eq!(products[1].list_price.unwrap().to_string(), "USD 600.00");
}

#[tokio::test]
async fn a_price_that_is_none_and_a_name_that_means_two_are_refused() {
    let room = room().await;
    let csv = "code,name,price\nA,Pump,12\nB,pump,13\nC,Valve,cheap\nD,Seal,-1\n";
    let report = room.import(Products, csv).await;
    assert_eq!((report.created, report.errors), (1, 3), "{report:?}");
    let errors = room.errors().unwrap();
    for says in ["3,name", "4,price,cheap", "below 0"] {
        assert!(errors.contains(says), "{errors}");
    }
}

#[tokio::test]
async fn all_that_is_wrong_with_a_product_is_named_at_once() {
    let room = room().await;
    let csv = "name,price,launched_on,active\nPump,cheap,soon,perhaps\n";
    let report = room.import(Products, csv).await;
    assert_eq!(report.created, 0, "{report:?}");
    let errors = room.errors().unwrap();
    for says in ["2,price,cheap", "2,launched_on,soon", "2,active,perhaps"] {
        assert!(errors.contains(says), "{errors}");
    }
    assert!(room.desk.office.products().await.unwrap().is_empty());
}
