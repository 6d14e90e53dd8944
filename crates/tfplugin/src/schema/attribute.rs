//! Attributes: arguments that users set, and results that providers compute.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Contents, PlanBehaviorInput, ReplaceRule, implied_attributes,
    validators::{self, Validator},
};
use crate::{
    model::ToValue,
    value::{Type, Value},
};

/// An attribute, made with a constructor for its type and then described step by step.
///
/// ```
/// use tfplugin::schema::{Attribute, validators};
///
/// let port = Attribute::int64("port")
///     .optional()
///     .computed()
///     .default_value(4000_i64)
///     .requires_replace()
///     .description("TCP port.");
/// ```
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name users type.
    pub name: String,
    /// A plain type, or further attributes.
    pub kind: AttributeKind,
    /// The user has to set it.
    pub required: bool,
    /// The user may set it.
    pub optional: bool,
    /// The provider may set it where the user does not.
    pub computed: bool,
    /// Terraform hides the value in its output.
    pub sensitive: bool,
    /// The value is in the configuration only, never in plan or state.
    pub write_only: bool,
    /// Markdown.
    pub description: String,
    /// The message for those who still use it, if it is deprecated.
    pub deprecated: Option<String>,
    /// The planned value where the configuration has none.
    pub default: Option<Value>,
    /// Rules for known values.
    pub validators: Vec<Arc<dyn Validator>>,
    /// When a change of the value means making the resource anew.
    pub replace: Option<ReplaceRule>,
    /// On update, plan the prior value instead of "known after apply".
    pub use_state_for_unknown: bool,
}

/// What an attribute consists of.
#[derive(Clone, Debug)]
pub enum AttributeKind {
    /// A value of this type.
    Plain(Type),
    /// Objects with attributes of their own.
    Nested(Nesting, Vec<Attribute>),
}

/// How the objects of a nested attribute are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nesting {
    /// One object.
    Single,
    /// Objects in order.
    List,
    /// Distinct objects without order.
    Set,
    /// Objects by key.
    Map,
}

impl Attribute {
    fn new(name: impl Into<String>, kind: AttributeKind) -> Self {
        Self {
            name: name.into(),
            kind,
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            description: String::new(),
            deprecated: None,
            default: None,
            validators: Vec::new(),
            replace: None,
            use_state_for_unknown: false,
        }
    }

    /// An attribute of any type.
    pub fn of_type(name: impl Into<String>, ty: Type) -> Self {
        Self::new(name, AttributeKind::Plain(ty))
    }

    /// A bool.
    pub fn bool(name: impl Into<String>) -> Self {
        Self::of_type(name, Type::Bool)
    }

    /// Text.
    pub fn string(name: impl Into<String>) -> Self {
        Self::of_type(name, Type::String)
    }

    /// A number of any size and precision.
    pub fn number(name: impl Into<String>) -> Self {
        Self::of_type(name, Type::Number)
    }

    /// A whole number; others are refused in validation.
    pub fn int64(name: impl Into<String>) -> Self {
        Self::number(name).validate(validators::whole_number())
    }

    /// A number that a 64-bit float holds without changing it; others are refused in validation.
    pub fn float64(name: impl Into<String>) -> Self {
        Self::number(name).validate(validators::float())
    }

    /// A value of whatever type the user chooses.
    pub fn dynamic(name: impl Into<String>) -> Self {
        Self::of_type(name, Type::Dynamic)
    }

    /// A list of `element`.
    pub fn list(name: impl Into<String>, element: Type) -> Self {
        Self::of_type(name, Type::list(element))
    }

    /// A set of `element`.
    pub fn set(name: impl Into<String>, element: Type) -> Self {
        Self::of_type(name, Type::set(element))
    }

    /// A map of `element`.
    pub fn map(name: impl Into<String>, element: Type) -> Self {
        Self::of_type(name, Type::map(element))
    }

    /// An object of plain types. Users must write all of its attributes; a nested attribute is mostly better.
    pub fn object(name: impl Into<String>, attributes: BTreeMap<String, Type>) -> Self {
        Self::of_type(name, Type::Object(attributes))
    }

    /// One object with attributes of their own kind: `net = { tag_id = "…" }`.
    pub fn single_nested(name: impl Into<String>, attributes: Vec<Self>) -> Self {
        Self::new(name, AttributeKind::Nested(Nesting::Single, attributes))
    }

    /// A list of such objects.
    pub fn list_nested(name: impl Into<String>, attributes: Vec<Self>) -> Self {
        Self::new(name, AttributeKind::Nested(Nesting::List, attributes))
    }

    /// A set of such objects.
    pub fn set_nested(name: impl Into<String>, attributes: Vec<Self>) -> Self {
        Self::new(name, AttributeKind::Nested(Nesting::Set, attributes))
    }

    /// A map of such objects.
    pub fn map_nested(name: impl Into<String>, attributes: Vec<Self>) -> Self {
        Self::new(name, AttributeKind::Nested(Nesting::Map, attributes))
    }

    /// The user has to set it.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The user may set it.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The provider sets it; with [`Attribute::optional`], only where the user does not.
    #[must_use]
    pub fn computed(mut self) -> Self {
        self.computed = true;
        self
    }

    /// Terraform hides the value in its output. The state still holds it.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// The value is never stored. Needs Terraform 1.11; pair it with an ordinary version attribute, because a change
    /// of the value alone is not seen.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// Sets the description, in Markdown.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.description = markdown.into();
        self
    }

    /// Marks the attribute as deprecated, and tells its users what to do.
    #[must_use]
    pub fn deprecated(mut self, message: impl Into<String>) -> Self {
        self.deprecated = Some(message.into());
        self
    }

    /// The planned value where the configuration has none. The attribute has to be optional and computed.
    #[must_use]
    pub fn default_value(mut self, value: impl ToValue) -> Self {
        self.default = Some(value.to_value());
        self
    }

    /// Adds a rule for known values.
    #[must_use]
    pub fn validate(mut self, validator: impl Validator + 'static) -> Self {
        self.validators.push(Arc::new(validator));
        self
    }

    /// A change of the value means making the resource anew.
    #[must_use]
    pub fn requires_replace(mut self) -> Self {
        self.replace = Some(ReplaceRule::Always);
        self
    }

    /// A change of the value means making the resource anew if `condition` holds. It is asked only on updates that
    /// change the value, and must depend on nothing but its input: core plans twice and compares.
    #[must_use]
    pub fn requires_replace_if(mut self, condition: fn(&PlanBehaviorInput<'_>) -> bool) -> Self {
        self.replace = Some(ReplaceRule::If(condition));
        self
    }

    /// On update, plans the prior value instead of "known after apply" where the user sets none. For values that do
    /// not change while the resource lives, and for choices that stay as they once were made.
    #[must_use]
    pub fn use_state_for_unknown(mut self) -> Self {
        self.use_state_for_unknown = true;
        self
    }

    /// The type of the attribute's value.
    pub fn implied_type(&self) -> Type {
        match &self.kind {
            AttributeKind::Plain(ty) => ty.clone(),
            AttributeKind::Nested(nesting, attributes) => {
                let object = Type::Object(implied_attributes(attributes, &[]));
                match nesting {
                    Nesting::Single => object,
                    Nesting::List => Type::list(object),
                    Nesting::Set => Type::set(object),
                    Nesting::Map => Type::map(object),
                }
            }
        }
    }

    /// The nesting and the inner attributes, if there are any.
    pub(crate) fn nested(&self) -> Option<(Nesting, Contents<'_>)> {
        match &self.kind {
            AttributeKind::Plain(_) => None,
            AttributeKind::Nested(nesting, attributes) => {
                Some((*nesting, Contents::of_attributes(attributes)))
            }
        }
    }
}
