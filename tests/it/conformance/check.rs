//! Holds requests and JSON values against facts. Every difference is told, with where it is.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tidblink_sandbox::RequestRecord;

use super::facts::{Api, Carried, Fact, Kind, Operation};

/// What is wrong with a request that calls `operation`.
pub(super) fn request(api: &Api, operation: &Operation, request: &RequestRecord) -> Vec<String> {
    let mut problems = Vec::new();
    let query = pairs(&request.query);
    // The first half of a digest handshake carries no credentials and no answer; what it asks is checked like the rest.
    match (&operation.body, operation.carried) {
        (Some(body), _) => match serde_json::from_str(&request.body) {
            Ok(value) => Walk::new(api).value(body, &value, "body").tell(&mut problems),
            Err(error) => problems.push(format!("body: {error}")),
        },
        (None, Carried::Query) if !request.body.is_empty() => problems.push("body: there is none".to_owned()),
        (None, Carried::Query) => {}
        (None, Carried::Form) => {
            for (name, _) in query.iter().filter(|(name, _)| !api.common.contains_key(name)) {
                problems.push(format!("{name}: belongs into the form"));
            }
        }
    }
    let form = match operation.carried {
        Carried::Form => pairs(&request.body),
        Carried::Query => Vec::new(),
    };
    let given: Vec<_> = query.into_iter().chain(form).collect();
    parameters(api, operation, &given, &mut problems);
    problems.into_iter().map(|problem| format!("{}: {problem}: {request:?}", operation.name)).collect()
}

fn pairs(encoded: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(encoded.as_bytes()).into_owned().collect()
}

fn parameters(api: &Api, operation: &Operation, given: &[(String, String)], problems: &mut Vec<String>) {
    let facts = || api.common.iter().chain(&operation.parameters);
    let mut numbers: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (name, value) in given {
        let (general, places) = numbered(name);
        let Some((_, fact)) = facts().find(|(known, _)| **known == general) else {
            problems.push(format!("{name}: no such parameter"));
            continue;
        };
        if let Err(problem) = text(fact, value) {
            problems.push(format!("{name}={value}: {problem}"));
        }
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        if *times > 1 && !fact.repeats {
            problems.push(format!("{name}: comes {times} times"));
        }
        for (prefix, number) in places {
            if fact.most.is_some_and(|most| number > most) {
                problems.push(format!("{name}: there are at most {:?}", fact.most));
            }
            numbers.entry(prefix).or_default().insert(number);
        }
    }
    for (name, _) in facts().filter(|(_, fact)| fact.required) {
        if !seen.keys().any(|given| numbered(given).0 == *name) {
            problems.push(format!("{name}: missing"));
        }
    }
    for (prefix, found) in numbers {
        if !found.iter().copied().eq(1..=found.len()) {
            problems.push(format!("{prefix}: numbered {found:?}"));
        }
    }
}

/// `Zone.2.ZoneId` as `Zone.N.ZoneId`, with the numbers and what is before them.
fn numbered(name: &str) -> (String, Vec<(String, usize)>) {
    let (mut general, mut places, mut before) = (Vec::new(), Vec::new(), Vec::new());
    for part in name.split('.') {
        match part.parse() {
            Ok(number) => {
                places.push((before.join("."), number));
                general.push("N");
            }
            Err(_) => general.push(part),
        }
        before.push(part);
    }
    (general.join("."), places)
}

/// A value that comes as text.
fn text(fact: &Fact, value: &str) -> Result<(), String> {
    match fact.kind {
        Kind::Text => words(fact, value),
        Kind::Integer => {
            let number = value.parse::<i64>().map_err(|_| "not an integer".to_owned())?;
            range(fact, number)
        }
        Kind::Flag if matches!(value, "true" | "false") => Ok(()),
        Kind::Flag => Err("neither true nor false".to_owned()),
        Kind::Filter => value.split(" AND ").try_for_each(|part| {
            let (field, value) = part.split_once('=').ok_or_else(|| format!("no comparison: {part}"))?;
            if !is_one_of(&fact.one_of, field) {
                return Err(format!("no such field: {field}"));
            }
            if value.is_empty() { Err(format!("compares with nothing: {part}")) } else { Ok(()) }
        }),
        Kind::Elsewhere | Kind::Object | Kind::List | Kind::Map => Err("no parameter is that".to_owned()),
    }
}

fn words(fact: &Fact, value: &str) -> Result<(), String> {
    let length = value.chars().count();
    if fact.min_length.is_some_and(|min| length < min) || fact.max_length.is_some_and(|max| length > max) {
        return Err(format!("has {length} characters"));
    }
    if fact.required && value.is_empty() {
        return Err("empty".to_owned());
    }
    if !fact.one_of.is_empty() && !is_one_of(&fact.one_of, value) {
        return Err(format!("none of {:?}", fact.one_of));
    }
    Ok(())
}

fn is_one_of(choices: &[String], value: &str) -> bool {
    choices.iter().any(|choice| match choice.strip_suffix('*') {
        Some(start) => value.starts_with(start),
        None => choice == value,
    })
}

fn range(fact: &Fact, number: i64) -> Result<(), String> {
    let fits = fact.min.is_none_or(|min| number >= min) && fact.max.is_none_or(|max| number <= max);
    if fits { Ok(()) } else { Err(format!("not in {:?} to {:?}", fact.min, fact.max)) }
}

/// A walk through a JSON value beside its facts.
pub(super) struct Walk<'a> {
    api: &'a Api,
    problems: Vec<String>,
    /// The fields that had a value, as `Type.field` or by their path.
    pub(super) seen: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        Self { api, problems: Vec::new(), seen: BTreeSet::new() }
    }

    pub(super) fn value(mut self, fact: &'a Fact, value: &Value, path: &str) -> Self {
        self.visit(fact, value, path, path);
        self
    }

    pub(super) fn tell(self, problems: &mut Vec<String>) {
        problems.extend(self.problems);
    }

    /// `place` is where the value is; `kind` where its facts are.
    fn visit(&mut self, fact: &'a Fact, value: &Value, place: &str, kind: &str) {
        if value.is_null() && fact.nullable {
            return;
        }
        let kind = fact.is.as_deref().unwrap_or(kind);
        let fact = self.api.resolve(fact);
        let checked = match (fact.kind, value) {
            (Kind::Text, Value::String(value)) => words(fact, value),
            (Kind::Integer, Value::Number(number)) => {
                number.as_i64().ok_or_else(|| "not an integer".to_owned()).and_then(|n| range(fact, n))
            }
            (Kind::Flag, Value::Bool(_)) => Ok(()),
            (Kind::List, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.items(fact, item, &format!("{place}[{index}]"), kind);
                }
                Ok(())
            }
            (Kind::Map, Value::Object(items)) => {
                for (name, item) in items {
                    self.items(fact, item, &format!("{place}.{name}"), kind);
                }
                Ok(())
            }
            (Kind::Object, Value::Object(fields)) => {
                self.fields(fact, fields, place, kind);
                Ok(())
            }
            (expected, _) => Err(format!("{value} is not of the kind {expected:?}")),
        };
        if let Err(problem) = checked {
            self.problems.push(format!("{place}: {problem}"));
        }
    }

    fn items(&mut self, fact: &'a Fact, item: &Value, place: &str, kind: &str) {
        if let Some(fact) = &fact.items {
            self.visit(fact, item, place, kind);
        }
    }

    fn fields(&mut self, fact: &'a Fact, values: &serde_json::Map<String, Value>, place: &str, kind: &str) {
        let Some(facts) = &fact.fields else { return };
        for (name, value) in values {
            let (place, kind) = (format!("{place}.{name}"), format!("{kind}.{name}"));
            match facts.get(name) {
                Some(fact) => {
                    self.visit(fact, value, &place, &kind);
                    self.seen.insert(kind);
                }
                None => self.problems.push(format!("{place}: no such field")),
            }
        }
        for (name, _) in facts.iter().filter(|(name, fact)| fact.required && !values.contains_key(*name)) {
            self.problems.push(format!("{place}.{name}: missing"));
        }
    }
}
