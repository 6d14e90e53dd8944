//! The marks that endpoints of ours carry in their tags, and what they say about whose an endpoint is. The provider
//! never learns an address or a workspace, so a random token per resource instance stands for both.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::clouds::{CloudEndpoint, CloudState, SERVICE_TAG, TAG_PREFIX, TOKEN_TAG, UNFINISHED_TAG, Wish};
use crate::ids::ServiceId;

/// How often the heartbeat of an unfinished endpoint is renewed.
pub(super) const HEARTBEAT_EVERY: Duration = Duration::from_secs(60);
/// A heartbeat this old belongs to a run that died.
pub(super) const HEARTBEAT_STALE: Duration = Duration::from_secs(180);

/// The value of the `unfinished` tag: when its maker last was alive, and what it is making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unfinished {
    /// Time since the Unix epoch, in the clock's time.
    pub(super) heartbeat: Duration,
    /// See [`settings_of`].
    pub(super) settings: String,
    /// Whether it will own the service's name in the VPC.
    pub(super) private_dns: bool,
}

/// The number in a heartbeat.
pub(super) fn heartbeat_field(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_secs)
}

impl Unfinished {
    pub(super) fn to_tag(&self) -> String {
        format!("heartbeat={} settings={} dns={}", self.heartbeat.as_secs(), self.settings, self.private_dns)
    }

    /// Reads a tag. One that makes no sense counts as a heartbeat from the beginning of time: nobody keeps it alive.
    pub(super) fn from_tag(text: &str) -> Self {
        let mut fields =
            text.split(' ').filter_map(|field| field.split_once('=')).collect::<BTreeMap<_, _>>();
        Self {
            heartbeat: fields.remove("heartbeat").and_then(heartbeat_field).unwrap_or_default(),
            settings: fields.remove("settings").unwrap_or_default().to_owned(),
            private_dns: fields.remove("dns") == Some("true"),
        }
    }

    pub(super) fn of(endpoint: &CloudEndpoint) -> Option<Self> {
        endpoint.tags.get(UNFINISHED_TAG).map(|text| Self::from_tag(text))
    }

    pub(super) fn is_stale(&self, now: Duration) -> bool {
        now.saturating_sub(self.heartbeat) >= HEARTBEAT_STALE
    }
}

/// What a wish looks like in a tag: equal for equal wishes, 16 hexadecimal digits (64-bit FNV-1a; collisions only cost
/// a wait, so nothing stronger is needed).
pub(super) fn settings_of(wish: &Wish) -> String {
    fn list<T: ToString>(ids: Option<&BTreeSet<T>>) -> String {
        match ids {
            Some(ids) => ids.iter().map(T::to_string).collect::<Vec<_>>().join(","),
            None => "chosen".into(),
        }
    }
    let text = format!(
        "dns={};subnets={};groups={}",
        wish.private_dns,
        list(wish.subnets.as_ref()),
        list(wish.security_groups.as_ref())
    );
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// The tags of an endpoint that is about to be made.
pub(super) fn new_marks(
    token: &str,
    service: &ServiceId,
    unfinished: &Unfinished,
) -> BTreeMap<String, String> {
    BTreeMap::from([
        (TOKEN_TAG.to_owned(), token.to_owned()),
        (SERVICE_TAG.to_owned(), service.to_string()),
        (UNFINISHED_TAG.to_owned(), unfinished.to_tag()),
    ])
}

/// Tags that users may see and manage: not ours, not the cloud's.
pub(super) fn user_tags(tags: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    tags.iter()
        .filter(|(key, _)| !key.starts_with(TAG_PREFIX) && !key.starts_with("aws:"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// What a look at the VPC says to someone who is about to make an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Neighbour {
    /// Nothing of ours stands in the way.
    None,
    /// It bears our own token: an earlier attempt of this very create.
    Own(Box<CloudEndpoint>),
    /// Another run is making the same endpoint and is alive.
    InFlight(Box<CloudEndpoint>),
    /// Another run was making the same endpoint and died.
    Abandoned(Box<CloudEndpoint>),
    /// Another run was making an endpoint of the service here and died, and its endpoint cannot come to anything.
    Ruined(Box<CloudEndpoint>),
    /// A finished endpoint of ours that the state does not know.
    Finished(Box<CloudEndpoint>),
}

/// Judges the endpoints of the VPC. `settings` is [`settings_of`] what was configured, `token` is the instance's own one, `now` the clock's time since the Unix epoch.
pub(super) fn neighbour(
    endpoints: &[CloudEndpoint],
    service: &ServiceId,
    settings: &str,
    wish: &Wish,
    token: &str,
    now: Duration,
) -> Neighbour {
    let service = service.to_string();
    let ours = || {
        endpoints.iter().filter(|endpoint| {
            endpoint.token().is_some()
                && endpoint.tags.get(SERVICE_TAG) == Some(&service)
                && endpoint.vpc == wish.vpc
                && !matches!(endpoint.state, CloudState::Deleting | CloudState::Deleted)
        })
    };
    if let Some(own) = ours().find(|endpoint| endpoint.token() == Some(token)) {
        return Neighbour::Own(Box::new(own.clone()));
    }
    let (mut in_flight, mut abandoned, mut ruined, mut finished) = (None, None, None, None);
    for endpoint in ours() {
        match Unfinished::of(endpoint) {
            // No state knows it, whatever it was to become: it is taken over, and settled as wished, or cleaned up.
            Some(unfinished) if unfinished.is_stale(now) => {
                if matches!(endpoint.state, CloudState::Failed | CloudState::Expired) {
                    ruined.get_or_insert(endpoint);
                } else {
                    abandoned.get_or_insert(endpoint);
                }
            }
            // With private DNS both would need the same name, whatever else they want.
            Some(unfinished)
                if unfinished.settings == settings || wish.private_dns && unfinished.private_dns =>
            {
                in_flight.get_or_insert(endpoint);
            }
            Some(_) => {}
            None if !endpoint.is_alive() => {}
            None if wish.private_dns && endpoint.private_dns || same_place(endpoint, wish) => {
                finished.get_or_insert(endpoint);
            }
            None => {}
        }
    }
    let boxed = |endpoint: &CloudEndpoint| Box::new(endpoint.clone());
    match (finished, in_flight, ruined, abandoned) {
        (Some(endpoint), ..) => Neighbour::Finished(boxed(endpoint)),
        (None, Some(endpoint), ..) => Neighbour::InFlight(boxed(endpoint)),
        (None, None, Some(endpoint), _) => Neighbour::Ruined(boxed(endpoint)),
        (None, None, None, Some(endpoint)) => Neighbour::Abandoned(boxed(endpoint)),
        (None, None, None, None) => Neighbour::None,
    }
}

/// Whether a finished endpoint is where the wish wants one.
fn same_place(endpoint: &CloudEndpoint, wish: &Wish) -> bool {
    endpoint.private_dns == wish.private_dns
        && wish.subnets.as_ref().is_none_or(|subnets| *subnets == endpoint.subnets)
        && wish.security_groups.as_ref().is_none_or(|groups| *groups == endpoint.security_groups)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::ids::{EndpointId, ServiceName, VpcId};

    const NOW: Duration = Duration::from_secs(10_000);

    pub(in crate::private_endpoint) fn wish() -> Wish {
        Wish {
            vpc: "vpc-01234567".parse().unwrap(),
            subnets: Some(BTreeSet::from(["subnet-01234567".parse().unwrap()])),
            security_groups: None,
            private_dns: true,
            name: None,
        }
    }

    fn service() -> ServiceId {
        "dedicated/1/2".parse().unwrap()
    }

    pub(in crate::private_endpoint) fn endpoint(tags: &[(&str, &str)]) -> CloudEndpoint {
        CloudEndpoint {
            id: "vpce-01234567".parse::<EndpointId>().unwrap(),
            service_name: ServiceName::new("com.amazonaws.vpce.us-west-2.vpce-svc-0"),
            vpc: "vpc-01234567".parse::<VpcId>().unwrap(),
            state: CloudState::Available,
            reason: None,
            subnets: BTreeSet::from(["subnet-01234567".parse().unwrap()]),
            security_groups: BTreeSet::new(),
            private_dns: true,
            tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            interfaces: BTreeSet::new(),
            dns_names: Vec::new(),
            host: None,
            name: None,
        }
    }

    fn unfinished(age: u64, settings: &str, private_dns: bool) -> CloudEndpoint {
        let heartbeat = NOW - Duration::from_secs(age);
        let tag = Unfinished { heartbeat, settings: settings.into(), private_dns }.to_tag();
        endpoint(&[(TOKEN_TAG, "theirs"), (SERVICE_TAG, "dedicated/1/2"), (UNFINISHED_TAG, &tag)])
    }

    fn judge(endpoints: &[CloudEndpoint]) -> Neighbour {
        neighbour(endpoints, &service(), &settings_of(&wish()), &wish(), "mine", NOW)
    }

    #[test]
    fn the_unfinished_tag_survives_a_round_trip_and_fits_the_clouds_rules() {
        let mark = Unfinished {
            heartbeat: Duration::from_secs(1_763_000_000),
            settings: settings_of(&wish()),
            private_dns: true,
        };
        let text = mark.to_tag();
        assert_eq!(Unfinished::from_tag(&text), mark);
        assert!(
            text.len() <= 128 && text.chars().all(|c| c.is_ascii_alphanumeric() || " =".contains(c)),
            "{text}"
        );
    }

    #[test]
    fn a_senseless_unfinished_tag_is_stale() {
        for text in ["", "heartbeat=soon", "x", "heartbeat=-1 settings=a"] {
            assert!(Unfinished::from_tag(text).is_stale(NOW), "{text}");
        }
    }

    #[test]
    fn settings_differ_when_wishes_differ() {
        let chosen = Wish { subnets: None, ..wish() };
        let no_dns = Wish { private_dns: false, ..wish() };
        let grouped = Wish { security_groups: Some(BTreeSet::new()), ..wish() };
        let all: BTreeSet<_> = [wish(), chosen, no_dns, grouped].iter().map(settings_of).collect();
        assert_eq!(all.len(), 4);
        assert_eq!(settings_of(&wish()), settings_of(&wish()));
    }

    #[test]
    fn an_endpoint_of_somebody_else_is_no_neighbour() {
        assert_eq!(judge(&[endpoint(&[])]), Neighbour::None);
        assert_eq!(judge(&[endpoint(&[("Name", "x")])]), Neighbour::None);
    }

    #[test]
    fn an_endpoint_of_ours_for_another_service_is_no_neighbour() {
        assert_eq!(
            judge(&[endpoint(&[(TOKEN_TAG, "theirs"), (SERVICE_TAG, "dedicated/1/3")])]),
            Neighbour::None
        );
    }

    #[test]
    fn our_own_token_comes_before_everything_else() {
        let own = endpoint(&[(TOKEN_TAG, "mine"), (SERVICE_TAG, "dedicated/1/2")]);
        let theirs = unfinished(0, &settings_of(&wish()), true);
        assert!(matches!(judge(&[theirs, own]), Neighbour::Own(_)));
    }

    #[test]
    fn a_fresh_heartbeat_is_in_flight_and_one_of_three_minutes_is_abandoned() {
        let settings = settings_of(&wish());
        assert!(matches!(judge(&[unfinished(179, &settings, true)]), Neighbour::InFlight(_)));
        assert!(matches!(judge(&[unfinished(180, &settings, true)]), Neighbour::Abandoned(_)));
    }

    #[test]
    fn an_unfinished_endpoint_with_other_settings_is_left_alone_while_its_maker_lives() {
        assert_eq!(judge(&[unfinished(0, "0000000000000000", false)]), Neighbour::None);
    }

    #[test]
    fn whatever_a_dead_run_left_behind_is_found_again() {
        let left = |state| CloudEndpoint { state, ..unfinished(9_000, "0000000000000000", false) };
        for state in [CloudState::PendingAcceptance, CloudState::Available, CloudState::Rejected] {
            assert!(matches!(judge(&[left(state.clone())]), Neighbour::Abandoned(_)), "{state:?}");
        }
        for state in [CloudState::Failed, CloudState::Expired] {
            assert!(matches!(judge(&[left(state.clone())]), Neighbour::Ruined(_)), "{state:?}");
        }
        assert_eq!(judge(&[left(CloudState::Deleting)]), Neighbour::None);
    }

    #[test]
    fn two_that_want_the_same_name_meet_whatever_else_they_want() {
        let other = |age| unfinished(age, "0000000000000000", true);
        assert!(matches!(judge(&[other(0)]), Neighbour::InFlight(_)));
        assert!(matches!(judge(&[other(9_000)]), Neighbour::Abandoned(_)));
    }

    #[test]
    fn a_finished_endpoint_that_the_state_does_not_know_is_told_apart() {
        let finished = endpoint(&[(TOKEN_TAG, "theirs"), (SERVICE_TAG, "dedicated/1/2")]);
        assert!(matches!(judge(std::slice::from_ref(&finished)), Neighbour::Finished(_)));
        let going = CloudEndpoint { state: CloudState::Deleting, ..finished };
        assert_eq!(judge(&[going]), Neighbour::None);
    }

    #[test]
    fn without_private_dns_two_endpoints_in_other_subnets_do_not_meet() {
        let finished = endpoint(&[(TOKEN_TAG, "theirs"), (SERVICE_TAG, "dedicated/1/2")]);
        let wish = Wish {
            private_dns: false,
            subnets: Some(BTreeSet::from(["subnet-89abcdef".parse().unwrap()])),
            ..wish()
        };
        assert_eq!(
            neighbour(&[finished], &service(), &settings_of(&wish), &wish, "mine", NOW),
            Neighbour::None
        );
    }

    #[test]
    fn users_never_see_our_tags_or_the_clouds() {
        let tags = endpoint(&[(TOKEN_TAG, "t"), ("aws:cloudformation:stack", "s"), ("Name", "x")]).tags;
        assert_eq!(user_tags(&tags), BTreeMap::from([("Name".to_owned(), "x".to_owned())]));
    }
}
