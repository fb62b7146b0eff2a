//! How many connections come from one address: a single place cannot take all there are.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::super::{Config, rate::network};

/// Connections of one address at the same time; of one /64 with IPv6.
pub const OF_ONE_ADDRESS_MAX: usize = 64;

/// Who is connected, and how often. Nobody who is not is in it.
#[derive(Clone, Default)]
pub(super) struct Crowd(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection that is counted until this is dropped; one that is not counted has none.
pub(super) struct Counted(Option<(Crowd, IpAddr)>);

impl Crowd {
    /// Counts a connection; none when there are too many from there. This machine and proxies that we believe speak for many, and
    /// are not counted.
    pub(super) fn admit(&self, config: &Config, peer: IpAddr) -> Option<Counted> {
        let peer = peer.to_canonical();
        if peer.is_loopback() || config.is_proxy(peer) {
            return Some(Counted(None));
        }
        let from = network(peer);
        let mut held = self.lock();
        let count = held.entry(from).or_default();
        if *count >= OF_ONE_ADDRESS_MAX {
            return None;
        }
        *count += 1;
        Some(Counted(Some((self.clone(), from))))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Some((crowd, from)) = &self.0 else { return };
        let mut held = crowd.lock();
        match held.get_mut(from) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(held.remove(from)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_has_so_many_connections_and_proxies_as_many_as_there_are() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let config =
            Config::new("https://portal.example").unwrap().behind(move |peer| peer == ip("10.0.0.1"));
        let crowd = Crowd::default();
        let mut held: Vec<Counted> = (0..OF_ONE_ADDRESS_MAX)
            .map(|n| crowd.admit(&config, ip(&format!("2001:db8::{n}"))).unwrap())
            .collect();
        assert!(crowd.admit(&config, ip("2001:db8::ffff")).is_none());
        held.pop();
        assert!(crowd.admit(&config, ip("2001:db8::ffff")).is_some(), "one has gone");
        for many in ["10.0.0.1", "::ffff:10.0.0.1", "127.0.0.1", "::1"] {
            held.extend((0..2 * OF_ONE_ADDRESS_MAX).map(|_| crowd.admit(&config, ip(many)).unwrap()));
        }
        held.clear();
        assert!(crowd.lock().is_empty());
    }
}
