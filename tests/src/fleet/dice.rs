//! Repeatable chance: the same seed makes the same fleet.

/// A small generator (splitmix64); not for secrets.
#[derive(Debug, Clone)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// The generator of a seed and a purpose, at its beginning.
    pub const fn new(seed: u64, purpose: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ purpose.rotate_left(32) }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number in `[0, limit)`; 0 for a limit of 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next().checked_rem(limit).unwrap_or(0)
    }

    /// A number in `[from, to]`.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = to.saturating_sub(from).unsigned_abs().saturating_add(1);
        from.saturating_add(i64::try_from(self.below(span)).unwrap_or(0))
    }

    /// True once in `many`.
    pub fn once_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let index = usize::try_from(self.below(from.len() as u64)).unwrap_or(0);
        from[index]
    }

    /// Bytes for an id or a hash.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for part in bytes.chunks_mut(8) {
            let word = self.next().to_be_bytes();
            part.copy_from_slice(&word[..part.len()]);
        }
        bytes
    }
}
