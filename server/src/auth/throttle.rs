//! How often somebody may try.
//!
//! Attempts are counted per account and per address: per account alone lets one
//! address try every account, per address alone lets many addresses try one.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use client_core::id::UserId;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::AuthError;

/// The limits of one server.
#[derive(Debug)]
pub struct Throttles {
    by_account: DefaultKeyedRateLimiter<String>,
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    requests: DefaultKeyedRateLimiter<IpAddr>,
    renewals: DefaultKeyedRateLimiter<UserId>,
    clock: DefaultClock,
}

/// How much is allowed.
#[derive(Debug, Clone, Copy)]
pub struct ThrottleConfig {
    /// Sign-ins per account in 15 minutes.
    pub per_account: NonZeroU32,
    /// Sign-ins per address in 15 minutes. Offices share an address.
    pub per_address: NonZeroU32,
    /// Requests per address and second, in bursts of ten times as many.
    pub requests: NonZeroU32,
    /// New devices in the place of copied ones, per person in 15 minutes: each stays for
    /// ever. A phone that loses every other answer asks a few times.
    pub renewals: NonZeroU32,
}

impl Default for ThrottleConfig {
    fn default() -> Self {
        let count = |n| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        Self {
            per_account: count(10),
            per_address: count(50),
            requests: count(200),
            renewals: count(20),
        }
    }
}

/// A quota of `burst` that is full again after a quarter of an hour.
fn in_a_quarter(burst: NonZeroU32) -> Quota {
    let each = std::time::Duration::from_secs(15 * 60) / burst.get();
    Quota::with_period(each)
        .map_or_else(|| Quota::per_minute(burst), |quota| quota.allow_burst(burst))
}

impl Throttles {
    /// Limits as configured.
    pub fn new(config: ThrottleConfig) -> Self {
        let burst = config.requests.saturating_mul(NonZeroU32::MIN.saturating_add(9));
        Self {
            by_account: RateLimiter::keyed(in_a_quarter(config.per_account)),
            by_address: RateLimiter::keyed(in_a_quarter(config.per_address)),
            requests: RateLimiter::keyed(Quota::per_second(config.requests).allow_burst(burst)),
            renewals: RateLimiter::keyed(in_a_quarter(config.renewals)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a sign-in attempt.
    pub fn sign_in(&self, login: &str, address: IpAddr) -> Result<(), AuthError> {
        self.count(&self.by_address, &whole(address))?;
        self.count(&self.by_account, &login.to_lowercase())
    }

    /// Counts an attempt with an enrolment code. Codes are not guessed one at a time,
    /// so only the address is counted.
    pub fn code(&self, address: IpAddr) -> Result<(), AuthError> {
        self.count(&self.by_address, &whole(address))
    }

    /// Counts a copy of a phone that asks to become a device of its own. Who asks is
    /// known, so only the person is counted.
    pub fn renewal(&self, person: UserId) -> Result<(), AuthError> {
        self.count(&self.renewals, &person)
    }

    /// Counts a request.
    pub fn request(&self, address: IpAddr) -> Result<(), AuthError> {
        self.count(&self.requests, &whole(address))
    }

    fn count<K: Clone + Eq + Hash>(
        &self,
        attempts: &DefaultKeyedRateLimiter<K>,
        of: &K,
    ) -> Result<(), AuthError> {
        attempts.check_key(of).map_err(|until| AuthError::SlowDown {
            seconds: until.wait_time_from(self.clock.now()).as_secs() + 1,
        })
    }

    /// Forgets whoever has been quiet, so that addresses do not pile up.
    pub fn forget_the_quiet(&self) {
        self.by_account.retain_recent();
        self.by_address.retain_recent();
        self.requests.retain_recent();
        self.renewals.retain_recent();
    }
}

/// One customer of an IPv6 provider holds a whole /64.
fn whole(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let network = u128::from(address) & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_attempt_on_an_account_waits_wherever_it_comes_from() {
        let throttles = Throttles::new(ThrottleConfig::default());
        for n in 0..10_u8 {
            throttles.sign_in("anna", IpAddr::from([10, 0, 0, n])).unwrap();
        }
        let refused = throttles.sign_in("Anna", IpAddr::from([10, 0, 0, 99]));
        assert!(matches!(refused, Err(AuthError::SlowDown { seconds: 1.. })), "{refused:?}");
        throttles.sign_in("boris", IpAddr::from([10, 0, 0, 99])).unwrap();
    }
}
