//! What this machine says: its environment, the user's home folder and the wall clock. Injected, so that tests neither
//! read nor change what belongs to the process.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use time::OffsetDateTime;

type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;
type WallClock = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

/// The machine that the provider runs on.
#[derive(Clone)]
pub struct Machine {
    variables: Variables,
    home: Option<PathBuf>,
    now: WallClock,
}

impl Machine {
    /// This process's own.
    pub fn this() -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        Self {
            home: variable("HOME").or_else(|| variable("USERPROFILE")).map(PathBuf::from),
            variables: Arc::new(variable),
            now: Arc::new(OffsetDateTime::now_utc),
        }
    }

    /// One with just these variables and this home folder.
    pub fn with(variables: HashMap<String, String>, home: Option<PathBuf>) -> Self {
        Self {
            variables: Arc::new(move |name| variables.get(name).cloned()),
            home,
            now: Arc::new(OffsetDateTime::now_utc),
        }
    }

    /// The same with another wall clock.
    #[must_use]
    pub fn at(self, now: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), ..self }
    }

    /// An environment variable; an empty one is as good as none.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.variables)(name).filter(|value| !value.is_empty())
    }

    /// Whether a variable says `true`.
    pub(super) fn says_true(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The user's home folder, when there is one.
    pub(super) fn home(&self) -> Option<&PathBuf> {
        self.home.as_ref()
    }

    /// The time that signatures and the ends of temporary keys are measured by. Alibaba Cloud has its own clock, so this
    /// one always runs at its pace, whatever the operation's clock does.
    pub(super) fn now(&self) -> OffsetDateTime {
        (self.now)()
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::this()
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The environment may hold secrets.
        f.debug_struct("Machine").field("home", &self.home).finish_non_exhaustive()
    }
}
