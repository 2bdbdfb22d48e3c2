//! Reads what Chromium prints: the size of each page, and the text as a reader would copy it.
//!
//! A print that looks right may be a picture, on the wrong paper, or in a font whose letters
//! copy as something else. Skia writes one shape of PDF: plain dictionaries, streams packed by
//! deflate, text as hexadecimal glyph numbers, and for each font a table from those to
//! Unicode. That shape is read here and no other; what is not of it is no text.

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::ZlibDecoder;

/// A page's width and height in points, of which 72 make an inch.
pub type Paper = (f64, f64);

/// A printed document.
#[derive(Debug)]
pub struct Pdf {
    /// Every page's paper.
    pub pages: Vec<Paper>,
    /// The text without spaces: a line may be cut anywhere.
    pub text: String,
}

/// Glyph numbers of a font and what they mean.
type Glyphs = BTreeMap<u16, String>;

impl Pdf {
    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Self {
        let objects = objects(bytes);
        let dictionaries: Vec<&str> = objects.values().map(|(text, _)| text.as_str()).collect();
        let pages = dictionaries.iter().filter(|text| is_page(text));
        let pages = pages.filter_map(|text| paper(text)).collect();
        let mut fonts: BTreeMap<String, Glyphs> = BTreeMap::new();
        for (name, font) in dictionaries.iter().flat_map(|text| named_fonts(text)) {
            let table = objects.get(&font).and_then(|(text, _)| reference(text, "/ToUnicode "));
            let table = table.and_then(|table| objects.get(&table)).map(|(_, stream)| stream);
            fonts
                .entry(name)
                .or_insert_with(|| table.map(|table| glyphs(table)).unwrap_or_default());
        }
        let streams = objects.values().map(|(_, stream)| stream).filter(|one| one.contains(" Tf"));
        Self { pages, text: streams.map(|stream| said(stream, &fonts)).collect() }
    }
}

/// Every object: its dictionary, and its stream unpacked.
fn objects(bytes: &[u8]) -> BTreeMap<u32, (String, String)> {
    let mut found = BTreeMap::new();
    let mut rest = bytes;
    while let Some(at) = find(rest, b" 0 obj\n") {
        let digits = rest[..at].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let number = String::from_utf8_lossy(&rest[at - digits..at]).parse().unwrap_or(0);
        rest = &rest[at + 7..];
        let stream = find(rest, b"stream\n");
        let end = find(rest, b"endobj").unwrap_or(rest.len());
        let (head, packed) = match stream.filter(|stream| *stream < end) {
            Some(stream) => {
                let body = &rest[stream + 7..];
                (&rest[..stream], &body[..find(body, b"\nendstream").unwrap_or(body.len())])
            }
            None => (&rest[..end], &[][..]),
        };
        let mut unpacked = Vec::new();
        // A picture or a font file says nothing here, and a damaged one even less.
        let _ = ZlibDecoder::new(packed).read_to_end(&mut unpacked);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        found.insert(number, (text(head), text(&unpacked)));
        rest = &rest[head.len() + packed.len()..];
    }
    found
}

fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).position(|window| window == needle)
}

fn is_page(dictionary: &str) -> bool {
    dictionary.contains("/Type /Page\n")
}

fn paper(page: &str) -> Option<Paper> {
    let numbers = page.split_once("/MediaBox [")?.1.split_once(']')?.0;
    let numbers: Vec<f64> = numbers.split_whitespace().filter_map(|n| n.parse().ok()).collect();
    let [left, foot, right, top] = numbers[..] else { return None };
    Some((right - left, top - foot))
}

/// `/F4 12 0 R` names a font: its name, and the object that it is.
fn named_fonts(dictionary: &str) -> Vec<(String, u32)> {
    let names = dictionary.split("/F").skip(1).filter_map(|text| {
        let mut words = text.split_whitespace();
        let (name, object) = (words.next()?, words.next()?);
        name.parse::<u32>().ok()?;
        Some((format!("F{name}"), object.parse().ok()?))
    });
    names.collect()
}

fn reference(dictionary: &str, key: &str) -> Option<u32> {
    dictionary.split_once(key)?.1.split_whitespace().next()?.parse().ok()
}

/// A table from glyphs to Unicode: single ones, and runs.
fn glyphs(table: &str) -> Glyphs {
    let mut glyphs = Glyphs::new();
    for line in table.lines() {
        let words: Vec<&str> =
            line.split(['<', '>']).map(str::trim).filter(|word| !word.is_empty()).collect();
        let number = |word: &str| u16::from_str_radix(word, 16).ok();
        match words[..] {
            [glyph, letters] => {
                glyphs.extend(number(glyph).map(|glyph| (glyph, utf16(letters))));
            }
            [first, last, letter] => {
                let run = number(first).zip(number(last)).zip(number(letter));
                let Some(((first, last), letter)) = run else { continue };
                for (step, glyph) in (first..=last).enumerate() {
                    let letter = u32::from(letter) + u32::try_from(step).unwrap_or(0);
                    glyphs.extend(char::from_u32(letter).map(|one| (glyph, one.to_string())));
                }
            }
            _ => {}
        }
    }
    glyphs
}

fn utf16(hex: &str) -> String {
    String::from_utf16_lossy(&numbers(hex))
}

fn numbers(hex: &str) -> Vec<u16> {
    let digits: Vec<char> = hex.chars().filter(char::is_ascii_hexdigit).collect();
    let words = digits.chunks(4).map(|word| word.iter().collect::<String>());
    words.filter_map(|word| u16::from_str_radix(&word, 16).ok()).collect()
}

/// What a page's stream says, font by font.
fn said(stream: &str, fonts: &BTreeMap<String, Glyphs>) -> String {
    let mut text = String::new();
    for part in stream.split("BT").skip(1) {
        let part = part.split("ET").next().unwrap_or(part);
        let mut runs = part.split('/').filter_map(|run| {
            let (name, rest) = run.split_once(' ')?;
            Some((fonts.get(name)?, rest))
        });
        for (glyphs, run) in &mut runs {
            let strings = run.split('<').skip(1).filter_map(|one| one.split('>').next());
            let letters = strings.flat_map(numbers).filter_map(|glyph| glyphs.get(&glyph));
            text.extend(letters.flat_map(|letters| letters.chars()).filter(|c| !c.is_whitespace()));
        }
    }
    text
}
