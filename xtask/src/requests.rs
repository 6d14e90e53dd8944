//! What a phase asked of the services, summed up from the sandbox's journal.

use std::collections::BTreeMap;
use std::fmt;

use tidblink_sandbox::{Door, RequestRecord};

/// Requests per service and operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Requests {
    services: BTreeMap<&'static str, BTreeMap<String, usize>>,
}

impl Requests {
    /// Counts.
    pub(crate) fn count<'a>(records: impl IntoIterator<Item = &'a RequestRecord>) -> Self {
        let mut requests = Self::default();
        for record in records {
            let operation = match record.status {
                // The first request to a TiDB Cloud API is answered with a digest challenge.
                Some(401) if is_tidb_cloud(record.door) => "challenge".to_owned(),
                _ => record.operation.clone(),
            };
            *requests.services.entry(service(record.door)).or_default().entry(operation).or_default() += 1;
        }
        requests
    }

    /// Operations and their numbers, by service.
    pub(crate) fn services(&self) -> &BTreeMap<&'static str, BTreeMap<String, usize>> {
        &self.services
    }
}

fn is_tidb_cloud(door: Door) -> bool {
    matches!(door, Door::Dedicated | Door::Serverless | Door::Legacy)
}

fn service(door: Door) -> &'static str {
    match door {
        door if is_tidb_cloud(door) => "TiDB Cloud",
        Door::Ec2 => "Amazon EC2",
        _ => "Alibaba Cloud",
    }
}

impl fmt::Display for Requests {
    /// One line per service: `Amazon EC2 (4): DescribeSubnets 1, DescribeVpcAttribute 2, …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (service, operations)) in self.services.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            write!(f, "{service} ({}):", operations.values().sum::<usize>())?;
            for (position, (operation, number)) in operations.iter().enumerate() {
                write!(f, "{} {operation} {number}", if position > 0 { "," } else { "" })?;
            }
        }
        Ok(())
    }
}
