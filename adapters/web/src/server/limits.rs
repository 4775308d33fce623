//! How fast one person and one address may write.

use super::Client;
use crate::settings::Settings;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

/// Of the messages that may come from one address in a minute, so many are one sign-in: six for
/// what is usual, a forgotten password and not a search for one.
const MESSAGES_A_SIGN_IN: u32 = 40;
/// How many keys are remembered before those that are at rest again are forgotten.
const REMEMBERED: usize = 20_000;

/// How fast one person and one address may write.
pub(crate) struct Limits {
    people: DefaultKeyedRateLimiter<String>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    sign_ins: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

/// To wait this long before the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooFast {
    /// In whole seconds, at least one.
    pub(crate) seconds: u64,
}

impl Limits {
    pub(crate) fn new(settings: &Settings) -> Limits {
        let a_minute =
            |most: u32| Quota::per_minute(NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN));
        Limits {
            people: RateLimiter::keyed(a_minute(settings.per_person)),
            addresses: RateLimiter::keyed(a_minute(settings.per_address)),
            sign_ins: RateLimiter::keyed(a_minute(settings.per_address / MESSAGES_A_SIGN_IN)),
            clock: DefaultClock::default(),
        }
    }

    /// A person does something that is handled.
    pub(crate) fn says(&self, person: &str, client: Client) -> Result<(), TooFast> {
        self.check(&self.addresses, &client.bounded_as())?;
        self.check(&self.people, &person.to_owned())
    }

    /// Somebody tries to sign in.
    pub(crate) fn signs_in(&self, client: Client) -> Result<(), TooFast> {
        self.check(&self.sign_ins, &client.bounded_as())
    }

    fn check<K: Clone + Eq + std::hash::Hash>(
        &self,
        limiter: &DefaultKeyedRateLimiter<K>,
        key: &K,
    ) -> Result<(), TooFast> {
        if limiter.len() > REMEMBERED {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            TooFast { seconds: (wait + Duration::from_millis(999)).as_secs().max(1) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_and_an_address_have_bounds_of_their_own() {
        let settings = Settings { per_person: 3, per_address: 5, ..crate::tests::settings() };
        let limits = Limits::new(&settings);
        let here = Client { address: "192.0.2.1".parse().unwrap() };
        let there = Client { address: "192.0.2.2".parse().unwrap() };
        for _ in 0..3 {
            assert_eq!(limits.says("ben", here), Ok(()));
        }
        let wait = limits.says("ben", here).unwrap_err();
        assert!((1..=20).contains(&wait.seconds), "{wait:?}");
        assert_eq!(limits.says("ana", here), Ok(()));
        assert!(limits.says("eva", here).is_err(), "five have come from here");
        assert_eq!(limits.says("eva", there), Ok(()));
        let limits = Limits::new(&Settings { per_address: 240, ..crate::tests::settings() });
        for _ in 0..6 {
            assert_eq!(limits.signs_in(here), Ok(()));
        }
        assert!(limits.signs_in(here).is_err());
    }
}
