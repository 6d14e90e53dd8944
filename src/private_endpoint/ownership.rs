//! What a resource instance remembers about whose its endpoint is, kept in Terraform's private state.

use tfplugin::{Diagnostic, PrivateState};

use crate::clouds::CloudEndpoint;

const TOKEN: &str = "token";
const IMPORTED: &str = "imported";

/// The instance's claim to its endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ownership {
    /// The token in the endpoint's tag, of an endpoint that this instance made.
    pub(super) token: Option<String>,
    /// Whether the user handed the endpoint over by importing it.
    pub(super) imported: bool,
}

impl Ownership {
    /// Reads it.
    ///
    /// # Errors
    /// A diagnostic when the private state is not ours.
    pub(super) fn load(private: &PrivateState) -> Result<Self, Diagnostic> {
        let read = || -> Result<Self, tfplugin::private::PrivateStateError> {
            Ok(Self { token: private.get(TOKEN)?, imported: private.get(IMPORTED)?.unwrap_or_default() })
        };
        read().map_err(|error| {
            Diagnostic::error(
                "The private state of the resource is damaged",
                format!(
                    "{error}. Without it nobody knows whether the endpoint is this resource's. Remove the resource with \
                     `terraform state rm` and import it again."
                ),
            )
        })
    }

    /// Writes it beside whatever else is there.
    pub(super) fn store(&self, private: &mut PrivateState) {
        // Strings and booleans always have a JSON form.
        if let Some(token) = &self.token {
            let _ = private.set(TOKEN, token);
        }
        if self.imported {
            let _ = private.set(IMPORTED, &true);
        }
    }

    /// Whether the endpoint is this instance's to change and delete.
    pub(super) fn covers(&self, endpoint: &CloudEndpoint) -> bool {
        self.imported || self.token.is_some() && self.token.as_deref() == endpoint.token()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::super::marks::tests::endpoint;
    use super::*;
    use crate::clouds::TOKEN_TAG;

    #[test]
    fn it_survives_the_private_state() {
        for ownership in [
            Ownership::default(),
            Ownership { token: Some("t".into()), imported: false },
            Ownership { token: None, imported: true },
        ] {
            let mut private = PrivateState::new();
            ownership.store(&mut private);
            let stored = PrivateState::from_bytes(&private.to_bytes()).unwrap();
            assert_eq!(Ownership::load(&stored).unwrap(), ownership);
        }
    }

    #[test]
    fn only_the_own_token_or_an_import_makes_an_endpoint_ours() {
        let ours = Ownership { token: Some("t".into()), imported: false };
        assert!(ours.covers(&endpoint(&[(TOKEN_TAG, "t")])));
        assert!(!ours.covers(&endpoint(&[(TOKEN_TAG, "other")])));
        assert!(!ours.covers(&endpoint(&[])));
        assert!(!Ownership::default().covers(&endpoint(&[])), "no token is no proof");
        assert!(Ownership { token: None, imported: true }.covers(&endpoint(&[])));
    }

    #[test]
    fn private_state_of_another_shape_is_an_error() {
        let private = PrivateState::from_bytes(br#"{"token": 5}"#).unwrap();
        assert!(Ownership::load(&private).is_err());
    }
}
