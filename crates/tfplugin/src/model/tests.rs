#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;
use crate::value::Type;

model! {
    /// An inner object; an element of sets.
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    struct Rule {
        /// Where.
        port: Attr<i64>,
        /// How.
        r#type: Attr<String>,
    }

    /// An outer object with every kind of field.
    #[derive(PartialEq)]
    struct Everything {
        flag: Attr<bool>,
        ratio: Attr<f64>,
        exact: Attr<Number>,
        name: String,
        zones: Attr<Vec<Attr<String>>>,
        rules: Attr<BTreeSet<Rule>>,
        tags: BTreeMap<String, Attr<String>>,
        owner: Option<Rule>,
        anything: Value,
    }
}

fn rule(port: i64) -> Rule {
    Rule { port: port.into(), r#type: "tcp".into() }
}

fn everything() -> Everything {
    Everything {
        flag: Attr::Unknown,
        ratio: 0.5.into(),
        exact: Number::from(7_i64).into(),
        name: "n".into(),
        zones: vec!["a".into(), Attr::Unknown, Attr::Null].into(),
        rules: BTreeSet::from([rule(1), rule(2)]).into(),
        tags: BTreeMap::from([("team".to_owned(), Attr::Null)]),
        owner: Some(rule(3)),
        anything: Value::dynamic(Type::Bool, true.into()),
    }
}

#[test]
fn a_model_comes_back_from_its_value_unchanged() {
    let model = everything();
    assert_eq!(Everything::from_root(&model.to_value()), Ok(model));
    let empty = Everything::default();
    assert_eq!(Everything::from_root(&empty.to_value()), Ok(empty));
}

#[test]
fn a_raw_identifier_stands_for_the_plain_name() {
    assert_eq!(rule(1).to_value().attribute("type"), Some(&"tcp".into()));
}

fn error(value: &Value) -> String {
    Everything::from_root(value).unwrap_err().to_string()
}

fn with(path: &AttributePath, replacement: Value) -> Value {
    let mut value = everything().to_value();
    value.set(path, replacement).unwrap();
    value
}

#[test]
fn a_value_of_another_kind_is_an_error_with_its_path() {
    let found = error(&with(&AttributePath::of("flag"), "yes".into()));
    assert_eq!(found, "flag: expected a bool, found a string");
    let found = error(&with(&AttributePath::from("owner.port"), "x".into()));
    assert_eq!(found, "owner.port: expected a number, found a string");
    let found = error(&with(&AttributePath::of("zones").index(1), 1.into()));
    assert_eq!(found, "zones[1]: expected a string, found a number");
    let found = error(&with(&AttributePath::of("tags").key("team"), 1.into()));
    assert_eq!(found, "tags[\"team\"]: expected a string, found a number");
    let found = error(&with(&AttributePath::of("rules"), Value::Set(vec![1.into()])));
    assert_eq!(found, "rules[*]: expected an object, found a number");
}

#[test]
fn null_and_unknown_are_errors_where_the_field_has_no_room_for_them() {
    assert_eq!(error(&with(&AttributePath::of("name"), Value::Null)), "name: expected a string, found null");
    let found = error(&with(&AttributePath::of("owner"), Value::unknown()));
    assert_eq!(found, "owner: expected an object, found an unknown value");
}

#[test]
fn a_fraction_is_no_integer() {
    let found = error(&with(&AttributePath::from("owner.port"), Number::try_from(1.5).unwrap().into()));
    assert!(found.starts_with("owner.port: expected a whole number"), "{found}");
}

#[test]
fn a_missing_attribute_and_one_too_many_are_named() {
    let Value::Object(mut attributes) = rule(1).to_value() else { unreachable!("models are objects") };
    attributes.insert("extra".into(), Value::Null);
    let found = Rule::from_value(&Value::Object(attributes.clone()), &AttributePath::of("rule")).unwrap_err();
    assert!(found.to_string().ends_with("no field for: extra"), "{found}");
    attributes.remove("port");
    let found = Rule::from_value(&Value::Object(attributes), &AttributePath::of("rule")).unwrap_err();
    assert_eq!(found.to_string(), "rule: the model has a field port, but the schema has no such attribute");
}

#[test]
fn a_float_that_is_not_a_number_is_null() {
    assert_eq!(f64::NAN.to_value(), Value::Null);
}
