//! Writes the XML of EC2 and STS answers: elements with text, nested elements, and lists whose members are `item`.

use std::fmt::{Display, Write as _};

/// A piece of XML being written. Names are ours and plain; text is escaped.
#[derive(Debug, Default)]
pub(super) struct Xml(String);

impl Xml {
    /// `<name>text</name>`.
    pub(super) fn text(&mut self, name: &str, text: impl Display) -> &mut Self {
        let escaped = escape(&text.to_string());
        // Writing to a String cannot fail.
        let _infallible = write!(self.0, "<{name}>{escaped}</{name}>");
        self
    }

    /// The same, unless there is nothing to write.
    pub(super) fn optional(&mut self, name: &str, text: Option<impl Display>) -> &mut Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// An element with others in it.
    pub(super) fn within(&mut self, name: &str, inside: impl FnOnce(&mut Self)) -> &mut Self {
        let _infallible = write!(self.0, "<{name}>");
        inside(self);
        let _infallible = write!(self.0, "</{name}>");
        self
    }

    /// A list of structures.
    pub(super) fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        each: impl Fn(&mut Self, T),
    ) -> &mut Self {
        self.within(name, |xml| {
            for item in items {
                xml.within("item", |xml| each(xml, item));
            }
        })
    }

    /// A list of plain values.
    pub(super) fn values<T: Display>(
        &mut self,
        name: &str,
        values: impl IntoIterator<Item = T>,
    ) -> &mut Self {
        self.within(name, |xml| {
            for value in values {
                xml.text("item", value);
            }
        })
    }

    /// The document.
    pub(super) fn finish(self) -> String {
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", self.0)
    }

    /// An element with attributes, as the outermost one has.
    pub(super) fn root(name: &str, namespace: &str, inside: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self(format!("<{name} xmlns=\"{namespace}\">"));
        inside(&mut xml);
        let _infallible = write!(xml.0, "</{name}>");
        xml.finish()
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML 1.0 has no way to carry most control characters.
            control if control.is_control() && !matches!(control, '\t' | '\n' | '\r') => {
                escaped.push('\u{fffd}');
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_lists_have_items() {
        let document = Xml::root("R", "urn:x", |xml| {
            xml.text("a", "<&\u{1}>").values("set", ["x", "y"]);
        });
        assert!(document.ends_with(
            "<R xmlns=\"urn:x\"><a>&lt;&amp;\u{fffd}&gt;</a><set><item>x</item><item>y</item></set></R>"
        ));
    }
}
