#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;

fn set(elements: impl IntoIterator<Item = i64>) -> Value {
    Value::Set(elements.into_iter().map(Value::from).collect())
}

fn refined(prefix: &str) -> Value {
    let refinement = Refinement { string_prefix: Some(prefix.into()), ..Refinement::default() };
    Value::Unknown(Some(Box::new(refinement)))
}

#[test]
fn sets_are_equal_whatever_their_order_and_duplicates() {
    assert_eq!(set([1, 2, 3]), set([3, 1, 2, 1]));
    assert_ne!(set([1, 2]), set([1, 2, 3]));
    assert_eq!(Value::Set(vec![set([1, 2]), set([3])]), Value::Set(vec![set([3]), set([2, 1])]));
}

#[test]
fn unknown_elements_of_a_set_are_kept_apart() {
    let unknown = |count| Value::Set(vec![Value::unknown(); count]);
    assert_ne!(unknown(1), unknown(2));
    assert_eq!(set_size(&[Value::unknown(), 1.into(), 1.into()]), 1..=2);
    assert_eq!(set_size(&[1.into(), 1.into()]), 1..=1);
    assert_eq!(set_size(&[]), 0..=0);
}

#[test]
fn lists_are_equal_only_in_the_same_order() {
    let list = |elements: [i64; 2]| Value::List(elements.map(Value::from).to_vec());
    assert_ne!(list([1, 2]), list([2, 1]));
    assert!(list([1, 2]) < list([2, 1]));
}

#[test]
fn refinements_matter_to_equality_but_not_to_unrefined_equality() {
    assert_ne!(refined("a"), Value::unknown());
    assert!(refined("a").eq_unrefined(&Value::unknown()));
    let one = Value::Set(vec![refined("a")]);
    let other = Value::Set(vec![refined("b")]);
    assert!(one.eq_unrefined(&other));
    assert_ne!(one, other);
}

#[test]
fn kinds_never_mix() {
    assert_ne!(Value::List(vec![]), Value::Set(vec![]));
    assert_ne!(Value::Null, Value::unknown());
    assert_ne!(Value::from("1"), Value::from(1));
    assert_ne!(Value::from("1"), Value::dynamic(Type::String, "1".into()));
}

#[test]
fn text_is_compared_in_normal_form() {
    assert_eq!(Value::from("e\u{301}"), Value::from("\u{e9}"));
}

#[test]
fn parts_are_found_and_replaced_by_path() {
    let mut value = Value::object([
        ("net", Value::object([("tags", Value::map([("team", Value::from("db"))]))])),
        ("zones", Value::List(vec!["a".into(), "b".into()])),
        ("any", Value::dynamic(Type::list(Type::Number), Value::List(vec![1.into()]))),
        ("ids", set([1])),
    ]);
    let team = AttributePath::from("net.tags").key("team");
    assert_eq!(value.get(&team), Some(&"db".into()));
    assert_eq!(value.set(&team, "web".into()), Some("db".into()));
    assert_eq!(value.get(&team), Some(&"web".into()));
    assert_eq!(value.get(&AttributePath::of("zones").index(1)), Some(&"b".into()));
    assert_eq!(value.get(&AttributePath::of("any").index(0)), Some(&1.into()));
    assert_eq!(value.get(&AttributePath::of("ids").element()), None);
    assert_eq!(value.set(&AttributePath::of("zones").index(2), "c".into()), None);
    assert_eq!(value.get(&AttributePath::of("zones").then(Step::Index(-1))), None);
    assert_eq!(value.get(&AttributePath::root()), Some(&value));
}

#[test]
fn a_walk_visits_outer_parts_first_and_leaves_out_what_it_is_told() {
    let value = Value::object([
        ("a", Value::object([("b", 1.into())])),
        ("c", Value::Set(vec![2.into()])),
        ("d", Value::dynamic(Type::String, "x".into())),
    ]);
    let mut seen = Vec::new();
    value.walk(|path, _| {
        seen.push(path.to_string());
        path.to_string() != "a"
    });
    assert_eq!(seen, ["(root)", "a", "c", "c[*]", "d"]);
}

#[test]
fn an_unknown_deep_inside_makes_the_whole_not_wholly_known() {
    let value = |inner| Value::object([("a", Value::map([("k", Value::List(vec![inner]))]))]);
    assert!(value(Value::Null).is_wholly_known());
    assert!(!value(Value::unknown()).is_wholly_known());
    assert!(!value(Value::dynamic(Type::String, Value::unknown())).is_wholly_known());
}

#[test]
fn a_dynamic_null_is_null_with_or_without_a_type() {
    assert!(Value::dynamic(Type::String, Value::Null).is_null());
    assert!(matches!(Value::dynamic(Type::Dynamic, Value::Null), Value::Null));
    assert!(Value::dynamic(Type::String, Value::unknown()).is_unknown());
}
