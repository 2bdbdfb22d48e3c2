//! QR codes as vector drawings, for the pages and for a file.

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around a code, as the standard wants them.
const QUIET: usize = 4;

/// A QR code, drawn in squares of one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    /// Width and height in squares, with the quiet zone.
    pub size: usize,
    /// The dark squares, as the data of one path.
    pub path: String,
}

impl Qr {
    /// The code of `text`; none if it is longer than a code can hold.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let mut path = String::new();
        for (row, colors) in code.to_colors().chunks(width).enumerate() {
            let mut column = 0;
            // Neighbours make one stroke: a third of the bytes.
            for run in colors.chunk_by(|a, b| a == b) {
                if run.first() == Some(&Color::Dark) {
                    let (x, y, length) = (column + QUIET, row + QUIET, run.len());
                    path.push_str(&format!("M{x} {y}h{length}v1h-{length}z"));
                }
                column += run.len();
            }
        }
        Some(Self { size: width + 2 * QUIET, path })
    }

    /// A drawing that stands alone.
    pub fn to_svg(&self) -> String {
        let Self { size, path } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" \
             width=\"512\" height=\"512\" shape-rendering=\"crispEdges\">\
             <rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/>\
             <path d=\"{path}\" fill=\"#000\"/></svg>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_square_with_three_corners_and_a_quiet_zone() {
        let qr = Qr::of("fieldsync://enrol?code=0123-4567-89AB-CDEF").unwrap();
        assert_eq!((qr.size - 17 - 2 * QUIET) % 4, 0, "a QR version has 17 + 4n modules");
        let last = qr.size - QUIET - 7;
        for corner in ["M4 4h7v1".to_owned(), format!("M{last} 4h7v1"), format!("M4 {last}h7v1")] {
            assert!(qr.path.contains(&corner), "{corner}");
        }
        assert!(qr.to_svg().starts_with("<svg "));
        assert!(Qr::of(&"x".repeat(5000)).is_none());
    }
}
