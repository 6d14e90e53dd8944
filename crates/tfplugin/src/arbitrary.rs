//! Generators for property tests: types, values of a type, schemas, and configurations and states of a schema.

use proptest::{collection, option, prelude::*};

use crate::{
    schema::{Attribute, AttributeKind, Block, BlockNesting, Contents, NestedBlock, Nesting, Schema},
    value::{Bound, Number, Refinement, Type, Value},
};

/// Which states of a value to generate.
#[derive(Clone, Copy, Debug, PartialEq)]
enum States {
    /// Null and known.
    Known,
    /// Null, known and unknown.
    Any,
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,3}"
}

fn number() -> BoxedStrategy<Number> {
    let decimal = "-?[0-9]{1,30}(\\.[0-9]{1,30})?(e-?[0-9]{1,3})?".prop_map(|text| text.parse::<Number>());
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        (-3_i64..3).prop_map(Number::from),
        proptest::num::f64::NORMAL.prop_filter_map("NaN", |float| Number::try_from(float).ok()),
        decimal.prop_filter_map("not a number", Result::ok),
    ]
    .boxed()
}

fn static_type() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::Bool), Just(Type::Number), Just(Type::String)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(Type::list),
            inner.clone().prop_map(Type::set),
            inner.clone().prop_map(Type::map),
            collection::vec(inner.clone(), 0..3).prop_map(Type::Tuple),
            collection::btree_map(name(), inner, 0..3).prop_map(Type::Object),
        ]
    })
}

/// Any type, with `dynamic` where Terraform allows it: not as an element of collections.
pub(crate) fn ty() -> BoxedStrategy<Type> {
    let open = prop_oneof![4 => static_type(), 1 => Just(Type::Dynamic)].boxed();
    prop_oneof![
        4 => open.clone(),
        1 => collection::btree_map(name(), open, 0..4).prop_map(Type::Object),
    ]
    .boxed()
}

/// A type and a value of it, any part of which may be null or unknown.
pub(crate) fn typed_value() -> BoxedStrategy<(Type, Value)> {
    typed(States::Any)
}

/// A type and a value of it, any part of which may be null.
pub(crate) fn typed_known_value() -> BoxedStrategy<(Type, Value)> {
    typed(States::Known)
}

fn typed(states: States) -> BoxedStrategy<(Type, Value)> {
    ty().prop_flat_map(move |ty| (Just(ty.clone()), value(&ty, states))).boxed()
}

fn refinement(ty: &Type) -> BoxedStrategy<Refinement> {
    let not_null = any::<bool>();
    match ty {
        Type::String => (not_null, option::of("[a-z-]{1,6}"))
            .prop_map(|(not_null, string_prefix)| Refinement {
                not_null,
                string_prefix,
                ..Refinement::default()
            })
            .boxed(),
        Type::Number => (not_null, option::of((number(), any::<bool>())))
            .prop_map(|(not_null, bound)| Refinement {
                not_null,
                number_lower: bound.map(|(value, inclusive)| Bound { value, inclusive }),
                ..Refinement::default()
            })
            .boxed(),
        Type::List(_) | Type::Set(_) | Type::Map(_) => (not_null, option::of(0..5_u64))
            .prop_map(|(not_null, length_upper)| Refinement {
                not_null,
                length_upper,
                ..Refinement::default()
            })
            .boxed(),
        _ => not_null.prop_map(|not_null| Refinement { not_null, ..Refinement::default() }).boxed(),
    }
}

fn unknown(ty: &Type) -> BoxedStrategy<Value> {
    let refined = refinement(ty)
        .prop_map(|refinement| Value::Unknown((!refinement.is_empty()).then(|| Box::new(refinement))));
    prop_oneof![Just(Value::unknown()), refined].boxed()
}

fn value(ty: &Type, states: States) -> BoxedStrategy<Value> {
    let set = set_value(ty, states);
    match states {
        States::Known => prop_oneof![4 => set, 1 => Just(Value::Null)].boxed(),
        States::Any => prop_oneof![4 => set, 1 => Just(Value::Null), 1 => unknown(ty)].boxed(),
    }
}

/// A value that is neither null nor unknown as a whole.
fn set_value(ty: &Type, states: States) -> BoxedStrategy<Value> {
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Number => number().prop_map(Value::Number).boxed(),
        Type::String => prop_oneof!["[a-c]{0,2}", "\\PC{0,8}"].prop_map(Value::from).boxed(),
        Type::Dynamic => {
            let of_type = move |ty: Type| {
                let value = value(&ty, states);
                value.prop_map(move |value| Value::dynamic(ty.clone(), value))
            };
            static_type().prop_flat_map(of_type).boxed()
        }
        Type::List(element) => collection::vec(value(element, states), 0..4).prop_map(Value::List).boxed(),
        Type::Set(element) => collection::vec(value(element, states), 0..4).prop_map(Value::Set).boxed(),
        Type::Map(element) => {
            collection::btree_map("[a-zé]{0,3}", value(element, states), 0..4).prop_map(Value::Map).boxed()
        }
        Type::Tuple(types) => {
            let elements: Vec<_> = types.iter().map(|ty| value(ty, states)).collect();
            elements.prop_map(Value::Tuple).boxed()
        }
        Type::Object(types) => {
            let attributes: Vec<_> =
                types.iter().map(|(name, ty)| (Just(name.clone()), value(ty, states))).collect();
            attributes.prop_map(Value::object).boxed()
        }
    }
}

/// Attributes of a resource: every combination of flags that a schema may have.
fn attribute(depth: u32) -> BoxedStrategy<Attribute> {
    let plain = (name(), static_type()).prop_map(|(name, ty)| Attribute::of_type(name, ty));
    let kind = if depth == 0 {
        plain.boxed()
    } else {
        let inner = || (name(), collection::vec(attribute(depth - 1), 1..4).prop_map(distinct));
        prop_oneof![
            4 => plain,
            1 => inner().prop_map(|(name, inner)| Attribute::single_nested(name, inner)),
            1 => inner().prop_map(|(name, inner)| Attribute::list_nested(name, inner)),
            1 => inner().prop_map(|(name, inner)| Attribute::map_nested(name, inner)),
        ]
        .boxed()
    };
    let flagged = kind.prop_flat_map(|attribute| {
        let ty = attribute.implied_type();
        let default = set_value(&ty, States::Known);
        let base = || Just(attribute.clone());
        prop_oneof![
            base().prop_map(Attribute::required),
            base().prop_map(Attribute::optional),
            base().prop_map(Attribute::computed),
            base().prop_map(|attribute| attribute.computed().use_state_for_unknown()),
            base().prop_map(|attribute| computable(attribute).optional()),
            base().prop_map(|attribute| computable(attribute).optional().use_state_for_unknown()),
            (base(), default).prop_map(|(attribute, default)| {
                let is_plain = matches!(attribute.kind, AttributeKind::Plain(_));
                let attribute = computable(attribute).optional();
                if is_plain { attribute.default_value(default) } else { attribute }
            }),
        ]
    });
    (flagged, any::<bool>())
        .prop_map(|(attribute, replaces)| if replaces { attribute.requires_replace() } else { attribute })
        .boxed()
}

/// The attribute with all that is inside it computed. A provider that fills in what it cannot compute, inside an object
/// that the user left out, makes core propose the removal of that object at every plan.
fn computable(mut attribute: Attribute) -> Attribute {
    if let AttributeKind::Nested(_, inner) = &mut attribute.kind {
        *inner = inner
            .drain(..)
            .map(|mut inner| {
                inner.optional |= inner.required;
                inner.required = false;
                computable(inner)
            })
            .collect();
    }
    attribute.computed()
}

/// Attributes with each name once.
fn distinct(attributes: Vec<Attribute>) -> Vec<Attribute> {
    let mut kept: Vec<Attribute> = Vec::new();
    for attribute in attributes {
        if kept.iter().all(|other| other.name != attribute.name) {
            kept.push(attribute);
        }
    }
    kept
}

/// A schema of a resource. Sets of objects are left out: their elements are correlated by a heuristic.
pub(crate) fn schema() -> BoxedStrategy<Schema> {
    let nestings = prop_oneof![
        Just(BlockNesting::Single),
        Just(BlockNesting::Group),
        Just(BlockNesting::List),
        Just(BlockNesting::Map),
    ];
    let block = (nestings, collection::vec(attribute(0), 0..3).prop_map(distinct));
    (collection::vec(attribute(2), 1..5).prop_map(distinct), option::of(block))
        .prop_map(|(attributes, block)| {
            let mut schema = Schema::new(0);
            schema.block.attributes = attributes;
            if let Some((nesting, attributes)) = block {
                let block = Block { attributes, ..Block::default() };
                let block = NestedBlock { nesting, ..NestedBlock::single("a_nested_block", block) };
                schema = schema.block(block);
            }
            schema
        })
        .boxed()
}

/// A configuration that core would send for this schema: what only the provider computes is null, what is required is
/// set. Parts may be unknown.
pub(crate) fn config(schema: &Schema) -> BoxedStrategy<Value> {
    object_config(schema.block.contents(), States::Any)
}

/// As [`config`], with nothing unknown.
pub(crate) fn known_config(schema: &Schema) -> BoxedStrategy<Value> {
    object_config(schema.block.contents(), States::Known)
}

fn object_config(contents: Contents<'_>, states: States) -> BoxedStrategy<Value> {
    let attributes = contents
        .attributes
        .iter()
        .map(|attribute| (Just(attribute.name.clone()), attribute_config(attribute, states)).boxed());
    let blocks = contents.blocks.iter().map(|block| {
        let object = object_config(block.block.contents(), states);
        let value = match block.nesting {
            BlockNesting::Single => prop_oneof![Just(Value::Null), object].boxed(),
            BlockNesting::Group => object,
            nesting => repeated(nesting.into(), object),
        };
        (Just(block.name.clone()), value).boxed()
    });
    attributes.chain(blocks).collect::<Vec<_>>().prop_map(Value::object).boxed()
}

fn repeated(nesting: Nesting, object: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    match nesting {
        Nesting::Single => object,
        Nesting::List => collection::vec(object, 0..3).prop_map(Value::List).boxed(),
        Nesting::Set => collection::vec(object, 0..3).prop_map(Value::Set).boxed(),
        Nesting::Map => collection::btree_map("[a-c]", object, 0..3).prop_map(Value::Map).boxed(),
    }
}

fn attribute_config(attribute: &Attribute, states: States) -> BoxedStrategy<Value> {
    if !attribute.required && !attribute.optional {
        return Just(Value::Null).boxed();
    }
    let ty = attribute.implied_type();
    let set = match attribute.nested() {
        Some((nesting, contents)) => repeated(nesting, object_config(contents, states)),
        None => set_value(&ty, states),
    };
    let null = if attribute.required { set.clone() } else { Just(Value::Null).boxed() };
    let open = if states == States::Any { unknown(&ty) } else { set.clone() };
    prop_oneof![4 => set, 2 => null, 1 => open].boxed()
}

/// A state that a provider can make of a plan: everything unknown is decided, within its refinements.
pub(crate) fn applied(schema: &Schema, planned: &Value) -> BoxedStrategy<Value> {
    decided(&schema.implied_type(), planned)
}

fn decided(ty: &Type, planned: &Value) -> BoxedStrategy<Value> {
    match (ty, planned) {
        (ty, Value::Unknown(None)) => value(ty, States::Known),
        (ty, Value::Unknown(Some(refinement))) => {
            let refinement = refinement.clone();
            let fallback = fitting(ty, &refinement);
            value(ty, States::Known)
                .prop_map(move |value| if refinement.admits(&value) { value } else { fallback.clone() })
                .boxed()
        }
        (Type::List(element), Value::List(elements)) => {
            let elements: Vec<_> = elements.iter().map(|planned| decided(element, planned)).collect();
            elements.prop_map(Value::List).boxed()
        }
        (Type::Set(element), Value::Set(elements)) => {
            let elements: Vec<_> = elements.iter().map(|planned| decided(element, planned)).collect();
            elements.prop_map(Value::Set).boxed()
        }
        (Type::Tuple(types), Value::Tuple(elements)) => {
            let elements: Vec<_> =
                elements.iter().zip(types).map(|(planned, ty)| decided(ty, planned)).collect();
            elements.prop_map(Value::Tuple).boxed()
        }
        (Type::Map(element), Value::Map(elements)) => {
            let elements: Vec<_> = elements
                .iter()
                .map(|(key, planned)| (Just(key.clone()), decided(element, planned)))
                .collect();
            elements.prop_map(Value::map).boxed()
        }
        (Type::Object(types), Value::Object(attributes)) => {
            let attributes: Vec<_> =
                types.iter().map(|(name, ty)| (Just(name.clone()), decided(ty, &attributes[name]))).collect();
            attributes.prop_map(Value::object).boxed()
        }
        (_, known) => Just(known.clone()).boxed(),
    }
}

/// Some value that a refinement made by [`refinement`] admits.
fn fitting(ty: &Type, refinement: &Refinement) -> Value {
    match ty {
        Type::Bool => true.into(),
        Type::String => refinement.string_prefix.clone().unwrap_or_default().into(),
        Type::Number => match &refinement.number_lower {
            Some(_) => Value::Number(Number::try_from(f64::INFINITY).unwrap_or_default()),
            None => 0.into(),
        },
        Type::List(_) => Value::List(Vec::new()),
        Type::Set(_) => Value::Set(Vec::new()),
        Type::Map(_) => Value::map::<&str>([]),
        Type::Tuple(types) => Value::Tuple(vec![Value::Null; types.len()]),
        Type::Object(types) => Value::object(types.keys().map(|name| (name, Value::Null))),
        Type::Dynamic => Value::dynamic(Type::Bool, true.into()),
    }
}
