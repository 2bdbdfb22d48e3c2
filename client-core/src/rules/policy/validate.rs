//! What the shape of a policy alone cannot say.

use super::{Policy, PolicyError};

pub(super) fn check(_policy: &Policy) -> Result<(), PolicyError> {
    Ok(())
}
