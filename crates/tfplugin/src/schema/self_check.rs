//! What is wrong with a schema, before Terraform says so.
//!
//! Core refuses schemas that break its rules with "invalid schema … bug in the provider", at run time and for every
//! user. These checks belong in a unit test of the provider, and mirror those of core's `configschema` package; a few
//! more concern the plan rules of this crate.

use std::collections::BTreeSet;

use super::{Attribute, AttributeKind, Block, BlockNesting, Contents, NestedBlock, Nesting, Schema};
use crate::{
    path::AttributePath,
    value::{Type, msgpack},
};

/// What a schema is for; some rules depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SchemaKind {
    /// The `provider` block.
    Provider,
    /// A managed resource.
    Resource,
    /// A data source.
    DataSource,
    /// The configuration of a list resource, which is a block of its own.
    ListResource,
}

impl SchemaKind {
    /// Names that Terraform itself uses at the top level of such a block.
    fn reserved_names(self) -> &'static [&'static str] {
        match self {
            Self::Provider => &["alias", "version"],
            Self::Resource => {
                &["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"]
            }
            Self::DataSource => &["count", "depends_on", "for_each", "lifecycle", "provider"],
            Self::ListResource => &[],
        }
    }
}

impl Schema {
    /// Checks the schema against the rules of core and of this crate.
    ///
    /// # Errors
    /// One sentence for each broken rule, with the path to what breaks it.
    pub fn self_check(&self, kind: SchemaKind) -> Result<(), Vec<String>> {
        let mut check = Check { kind, problems: Vec::new() };
        if self.version < 0 {
            check.problems.push(format!("the version is {}; versions start at 0", self.version));
        }
        for name in kind.reserved_names() {
            let contents = self.block.contents();
            if names(contents).any(|used| used == *name) {
                check.problem(&AttributePath::of(*name), "Terraform itself uses this name at the top level");
            }
        }
        check.block(&self.block, &AttributePath::root(), Place::default());
        if check.problems.is_empty() { Ok(()) } else { Err(check.problems) }
    }
}

fn names(contents: Contents<'_>) -> impl Iterator<Item = &str> {
    let attributes = contents.attributes.iter().map(|attribute| attribute.name.as_str());
    attributes.chain(contents.blocks.iter().map(|block| block.name.as_str()))
}

/// What lies around the part being checked.
#[derive(Clone, Copy, Default)]
struct Place {
    in_set: bool,
    in_collection: bool,
}

impl Place {
    fn within(self, nesting: Nesting) -> Self {
        Self {
            in_set: self.in_set || nesting == Nesting::Set,
            in_collection: self.in_collection || nesting != Nesting::Single,
        }
    }
}

struct Check {
    kind: SchemaKind,
    problems: Vec<String>,
}

impl Check {
    fn problem(&mut self, path: &AttributePath, message: &str) {
        self.problems.push(format!("{path}: {message}"));
    }

    fn block(&mut self, block: &Block, path: &AttributePath, place: Place) {
        self.contents(block.contents(), path, place);
        for nested in &block.blocks {
            self.nested_block(nested, &path.attribute(&nested.name), place);
        }
    }

    fn contents(&mut self, contents: Contents<'_>, path: &AttributePath, place: Place) {
        let mut seen = BTreeSet::new();
        for name in names(contents) {
            let path = path.attribute(name);
            let is_valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            if name.is_empty()
                || !name.bytes().all(is_valid)
                || name.starts_with(|first: char| first.is_ascii_digit())
            {
                self.problem(
                    &path,
                    "a name consists of lowercase letters, digits and underscores, no digit first",
                );
            }
            if !seen.insert(name) {
                self.problem(&path, "two attributes or blocks have this name");
            }
        }
        for attribute in contents.attributes {
            self.attribute(attribute, &path.attribute(&attribute.name), place);
        }
    }

    fn attribute(&mut self, attribute: &Attribute, path: &AttributePath, place: Place) {
        self.flags(attribute, path);
        self.write_only(attribute, path, place);
        match &attribute.kind {
            AttributeKind::Plain(ty) => {
                if has_dynamic_elements(ty) || (place.in_collection && ty.has_dynamic()) {
                    self.problem(
                        path,
                        "elements of collections cannot be dynamic: they must all have one type",
                    );
                }
            }
            AttributeKind::Nested(nesting, attributes) => {
                self.contents(Contents::of_attributes(attributes), path, place.within(*nesting));
            }
        }
        if let Some(default) = &attribute.default {
            if let Err(error) = msgpack::encode(default, &attribute.implied_type()) {
                self.problem(path, &format!("the default value does not fit the attribute: {error}"));
            }
            if !default.is_wholly_known() || default.is_null() {
                self.problem(path, "the default value must be known and not null");
            }
        }
    }

    fn flags(&mut self, attribute: &Attribute, path: &AttributePath) {
        let Attribute { required, optional, computed, .. } = *attribute;
        if !required && !optional && !computed {
            self.problem(path, "an attribute is required, optional or computed");
        }
        if required && (optional || computed) {
            self.problem(path, "a required attribute can be neither optional nor computed");
        }
        if attribute.default.is_some() && !(optional && computed) {
            self.problem(path, "an attribute with a default value must be optional and computed");
        }
        if attribute.use_state_for_unknown && !computed {
            self.problem(path, "use_state_for_unknown has no effect on an attribute that is not computed");
        }
        if self.kind != SchemaKind::Resource {
            let is_planned =
                attribute.replace.is_some() || attribute.use_state_for_unknown || attribute.default.is_some();
            if is_planned {
                self.problem(path, "only resources are planned: defaults and plan rules have no effect here");
            }
        }
        if self.kind == SchemaKind::Provider && computed {
            self.problem(path, "the configuration of a provider has no computed attributes");
        }
        if self.kind == SchemaKind::ListResource && computed {
            self.problem(path, "the configuration of a list resource has no computed attributes");
        }
    }

    fn write_only(&mut self, attribute: &Attribute, path: &AttributePath, place: Place) {
        if !attribute.write_only {
            return;
        }
        if self.kind != SchemaKind::Resource {
            self.problem(path, "only resources can have write-only attributes");
        }
        if attribute.computed {
            self.problem(path, "a write-only attribute cannot be computed");
        }
        if place.in_set {
            self.problem(path, "a write-only attribute cannot be inside a set");
        }
        if let AttributeKind::Nested(nesting, attributes) = &attribute.kind {
            if *nesting == Nesting::Set {
                self.problem(path, "a set cannot be write-only");
            }
            if !attributes.iter().all(|inner| inner.write_only) {
                self.problem(path, "everything inside a write-only attribute must be write-only");
            }
        }
    }

    fn nested_block(&mut self, nested: &NestedBlock, path: &AttributePath, place: Place) {
        let (min, max) = (nested.min_items, nested.max_items);
        match nested.nesting {
            BlockNesting::Single => {
                if min != max || min > 1 {
                    self.problem(path, "a single block has equal minimum and maximum, both 0 or both 1");
                }
            }
            BlockNesting::Group | BlockNesting::Map => {
                if (min, max) != (0, 0) {
                    self.problem(path, "group and map blocks have no minimum or maximum");
                }
            }
            BlockNesting::List | BlockNesting::Set => {
                if max != 0 && min > max {
                    self.problem(path, "the minimum is above the maximum");
                }
            }
        }
        self.block(&nested.block, path, place.within(nested.nesting.into()));
    }
}

/// Whether a collection inside `ty` has elements of open type.
fn has_dynamic_elements(ty: &Type) -> bool {
    match ty {
        Type::Bool | Type::Number | Type::String | Type::Dynamic => false,
        Type::List(element) | Type::Set(element) | Type::Map(element) => element.has_dynamic(),
        Type::Tuple(elements) => elements.iter().any(has_dynamic_elements),
        Type::Object(attributes) => attributes.values().any(has_dynamic_elements),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::PlanBehaviorInput;

    fn problems(schema: &Schema, kind: SchemaKind) -> Vec<String> {
        schema.self_check(kind).err().unwrap_or_default()
    }

    fn of(attribute: Attribute) -> Vec<String> {
        problems(&Schema::new(0).attribute(attribute), SchemaKind::Resource)
    }

    fn of_block(block: NestedBlock) -> Vec<String> {
        problems(&Schema::new(0).block(block), SchemaKind::Resource)
    }

    fn assert_one(found: Vec<String>, part: &str) {
        assert!(found.len() == 1 && found[0].contains(part), "{part}: {found:?}");
    }

    #[test]
    fn a_sound_schema_passes() {
        let never = |_: &PlanBehaviorInput<'_>| false;
        let schema = Schema::new(1)
            .attribute(Attribute::string("id").computed().use_state_for_unknown())
            .attribute(Attribute::int64("port").optional().computed().default_value(4000_i64))
            .attribute(Attribute::string("secret").optional().write_only())
            .attribute(Attribute::dynamic("anything").optional())
            .attribute(Attribute::single_nested("net", vec![Attribute::string("tag").required()]).optional())
            .attribute(Attribute::string("name").required().requires_replace_if(never))
            .block(NestedBlock::single("owner", Block::new()).required())
            .block(NestedBlock::list("rule", Block::new()).min_items(1).max_items(3));
        assert_eq!(schema.self_check(SchemaKind::Resource), Ok(()));
    }

    #[test]
    fn an_attribute_is_set_by_someone() {
        assert_one(of(Attribute::string("a")), "required, optional or computed");
        assert_one(of(Attribute::string("a").required().optional()), "neither optional nor computed");
        assert_one(of(Attribute::string("a").required().computed()), "neither optional nor computed");
    }

    #[test]
    fn names_are_plain_and_unique() {
        assert_one(of(Attribute::string("tagId").optional()), "lowercase");
        assert_one(of(Attribute::string("").optional()), "lowercase");
        assert_one(of(Attribute::string("1st").optional()), "lowercase");
        let twice = Schema::new(0)
            .attribute(Attribute::string("a").optional())
            .block(NestedBlock::list("a", Block::new()));
        assert_one(problems(&twice, SchemaKind::Resource), "two attributes");
    }

    #[test]
    fn names_that_terraform_uses_are_refused_only_at_the_top() {
        assert_one(of(Attribute::string("count").optional()), "Terraform itself");
        assert!(
            of(Attribute::single_nested("a", vec![Attribute::string("count").optional()]).optional())
                .is_empty()
        );
        let provider = Schema::new(0).attribute(Attribute::string("alias").optional());
        assert_one(problems(&provider, SchemaKind::Provider), "Terraform itself");
    }

    #[test]
    fn problems_inside_nested_attributes_are_found_with_their_path() {
        let inner = Attribute::list_nested("outer", vec![Attribute::string("inner")]).optional();
        assert_one(of(inner), "outer.inner: ");
    }

    #[test]
    fn a_default_fits_its_attribute() {
        assert_one(of(Attribute::string("a").optional().default_value("x")), "optional and computed");
        assert_one(of(Attribute::string("a").optional().computed().default_value(1_i64)), "does not fit");
    }

    #[test]
    fn write_only_attributes_are_arguments_of_resources_outside_of_sets() {
        let secret = || Attribute::string("s").optional().write_only();
        assert_one(of(secret().computed()), "cannot be computed");
        assert_one(of(Attribute::set_nested("a", vec![secret()]).optional()), "inside a set");
        assert_one(of_block(NestedBlock::set("b", Block::new().attribute(secret()))), "inside a set");
        let data = Schema::new(0).attribute(secret());
        assert_one(problems(&data, SchemaKind::DataSource), "only resources");
        let half =
            Attribute::single_nested("a", vec![Attribute::string("b").optional()]).optional().write_only();
        assert_one(of(half), "everything inside");
    }

    #[test]
    fn elements_of_collections_have_one_type() {
        assert_one(of(Attribute::list("a", Type::Dynamic).optional()), "cannot be dynamic");
        let inside = Attribute::map_nested("a", vec![Attribute::dynamic("b").optional()]).optional();
        assert_one(of(inside), "cannot be dynamic");
        let block = NestedBlock::set("a", Block::new().attribute(Attribute::dynamic("b").optional()));
        assert_one(of_block(block), "cannot be dynamic");
    }

    #[test]
    fn occurrences_of_blocks_fit_their_nesting() {
        assert_one(of_block(NestedBlock::single("a", Block::new()).min_items(1)), "both 0 or both 1");
        assert_one(of_block(NestedBlock::map("a", Block::new()).max_items(2)), "no minimum or maximum");
        assert_one(
            of_block(NestedBlock::list("a", Block::new()).min_items(3).max_items(2)),
            "above the maximum",
        );
        assert!(of_block(NestedBlock::list("a", Block::new()).min_items(3)).is_empty());
    }

    #[test]
    fn the_configuration_of_a_list_has_arguments_only_and_no_reserved_names() {
        let schema = Schema::new(0).attribute(Attribute::string("provider").optional());
        assert_eq!(schema.self_check(SchemaKind::ListResource), Ok(()));
        let schema = schema.attribute(Attribute::string("id").computed());
        assert_one(problems(&schema, SchemaKind::ListResource), "no computed attributes");
    }

    #[test]
    fn only_resources_have_plan_rules() {
        let schema = Schema::new(0).attribute(Attribute::string("a").optional().requires_replace());
        assert_one(problems(&schema, SchemaKind::Provider), "only resources are planned");
    }
}
