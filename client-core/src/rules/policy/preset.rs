/// The policies that ship with fieldsync; the first is the default.
pub const PRESETS: [&str; 2] = ["guide-standard", "guide-coverage"];

/// The TOML of a preset, comments included.
pub fn preset_text(name: &str) -> Option<&'static str> {
    match name {
        "guide-standard" => Some(include_str!("../presets/guide-standard.toml")),
        "guide-coverage" => Some(include_str!("../presets/guide-coverage.toml")),
        _ => None,
    }
}
