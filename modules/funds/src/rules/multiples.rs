//! Multiples of what was called, computed exactly.

/// Decimals of a multiple.
const DECIMALS: u32 = 4;

/// `numerator / called` with four decimals, half to even; none when nothing is called.
///
/// Both are minor units of one currency; sums of up to 2^63 reports of the largest amount fit.
pub(crate) fn multiple(numerator: i128, called: i128) -> Option<String> {
    if called <= 0 {
        return None;
    }
    let unit = 10_i128.pow(DECIMALS);
    let scaled = numerator.checked_mul(unit)?;
    let (mut quotient, rest) = (scaled.div_euclid(called), scaled.rem_euclid(called));
    // rest < called, so this cannot overflow where rest * 2 could.
    match rest.cmp(&(called - rest)) {
        std::cmp::Ordering::Greater => quotient += 1,
        std::cmp::Ordering::Equal => quotient += quotient.rem_euclid(2),
        std::cmp::Ordering::Less => {}
    }
    let (size, sign) = (quotient.unsigned_abs(), if quotient < 0 { "-" } else { "" });
    let unit = unit.unsigned_abs();
    Some(format!("{sign}{}.{:04}", size / unit, size % unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples_are_exact_and_round_half_to_even() {
        let cases = [
            (142, 100, Some("1.4200")),
            (1, 3, Some("0.3333")),
            (2, 3, Some("0.6667")),
            (5, 100_000, Some("0.0000")),
            (15, 100_000, Some("0.0002")),
            (25, 100_000, Some("0.0002")),
            (-15, 100_000, Some("-0.0002")),
            (-5, 100_000, Some("0.0000")),
            (-25, 100_000, Some("-0.0002")),
            (0, 7, Some("0.0000")),
            (7, 0, None),
            (7, -1, None),
        ];
        for (numerator, called, expected) in cases {
            assert_eq!(multiple(numerator, called).as_deref(), expected, "{numerator}/{called}");
        }
    }
}
