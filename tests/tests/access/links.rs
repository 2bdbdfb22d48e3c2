//! Follows what pages offer: each link of a page, one of every kind of address.

use std::collections::{BTreeSet, VecDeque};

use reqwest::StatusCode;
use tests::reader::Reader;

/// Pages looked at for one reader, at most: far more than there are kinds of them.
const MOST: usize = 400;

/// The links that a reader is shown and that do not open, with where they stand. One of each
/// kind of address is followed, beginning at the board.
pub async fn closed(reader: &Reader, who: &str) -> Vec<String> {
    let mut known = BTreeSet::from([kind("/board")]);
    let mut next = VecDeque::from([("/board".to_owned(), "the address bar".to_owned())]);
    let (mut closed, mut opened) = (Vec::new(), 0);
    while let Some((path, from)) = next.pop_front() {
        opened += 1;
        assert!(opened <= MOST, "{who}: addresses without end, such as {path}");
        let (status, page) = reader.read(&path).await;
        if status != StatusCode::OK {
            closed.push(format!("{who}: {path} on {from} gives {status}"));
        }
        for link in links(&page) {
            if known.insert(kind(&link)) {
                next.push_back((link, path.clone()));
            }
        }
    }
    assert!(opened > 15, "{who}: only {opened} pages");
    closed
}

/// The addresses of this server that a page links to.
fn links(page: &str) -> impl Iterator<Item = String> + '_ {
    let after = page.split("<a ").skip(1).filter_map(|tag| tag.split('>').next());
    let targets = after.filter_map(|tag| tag.split("href=\"").nth(1)?.split('"').next());
    let here = targets.filter(|target| target.starts_with('/'));
    let whole = here.map(|target| target.replace("&#38;", "&").replace("&amp;", "&"));
    whole.map(|target| target.split('#').next().unwrap_or_default().to_owned())
}

/// An address without what tells one thing from the next of its kind.
fn kind(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let alike = |part: &str| {
        if part.contains(|c: char| c.is_ascii_digit()) { "*" } else { part }.to_owned()
    };
    let names = query.split('&').filter_map(|pair| pair.split('=').next());
    let names: BTreeSet<&str> = names.collect();
    format!("{}?{names:?}", path.split('/').map(alike).collect::<Vec<_>>().join("/"))
}
