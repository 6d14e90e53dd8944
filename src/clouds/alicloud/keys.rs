//! A key that requests can be signed with, wherever it was found.

use time::{Duration, OffsetDateTime};

use super::config::StaticKeys;
use crate::redact::Secrets;
use crate::secret::Secret;

/// Temporary keys are renewed when this little of their life is left, so that none ends on its way.
const RENEW_BEFORE: Duration = Duration::minutes(5);

/// An AccessKey pair with all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) access_key: String,
    pub(super) secret_key: Secret,
    pub(super) security_token: Option<Secret>,
    /// When it ends; `None` when it does not, or nobody says.
    pub(super) expires: Option<OffsetDateTime>,
    /// Where it was found, as the end of "found in …".
    pub(super) source: String,
}

impl Keys {
    /// A key that was written down somewhere.
    pub(super) fn written(keys: StaticKeys, source: impl Into<String>) -> Self {
        Self {
            access_key: keys.access_key,
            secret_key: keys.secret_key,
            security_token: keys.security_token,
            expires: None,
            source: source.into(),
        }
    }

    /// Whether it is good for some minutes at least.
    pub(super) fn is_fresh(&self, now: OffsetDateTime) -> bool {
        self.expires.is_none_or(|end| end - now > RENEW_BEFORE)
    }

    /// Whether it is good at all.
    pub(super) fn is_alive(&self, now: OffsetDateTime) -> bool {
        self.expires.is_none_or(|end| end > now)
    }

    /// Whether it is a session's key that was written down: it will end, and nobody here can renew it.
    pub(super) fn cannot_be_renewed(&self) -> bool {
        self.security_token.is_some() && self.expires.is_none()
    }

    /// `text` without the secrets of this key.
    pub(super) fn redact(&self, text: String) -> String {
        let token = self.security_token.as_ref().map(Secret::expose).unwrap_or_default();
        Secrets::default().and(self.secret_key.expose()).and(token).out_of(text)
    }
}
