//! The command line as a process: its codes, and what it says to people and scripts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What a finished process left behind.
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{:?} {:?}", self.out, self.err))
    }
}

fn relay(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relay"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(args: &[&str]) -> Said {
    let done = relay(args).output().expect("the binary runs");
    Said {
        code: done.status.code().expect("it ended by itself"),
        out: String::from_utf8(done.stdout).expect("UTF-8"),
        err: String::from_utf8(done.stderr).expect("UTF-8"),
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary path is UTF-8")
}

/// A directory that `init` made.
fn initialised() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let said = run(&["init", "--data", text(&dir.path().join("data")), "--json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    dir
}

/// A running server, killed if a test forgets it.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

impl Serving {
    fn start(data: &Path) -> (Self, String) {
        let mut child = relay(&["serve", "--data", text(data), "--bind", "127.0.0.1:0", "--json"])
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        let out = child.stdout.take().expect("piped");
        let serving = Self(child);
        BufReader::new(out).read_line(&mut line).expect("a line");
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}"));
        (serving, said["listening"].as_str().expect("an address").to_owned())
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.0.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// Waits for the end, at most half a minute.
    #[expect(clippy::disallowed_methods, reason = "a process is waited for with a bound")]
    fn end(mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.0.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(Instant::now() < deadline, "the server does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn init_makes_a_private_directory_and_tells_the_password_once() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let said =
        run(&["init", "--data", text(&data), "--org", "Acme 中国", "--admin", "ada", "--json"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.json()["admin"], "ada");
    assert_eq!(said.json()["one_time_password"].as_str().unwrap().len(), 17);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&data).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
    let again = run(&["init", "--data", text(&data), "--json"]);
    assert_eq!(again.code, 4);
    assert!(again.json()["error"].as_str().unwrap().contains("initialised already"));
    assert_eq!(again.json()["code"], 4);
}

#[test]
fn init_leaves_a_directory_of_somebody_else_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("thesis.txt"), "mine").unwrap();
    let said = run(&["init", "--data", text(dir.path())]);
    assert_eq!(said.code, 4, "{}", said.err);
    assert!(said.err.contains("holds other files"), "{}", said.err);
    assert!(said.err.contains("Nothing was changed"), "{}", said.err);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn serve_says_what_to_do_about_an_empty_directory() {
    let dir = tempfile::tempdir().unwrap();
    let said = run(&["serve", "--data", text(dir.path()), "--bind", "127.0.0.1:0", "--json"]);
    assert_eq!(said.code, 4, "{}", said.err);
    assert!(said.json()["advice"].as_str().unwrap().contains("fieldsync init"));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "and writes nothing");
}

#[test]
fn serve_refuses_a_file_that_is_not_ours_and_leaves_it_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(server::DATA_FILE);
    let foreign = rusqlite::Connection::open(&file).unwrap();
    foreign.execute_batch("create table recipe (name text)").unwrap();
    drop(foreign);
    let before = std::fs::read(&file).unwrap();
    let said = run(&["serve", "--data", text(dir.path()), "--bind", "127.0.0.1:0"]);
    assert_eq!(said.code, 4, "{}", said.err);
    assert!(said.err.contains("is not a fieldsync data file"), "{}", said.err);
    assert_eq!(std::fs::read(&file).unwrap(), before);

    std::fs::write(&file, "not a database at all, but long enough to be looked at").unwrap();
    let said = run(&["serve", "--data", text(dir.path()), "--bind", "127.0.0.1:0"]);
    assert_eq!(said.code, 4, "{}", said.err);
}

#[test]
fn serve_refuses_a_file_from_a_newer_program() {
    let dir = initialised();
    let data = dir.path().join("data");
    let file = rusqlite::Connection::open(data.join(server::DATA_FILE)).unwrap();
    file.pragma_update(None, "user_version", 999).unwrap();
    drop(file);
    let said = run(&["serve", "--data", text(&data), "--bind", "127.0.0.1:0"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("newer"), "{}", said.err);
}

#[test]
fn serve_names_a_port_that_is_in_use() {
    let dir = initialised();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = taken.local_addr().unwrap().to_string();
    let data = dir.path().join("data");
    let said = run(&["serve", "--data", text(&data), "--bind", &addr, "--json"]);
    assert_eq!(said.code, 5, "{}", said.err);
    assert!(said.json()["error"].as_str().unwrap().contains(&addr), "{}", said.out);
    assert!(said.err.contains("--bind"), "{}", said.err);
}

#[test]
fn serve_does_not_listen_in_the_open_without_a_proxy() {
    let dir = initialised();
    let data = dir.path().join("data");
    let said = run(&["serve", "--data", text(&data), "--bind", "0.0.0.0:0"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.err.contains("--behind-proxy"), "{}", said.err);
}

#[test]
fn a_server_answers_until_it_is_told_to_stop() {
    let dir = initialised();
    for signal in ["-TERM", "-INT"] {
        let (serving, addr) = Serving::start(&dir.path().join("data"));
        let mut stream = TcpStream::connect(&addr).unwrap();
        let request = format!("GET /livez HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        serving.signal(signal);
        assert_eq!(serving.end().code(), Some(0), "{signal}");
    }
}

#[test]
fn an_admin_runs_the_office_from_the_command_line() {
    let dir = initialised();
    let data = dir.path().join("data");
    let office = |args: &[&str]| {
        let said = run(&[args, &["--data", text(&data), "--json"]].concat());
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        said.json()
    };
    office(&["unit", "add", "华东", "--kind", "region"]);
    let anna =
        office(&["user", "add", "anna", "--name", "Anna", "--role", "rep", "--unit", "华东"]);
    assert!(anna["one_time_password"].is_string());
    office(&["target", "set", "effective_visits", "2026-10", "40", "--rep", "anna"]);
    assert_eq!(office(&["target", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(office(&["policy", "set", "--preset", "guide-coverage"])["version"], 2);
    assert!(office(&["policy", "show"])["toml"].as_str().unwrap().contains("guide-coverage"));
    assert!(office(&["user", "reset", "anna"])["one_time_password"].is_string());
    office(&["user", "disable", "anna"]);
    let users = office(&["user", "list"]);
    let status = |login: &str| {
        let users = users.as_array().unwrap();
        let user = users.iter().find(|user| user["login"] == login).unwrap();
        user["user"]["status"].clone()
    };
    assert_eq!((status("anna"), status("admin")), ("disabled".into(), "active".into()));
    assert_eq!(office(&["device", "list"]).as_array().unwrap().len(), 0);
    assert_eq!(run(&["unit", "list", "--data", text(&data)]).out.lines().count(), 3);
}

#[test]
fn a_manager_reviews_the_policy_and_plays_the_month_with_a_draft() {
    let dir = initialised();
    let data = dir.path().join("data");
    let office = |args: &[&str]| {
        let said = run(&[args, &["--data", text(&data), "--json"]].concat());
        assert_eq!(said.code, 0, "{args:?}: {}", said.err);
        said.json()
    };
    let examples = run(&["policy", "example", "--json"]).json();
    assert_eq!(examples.as_array().unwrap().len(), 6);
    let toml = run(&["policy", "show", "--preset", "guide-standard"]).out;
    let draft = dir.path().join("draft.toml");
    std::fs::write(&draft, toml.replacen("min_minutes = 10 ", "min_minutes = 15 ", 1)).unwrap();
    let checked = office(&["policy", "check", text(&draft), "--with", "weights-50-50"]);
    assert_eq!(checked["against_version"], 1);
    let changed = checked["changes"].as_array().unwrap();
    assert!(changed.iter().any(|change| change["key"] == "visits.modes.onsite.min_minutes"));
    assert!(changed.iter().any(|change| change["key"] == "scorecard.result_weight"));

    std::fs::write(&draft, toml.replacen("cap = \"120%\"", "cap = 1.2", 1)).unwrap();
    let refused = run(&["policy", "check", text(&draft)]);
    let line = toml.lines().position(|line| line.starts_with("cap = ")).unwrap() + 1;
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains(&format!("line {line}")), "{}", refused.err);
    assert!(refused.err.contains("a percentage in quotes"), "{}", refused.err);

    let next = office(&[
        "policy",
        "set",
        "--preset",
        "guide-standard",
        "--with",
        "weights-50-50",
        "--effective-from",
        "2990-01-01",
    ]);
    assert_eq!(next["version"], 2);
    let closed = ["policy", "set", "--preset", "guide-coverage", "--effective-from", "2001-01-01"];
    let closed = run(&[&closed[..], &["--data", text(&data)]].concat());
    assert_eq!(closed.code, 2);
    assert!(closed.err.contains("keeps its policy"), "{}", closed.err);
    let history = office(&["policy", "history"]);
    assert_eq!(history[1]["effective_from"], "2990-01-01");
    assert_eq!(history[1]["changes"].as_array().unwrap().len(), 6);
    assert_eq!(office(&["policy", "show", "--number", "2"])["hash"], history[1]["hash"]);

    office(&["user", "add", "anna", "--name", "Anna", "--role", "rep"]);
    std::fs::write(&draft, toml.replacen("new_customer_days = 90", "new_customer_days = 30", 1))
        .unwrap();
    let month = "2026-01";
    let played = office(&["replay", "--policy", text(&draft), "--period", month]);
    assert_eq!((&played["policy_version"], &played["same"]), (&1.into(), &1.into()));
    assert_eq!(played["reps"][0]["name"], "Anna");
    let cards = office(&["report", "scorecard", "--period", month]);
    assert_eq!(cards["cards"][0]["policy_version"], 1, "nothing was put in force");
    let shipped = office(&["replay", "--policy", "guide-coverage", "--period", month]);
    assert_eq!(shipped["reps"][0]["name"], "Anna");
    let refused = |args: &[&str]| {
        let said = run(&[args, &["--data", text(&data)]].concat());
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        said.err
    };
    let unknown = refused(&["replay", "--policy", "guide", "--period", month]);
    assert!(unknown.contains("guide-standard, guide-coverage"), "{unknown}");
    let quarter = refused(&["explain", "--rep", "anna", "--period", "2026-Q1"]);
    assert!(quarter.contains("no month") && quarter.contains("2026-10"), "{quarter}");
    for line in ["repurchase_rate", "bids"] {
        let none = refused(&["explain", "--rep", "anna", "--period", month, "--line", line]);
        let listed = none.contains("sales_amount") && none.contains("effective_visits");
        assert!(listed && !none.contains("won_amount"), "{none}");
    }
    let future = ["replay", "--policy", text(&draft), "--period", "2999-01", "--data", text(&data)];
    assert!(run(&future).err.contains("has not begun"));
}

#[test]
fn targets_go_from_a_file_to_the_reps_and_a_calendar_says_the_working_days() {
    let dir = initialised();
    let data = dir.path().join("data");
    let office = |args: &[&str]| {
        let said = run(&[args, &["--data", text(&data), "--json"]].concat());
        assert_eq!(said.code, 0, "{args:?}: {} {}", said.out, said.err);
        said.json()
    };
    office(&["unit", "add", "East", "--kind", "region"]);
    office(&["user", "add", "anna", "--name", "Anna", "--role", "rep", "--unit", "East"]);
    let file = dir.path().join("targets.csv");
    let rows = "metric,period,value,amount,rep,unit,by_region\n\
                effective_visits,2026,480,,anna,,\n\
                effective_visits,2026,500,,,East,\n\
                sales_amount,2026,,\"2,000,000.50\",,,\n\
                sales_amount,2026,,500000,,,华东\n\
                luck,2026,7,,,,\n\
                sales_amount,soon,7,,,,\n\
                sales_amount,2026,7,,boris,,\n";
    std::fs::write(&file, rows).unwrap();
    let import = |more: &[&str]| {
        let args: [&[&str]; 3] = [
            &["target", "import", text(&file), "--draft", "--json"],
            more,
            &["--data", text(&data)],
        ];
        run(&args.concat())
    };
    let looked = import(&["--dry-run"]);
    assert_eq!((looked.code, &looked.json()["written"]), (4, &4.into()), "{}", looked.err);
    assert!(office(&["target", "list"]).as_array().unwrap().is_empty());
    let said = import(&[]);
    assert_eq!(said.code, 4, "some rows were not taken");
    let errors = said.json()["errors"].clone();
    let told: Vec<String> = errors.as_array().unwrap().iter().map(Value::to_string).collect();
    for (line, says) in [(6, "luck is not a metric"), (7, "soon"), (8, "boris")] {
        let found = told.iter().find(|error| error.contains(&format!("\"line\":{line}")));
        assert!(found.is_some_and(|error| error.contains(says)), "{line}: {told:?}");
    }
    let targets = office(&["target", "list"]);
    let of = |metric: &str, value: i64| {
        let all = targets.as_array().unwrap().iter();
        let mut found = all.filter(|one| one["metric"] == metric && one["value"] == value);
        found.next().unwrap().clone()
    };
    let (sales, east) = (of("sales_amount", 200_000_050), of("effective_visits", 500));
    assert_eq!(of("sales_amount", 50_000_000)["parent"], sales["id"]);
    assert_eq!(of("effective_visits", 480)["parent"], east["id"]);
    let checks = office(&["target", "check"]);
    let people = checks.as_array().unwrap().iter().find(|one| one["by"] == "people").unwrap();
    assert_eq!((&people["difference"], &people["state"]), (&(-20).into(), &"under".into()));
    let months = office(&[
        "target",
        "split",
        of("effective_visits", 480)["id"].as_str().unwrap(),
        "--into",
        "months",
    ]);
    let sum: i64 =
        months.as_array().unwrap().iter().map(|one| one["value"].as_i64().unwrap()).sum();
    assert_eq!((months.as_array().unwrap().len(), sum), (12, 480));
    let published = office(&["target", "publish", "--period", "2026", "--on", "2026-01-01"]);
    assert_eq!(published["targets"].as_array().unwrap().len(), 16);
    assert_eq!(published["warnings"].as_array().unwrap().len(), 2);

    let east = east["id"].as_str().unwrap();
    let asked = office(&["target", "request", east, "490", "--reason", "a fair less"]);
    assert_eq!(office(&["target", "requests"]).as_array().unwrap().len(), 1);
    office(&["target", "decide", asked["id"].as_str().unwrap(), "approve", "--note", "agreed"]);
    assert!(office(&["target", "requests"]).as_array().unwrap().is_empty());
    let moved = office(&["target", "check"]);
    let people = moved.as_array().unwrap().iter().find(|one| one["by"] == "people").unwrap();
    assert_eq!(people["difference"], -10, "what was approved holds");

    let far = office(&["target", "progress", "--period", "2026"]);
    assert_eq!(far["working_days"], 248);
    let far = far["targets"].as_array().unwrap();
    assert_eq!(far.len(), 3, "wholes: the org's sales, the east's and Anna's visits");
    assert!(far.iter().all(|one| one["actual"] == 0 && one["attainment"] == 0), "{far:?}");

    let year = office(&["target", "set", "new_customers", "2026", "301", "--rep", "anna"]);
    let milestones = office(&["target", "milestones", "--year", "2026"]);
    let mut all = milestones.as_array().unwrap().iter();
    let first = all.find(|one| one["metric"] == "new_customers").unwrap();
    let keys = ["target_id", "metric", "quarter", "target", "wanted", "actual", "reached"];
    let told = keys.map(|key| first[key].clone());
    let expected = serde_json::json!([year["id"], "new_customers", "2026-Q1", 301, 91, 0, false]);
    assert_eq!(Value::from(told.to_vec()), expected, "30 % of 301, and a part is none (R15)");
    let all = milestones.as_array().unwrap().iter();
    let tenders = all.clone().find(|one| one["metric"] == "tenders" && one["level"] == "org");
    let tenders = tenders.unwrap_or_else(|| panic!("{milestones}"));
    let told = ["target_id", "quarter", "operator", "wanted", "actual", "reached"];
    let expected = serde_json::json!([null, "2026-Q3", ">=", 3, 0, false]);
    assert_eq!(Value::from(told.map(|key| tenders[key].clone()).to_vec()), expected, "S3 Q3");
    let collected = all.clone().find(|one| one["metric"] == "collection_rate").unwrap();
    assert_eq!((&collected["operator"], &collected["actual"]), (&">".into(), &Value::Null));
    let team = office(&["report", "team", "--period", "2026-10"]);
    let figures = team["figures"].as_array().unwrap().iter();
    let ids: Vec<&str> = figures.map(|one| one["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"win_rate.tender") && ids.contains(&"visits_per_head"), "{ids:?}");
    let wrong = run(&["target", "milestones", "--year", "2026-10", "--data", text(&data)]);
    assert_eq!(wrong.code, 2, "{}", wrong.err);

    let shown = office(&["calendar", "show", "--year", "2026"]);
    assert_eq!((&shown["working_days"], &shown["week_starts"]), (&248.into(), &"monday".into()));
    let calendar = dir.path().join("calendar.toml");
    let toml = run(&["calendar", "example"]).out;
    std::fs::write(&calendar, toml.replacen("\"monday\"", "\"sunday\"", 1)).unwrap();
    assert_eq!(office(&["calendar", "set", text(&calendar)])["week_starts"], "sunday");
    std::fs::write(&calendar, toml.replacen("until = 2026-10-07", "until = 2026-09-07", 1))
        .unwrap();
    let refused = run(&["calendar", "set", text(&calendar), "--data", text(&data)]);
    let line = toml.lines().position(|line| line.contains("until = 2026-10-07")).unwrap() + 1;
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains(&format!("line {line}:")), "{}", refused.err);
}

#[test]
fn a_wrong_request_ends_with_two() {
    let dir = initialised();
    let data = dir.path().join("data");
    let data = text(&data);
    let customer = "0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6";
    let wrong: [&[&str]; 8] = [
        &["nonsense"],
        &["user", "list"],
        &["user", "add", "x", "--name", "X", "--role", "king", "--data", data],
        &["user", "add", "admin", "--name", "X", "--role", "rep", "--data", data],
        &["user", "disable", "admin", "--data", data],
        &["target", "set", "luck", "2026-10", "1", "--data", data],
        &["place", customer, "--owner", "admin", "--data", data],
        &["policy", "set", "--preset", "none", "--data", data],
    ];
    for args in wrong {
        let said = run(args);
        assert_eq!(said.code, 2, "{args:?}: {} {}", said.out, said.err);
        assert!(!said.err.is_empty());
    }
}

#[test]
fn a_report_answers_in_its_order_and_refuses_days_that_are_none() {
    let dir = initialised();
    let data = dir.path().join("data");
    let report = |args: &[&str]| run(&[&["report"], args, &["--data", text(&data)]].concat());
    let deals = |from: &str, to: &str, by: &str| {
        report(&["deals", "--from", from, "--to", to, "--by", by, "--json"])
    };
    let said = deals("2026-01-01", "2026-02-01", "unit");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(
        said.out.trim_end(),
        "{\"from\":\"2026-01-01\",\"to\":\"2026-02-01\",\"by\":\"unit\",\"rows\":[],\"undated\":0}"
    );
    for (from, to, by, says) in [
        ("2026-02-01", "2026-02-01", "rep", "not after --from"),
        ("2026-02-30", "2026-03-01", "rep", "YYYY-MM-DD"),
        (
            "2026-02-01",
            "2026-03-01",
            "mood",
            "[possible values: rep, unit, customer, product, month]",
        ),
    ] {
        let said = deals(from, to, by);
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains(says), "{}", said.err);
    }

    let card = |period: &str, more: &[&str]| {
        report(&[&["scorecard", "--period", period, "--json"], more].concat())
    };
    let none = card("2026-01", &[]);
    assert_eq!(none.out.trim_end(), "{\"period\":\"2026-01\",\"cards\":[]}", "{}", none.err);
    let add = ["user", "add", "anna", "--name", "Anna", "--role", "rep", "--data", text(&data)];
    let added = run(&add);
    assert_eq!(added.code, 0, "{}", added.err);
    let cards = card("2026-01", &["--rep", "anna"]).json();
    let line = &cards["cards"][0]["lines"][0];
    assert_eq!((&cards["cards"][0]["name"], &line["numerator"]), (&"Anna".into(), &0.into()));
    assert_eq!(line["facts"], Value::Array(Vec::new()));
    for (period, more, says) in [
        ("2026-W03", &[][..], "no month"),
        ("2999-01", &[], "has not begun"),
        ("soon", &[], "soon"),
        ("2026-01", &["--rep", "nobody"], "nobody has the login"),
    ] {
        let said = card(period, more);
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains(says), "{}", said.err);
    }
}

/// DOMAIN F7: 200 overdue, 1,000 due, 1,050 received, 900 of it on what was due.
const FACTS: &str = r#"{
  "deals": [{"id": "D", "customer": "Acme", "outcome": "won", "decided_at": "2026-10-02",
             "amount_minor": 1500}],
  "instalments": [
    {"id": "old", "deal": "D", "due_on": "2026-09-15", "amount_minor": 200},
    {"id": "new", "deal": "D", "due_on": "2026-10-10", "amount_minor": 1000}
  ],
  "payments": [
    {"id": "p1", "deal": "D", "received_on": "2026-10-08", "amount_minor": 700,
     "instalment": "new"},
    {"id": "p2", "deal": "D", "received_on": "2026-10-25", "amount_minor": 200,
     "instalment": "new"},
    {"id": "p3", "deal": "D", "received_on": "2026-10-26", "amount_minor": 150,
     "instalment": "old"}
  ],
  "targets": [{"metric": "sales_amount", "value": 1000}]
}"#;

#[test]
fn anybody_can_recompute_a_figure_from_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let facts = dir.path().join("facts.json");
    std::fs::write(&facts, FACTS).unwrap();
    let policy = dir.path().join("policy.toml");
    let shipped = client_core::rules::policy::preset_text("guide-standard").unwrap();
    std::fs::write(&policy, shipped).unwrap();
    let args = [
        "evaluate",
        "--facts",
        text(&facts),
        "--policy",
        text(&policy),
        "--period",
        "2026-10",
        "--as-of",
        "2026-10-31",
        "--json",
    ];
    let said = run(&args);
    assert_eq!(said.code, 0, "{}", said.err);
    let answer = said.json();
    let indicators = answer["indicators"].as_array().unwrap();
    let rate = indicators.iter().find(|one| one["id"] == "collection_rate").unwrap();
    assert_eq!(rate["value"], 8_750);
    assert_eq!((&rate["numerator"], &rate["denominator"]), (&1_050.into(), &1_200.into()));
    assert_eq!((&rate["status"], &rate["scope"]), (&"applicable".into(), &"rep:rep".into()));
    // 60 points of the result group: sales 1.2 × 30 and collection 87.5 ÷ 90 × 20 of 50,
    // and the process group, where nothing applies, gives its 40 to it.
    let exact = 100.0 * (30.0 * 1.2 + 20.0 * 0.875 / 0.9) / 50.0;
    let total = answer["scorecard"]["total"].as_f64().unwrap();
    assert!((total - exact).abs() < 0.005, "{total} is not {exact}");
    assert_eq!(run(&args).out, said.out, "another process says the same bytes");

    let words = run(&["evaluate", "--facts", text(&facts), "--period", "2026-10"]);
    assert!(words.out.contains("rep: 110.89 points"), "{}", words.out);
}

#[test]
fn a_file_of_facts_that_is_wrong_is_told_where() {
    let dir = tempfile::tempdir().unwrap();
    let facts = dir.path().join("facts.json");
    std::fs::write(&facts, r#"{"visits": [{"id": "v", "mode": "fax"}]}"#).unwrap();
    let refused = run(&["evaluate", "--facts", text(&facts), "--period", "2026-10"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("visits[0].mode") && refused.err.contains("onsite"));
    assert!(refused.err.contains("--schema"));
    let nothing = run(&["evaluate", "--facts", "nowhere.json", "--period", "2026-10"]);
    assert_eq!(nothing.code, 2);
    let schema = run(&["evaluate", "--schema", "--json"]);
    assert_eq!(schema.code, 0, "{}", schema.err);
    let schema = schema.json();
    assert!(schema["properties"]["payments"].is_object());
    assert!(schema["$defs"]["PlainVisit"]["properties"]["check_in"].is_object());
}

#[test]
fn a_card_opens_from_the_command_line() {
    let dir = initialised();
    let data = dir.path().join("data");
    let data = text(&data);
    run(&["unit", "add", "East", "--kind", "region", "--data", data]);
    let args = ["user", "add", "anna", "--name", "Anna", "--role", "rep", "--unit", "East"];
    assert_eq!(run(&[&args[..], &["--data", data]].concat()).code, 0);
    let month = "2026-01";
    let explain = |more: &[&str]| {
        let args = ["explain", "--rep", "anna", "--period", month, "--json", "--data", data];
        run(&[&args[..], more].concat())
    };
    let all = explain(&[]);
    assert_eq!(all.code, 0, "{}", all.err);
    assert_eq!(all.json()["lines"].as_array().unwrap().len(), 6);
    let one = explain(&["--line", "collection_rate"]).json();
    assert_eq!(one["lines"][0]["rule"], "F7");
    assert_eq!(one["lines"][0]["source"], "S1 结果指标: 回款率");
    assert_eq!(explain(&["--line", "luck"]).code, 2);
}
