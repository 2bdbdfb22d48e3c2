//! Which encoding a text without a mark has.
//!
//! Bytes are often sound in several encodings: nearly every Big5 text is sound
//! GB18030, and every file is sound Windows-1252. A wrong guess imports thousands of
//! names as rubbish, so soundness is not enough. Each Chinese candidate is decoded
//! and its characters weighed: those that names, places and business use count for
//! it, rare ones against it (a misread text is made of rare ones), and the greater
//! sum wins if it is positive. Windows-1252 wins if what it adds to ASCII are
//! letters inside words. What convinces nobody is not guessed: the person is asked.
//!
//! Where it stays wrong: a file whose only Chinese are one or two characters that
//! happen to be sound UTF-8 (茅台 in GB18030 is `é` and a tail), and eastern European
//! words whose accents are where western ones are.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::DecoderResult;

use super::encoding::TextEncoding;
use super::frequent::is_frequent;
use super::survey::Survey;

/// Sound characters for each broken one that make a UTF-8 file with damage
/// rather than a file in another encoding. Misread GB18030 has about one for six.
const UTF8_SOUND_PER_BROKEN: u64 = 10;

/// The encoding of the surveyed text, or the one that it might have.
pub(super) fn encoding(survey: &Survey) -> Result<TextEncoding, TextEncoding> {
    if survey.utf8_broken.saturating_mul(UTF8_SOUND_PER_BROKEN) <= survey.utf8_sound {
        return Ok(TextEncoding::UTF_8);
    }
    let text = survey.sample.as_slice();
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(text, true);
    let guess = TextEncoding::of(detector.guess(None, Utf8Detection::Deny));
    let chinese = [TextEncoding::GB18030, TextEncoding::BIG5]
        .map(|candidate| (candidate, chinese_weight(text, candidate)));
    let heavier = match chinese {
        // Of two that weigh the same the one with more writers.
        [gb, big5] => {
            if big5.1 > gb.1 {
                big5
            } else {
                gb
            }
        }
    };
    if let (candidate, Some(1..)) = heavier {
        return Ok(candidate);
    }
    if is_western(text) {
        return Ok(TextEncoding::WINDOWS_1252);
    }
    match heavier {
        // Rare characters only, but a second opinion agrees.
        (candidate, Some(_)) if guess == candidate => Ok(candidate),
        _ => Err(guess),
    }
}

/// How much the characters of `text` speak for a Chinese encoding; none if it is
/// not sound in it.
fn chinese_weight(text: &[u8], encoding: TextEncoding) -> Option<i64> {
    let mut decoder = encoding.inner().new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(text.len())?;
    let mut decoded = String::with_capacity(room);
    let (result, _) = decoder.decode_to_string_without_replacement(text, &mut decoded, true);
    if !matches!(result, DecoderResult::InputEmpty) {
        return None;
    }
    Some(decoded.chars().filter(|it| !it.is_ascii()).map(|it| weight(it, encoding)).sum())
}

/// Hundredths of the logarithm of how much likelier a character is in a text than in
/// a misread one.
fn weight(letter: char, encoding: TextEncoding) -> i64 {
    match letter {
        letter if is_frequent(letter) => 160,
        // Punctuation and full-width forms.
        '\u{3000}'..='\u{3011}' | '\u{FF01}'..='\u{FF5E}' => 60,
        '“' | '”' | '‘' | '’' | '·' | '—' | '…' | '¥' => 0,
        letter if in_first_level(letter, encoding) => -70,
        _ => -250,
    }
}

/// Whether a character belongs to the first of the two levels that both standards
/// sort characters into.
fn in_first_level(letter: char, encoding: TextEncoding) -> bool {
    let mut utf8 = [0; 4];
    let (bytes, _, _) = encoding.inner().encode(letter.encode_utf8(&mut utf8));
    let &[lead, trail] = bytes.as_ref() else { return false };
    if encoding == TextEncoding::BIG5 {
        (0xA4..=0xC6).contains(&lead)
    } else {
        (0xB0..=0xD7).contains(&lead) && trail >= 0xA1
    }
}

/// Whether the bytes beyond ASCII are what western European words have: letters
/// that stand alone or in pairs between others, and signs outside of words.
fn is_western(text: &[u8]) -> bool {
    let (mut fits, mut strange) = (0_u64, 0_u64);
    let mut run = 0;
    let mut before = b' ';
    for (at, &byte) in text.iter().enumerate() {
        let after = text.get(at + 1).copied().unwrap_or(b' ');
        if byte < 0x80 {
            run = 0;
        } else {
            run += 1;
            let in_word = before.is_ascii_alphabetic() && after.is_ascii_alphabetic();
            let fine = match byte {
                0xD7 | 0xF7 => !in_word,
                0xC0.. | 0x8A | 0x8C | 0x8E | 0x9A | 0x9C | 0x9E | 0x9F => run <= 2,
                // Apostrophes and hyphens stand in words.
                0x91 | 0x92 | 0x96 | 0x97 | 0xAD | 0xB7 => true,
                // Euro, quotes, ellipsis, bullet, trade marks, spaces, currency, degree.
                0x80
                | 0x84
                | 0x85
                | 0x93..=0x95
                | 0x99
                | 0xA0
                | 0xA1
                | 0xA3
                | 0xA7
                | 0xA9
                | 0xAA
                | 0xAB
                | 0xAE
                | 0xB0
                | 0xBA
                | 0xBB
                | 0xBD
                | 0xBF => !in_word,
                _ => false,
            };
            if fine {
                fits += 1;
            } else {
                strange += 1;
            }
        }
        before = byte;
    }
    strange.saturating_mul(10) <= fits
}
