//! The control door: JSON over HTTP for tests, with no credentials and no journal. What it does not understand is
//! answered 400 with the names it would have understood.

use std::time::Duration;

use ::http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::doors::{self, Door};
use crate::engine::State;
use crate::events::Event;
use crate::faults::Fault;
use crate::http::{Reply, Request};
use crate::world::World;

const ROUTES: &str = "GET|PUT /world, GET|DELETE /requests, GET|POST|DELETE /faults, POST /events, GET /leftovers, POST /clock";

/// Body of `POST /clock`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Jump {
    advance_seconds: f64,
}

/// Answers one request.
pub(crate) fn answer(state: &mut State, request: &Request) -> Reply {
    let path = request.path.trim_end_matches('/');
    route(state, &request.method, path, request)
        .unwrap_or_else(|message| Reply::json(StatusCode::BAD_REQUEST, &json!({ "error": message })))
}

fn route(state: &mut State, method: &Method, path: &str, request: &Request) -> Result<Reply, String> {
    let reply = match (method.as_str(), path) {
        ("GET", "/world") => Reply::json(StatusCode::OK, &state.world),
        ("PUT", "/world") => {
            state.replace_world(parse::<World>(request)?);
            Reply::json(StatusCode::OK, &state.world)
        }
        ("GET", "/requests") => Reply::json(StatusCode::OK, &state.journal.records()),
        ("DELETE", "/requests") => {
            state.journal.forget();
            done()
        }
        ("GET", "/faults") => Reply::json(StatusCode::OK, &state.faults.all()),
        ("POST", "/faults") => {
            let fault = parse::<Fault>(request)?;
            check(&fault)?;
            Reply::json(StatusCode::OK, &state.faults.plant(fault))
        }
        ("DELETE", "/faults") => {
            state.faults.clear();
            done()
        }
        ("POST", "/events") => {
            let event = parse::<Event>(request)?;
            state.world.happen(event).map_err(|error| error.to_string())?;
            done()
        }
        ("GET", "/leftovers") => Reply::json(StatusCode::OK, &state.baseline.leftovers(&state.world)),
        ("POST", "/clock") => {
            let seconds = parse::<Jump>(request)?.advance_seconds;
            let by = Duration::try_from_secs_f64(seconds)
                .map_err(|error| format!("advance_seconds is {seconds}: {error}"))?;
            state.clock.advance(by);
            let now = state.clock.now();
            state.world.advance(now);
            Reply::json(StatusCode::OK, &json!({ "now": state.world.now }))
        }
        (method, path) => {
            let message = format!("{method} {path} is not served here; the control door serves {ROUTES}");
            return Ok(Reply::json(StatusCode::NOT_FOUND, &json!({ "error": message })));
        }
    };
    Ok(reply)
}

fn done() -> Reply {
    Reply::json(StatusCode::OK, &json!({}))
}

fn parse<T: DeserializeOwned>(request: &Request) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| error.to_string())
}

/// Refuses a fault that could never strike.
fn check(fault: &Fault) -> Result<(), String> {
    if fault.nth == 0 {
        return Err("nth is 0; calls are counted from 1".to_owned());
    }
    let known = doors::operations(fault.door);
    match &fault.operation {
        Some(operation) if known.is_empty() => Err(format!(
            "the {} door serves no operations, so `{operation}` can never fail there",
            fault.door
        )),
        Some(operation) if !known.contains(&operation.as_str()) => Err(format!(
            "unknown operation `{operation}` of the {} door, expected one of {}",
            fault.door,
            known.join(", ")
        )),
        None if fault.door == Door::Control => Err("the control door cannot be made to fail".to_owned()),
        _ => Ok(()),
    }
}
