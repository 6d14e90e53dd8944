//! The sandbox as a process of its own, and its control door.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tidblink_sandbox::world::World;
use tidblink_sandbox::{Leftover, RequestRecord, Urls};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A sandbox that this process started. Stops with the value, unless it is left running.
#[derive(Debug)]
pub(crate) struct Sandbox {
    child: Child,
    urls: Urls,
}

impl Sandbox {
    /// Starts the sandbox with the world in a file, the default one without, and waits until all of its doors are open. What it complains about goes to the file `log`.
    ///
    /// # Errors
    /// When it cannot be started or ends before it is ready.
    pub(crate) async fn start(binary: &Path, speed: u32, world: Option<&Path>, log: &Path) -> Result<Self> {
        let mut command = Command::new(binary);
        if let Some(world) = world {
            command.arg("--world").arg(world);
        }
        let mut child = command
            .args(["--speed", &speed.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log).with_context(|| format!("cannot write {}", log.display()))?)
            // Ctrl-C at the terminal must not take the clouds away before terraform is done with them.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let stdout = child.stdout.take().context("the sandbox has no stdout")?;
        let mut ready = String::new();
        BufReader::new(stdout).read_line(&mut ready).await?;
        let urls = serde_json::from_str(&ready)
            .with_context(|| format!("the sandbox did not become ready; see {}", log.display()))?;
        Ok(Self { child, urls })
    }

    /// The addresses of its doors.
    pub(crate) fn urls(&self) -> &Urls {
        &self.urls
    }

    /// Lets it run on after this process ends, and returns its process id; `None` when it has already ended.
    pub(crate) fn leave_running(self) -> Option<u32> {
        let pid = self.child.id();
        // Dropping the handle would end the sandbox; forgetting it leaks a few bytes of a process about to end.
        std::mem::forget(self.child);
        pid
    }

    /// Every request that the sandbox has answered, oldest first.
    ///
    /// # Errors
    /// When the control door does not answer as it should.
    pub(crate) async fn requests(&self) -> Result<Vec<RequestRecord>> {
        self.control("/requests").await
    }

    /// What exists that was not there at the start.
    ///
    /// # Errors
    /// When the control door does not answer as it should.
    pub(crate) async fn leftovers(&self) -> Result<Vec<Leftover>> {
        self.control("/leftovers").await
    }

    /// Everything that exists.
    ///
    /// # Errors
    /// When the control door does not answer as it should.
    pub(crate) async fn world(&self) -> Result<World> {
        self.control("/world").await
    }

    /// Plants a fault.
    ///
    /// # Errors
    /// When the control door refuses it.
    pub(crate) async fn fault(&self, fault: &Value) -> Result<()> {
        ask(&self.urls.control, "POST", "/faults", &fault.to_string()).await.map(drop)
    }

    async fn control<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let body = ask(&self.urls.control, "GET", path, "")
            .await
            .with_context(|| format!("GET {}{path}", self.urls.control))?;
        serde_json::from_str(&body).with_context(|| format!("{path} answered something else than expected"))
    }
}

/// One request over a connection of its own. HTTP/1.0, so that the answer's body ends where the connection does.
async fn ask(base: &str, method: &str, path: &str, body: &str) -> Result<String> {
    let authority =
        base.strip_prefix("http://").context("the control door speaks plain http")?.trim_end_matches('/');
    let mut stream = TcpStream::connect(authority).await?;
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {authority}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8(answer)?;
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        bail!("the connection ended inside the answer");
    };
    let status = head.lines().next().unwrap_or_default();
    ensure!(status.split(' ').nth(1).is_some_and(|code| code.starts_with('2')), "{status}: {body}");
    Ok(body.to_owned())
}
