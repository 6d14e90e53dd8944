use super::*;
use crate::value::Number;

fn accepts(rule: &dyn Validator, value: &Value) -> bool {
    let mut diagnostics = Diagnostics::new();
    rule.validate(value, &AttributePath::of("a"), &mut diagnostics);
    diagnostics.is_empty()
}

fn message(rule: &dyn Validator, value: &Value) -> String {
    let mut diagnostics = Diagnostics::new();
    rule.validate(value, &AttributePath::of("a"), &mut diagnostics);
    diagnostics.into_iter().map(|one| one.detail).collect()
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap_or_default())
}

#[test]
fn a_message_has_path_rule_and_finding() {
    assert_eq!(message(&one_of(["x", "y"]), &"z".into()), "a must be one of: x, y; found \"z\".");
    assert_eq!(message(&between(1, 9), &10.into()), "a must be between 1 and 9; found 10.");
}

#[test]
fn numbers_are_whole_or_fit_a_float_or_lie_in_a_range() {
    assert!(accepts(&whole_number(), &7.into()) && !accepts(&whole_number(), &number("1.5")));
    assert!(accepts(&float(), &number("0.1")) && !accepts(&float(), &number("9007199254740993")));
    assert!(accepts(&at_least(3), &3.into()) && !accepts(&at_least(3), &number("2.9")));
    assert!(
        accepts(&between(1, 9), &Value::Number(Number::from(9_i64))) && !accepts(&between(1, 9), &0.into())
    );
}

#[test]
fn text_is_counted_in_characters() {
    assert!(accepts(&string_length(1..=2), &"éé".into()));
    assert!(!accepts(&string_length(1..=2), &"".into()));
    assert!(!accepts(&string_length(1..=2), &"abc".into()));
}

#[test]
fn text_matches_a_predicate_or_is_a_duration() {
    let tag = matches("begin with net-", |text| text.starts_with("net-"));
    assert!(accepts(&tag, &"net-1".into()) && !accepts(&tag, &"x".into()));
    assert_eq!(message(&tag, &"x".into()), "a must begin with net-; found \"x\".");
    assert!(accepts(&duration(), &"1h30m".into()) && !accepts(&duration(), &"soon".into()));
}

#[test]
fn unknown_elements_of_a_set_are_counted_in_favour_of_the_user() {
    let set = |elements: &[Value]| Value::Set(elements.to_vec());
    let (a, b, unknown) = (Value::from("a"), Value::from("b"), Value::unknown());
    assert!(accepts(&set_size(2..=3), &set(&[a.clone(), unknown.clone()])));
    assert!(accepts(&set_size(1..=1), &set(&[a.clone(), unknown.clone()])));
    assert!(!accepts(&set_size(3..=9), &set(&[a.clone(), unknown])));
    assert!(!accepts(&set_size(0..=1), &set(&[a, b])));
    assert!(!accepts(&set_size(1..=1), &set(&[])));
}

#[test]
fn elements_of_lists_and_maps_are_counted_as_they_are() {
    assert!(!accepts(&size(0..=1), &Value::List(vec![Value::unknown(), Value::unknown()])));
    assert!(accepts(&size(1..=usize::MAX), &Value::map([("k", Value::Null)])));
    assert!(!accepts(&size(1..=usize::MAX), &Value::map::<&str>([])));
}

#[test]
fn a_size_describes_itself() {
    let text = |range| size(range).describe();
    assert_eq!(text(0..=3), "have at most 3 elements");
    assert_eq!(text(1..=usize::MAX), "have at least 1 element(s)");
    assert_eq!(text(2..=2), "have exactly 2 element(s)");
    assert_eq!(text(2..=5), "have 2 to 5 elements");
}

#[test]
fn a_rule_for_elements_names_the_one_that_breaks_it() {
    let rule = each(one_of(["x"]));
    let list = Value::List(vec!["x".into(), Value::unknown(), Value::Null, "y".into()]);
    assert_eq!(message(&rule, &list), "a[3] must be one of: x; found \"y\".");
    assert_eq!(message(&rule, &Value::map([("k", "y".into())])), "a[\"k\"] must be one of: x; found \"y\".");
    assert_eq!(message(&rule, &Value::Set(vec!["y".into()])), "a[*] must be one of: x; found \"y\".");
}
