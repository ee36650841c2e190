//! How much one client may ask for.
//!
//! A client is an address, or the first half of one for IPv6, of which a household has many.
//! What makes work (anything but `GET` and `HEAD`) and what only looks are counted apart, each by
//! a bucket that holds a minute's worth of tokens and fills up steadily.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::Limits;
use crate::lock;

/// Clients that are remembered; beyond it, those that ask for nothing are forgotten.
const MOST_CLIENTS: usize = 10_000;

/// What a request is, for its client's account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Makes work.
    Work,
    /// Brings a document, which takes memory as long as it comes and a core to be read.
    Document,
    /// Only looks.
    Look,
    /// Stays open to tell of changes.
    Stream,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

#[derive(Debug)]
struct Account {
    work: Bucket,
    looks: Bucket,
    open: usize,
    /// Of those that are open.
    documents: usize,
    streams: usize,
}

/// The accounts of all clients.
#[derive(Debug)]
pub struct Rates {
    limits: Limits,
    accounts: Mutex<HashMap<IpAddr, Account>>,
}

/// A request that is being answered; dropped, its client may make another.
#[derive(Debug)]
pub struct Turn {
    rates: Arc<Rates>,
    client: IpAddr,
    weight: Weight,
}

impl Rates {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            accounts: Mutex::default(),
        }
    }

    /// Lets a request in, or says after how many seconds to try again.
    pub fn enter(
        self: &Arc<Self>,
        client: Option<IpAddr>,
        weight: Weight,
        now: Instant,
    ) -> Result<Turn, u64> {
        let client = client.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), household);
        let limits = &self.limits;
        let mut accounts = lock(&self.accounts);
        if accounts.len() >= MOST_CLIENTS && !accounts.contains_key(&client) {
            accounts.retain(|_, account| !account.is_idle(limits, now));
            if accounts.len() >= MOST_CLIENTS {
                return Err(1);
            }
        }
        let account = accounts.entry(client).or_insert_with(|| Account {
            work: Bucket::full(limits.requests_per_minute, now),
            looks: Bucket::full(limits.looks_per_minute, now),
            open: 0,
            documents: 0,
            streams: 0,
        });
        let is_full = match weight {
            Weight::Stream => account.streams >= limits.event_streams,
            Weight::Document if account.documents >= limits.documents_per_client => true,
            _ => account.open >= limits.concurrent,
        };
        if is_full {
            return Err(1);
        }
        let (bucket, per_minute) = match weight {
            Weight::Work | Weight::Document => (&mut account.work, limits.requests_per_minute),
            Weight::Look | Weight::Stream => (&mut account.looks, limits.looks_per_minute),
        };
        bucket.take(per_minute, now)?;
        account.begin(weight);
        Ok(Turn {
            rates: Arc::clone(self),
            client,
            weight,
        })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(account) = lock(&self.rates.accounts).get_mut(&self.client) {
            account.end(self.weight);
        }
    }
}

impl Account {
    fn begin(&mut self, weight: Weight) {
        match weight {
            Weight::Stream => self.streams += 1,
            Weight::Document => (self.open, self.documents) = (self.open + 1, self.documents + 1),
            Weight::Work | Weight::Look => self.open += 1,
        }
    }

    fn end(&mut self, weight: Weight) {
        match weight {
            Weight::Stream => self.streams -= 1,
            Weight::Document => (self.open, self.documents) = (self.open - 1, self.documents - 1),
            Weight::Work | Weight::Look => self.open -= 1,
        }
    }

    fn is_idle(&self, limits: &Limits, now: Instant) -> bool {
        self.open == 0
            && self.streams == 0
            && self.work.level(limits.requests_per_minute, now)
                >= f64::from(limits.requests_per_minute)
            && self.looks.level(limits.looks_per_minute, now) >= f64::from(limits.looks_per_minute)
    }
}

impl Bucket {
    fn full(per_minute: u32, now: Instant) -> Self {
        Self {
            tokens: f64::from(per_minute),
            filled: now,
        }
    }

    fn level(&self, per_minute: u32, now: Instant) -> f64 {
        let per_minute = f64::from(per_minute);
        let since_s = now.saturating_duration_since(self.filled).as_secs_f64();
        (self.tokens + since_s * per_minute / 60.0).min(per_minute)
    }

    fn take(&mut self, per_minute: u32, now: Instant) -> Result<(), u64> {
        let level = self.level(per_minute, now);
        if level < 1.0 {
            let wait_s = (1.0 - level) * 60.0 / f64::from(per_minute.max(1));
            return Err(Duration::from_secs_f64(wait_s).as_secs() + 1);
        }
        self.tokens = level - 1.0;
        self.filled = now;
        Ok(())
    }
}

/// The address that stands for a client: its own, or the first half of one for IPv6.
pub fn household(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V6(address) => address.to_ipv4_mapped().map_or_else(
            || {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            },
            IpAddr::V4,
        ),
        IpAddr::V4(_) => client,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    const ANOTHER: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)));

    fn rates() -> Arc<Rates> {
        Arc::new(Rates::new(Limits::default()))
    }

    #[test]
    fn a_client_has_sixty_requests_a_minute_and_others_have_theirs() {
        let (rates, now) = (rates(), Instant::now());
        for _ in 0..60 {
            rates.enter(CLIENT, Weight::Work, now).unwrap();
        }
        assert_eq!(rates.enter(CLIENT, Weight::Work, now).unwrap_err(), 2);
        rates.enter(CLIENT, Weight::Look, now).unwrap();
        rates.enter(ANOTHER, Weight::Work, now).unwrap();
        let later = now + Duration::from_secs(2);
        rates.enter(CLIENT, Weight::Work, later).unwrap();
        rates.enter(CLIENT, Weight::Work, later).unwrap();
        rates.enter(CLIENT, Weight::Work, later).unwrap_err();
    }

    #[test]
    fn ten_requests_are_answered_at_the_same_time() {
        let (rates, now) = (rates(), Instant::now());
        let mut turns: Vec<_> = (0..10)
            .map(|_| rates.enter(CLIENT, Weight::Look, now).unwrap())
            .collect();
        assert_eq!(rates.enter(CLIENT, Weight::Work, now).unwrap_err(), 1);
        rates.enter(CLIENT, Weight::Stream, now).unwrap();
        turns.pop();
        rates.enter(CLIENT, Weight::Work, now).unwrap();
    }

    #[test]
    fn a_client_brings_two_documents_at_the_same_time() {
        let (rates, now) = (rates(), Instant::now());
        let first = rates.enter(CLIENT, Weight::Document, now).unwrap();
        let _second = rates.enter(CLIENT, Weight::Document, now).unwrap();
        assert_eq!(rates.enter(CLIENT, Weight::Document, now).unwrap_err(), 1);
        rates.enter(CLIENT, Weight::Work, now).unwrap();
        rates.enter(ANOTHER, Weight::Document, now).unwrap();
        drop(first);
        rates.enter(CLIENT, Weight::Document, now).unwrap();
    }

    #[test]
    fn a_household_is_one_client_however_many_addresses_it_has() {
        let address = |text: &str| text.parse().unwrap();
        assert_eq!(
            household(address("2001:db8:1:2:3::4")),
            household(address("2001:db8:1:2:5::6"))
        );
        assert_ne!(
            household(address("2001:db8:1:2::")),
            household(address("2001:db8:1:3::"))
        );
        assert_eq!(household(address("::ffff:192.0.2.1")), address("192.0.2.1"));
    }

    #[test]
    fn clients_that_ask_for_nothing_are_forgotten() {
        let (rates, now) = (rates(), Instant::now());
        for number in 0..MOST_CLIENTS as u32 {
            let client = Some(IpAddr::V4(Ipv4Addr::from(number)));
            rates.enter(client, Weight::Look, now).unwrap();
        }
        rates.enter(CLIENT, Weight::Look, now).unwrap_err();
        let later = now + Duration::from_mins(2);
        rates.enter(CLIENT, Weight::Look, later).unwrap();
        assert_eq!(lock(&rates.accounts).len(), 1);
    }
}
