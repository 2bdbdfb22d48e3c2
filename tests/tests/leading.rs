//! What leaders decide together: what a meeting gives people to do, customers that change
//! hands with what is open at them, customers that look alike and are two, and what people
//! say about visits and cards.

use client_core::engine::{NewCustomer, NewDeal};
use reqwest::StatusCode;
use reqwest::header::LOCATION;
use serde_json::json;
use server::office::{By, Office, Place};
use server::storage::Records;
use tempfile::TempDir;
use tests::evening::{CUSTOMER, Evening};
use tests::program::Program;
use tests::reader::Reader;

#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_is_opened_once_decides_and_what_it_gave_people_to_do_is_done() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let base = evening.url("");
    let program = Program::signed_in(&base, "zhou", 1).await;
    let chen = Program::signed_in(&base, "chen", 2).await;
    let zhou = Reader::signed_in(&evening, "zhou").await;

    let week = json!({ "period": "2026-W41" });
    let opened = program.post_once("/v1/meetings", &week, "monday").await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.json);
    let again = program.post_once("/v1/meetings", &week, "monday").await;
    assert_eq!(again.json["id"], opened.json["id"], "its answer was lost, and nothing else");
    let id = opened.json["id"].as_str().unwrap().to_owned();
    assert_eq!(opened.json["report"], "weekly");
    assert_eq!(chen.post("/v1/meetings", &week).await.status, StatusCode::FORBIDDEN);
    let later = program.post("/v1/meetings", &json!({ "period": "2026-W42" })).await;
    assert_eq!(later.status, StatusCode::UNPROCESSABLE_ENTITY, "it has not begun: {}", later.json);

    // A decision on the page, an action from a program; both see both.
    let path = format!("/meetings/{id}");
    let fields = [("kind", "decision"), ("text", "先攻华东老客户")];
    assert_eq!(zhou.post(&path, &fields).await.status(), StatusCode::SEE_OTHER);
    let under = format!("/v1{path}");
    let action = json!({ "text": "Call Pujiang", "owner": evening.chen, "due": "2026-10-12" });
    let given = program.post_once(&under, &action, "call").await;
    program.post_once(&under, &action, "call").await;
    assert_eq!((&given.json["kind"], &given.json["done_at"]), (&json!("action"), &json!(null)));
    let nobody = json!({ "text": "Call", "owner": id, "due": "2026-10-12" });
    assert_eq!(program.post(&under, &nobody).await.status, StatusCode::NOT_FOUND);
    let half = json!({ "text": "Call", "owner": evening.chen });
    assert_eq!(program.post(&under, &half).await.status, StatusCode::BAD_REQUEST);
    let empty = program.post(&under, &json!({ "text": " " })).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", empty.json);
    let page = zhou.page(&path).await;
    assert!(page.contains("先攻华东老客户") && page.contains("Call Pujiang"), "{page}");
    let whole = program.get(&under).await;
    assert_eq!(whole.json["items"].as_array().map(Vec::len), Some(2), "{}", whole.json);

    let open = program.get("/v1/meetings").await;
    assert_eq!(open.json["meetings"][0]["id"], id.as_str());
    assert_eq!(open.json["open"][0]["owner"]["name"], "陈思远", "{}", open.json);
    let item = given.json["id"].as_str().unwrap();
    let done = zhou.post(&format!("{path}/actions/{item}"), &[("done", "yes")]).await;
    assert_eq!(done.headers()[LOCATION], path.as_str());
    let open = program.get("/v1/meetings").await;
    assert_eq!(open.json["open"], json!([]), "it is done");
    let reopened =
        program.post(&format!("{under}/actions/{item}"), &json!({ "done": false })).await;
    assert_eq!((reopened.status, &reopened.json["done_at"]), (StatusCode::OK, &json!(null)));
    let log = program.get("/v1/audit?what=meetings").await;
    let deeds = log.json["items"].as_array().unwrap().iter();
    let deeds: Vec<&str> = deeds.map(|deed| deed["what"].as_str().unwrap()).collect();
    let wanted =
        ["meeting.reopened", "meeting.done", "meeting.action", "meeting.decided", "meeting.held"];
    assert_eq!(deeds, wanted, "who did it before it was reopened stays: {}", log.json);
    let agenda = program.get("/v1/due/agenda").await;
    assert_eq!(agenda.json["actions"][0]["id"], item, "{}", agenda.json);
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_saw_on_a_map_where_others_were_is_written_down_once_a_day() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let base = evening.url("");
    let program = Program::signed_in(&base, "zhou", 1).await;
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let looks = async || {
        let log = program.get("/v1/audit?what=reading").await;
        let deeds = log.json["items"].as_array().unwrap().clone();
        deeds.into_iter().filter(|deed| deed["what"] == "map.read").count()
    };
    let points = program.get("/v1/map").await;
    assert!(points.json.to_string().contains("\"lat"), "places are shown: {}", points.json);
    let first = looks().await;
    assert!(first > 0, "each of the people whose places were given");
    zhou.page("/map").await;
    assert_eq!(looks().await, first, "once a day for each of them");
    let chen = Program::signed_in(&base, "chen", 2).await;
    assert_eq!(chen.get("/v1/map").await.status, StatusCode::OK);
    assert_eq!(looks().await, first, "one's own places are nobody's business");
    zhou.page("/map?date=2026-10-01").await;
    assert_eq!(looks().await, first, "a day on which nobody was anywhere shows no places");
    let page = zhou.page("/audit?what=reading").await;
    assert!(page.contains("陈思远"), "{page}");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_changes_hands_takes_its_open_deals_along_and_back() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let phone = evening.phone(&dir.path().join("more"), "chen").await.unwrap();
    let open = NewDeal::with(evening.customer, "Second line", "initial_contact");
    let open = phone.create_deal(open).unwrap();
    let lost = NewDeal::with(evening.customer, "First line", "initial_contact");
    let lost = phone.create_deal(lost).unwrap();
    phone.win_deal(lost, None).unwrap();
    phone.sync_once().await.unwrap();
    let program = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let owner = async |doc| {
        let held = program.get(&format!("/v1/placements/{doc}")).await;
        held.json["spans"].as_array().unwrap().last().unwrap()["owner"].clone()
    };
    let (chen, anna) = (json!(evening.chen), json!(evening.anna));
    let (customer, to) = (evening.customer.to_string(), evening.anna.to_string());

    // Nothing moves unsaid: the preview says what goes along.
    let choice = [("doc", customer.as_str()), ("to", to.as_str())];
    let look = zhou.post("/placement/preview", &choice).await.text().await.unwrap();
    assert!(look.contains("1 open deal worth") && look.contains("Leave the open deals"), "{look}");
    let asked = json!({ "to": evening.anna, "customers": [evening.customer] });
    let told = program.post("/v1/placements/preview", &asked).await;
    assert_eq!((&told.json["open_deals"], &told.json["customers"]), (&json!(1), &json!(1)));

    let given = zhou.post("/placement", &choice).await.text().await.unwrap();
    assert!(given.contains("1 open deal went along"), "{given}");
    assert_eq!((owner(evening.customer).await, owner(open).await), (anna.clone(), anna.clone()));
    assert_eq!(owner(lost).await, chen, "what was decided is Chen's");
    let undo: Vec<(String, String)> = given
        .split("name=\"")
        .skip(1)
        .filter_map(|field| {
            let (name, rest) = field.split_once('"')?;
            let value = rest.split_once("value=\"")?.1.split_once('"')?.0;
            Some((name.to_owned(), value.to_owned()))
        })
        .filter(|(name, _)| name == "to" || name.starts_with("was.") || name.starts_with("deal."))
        .collect();
    assert_eq!(undo.len(), 3, "{undo:?}");
    let back = zhou.post("/placement/undo", &undo).await.text().await.unwrap();
    assert!(back.contains("1 customer is back with whom it was."), "{back}");
    assert!(back.contains("1 open deal went back with them."), "{back}");
    // One that went on meanwhile stays, and that is said.
    let back = zhou.post("/placement/undo", &undo).await.text().await.unwrap();
    assert!(back.contains("1 deal stays where it is"), "{back}");
    assert_eq!((owner(evening.customer).await, owner(open).await), (chen.clone(), chen.clone()));

    // And where somebody wants it so, they stay.
    let apart = json!({ "owner": evening.anna, "keep_deals": true });
    let placed = program.post(&format!("/v1/placements/{customer}"), &apart).await;
    assert_eq!(placed.json["deals_along"], json!([]), "{}", placed.json);
    assert_eq!((owner(evening.customer).await, owner(open).await), (anna.clone(), chen.clone()));
    let home = json!({ "handings": [{ "subject": open, "to": evening.anna }] });
    let given = program.post("/v1/placements", &home).await;
    assert_eq!(given.json["done"][0]["was"]["owner"], chen, "{}", given.json);
    let both = json!({ "owner": evening.chen });
    let placed = program.post(&format!("/v1/placements/{customer}"), &both).await;
    assert_eq!(placed.json["deals_along"], json!([open]), "{}", placed.json);

    // A deal that somebody put into a unit that Zhou does not lead stays.
    let app = evening.server.app();
    let office = Office::of(app.clone(), app.storage().orgs().await.unwrap()[0].id);
    let top = office.units().await.unwrap().into_values().find(|unit| unit.parent.is_none());
    let apart = Place { unit: top.map(|unit| unit.id), ..Place::default() };
    office.registrar(By::CommandLine).await.unwrap().place(open, apart).await.unwrap();
    let told = program.post("/v1/placements/preview", &asked).await;
    assert_eq!(told.json["open_deals"], 0, "{}", told.json);
    let placed = program.post(&format!("/v1/placements/{customer}"), &json!({ "owner": to })).await;
    assert_eq!(placed.json["deals_along"], json!([]), "{}", placed.json);
    phone.close();
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_customers_that_are_not_the_same_are_suspected_no_more_until_somebody_takes_it_back() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let phone = evening.phone(&dir.path().join("more"), "chen").await.unwrap();
    let alike = NewCustomer {
        name: "上海浦江精密机诫有限公司".into(), ..NewCustomer::default()
    };
    let alike = phone.create_customer(alike).unwrap().id;
    phone.sync_once().await.unwrap();
    phone.close();
    let program = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let chen = Program::signed_in(&evening.url(""), "chen", 2).await;
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let suspected = async || program.get("/v1/customers/merges").await.json["suspected"].clone();
    assert_eq!(suspected().await, json!(1));
    let page = zhou.page("/customers/merges").await;
    assert!(page.contains("Not the same") && page.contains(CUSTOMER), "{page}");

    let two = format!("{alike}/{}", evening.customer);
    let answer = zhou.post("/customers/merges", &[("apart", &two)]).await;
    assert_eq!(answer.headers()[LOCATION], "/customers/merges?done=kept_apart");
    assert_eq!(suspected().await, json!(0));
    let page = zhou.page("/customers/merges?done=kept_apart").await;
    assert!(page.contains("id=\"apart\"") && page.contains("offered no more"), "{page}");
    assert!(zhou.page("/audit?what=placements").await.contains("Customers said to be two"));

    let back = json!({ "one": evening.customer, "other": alike, "apart": false });
    assert_eq!(chen.post("/v1/customers/merges", &back).await.status, StatusCode::FORBIDDEN);
    let answer = program.post("/v1/customers/merges", &back).await;
    assert_eq!((answer.status, &answer.json["apart"]), (StatusCode::OK, &json!(false)));
    assert_eq!(suspected().await, json!(1));
    let oneself = json!({ "one": alike, "other": alike, "apart": true });
    let answer = program.post("/v1/customers/merges", &oneself).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.json);
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_and_an_objection_are_made_once_and_answered_by_whoever_leads() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let chen = Program::signed_in(&evening.url(""), "chen", 2).await;
    let reviews = format!("/v1/visits/{}/reviews", evening.visit);
    let praise = json!({ "comment": "Clear next step.", "rating": 5 });
    let first = zhou.post_once(&reviews, &praise, "evening").await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.json);
    assert_eq!(zhou.post_once(&reviews, &praise, "evening").await.json, first.json);
    assert_eq!(chen.get(&reviews).await.json, json!([first.json]), "the rep reads it, once");
    assert_eq!(chen.post(&reviews, &praise).await.status, StatusCode::FORBIDDEN);
    let much = json!({ "comment": "Great", "rating": 9 });
    assert_eq!(zhou.post(&reviews, &much).await.status, StatusCode::UNPROCESSABLE_ENTITY);

    let card = format!("/v1/scorecards/{}/2026-10/contests", evening.chen);
    let why = json!({ "line": "effective_visits", "reason": "The second one counts too.",
        "evidence": [evening.visit] });
    let asked = chen.post_once(&card, &why, "objection").await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.json);
    assert_eq!(chen.post_once(&card, &why, "objection").await.json["id"], asked.json["id"]);
    assert_eq!(zhou.post(&card, &why).await.status, StatusCode::FORBIDDEN, "it is Chen's card");
    let unknown = json!({ "line": "luck", "reason": "There is none." });
    assert_eq!(chen.post(&card, &unknown).await.status, StatusCode::NOT_FOUND);
    let waiting = zhou.get("/v1/contests").await;
    assert_eq!(
        (&waiting.json["all"], &waiting.json["items"][0]["approved"]),
        (&json!(1), &json!(null)),
        "{}",
        waiting.json
    );
    let contest = format!("/v1/contests/{}", asked.json["id"].as_str().unwrap());
    let yes = json!({ "approved": true, "note": "It will be looked at." });
    assert_eq!(chen.post(&contest, &yes).await.status, StatusCode::FORBIDDEN);
    let answered = zhou.post(&contest, &yes).await;
    assert_eq!(answered.json["answered_by"]["name"], "周敏", "{}", answered.json);
    let twice = zhou.post(&contest, &yes).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY, "once and for all");
    evening.server.shutdown().await;
}
