//! The doors: each translates one service's wire format to and from the world. A door names the operation a request asks
//! for, lets it in (credentials, then request budget), performs it, and writes errors in its service's own form.

mod alicloud;
mod buckets;
mod dedicated;
mod ec2;
mod legacy;
mod serverless;
mod tidb;

use std::fmt;

use ::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::engine::State;
use crate::http::{Reply, Request};

/// A door, by the name under which the ready line, faults and the journal know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Door {
    /// TiDB Cloud Dedicated v1beta1.
    Dedicated,
    /// TiDB Cloud Starter and Essential v1beta1.
    Serverless,
    /// TiDB Cloud legacy v1beta.
    Legacy,
    /// EC2 2016-11-15 and STS 2011-06-15, Query protocol.
    Ec2,
    /// Alibaba Cloud: PrivateLink, VPC, ECS and STS, RPC style, and the metadata service of a machine.
    Alicloud,
    /// For tests.
    Control,
}

impl Door {
    /// All doors, in the order of their ports.
    pub const ALL: [Self; 6] =
        [Self::Dedicated, Self::Serverless, Self::Legacy, Self::Ec2, Self::Alicloud, Self::Control];
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dedicated => "dedicated",
            Self::Serverless => "serverless",
            Self::Legacy => "legacy",
            Self::Ec2 => "ec2",
            Self::Alicloud => "alicloud",
            Self::Control => "control",
        })
    }
}

/// Who came in.
#[derive(Clone, Debug)]
pub(crate) enum Admitted {
    /// A TiDB Cloud API key.
    Tidb(tidb::Caller),
    /// An AWS principal, with the parameters it sent.
    Ec2(ec2::Call),
    /// A caller of Alibaba Cloud, with the parameters it sent.
    Alicloud(alicloud::Call),
    /// Nobody in particular.
    Anyone,
}

/// What the doors remember about callers: nonces given out and budgets used.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    tidb: tidb::Gate,
    ec2: buckets::Buckets,
    alicloud: alicloud::Gate,
}

impl Gate {
    /// Fills every request budget again.
    pub(crate) fn forget_budgets(&mut self) {
        self.tidb.forget_budgets();
        self.ec2 = buckets::Buckets::default();
        self.alicloud.forget_budgets();
    }
}

/// The operations a door knows, as faults and the journal name them.
pub(crate) fn operations(door: Door) -> &'static [&'static str] {
    match door {
        Door::Dedicated => &dedicated::OPERATIONS,
        Door::Serverless => &serverless::OPERATIONS,
        Door::Legacy => &legacy::OPERATIONS,
        Door::Ec2 => &ec2::OPERATIONS,
        Door::Alicloud => &alicloud::OPERATIONS,
        Door::Control => &[],
    }
}

/// The operation a request asks for; `Unknown` for what the service does not have.
pub(crate) fn operation(door: Door, request: &Request) -> String {
    match door {
        Door::Dedicated => dedicated::operation(request).to_owned(),
        Door::Serverless => serverless::operation(request).to_owned(),
        Door::Legacy => legacy::operation(request).to_owned(),
        Door::Ec2 => ec2::operation(request),
        Door::Alicloud => alicloud::operation(request),
        Door::Control => String::new(),
    }
}

/// Checks credentials and takes the request from its caller's budget.
pub(crate) fn admit(
    state: &mut State,
    door: Door,
    operation: &str,
    request: &Request,
    seq: u64,
) -> Result<Admitted, Reply> {
    match door {
        Door::Dedicated | Door::Serverless | Door::Legacy => {
            let State { world, gate, .. } = state;
            gate.tidb.admit(world, operation, request).map(Admitted::Tidb)
        }
        Door::Ec2 => {
            let State { world, gate, .. } = state;
            ec2::admit(world, &mut gate.ec2, operation, request, seq).map(Admitted::Ec2)
        }
        Door::Alicloud => {
            let State { world, gate, .. } = state;
            alicloud::admit(world, &mut gate.alicloud, operation, request, seq).map(Admitted::Alicloud)
        }
        Door::Control => Ok(Admitted::Anyone),
    }
}

/// Does what was asked.
pub(crate) fn perform(
    state: &mut State,
    door: Door,
    operation: &str,
    admitted: &Admitted,
    request: &Request,
    seq: u64,
) -> Reply {
    let State { world, gate, .. } = state;
    match (door, admitted) {
        (Door::Dedicated, Admitted::Tidb(caller)) => dedicated::perform(world, caller, request),
        (Door::Serverless, _) => serverless::perform(world, request),
        (Door::Legacy, _) => legacy::perform(world, request),
        (Door::Ec2, Admitted::Ec2(call)) => ec2::perform(world, operation, call, seq),
        (Door::Alicloud, Admitted::Alicloud(call)) => {
            alicloud::perform(world, &mut gate.alicloud, operation, call, request, seq)
        }
        // No door lets in another door's caller.
        _ => tidb::error_reply(StatusCode::INTERNAL_SERVER_ERROR, 13, "let in by another door"),
    }
}

/// An error that was planted, in the door's own form.
pub(crate) fn planted(
    door: Door,
    admitted: &Admitted,
    status: StatusCode,
    code: Option<String>,
    message: Option<String>,
    seq: u64,
) -> Reply {
    let message = message.unwrap_or_else(|| "a planted fault".to_owned());
    match (door, admitted) {
        (Door::Ec2, Admitted::Ec2(call)) => {
            let code = code.unwrap_or_else(|| "InternalError".to_owned());
            ec2::error_reply(call.service, status, &code, &message, seq)
        }
        (Door::Alicloud, _) => {
            let code = code.unwrap_or_else(|| "InternalError".to_owned());
            alicloud::error_reply(status, &code, &message, seq)
        }
        _ => {
            let code = code.and_then(|code| code.parse().ok()).unwrap_or(13);
            tidb::error_reply(status, code, &message)
        }
    }
}

/// Adds what every reply of a door carries: request ids and the state of the budget.
pub(crate) fn finish(
    state: &State,
    door: Door,
    admitted: Option<&Admitted>,
    seq: u64,
    reply: Reply,
) -> Reply {
    match door {
        Door::Dedicated | Door::Serverless | Door::Legacy => {
            let reply = reply.with_header("x-debug-trace-id", tidb::trace_id(seq));
            match admitted {
                Some(Admitted::Tidb(caller)) => state.gate.tidb.with_budget(&state.world, caller, reply),
                _ => reply,
            }
        }
        Door::Ec2 => reply.with_header("x-amzn-requestid", ec2::request_id(seq)),
        Door::Alicloud => reply.with_header("x-acs-request-id", alicloud::request_id(seq)),
        Door::Control => reply,
    }
}
