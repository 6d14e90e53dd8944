//! A plan as `terraform show -json` writes it, reduced to what tests ask about.

use serde_json::Value;

/// What the plan would do to one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Nothing,
    Create,
    Update,
    Replace,
    Delete,
}

/// A saved plan.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) json: Value,
    /// Everything terraform said while it planned, wrapped lines joined.
    pub(crate) prose: String,
}

impl Plan {
    fn change(&self, address: &str) -> &Value {
        self.json["resource_changes"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|change| change["address"] == address)
            .unwrap_or_else(|| panic!("the plan does not mention {address}: {:#}", self.json))
    }

    /// What is planned for the resource.
    pub(crate) fn action(&self, address: &str) -> Action {
        let change = self.change(address);
        let actions: Vec<_> = change["change"]["actions"].as_array().into_iter().flatten().collect();
        match actions.iter().filter_map(|action| action.as_str()).collect::<Vec<_>>()[..] {
            ["no-op"] => Action::Nothing,
            ["create"] => Action::Create,
            ["update"] => Action::Update,
            ["delete"] => Action::Delete,
            ["delete", "create"] | ["create", "delete"] => Action::Replace,
            _ => panic!("unexpected actions {actions:?}"),
        }
    }

    /// A planned value by JSON pointer, such as `/aws/vpc_id`; `None` when it is known only after the apply.
    pub(crate) fn planned(&self, address: &str, pointer: &str) -> Option<&Value> {
        let change = &self.change(address)["change"];
        if change["after_unknown"].pointer(pointer) == Some(&Value::Bool(true)) {
            return None;
        }
        change["after"].pointer(pointer)
    }
}
