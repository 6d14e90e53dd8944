#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;
use crate::{
    path::AttributePath,
    schema::{Attribute, Block, NestedBlock},
    value::{Number, Refinement, Type},
};

fn schema() -> Schema {
    let inner = || vec![Attribute::string("name").required(), Attribute::string("id").computed()];
    let block = || Block { attributes: inner(), ..Block::default() };
    Schema::new(0)
        .attribute(Attribute::string("plain").optional())
        .attribute(Attribute::string("open").optional().computed())
        .attribute(Attribute::string("result").computed())
        .attribute(Attribute::string("password").optional().sensitive())
        .attribute(Attribute::string("secret").optional().write_only())
        .attribute(Attribute::single_nested("one", inner()).optional())
        .attribute(Attribute::list_nested("list", inner()).optional())
        .attribute(Attribute::map_nested("map", inner()).optional())
        .attribute(Attribute::set_nested("set", inner()).optional())
        .attribute(Attribute::list("numbers", Type::Number).optional())
        .attribute(Attribute::dynamic("any").optional())
        .block(NestedBlock::single("single", block()))
        .block(NestedBlock::list("blocks", block()))
        .block(NestedBlock::map("labelled", block()))
        .block(NestedBlock::set("distinct", block()))
}

fn of<const N: usize>(set: [(&str, Value); N]) -> Value {
    let mut value = schema().empty_value();
    for (name, part) in set {
        value.set(&AttributePath::of(name), part).unwrap();
    }
    value
}

fn object(name: &str, id: Value) -> Value {
    Value::object([("name", name.into()), ("id", id)])
}

fn texts(errors: Vec<CheckError>) -> Vec<String> {
    errors.into_iter().map(|error| error.to_string()).collect()
}

/// Errors of a plan that differs from prior state and configuration in one attribute only.
fn plan(name: &str, prior: Value, config: Value, planned: Value) -> Vec<String> {
    let at = |value| of([(name, value)]);
    texts(assert_plan_valid(&schema(), &at(prior), &at(config), &at(planned)))
}

#[test]
fn a_configured_value_is_planned_as_configured_or_as_it_was() {
    assert!(plan("plain", "a".into(), "b".into(), "b".into()).is_empty());
    assert!(plan("plain", "a".into(), "A".into(), "a".into()).is_empty());
    let found = plan("plain", "a".into(), "b".into(), "c".into());
    assert_eq!(found, ["plain: planned \"c\", which is not the configured \"b\" nor the prior value \"a\""]);
    let found = plan("plain", Value::Null, "b".into(), Value::unknown());
    assert_eq!(found, ["plain: planned (known after apply), which is not the configured \"b\""]);
}

#[test]
fn only_computed_attributes_are_planned_without_configuration() {
    assert!(plan("open", Value::Null, Value::Null, Value::unknown()).is_empty());
    assert!(plan("result", "a".into(), Value::Null, "b".into()).is_empty());
    let found = plan("plain", "a".into(), Value::Null, "a".into());
    assert_eq!(found, ["plain: planned \"a\" for an attribute that is not computed and not set"]);
}

#[test]
fn write_only_values_are_never_planned() {
    assert!(plan("secret", Value::Null, "s".into(), Value::Null).is_empty());
    let found = plan("secret", Value::Null, "s".into(), "s".into());
    assert_eq!(found, ["secret: a write-only attribute must be planned null"]);
}

#[test]
fn refinements_are_ignored_in_plans() {
    let refined = Value::Unknown(Some(Box::new(Refinement { not_null: true, ..Refinement::default() })));
    assert!(plan("plain", Value::Null, refined, Value::unknown()).is_empty());
}

#[test]
fn a_plan_has_the_type_of_the_schema() {
    assert_eq!(plan("plain", Value::Null, "a".into(), 1.into()), ["plain: expected string, found a number"]);
}

#[test]
fn existence_is_for_the_configuration_to_decide() {
    let value = of([]);
    let null = Value::Null;
    assert!(assert_plan_valid(&schema(), &value, &null, &null).is_empty());
    let found = texts(assert_plan_valid(&schema(), &value, &null, &value));
    assert!(found[0].contains("to be destroyed"), "{found:?}");
    let found = texts(assert_plan_valid(&schema(), &value, &value, &null));
    assert!(found[0].contains("wants the resource"), "{found:?}");
}

#[test]
fn nested_attributes_follow_the_configuration_and_fill_in_results() {
    let configured = || object("a", Value::Null);
    let completed = || object("a", Value::unknown());
    let renamed = || object("b", Value::Null);
    let list = |element| Value::List(vec![element]);
    let map = |element| Value::map([("k", element)]);
    assert!(plan("one", Value::Null, configured(), completed()).is_empty());
    assert!(plan("list", Value::Null, list(configured()), list(completed())).is_empty());
    assert!(plan("map", Value::Null, map(configured()), map(completed())).is_empty());
    let tail = "planned \"b\", which is not the configured \"a\"";
    assert_eq!(plan("one", Value::Null, configured(), renamed()), [format!("one.name: {tail}")]);
    assert_eq!(
        plan("list", Value::Null, list(configured()), list(renamed())),
        [format!("list[0].name: {tail}")]
    );
    assert_eq!(
        plan("map", Value::Null, map(configured()), map(renamed())),
        [format!("map[\"k\"].name: {tail}")]
    );
}

#[test]
fn nested_attributes_are_neither_dropped_nor_left_unknown() {
    let configured = || object("a", Value::Null);
    assert!(plan("one", Value::Null, configured(), Value::Null)[0].contains("planned null"));
    assert!(plan("one", Value::Null, configured(), Value::unknown())[0].contains("unknown as a whole"));
    assert!(plan("one", Value::Null, Value::unknown(), configured())[0].contains("not known yet"));
    let found = plan("list", Value::Null, Value::List(vec![configured()]), Value::List(vec![]));
    assert_eq!(found, ["list: planned 0 elements, but the configuration has 1"]);
    let found =
        plan("map", Value::Null, Value::map([("a", configured())]), Value::map([("b", configured())]));
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn nested_sets_are_only_counted_and_unknown_elements_may_turn_out_equal() {
    let set = |names: &[&str]| Value::Set(names.iter().map(|name| object(name, Value::Null)).collect());
    assert!(plan("set", Value::Null, set(&["a"]), set(&["b"])).is_empty());
    assert!(plan("set", Value::Null, set(&["a"]), set(&["a", "b"]))[0].contains("planned 2 elements"));
    let open = Value::Set(vec![object("a", Value::unknown()), object("b", Value::unknown())]);
    assert!(plan("set", Value::Null, set(&["a"]), open.clone()).is_empty());
    let found = plan("set", Value::Null, set(&["a", "b", "c"]), open);
    assert_eq!(found, ["set: planned 2 elements, but the configuration has 3"]);
    assert!(plan("set", Value::Null, set(&["a", "a"]), set(&["b"])).is_empty());
}

#[test]
fn blocks_are_there_as_configured() {
    let one = || object("a", Value::Null);
    let completed = || object("a", Value::unknown());
    let list = |element| Value::List(vec![element]);
    assert!(plan("blocks", Value::Null, list(one()), list(completed())).is_empty());
    assert!(plan("single", Value::Null, one(), completed()).is_empty());
    assert!(
        plan("labelled", Value::Null, Value::map([("k", one())]), Value::map([("k", completed())]))
            .is_empty()
    );
    assert!(plan("distinct", Value::Null, Value::Set(vec![one()]), Value::Set(vec![completed()])).is_empty());
    let cases = [
        ("blocks", list(one()), Value::List(vec![]), "planned 0 elements"),
        ("blocks", Value::List(vec![]), Value::Null, "as an empty collection"),
        ("blocks", list(one()), list(Value::unknown()), "must be planned as an object"),
        ("blocks", list(one()), Value::unknown(), "unknown as a whole"),
        ("blocks", Value::unknown(), list(one()), "is not known yet"),
        ("single", Value::Null, one(), "does not have"),
        ("single", one(), Value::Null, "planned no block"),
        ("labelled", Value::map([("k", one())]), Value::map([("j", one())]), "is not in the plan"),
        ("distinct", Value::Set(vec![one()]), Value::Set(vec![]), "planned 0 elements"),
    ];
    for (name, config, planned, part) in cases {
        let found = plan(name, Value::Null, config, planned);
        assert!(found.first().is_some_and(|error| error.contains(part)), "{part}: {found:?}");
    }
}

/// Errors of a result that differs from the plan in one attribute only.
fn apply(name: &str, planned: Value, actual: Value) -> Vec<String> {
    texts(assert_apply_compatible(&schema(), &of([(name, planned)]), &of([(name, actual)])))
}

#[test]
fn what_was_known_stays_and_what_was_unknown_is_free() {
    assert!(apply("plain", "a".into(), "a".into()).is_empty());
    assert!(apply("open", Value::unknown(), "a".into()).is_empty());
    assert!(apply("open", Value::unknown(), Value::Null).is_empty());
    assert_eq!(apply("plain", "a".into(), "b".into()), ["plain: was planned \"a\", but is \"b\""]);
    assert_eq!(apply("plain", "a".into(), Value::Null), ["plain: was planned \"a\", but is null"]);
    assert_eq!(apply("plain", Value::Null, "b".into()), ["plain: was planned null, but is \"b\""]);
}

#[test]
fn spellings_of_a_number_are_the_same_value() {
    let float = Value::Number(Number::try_from(0.1).unwrap());
    let text = Value::Number("0.10".parse().unwrap());
    assert!(apply("numbers", Value::List(vec![text]), Value::List(vec![float])).is_empty());
}

#[test]
fn promises_about_unknown_values_are_kept() {
    let prefix = Refinement { string_prefix: Some("i-".into()), ..Refinement::default() };
    let planned = || Value::Unknown(Some(Box::new(prefix.clone())));
    assert!(apply("open", planned(), "i-1".into()).is_empty());
    assert_eq!(apply("open", planned(), "x".into()), ["open: \"x\" breaks a promise of the plan"]);
}

#[test]
fn nothing_is_unknown_after_apply() {
    assert_eq!(apply("open", Value::unknown(), Value::unknown()), ["open: is still unknown after apply"]);
    let list = |last| Value::List(vec![1.into(), last]);
    let found = apply("numbers", list(Value::unknown()), list(Value::unknown()));
    assert_eq!(found, ["numbers[1]: is still unknown after apply"]);
}

#[test]
fn write_only_values_are_never_stored() {
    assert_eq!(apply("secret", Value::Null, "s".into()).len(), 2);
}

#[test]
fn sensitive_values_are_not_shown() {
    let found = apply("password", "hunter1".into(), "hunter2".into());
    assert_eq!(found, ["password: the sensitive value differs from the planned one"]);
    let found = plan("password", Value::Null, "hunter1".into(), "hunter2".into());
    assert!(!found[0].contains("hunter"), "{found:?}");
}

#[test]
fn collections_keep_their_size_and_keys() {
    let list = |numbers: &[i64]| Value::List(numbers.iter().copied().map(Value::from).collect());
    assert!(
        apply("numbers", list(&[1]), list(&[1, 2]))[0].contains("1 elements were planned, but there are 2")
    );
    let map = |key: &str| Value::map([(key, object("a", "1".into()))]);
    assert_eq!(apply("map", map("a"), map("b")).len(), 2);
    assert_eq!(
        apply("list", Value::List(vec![object("a", "1".into())]), Value::List(vec![object("a", "2".into())])),
        ["list[0].id: was planned \"1\", but is \"2\""]
    );
}

#[test]
fn sets_may_shrink_by_elements_becoming_equal_but_not_grow() {
    let set = |ids: Vec<Value>| Value::Set(ids.into_iter().map(|id| object("a", id)).collect());
    let two_unknown = || Value::Set(vec![object("a", Value::unknown()), object("a", "1".into())]);
    assert!(apply("set", two_unknown(), set(vec!["1".into()])).is_empty());
    assert!(!apply("set", set(vec!["1".into()]), set(vec!["1".into(), "2".into()])).is_empty());
    assert!(!apply("set", set(vec!["1".into()]), set(vec![])).is_empty());
    assert!(!apply("distinct", set(vec!["1".into()]), set(vec!["2".into()])).is_empty());
    assert!(apply("distinct", set(vec![Value::unknown()]), set(vec!["2".into()])).is_empty());
}

#[test]
fn blocks_keep_their_number() {
    let list = |count| Value::List(vec![object("a", "1".into()); count]);
    assert_eq!(apply("blocks", list(1), list(2)), ["blocks: 1 blocks were planned, but there are 2"]);
    assert!(apply("blocks", Value::unknown(), list(2)).is_empty());
    assert_eq!(apply("single", object("a", "1".into()), Value::Null), ["single: was planned, but is absent"]);
    assert!(apply("single", Value::unknown(), Value::Null).is_empty());
    let map = |key: &str, id: &str| Value::map([(key, object("a", id.into()))]);
    assert_eq!(
        apply("labelled", map("k", "1"), map("k", "2")),
        ["labelled[\"k\"].id: was planned \"1\", but is \"2\""]
    );
}

#[test]
fn a_dynamic_value_keeps_its_type() {
    let text = || Value::dynamic(Type::String, "1".into());
    assert!(apply("any", text(), text()).is_empty());
    assert!(!apply("any", text(), Value::dynamic(Type::Number, 1.into())).is_empty());
}

#[test]
fn a_resource_does_not_vanish_or_appear() {
    let (value, null) = (of([]), Value::Null);
    assert_eq!(assert_apply_compatible(&schema(), &value, &null).len(), 1);
    assert_eq!(assert_apply_compatible(&schema(), &null, &value).len(), 1);
    assert!(assert_apply_compatible(&schema(), &null, &null).is_empty());
}

#[test]
fn a_second_plan_may_learn_but_not_change_its_mind() {
    let with = |value| of([("open", value)]);
    let check = |first, second| assert_replan_compatible(&schema(), &with(first), &with(second));
    assert!(check(Value::unknown(), Value::unknown()).is_empty());
    assert!(check(Value::unknown(), "a".into()).is_empty());
    assert_eq!(texts(check("a".into(), "b".into())), ["open: was planned \"a\", but is \"b\""]);
    assert_eq!(texts(check("a".into(), Value::unknown())), ["open: was planned \"a\", but is unknown now"]);
}

#[test]
fn core_proposes_the_configuration_with_prior_results() {
    let prior = of([
        ("plain", "p".into()),
        ("open", "o".into()),
        ("result", "r".into()),
        ("list", Value::List(vec![object("a", "1".into()), object("b", "2".into())])),
        ("set", Value::Set(vec![object("a", "1".into()), object("b", "2".into())])),
        ("labelled", Value::map([("k", object("a", "1".into()))])),
    ]);
    let config = of([
        ("secret", "s".into()),
        ("list", Value::List(vec![object("z", Value::Null)])),
        ("set", Value::Set(vec![object("b", Value::Null), object("c", Value::Null)])),
        ("labelled", Value::map([("j", object("a", Value::Null)), ("k", object("b", Value::Null))])),
    ]);
    let expected = of([
        ("open", "o".into()),
        ("result", "r".into()),
        ("secret", "s".into()),
        ("list", Value::List(vec![object("z", "1".into())])),
        ("set", Value::Set(vec![object("b", "2".into()), object("c", Value::Null)])),
        ("labelled", Value::map([("j", object("a", Value::Null)), ("k", object("b", "1".into()))])),
    ]);
    assert_eq!(proposed_new_state(&schema(), &prior, &config), expected);
    assert_eq!(proposed_new_state(&schema(), &prior, &Value::Null), Value::Null);
}

#[test]
fn core_does_not_keep_a_nested_object_that_was_configured() {
    let inner = vec![Attribute::string("name").optional(), Attribute::string("id").computed()];
    let schema = Schema::new(0).attribute(Attribute::single_nested("one", inner).optional().computed());
    let prior = |name| Value::object([("one", Value::object([("name", name), ("id", "1".into())]))]);
    let config = schema.empty_value();
    assert_eq!(proposed_new_state(&schema, &prior("a".into()), &config), config);
    assert_eq!(proposed_new_state(&schema, &prior(Value::Null), &config), prior(Value::Null));
}
