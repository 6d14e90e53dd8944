//! HTTP digest authentication with one challenge per host and process: the first call asks for it while the others
//! wait, then all sign with the same nonce and a rising count until the server calls the nonce stale. The arithmetic
//! is the `digest_auth` crate's.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use digest_auth::{AuthContext, HttpMethod, WwwAuthenticateHeader};
use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;
use url::Url;

use super::config::ApiKey;
use crate::operation::{Halt, Operation};

/// The sessions of all hosts, by scheme, name and port.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Arc<Session>>>);

impl Sessions {
    /// The session with the host of an address.
    pub(super) fn with(&self, address: &Url) -> Arc<Session> {
        let origin = address.origin().ascii_serialization();
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.entry(origin).or_default().clone()
    }
}

/// What is known about authentication at one host.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// Held by the call that asks for the first challenge.
    asking: tokio::sync::Mutex<()>,
    challenge: Mutex<Option<WwwAuthenticateHeader>>,
    /// Whether the host has taken a signature made with this key.
    proven: AtomicBool,
}

/// The part of a request that is signed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed<'a> {
    /// The HTTP method.
    pub(super) method: &'a str,
    /// Path and query as they are sent.
    pub(super) uri: &'a str,
    /// The body; empty when there is none.
    pub(super) body: &'a [u8],
}

/// What a request may be sent with.
#[derive(Debug)]
pub(super) enum Pass<'a> {
    /// Nothing is known yet: this request goes without a signature to ask for the challenge, and others wait until the
    /// guard is dropped.
    Ask {
        /// Held while asking.
        _asking: tokio::sync::MutexGuard<'a, ()>,
    },
    /// Signed with the current challenge.
    Signature {
        /// The value of the `Authorization` header.
        authorization: String,
        /// The nonce that it was made with.
        nonce: String,
    },
}

impl Session {
    /// What the next request is sent with.
    ///
    /// # Errors
    /// [`Halt`] when the operation ends while another call asks for the challenge.
    pub(super) async fn pass(
        &self,
        operation: &Operation,
        key: &ApiKey,
        request: Signed<'_>,
    ) -> Result<Pass<'_>, Halt> {
        if let Some(signature) = self.sign(operation, key, request) {
            return Ok(signature);
        }
        let asking = operation.until(self.asking.lock()).await?;
        // Whoever asked before may have learned it meanwhile.
        Ok(self.sign(operation, key, request).unwrap_or(Pass::Ask { _asking: asking }))
    }

    fn sign<'a>(&self, operation: &Operation, key: &ApiKey, request: Signed<'_>) -> Option<Pass<'a>> {
        let mut challenge = self.lock();
        let challenge = challenge.as_mut()?;
        let mut context = AuthContext::new_with_method(
            key.public.as_str(),
            key.private.expose(),
            request.uri,
            Some(request.body),
            HttpMethod::from(request.method),
        );
        context.set_custom_cnonce(operation.random().token());
        // It fails only for a challenge without a known qop, which `challenge_in` does not let through.
        let authorization = challenge.respond(&context).ok()?.to_header_string();
        Some(Pass::Signature { authorization, nonce: challenge.nonce.clone() })
    }

    /// Takes the first challenge, or a new one in place of the nonce that was refused. If another call has replaced
    /// that nonce already, its challenge stays.
    pub(super) fn learn(&self, challenge: WwwAuthenticateHeader, refused: Option<&str>) {
        let mut known = self.lock();
        if known.as_ref().is_none_or(|known| Some(known.nonce.as_str()) == refused) {
            *known = Some(challenge);
        }
    }

    /// Notes that the host has taken a signature.
    pub(super) fn prove(&self) {
        self.proven.store(true, Ordering::Relaxed);
    }

    /// Whether the host has taken a signature before: then a refusal says more about the nonce than about the key.
    pub(super) fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }

    /// Whether the host has ever answered.
    pub(super) fn is_known(&self) -> bool {
        self.lock().is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Option<WwwAuthenticateHeader>> {
        self.challenge.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The digest challenge of an answer, the server's favourite if there are several.
pub(super) fn challenge_in(headers: &HeaderMap) -> Option<WwwAuthenticateHeader> {
    // Only visible ASCII gets through `to_str`: the parser slices by characters as if they were bytes.
    headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok()).find_map(|text| {
        let (scheme, parameters) = text.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("digest").then(|| digest_auth::parse(parameters).ok())?
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::random::Random;
    use crate::secret::Secret;
    use crate::tidbcloud::KeySource;
    use http::HeaderValue;
    use tokio_util::sync::CancellationToken;

    /// The example of RFC 2617, section 3.5.
    const RFC_2617: &str = r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#;

    fn operation() -> Operation {
        Operation::new(Clock::real(), Random::seeded(1), CancellationToken::new(), None)
    }

    fn key(private: &str) -> ApiKey {
        ApiKey { public: "Mufasa".into(), private: Secret::new(private), source: KeySource::Environment }
    }

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn known(challenge: &str) -> Session {
        let session = Session::default();
        session.learn(challenge_in(&headers(&[challenge])).unwrap(), None);
        session
    }

    const GET: Signed<'static> = Signed { method: "GET", uri: "/dir/index.html", body: b"" };

    async fn authorization(session: &Session, operation: &Operation) -> digest_auth::AuthorizationHeader {
        match session.pass(operation, &key("Circle Of Life"), GET).await.unwrap() {
            Pass::Signature { authorization, .. } => {
                digest_auth::AuthorizationHeader::parse(&authorization).unwrap()
            }
            Pass::Ask { .. } => panic!("the challenge is known"),
        }
    }

    /// MD5 by its definition in RFC 1321, so that the expected values do not come from the code under test.
    pub(in crate::tidbcloud) fn md5(text: &str) -> String {
        let shifts: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(0x80);
        while bytes.len() % 64 != 56 {
            bytes.push(0);
        }
        bytes.extend((text.len() as u64 * 8).to_le_bytes());
        let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
        for block in bytes.chunks_exact(64) {
            let words: Vec<_> =
                block.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
            let [mut a, mut b, mut c, mut d] = state;
            for step in 0..64 {
                let (mix, word) = match step / 16 {
                    0 => ((b & c) | (!b & d), step),
                    1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
                    2 => (b ^ c ^ d, (3 * step + 5) % 16),
                    _ => (c ^ (b | !d), (7 * step) % 16),
                };
                let sine = (((step + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
                let sum = a.wrapping_add(mix).wrapping_add(sine).wrapping_add(words[word]);
                (a, d, c) = (d, c, b);
                b = b.wrapping_add(sum.rotate_left(shifts[step / 16][step % 4]));
            }
            for (total, part) in state.iter_mut().zip([a, b, c, d]) {
                *total = total.wrapping_add(part);
            }
        }
        state.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_test_oracle_reproduces_the_example_of_the_rfc() {
        let ha1 = md5("Mufasa:testrealm@host.com:Circle Of Life");
        let ha2 = md5("GET:/dir/index.html");
        let response = md5(&format!("{ha1}:dcd98b7102dd2f0e8b11d0f600bfb0c093:00000001:0a4f113b:auth:{ha2}"));
        assert_eq!(response, "6629fae49393a05397450978507c4ef1");
    }

    #[tokio::test]
    async fn responses_are_what_the_rfc_says_and_the_count_rises() {
        let session = known(
            r#"Digest realm="tidb.cloud", domain="", nonce="n0nce", algorithm=MD5, qop="auth", stale=false"#,
        );
        let ha1 = md5("Mufasa:tidb.cloud:Circle Of Life");
        let ha2 = md5("GET:/dir/index.html");
        let operation = operation();
        let mut cnonces = Vec::new();
        for count in 1..=3 {
            let sent = authorization(&session, &operation).await;
            let cnonce = sent.cnonce.unwrap();
            assert_eq!(sent.nc, count);
            assert_eq!(sent.uri, GET.uri);
            assert_eq!(sent.response, md5(&format!("{ha1}:n0nce:{count:08x}:{cnonce}:auth:{ha2}")));
            cnonces.push(cnonce);
        }
        cnonces.dedup();
        assert_eq!(cnonces.len(), 3, "each request has its own client nonce");
    }

    #[tokio::test]
    async fn callers_wait_for_the_one_that_asks() {
        let (session, operation) = (Session::default(), operation());
        let asking = session.pass(&operation, &key("k"), GET).await.unwrap();
        assert!(matches!(asking, Pass::Ask { .. }));
        let waiting = async { session.pass(&operation, &key("k"), GET).await.unwrap() };
        let answering = async {
            tokio::task::yield_now().await;
            session.learn(challenge_in(&headers(&[RFC_2617])).unwrap(), None);
            drop(asking);
        };
        let (pass, ()) = tokio::join!(waiting, answering);
        assert!(matches!(pass, Pass::Signature { .. }), "{pass:?}");
    }

    #[tokio::test]
    async fn when_asking_fails_the_next_one_asks() {
        let (session, operation) = (Session::default(), operation());
        drop(session.pass(&operation, &key("k"), GET).await.unwrap());
        assert!(matches!(session.pass(&operation, &key("k"), GET).await.unwrap(), Pass::Ask { .. }));
    }

    #[tokio::test]
    async fn only_the_refused_nonce_is_replaced() {
        let session = known(r#"Digest realm="r", nonce="one", qop="auth""#);
        let two =
            challenge_in(&headers(&[r#"Digest realm="r", nonce="two", qop="auth", stale=true"#])).unwrap();
        let three =
            challenge_in(&headers(&[r#"Digest realm="r", nonce="three", qop="auth", stale=true"#])).unwrap();
        session.learn(two, Some("one"));
        session.learn(three, Some("one"));
        let sent = authorization(&session, &operation()).await;
        assert_eq!((sent.nonce.as_str(), sent.nc), ("two", 1));
    }

    #[test]
    fn the_digest_challenge_is_found_among_others() {
        let found = challenge_in(&headers(&[
            r#"Basic realm="x""#,
            r#"Digest realm="x", nonce="a", algorithm=WHAT-256, qop="auth""#,
            r#"digest realm="x", nonce="b", algorithm=SHA-256, qop="auth""#,
            r#"Digest realm="x", nonce="c", algorithm=MD5, qop="auth""#,
        ]));
        assert_eq!(found.unwrap().nonce, "b");
        assert_eq!(challenge_in(&headers(&[r#"Basic realm="x""#, "Digest", ""])), None);
    }

    proptest::proptest! {
        #[test]
        fn no_challenge_can_panic(text in r#"Digest [a-z ="\\,;\t\PC]{0,80}"#) {
            if let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) {
                let mut headers = HeaderMap::new();
                headers.append(WWW_AUTHENTICATE, value);
                let _ = challenge_in(&headers);
            }
        }
    }
}
