#![allow(clippy::unwrap_used, clippy::expect_used)]
use proptest::prelude::*;

use super::*;
use crate::{
    arbitrary,
    checks::{assert_apply_compatible, assert_plan_valid, assert_replan_compatible, proposed_new_state},
    schema::{Attribute, Block, NestedBlock, PlanBehaviorInput},
    value::Type,
};

/// Plans as core asks for it: with its own proposal.
fn plan(schema: &Schema, prior: &Value, config: &Value) -> PlanOutcome {
    default_plan(schema, prior, config, &proposed_new_state(schema, prior, config))
}

fn server() -> Schema {
    Schema::new(0)
        .attribute(Attribute::string("id").computed().use_state_for_unknown())
        .attribute(Attribute::string("name").required())
        .attribute(Attribute::string("zone").optional().requires_replace())
        .attribute(Attribute::int64("port").optional().computed().default_value(4000_i64))
        .attribute(Attribute::string("status").computed())
        .attribute(Attribute::set("subnets", Type::String).optional().computed().use_state_for_unknown())
        .attribute(Attribute::string("secret").optional().write_only())
}

/// A value of the schema in which everything not mentioned is null.
fn of<const N: usize>(schema: &Schema, set: [(&str, Value); N]) -> Value {
    let mut value = schema.empty_value();
    for (name, part) in set {
        value.set(&AttributePath::of(name), part).unwrap();
    }
    value
}

fn state() -> Value {
    of(
        &server(),
        [
            ("id", "i-1".into()),
            ("name", "a".into()),
            ("zone", "z1".into()),
            ("port", 4000.into()),
            ("status", "up".into()),
            ("subnets", Value::Set(vec!["s1".into()])),
        ],
    )
}

fn paths(outcome: &PlanOutcome) -> Vec<String> {
    outcome.requires_replace.iter().map(ToString::to_string).collect()
}

#[test]
fn a_new_resource_has_defaults_and_unknown_results() {
    let schema = server();
    let config = of(&schema, [("name", "a".into()), ("secret", "s".into())]);
    let outcome = plan(&schema, &Value::Null, &config);
    let expected = of(
        &schema,
        [
            ("id", Value::unknown()),
            ("name", "a".into()),
            ("port", 4000.into()),
            ("status", Value::unknown()),
            ("subnets", Value::unknown()),
        ],
    );
    assert_eq!(outcome.planned, expected);
    assert!(outcome.requires_replace.is_empty());
}

#[test]
fn without_a_change_the_plan_is_the_prior_state() {
    let schema = server();
    let config = of(&schema, [("name", "a".into()), ("zone", "z1".into()), ("secret", "another".into())]);
    let outcome = plan(&schema, &state(), &config);
    assert_eq!(outcome.planned, state());
    assert!(outcome.requires_replace.is_empty());
}

#[test]
fn a_change_makes_results_unknown_except_those_that_keep_their_value() {
    let schema = server();
    let config = of(&schema, [("name", "b".into()), ("zone", "z1".into())]);
    let outcome = plan(&schema, &state(), &config);
    let mut expected = state();
    expected.set(&AttributePath::of("name"), "b".into()).unwrap();
    expected.set(&AttributePath::of("status"), Value::unknown()).unwrap();
    assert_eq!(outcome.planned, expected);
    assert!(outcome.requires_replace.is_empty());
}

#[test]
fn an_argument_taken_out_goes_back_to_its_default() {
    let schema = server();
    let mut prior = state();
    prior.set(&AttributePath::of("port"), 5000.into()).unwrap();
    let config = of(&schema, [("name", "a".into()), ("zone", "z1".into())]);
    let outcome = plan(&schema, &prior, &config);
    assert_eq!(outcome.planned.attribute("port"), Some(&4000.into()));
    assert_eq!(outcome.planned.attribute("status"), Some(&Value::unknown()));
}

#[test]
fn replacement_is_demanded_where_the_value_changes_or_may_change() {
    let schema = server();
    for zone in ["z2".into(), Value::unknown(), Value::Null] {
        let config = of(&schema, [("name", "a".into()), ("zone", zone)]);
        assert_eq!(paths(&plan(&schema, &state(), &config)), ["zone"]);
    }
}

#[test]
fn a_destroy_is_planned_as_nothing() {
    let outcome = plan(&server(), &state(), &Value::Null);
    assert!(outcome.planned.is_null());
    assert!(outcome.requires_replace.is_empty());
}

#[test]
fn a_conditional_replacement_looks_at_the_whole_change() {
    let shrinks = |input: &PlanBehaviorInput<'_>| match (input.prior, input.planned) {
        (Value::Number(prior), Value::Number(planned)) => planned < prior,
        _ => false,
    };
    let schema = Schema::new(0).attribute(Attribute::int64("size").required().requires_replace_if(shrinks));
    let size = |size: i64| of(&schema, [("size", size.into())]);
    assert_eq!(paths(&plan(&schema, &size(10), &size(5))), ["size"]);
    assert!(paths(&plan(&schema, &size(5), &size(10))).is_empty());
}

fn nested() -> Schema {
    let inner = || {
        vec![
            Attribute::string("key").required().requires_replace(),
            Attribute::string("mode").optional().computed().default_value("fast"),
            Attribute::string("id").computed().use_state_for_unknown(),
            Attribute::string("note").optional(),
            Attribute::string("secret").optional().write_only(),
        ]
    };
    let in_set = || inner().into_iter().filter(|attribute| !attribute.write_only).collect();
    Schema::new(0)
        .attribute(Attribute::single_nested("one", inner()).optional())
        .attribute(Attribute::list_nested("list", inner()).optional())
        .attribute(Attribute::map_nested("map", inner()).optional())
        .attribute(Attribute::set_nested("set", in_set()).optional())
        .block(NestedBlock::list("block", Block { attributes: inner(), ..Block::default() }))
}

fn element(key: &str, note: Value, mode: Value, id: Value) -> Value {
    Value::object([("key", key.into()), ("note", note), ("mode", mode), ("id", id), ("secret", Value::Null)])
}

fn without_secret(element: Value) -> Value {
    let Value::Object(mut attributes) = element else { unreachable!("elements are objects") };
    attributes.remove("secret");
    Value::Object(attributes)
}

/// One element at every place of the nested schema.
fn everywhere(element: Value) -> Value {
    Value::object([
        ("one", element.clone()),
        ("list", Value::List(vec![element.clone()])),
        ("map", Value::map([("k", element.clone())])),
        ("set", Value::Set(vec![without_secret(element.clone())])),
        ("block", Value::List(vec![element])),
    ])
}

#[test]
fn the_rules_reach_into_every_kind_of_nesting() {
    let schema = nested();
    let mut configured = element("a", Value::Null, Value::Null, Value::Null);
    configured.set(&AttributePath::of("secret"), "s".into()).unwrap();
    let outcome = plan(&schema, &Value::Null, &everywhere(configured));
    let expected = everywhere(element("a", Value::Null, "fast".into(), Value::unknown()));
    assert_eq!(outcome.planned, expected);
}

#[test]
fn nested_results_keep_their_prior_value_where_they_should() {
    let schema = nested();
    let prior = everywhere(element("a", Value::Null, "fast".into(), "i-1".into()));
    let config = everywhere(element("a", "changed".into(), Value::Null, Value::Null));
    let outcome = plan(&schema, &prior, &config);
    let mut expected = everywhere(element("a", "changed".into(), "fast".into(), "i-1".into()));
    // Another note makes another element of a set, of which nothing is known.
    let new = without_secret(element("a", "changed".into(), "fast".into(), Value::unknown()));
    expected.set(&AttributePath::of("set"), Value::Set(vec![new])).unwrap();
    assert_eq!(outcome.planned, expected);
    assert!(outcome.requires_replace.is_empty());
}

#[test]
fn an_element_of_a_set_that_stays_keeps_its_results() {
    let schema = nested();
    let object = |key: &str, mode: Value, id: Value| without_secret(element(key, Value::Null, mode, id));
    let value = |elements| of(&schema, [("set", Value::Set(elements))]);
    let prior = value(vec![object("a", "fast".into(), "i-a".into())]);
    let config = value(vec![object("b", Value::Null, Value::Null), object("a", Value::Null, Value::Null)]);
    let outcome = plan(&schema, &prior, &config);
    let expected =
        value(vec![object("a", "fast".into(), "i-a".into()), object("b", "fast".into(), Value::unknown())]);
    assert_eq!(outcome.planned, expected);
}

#[test]
fn replacement_inside_collections_is_told_by_element_but_for_sets() {
    let schema = nested();
    let prior = everywhere(element("a", Value::Null, "fast".into(), "i-1".into()));
    let config = everywhere(element("b", Value::Null, Value::Null, Value::Null));
    let outcome = plan(&schema, &prior, &config);
    assert_eq!(paths(&outcome), ["block[0].key", "list[0].key", "map[\"k\"].key", "one.key", "set"]);
}

#[test]
fn removing_a_nested_object_counts_as_a_change_inside_it() {
    let schema = nested();
    let object = element("a", Value::Null, "fast".into(), "i-1".into());
    let prior = of(&schema, [("one", object.clone()), ("list", Value::List(vec![object]))]);
    let outcome = plan(&schema, &prior, &of(&schema, [("list", Value::List(vec![]))]));
    assert_eq!(paths(&outcome), ["list[0].key", "one.key"]);
}

#[test]
fn a_nested_object_left_to_the_provider_is_unknown_as_a_whole() {
    let inner = vec![Attribute::string("host").computed()];
    let schema = Schema::new(0)
        .attribute(Attribute::string("name").required())
        .attribute(Attribute::single_nested("endpoint", inner).computed());
    let outcome = plan(&schema, &Value::Null, &of(&schema, [("name", "a".into())]));
    assert_eq!(outcome.planned.attribute("endpoint"), Some(&Value::unknown()));
}

/// A schema, a first and a second configuration, and a state that came of the first.
fn history() -> impl Strategy<Value = (Schema, Value, Value, Value)> {
    arbitrary::schema().prop_flat_map(|schema| {
        let configs = (arbitrary::known_config(&schema), arbitrary::config(&schema));
        (Just(schema), configs).prop_flat_map(|(schema, (first, second))| {
            let planned = plan(&schema, &Value::Null, &first).planned;
            let state = arbitrary::applied(&schema, &planned);
            (Just(schema), Just(first), Just(second), state)
        })
    })
}

proptest! {

    #[test]
    fn core_accepts_every_generic_plan((schema, first, second, state) in history()) {
        for (prior, config) in [(&Value::Null, &first), (&Value::Null, &second), (&state, &first), (&state, &second)] {
            let planned = plan(&schema, prior, config).planned;
            prop_assert_eq!(assert_plan_valid(&schema, prior, config, &planned), vec![]);
            prop_assert_eq!(assert_replan_compatible(&schema, &planned, &planned), vec![]);
        }
    }

    #[test]
    fn after_apply_the_plan_is_empty((schema, config, _, state) in history()) {
        let planned = plan(&schema, &Value::Null, &config).planned;
        prop_assert_eq!(assert_apply_compatible(&schema, &planned, &state), vec![]);
        let again = plan(&schema, &state, &config);
        prop_assert_eq!(again.planned, state);
        prop_assert!(again.requires_replace.is_empty());
    }

    #[test]
    fn reasons_for_replacement_are_sorted_distinct_and_real((schema, _, config, state) in history()) {
        let outcome = plan(&schema, &state, &config);
        for pair in outcome.requires_replace.windows(2) {
            prop_assert!(pair[0] < pair[1]);
        }
        for path in &outcome.requires_replace {
            let (before, after) = (state.get(path), outcome.planned.get(path));
            prop_assert!(before.is_some() || after.is_some(), "{} is nowhere", path);
            prop_assert_ne!(before, after);
        }
    }
}
