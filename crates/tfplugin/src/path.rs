//! Where in a value something is, and what is wrong there.
//!
//! Terraform underlines the argument that a diagnostic's path names, so every error of this crate that concerns a
//! value carries an [`AttributePath`]. The wire form is made elsewhere; here a path is plain data.

use std::fmt;

/// One step from a value into a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// An attribute or a nested block of an object, by name.
    Attribute(String),
    /// An element of a map, by key.
    Key(String),
    /// An element of a list or a tuple, counted from zero.
    Index(i64),
    /// Some element of a set. Elements of sets have no address on the wire, so a path sent to Terraform ends before
    /// this step.
    Element,
}

/// A path from the root of a resource, data source or provider configuration to one of its parts.
///
/// ```
/// use tfplugin::AttributePath;
///
/// let path = AttributePath::of("network").attribute("subnet_ids").index(0);
/// assert_eq!(path.to_string(), "network.subnet_ids[0]");
/// assert_eq!(AttributePath::from("network.vpc_id"), AttributePath::of("network").attribute("vpc_id"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributePath(Vec<Step>);

impl AttributePath {
    /// The whole value.
    pub fn root() -> Self {
        Self::default()
    }

    /// A top-level attribute or block; the same as `AttributePath::root().attribute(name)`.
    pub fn of(name: impl Into<String>) -> Self {
        Self(vec![Step::Attribute(name.into())])
    }

    /// This path, and then the attribute or block called `name`.
    #[must_use]
    pub fn attribute(&self, name: impl Into<String>) -> Self {
        self.then(Step::Attribute(name.into()))
    }

    /// This path, and then the map element under `key`.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.then(Step::Key(key.into()))
    }

    /// This path, and then the list element at `index`.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)))
    }

    /// This path, and then an element of the set it leads to.
    #[must_use]
    pub fn element(&self) -> Self {
        self.then(Step::Element)
    }

    /// This path, and then `step`.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step);
        Self(steps)
    }

    /// The steps, outermost first.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether the path leads to the whole value.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The longest beginning of this path that Terraform can address: it ends at the first set.
    #[must_use]
    pub fn addressable(&self) -> Self {
        let steps = self.0.iter().take_while(|step| **step != Step::Element);
        Self(steps.cloned().collect())
    }

    /// Puts `step` in front. Errors are built from the inside out with it, so that success costs nothing.
    fn prepend(&mut self, step: Step) {
        self.0.insert(0, step);
    }
}

impl fmt::Display for AttributePath {
    /// `net.tag_id`, `tags["team"]`, `rules[0].port`, `endpoints[*].id`; `(root)` for the whole value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str("(root)");
        }
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => f.write_str(name)?,
                Step::Attribute(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "[{key:?}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Element => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

impl From<&str> for AttributePath {
    /// Attribute names separated by dots: `"net.tag_id"`. The empty string is the root.
    fn from(names: &str) -> Self {
        let names = names.split('.').filter(|name| !name.is_empty());
        Self(names.map(|name| Step::Attribute(name.to_owned())).collect())
    }
}

impl From<&AttributePath> for AttributePath {
    fn from(path: &AttributePath) -> Self {
        path.clone()
    }
}

impl FromIterator<Step> for AttributePath {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

/// What is wrong with a value, and where in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct PathError {
    /// The part that is wrong.
    pub path: AttributePath,
    /// What was found and what was expected, without the path.
    pub message: String,
}

impl PathError {
    /// An error at `path`.
    pub fn new(path: impl Into<AttributePath>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }

    /// An error about the value itself; callers add where that is with [`PathError::within`].
    pub(crate) fn here(message: impl Into<String>) -> Self {
        Self::new(AttributePath::root(), message)
    }

    /// The same error seen from one level further out.
    pub(crate) fn within(mut self, step: Step) -> Self {
        self.path.prepend(step);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_the_expression_a_user_would_write() {
        let path = AttributePath::of("net").attribute("rules").index(0).attribute("tags").key("a \"b\"");
        assert_eq!(path.to_string(), r#"net.rules[0].tags["a \"b\""]"#);
        assert_eq!(AttributePath::root().to_string(), "(root)");
    }

    #[test]
    fn dotted_names_parse_into_attribute_steps() {
        assert_eq!(AttributePath::from("net.tag_id"), AttributePath::of("net").attribute("tag_id"));
        assert_eq!(AttributePath::from(""), AttributePath::root());
    }

    #[test]
    fn an_addressable_path_ends_at_the_first_set() {
        let inside = AttributePath::of("rules").element().attribute("port");
        assert_eq!(inside.addressable(), AttributePath::of("rules"));
        let plain = AttributePath::of("rules").index(2);
        assert_eq!(plain.addressable(), plain);
    }

    #[test]
    fn errors_gain_steps_from_the_inside_out() {
        let error = PathError::here("expected a string, found a map")
            .within(Step::Attribute("tag_id".into()))
            .within(Step::Attribute("net".into()));
        assert_eq!(error.to_string(), "net.tag_id: expected a string, found a map");
    }
}
