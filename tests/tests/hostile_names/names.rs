//! Two hundred names that nobody has, and somebody will type.

/// What is wrong with them: fifty ways.
const WAYS: [&str; 50] = [
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "\"><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "\" onfocus=\"alert(1)\" autofocus=\"",
    "javascript:alert(1)",
    "</textarea><b>out</b>",
    "</option></select><b>out</b>",
    "<!-- never closed",
    "-->",
    "]]>",
    "&lt;b&gt;",
    "&amp;amp;",
    "&#x202e;&nbsp;&zwnj;",
    "{{ 7*7 }}",
    "{% raw %}",
    "${7*7}",
    "#{7*7}",
    "'; drop table customer; --",
    "\" or 1=1 --",
    "%' escape '\\",
    "%00%0a%0d",
    "\\u0000\\x00",
    "../../etc/passwd",
    "..\\..\\windows",
    "C:\\CON",
    "/v1/people?x=1#y",
    "a&b=c;d,e|f",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "＝1＋1",
    "\tx\u{2028}y\u{2029}z",
    "\u{202e}txt.exe",
    "\u{2066}left\u{2069}\u{2067}right",
    "עברית العربية",
    "zero\u{200b}width\u{200d}\u{feff}",
    "Z\u{0351}\u{036b}\u{0343}a\u{0338}\u{0301}\u{0301}\u{0301}lgo",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "ﷺ﷽",
    "𝒜𝓁𝒾𝒸ℯ",
    "ＡＣＭＥ　株式会社",
    "ﬁ ŉ ǆ ß İ ı",
    "null",
    "NaN undefined [object Object]",
    "\u{e000}\u{f8ff}\u{fdd0}",
    "O'Brien & Söhne \"GmbH\"",
];

/// The names; each has a mark of its own, by which it is found again.
pub fn names() -> Vec<String> {
    let of = |(n, way): (usize, &&str)| {
        let mark = |k: usize| format!("zq{:03}", n * 4 + k);
        // The longest is as long as a name of the office may be.
        let long = format!("{way}{}", "长".repeat(90_usize.saturating_sub(way.chars().count())));
        [
            format!("{way} {}", mark(0)),
            format!("{} {way}", mark(1)),
            format!("{way}{}{way}", mark(2)),
            format!("{}{long}", mark(3)),
        ]
    };
    WAYS.iter().enumerate().flat_map(of).collect()
}
