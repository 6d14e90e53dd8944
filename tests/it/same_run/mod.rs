//! A configuration that would work must never be refused. What stands in the way when the plan is made may be put right by
//! the very run that is planned: then the plan warns, and the apply goes through. Neither is an endpoint of one's own ever
//! in its own way, nor a destroy held up by what would hold up a create.

mod behind;
mod no_obstacle;
mod warned;

use tidblink_sandbox::Event;
use tidblink_sandbox::world::World;

use crate::support::Run;

type Breakage = fn(&mut World);

/// Something in the way, and what another resource of the same run does about it.
struct Case {
    broken: Breakage,
    /// What the plan has to warn of.
    warned: &'static [&'static str],
    mended: Vec<Event>,
    /// What was applied before anything was broken.
    before: Option<String>,
    hcl: String,
}

/// The configuration with a resource that lets the events happen before the endpoint and its service are looked at.
fn mending(run: &Run, hcl: &str, events: &[Event]) -> String {
    let post = |event: &Event| {
        let body = serde_json::to_string(event).unwrap();
        format!("curl --fail --silent --show-error --data '{body}' {}", run.clouds.events_url())
    };
    let command = events.iter().map(post).collect::<Vec<_>>().join(" && ");
    let after = "  depends_on = [terraform_data.mend]\n";
    let hcl = hcl
        .replace("  cluster_id = ", &format!("{after}  cluster_id = "))
        .replace("  service_id = ", &format!("{after}  service_id = "));
    format!(
        "{hcl}\nresource \"terraform_data\" \"mend\" {{\n  provisioner \"local-exec\" {{\n    command = {command:?}\n  }}\n}}\n"
    )
}

async fn check(cases: Vec<Case>) {
    for Case { broken, warned, mended, before, hcl } in cases {
        let run = Run::new().await;
        if let Some(before) = before {
            run.clouds.world(broken);
            run.write("main.tf", before);
            run.apply().await;
        } else {
            run.clouds.world(broken);
        }
        run.write("main.tf", mending(&run, &hcl, &mended));

        let plan = run.plan().await;
        for word in warned {
            assert!(plan.prose.contains(word), "the plan does not warn of {word:?}: {}", plan.prose);
        }
        run.apply().await;

        run.assert_empty_plan().await;
        run.clouds.world(behind::others_leave);
        run.destroy().await;
    }
}

fn case(broken: Breakage, warned: &'static [&'static str], mended: &[Event], hcl: impl Into<String>) -> Case {
    Case { broken, warned, mended: mended.to_vec(), before: None, hcl: hcl.into() }
}
