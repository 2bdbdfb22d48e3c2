//! Reads a page as a browser would, strictly: every tag is one that pages have, closes,
//! and carries nothing that runs.

/// What a page says, with nothing of its markup.
pub struct Said {
    /// Texts and values of attributes, decoded, in order.
    pub text: String,
}

const VOID: [&str; 8] = ["meta", "link", "input", "br", "img", "hr", "!doctype", "col"];

/// Reads `html`; an error says what is broken.
pub fn read(html: &str) -> Result<Said, String> {
    let (mut text, mut open): (String, Vec<String>) = (String::new(), Vec::new());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        text.push_str(&decoded(before)?);
        text.push('\n');
        if let Some(after) = tag.strip_prefix("<!--") {
            return Err(format!("a comment: {}", &after[..after.len().min(80)]));
        }
        let end = tag_end(tag).ok_or_else(|| format!("a tag without end: {}", head(tag)))?;
        let (inside, after) = (&tag[1..end], &tag[end + 1..]);
        rest = after;
        if let Some(name) = inside.strip_prefix('/') {
            let last = open.pop();
            if last.as_deref() != Some(name.trim()) {
                return Err(format!("</{name}> closes {last:?}"));
            }
            continue;
        }
        let name: String = inside.chars().take_while(|c| !c.is_whitespace() && *c != '/').collect();
        let name = name.to_lowercase();
        for (key, value) in attributes(&inside[name.len()..])? {
            if key.starts_with("on") || key == "style" {
                return Err(format!("<{name}> has {key}={value}"));
            }
            let value = decoded(&value)?;
            let leads = ["href", "src", "action"].contains(&key.as_str());
            let inside =
                ["/", "#", "?", "tel:", "mailto:"].iter().any(|way| value.starts_with(way));
            if leads && !inside {
                return Err(format!("<{name}> leads out: {key}={value}"));
            }
            text.push_str(&value);
            text.push('\n');
        }
        if name == "script" && !after.starts_with("</script>") {
            return Err(format!("a script with content: {}", head(after)));
        }
        if !VOID.contains(&name.as_str()) && !inside.ends_with('/') {
            open.push(name);
        }
    }
    text.push_str(&decoded(rest)?);
    if open.is_empty() { Ok(Said { text }) } else { Err(format!("never closed: {open:?}")) }
}

fn head(text: &str) -> String {
    text.chars().take(100).collect()
}

/// The end of a tag: the first `>` outside quotes.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, letter) in tag.char_indices() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, '>') => return Some(at),
            _ => {}
        }
    }
    None
}

/// The attributes of a tag: names that are plain words, values in quotes.
fn attributes(text: &str) -> Result<Vec<(String, String)>, String> {
    let (mut rest, mut found) = (text.trim().trim_end_matches('/').trim_end(), Vec::new());
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_');
        if name.is_empty() || !name.chars().all(plain) {
            return Err(format!("an attribute named {:?} in {}", name, head(text)));
        }
        let Some(value) = after.strip_prefix('=') else {
            found.push((name.to_owned(), String::new()));
            rest = after.trim_start();
            continue;
        };
        let quoted = value.strip_prefix('"').and_then(|value| value.split_once('"'));
        let Some((value, after)) = quoted else {
            return Err(format!("a value without quotes in {}", head(text)));
        };
        found.push((name.to_lowercase(), value.to_owned()));
        rest = after.trim_start();
    }
    Ok(found)
}

/// Text with its references read; one that is none of ours is an error.
fn decoded(text: &str) -> Result<String, String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('&') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let Some((name, tail)) = after[1..].split_once(';') else {
            return Err(format!("a bare & in {}", head(after)));
        };
        let number = name.strip_prefix('#');
        let read = match (name, number) {
            ("amp", _) => Some('&'),
            ("lt", _) => Some('<'),
            ("gt", _) => Some('>'),
            ("quot", _) => Some('"'),
            ("nbsp", _) => Some('\u{a0}'),
            (_, Some(number)) => {
                let hex = number.strip_prefix(['x', 'X']);
                let code = match hex {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                code.ok().and_then(char::from_u32)
            }
            // One of the templates' own; never what a name holds.
            _ if name.chars().all(|letter| letter.is_ascii_lowercase()) => Some('\u{fffd}'),
            _ => None,
        };
        out.push(read.ok_or_else(|| format!("a reference that is none: {}", head(after)))?);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

#[test]
fn what_was_not_escaped_is_noticed() {
    let check = |html: &str, fine: bool| assert_eq!(read(html).is_ok(), fine, "{html}");
    check("<p class=\"a\">Tom &amp; Anna &#60;3</p>", true);
    check("<p>Tom & Anna</p>", false);
    check("<p><script>alert(1)</script></p>", false);
    check("<p onclick=\"x\">a</p>", false);
    check("<a href=\"javascript:x\">a</a>", false);
    check("<p>a</b></p>", false);
    check("<p title=\"a\" b\"c\">x</p>", false);
    check("<p><!-- a --></p>", false);
}
