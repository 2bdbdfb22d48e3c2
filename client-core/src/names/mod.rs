//! Names and numbers as people type them.
//!
//! One company is typed as 華東機械, 华东机械有限公司, ＨＵＡＤＯＮＧ or "Huadong
//! Machinery Co., Ltd."; its number with and without the country. Reps who cannot
//! find a customer create it again, and from then on its visits count for two. So
//! names are compared folded (width, case, script, company suffix) and by sound
//! (pinyin), numbers in E.164, and what was typed is kept as it was.
//!
//! Pure: nothing here reads a clock, a file or a setting.

mod fold;
mod likeness;
mod login;
mod pairs;
mod phone;
mod sound;

pub use fold::{FoldedName, fold};
pub use likeness::{Likeness, LikenessReason, likeness};
pub use login::login;
pub use pairs::pairs;
pub use phone::{Region, digits, parse_phone};
pub use sound::{initials, pinyin};
