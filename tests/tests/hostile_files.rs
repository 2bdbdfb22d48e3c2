//! What an administrator may give an import by mistake, and what somebody may give it
//! to do harm: the program says what is wrong and what to do, in bounded time and
//! memory, and the data stay as they are.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const RELAY: &str = env!("CARGO_BIN_EXE_relay");
/// What an import may take beyond a verb that only looks.
const MEMORY_KIB: u64 = 64 << 10;
/// Far more than any of these takes on a busy machine in a debug build.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long the line is that does not end.
const LONG: usize = 200_000_000;

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
    peak_kib: u64,
}

/// A data directory, a folder of files, and what a verb takes that only looks.
struct Desk {
    dir: TempDir,
    idle_kib: u64,
}

impl Desk {
    fn new() -> Self {
        let mut desk = Self { dir: tempfile::tempdir().unwrap(), idle_kib: 0 };
        let made = desk.run(&["init", "--org", "Acme", "--locale", "en"]);
        assert_eq!(made.code, Some(0), "{}", made.err);
        desk.idle_kib = desk.run(&["user", "list"]).peak_kib;
        assert!(desk.idle_kib > 0, "the memory of a process can be read");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    /// A file that is too long to be made in memory.
    fn stream(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> PathBuf {
        let mut file = BufWriter::new(File::create(self.path(name)).unwrap());
        write(&mut file).unwrap();
        file.flush().unwrap();
        self.path(name)
    }

    /// Runs the program to its end, with an eye on its memory.
    fn run(&self, args: &[&str]) -> Said {
        let (out, err) = (self.path("said.out"), self.path("said.err"));
        let mut child = Command::new(RELAY)
            .args(args)
            .arg("--data")
            .arg(self.path("data"))
            .stdin(Stdio::null())
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap();
        let (code, peak_kib) = watched(&mut child, args);
        let read = |path: &Path| std::fs::read_to_string(path).unwrap();
        Said { code, out: read(&out), err: read(&err), peak_kib }
    }

    fn import(&self, file: &Path, more: &[&str]) -> Said {
        let fixed = ["import", "customers", file.to_str().unwrap()];
        let args: Vec<&str> = fixed.iter().chain(more).copied().collect();
        let said = self.run(&args);
        let beyond = said.peak_kib.saturating_sub(self.idle_kib);
        println!(
            "{:>8} KiB at most, {beyond:>6} beyond a look: {}",
            said.peak_kib,
            args[2..].join(" ")
        );
        assert!(beyond < MEMORY_KIB, "{args:?} took {} KiB", said.peak_kib);
        let length = said.out.len() + said.err.len();
        assert!(length < 64 << 10, "{args:?} said {length} bytes");
        said
    }

    /// How many rows every table of the data has.
    fn rows(&self) -> Vec<(String, i64)> {
        let data = rusqlite::Connection::open(self.path("data").join(server::DATA_FILE)).unwrap();
        let mut tables =
            data.prepare("select name from sqlite_master where type = 'table' order by 1").unwrap();
        let names: Vec<String> =
            tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let count = |name: String| {
            let sql = format!("select count(*) from \"{name}\"");
            let count = data.query_row(&sql, [], |row| row.get(0)).unwrap();
            (name, count)
        };
        names.into_iter().map(count).collect()
    }

    /// Nothing is taken of the file, and the program says why and what to do.
    fn refuses(&self, file: &Path, more: &[&str], code: i32, happened: &str, advice: &str) {
        let before = self.rows();
        let said = self.import(file, more);
        assert_eq!(said.code, Some(code), "{} {}", said.out, said.err);
        let lines: Vec<&str> = said.err.lines().collect();
        assert!(lines[0].starts_with("error: ") && lines[0].contains(happened), "{}", said.err);
        assert!(lines.contains(&"Nothing was changed."), "{}", said.err);
        assert!(lines[lines.len() - 1].contains(advice), "{}", said.err);
        assert_eq!(self.rows(), before, "{file:?} changed the data");
        assert!(!file.with_extension("errors.csv").exists());
    }

    /// The rows that can be taken are, and the others are named.
    fn takes(&self, file: &Path, counts: &str, told: &str) {
        let said = self.import(file, &[]);
        assert_eq!(said.code, Some(4), "{} {}", said.out, said.err);
        assert!(said.out.contains(counts), "{}", said.out);
        assert!(said.out.contains(told), "{}", said.out);
    }
}

/// Waits for the end, and gives how it ended and the most memory that it held.
#[expect(clippy::disallowed_methods, reason = "a process is waited for with a bound")]
fn watched(child: &mut Child, args: &[&str]) -> (Option<i32>, u64) {
    let (began, status) = (Instant::now(), format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    loop {
        // Of a process that has ended there is no figure.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
        peak = peak.max(kib.unwrap_or(0));
        if let Some(ended) = child.try_wait().unwrap() {
            return (ended.code(), peak);
        }
        if began.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{args:?} did not end");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A deflate stream of zero bytes, a thousandth of their length: a literal, then
/// matches of 258 bytes at distance 1, in the fixed code.
fn deflated_zeros(bytes: usize) -> Vec<u8> {
    let (mut stream, mut bit) = (Vec::new(), 0);
    let mut put = |bits: &str| {
        for one in bits.bytes() {
            if bit % 8 == 0 {
                stream.push(0_u8);
            }
            *stream.last_mut().unwrap() |= (one - b'0') << (bit % 8);
            bit += 1;
        }
    };
    put("11000110000");
    for _match in 0..bytes / 258 {
        put("1100010100000");
    }
    put("0000000");
    stream
}

/// A zip archive's first entry.
fn zipped(name: &str, stream: &[u8], bytes: usize) -> Vec<u8> {
    let mut zip = b"PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".to_vec();
    zip.extend(u32::try_from(stream.len()).unwrap().to_le_bytes());
    zip.extend(u32::try_from(bytes).unwrap().to_le_bytes());
    zip.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    zip.extend([0, 0]);
    zip.extend(name.as_bytes());
    zip.extend(stream);
    zip
}

fn filled(file: &mut dyn Write, byte: u8, mut bytes: usize) -> std::io::Result<()> {
    let block = vec![byte; 1 << 20];
    while bytes > 0 {
        let part = bytes.min(block.len());
        file.write_all(&block[..part])?;
        bytes -= part;
    }
    Ok(())
}

fn pipe(path: PathBuf) -> PathBuf {
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

#[test]
fn what_is_no_table_is_refused_with_what_to_do() {
    let desk = Desk::new();
    let bomb = deflated_zeros(1 << 30);
    assert!(bomb.len() < 8 << 20);
    let bomb = desk.file("bomb.csv", zipped("customers.csv", &bomb, 1 << 30));
    desk.refuses(&bomb, &[], 4, "it is a zip archive, not a CSV file", "Unpack it");
    let gzip = [&b"\x1F\x8B\x08\0\0\0\0\0\0\x03"[..], &deflated_zeros(1 << 20)].concat();
    let gzip = desk.file("gzip.csv", gzip);
    desk.refuses(&gzip, &[], 4, "it is a compressed file", "Unpack it");
    let book = desk.file("book.csv", zipped("[Content_Types].xml", b"\x03\0", 0));
    desk.refuses(&book, &[], 4, "it is an Excel workbook", "\"CSV UTF-8\"");
    let nul = desk.file("nul.csv", b"key,name\n1,Ac\0me\n");
    desk.refuses(&nul, &[], 4, "there is a NUL byte in line 2", "\"CSV UTF-8\"");
    for empty in [desk.file("empty.csv", ""), desk.file("space.csv", "\n  \n\r\n")] {
        desk.refuses(&empty, &[], 4, "it is empty", "the first line must hold the column names");
    }
    desk.refuses(&desk.path("gone.csv"), &[], 4, "there is no such file", "Check the name");
    let folder = desk.path("folder.csv");
    std::fs::create_dir(&folder).unwrap();
    desk.refuses(&folder, &[], 4, "it is a directory", "Name one CSV file in it.");
    let silent = pipe(desk.path("silent.csv"));
    desk.refuses(&silent, &[], 4, "it is a pipe", "Save what comes out of the pipe");
    desk.refuses(Path::new("/dev/zero"), &[], 4, "it is a device", "Name a CSV file.");
    let head = desk.file("head.csv", "key,\"name\n1,Acme\n");
    desk.refuses(&head, &[], 4, "a quote is opened here and not closed", "Correct the first line");
}

#[test]
fn a_pipe_that_never_ends_is_not_read() {
    let desk = Desk::new();
    let path = pipe(desk.path("endless.csv"));
    // Opened both ways, it has a writer for as long as this test runs.
    let endless = File::options().read(true).write(true).open(&path).unwrap();
    (&endless).write_all(b"key,name\n1,Acme\n").unwrap();
    desk.refuses(&path, &[], 4, "it is a pipe", "Save what comes out of the pipe");
}

#[test]
fn a_file_that_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let path = desk.file("closed.csv", "key,name\n1,Acme\n");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
    if File::open(&path).is_ok() {
        tests::tools::say_skipped("a user who is not root");
        return;
    }
    desk.refuses(&path, &[], 4, "it cannot be read: Permission denied", "Check the permissions");
}

#[test]
fn a_line_of_200_mb_takes_no_memory_and_no_other_row() {
    let desk = Desk::new();
    let line = desk.stream("line.csv", |file| filled(file, b'x', LONG));
    desk.refuses(&line, &[], 4, "is longer than 1 MiB", "every row in a line of its own");
    std::fs::remove_file(line).unwrap();
    let commas = desk.stream("commas.csv", |file| filled(file, b',', LONG));
    desk.refuses(&commas, &[], 4, "is longer than 1 MiB", "every row in a line of its own");
    std::fs::remove_file(commas).unwrap();
    let between = desk.stream("between.csv", |file| {
        file.write_all(b"key,name\n1,Acme\n")?;
        filled(file, b'x', LONG)?;
        file.write_all(b"\n2,Beta\n")
    });
    desk.takes(&between, "3 rows: 2 created", "line 3: it is longer than 1 MiB");
}

#[test]
fn a_million_columns_and_names_of_any_length_are_refused() {
    let desk = Desk::new();
    let million = desk.stream("million.csv", |file| {
        (0..1_000_000).try_for_each(|column| write!(file, "c{column},"))
    });
    desk.refuses(&million, &[], 4, "is longer than 1 MiB", "every row in a line of its own");
    let many = desk.file("many.csv", (0..100_000).map(|n| format!("c{n},")).collect::<String>());
    desk.refuses(&many, &[], 4, "it has 100001 columns, the limit is 512", "only the columns");
    let wide = format!("key,name,{}\n1,Acme,x\n", "h".repeat(900_000));
    desk.refuses(&desk.file("wide.csv", wide), &[], 4, "the name of column 3 has", "shorten");
    // Without a name, so that the error lists what there is.
    let listed = (0..500).map(|n| format!("{n}{}", "h".repeat(1_000))).collect::<Vec<_>>();
    let listed = desk.file("listed.csv", listed.join(","));
    desk.refuses(&listed, &[], 2, "no column gives name", "Add the column to the mapping");
}

#[test]
fn enormous_cells_are_refused_row_by_row_in_bounded_memory() {
    let desk = Desk::new();
    let fields = "key,name,alias,industry,size,region,address,phone,channel,tier";
    let cell = "z".repeat(60_000);
    let fat = desk.stream("fat.csv", |file| {
        writeln!(file, "{fields}")?;
        (0..300).try_for_each(|row| writeln!(file, "{row}{}", format!(",{cell}").repeat(9)))
    });
    desk.takes(&fat, "300 rows: 0 created", "line 2:");
    let keys = desk.stream("keys.csv", |file| {
        writeln!(file, "key,name")?;
        (0..2_000).try_for_each(|row| writeln!(file, "{row}{cell},Acme {row}"))
    });
    desk.takes(&keys, "2000 rows: 0 created", "the limit is 1024");
    let errors = std::fs::metadata(desk.path("fat.errors.csv")).unwrap().len();
    assert!(errors < 1 << 20, "{errors}");
}

#[test]
fn ragged_rows_open_quotes_and_formulas_take_no_other_row_along() {
    let desk = Desk::new();
    let ragged = desk.file("ragged.csv", "name,region\nAcme\nBeta,north\nGamma,south,west\n");
    desk.takes(&ragged, "3 rows: 1 created", "line 2: it has 1 cell, but there are 2 columns");
    let quote = desk.file("quote.csv", "name,region\nDelta,\"open\nEta,north\nZeta,south\n");
    desk.takes(&quote, "3 rows: 2 created", "line 2: column \"region\": a quote is opened here");
    let quotes = desk.file("quotes.csv", format!("name,region\n{}", "A,\"x\n".repeat(100_000)));
    let said = desk.import(&quotes, &[]);
    assert_eq!(said.code, Some(4), "{}", said.err);
    assert!(said.err.contains("check how the file was exported"), "{}", said.err);

    let formulas = "name,region,tier\n=1+1,+2,a\n@SUM(A1),-3,b\n-x,y,=cmd|'/c calc'!A0\n";
    let formulas = desk.file("formulas.csv", formulas);
    desk.takes(&formulas, "3 rows: 2 created", "line 4: column \"tier\"");
    let errors = std::fs::read_to_string(desk.path("formulas.errors.csv")).unwrap();
    assert!(errors.contains("4,tier,'=cmd|'/c calc'!A0,"), "{errors}");
    // As text they stand here, and the same file says nothing new.
    desk.takes(&formulas, "3 rows: 0 created, 0 changed, 2 unchanged", "line 4:");
}

#[test]
fn a_mapping_that_is_none_is_refused_before_the_first_row() {
    let desk = Desk::new();
    let file = desk.file("customers.csv", "key,name\n1,Acme\n");
    let big = desk.stream("big.toml", |file| filled(file, b'#', LONG));
    let folder = desk.path("folder.toml");
    std::fs::create_dir(&folder).unwrap();
    for (map, happened, advice) in [
        (big, "it has 190.7 MiB, the limit is 1 MiB", "Name a mapping file"),
        (folder, "it is not a file", "Name a mapping file"),
        (pipe(desk.path("pipe.toml")), "it is not a file", "Name a mapping file"),
        (PathBuf::from("/dev/zero"), "it is not a file", "Name a mapping file"),
        (desk.path("gone.toml"), "there is no such file", "Name a mapping file"),
        (desk.file("bytes.toml", b"\xFF\xFE\0"), "it is not a text in UTF-8", "Name a mapping"),
        (
            desk.file("field.toml", "[columns]\nnope = \"name\"\n"),
            "the field \"nope\" in [columns], which customers do not have: possible are key, name",
            "Correct the mapping",
        ),
        (
            desk.file("column.toml", "[columns]\nname = \"nombre\"\n"),
            "the column \"nombre\", which the file does not have: its columns are key, name",
            "Correct the column in the mapping",
        ),
        (
            desk.file("section.toml", "[colums]\nname = \"name\"\n"),
            "the mapping is wrong",
            "Correct the mapping",
        ),
    ] {
        desk.refuses(&file, &["--map", map.to_str().unwrap()], 2, happened, advice);
    }
}
