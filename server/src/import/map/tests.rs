//! A mapping is right, or says what is wrong with it.

use super::{ImportKind, Map, MapError};

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn said(kind: ImportKind, text: &str) -> String {
    Map::parse(kind, text).unwrap_err().to_string()
}

#[test]
fn a_mapping_that_names_what_does_not_exist_is_refused() {
    for (text, says) in [
        ("[colums]\nkey = \"id\"", "colums"),
        ("[columns]\nammount = \"x\"", "\"ammount\""),
        ("[defaults]\nfoo = \"x\"", "[defaults]"),
        ("[values.stages]\na = \"b\"", "[values]"),
        ("kind = \"team\"", "for team, not for deals"),
        ("[format]\ndate = \"monthly\"", "not a date format"),
        ("[format]\ndecimal = \"dot\"", "dot"),
        ("source = \" \"", "source is empty"),
        ("[columns", "wrong"),
    ] {
        assert!(said(ImportKind::Deals, text).contains(says), "{text}: {says}");
    }
    assert!(said(ImportKind::Team, "[notes]\na = \"b\"").contains("[notes]"));
    assert!(said(ImportKind::Customers, "[deals]\nplaceholder = \"x\"").contains("[deals]"));
}

#[test]
fn a_column_that_the_file_lacks_is_named_with_those_it_has() {
    let map = Map::parse(
        ImportKind::Customers,
        "[columns]\nname = \"account\"\nregion = \"office\"\n[notes]\nFounded = \"year\"",
    )
    .unwrap();
    let error = map.clone().over(&columns(&["account", "sector"])).unwrap_err();
    assert!(matches!(error, MapError::NoColumn { .. }));
    assert!(error.to_string().contains("account, sector"), "{error}");
    let mapping = map.over(&columns(&["Account", "OFFICE", "year", "sector"])).unwrap();
    assert_eq!(mapping.unmapped, ["sector"]);
}

#[test]
fn without_a_mapping_our_own_names_are_expected() {
    let mapping =
        Map::own(ImportKind::Customers).over(&columns(&["name", "Region", "colour"])).unwrap();
    assert_eq!(mapping.columns("region"), ["region"]);
    assert_eq!(mapping.unmapped, ["colour"]);
    let error = Map::own(ImportKind::Deals).over(&columns(&["owner", "stage"])).unwrap_err();
    assert!(error.to_string().contains("no column gives key"), "{error}");
    let error = Map::own(ImportKind::Team).over(&columns(&["name"])).unwrap_err();
    assert!(error.to_string().contains("no column gives rep"), "{error}");
}

#[test]
fn values_are_told_without_regard_to_case() {
    let map = Map::parse(ImportKind::Deals, "[values.product]\nGTXPro = \"GTX Pro\"").unwrap();
    let map = map.over(&columns(&["x"]));
    assert!(map.is_err(), "key, owner and stage are missing");
    let text = "[columns]\nkey = [\"a\", \"b\"]\nowner = \"o\"\nstage = \"s\"\n\
                [values.product]\nGTXPro = \"GTX Pro\"";
    let mapping = Map::parse(ImportKind::Deals, text).unwrap();
    let mapping = mapping.over(&columns(&["a", "b", "o", "s"])).unwrap();
    assert_eq!(mapping.meaning("product", "gtxpro"), "GTX Pro");
    assert_eq!(mapping.meaning("product", "MG Special"), "MG Special");
    assert_eq!(mapping.columns("key"), ["a", "b"]);
}
