//! Rounding: half-even, in integers, once.
//!
//! Two machines must print the same digit, and parts that are shown must sum to
//! the total that is shown. So figures stay exact fractions until output, are
//! rounded half-even there, and parts of a rounded total get its units by
//! largest remainder.

use crate::rules::units::BasisPoints;

/// `numerator ÷ denominator` to the nearest integer, halves to the even one;
/// `None` when the denominator is 0.
pub fn div_half_even(numerator: i128, denominator: i128) -> Option<i128> {
    let (numerator, denominator) = if denominator < 0 {
        (numerator.checked_neg()?, denominator.checked_neg()?)
    } else {
        (numerator, denominator)
    };
    let floor = numerator.checked_div_euclid(denominator)?;
    let rest = numerator.checked_rem_euclid(denominator)?;
    let up = match rest.cmp(&(denominator - rest)) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => floor.rem_euclid(2) == 1,
        std::cmp::Ordering::Greater => true,
    };
    Some(floor + i128::from(up))
}

/// `numerator ÷ denominator` to the nearest integer, halves up; `None` when the
/// denominator is 0.
pub fn div_half_up(numerator: i128, denominator: i128) -> Option<i128> {
    numerator
        .checked_mul(2)?
        .checked_add(denominator)?
        .checked_div_euclid(denominator.checked_mul(2)?)
}

/// `numerator ÷ denominator` in basis points, half-even; `None` when the
/// denominator is 0.
pub fn basis_points(numerator: i128, denominator: i128) -> Option<BasisPoints> {
    div_half_even(numerator.saturating_mul(10_000), denominator)
        .map(|units| BasisPoints(saturate(units)))
}

/// As an `i64`, cut at its ends.
pub fn saturate(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// Splits `total` over parts whose exact sizes are `numerators ÷ denominator`,
/// where `total` is the exact sum rounded: each part gets its floor, and what is
/// left goes to the largest remainders, the earlier part first among equals.
pub fn largest_remainder(numerators: &[i128], denominator: i128, total: i128) -> Vec<i128> {
    let denominator = denominator.max(1);
    let mut parts: Vec<i128> = numerators.iter().map(|part| part.div_euclid(denominator)).collect();
    let mut order: Vec<(usize, i128)> =
        numerators.iter().map(|part| part.rem_euclid(denominator)).enumerate().collect();
    order.sort_by_key(|(index, rest)| (std::cmp::Reverse(*rest), *index));
    let left = total - parts.iter().sum::<i128>();
    let left = usize::try_from(left).unwrap_or(0);
    for (index, _rest) in order.into_iter().take(left) {
        if let Some(part) = parts.get_mut(index) {
            *part += 1;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let check = |numerator, denominator, expected| {
            assert_eq!(div_half_even(numerator, denominator), Some(expected));
        };
        check(5, 2, 2);
        check(7, 2, 4);
        check(-5, 2, -2);
        check(-7, 2, -4);
        check(5, -2, -2);
        check(8, 3, 3);
        check(-8, 3, -3);
        check(0, 5, 0);
        assert_eq!(div_half_even(1, 0), None);
        assert_eq!(basis_points(2, 3), Some(BasisPoints(6_667)));
        assert_eq!(div_half_up(5, 2), Some(3));
        assert_eq!(div_half_up(4, 3), Some(1));
        assert_eq!(div_half_up(0, 3), Some(0));
    }

    proptest! {
        #[test]
        fn parts_always_sum_to_the_rounded_total(
            numerators in prop::collection::vec(0_i128..1_000_000, 1..12),
            denominator in 1_i128..10_000,
        ) {
            let total = div_half_even(numerators.iter().sum(), denominator).unwrap();
            let parts = largest_remainder(&numerators, denominator, total);
            prop_assert_eq!(parts.iter().sum::<i128>(), total);
            for (part, exact) in parts.iter().zip(&numerators) {
                prop_assert!((part * denominator - exact).abs() < denominator);
            }
        }
    }
}
