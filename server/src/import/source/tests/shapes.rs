//! The forms that tables come in.

use proptest::prelude::*;

use super::super::{Delimiter, LineEnds};
use super::*;

#[test]
fn cells_are_found_by_name_whatever_its_case_and_the_space_around_it() {
    let sheet = Sheet::new(" Account ,SECTOR,Umsatz\nAcme , retail,1\n");
    let row = sheet.source().next().unwrap().unwrap();
    assert_eq!(row.cell("account"), Some("Acme"));
    assert_eq!(row.cell(" Sector"), Some("retail"));
    assert_eq!(row.cell("umsatz"), Some("1"));
    assert_eq!(row.cell("name"), None);
    assert_eq!(row.line(), 2);
}

#[test]
fn lines_end_as_any_system_ends_them() {
    for (end, kind) in [("\n", LineEnds::Lf), ("\r\n", LineEnds::CrLf), ("\r", LineEnds::Cr)] {
        let sheet = Sheet::new(["a,b", "1,2", "", "3,\"x\"", ""].join(end));
        assert_eq!(sheet.source().line_ends(), kind);
        assert_eq!(told(sheet.source()), ["2: 1|2", "4: 3|x"]);
    }
}

#[test]
fn a_last_line_needs_no_end() {
    check("a,b\n1,2", &["2: 1|2"]);
    check("a,b", &[]);
}

#[test]
fn quotes_hold_separators_line_breaks_and_doubled_quotes() {
    check(
        "a,b\r\n\"x,y\",\"one\r\ntwo\"\r\n\"say \"\"hi\"\"\",\"\"\r\nin \"the\" text,z\r\n",
        &["2: x,y|one\ntwo", "4: say \"hi\"|", "5: in \"the\" text|z"],
    );
}

#[test]
fn a_macintosh_file_keeps_the_line_feeds_inside_its_cells() {
    check("a,b\r\"x\ny\",2\r3,4\r", &["2: x\ny|2", "3: 3|4"]);
}

#[test]
fn empty_lines_and_rows_of_separators_are_no_rows() {
    check("\n\na,b\n1,2\n,\n  ,  \n\n3,4\n\n,,,,\n\u{1A}", &["4: 1|2", "8: 3|4"]);
}

#[test]
fn a_ragged_row_is_an_error_and_the_rest_goes_on() {
    check(
        "a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,2,3,,\n",
        &[
            "line 2: it has 2 cells, but there are 3 columns: is a cell missing, or a line break \
             not in quotes?",
            "3: 1|2|3",
            "line 4: it has 4 cells, but there are 3 columns: is a text with a separator in it \
             not in quotes?",
            "5: 1|2|3",
        ],
    );
}

#[test]
fn a_quote_that_is_not_closed_costs_only_its_own_line() {
    let open = "line 2: column \"b\": a quote is opened here and not closed: close it, or write a \
                quote in a text twice";
    check("a,b\n1,\"x\n3,4\n5,6\n", &[open, "3: 3|4", "4: 5|6"]);
    check("a,b\n1,\"x\n3,\"y\"\n\"5\",6\n", &[open, "3: 3|y", "4: 5|6"]);
}

#[test]
fn text_after_a_closing_quote_is_an_error_of_that_row() {
    check(
        "a,b\n\"Acme\" Ltd,1\n2,3\n\"Beta\"  ,4\n",
        &[
            "line 2: column \"a\": text follows the closing quote of a cell: put all of it in \
             quotes, and write a quote in a text twice",
            "3: 2|3",
            "4: Beta|4",
        ],
    );
}

#[test]
fn excel_may_say_the_separator_first() {
    let sheet = Sheet::new("sep=;\r\na,x;b\r\n1;2\r\n");
    assert_eq!(sheet.source().delimiter(), Delimiter::Semicolon);
    assert_eq!(sheet.source().headers().names(), ["a,x", "b"]);
    assert_eq!(told(sheet.source()), ["3: 1|2"]);
    assert_eq!(
        refused("sep=^\na^b\n1^2\n"),
        "its first line says that cells are separated by \"^\". Separate cells by a comma, a \
         semicolon, a tab or a bar, or say --delimiter."
    );
}

#[test]
fn a_separator_that_is_said_is_not_found_out() {
    let sheet = Sheet::new("a;b,c\n1;2,3\n");
    let form = |delimiter| super::super::Form { delimiter: Some(delimiter), encoding: None };
    let open = |form| Source::open_as(&sheet.path(), Limits::default(), form).unwrap();
    assert_eq!(open(form(Delimiter::Semicolon)).headers().names(), ["a", "b,c"]);
    assert_eq!(open(form(Delimiter::Comma)).headers().names(), ["a;b", "c"]);
}

#[test]
fn column_names_are_there_once_each() {
    assert_eq!(
        refused("a,,c\n1,2,3\n"),
        "column 2 has no name in line 1. Name every column in the first line, or delete it."
    );
    assert_eq!(
        refused("Name,x, name\n1,2,3\n"),
        "columns 1 and 3 are both named \"name\". Rename or delete one of them."
    );
    check(
        "a,b,,\n1,2,,\n1,2,3,\n",
        &[
            "2: 1|2",
            "line 3: it has 4 cells, but there are 2 columns: is a text with a separator in it not \
         in quotes?",
        ],
    );
}

#[test]
fn a_file_without_a_table_says_so() {
    let empty = "it is empty. Export it again; the first line must hold the column names.";
    assert_eq!(refused(""), empty);
    assert_eq!(refused("\u{FEFF}\r\n  \r\n,,\r\n"), empty);
}

fn cell() -> impl Strategy<Value = String> {
    // No space around it and no Ctrl-Z, which reading takes away.
    prop_oneof![
        "[a-z0-9,;|\t\"\n']{0,12}".prop_map(|text| format!("x{text}x")),
        "[甲乙丙 a]{1,6}".prop_map(|text| format!("客{text}户")),
        Just(String::new()),
    ]
}

proptest! {
    #[test]
    fn what_a_csv_writer_writes_is_read_back(
        rows in prop::collection::vec(prop::collection::vec(cell(), 3), 1..12),
        separator in prop::sample::select(&b",;\t|"[..]),
        crlf in any::<bool>(),
    ) {
        let end = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new()
            .delimiter(separator)
            .terminator(end)
            .from_writer(Vec::new());
        writer.write_record(["name", "city", "note"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let sheet = Sheet::new(writer.into_inner().unwrap());
        let form = super::super::Form {
            encoding: None,
            delimiter: Some(char::from(separator).to_string().parse().unwrap()),
        };
        let source = Source::open_as(&sheet.path(), Limits::default(), form).unwrap();
        let read: Vec<Vec<String>> = source
            .map(|row| {
                let row = row.unwrap();
                (0..3).map(|at| row.at(at).unwrap().to_owned()).collect()
            })
            .collect();
        let empty = |row: &&Vec<String>| row.iter().any(|cell| !cell.is_empty());
        let written: Vec<Vec<String>> = rows.iter().filter(empty).cloned().collect();
        prop_assert_eq!(read, written);
    }
}
