//! Numbers, money and times as the reader expects them.
//!
//! Data are integers and instants; how many decimals a percentage has, where a
//! day begins and when 万 replaces thousands is decided here and nowhere else.

use chrono::{Datelike, Timelike};
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::time::{Date, Timestamp, Zone};

use super::words::{Lang, Words};

/// Formats for one reader and one org.
#[derive(Debug, Clone)]
pub struct Format {
    /// The reader's words.
    pub w: Words,
    /// The org's zone.
    pub zone: Zone,
}

impl Format {
    /// Formats in `w`'s language and `zone`.
    pub const fn new(w: Words, zone: Zone) -> Self {
        Self { w, zone }
    }

    /// `17:42`.
    pub fn time(&self, at: Timestamp) -> String {
        clock(at, self.zone.offset_s(at))
    }

    /// `Thu 8 Oct 2026`, `2026年10月8日 周四`, `2026年10月8日 週四`.
    pub fn day(&self, date: Date) -> String {
        let naive = date.naive();
        match self.w.lang {
            Lang::En => naive.format("%a %-d %b %Y").to_string(),
            Lang::ZhCn => format!("{} 周{}", self.date(date), weekday_zh(date)),
            Lang::ZhTw => format!("{} 週{}", self.date(date), weekday_zh(date)),
        }
    }

    /// `8 Oct`, `10月8日`.
    pub fn short_day(&self, date: Date) -> String {
        let naive = date.naive();
        match self.w.lang {
            Lang::En => naive.format("%-d %b").to_string(),
            Lang::ZhCn | Lang::ZhTw => format!("{}月{}日", naive.month(), naive.day()),
        }
    }

    /// `1 Mar 2017`, `2017年3月1日`.
    pub fn date(&self, date: Date) -> String {
        let naive = date.naive();
        match self.w.lang {
            Lang::En => naive.format("%-d %b %Y").to_string(),
            Lang::ZhCn | Lang::ZhTw => {
                format!("{}年{}月{}日", naive.year(), naive.month(), naive.day())
            }
        }
    }

    /// The day of `at`, with its year where it is not this one's.
    pub fn date_seen(&self, at: Timestamp, today: Date) -> String {
        self.date_near(self.zone.date(at), today)
    }

    /// `date`, with its year where it is not this one's.
    pub fn date_near(&self, date: Date, today: Date) -> String {
        if date.naive().year() == today.naive().year() {
            self.short_day(date)
        } else {
            self.date(date)
        }
    }

    /// Day and time, with the year where it is not this one's.
    pub fn moment_seen(&self, at: Timestamp, today: Date) -> String {
        format!("{} {}", self.date_seen(at, today), self.time(at))
    }

    /// Day and time, without the year: `8 Oct 17:42`.
    pub fn moment(&self, at: Timestamp) -> String {
        format!("{} {}", self.short_day(self.zone.date(at)), self.time(at))
    }

    /// The time alone on `day`, otherwise with its day.
    pub fn moment_on(&self, at: Timestamp, day: Date) -> String {
        if self.zone.date(at) == day { self.time(at) } else { self.moment(at) }
    }

    /// `October 2026`, `2026年10月`; `Q4 2026`, `2026年第4季度`; weeks by their days, so that
    /// nobody has to know where the org's weeks begin.
    pub fn period(&self, period: Period) -> String {
        let first = period.first_day().naive();
        let quarter = first.month0() / 3 + 1;
        let month = |lang: Lang| match lang {
            Lang::En => first.format("%b %Y").to_string(),
            Lang::ZhCn | Lang::ZhTw => format!("{}年{}月", first.year(), first.month()),
        };
        match (period, self.w.lang) {
            (Period::Month(_), Lang::En) => first.format("%B %Y").to_string(),
            (Period::Month(_), Lang::ZhCn | Lang::ZhTw) => {
                format!("{}年{}月", first.year(), first.month())
            }
            (Period::Day(day), _) => self.day(day),
            (Period::Week(_) | Period::SundayWeek(_), lang) => {
                let (from, to) = (period.first_day(), period.last_day());
                match lang {
                    Lang::En => format!("{} to {}", self.short_day(from), self.date(to)),
                    Lang::ZhCn | Lang::ZhTw => {
                        format!("{}至{}", self.date(from), self.short_day(to))
                    }
                }
            }
            (Period::Quarter(_), Lang::En) => format!("Q{quarter} {}", first.year()),
            (Period::Quarter(_), Lang::ZhCn) => format!("{}年第{quarter}季度", first.year()),
            (Period::Quarter(_), Lang::ZhTw) => format!("{}年第{quarter}季", first.year()),
            (Period::Year(_), Lang::En) => first.year().to_string(),
            (Period::Year(_), Lang::ZhCn | Lang::ZhTw) => format!("{}年", first.year()),
            (Period::FiscalQuarter(_), Lang::En) => format!("quarter from {}", month(Lang::En)),
            (Period::FiscalQuarter(_), lang) => format!("{}起的一季", month(lang)),
            (Period::FiscalYear(_), Lang::En) => format!("fiscal year from {}", month(Lang::En)),
            (Period::FiscalYear(_), Lang::ZhCn) => format!("{}起的财年", month(Lang::ZhCn)),
            (Period::FiscalYear(_), Lang::ZhTw) => format!("{}起的會計年度", month(Lang::ZhTw)),
        }
    }

    /// Money, compact from ten thousand on: `¥12.5k`, `¥1.25万`, `NT$1.25萬`.
    pub fn money(&self, money: Money) -> String {
        let scale = 10_i128.pow(money.currency.decimals());
        let minor = i128::from(money.minor);
        let steps: &[(i128, &str)] = match self.w.lang {
            Lang::En => &[(1_000_000_000, "bn"), (1_000_000, "M"), (10_000, "k")],
            Lang::ZhCn => &[(100_000_000, "亿"), (10_000, "万")],
            Lang::ZhTw => &[(100_000_000, "億"), (10_000, "萬")],
        };
        let sign = if minor < 0 { "−" } else { "" };
        let symbol = symbol(money.currency);
        for (from, suffix) in steps {
            // "k" begins at ten thousand but counts in thousands.
            let unit = if *suffix == "k" { 1_000 } else { *from };
            if minor.abs() >= from * scale {
                let hundredths = div_half_even(minor.abs() * 100, unit * scale);
                return format!("{sign}{symbol}{}{suffix}", trimmed(hundredths));
            }
        }
        let whole = div_half_even(minor.abs(), scale);
        format!("{sign}{symbol}{}", grouped(whole))
    }

    /// Metres from millimetres, whole.
    pub fn metres(&self, mm: i64) -> String {
        grouped(div_half_even(i128::from(mm), 1000))
    }

    /// A file's size.
    pub fn size(&self, bytes: u64) -> String {
        let bytes = i128::from(bytes);
        if bytes >= 1_000_000 {
            format!("{} MB", one_decimal(div_half_even(bytes, 100_000)))
        } else {
            format!("{} kB", div_half_even(bytes, 1000).max(1))
        }
    }
}

/// `17:42` in the zone `offset_s` east of UTC; the phone's own zone for what it captured.
pub fn clock(at: Timestamp, offset_s: i32) -> String {
    let local = at.plus_millis(i64::from(offset_s) * 1000).to_utc();
    local.map_or_else(|| "–".to_owned(), |t| format!("{:02}:{:02}", t.hour(), t.minute()))
}

/// `-1234.50`: an amount without its currency, as a program reads it.
pub fn plain(money: Money) -> String {
    let decimals = usize::try_from(money.currency.decimals()).unwrap_or(0);
    let digits = format!("{:0width$}", money.minor.unsigned_abs(), width = decimals + 1);
    let sign = if money.minor < 0 { "-" } else { "" };
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let point = if decimals > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{part}")
}

/// `1,234`.
pub fn count(n: i64) -> String {
    grouped(i128::from(n))
}

/// `87.5 %` from a fraction; a dash where the denominator is 0.
pub fn percent(part: i64, whole: i64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let tenths = div_half_even(i128::from(part) * 1000, i128::from(whole));
    format!("{}%", one_decimal(tenths))
}

/// `103.82` from hundredths.
pub fn points(centipoints: i64) -> String {
    decimal(i128::from(centipoints), 2)
}

/// An integer of `10^-decimals` units.
pub fn decimal(value: i128, decimals: u32) -> String {
    let scale = 10_i128.pow(decimals);
    let sign = if value < 0 { "−" } else { "" };
    let value = value.abs();
    if decimals == 0 {
        return format!("{sign}{}", grouped(value));
    }
    let width = decimals as usize;
    format!("{sign}{}.{:0width$}", grouped(value / scale), value % scale)
}

fn one_decimal(tenths: i128) -> String {
    decimal(tenths, 1)
}

/// Hundredths with up to two decimals, none where they are zero.
fn trimmed(hundredths: i128) -> String {
    let text = decimal(hundredths, 2);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn grouped(n: i128) -> String {
    let digits = n.abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if n < 0 {
        out.push('−');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Division rounded half to even; 0 for a zero divisor.
fn div_half_even(n: i128, d: i128) -> i128 {
    if d == 0 {
        return 0;
    }
    let (q, r) = (n.div_euclid(d), n.rem_euclid(d));
    let twice = r * 2;
    if twice > d.abs() || (twice == d.abs() && q % 2 != 0) { q + 1 } else { q }
}

fn symbol(currency: Currency) -> String {
    match currency.code() {
        "CNY" | "JPY" => "¥".to_owned(),
        "EUR" => "€".to_owned(),
        "USD" => "$".to_owned(),
        "TWD" => "NT$".to_owned(),
        "HKD" => "HK$".to_owned(),
        "GBP" => "£".to_owned(),
        code => format!("{code} "),
    }
}

fn weekday_zh(date: Date) -> &'static str {
    use chrono::Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    match date.weekday() {
        Mon => "一",
        Tue => "二",
        Wed => "三",
        Thu => "四",
        Fri => "五",
        Sat => "六",
        Sun => "日",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(lang: Lang) -> Format {
        Format::new(Words::new(lang), Zone::fixed("Asia/Shanghai", 8 * 3600))
    }

    #[test]
    fn money_is_compact_in_the_readers_units() {
        let check = |minor, code: &str, en: &str, zh: &str| {
            let money = Money::new(minor, code.parse().unwrap());
            assert_eq!(format(Lang::En).money(money), en);
            assert_eq!(format(Lang::ZhCn).money(money), zh);
        };
        check(0, "CNY", "¥0", "¥0");
        check(999_949, "CNY", "¥9,999", "¥9,999");
        check(1_250_000, "CNY", "¥12.5k", "¥1.25万");
        check(123_456_789, "CNY", "¥1.23M", "¥123.46万");
        check(20_000_000_000, "CNY", "¥200M", "¥2亿");
        check(-1_250_000, "CNY", "−¥12.5k", "−¥1.25万");
        check(12_500, "JPY", "¥12.5k", "¥1.25万");
        check(1_234_000, "KWD", "KWD 1,234", "KWD 1,234");
        let taiwan = Money::new(1_250_000, "TWD".parse().unwrap());
        assert_eq!(format(Lang::ZhTw).money(taiwan), "NT$1.25萬");
    }

    #[test]
    fn periods_are_named_in_the_readers_words() {
        let check = |period: &str, en: &str, zh: &str, tw: &str| {
            let period: Period = period.parse().unwrap();
            let named = [Lang::En, Lang::ZhCn, Lang::ZhTw].map(|lang| format(lang).period(period));
            assert_eq!(named, [en, zh, tw], "{period}");
        };
        check("2026-10", "October 2026", "2026年10月", "2026年10月");
        check(
            "2026-W41",
            "5 Oct to 11 Oct 2026",
            "2026年10月5日至10月11日",
            "2026年10月5日至10月11日",
        );
        check(
            "2026-S41",
            "4 Oct to 10 Oct 2026",
            "2026年10月4日至10月10日",
            "2026年10月4日至10月10日",
        );
        check("2026-Q4", "Q4 2026", "2026年第4季度", "2026年第4季");
        check("2026", "2026", "2026年", "2026年");
        check(
            "FY2026-04",
            "fiscal year from Apr 2026",
            "2026年4月起的财年",
            "2026年4月起的會計年度",
        );
    }

    #[test]
    fn programs_read_amounts_with_every_decimal() {
        let check = |minor, code: &str, expected: &str| {
            assert_eq!(plain(Money::new(minor, code.parse().unwrap())), expected);
        };
        check(482_100, "USD", "4821.00");
        check(-5, "USD", "-0.05");
        check(12_500, "JPY", "12500");
        check(1, "KWD", "0.001");
    }

    #[test]
    fn percentages_have_one_decimal_and_zero_divides_nothing() {
        assert_eq!(percent(5, 4), "125.0%");
        assert_eq!(percent(1, 3), "33.3%");
        assert_eq!(percent(1, 0), "–");
        assert_eq!(points(10_382), "103.82");
        assert_eq!(points(-5), "−0.05");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn times_are_read_in_the_orgs_zone() {
        let at = Timestamp::from_millis(1_791_452_520_000); // 2026-10-08T09:42Z
        assert_eq!(format(Lang::En).moment(at), "8 Oct 17:42");
        assert_eq!(format(Lang::ZhCn).moment(at), "10月8日 17:42");
        let day: Date = "2026-10-08".parse().unwrap();
        assert_eq!(format(Lang::En).day(day), "Thu 8 Oct 2026");
        assert_eq!(format(Lang::ZhCn).day(day), "2026年10月8日 周四");
        assert_eq!(format(Lang::ZhTw).day(day), "2026年10月8日 週四");
    }
}
