//! The `timeouts` attribute and the durations in it.
//!
//! The protocol has no deadlines of its own: by convention a resource has an optional nested attribute `timeouts` with
//! one duration per operation, in the syntax of Go's `time.ParseDuration`.

use std::time::Duration;

use crate::schema::{Attribute, validators};

/// Units of the syntax, in nanoseconds, longest spelling first among those that begin alike.
const UNITS: [(&str, u128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000), // U+00B5, micro sign
    ("μs", 1_000), // U+03BC, Greek letter mu
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
];

/// Longest duration accepted: that of a signed 64-bit count of nanoseconds, as in Go.
const MAX_NANOS: u128 = i64::MAX as u128;

/// Parses a duration in the syntax of Go: one or more decimal numbers with a unit, such as `300ms`, `1.5h` or
/// `2h45m`; units are ns, us (or µs), ms, s, m and h. Zero may go without a unit. A negative duration is refused.
///
/// # Errors
/// A sentence that says what is wrong with the text.
///
/// ```
/// use std::time::Duration;
/// use tfplugin::timeouts::parse_duration;
///
/// assert_eq!(parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
/// assert_eq!(parse_duration("30").unwrap_err(), "\"30\" lacks a unit; write it like \"30m\" or \"1h30m\"");
/// ```
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let hint = "write it like \"30m\" or \"1h30m\"";
    let invalid = || format!("{text:?} is not a duration; {hint}");
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Ok(Duration::ZERO);
    }
    if rest.starts_with('-') {
        return Err(format!("{text:?} is a negative duration; {hint}"));
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let (whole, after) = split_digits(rest);
        let (fraction, after) = after.strip_prefix('.').map_or(("", after), split_digits);
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let scale = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, scale)| *scale);
        let scale = scale.ok_or_else(|| match unit {
            "" => format!("{text:?} lacks a unit; {hint}"),
            unit => format!("{text:?} has an unknown unit {unit:?}; {hint}"),
        })?;
        let nanos = to_nanos(whole, fraction, scale).and_then(|nanos| total.checked_add(nanos));
        total = nanos
            .filter(|total| *total <= MAX_NANOS)
            .ok_or_else(|| format!("{text:?} is too long a duration"))?;
        rest = after;
    }
    let nanos = u64::try_from(total).map_err(|_| invalid())?;
    Ok(Duration::from_nanos(nanos))
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// `whole.fraction` times `scale`; what is left below a nanosecond is dropped. None on overflow.
fn to_nanos(whole: &str, fraction: &str, scale: u128) -> Option<u128> {
    let number = |digits: &str| {
        if digits.is_empty() { Some(0) } else { digits.parse::<u128>().ok() }
    };
    // 18 digits of an hour are far below a nanosecond, and their product with any scale fits.
    let fraction = &fraction[..fraction.len().min(18)];
    let parts = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let below = number(fraction)?.checked_mul(scale)? / parts;
    number(whole)?.checked_mul(scale)?.checked_add(below)
}

/// A duration in the syntax of [`parse_duration`], in hours, minutes and seconds: `1h30m`, `45s`, `1.5s`.
pub fn format_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let rest = Duration::new(seconds % 60, duration.subsec_nanos());
    let mut text = String::new();
    if hours > 0 {
        text.push_str(&format!("{hours}h"));
    }
    if minutes > 0 {
        text.push_str(&format!("{minutes}m"));
    }
    if !rest.is_zero() || text.is_empty() {
        let fraction = format!("{:09}", rest.subsec_nanos());
        let fraction = fraction.trim_end_matches('0');
        let dot = if fraction.is_empty() { "" } else { "." };
        text.push_str(&format!("{}{dot}{fraction}s", rest.as_secs()));
    }
    text
}

/// The optional nested attribute `timeouts`, with an optional duration for each of these operations (`create`,
/// `read`, `update`, `delete`) and its default, which is documented but not planned.
///
/// ```
/// use std::time::Duration;
/// use tfplugin::{Attr, Schema, model, timeouts::timeouts_attribute};
///
/// model! {
///     struct Timeouts {
///         create: Attr<String>,
///         delete: Attr<String>,
///     }
/// }
///
/// let minutes = |count: u64| Duration::from_secs(60 * count);
/// let schema = Schema::new(0).attribute(timeouts_attribute(&[("create", minutes(30)), ("delete", minutes(10))]));
/// ```
pub fn timeouts_attribute(operations: &[(&str, Duration)]) -> Attribute {
    let attributes = operations.iter().map(|(operation, default)| {
        let default = format_duration(*default);
        Attribute::string(*operation).optional().validate(validators::duration()).description(format!(
            "Time limit for {operation}, such as `30m` or `1h30m`. Default: `{default}`."
        ))
    });
    Attribute::single_nested("timeouts", attributes.collect())
        .optional()
        .description("How long operations may take.")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        let cases = [
            ("0", 0),
            ("30m", 1_800_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("2h45m10s", 9_910_000_000_000),
            ("1.5h", 5_400_000_000_000),
            (".5s", 500_000_000),
            ("1.s", 1_000_000_000),
            ("+5s", 5_000_000_000),
            ("100ns", 100),
            ("1us", 1_000),
            ("1µs", 1_000),
            ("1μs", 1_000),
            ("3ms", 3_000_000),
            ("0.000000001s", 1),
            ("1.0000000019s", 1_000_000_001),
            ("0.3333333333333333333h", 1_199_999_999_999),
            ("1h1h", 7_200_000_000_000),
        ];
        for (text, nanos) in cases {
            assert_eq!(parse_duration(text), Ok(Duration::from_nanos(nanos)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_with_an_example() {
        for text in ["", "30", "m", "1 h", "1x", "-5m", "1h-5m", ".", ".s", "+", "1e3s", "30 m", "5m "] {
            let error = parse_duration(text).unwrap_err();
            assert!(error.contains("30m"), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_duration_beyond_64_bits_of_nanoseconds_is_refused() {
        assert_eq!(parse_duration("9223372036854775807ns"), Ok(Duration::from_nanos(i64::MAX as u64)));
        assert!(parse_duration("9223372036854775808ns").is_err());
        assert!(parse_duration("9999999h").is_err());
        assert!(parse_duration(&format!("{}h", "9".repeat(100))).is_err());
    }

    #[test]
    fn formatted_durations_parse_back() {
        let cases =
            [(0, "0s"), (45_000, "45s"), (1_500, "1.5s"), (1_800_000, "30m"), (5_410_000, "1h30m10s")];
        for (millis, text) in cases {
            let duration = Duration::from_millis(millis);
            assert_eq!(format_duration(duration), text);
            assert_eq!(parse_duration(text), Ok(duration));
        }
    }

    #[test]
    fn the_timeouts_attribute_documents_its_defaults_and_validates() {
        let attribute = timeouts_attribute(&[("create", Duration::from_secs(1800))]);
        let (_, contents) = attribute.nested().unwrap();
        assert_eq!(contents.attributes[0].name, "create");
        assert!(contents.attributes[0].description.contains("Default: `30m`"));
        assert_eq!(contents.attributes[0].validators.len(), 1);
        assert!(attribute.optional && !attribute.computed);
    }
}
