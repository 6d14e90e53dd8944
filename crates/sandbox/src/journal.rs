//! Every request to a service's door, in order, so that a test can say what was asked, how often and with what answer.
//! Written when the request arrives and completed when it is answered; a request that never was answered has no status.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::doors::Door;
use crate::faults::FaultId;
use crate::http::{Reply, Request, form_pairs};
use crate::redact;

/// One request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// Counts up from 1 and is never used twice.
    pub seq: u64,
    /// The door it came through.
    pub door: Door,
    /// The operation: EC2's action, or the API's method name such as `GetPrivateLinkService`.
    pub operation: String,
    /// HTTP method.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Query as sent, without secrets.
    pub query: String,
    /// Body as sent, without secrets.
    pub body: String,
    /// HTTP status; none when no answer was sent.
    pub status: Option<u16>,
    /// The service's error code, when it was an error.
    pub code: Option<String>,
    /// The planted fault that decided the answer.
    pub fault: Option<FaultId>,
    /// When it arrived, in world time.
    pub time: Timestamp,
}

impl RequestRecord {
    /// The value of a form or query parameter, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form_pairs(&self.query)
            .into_iter()
            .chain(form_pairs(&self.body))
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }
}

/// All requests since the start or the last [`Journal::forget`].
#[derive(Debug, Default)]
pub(crate) struct Journal {
    records: Vec<RequestRecord>,
    last_seq: u64,
}

impl Journal {
    /// Writes a request down and gives its number.
    pub(crate) fn open(&mut self, door: Door, operation: &str, request: &Request, time: Timestamp) -> u64 {
        self.last_seq += 1;
        self.records.push(RequestRecord {
            seq: self.last_seq,
            door,
            operation: operation.to_owned(),
            method: request.method.to_string(),
            path: request.path.clone(),
            query: redact::form(&request.query),
            body: redact::body(&request.text()),
            status: None,
            code: None,
            fault: None,
            time,
        });
        self.last_seq
    }

    /// Notes the fault that decides a request.
    pub(crate) fn struck(&mut self, seq: u64, fault: FaultId) {
        if let Some(record) = self.record(seq) {
            record.fault = Some(fault);
        }
    }

    /// Notes the answer to a request.
    pub(crate) fn close(&mut self, seq: u64, reply: &Reply) {
        if let Some(record) = self.record(seq) {
            record.status = Some(reply.status.as_u16());
            record.code.clone_from(&reply.code);
        }
    }

    pub(crate) fn records(&self) -> &[RequestRecord] {
        &self.records
    }

    pub(crate) fn forget(&mut self) {
        self.records.clear();
    }

    fn record(&mut self, seq: u64) -> Option<&mut RequestRecord> {
        self.records.iter_mut().rev().find(|record| record.seq == seq)
    }
}
