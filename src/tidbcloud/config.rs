//! What a client is made from: the API key with where it came from, and the addresses of the APIs.

use std::net::IpAddr;

use url::{Host, Url};

use super::budget::Share;
use crate::error::Service;
use crate::secret::Secret;

/// Where the API key was found, so that an error can say which one was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// `public_key` and `private_key` of the provider block.
    ProviderBlock,
    /// The environment variables `TIDBCLOUD_PUBLIC_KEY` and `TIDBCLOUD_PRIVATE_KEY`.
    Environment,
}

/// An API key of a TiDB Cloud organization (Organization Settings > API Keys).
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// The public key: the user name of digest authentication.
    pub public: String,
    /// The private key: its password.
    pub private: Secret,
    /// Where the two were found.
    pub source: KeySource,
}

/// Everything that a client needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// The API key that all calls are made with.
    pub key: ApiKey,
    /// The addresses of the APIs.
    pub endpoints: Endpoints,
    /// The value of the `User-Agent` header.
    pub user_agent: String,
    /// The share of the key's request budget that may be used.
    pub share: Share,
}

/// The base address of each API, as [`Endpoints::parse`] takes it: https, or http on this machine, with an optional path
/// in front of the API's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// TiDB Cloud Dedicated.
    pub dedicated: Url,
    /// TiDB Cloud Starter and Essential.
    pub serverless: Url,
    /// The legacy API v1beta.
    pub legacy: Url,
}

/// Why a text cannot be the base address of an API, as the end of a sentence about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not a URL with a host.
    #[error("it is not a URL with a host, such as `https://gateway.example.com/tidb`")]
    NotAnAddress,
    /// Another scheme than http and https.
    #[error("its scheme is neither https nor http")]
    Scheme,
    /// Plain http to another machine, which would show the traffic to everybody on the way.
    #[error("plain http is only accepted for this machine (127.0.0.1, ::1, localhost)")]
    PlainHttp,
    /// A user name or password, which has no meaning here and would end up in logs.
    #[error("it holds a user name or password, but keys have settings of their own")]
    Credentials,
    /// A query or fragment, which would be lost.
    #[error("it has a query or a fragment, but only a path may follow the host")]
    Query,
}

impl Endpoints {
    /// TiDB Cloud's own address of the Dedicated API.
    pub const DEDICATED: &str = "https://dedicated.tidbapi.com";
    /// TiDB Cloud's own address of the Starter and Essential API.
    pub const SERVERLESS: &str = "https://serverless.tidbapi.com";
    /// TiDB Cloud's own address of the legacy API.
    pub const LEGACY: &str = "https://api.tidbcloud.com";

    /// The base address that a text says.
    ///
    /// # Errors
    /// [`EndpointError`] when calls must not, or could not, go there.
    pub fn parse(text: &str) -> Result<Url, EndpointError> {
        let url = Url::parse(text.trim()).map_err(|_| EndpointError::NotAnAddress)?;
        Self::check(&url)?;
        Ok(url)
    }

    /// Whether calls may go to an address.
    fn check(url: &Url) -> Result<(), EndpointError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(url) => {}
            "http" => return Err(EndpointError::PlainHttp),
            // `gateway.example.com:8080` parses as the scheme `gateway.example.com`: the scheme was left out.
            _ if !url.has_host() => return Err(EndpointError::NotAnAddress),
            _ => return Err(EndpointError::Scheme),
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointError::Query);
        }
        Ok(())
    }

    /// Whether calls may go to all of them.
    pub(super) fn check_all(&self) -> Result<(), EndpointError> {
        self.all().into_iter().try_for_each(Self::check)
    }

    /// Whether all of them are on this machine.
    pub(super) fn all_local(&self) -> bool {
        self.all().into_iter().all(is_loopback)
    }

    /// The address of one of TiDB Cloud's APIs.
    pub(super) fn of(&self, service: Service) -> &Url {
        match service {
            Service::TidbServerless => &self.serverless,
            Service::TidbLegacy => &self.legacy,
            _ => &self.dedicated,
        }
    }

    fn all(&self) -> [&Url; 3] {
        [&self.dedicated, &self.serverless, &self.legacy]
    }
}

/// The address of something under a base address; the segments are percent-encoded.
pub(super) fn join<'a>(base: &Url, segments: impl IntoIterator<Item = &'a str>) -> Url {
    let mut url = base.clone();
    // Only addresses without a host have no path segments, and those are refused by `check`.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_is_taken_from_anywhere_and_http_from_this_machine() {
        for text in [
            Endpoints::DEDICATED,
            Endpoints::SERVERLESS,
            Endpoints::LEGACY,
            "https://gateway.example.com:8443/tidb/",
            "http://127.0.0.1:4010",
            "http://127.8.8.8",
            "http://[::1]:9",
            "http://localhost:80/base",
        ] {
            assert!(Endpoints::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn other_addresses_are_refused_with_the_reason() {
        for (text, reason) in [
            ("", EndpointError::NotAnAddress),
            ("gateway.example.com", EndpointError::NotAnAddress),
            ("gateway.example.com:8080", EndpointError::NotAnAddress),
            ("http://", EndpointError::NotAnAddress),
            ("ftp://gateway.example.com", EndpointError::Scheme),
            ("http://gateway.example.com", EndpointError::PlainHttp),
            ("http://localhost.example.com", EndpointError::PlainHttp),
            ("http://10.0.0.1", EndpointError::PlainHttp),
            ("https://me:hunter2@gateway.example.com", EndpointError::Credentials),
            ("https://gateway.example.com?x=1", EndpointError::Query),
            ("https://gateway.example.com#x", EndpointError::Query),
        ] {
            assert_eq!(Endpoints::parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn paths_are_appended_to_the_base_path_and_encoded() {
        for base in ["https://h/base", "https://h/base/"] {
            let base = Endpoints::parse(base).unwrap();
            assert_eq!(join(&base, ["v1beta1", "a/b?c"]).as_str(), "https://h/base/v1beta1/a%2Fb%3Fc");
        }
        assert_eq!(join(&Endpoints::parse("https://h").unwrap(), ["v1beta1"]).as_str(), "https://h/v1beta1");
    }
}
