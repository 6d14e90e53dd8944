//! `cargo demo`: the provider's whole job in front of one's eyes, with no account. A real terraform installs the
//! provider from a mirror, makes a private endpoint in the sandbox, finds nothing more to do, and takes it away again.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tidblink_sandbox::Leftover;

use crate::cargo::{self, PROVIDER, Profile, SANDBOX};
use crate::control::Sandbox;
use crate::interrupt::Interrupt;
use crate::playground::Playground;
use crate::requests::Requests;
use crate::scenario::Scenario;
use crate::terraform::{self, Terraform};

/// How many times faster than the real ones the services in the sandbox are: minutes become seconds.
const SPEED: u32 = 60;

/// What stands before terraform's own lines.
const QUOTE: &str = "    │ ";

/// Runs the demo of one system, or of each in turn. With `keep`, everything stays as it is after the second plan.
///
/// # Errors
/// When any step fails, or with [`crate::interrupt::Interrupted`] after the user's Ctrl-C; either way nothing stays.
pub(crate) async fn run(scenario: Scenario, keep: bool, interrupt: &Interrupt) -> Result<()> {
    ensure!(
        !keep || scenario != Scenario::All,
        "`--keep` leaves one system standing: name it instead of `all`"
    );
    for scenario in scenario.each() {
        show(scenario, keep, interrupt).await?;
    }
    Ok(())
}

async fn show(scenario: Scenario, keep: bool, interrupt: &Interrupt) -> Result<()> {
    println!("\n### {}", scenario.title());
    let binary = terraform::find()?;
    let mut steps = Steps::new(if keep { 6 } else { 8 });

    steps.begin("cargo build: the provider and the sandbox");
    let built = interrupt.or(cargo::build(&[PROVIDER, SANDBOX], Profile::Dev)).await?;
    interrupt.check()?;
    let built = built?;

    steps.begin(format!(
        "the sandbox: TiDB Cloud, AWS and Alibaba Cloud on loopback, {SPEED} times as fast as real ones"
    ));
    let folder = TempDir::with_prefix("tidblink-demo-")?;
    let sandbox = Sandbox::start(&built[SANDBOX], SPEED, None, &folder.path().join("sandbox.log")).await?;
    let urls = sandbox.urls();
    match scenario {
        Scenario::Dedicated | Scenario::All => {
            steps.note(format!("TiDB Cloud Dedicated API  {}", urls.dedicated));
            steps.note(format!("Amazon EC2                {}", urls.ec2));
        }
        Scenario::StarterAws | Scenario::Fleet => {
            steps.note(format!("TiDB Cloud Starter API    {}", urls.serverless));
            steps.note(format!("Amazon EC2                {}", urls.ec2));
        }
        Scenario::EssentialAlicloud => {
            steps.note(format!("TiDB Cloud Starter API    {}", urls.serverless));
            steps.note(format!("Alibaba Cloud             {}", urls.alicloud));
        }
    }
    let platform = terraform::platform(&binary, folder.path(), interrupt).await?;
    let playground = Playground::lay_out(folder.path(), scenario.example(), &built[PROVIDER], &platform)?;
    steps.note(format!("working folder            {}", playground.work().display()));

    let mut demo = Demo {
        terraform: playground.terraform(&binary, sandbox.urls(), SPEED),
        sandbox,
        interrupt: interrupt.clone(),
        seen: 0,
    };
    demo.terraform(&mut steps, "init: the provider from a filesystem mirror, locked", &["init"], 0).await?;
    demo.terraform(&mut steps, "plan", &["plan", "-out=tfplan", "-detailed-exitcode"], 2).await?;
    demo.terraform(&mut steps, "apply", &["apply", "tfplan"], 0).await?;
    for (name, value) in demo.outputs().await? {
        steps.result(format!("{name}  {value}"));
    }
    demo.terraform(&mut steps, "plan again: must be empty", &["plan", "-detailed-exitcode"], 0).await?;

    if keep {
        return stay(folder, &playground, demo, steps);
    }
    demo.terraform(&mut steps, "destroy", &["destroy", "-auto-approve"], 0).await?;
    steps.begin("nothing may be left over");
    let left = demo.sandbox.leftovers().await?;
    ensure!(left.is_empty(), "left over in the sandbox: {}", describe(&left));
    steps.note("GET /leftovers  []");
    steps.finish();
    Ok(())
}

/// An output as `terraform output -json` writes it.
#[derive(serde::Deserialize)]
struct Output {
    value: Value,
}

/// What the later steps share.
struct Demo {
    terraform: Terraform,
    sandbox: Sandbox,
    interrupt: Interrupt,
    /// How many of the sandbox's requests earlier steps have shown.
    seen: usize,
}

impl Demo {
    /// One terraform command as a step: shows what it prints, then what it asked of the services.
    async fn terraform(
        &mut self,
        steps: &mut Steps,
        title: &str,
        arguments: &[&str],
        expected: i32,
    ) -> Result<()> {
        steps.begin(format!("terraform {title}"));
        let mut all = arguments.to_vec();
        all.insert(1, "-no-color");
        all.insert(2, "-input=false");
        let outcome = self.terraform.run(&all, Some(QUOTE), &self.interrupt).await?;
        ensure!(
            outcome.status.code() == Some(expected),
            "`terraform {}` ended with {} instead of {expected}",
            arguments.join(" "),
            outcome.status
        );
        let requests = self.sandbox.requests().await?;
        let fresh = Requests::count(requests.iter().skip(self.seen));
        self.seen = requests.len();
        for line in fresh.to_string().lines() {
            steps.note(format!("requests to {line}"));
        }
        Ok(())
    }

    /// Every output, a line for each value; there is none that is empty.
    async fn outputs(&self) -> Result<Vec<(String, String)>> {
        let outcome = self.terraform.run(&["output", "-json"], None, &self.interrupt).await?;
        let outputs: BTreeMap<String, Output> =
            serde_json::from_str(&outcome.stdout).context("the outputs are not what terraform writes")?;
        ensure!(!outputs.is_empty(), "the configuration has no outputs");
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut lines = Vec::new();
        for (name, Output { value }) in outputs {
            ensure!(!value.is_null(), "the output `{name}` is null");
            match value.as_object() {
                Some(entries) => {
                    lines.extend(
                        entries.iter().map(|(key, value)| (name.clone(), format!("{key}: {}", text(value)))),
                    );
                }
                None => lines.push((name, text(&value))),
            }
        }
        Ok(lines)
    }
}

/// Leaves the sandbox running and the folder in place, and says how to use and how to end them.
fn stay(folder: TempDir, playground: &Playground, demo: Demo, steps: Steps) -> Result<()> {
    let environment = playground.write_environment(demo.sandbox.urls(), SPEED)?;
    let control = demo.sandbox.urls().control.clone();
    let pid = demo.sandbox.leave_running().context("the sandbox has ended")?;
    let folder = folder.keep();
    let terraform = demo.terraform.binary.display().to_string();
    steps.finish();
    println!(
        "\nThe sandbox is running and the endpoint is there. To play:\n\n  \
         cd {work}\n  . {environment}\n  {terraform} plan\n  {terraform} state list\n  \
         curl -s {control}/requests\n  curl -s {control}/world\n\n\
         To end:\n\n  {terraform} destroy -auto-approve\n  kill {pid}\n  rm -r {folder}",
        work = playground.work().display(),
        environment = environment.display(),
        folder = folder.display(),
    );
    Ok(())
}

fn describe(leftovers: &[Leftover]) -> String {
    let items: Vec<_> = leftovers.iter().map(|left| format!("{:?} {}", left.kind, left.id)).collect();
    items.join(", ")
}

/// The numbered steps on the terminal, with the time that each took.
struct Steps {
    total: usize,
    number: usize,
    start: Instant,
    began: Instant,
}

impl Steps {
    fn new(total: usize) -> Self {
        let now = Instant::now();
        Self { total, number: 0, start: now, began: now }
    }

    fn begin(&mut self, title: impl Display) {
        self.end();
        self.number += 1;
        self.began = Instant::now();
        println!("\n==> {}/{} {title}", self.number, self.total);
    }

    fn note(&self, text: impl Display) {
        println!("    {text}");
    }

    fn result(&self, text: impl Display) {
        println!("  * {text}");
    }

    fn end(&self) {
        if self.number > 0 {
            println!("    ({:.1} s)", self.began.elapsed().as_secs_f64());
        }
    }

    fn finish(&self) {
        self.end();
        println!("\nDone in {:.1} s.", self.start.elapsed().as_secs_f64());
    }
}
