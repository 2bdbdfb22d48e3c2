//! `report deals` on real data, beside the same figures computed by hand from the
//! CSV files: with a CSV reader and plain arithmetic, and none of our rules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::NaiveDate;
use serde_json::Value;

/// A zone with daylight saving, so that a day is not always 24 hours.
const ZONE: &str = "Europe/Berlin";

fn relay(args: &[&str]) -> (i32, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_relay"))
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (done.status.code().expect("it ended by itself"), text(done.stdout), text(done.stderr))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is UTF-8")
}

/// A deal as the file has it.
struct Deal {
    agent: String,
    product: String,
    account: String,
    won: bool,
    lost: bool,
    began: Option<NaiveDate>,
    closed: Option<NaiveDate>,
    cents: i64,
}

fn date(text: &str) -> Option<NaiveDate> {
    (!text.is_empty()).then(|| text.parse().expect("a date of the file"))
}

fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(file).expect("the file is there");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn deals(folder: &Path) -> Vec<Deal> {
    let each = rows(&folder.join("sales_pipeline.csv")).into_iter().map(|row| Deal {
        agent: row["sales_agent"].clone(),
        // The files do not agree about the name of one product.
        product: row["product"].replace("GTXPro", "GTX Pro"),
        account: row["account"].clone(),
        won: row["deal_stage"] == "Won",
        lost: row["deal_stage"] == "Lost",
        began: date(&row["engage_date"]),
        closed: date(&row["close_date"]),
        cents: row["close_value"].parse::<i64>().unwrap_or(0) * 100,
    });
    each.collect()
}

/// What the files say of one row of a report.
#[derive(Default)]
struct Sum {
    won: i64,
    lost: i64,
    open: i64,
    cents: i64,
    days: Vec<i64>,
}

/// The day by which a deal belongs to a report.
fn day(deal: &Deal) -> Option<NaiveDate> {
    if deal.won || deal.lost { deal.closed } else { deal.began }
}

/// The sums by whatever `names` calls the rows of a deal.
fn sums(
    deals: &[Deal],
    from: NaiveDate,
    to: NaiveDate,
    names: &dyn Fn(&Deal, NaiveDate) -> Vec<String>,
) -> BTreeMap<String, Sum> {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for deal in deals {
        let Some(day) = day(deal).filter(|day| from <= *day && *day < to) else { continue };
        for name in names(deal, day) {
            let sum = sums.entry(name).or_default();
            sum.won += i64::from(deal.won);
            sum.lost += i64::from(deal.lost);
            sum.open += i64::from(!deal.won && !deal.lost);
            if let (true, Some(began)) = (deal.won, deal.began) {
                sum.cents += deal.cents;
                sum.days.push((day - began).num_days());
            }
        }
    }
    sums
}

fn check_row(name: &str, row: &Value, sum: &mut Sum) {
    assert_eq!(row["currency"], "USD", "{name}");
    assert_eq!(row["won"], sum.won, "{name}: {row}");
    assert_eq!(row["lost"], sum.lost, "{name}: {row}");
    assert_eq!(row["open"], sum.open, "{name}: {row}");
    assert_eq!(row["won_minor"], sum.cents, "{name}: {row}");
    let decided = sum.won + sum.lost;
    match row["win_rate_bp"].as_i64() {
        None => assert_eq!((decided, &row["win_rate_bp"]), (0, &Value::Null), "{name}"),
        // The nearest whole number of basis points.
        Some(bp) => {
            let off = (bp * decided - sum.won * 10_000).abs();
            assert!(decided > 0 && off * 2 <= decided, "{name}: {row}");
        }
    }
    if sum.days.is_empty() {
        assert!(row["cycle_median_days"].is_null() && row["cycle_mean_days"].is_null(), "{row}");
        return;
    }
    sum.days.sort_unstable();
    let half = sum.days.len() / 2;
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let (median, mean) = {
        let median = match sum.days.len() % 2 {
            1 => sum.days[half] as f64,
            _ => (sum.days[half - 1] + sum.days[half]) as f64 / 2.0,
        };
        (median, sum.days.iter().sum::<i64>() as f64 / sum.days.len() as f64)
    };
    let shown = |key: &str| row[key].as_f64().unwrap_or_else(|| panic!("{name}: {row}"));
    assert!((shown("cycle_median_days") - median).abs() < 1e-9, "{name}: {row}, not {median}");
    assert!((shown("cycle_mean_days") - mean).abs() < 0.005 + 1e-9, "{name}: {row}, not {mean}");
}

struct Company {
    data: PathBuf,
    deals: Vec<Deal>,
    _dir: tempfile::TempDir,
}

impl Company {
    fn imported(folder: &Path) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let data = dir.path().join("data");
        let to = text(&data);
        let ok = |args: &[&str]| {
            let (code, out, err) = relay(args);
            assert_eq!(code, 0, "{args:?}\n{out}\n{err}");
        };
        ok(&["init", "--currency", "USD", "--time-zone", ZONE, "--locale", "en", "--data", to]);
        let maps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/maps");
        for (what, file, map) in [
            ("team", "sales_teams.csv", "crm-team.map.toml"),
            ("customers", "accounts.csv", "crm-account.map.toml"),
            ("products", "products.csv", "crm-product.map.toml"),
            ("deals", "sales_pipeline.csv", "crm-deal.map.toml"),
        ] {
            let (file, map) = (folder.join(file), maps.join(map));
            ok(&["import", what, text(&file), "--map", text(&map), "--data", to]);
        }
        Self { data, deals: deals(folder), _dir: dir }
    }

    fn report(&self, by: &str, from: NaiveDate, to: NaiveDate) -> Value {
        let (from, to) = (from.to_string(), to.to_string());
        let days = ["--from", &from, "--to", &to];
        let what = ["report", "deals", "--by", by, "--json", "--data", text(&self.data)];
        let (code, out, err) = relay(&[&what[..], &days[..]].concat());
        assert_eq!(code, 0, "{err}");
        let report: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(
            (&report["from"], &report["to"], &report["by"]),
            (&from.into(), &to.into(), &by.into())
        );
        report
    }

    /// The report has exactly these rows, each with the figures of the files.
    fn check(
        &self,
        by: &str,
        from: NaiveDate,
        to: NaiveDate,
        names: &dyn Fn(&Deal, NaiveDate) -> Vec<String>,
        name_of: &dyn Fn(&Value) -> String,
    ) {
        let report = self.report(by, from, to);
        let mut expected = sums(&self.deals, from, to, names);
        let rows = report["rows"].as_array().expect("rows");
        let found: Vec<String> = rows.iter().map(name_of).collect();
        let known: Vec<String> = expected.keys().cloned().collect();
        assert_eq!(rows.len(), expected.len(), "{by} from {from} to {to}: {found:?} not {known:?}");
        for (row, name) in rows.iter().zip(&found) {
            let sum = expected.get_mut(name).unwrap_or_else(|| panic!("{name:?} of {known:?}"));
            check_row(name, row, sum);
        }
        let undated = self.deals.iter().filter(|deal| day(deal).is_none()).count();
        assert_eq!(report["undated"], undated, "whatever the days");
    }
}

#[test]
fn reports_of_imported_deals_equal_what_the_files_say() {
    let Some(folder) = tests::tools::crm_data() else { return };
    let company = Company::imported(&folder);
    let on = |text: &str| text.parse::<NaiveDate>().expect("a date");
    let teams = rows(&folder.join("sales_teams.csv"));
    let team: BTreeMap<String, (String, String)> = teams
        .into_iter()
        .map(|row| {
            (row["sales_agent"].clone(), (row["manager"].clone(), row["regional_office"].clone()))
        })
        .collect();
    let catalogue: Vec<String> =
        rows(&folder.join("products.csv")).into_iter().map(|row| row["product"].clone()).collect();
    let shown = |row: &Value| row["name"].as_str().expect("a name").to_owned();
    for (from, to) in [
        ("2016-01-01", "2018-01-01"),
        ("2017-04-01", "2017-07-01"),
        ("2017-10-01", "2018-01-01"),
        ("2017-03-20", "2017-04-03"),
        ("2016-10-20", "2016-10-21"),
    ] {
        let (from, to) = (on(from), on(to));
        company.check("rep", from, to, &|deal, _| vec![deal.agent.clone()], &shown);
        let month = |_: &Deal, day: NaiveDate| vec![day.format("%Y-%m").to_string()];
        let key = |row: &Value| row["key"].as_str().expect("a key").to_owned();
        company.check("month", from, to, &month, &key);
        company.check("product", from, to, &|deal, _| vec![deal.product.clone()], &|row| {
            let name = shown(row);
            assert!(catalogue.contains(&name), "{name:?} is not in the catalogue");
            name
        });
        // Regional office, the team of its manager, and everything above them.
        let units = |deal: &Deal, _: NaiveDate| {
            let (manager, office) = &team[&deal.agent];
            vec!["everything".to_owned(), office.clone(), manager.clone()]
        };
        let unit = |row: &Value| {
            let name = shown(row);
            let manager = team.values().find(|(manager, _)| name.contains(manager.as_str()));
            match manager {
                Some((manager, _)) => manager.clone(),
                None if team.values().any(|(_, office)| *office == name) => name,
                None => "everything".to_owned(),
            }
        };
        company.check("unit", from, to, &units, &unit);
        // Deals without an account are under one placeholder for each rep.
        let customer = |deal: &Deal, _: NaiveDate| {
            let account = Some(deal.account.clone()).filter(|account| !account.is_empty());
            vec![account.unwrap_or_else(|| format!("placeholder of {}", deal.agent))]
        };
        let called = |row: &Value| {
            let name = shown(row);
            match team.keys().find(|agent| name.contains(agent.as_str())) {
                Some(agent) => format!("placeholder of {agent}"),
                None => name,
            }
        };
        company.check("customer", from, to, &customer, &called);
    }
    wrong_days_are_refused(&company);
    people_get_a_table(&company);
}

fn wrong_days_are_refused(company: &Company) {
    let data = text(&company.data);
    for (from, to, by, says) in [
        ("2017-01-01", "2017-01-01", "rep", "not after --from"),
        ("2017-02-01", "2017-01-01", "rep", "not after --from"),
        ("2017-02-30", "2017-03-01", "rep", "YYYY-MM-DD"),
        (
            "2017-01-01",
            "2017-02-01",
            "mood",
            "possible values: rep, unit, customer, product, month",
        ),
    ] {
        let args = ["report", "deals", "--from", from, "--to", to, "--by", by, "--data", data];
        let (code, out, err) = relay(&args);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(says), "{err}");
    }
    for (period, says) in
        [("2017-W10", "no month"), ("2999-01", "has not begun"), ("soon", "period")]
    {
        let (code, _out, err) =
            relay(&["report", "scorecard", "--period", period, "--data", data, "--json"]);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(says), "{err}");
    }
}

fn people_get_a_table(company: &Company) {
    let args = ["report", "deals", "--from", "2017-01-01", "--to", "2018-01-01", "--by", "unit"];
    let (code, out, err) = relay(&[&args[..], &["--data", text(&company.data)]].concat());
    assert_eq!(code, 0, "{err}");
    println!("{out}");
    let total = out.lines().find(|line| line.starts_with("TOTAL")).expect("a total");
    let (mut won, mut dollars) = (0, 0);
    for deal in company.deals.iter().filter(|deal| deal.won) {
        won += 1;
        dollars += deal.cents / 100;
    }
    assert_eq!(won, 4238);
    let millions =
        format!("{},{:03},{:03}.00", dollars / 1_000_000, dollars / 1000 % 1000, dollars % 1000);
    assert!(total.contains("4,238") && total.contains(&millions), "{total}");
    assert!(out.contains("500 deals have no day"), "{out}");
}
