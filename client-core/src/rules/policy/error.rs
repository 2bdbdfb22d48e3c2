use super::PRESETS;

/// Why a policy was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, an unknown key, a missing key, or a value of the wrong kind.
    #[error("the policy could not be read: {reason}")]
    Text {
        /// What the parser said: line, key, and allowed values.
        reason: String,
    },
    /// A value that cannot be.
    #[error("{key} is {value}: {allowed}")]
    Value {
        /// The key's path.
        key: String,
        /// What it says.
        value: String,
        /// What it may say.
        allowed: String,
    },
    /// No such preset.
    #[error("there is no preset {name:?}: choose one of {}", PRESETS.join(", "))]
    UnknownPreset {
        /// What was asked for.
        name: String,
    },
}
