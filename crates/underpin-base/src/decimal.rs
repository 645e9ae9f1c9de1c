//! Exact decimal text to scaled integers, without a float in between.

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a decimal number: `[+-]digits[.digits][e[+-]digits]`.
    #[error("not a decimal number")]
    NotANumber,
    /// It does not fit into 64 bits of the target unit.
    #[error("out of range")]
    OutOfRange,
    /// It has more decimals than the unit, where none may be lost.
    #[error("too many decimals")]
    TooPrecise,
}

/// A decimal number, exactly as written: `mantissa × 10^exponent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaled {
    mantissa: i128,
    exponent: i32,
    /// Digits below the 38th that were not zero: only matters to round half-even correctly.
    sticky: bool,
}

/// Most significant digits that the mantissa holds.
const DIGITS_MAX: u32 = 37;
/// Longest text that is looked at, in bytes.
const TEXT_MAX: usize = 400;
/// Exponents beyond this cannot yield a 64-bit amount that is not zero.
const EXPONENT_MAX: i32 = 1_000;

impl Scaled {
    /// Read a decimal number; leading and trailing ASCII blanks are ignored.
    ///
    /// Errors: [`AmountError::NotANumber`] for anything else, NaN, infinities and grouping marks among it.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let bytes = text.trim_ascii().as_bytes();
        if bytes.is_empty() || bytes.len() > TEXT_MAX {
            return Err(AmountError::NotANumber);
        }
        let (negative, bytes) = match bytes[0] {
            b'-' => (true, &bytes[1..]),
            b'+' => (false, &bytes[1..]),
            _ => (false, bytes),
        };
        let split = bytes.iter().position(|b| matches!(b, b'e' | b'E'));
        let (digits, power) = match split {
            Some(at) => (&bytes[..at], parse_power(&bytes[at + 1..])?),
            None => (bytes, 0),
        };
        let mut number = Self { mantissa: 0, exponent: power, sticky: false };
        let (mut seen, mut significant, mut fraction) = (false, 0, false);
        for &byte in digits {
            match byte {
                b'.' if !fraction => fraction = true,
                b'0'..=b'9' => {
                    seen = true;
                    let digit = i128::from(byte - b'0');
                    if significant < DIGITS_MAX {
                        number.mantissa = number.mantissa * 10 + digit;
                        significant += u32::from(number.mantissa != 0);
                        number.exponent -= i32::from(fraction);
                    } else {
                        number.sticky |= digit != 0;
                        number.exponent += i32::from(!fraction);
                    }
                }
                _ => return Err(AmountError::NotANumber),
            }
        }
        if !seen {
            return Err(AmountError::NotANumber);
        }
        if negative {
            number.mantissa = -number.mantissa;
        }
        Ok(number)
    }

    /// The number × 10^`shift` as an integer, rounded half to even.
    ///
    /// `shift` is the unit: 2 for cents of a text in whole units, 8 for cents of a text in millions.
    pub fn round_half_even(self, shift: i32) -> Result<i64, AmountError> {
        let (value, rest) = self.split(shift)?;
        let rounded = match rest {
            Rest::None | Rest::BelowHalf => value,
            Rest::Half => value + (value & 1) * self.mantissa.signum(),
            Rest::AboveHalf => value + self.mantissa.signum(),
        };
        i64::try_from(rounded).map_err(|_| AmountError::OutOfRange)
    }

    /// The number × 10^`shift` as an integer, where nothing may be lost.
    pub fn exact(self, shift: i32) -> Result<i64, AmountError> {
        let (value, rest) = self.split(shift)?;
        if rest != Rest::None {
            return Err(AmountError::TooPrecise);
        }
        i64::try_from(value).map_err(|_| AmountError::OutOfRange)
    }

    /// Integer part (toward zero) of the number × 10^`shift`, and what was cut off.
    fn split(self, shift: i32) -> Result<(i128, Rest), AmountError> {
        let exponent = self.exponent.saturating_add(shift);
        if self.mantissa == 0 {
            return Ok((0, Rest::None));
        }
        if exponent >= 0 {
            if exponent > 20 || self.sticky {
                return Err(AmountError::OutOfRange);
            }
            let factor = 10_i128.pow(exponent.unsigned_abs());
            let value = self.mantissa.checked_mul(factor).ok_or(AmountError::OutOfRange)?;
            return Ok((value, Rest::None));
        }
        let cut = exponent.unsigned_abs();
        if cut > DIGITS_MAX {
            return Ok((0, Rest::BelowHalf));
        }
        let factor = 10_i128.pow(cut);
        let (value, rest) = (self.mantissa / factor, (self.mantissa % factor).abs());
        let rest = match rest.cmp(&(factor / 2)) {
            _ if rest == 0 && !self.sticky => Rest::None,
            std::cmp::Ordering::Less => Rest::BelowHalf,
            std::cmp::Ordering::Equal if !self.sticky => Rest::Half,
            std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => Rest::AboveHalf,
        };
        Ok((value, rest))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    None,
    BelowHalf,
    Half,
    AboveHalf,
}

fn parse_power(bytes: &[u8]) -> Result<i32, AmountError> {
    let text = std::str::from_utf8(bytes).map_err(|_| AmountError::NotANumber)?;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(AmountError::NotANumber);
    }
    match text.parse::<i32>() {
        Ok(power) if power.abs() <= EXPONENT_MAX => Ok(power),
        _ => Err(AmountError::OutOfRange),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cents_of_millions(text: &str) -> Result<i64, AmountError> {
        Scaled::parse(text)?.round_half_even(8)
    }

    #[test]
    fn float_artefacts_in_millions_become_exact_cents() {
        assert_eq!(cents_of_millions("24.096353999999998"), Ok(2_409_635_400));
        assert_eq!(cents_of_millions("126.52185999999999"), Ok(12_652_186_000));
        assert_eq!(cents_of_millions("-9.531234"), Ok(-953_123_400));
        assert_eq!(cents_of_millions("0.0"), Ok(0));
        assert_eq!(cents_of_millions("1e-05"), Ok(1_000));
    }

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let cases = [
            ("0.5", 0),
            ("1.5", 2),
            ("2.5", 2),
            ("-0.5", 0),
            ("-1.5", -2),
            ("2.50000000000000000000000000000000000000001", 3),
        ];
        for (text, expected) in cases {
            assert_eq!(Scaled::parse(text).unwrap().round_half_even(0), Ok(expected), "{text}");
        }
    }

    #[test]
    fn rubbish_is_refused() {
        for text in [
            "", " ", "-", "+", ".", "NaN", "inf", "1,234", "1 2", "0x10", "--1", "1e", "e5",
            "1.2.3", "१",
        ] {
            assert_eq!(Scaled::parse(text), Err(AmountError::NotANumber), "{text}");
        }
        assert_eq!(
            cents_of_millions("999999999999999999999999999999"),
            Err(AmountError::OutOfRange)
        );
        assert_eq!(cents_of_millions("1e999"), Err(AmountError::OutOfRange));
        assert_eq!(cents_of_millions("1e9999"), Err(AmountError::OutOfRange));
        assert_eq!(Scaled::parse("0.001").unwrap().exact(2), Err(AmountError::TooPrecise));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in ".{0,60}", shift in -10_i32..10) {
            if let Ok(number) = Scaled::parse(&text) {
                let _ = number.round_half_even(shift);
                let _ = number.exact(shift);
            }
        }

        #[test]
        fn minor_units_survive_the_way_through_text(minor in any::<i64>()) {
            let text = format!("{}{}.{:02}", if minor < 0 { "-" } else { "" }, minor.unsigned_abs() / 100, minor.unsigned_abs() % 100);
            prop_assert_eq!(Scaled::parse(&text).unwrap().exact(2), Ok(minor));
        }
    }
}
