//! Faults planted ahead of time: the n-th call of an operation fails so, is lost after it took effect, or never answers.
//! A fault counts the calls it matches from the moment it is planted; a call refused for its credentials is not counted,
//! so that a digest challenge does not use a fault up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::doors::Door;

/// Names a planted fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultId(u64);

/// What to plant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The door whose calls are counted.
    pub door: Door,
    /// The operation whose calls are counted; every one when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The first call that fails, counting from 1.
    #[serde(default = "first")]
    pub nth: u32,
    /// How many calls fail from there on; for ever when null.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// How they fail.
    pub effect: Effect,
}

fn first() -> u32 {
    1
}

fn once() -> Option<u32> {
    Some(1)
}

impl Fault {
    /// The next call of this operation fails so.
    pub fn new(door: Door, operation: &str, effect: Effect) -> Self {
        Self { door, operation: Some(operation.to_owned()), nth: first(), times: once(), effect }
    }

    /// Begins with the `nth` call, counting from 1.
    #[must_use]
    pub fn nth(mut self, nth: u32) -> Self {
        self.nth = nth;
        self
    }

    /// Fails this many calls in a row.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Fails every call from there on.
    #[must_use]
    pub fn forever(mut self) -> Self {
        self.times = None;
        self
    }
}

/// How a call fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "EffectJson", into = "EffectJson")]
pub enum Effect {
    /// An answer instead of the real one; nothing takes effect.
    Answer {
        /// HTTP status.
        status: u16,
        /// The whole body; by default the door's own form of an error with `code` and `message`.
        body: Option<String>,
        /// Headers to add.
        headers: BTreeMap<String, String>,
        /// The service's error code: a name for EC2, a number for TiDB Cloud.
        code: Option<String>,
        /// The service's message.
        message: Option<String>,
    },
    /// Takes effect, then the connection closes with no answer.
    LostAfterEffect,
    /// Takes effect, then is held open with no answer until the client gives up.
    HeldAfterEffect,
    /// The connection closes before anything takes effect.
    Reset,
    /// Held open, with no effect, until the client gives up.
    NeverAnswer,
    /// Nothing takes effect; status 200 with a body that is neither JSON nor XML.
    Garbage,
    /// Nothing takes effect; an answer of this status that repeats the whole request, headers included, as a careless
    /// proxy does: in the message of the door's own form of an error, or as plain text with a status of success.
    Echo(u16),
    /// Takes effect after so many milliseconds of real time.
    Latency(u64),
}

impl Effect {
    /// An error answer in the door's own form.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::Answer {
            status,
            body: None,
            headers: BTreeMap::new(),
            code: Some(code.to_owned()),
            message: Some(message.to_owned()),
        }
    }
}

/// The effect as tests write it: one object whose fields say which effect it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct EffectJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<CodeJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    lost_after_effect: bool,
    #[serde(skip_serializing_if = "is_false")]
    held_after_effect: bool,
    #[serde(skip_serializing_if = "is_false")]
    reset: bool,
    #[serde(skip_serializing_if = "is_false")]
    never_answer: bool,
    #[serde(skip_serializing_if = "is_false")]
    garbage: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    echo: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<u64>,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A code may be written as a name or as a number.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
struct CodeJson(String);

impl<'de> Deserialize<'de> for CodeJson {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(name) => Ok(Self(name)),
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            other => {
                Err(serde::de::Error::custom(format!("code is {other}, it must be a string or a number")))
            }
        }
    }
}

impl TryFrom<EffectJson> for Effect {
    type Error = String;

    fn try_from(json: EffectJson) -> Result<Self, String> {
        let mut effects = Vec::new();
        if let Some(status) = json.status {
            if !(200..=599).contains(&status) {
                return Err(format!("status is {status}, it must be 200 to 599"));
            }
            effects.push(Self::Answer {
                status,
                body: json.body,
                headers: json.headers,
                code: json.code.map(|code| code.0),
                message: json.message,
            });
        } else if json.body.is_some()
            || json.code.is_some()
            || json.message.is_some()
            || !json.headers.is_empty()
        {
            return Err("body, headers, code and message need a status".to_owned());
        }
        if json.lost_after_effect {
            effects.push(Self::LostAfterEffect);
        }
        if json.held_after_effect {
            effects.push(Self::HeldAfterEffect);
        }
        if json.reset {
            effects.push(Self::Reset);
        }
        if json.never_answer {
            effects.push(Self::NeverAnswer);
        }
        if json.garbage {
            effects.push(Self::Garbage);
        }
        if let Some(status) = json.echo {
            if !(200..=599).contains(&status) {
                return Err(format!("echo is {status}, it must be a status from 200 to 599"));
            }
            effects.push(Self::Echo(status));
        }
        if let Some(millis) = json.latency_ms {
            effects.push(Self::Latency(millis));
        }
        match (effects.pop(), effects.is_empty()) {
            (Some(effect), true) => Ok(effect),
            _ => Err(
                "an effect has exactly one of status, lost_after_effect, held_after_effect, reset, never_answer, garbage, echo \
                 and latency_ms"
                    .to_owned(),
            ),
        }
    }
}

impl From<Effect> for EffectJson {
    fn from(effect: Effect) -> Self {
        let mut json = Self::default();
        match effect {
            Effect::Answer { status, body, headers, code, message } => {
                json.status = Some(status);
                json.body = body;
                json.headers = headers;
                json.code = code.map(CodeJson);
                json.message = message;
            }
            Effect::LostAfterEffect => json.lost_after_effect = true,
            Effect::HeldAfterEffect => json.held_after_effect = true,
            Effect::Reset => json.reset = true,
            Effect::NeverAnswer => json.never_answer = true,
            Effect::Garbage => json.garbage = true,
            Effect::Echo(status) => json.echo = Some(status),
            Effect::Latency(millis) => json.latency_ms = Some(millis),
        }
        json
    }
}

/// A planted fault and how far it has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultStatus {
    /// Its id.
    pub id: FaultId,
    /// As in [`Fault::door`].
    pub door: Door,
    /// As in [`Fault::operation`].
    #[serde(default)]
    pub operation: Option<String>,
    /// As in [`Fault::nth`].
    pub nth: u32,
    /// As in [`Fault::times`].
    pub times: Option<u32>,
    /// As in [`Fault::effect`].
    pub effect: Effect,
    /// Matching calls so far.
    pub seen: u32,
    /// Calls that it made fail.
    pub fired: u32,
}

impl FaultStatus {
    fn matches(&self, door: Door, operation: &str) -> bool {
        self.door == door && self.operation.as_deref().is_none_or(|wanted| wanted == operation)
    }

    /// Whether the call just counted fails.
    fn strikes(&self) -> bool {
        self.seen >= self.nth && self.times.is_none_or(|times| self.seen - self.nth < times)
    }
}

/// All planted faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    planted: Vec<FaultStatus>,
    last_id: u64,
}

impl Faults {
    pub(crate) fn plant(&mut self, fault: Fault) -> FaultStatus {
        self.last_id += 1;
        let status = FaultStatus {
            id: FaultId(self.last_id),
            door: fault.door,
            operation: fault.operation,
            nth: fault.nth,
            times: fault.times,
            effect: fault.effect,
            seen: 0,
            fired: 0,
        };
        self.planted.push(status.clone());
        status
    }

    pub(crate) fn all(&self) -> &[FaultStatus] {
        &self.planted
    }

    pub(crate) fn clear(&mut self) {
        self.planted.clear();
    }

    /// Counts a call in every fault that matches it; the earliest planted that strikes decides.
    pub(crate) fn strike(&mut self, door: Door, operation: &str) -> Option<(FaultId, Effect)> {
        let mut struck: Option<&mut FaultStatus> = None;
        for status in &mut self.planted {
            if !status.matches(door, operation) {
                continue;
            }
            status.seen = status.seen.saturating_add(1);
            if struck.is_none() && status.strikes() {
                struck = Some(status);
            }
        }
        struck.map(|status| {
            status.fired += 1;
            (status.id, status.effect.clone())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn hits(fault: &str, calls: u32) -> Vec<bool> {
        let mut faults = Faults::default();
        faults.plant(serde_json::from_str(fault).unwrap());
        (0..calls).map(|_| faults.strike(Door::Ec2, "CreateVpcEndpoint").is_some()).collect()
    }

    #[test]
    fn a_fault_strikes_the_next_call_once_by_default() {
        let fault = r#"{"door":"ec2","operation":"CreateVpcEndpoint","effect":{"reset":true}}"#;
        assert_eq!(hits(fault, 3), [true, false, false]);
    }

    #[test]
    fn a_fault_waits_for_its_call_and_strikes_as_often_as_told() {
        let fault = r#"{"door":"ec2","nth":2,"times":2,"effect":{"garbage":true}}"#;
        assert_eq!(hits(fault, 4), [false, true, true, false]);
    }

    #[test]
    fn times_null_strikes_for_ever() {
        let fault = r#"{"door":"ec2","times":null,"effect":{"status":503,"code":"Unavailable"}}"#;
        assert_eq!(hits(fault, 3), [true, true, true]);
    }

    #[test]
    fn other_doors_and_operations_do_not_count() {
        let mut faults = Faults::default();
        faults.plant(Fault::new(Door::Ec2, "CreateTags", Effect::Reset));
        assert_eq!(faults.strike(Door::Ec2, "DeleteTags"), None);
        assert_eq!(faults.strike(Door::Dedicated, "CreateTags"), None);
        assert!(faults.strike(Door::Ec2, "CreateTags").is_some());
    }

    #[test]
    fn an_effect_must_be_exactly_one() {
        for effect in [r"{}", r#"{"reset":true,"garbage":true}"#, r#"{"body":"x"}"#] {
            assert!(serde_json::from_str::<Effect>(effect).is_err(), "{effect}");
        }
    }

    #[test]
    fn an_effect_is_written_as_it_is_read() {
        let text = r#"{"status":429,"code":"49900007"}"#;
        let effect: Effect = serde_json::from_str(r#"{"status":429,"code":49900007}"#).unwrap();
        assert_eq!(serde_json::to_string(&effect).unwrap(), text);
    }
}
