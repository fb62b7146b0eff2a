//! How often is often enough: one bucket per key, refilled evenly (the generic cell rate algorithm). Nothing is kept of a key
//! whose bucket is full again, and there is a limit to the keys; beyond it the fullest buckets are forgotten first.
//!
//! Signing in is limited twice. By address, so that nobody tries many names from one place. By name, so that nobody tries many
//! passwords from many places; but a browser that was signed in as that person before has a bucket of its own, so whoever guesses
//! elsewhere does not shut the person out (ASVS 6.3.1). Names that do not exist have buckets too: the answer does not tell.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use facts::ClientId;
use journal::people::Person;
use sha2::{Digest, Sha256};
use spans::{Instant, Length};

use super::{App, Problem, around::Asker};

/// Keys of one kind that are remembered.
pub(crate) const KEYS_MAX: usize = 50_000;

/// So many at once, then one every so often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    pub(crate) burst: i64,
    pub(crate) every: Length,
}

/// Any request, by address.
pub(crate) const ANYTHING: Allowance = Allowance { burst: 400, every: Length::from_micros(25_000) };
/// Attempts to sign in, by address.
pub(crate) const SIGN_IN_BY_ADDRESS: Allowance = Allowance { burst: 30, every: Length::from_secs(5) };
/// Attempts for one login from browsers it was never used in.
pub(crate) const SIGN_IN_BY_LOGIN: Allowance = Allowance { burst: 10, every: Length::from_secs(60) };
/// Attempts for one login from a browser it was used in before.
pub(crate) const SIGN_IN_BY_DEVICE: Allowance = Allowance { burst: 10, every: Length::from_secs(30) };
/// Attempts at one person's second factor, which whoever makes them knows the password for (ASVS 6.6.3).
pub(crate) const SECOND: Allowance = Allowance { burst: 10, every: Length::from_secs(60) };

/// People that somebody of a client names: each answer tells whether a login is free.
pub(crate) const NAMING: Allowance = Allowance { burst: 30, every: Length::MINUTE };

/// Addresses that somebody wants told of a status page: each is written to.
pub(crate) const SUBSCRIBE_BY_ADDRESS: Allowance = Allowance { burst: 5, every: Length::MINUTE };

/// Calls of one heartbeat.
pub(crate) const BEATS: Allowance = Allowance { burst: 10, every: Length::from_secs(1) };
/// Attempts to join as a vantage point, by address.
pub(crate) const JOIN_BY_ADDRESS: Allowance = Allowance { burst: 20, every: Length::from_secs(10) };

/// Anything that somebody who is signed in does, from however many addresses.
pub(crate) const OF_PERSON: Allowance = Allowance { burst: 1_000, every: Length::from_micros(5_000) };
/// The same of all people of one client: one client's programs leave the others room.
pub(crate) const OF_CLIENT: Allowance = Allowance { burst: 3_000, every: Length::from_micros(2_500) };

impl Allowance {
    /// When a bucket is full again after one is taken, or after how many seconds there is one.
    fn taken(self, full: Option<Instant>, now: Instant) -> Result<Instant, u64> {
        let span = Length::from_micros(self.every.as_micros().saturating_mul(self.burst));
        // A bucket cannot be emptier than empty, even after a clock that was set back.
        let after = full.unwrap_or(now).clamp(now, now + span) + self.every;
        if after <= now + span {
            return Ok(after);
        }
        let wait = after - (now + span);
        Err(u64::try_from(wait.as_micros()).unwrap_or(0).div_ceil(1_000_000).max(1))
    }
}

/// Buckets of one kind.
pub(crate) struct Buckets<K> {
    allowance: Allowance,
    /// When the bucket of a key will be full again.
    full: Mutex<HashMap<K, Instant>>,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    pub(crate) fn new(allowance: Allowance) -> Buckets<K> {
        Buckets { allowance, full: Mutex::new(HashMap::new()) }
    }

    /// Takes one, or says after how many seconds there is one.
    pub(crate) fn take(&self, key: K, now: Instant) -> Result<(), Problem> {
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        if full.len() >= KEYS_MAX && !full.contains_key(&key) {
            forget(&mut full, now);
        }
        let after = self.allowance.taken(full.get(&key).copied(), now).map_err(Problem::TooMany)?;
        full.insert(key, after);
        Ok(())
    }
}

/// Forgets keys whose buckets are full again, and if that is not enough the fuller half of the others.
fn forget<K: Hash + Eq + Clone>(full: &mut HashMap<K, Instant>, now: Instant) {
    full.retain(|_, at| *at > now);
    if full.len() >= KEYS_MAX {
        let mut instants: Vec<Instant> = full.values().copied().collect();
        let middle = instants.len() / 2;
        let (_, median, _) = instants.select_nth_unstable(middle);
        let median = *median;
        full.retain(|_, at| *at > median);
    }
}

/// All that is limited.
pub(crate) struct Rates {
    anything: Buckets<IpAddr>,
    address: Buckets<IpAddr>,
    login: Buckets<String>,
    device: Buckets<journal::Hash>,
    second: Buckets<String>,
    naming: Buckets<String>,
    join: Buckets<IpAddr>,
    beat: Buckets<journal::Hash>,
    subscribe: Buckets<IpAddr>,
    person: Buckets<String>,
    client: Buckets<ClientId>,
}

impl Default for Rates {
    fn default() -> Rates {
        Rates {
            anything: Buckets::new(ANYTHING),
            address: Buckets::new(SIGN_IN_BY_ADDRESS),
            login: Buckets::new(SIGN_IN_BY_LOGIN),
            device: Buckets::new(SIGN_IN_BY_DEVICE),
            second: Buckets::new(SECOND),
            naming: Buckets::new(NAMING),
            join: Buckets::new(JOIN_BY_ADDRESS),
            beat: Buckets::new(BEATS),
            subscribe: Buckets::new(SUBSCRIBE_BY_ADDRESS),
            person: Buckets::new(OF_PERSON),
            client: Buckets::new(OF_CLIENT),
        }
    }
}

impl Rates {
    /// One request of somebody who is signed in.
    pub(crate) fn signed_in(&self, who: &Person, now: Instant) -> Result<(), Problem> {
        self.person.take(who.id.clone(), now)?;
        who.standing.client().map_or(Ok(()), |client| self.client.take(client.clone(), now))
    }

    /// One attempt at a second factor of a person.
    fn second(&self, address: IpAddr, person: &str, now: Instant) -> Result<(), Problem> {
        self.address.take(network(address), now)?;
        self.second.take(person.to_owned(), now)
    }

    /// One person that somebody of a client names.
    pub(crate) fn naming(&self, person: &str, now: Instant) -> Result<(), Problem> {
        self.naming.take(person.to_owned(), now)
    }

    /// One challenge, or a visit to another place that signs people in.
    pub(crate) fn ask(&self, address: IpAddr, now: Instant) -> Result<(), Problem> {
        self.address.take(network(address), now)
    }

    /// One attempt to sign in. `device`: the browser's token when this login was used in it before.
    fn sign_in(
        &self,
        address: IpAddr,
        login: &str,
        device: Option<journal::Hash>,
        now: Instant,
    ) -> Result<(), Problem> {
        self.address.take(network(address), now)?;
        match device {
            Some(device) => self.device.take(device, now),
            None => self.login.take(login.to_owned(), now),
        }
    }

    /// One call at the address with this secret, whoever's it is.
    pub(crate) fn beat(&self, secret: &str, now: Instant) -> Result<(), Problem> {
        self.beat.take(door::secret::typed_hash(secret), now)
    }

    /// One address that is to be asked whether it wants to be told.
    pub(crate) fn subscribe(&self, address: IpAddr, now: Instant) -> Result<(), Problem> {
        self.subscribe.take(network(address), now)
    }

    /// One attempt to join.
    pub(crate) fn join(&self, address: IpAddr, now: Instant) -> Result<(), Problem> {
        self.join.take(network(address), now)
    }
}

/// What guards sign-in is kept in the store too: it holds over a restart, and where several serve one store.
impl App {
    /// One attempt to sign in. `device`: the browser's token when this login was used in it before.
    pub(crate) async fn may_sign_in(
        &self,
        address: IpAddr,
        login: &str,
        device: Option<journal::Hash>,
    ) -> Result<(), Problem> {
        self.0.rates.sign_in(address, login, device, self.now())?;
        match device {
            Some(device) => self.guess("device", device.as_bytes(), SIGN_IN_BY_DEVICE).await,
            None => self.guess("login", login.as_bytes(), SIGN_IN_BY_LOGIN).await,
        }
    }

    /// One attempt at a second factor of a person.
    pub(crate) async fn may_show_second(&self, address: IpAddr, person: &str) -> Result<(), Problem> {
        self.0.rates.second(address, person, self.now())?;
        self.guess("second", person.as_bytes(), SECOND).await
    }

    async fn guess(&self, kind: &'static str, key: &[u8], allowance: Allowance) -> Result<(), Problem> {
        let (key, now) = (journal::Hash::from(<[u8; 32]>::from(Sha256::digest(key))), self.now());
        let taken = self.ask(move |journal| {
            journal.write(move |tx| match allowance.taken(tx.guessed(kind, key)?, now) {
                Ok(full) => tx.note_guess(kind, key, full).map(Ok),
                Err(seconds) => Ok(Err(seconds)),
            })
        });
        taken.await?.map_err(Problem::TooMany)
    }
}

/// One subscriber is a whole /64 of IPv6.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

/// The limit of everything, asked before anything costs something.
pub(crate) async fn everything(State(app): State<App>, request: Request, next: Next) -> Response {
    let asker = request.extensions().get::<Asker>().cloned();
    if let Some(asker) = asker
        && let Err(problem) = app.0.rates.anything.take(network(asker.address), app.now())
    {
        return problem.into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use journal::people::Standing;

    use super::*;

    const TWO_A_MINUTE: Allowance = Allowance { burst: 2, every: Length::from_secs(30) };

    fn at(seconds: i64) -> Instant {
        Instant::from_second(1_800_000_000 + seconds)
    }

    #[test]
    fn a_bucket_empties_refills_evenly_and_says_when() {
        let buckets = Buckets::new(TWO_A_MINUTE);
        let take = |second| buckets.take("a", at(second));
        assert_eq!(
            [take(0), take(0), take(0), take(29)],
            [Ok(()), Ok(()), Err(Problem::TooMany(30)), Err(Problem::TooMany(1))]
        );
        assert_eq!([take(30), take(30)], [Ok(()), Err(Problem::TooMany(30))]);
        assert_eq!(buckets.take("b", at(30)), Ok(()), "another key has another bucket");
        assert_eq!([take(500), take(500), take(500)], [Ok(()), Ok(()), Err(Problem::TooMany(30))]);
        assert_eq!(take(0), Err(Problem::TooMany(30)), "a clock set back does not lock anybody out for long");
    }

    #[test]
    fn there_is_a_limit_to_the_keys() {
        let buckets = Buckets::new(TWO_A_MINUTE);
        for n in 0..=KEYS_MAX {
            assert_eq!(buckets.take(n, at(0)), Ok(()));
        }
        assert!(buckets.full.lock().unwrap().len() <= KEYS_MAX);
    }

    #[test]
    fn guesses_from_elsewhere_do_not_shut_a_person_out() {
        let rates = Rates::default();
        let from = |n: u8| IpAddr::from([10, 0, 0, n]);
        let tries = (0..20).map(|n| rates.sign_in(from(n), "ann", None, at(0)));
        assert_eq!(tries.filter(Result::is_ok).count(), 10);
        assert_eq!(rates.sign_in(from(99), "ann", Some([1; 32].into()), at(0)), Ok(()));
        assert_eq!(rates.sign_in(from(99), "bo", None, at(0)), Ok(()));
    }

    #[test]
    fn one_person_and_one_client_have_so_much_from_however_many_addresses() {
        let rates = Rates::default();
        let asks = |id: &str, client: Option<&str>| {
            let standing = client.map_or(Standing::Staff, |id| Standing::Of(id.parse().unwrap()));
            let person = Person::new(id, id, id, standing, at(0));
            (0..1_100).filter(|_| rates.signed_in(&person, at(0)).is_ok()).count()
        };
        assert_eq!(
            [asks("a", Some("acme")), asks("b", Some("acme")), asks("c", Some("acme"))],
            [1_000, 1_000, 1_000]
        );
        assert_eq!([asks("d", Some("acme")), asks("e", Some("beta")), asks("f", None)], [0, 1_000, 1_000]);
    }

    #[test]
    fn many_names_from_one_place_are_too_many() {
        let rates = Rates::default();
        let tries = (0..100).map(|n| rates.sign_in([10, 0, 0, 1].into(), &format!("user{n}"), None, at(0)));
        assert_eq!(tries.filter(Result::is_ok).count(), 30);
        let one_subscriber = ["2001:db8::1", "2001:db8::ffff"].map(|ip| network(ip.parse().unwrap()));
        assert_eq!(one_subscriber[0], one_subscriber[1]);
        assert_eq!(network("::ffff:10.0.0.1".parse().unwrap()), IpAddr::from([10, 0, 0, 1]));
    }
}
