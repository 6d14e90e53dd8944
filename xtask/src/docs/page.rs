//! One page in Markdown, in the layout of the Registry's generator: front matter, description, example, schema, import.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Result, bail};
use serde_json::Value;

use super::examples::ResourceExamples;
use super::guides::Guide;
use super::schema::{Attribute, Block, Function, Identity, Parameter};

const PROVIDER: &str = "terraform-provider-tidblink";
pub(super) const NOTICE: &str =
    "<!-- Written by `cargo xtask docs` from the provider's schema and examples/; changes here are lost. -->";

/// No page is in a group of its own in the Registry's navigation.
const NO_SUBCATEGORY: Option<&str> = Some("");

/// `docs/index.md`.
pub(super) fn provider(block: &Block, usage: &str, guides: &[Guide]) -> Result<String> {
    let mut page = front_matter("tidblink Provider", None, &block.description);
    write!(page, "# tidblink Provider\n\n{}\n\n{}", block.description, example(usage))?;
    page.push_str("## Guides\n\n");
    for Guide { title, file } in guides {
        writeln!(page, "- [{title}](guides/{file})")?;
    }
    page.push('\n');
    schema(&mut page, block)?;
    Ok(page)
}

/// `docs/resources/NAME.md`.
pub(super) fn resource(
    name: &str,
    block: &Block,
    identity: &Identity,
    examples: &ResourceExamples,
) -> Result<String> {
    let mut page = front_matter(&format!("{name} Resource - {PROVIDER}"), NO_SUBCATEGORY, &block.description);
    write!(page, "# {name} (Resource)\n\n{}\n\n{}", block.description, example(&examples.usage))?;
    schema(&mut page, block)?;
    write!(
        page,
        "\n## Import\n\nImport is supported using the following syntax:\n\n\
         In Terraform v1.12.0 and later, the [`import` block](https://developer.hashicorp.com/terraform/language/import) \
         can be used with the `identity` attribute, for example:\n\n```terraform\n{}\n```\n",
        examples.import_by_identity
    )?;
    identity_schema(&mut page, identity)?;
    write!(
        page,
        "\nIn Terraform v1.5.0 and later, the [`import` block](https://developer.hashicorp.com/terraform/language/import) can \
         be used with the `id` attribute, for example:\n\n```terraform\n{}\n```\n\n\
         The [`terraform import` command](https://developer.hashicorp.com/terraform/cli/commands/import) can be used, for \
         example:\n\n```shell\n{}\n```\n",
        examples.import_block, examples.import_command
    )?;
    Ok(page)
}

/// The attributes of an identity, grouped by whether an import has to name them.
fn identity_schema(page: &mut String, identity: &Identity) -> Result<()> {
    page.push_str("\n### Identity Schema\n");
    for (group, required) in [("Required", true), ("Optional", false)] {
        let mut members =
            identity.attributes.iter().filter(|(_, it)| it.required_for_import == required).peekable();
        if members.peek().is_none() {
            continue;
        }
        write!(page, "\n#### {group}\n\n")?;
        for (name, attribute) in members {
            writeln!(page, "- `{name}` ({}) {}", type_name(&attribute.kind)?, attribute.description)?;
        }
    }
    Ok(())
}

/// `docs/data-sources/NAME.md`.
pub(super) fn data_source(name: &str, block: &Block, usage: &str) -> Result<String> {
    let mut page =
        front_matter(&format!("{name} Data Source - {PROVIDER}"), NO_SUBCATEGORY, &block.description);
    write!(page, "# {name} (Data Source)\n\n{}\n\n{}", block.description, example(usage))?;
    schema(&mut page, block)?;
    Ok(page)
}

/// `docs/functions/NAME.md`.
pub(super) fn function(name: &str, function: &Function, usage: &str) -> Result<String> {
    let mut page = front_matter(&format!("{name} function - {PROVIDER}"), NO_SUBCATEGORY, &function.summary);
    write!(page, "# function: {name}\n\n{}\n\n{}", function.description, example(usage))?;
    let mut parameters = Vec::new();
    for parameter in &function.parameters {
        parameters.push(format!("{} {}", parameter.name, in_signature(&parameter.kind)?));
    }
    if let Some(parameter) = &function.variadic_parameter {
        parameters.push(format!("{} {}...", parameter.name, in_signature(&parameter.kind)?));
    }
    let result = in_signature(&function.return_type)?;
    write!(page, "## Signature\n\n```text\n{name}({}) {result}\n```\n", parameters.join(", "))?;
    page.push_str("\n## Arguments\n\n");
    for parameter in &function.parameters {
        argument(&mut page, parameter, "")?;
    }
    if let Some(parameter) = &function.variadic_parameter {
        argument(&mut page, parameter, "Variadic, ")?;
    }
    Ok(page)
}

fn argument(page: &mut String, parameter: &Parameter, variadic: &str) -> Result<()> {
    let nullable = if parameter.is_nullable { ", Nullable" } else { "" };
    let kind = type_name(&parameter.kind)?;
    Ok(writeln!(page, "1. `{}` ({variadic}{kind}{nullable}) {}", parameter.name, parameter.description)?)
}

/// A type as signatures write it: `string`, `map of string`.
fn in_signature(kind: &Value) -> Result<String> {
    Ok(type_name(kind)?.to_lowercase())
}

/// `docs/list-resources/NAME.md`.
pub(super) fn list_resource(name: &str, block: &Block, usage: &str) -> Result<String> {
    let mut page =
        front_matter(&format!("{name} List Resource - {PROVIDER}"), NO_SUBCATEGORY, &block.description);
    write!(
        page,
        "# {name} (List Resource)\n\n{}\n\n\
         In Terraform v1.14.0 and later, [`terraform query`](https://developer.hashicorp.com/terraform/cli/commands/query) runs \
         the `list` blocks of files that end in `.tfquery.hcl`. What the schema below describes goes into their block \
         `config`.\n\n{}",
        block.description,
        example(usage)
    )?;
    schema(&mut page, block)?;
    Ok(page)
}

/// The head of a page. The Registry wants a subcategory on every page but the index, which may have none.
fn front_matter(title: &str, subcategory: Option<&str>, description: &str) -> String {
    let subcategory = subcategory.map(|name| format!("subcategory: \"{name}\"\n")).unwrap_or_default();
    // The Registry shows this as plain text in search results: the first paragraph, without code marks.
    let summary = description.split("\n\n").next().unwrap_or_default().replace('`', "");
    format!("---\npage_title: \"{title}\"\n{subcategory}description: |-\n  {summary}\n---\n\n{NOTICE}\n\n")
}

fn example(usage: &str) -> String {
    format!("## Example Usage\n\n```terraform\n{usage}\n```\n\n")
}

/// A level of attributes with a section of its own.
#[derive(Clone)]
struct Level<'a> {
    /// Where it is, such as `aws.assume_role`; empty at the top.
    path: String,
    attributes: &'a BTreeMap<String, Attribute>,
}

fn schema(page: &mut String, block: &Block) -> Result<()> {
    if let Some(name) = block.block_types.keys().next() {
        bail!("`{name}` is a nested block, and pages are only rendered for nested attributes");
    }
    page.push_str("## Schema\n");
    let top = Level { path: String::new(), attributes: &block.attributes };
    let mut levels = attributes(page, &top)?;
    let mut position = 0;
    // Nested attributes may hold nested attributes, so this list grows while it is walked.
    while let Some(level) = levels.get(position).cloned() {
        let path = &level.path;
        write!(page, "\n<a id=\"{}\"></a>\n### Nested Schema for `{path}`\n", anchor(path))?;
        levels.extend(attributes(page, &level)?);
        position += 1;
    }
    Ok(())
}

/// The attributes of one level, grouped by who sets them, and the levels inside. At the top the groups have headings,
/// further in they have lines with a colon.
fn attributes<'a>(page: &mut String, level: &Level<'a>) -> Result<Vec<Level<'a>>> {
    let is_top = level.path.is_empty();
    let mut inner = Vec::new();
    for group in ["Required", "Optional", "Read-Only"] {
        let members: Vec<_> =
            level.attributes.iter().filter(|(_, attribute)| group_of(attribute) == group).collect();
        if members.is_empty() {
            continue;
        }
        if is_top {
            write!(page, "\n### {group}\n\n")?;
        } else {
            write!(page, "\n{group}:\n\n")?;
        }
        for (name, attribute) in members {
            let path = if is_top { name.clone() } else { format!("{}.{name}", level.path) };
            write!(page, "- `{name}` ({})", kind(attribute)?)?;
            if !attribute.description.is_empty() {
                write!(page, " {}", attribute.description)?;
            }
            if let Some(nested) = &attribute.nested_type {
                write!(page, " (see [below for nested schema](#{}))", anchor(&path))?;
                inner.push(Level { path, attributes: &nested.attributes });
            }
            page.push('\n');
        }
    }
    Ok(inner)
}

fn group_of(attribute: &Attribute) -> &'static str {
    if attribute.required {
        "Required"
    } else if attribute.optional {
        "Optional"
    } else {
        "Read-Only"
    }
}

fn anchor(path: &str) -> String {
    format!("nestedatt--{}", path.replace('.', "--"))
}

/// `String`, `Set of String, Sensitive`, `Attributes`.
fn kind(attribute: &Attribute) -> Result<String> {
    let mut words = match (&attribute.nested_type, &attribute.kind) {
        (Some(nested), _) => match nested.nesting_mode.as_str() {
            "single" => "Attributes".to_owned(),
            "list" => "Attributes List".to_owned(),
            "set" => "Attributes Set".to_owned(),
            "map" => "Attributes Map".to_owned(),
            other => bail!("unknown nesting mode `{other}`"),
        },
        (None, Some(kind)) => type_name(kind)?,
        (None, None) => bail!("an attribute has no type"),
    };
    for (holds, word) in [
        (attribute.sensitive, "Sensitive"),
        (attribute.write_only, "Write-only"),
        (attribute.deprecated, "Deprecated"),
    ] {
        if holds {
            write!(words, ", {word}")?;
        }
    }
    Ok(words)
}

fn type_name(kind: &Value) -> Result<String> {
    Ok(match kind {
        Value::String(name) => match name.as_str() {
            "string" => "String".to_owned(),
            "number" => "Number".to_owned(),
            "bool" => "Boolean".to_owned(),
            "dynamic" => "Dynamic".to_owned(),
            other => bail!("unknown type `{other}`"),
        },
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(kind), Value::Object(_)] if kind == "object" => "Object".to_owned(),
            [Value::String(collection), element] if matches!(collection.as_str(), "list" | "set" | "map") => {
                let (first, rest) = collection.split_at(1);
                format!("{}{rest} of {}", first.to_uppercase(), type_name(element)?)
            }
            _ => bail!("unknown type `{kind}`"),
        },
        _ => bail!("unknown type `{kind}`"),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use serde_json::json;

    fn block(value: Value) -> Block {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn attributes_are_grouped_by_who_sets_them_and_nested_ones_get_a_section() {
        let block = block(json!({
            "description": "Makes things.",
            "attributes": {
                "id": { "type": "string", "computed": true, "description": "Its id." },
                "key": { "type": "string", "optional": true, "sensitive": true },
                "subnets": { "type": ["set", "string"], "optional": true, "computed": true },
                "aws": {
                    "required": true,
                    "description": "On AWS.",
                    "nested_type": {
                        "nesting_mode": "single",
                        "attributes": { "role": {
                            "optional": true,
                            "nested_type": {
                                "nesting_mode": "list",
                                "attributes": { "arn": { "type": "string", "required": true } }
                            }
                        } }
                    }
                }
            }
        }));
        let mut page = String::new();
        schema(&mut page, &block).unwrap();
        let expected = "## Schema\n\n\
            ### Required\n\n\
            - `aws` (Attributes) On AWS. (see [below for nested schema](#nestedatt--aws))\n\n\
            ### Optional\n\n\
            - `key` (String, Sensitive)\n\
            - `subnets` (Set of String)\n\n\
            ### Read-Only\n\n\
            - `id` (String) Its id.\n\n\
            <a id=\"nestedatt--aws\"></a>\n\
            ### Nested Schema for `aws`\n\n\
            Optional:\n\n\
            - `role` (Attributes List) (see [below for nested schema](#nestedatt--aws--role))\n\n\
            <a id=\"nestedatt--aws--role\"></a>\n\
            ### Nested Schema for `aws.role`\n\n\
            Required:\n\n\
            - `arn` (String)\n";
        assert_eq!(page, expected);
    }

    #[test]
    fn an_identity_is_grouped_by_what_an_import_has_to_name() {
        let identity = serde_json::from_value(json!({ "attributes": {
            "cluster_id": { "type": "string", "required_for_import": true, "description": "The cluster." },
            "group_id": { "type": "string", "optional_for_import": true, "description": "The group." },
        } }));
        let mut page = String::new();
        identity_schema(&mut page, &identity.unwrap()).unwrap();
        let expected = "\n### Identity Schema\n\n#### Required\n\n- `cluster_id` (String) The cluster.\n\n\
            #### Optional\n\n- `group_id` (String) The group.\n";
        assert_eq!(page, expected);
    }

    #[test]
    fn the_front_matter_holds_the_first_paragraph_as_plain_text() {
        let matter = front_matter("title", NO_SUBCATEGORY, "Uses `this`.\n\nAnd more.");
        assert!(matter.starts_with("---\npage_title: \"title\"\nsubcategory: \"\"\n"), "{matter}");
        assert!(matter.contains("description: |-\n  Uses this.\n---\n"), "{matter}");
    }

    #[test]
    fn the_index_has_no_subcategory() {
        let page =
            provider(&block(json!({ "description": "Connects." })), "provider \"tidblink\" {}", &[]).unwrap();
        assert!(
            page.starts_with("---\npage_title: \"tidblink Provider\"\ndescription: |-\n  Connects.\n---\n"),
            "{page}"
        );
    }

    #[test]
    fn a_function_has_a_signature_and_its_arguments_in_order() {
        let parsed: Function = serde_json::from_value(json!({
            "summary": "Adds `things`.",
            "description": "Adds things up.",
            "return_type": ["object", { "sum": "number" }],
            "parameters": [{ "name": "first", "type": "number", "is_nullable": true, "description": "One." }],
            "variadic_parameter": { "name": "more", "type": ["map", "string"], "description": "Others." }
        }))
        .unwrap();
        let page = function("add", &parsed, "locals {}").unwrap();
        assert!(page.contains("description: |-\n  Adds things.\n---\n"), "{page}");
        assert!(page.contains("```text\nadd(first number, more map of string...) object\n```\n"), "{page}");
        let arguments = "## Arguments\n\n1. `first` (Number, Nullable) One.\n1. `more` (Variadic, Map of String) Others.\n";
        assert!(page.ends_with(arguments), "{page}");
    }

    #[test]
    fn a_nested_block_is_refused_instead_of_left_out() {
        let block = block(json!({ "block_types": { "timeouts": {} } }));
        assert!(schema(&mut String::new(), &block).is_err());
    }
}
