//! Terraform's numbers, exactly.
//!
//! A Terraform number is an arbitrary-precision decimal; core compares two of them by their shortest decimal text. The
//! type here keeps that text in a normal form, so equality, order and hashing follow from it and nothing is ever lost
//! by reading and writing a number that the provider does not touch.

use std::{cmp::Ordering, fmt, str::FromStr};

/// Longest run of digits written out in full; longer numbers are written with an exponent.
const MAX_PLAIN_DIGITS: i64 = 512;

/// Exponents beyond this are refused: no real configuration has them, and arithmetic on them stays far from overflow.
const MAX_EXPONENT: i64 = 1_000_000_000;

/// A number of any size and precision, or an infinity.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(Repr);

/// The normal form. Each number has exactly one, and the order of the variants does not matter to [`Ord`] of decimals
/// because that is written by hand.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    NegativeInfinity,
    Integer(i64),
    Decimal(Decimal),
    PositiveInfinity,
}

/// `±digits × 10^exponent`, not an integer that fits `i64`; `digits` neither begins nor ends with a zero.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

/// The text is not a number, or is one that cannot be held.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NumberError(String);

impl Number {
    /// The number as `f64`, but only if it is exactly that binary fraction: `1.5` is, `0.1` is not.
    pub(crate) fn to_exact_f64(&self) -> Option<f64> {
        let decimal = match &self.0 {
            Repr::NegativeInfinity => return Some(f64::NEG_INFINITY),
            Repr::PositiveInfinity => return Some(f64::INFINITY),
            Repr::Integer(_) => return None,
            Repr::Decimal(decimal) => decimal,
        };
        // A fraction with k binary places has exactly k decimal places, so k is known from the text.
        let places = usize::try_from(-decimal.exponent).ok().filter(|places| (1..=1074).contains(places))?;
        let nearest = decimal.nearest_f64();
        let half = i32::try_from(places / 2).ok()?;
        let rest = i32::try_from(places).ok()? - half;
        let scaled = nearest * 2_f64.powi(half) * 2_f64.powi(rest);
        let is_whole = scaled.is_finite() && scaled.fract() == 0.0;
        (is_whole && format!("{nearest:.places$}") == decimal.to_string()).then_some(nearest)
    }

    /// The number that `float` is to the last binary place, as Terraform means it: it only sends floats that are exact.
    pub(crate) fn exactly(float: f64) -> Result<Self, NumberError> {
        if !float.is_finite() {
            return Self::try_from(float);
        }
        // A fraction with k binary places has exactly k decimal places.
        let bits = float.to_bits();
        let exponent = (bits >> 52 & 0x7ff).max(1);
        let below = 1075_u64.saturating_sub(exponent + u64::from(bits.trailing_zeros().min(52)));
        let places = usize::try_from(below).unwrap_or_default();
        format!("{float:.places$}").parse()
    }

    /// The number as `i64`, if it is a whole one in range.
    pub fn to_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::Integer(integer) => Some(integer),
            _ => None,
        }
    }
}

impl Decimal {
    fn nearest_f64(&self) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        // The text is a valid float by construction; values out of range become an infinity or zero.
        format!("{sign}{}e{}", self.digits, self.exponent).parse().unwrap_or(f64::NAN)
    }

    /// The power of ten just above the number: digits before the decimal point.
    fn point(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(i64::MAX).saturating_add(self.exponent)
    }

    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        // Digits are compared as text: both begin at the same power of ten by then.
        self.point().cmp(&other.point()).then_with(|| self.digits.cmp(&other.digits))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.cmp_magnitude(other),
            (true, true) => other.cmp_magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Repr {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(b),
            (Self::NegativeInfinity, Self::NegativeInfinity)
            | (Self::PositiveInfinity, Self::PositiveInfinity) => Ordering::Equal,
            (Self::NegativeInfinity, _) | (_, Self::PositiveInfinity) => Ordering::Less,
            (Self::PositiveInfinity, _) | (_, Self::NegativeInfinity) => Ordering::Greater,
            (Self::Decimal(a), Self::Decimal(b)) => a.cmp(b),
            (Self::Integer(a), Self::Decimal(b)) => cmp_integer(*a, b),
            (Self::Decimal(a), Self::Integer(b)) => cmp_integer(*b, a).reverse(),
        }
    }
}

impl PartialOrd for Repr {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn cmp_integer(integer: i64, decimal: &Decimal) -> Ordering {
    if integer == 0 {
        return if decimal.negative { Ordering::Greater } else { Ordering::Less };
    }
    let text = integer.unsigned_abs().to_string();
    let digits = text.trim_end_matches('0').to_owned();
    let exponent = i64::try_from(text.len() - digits.len()).unwrap_or(0);
    let negative = integer < 0;
    Decimal { negative, digits, exponent }.cmp(decimal)
}

impl Default for Number {
    /// Zero.
    fn default() -> Self {
        Self::from(0_i64)
    }
}

impl From<i64> for Number {
    fn from(integer: i64) -> Self {
        Self(Repr::Integer(integer))
    }
}

impl From<i32> for Number {
    fn from(integer: i32) -> Self {
        Self::from(i64::from(integer))
    }
}

impl From<u32> for Number {
    fn from(integer: u32) -> Self {
        Self::from(i64::from(integer))
    }
}

impl From<u64> for Number {
    fn from(integer: u64) -> Self {
        match i64::try_from(integer) {
            Ok(integer) => Self::from(integer),
            Err(_) => Self(normalise(false, &integer.to_string(), 0)),
        }
    }
}

impl TryFrom<f64> for Number {
    type Error = NumberError;

    /// The number whose shortest decimal text is that of `float`: `0.1` becomes exactly one tenth.
    fn try_from(float: f64) -> Result<Self, NumberError> {
        if float.is_nan() {
            return Err(NumberError("NaN is not a Terraform number".to_owned()));
        }
        if float.is_infinite() {
            let infinity = if float > 0.0 { Repr::PositiveInfinity } else { Repr::NegativeInfinity };
            return Ok(Self(infinity));
        }
        format!("{float:e}").parse()
    }
}

impl TryFrom<&Number> for i64 {
    type Error = NumberError;

    fn try_from(number: &Number) -> Result<Self, NumberError> {
        let wanted = "a whole number between -9223372036854775808 and 9223372036854775807";
        number.to_i64().ok_or_else(|| NumberError(format!("expected {wanted}, found {number}")))
    }
}

impl TryFrom<&Number> for f64 {
    type Error = NumberError;

    /// Refuses numbers that would come back different, because Terraform would call that an inconsistent result.
    fn try_from(number: &Number) -> Result<Self, NumberError> {
        let nearest = match &number.0 {
            Repr::NegativeInfinity => return Ok(f64::NEG_INFINITY),
            Repr::PositiveInfinity => return Ok(f64::INFINITY),
            Repr::Integer(integer) => *integer as f64,
            Repr::Decimal(decimal) => decimal.nearest_f64(),
        };
        match Number::try_from(nearest) {
            Ok(again) if again == *number => Ok(nearest),
            _ => Err(NumberError(format!(
                "expected a number that a 64-bit float can hold, found {number}, which it would change to {nearest:e}"
            ))),
        }
    }
}

impl FromStr for Number {
    type Err = NumberError;

    /// Decimal notation with an optional fraction and exponent: `12`, `-0.5`, `1e100`.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        let invalid = || NumberError(format!("{} is not a decimal number", shorten(text)));
        let (negative, unsigned) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent).ok_or_else(invalid)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
            return Err(invalid());
        }
        let out_of_range = || NumberError(format!("the exponent of {} is out of range", shorten(text)));
        if exponent.unsigned_abs() > MAX_EXPONENT.unsigned_abs() {
            return Err(out_of_range());
        }
        let places = i64::try_from(fraction.len()).map_err(|_| invalid())?;
        let number = normalise(negative, &format!("{whole}{fraction}"), exponent - places);
        // The exponent that it is written with must be one that can be read.
        match &number {
            Repr::Decimal(decimal) if (decimal.point() - 1).abs() > MAX_EXPONENT => Err(out_of_range()),
            _ => Ok(Self(number)),
        }
    }
}

/// `[+-]digits`; an exponent too long for `i64` is reported as one that is out of range.
fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(i64::MAX))
}

/// `digits` consists of ASCII digits only.
fn normalise(negative: bool, digits: &str, exponent: i64) -> Repr {
    let significant = digits.trim_start_matches('0');
    let trimmed = significant.trim_end_matches('0');
    if trimmed.is_empty() {
        return Repr::Integer(0);
    }
    let dropped = i64::try_from(significant.len() - trimmed.len()).unwrap_or(i64::MAX);
    let decimal =
        Decimal { negative, digits: trimmed.to_owned(), exponent: exponent.saturating_add(dropped) };
    // 19 digits are the most an i64 has.
    if decimal.exponent >= 0
        && decimal.point() <= 19
        && let Ok(integer) = decimal.to_string().parse()
    {
        return Repr::Integer(integer);
    }
    Repr::Decimal(decimal)
}

/// Quotes text for an error message without repeating a megabyte of it.
fn shorten(text: &str) -> String {
    const LIMIT: usize = 40;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        let zeros = |f: &mut fmt::Formatter<'_>, count: i64| (0..count).try_for_each(|_| f.write_str("0"));
        let point = self.point();
        if self.exponent >= 0 && point <= MAX_PLAIN_DIGITS {
            f.write_str(&self.digits)?;
            zeros(f, self.exponent)
        } else if point > 0 && self.exponent < 0 {
            let (whole, fraction) = self.digits.split_at(usize::try_from(point).unwrap_or(0));
            write!(f, "{whole}.{fraction}")
        } else if self.exponent < 0 && -point <= MAX_PLAIN_DIGITS {
            f.write_str("0.")?;
            zeros(f, -point)?;
            f.write_str(&self.digits)
        } else {
            let (first, rest) = self.digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            write!(f, "{first}{dot}{rest}e{}", point - 1)
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::NegativeInfinity => f.write_str("-inf"),
            Repr::PositiveInfinity => f.write_str("inf"),
            Repr::Integer(integer) => write!(f, "{integer}"),
            Repr::Decimal(decimal) => write!(f, "{decimal}"),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({self})")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        for spelling in ["1.5", "+1.5", "1.50", "01.5", "15e-1", "0.15E1", "150e-2"] {
            assert_eq!(number(spelling), Number::try_from(1.5).unwrap(), "{spelling}");
        }
        for spelling in ["0", "-0", "0.000", "0e9"] {
            assert_eq!(number(spelling), Number::from(0_i64), "{spelling}");
        }
    }

    #[test]
    fn a_tenth_is_a_tenth_however_it_arrives() {
        assert_eq!(Number::try_from(0.1).unwrap(), number("0.1"));
        assert_ne!(number("0.1"), number("0.1000000000000000055511151231257827"));
    }

    #[test]
    fn numbers_print_in_full_and_without_an_exponent() {
        assert_eq!(number("1e100").to_string(), format!("1{}", "0".repeat(100)));
        assert_eq!(number("-12.34e-3").to_string(), "-0.01234");
        assert_eq!(number("123.450").to_string(), "123.45");
        assert_eq!(number("12345678901234567890").to_string(), "12345678901234567890");
    }

    #[test]
    fn monstrous_numbers_print_with_an_exponent() {
        assert_eq!(number("1.25e1000").to_string(), "1.25e1000");
        assert_eq!(number("-3e-900").to_string(), "-3e-900");
        assert_eq!(number("1.25e1000"), number(&number("1.25e1000").to_string()));
    }

    #[test]
    fn only_binary_fractions_are_exact_floats() {
        assert_eq!(number("1.5").to_exact_f64(), Some(1.5));
        assert_eq!(number("-0.0078125").to_exact_f64(), Some(-0.007_812_5));
        assert_eq!(number("0.1").to_exact_f64(), None);
        assert_eq!(number("1.50000000000000000001").to_exact_f64(), None);
        assert_eq!(number("18446744073709551616").to_exact_f64(), None);
        let tiniest = format!("{:.1074}", f64::from_bits(1));
        assert_eq!(number(&tiniest).to_exact_f64(), Some(f64::from_bits(1)));
    }

    #[test]
    fn only_whole_numbers_in_range_are_integers() {
        assert_eq!(i64::try_from(&number("-9223372036854775808")), Ok(i64::MIN));
        assert_eq!(i64::try_from(&number("1e3")), Ok(1000));
        let error = i64::try_from(&number("1.5")).unwrap_err().to_string();
        assert!(error.contains("found 1.5"), "{error}");
        assert!(i64::try_from(&number("9223372036854775808")).is_err());
    }

    #[test]
    fn a_number_that_a_float_would_change_is_refused() {
        assert_eq!(f64::try_from(&number("0.1")), Ok(0.1));
        assert!(f64::try_from(&number("9007199254740993")).is_err());
        assert!(f64::try_from(&number("1e400")).is_err());
        assert!(f64::try_from(&number("0.1000000000000000000001")).is_err());
    }

    #[test]
    fn numbers_are_ordered_by_value() {
        let texts =
            ["-1e30", "-9223372036854775808", "-2.5", "-2", "0", "1e-9", "0.25", "3", "3.01", "10", "1e19"];
        let mut all: Vec<Number> = texts.iter().map(|text| number(text)).collect();
        all.insert(0, Number::try_from(f64::NEG_INFINITY).unwrap());
        all.push(Number::try_from(f64::INFINITY).unwrap());
        for (index, smaller) in all.iter().enumerate() {
            assert_eq!(smaller.cmp(smaller), Ordering::Equal);
            for larger in &all[index + 1..] {
                assert!(smaller < larger, "{smaller} < {larger}");
                assert!(larger > smaller, "{larger} > {smaller}");
            }
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in
            ["", "-", ".", "1.2.3", "1e", "e5", "0x10", "nan", "1_000", " 1", "1e99999999999999999999"]
        {
            assert!(text.parse::<Number>().is_err(), "{text:?}");
        }
        assert!(Number::try_from(f64::NAN).is_err());
    }

    #[test]
    fn a_long_text_is_not_repeated_in_the_error() {
        let error = "x".repeat(10_000).parse::<Number>().unwrap_err().to_string();
        assert!(error.len() < 100, "{error}");
    }
}
