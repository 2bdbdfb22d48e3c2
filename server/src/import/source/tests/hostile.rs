//! Files that are no tables, and tables that mean harm.

use std::io::Write;

use proptest::prelude::*;

use super::super::RowProblem;
use super::*;

const SMALL: Limits = Limits {
    file_bytes: 8 << 10,
    line_bytes: 512,
    row_lines: 20,
    columns: 8,
    cell_bytes: 100,
    rows: 50,
    broken_quotes: 5,
};

#[test]
fn a_workbook_is_named_and_the_way_out_too() {
    assert_eq!(
        refused(b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml"),
        "it is an Excel workbook, not a CSV file. Open it, choose \"Save as\" and the type \"CSV \
         UTF-8\", and import that file."
    );
    assert_eq!(
        refused(b"\x1F\x8B\x08\0"),
        "it is a compressed file, not a CSV file. Unpack it, and import the CSV file in it."
    );
}

#[test]
fn a_nul_byte_is_told_with_its_line() {
    assert!(refused("a,b\n1,2\n3,\0\n").starts_with(
        "it is not a text file: there is a NUL byte in line 3. Save it as \"CSV UTF-8\""
    ));
    let utf_16_without_mark: Vec<u8> =
        "a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(refused(utf_16_without_mark).contains("say --encoding utf-16le"));
}

#[test]
fn what_is_no_file_is_refused_without_reading() {
    let dir = tempfile::tempdir().unwrap();
    let refused = |path: &std::path::Path| {
        let error = Source::open(path, Limits::default()).err().unwrap();
        format!("{error}. {}", error.advice())
    };
    assert_eq!(refused(dir.path()), "it is a directory, not a file. Name one CSV file in it.");
    assert_eq!(
        refused(&dir.path().join("none.csv")),
        "there is no such file. Check the name of the file."
    );
    #[cfg(unix)]
    assert_eq!(refused("/dev/zero".as_ref()), "it is a device, not a file. Name a CSV file.");
}

#[cfg(unix)]
#[test]
fn a_pipe_that_nobody_writes_to_does_not_block() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("pipe.csv");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    let error = Source::open(&path, Limits::default()).err().unwrap();
    assert_eq!(error.to_string(), "it is a pipe, not a file");
    assert!(error.advice().contains("Save what comes out of the pipe"));
}

#[test]
fn a_line_without_end_is_skipped_and_the_rest_goes_on() {
    let long = "x".repeat(600);
    let sheet = Sheet::new(format!("a,b\n1,2\n{long}\n3,4\n5,\"{long}\"\n6,7\n"));
    assert_eq!(
        told(sheet.open_with(SMALL).unwrap()),
        [
            "2: 1|2",
            "line 3: it is longer than 512 bytes: is a line break missing?",
            "4: 3|4",
            "line 5: it is longer than 512 bytes: is a line break missing?",
            "6: 6|7"
        ]
    );
    let error = Sheet::new(long).open_with(SMALL).err().unwrap();
    assert_eq!(
        error.to_string(),
        "line 1, where the column names should be, is longer than 512 bytes"
    );
}

#[test]
fn columns_cells_rows_and_bytes_have_limits() {
    let refused = |text: String| Sheet::new(text).open_with(SMALL).err().unwrap().to_string();
    assert_eq!(refused("c,".repeat(9)), "it has 10 columns, the limit is 8");
    assert_eq!(refused("a\n1\n".repeat(9_000)), "it has 35.1 KiB, the limit is 8 KiB");

    let long = "x".repeat(101);
    let sheet = Sheet::new(format!("a,b\n1,{long}\n1,2,3,4,5,6,7,8,9,10,11\n"));
    assert_eq!(
        told(sheet.open_with(SMALL).unwrap()),
        [
            "line 2: column \"b\": the cell has 101 bytes, the limit is 100 bytes",
            "line 3: it has 11 cells, but there are 2 columns: is a text with a separator in it \
             not in quotes?"
        ]
    );

    let sheet = Sheet::new(format!("a\n{}", "1\n".repeat(60)));
    let rows = told(sheet.open_with(SMALL).unwrap());
    assert_eq!(rows.len(), 51);
    assert_eq!(
        rows[50],
        "line 52: the file has more than 50 rows: split it; this row and the rest were not read"
    );
}

#[test]
fn broken_quotes_without_end_are_given_up() {
    let sheet = Sheet::new(format!("a,b\n{}", "1,\"x\n".repeat(100)));
    let rows: Vec<_> = sheet.open_with(SMALL).unwrap().collect();
    assert_eq!(rows.len(), 6);
    let last = rows[5].as_ref().err().unwrap();
    assert!(last.ends_reading());
    assert!(last.to_string().contains("check how the file was exported"), "{last}");
}

#[test]
fn a_file_that_grows_or_shrinks_is_told() {
    // Longer than what is read ahead.
    let text = format!("a,b\n{}", "1,2\n".repeat(40_000));
    let limits = Limits { file_bytes: 200 << 10, ..Limits::default() };
    for (grow, after) in [(4, "160008"), (100_000, "204800")] {
        let sheet = Sheet::new(&text);
        let source = sheet.open_with(limits).unwrap();
        let mut file = std::fs::OpenOptions::new().append(true).open(sheet.path()).unwrap();
        file.write_all("3,4\n".repeat(grow / 4).as_bytes()).unwrap();
        let last = source.last().unwrap().err().unwrap();
        assert!(last.ends_reading());
        let expected = format!("changed while it was read, from 160004 to {after} bytes");
        assert!(last.to_string().contains(&expected), "{last}");
    }
    let sheet = Sheet::new(&text);
    let source = sheet.open_with(limits).unwrap();
    std::fs::OpenOptions::new().write(true).open(sheet.path()).unwrap().set_len(10).unwrap();
    let last = source.last().unwrap().err().unwrap();
    assert!(matches!(last.problem, RowProblem::Changed { before: 160_004, .. }), "{last}");
}

#[test]
fn formulas_are_text() {
    check("a,b\n=cmd|'/c calc'!A0,@SUM(1)\n+1,-2\n", &["2: =cmd|'/c calc'!A0|@SUM(1)", "3: +1|-2"]);
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        prop::sample::select(vec![
            &b","[..],
            b";",
            b"\"",
            b"\"\"",
            b"\n",
            b"\r",
            b"\r\n",
            b"a,b\n",
            b"\xEF\xBB\xBF",
            b"\xFF\xFE",
            b"\xC4\xE3",
            b"\x84\x31\x95\x33",
            "客户".as_bytes(),
            b"sep=;\n",
        ])
        .prop_map(<[u8]>::to_vec),
        (prop::sample::select(&b"x\",\n"[..]), 1..700_usize)
            .prop_map(|(byte, count)| vec![byte; count]),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_bytes_make_it_panic_or_give_more_than_the_limits(bytes in bytes()) {
        let Ok(source) = Sheet::new(bytes).open_with(SMALL) else { return Ok(()) };
        let columns = source.headers().names().len();
        prop_assert!(columns <= SMALL.columns);
        let mut before = 0;
        let mut rows = 0;
        for row in source {
            let line = match row {
                Ok(row) => {
                    for at in 0..columns {
                        prop_assert!(row.at(at).is_some_and(|cell| cell.len() <= SMALL.cell_bytes));
                    }
                    row.line()
                }
                Err(error) => error.line,
            };
            prop_assert!(line >= before);
            before = line;
            rows += 1;
        }
        prop_assert!(rows <= SMALL.rows + 1);
    }
}
