use client_core::id::DocId;
use client_core::records::Tier;

use super::bench::{Room, TEAM, room};
use crate::erasures::Ledger;
use crate::import::ImportKind::{Customers, Deals, Team};
use crate::office::Erase;
use crate::storage::Documents;

const MAP: &str = "source = \"crm\"\n[columns]\nname = \"account\"\nindustry = \"sector\"\n\
     [values.industry]\ntechnolgy = \"technology\"\n[notes]\nFounded = \"year\"";
const FILE: &str = "account,sector,year,colour\nAcme,technolgy,1996,red\nBeta,medical,1999,blue\n";

async fn author_of(room: &Room, doc: DocId) -> client_core::id::UserId {
    let held = room.desk.app.storage().document(room.desk.office.org(), doc).await.unwrap();
    held.unwrap().header.author
}

#[tokio::test]
async fn a_customer_without_an_owner_is_nobodys_and_loses_nothing_of_the_file() {
    let room = room().await;
    let report = room.import_by(Customers, MAP, FILE.as_bytes()).await;
    assert_eq!((report.created, report.errors), (2, 0), "{report:?}");
    assert_eq!(report.unmapped_columns, ["colour"]);
    let acme = room.customer_state("Acme").await;
    assert_eq!(acme.industry.as_deref(), Some("technology"));
    assert_eq!(acme.notes.as_deref(), Some("Founded: 1996"));
    assert_eq!(acme.created_at, None, "nobody knows");
    let doc = room.customer("Acme").await;
    assert_eq!(room.held(doc).await, None);
    assert_eq!(author_of(&room, doc).await, room.admin.id);
    room.again(Customers, MAP, FILE).await;
}

#[tokio::test]
async fn only_what_the_file_changed_is_written() {
    let room = room().await;
    room.import_by(Customers, MAP, FILE.as_bytes()).await;
    let doc = room.customer("Acme").await;
    let hand = room.desk.office.hand(room.admin.id).await.unwrap();
    let edited = room.desk.office.edit_customer(&hand, doc, |customer| {
        customer.set_industry(Some("aerospace"))?;
        customer.set_notes(Some("Likes tea.\nFounded: 1996\nCall before noon."))
    });
    edited.await.unwrap();
    room.again(Customers, MAP, FILE).await;
    let newer = FILE.replace("1996", "1997");
    let report = room.import_by(Customers, MAP, newer.as_bytes()).await;
    assert_eq!((report.changed, report.unchanged), (1, 1), "{report:?}");
    let acme = room.customer_state("Acme").await;
    assert_eq!(acme.industry.as_deref(), Some("aerospace"), "what a person corrected stays");
    assert_eq!(acme.notes.as_deref(), Some("Likes tea.\nFounded: 1997\nCall before noon."));
    assert_eq!(room.customer("Acme").await, doc, "the id stays");
}

#[tokio::test]
async fn an_owner_and_a_tier_of_the_file_are_records_and_a_later_owner_is_a_handover() {
    let room = room().await;
    room.import(Team, TEAM).await;
    let csv = "name,owner,tier,created\nAcme,Anna Berg,B,2020-05-01\n";
    let report = room.import(Customers, csv).await;
    assert_eq!((report.created, report.errors), (1, 0), "{report:?}");
    let doc = room.customer("Acme").await;
    let anna = room.id("Anna Berg").await;
    let held = room.held(doc).await.unwrap();
    assert_eq!((held.owner, held.tier), (anna, Some(Tier::B)));
    assert_eq!(
        room.desk.office.calendar().await.unwrap().zone.date(held.from).to_string(),
        "2020-05-01"
    );
    assert_eq!(author_of(&room, doc).await, anna);
    room.again(Customers, "", csv).await;
    let report = room.import(Customers, &csv.replace("Anna Berg", "clara.diaz")).await;
    assert_eq!(report.changed, 1, "{report:?}");
    let placement = room.placement(doc).await;
    assert_eq!(placement.spans.len(), 2);
    assert_eq!(placement.current().unwrap().owner, room.id("Clara Diaz").await);
    let report = room.import(Customers, "name,owner\nNew,Nobody\nNewer,\n").await;
    assert_eq!((report.created, report.errors), (1, 1), "{report:?}");
    assert!(room.errors().unwrap().contains("nobody is called"));
}

#[tokio::test]
async fn a_customer_that_is_there_by_hand_is_taken_up_and_keeps_what_it_says() {
    let room = room().await;
    room.import(Customers, "name,industry\nAcme,pumps\n").await;
    let doc = room.customer("Acme").await;
    let map = "source = \"other\"\n[columns]\nname = \"n\"\nindustry = \"i\"\nregion = \"r\"";
    let csv = "n,i,r\nAcme,valves,north\n";
    let report = room.import_by(Customers, map, csv.as_bytes()).await;
    assert_eq!((report.created, report.changed), (0, 1), "{report:?}");
    let acme = room.customer_state("Acme").await;
    assert_eq!(acme.industry.as_deref(), Some("pumps"));
    assert_eq!(acme.region.as_deref(), Some("north"));
    assert_eq!(room.customer("Acme").await, doc);
    room.again(Customers, map, csv).await;
}

#[tokio::test]
async fn two_keys_are_two_customers_even_of_one_name() {
    let room = room().await;
    let both = "key,name\nC1,Golden Dragon\nC2,Golden Dragon\n";
    assert_eq!(room.import(Customers, "key,name\nC1,Golden Dragon\n").await.created, 1);
    let report = room.import(Customers, both).await;
    assert_eq!((report.created, report.unchanged), (1, 1), "{report:?}");
    room.again(Customers, "", both).await;
}

#[tokio::test]
async fn a_file_that_still_names_an_erased_customer_does_not_quietly_make_it_again() {
    const CSV: &str = "key,name\nC-1,Zhang Repairs\nC-2,Beta\n";
    let mut room = room().await;
    room.import(Customers, CSV).await;
    let doc = room.customer("Zhang Repairs").await;
    let ledger = Ledger::of(room.folder());
    room.desk.office.erase(Erase::Customer(doc), &ledger, None, false).await.unwrap();
    let head = room.head().await;
    let renamed = CSV.replace("Zhang", "Wang");
    let renumbered = CSV.replace("C-1,", "K-9,").replace("Zhang", "ZHANG");
    for csv in [CSV, &renamed, &renumbered] {
        let report = room.import(Customers, csv).await;
        assert_eq!((report.rows, report.unchanged, report.errors), (2, 1, 1), "{report:?}");
        let said = &report.first_errors[0];
        assert!(said.starts_with("line 2:") && said.contains("--allow-erased"), "{said}");
        assert!(!room.errors().unwrap().contains("hang Repairs"), "it is not written down again");
    }
    let deals = "key,customer,owner,stage\nD-1,C-1,Ada,initial_contact\n";
    let report = room.import(Deals, deals).await;
    assert!(report.first_errors[0].contains("erased"), "{report:?}");
    assert_eq!(room.head().await, head, "nothing was made");

    room.allow_erased = true;
    let report = room.import(Customers, CSV).await;
    assert_eq!((report.created, report.errors), (1, 0), "{report:?}");
    assert_ne!(room.customer("Zhang Repairs").await, doc, "anew, not the old one");
    room.allow_erased = false;
    room.again(Customers, "", CSV).await;
}

#[tokio::test]
async fn all_that_is_wrong_with_a_customer_is_named_at_once() {
    let room = room().await;
    let csv = "name,owner,tier,channel,created\nAcme,Nobody,z,fax,soon\n";
    let report = room.import(Customers, csv).await;
    assert_eq!(report.created, 0, "{report:?}");
    let errors = room.errors().unwrap();
    for says in ["2,owner,Nobody", "2,tier,z", "2,channel,fax", "2,created,soon"] {
        assert!(errors.contains(says), "{errors}");
    }
}
