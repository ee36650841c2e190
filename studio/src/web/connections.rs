//! How many connections each client has open.
//!
//! What a connection asks for is counted by `rates`; this is for those that ask for nothing, and
//! would keep everyone else out by holding all connections that there are.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use super::rates::household;
use crate::lock;

/// Open connections by client.
#[derive(Debug)]
pub struct Connections {
    most: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// A connection that is open as long as this lives.
#[derive(Debug)]
pub struct Connection {
    all: Arc<Connections>,
    client: IpAddr,
}

impl Connections {
    /// Lets each client have `most` connections.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            open: Mutex::default(),
        }
    }

    /// Counts a new connection of a client, unless it has too many.
    pub fn open(self: &Arc<Self>, client: IpAddr) -> Option<Connection> {
        let client = household(client);
        let mut open = lock(&self.open);
        let count = open.entry(client).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Connection {
            all: Arc::clone(self),
            client,
        })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let mut open = lock(&self.all.open);
        if let Some(count) = open.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_with_many_connections_keeps_nobody_else_out() {
        let connections = Arc::new(Connections::new(2));
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|it| it.parse().unwrap());
        let first = connections.open(one).unwrap();
        let second = connections.open(one).unwrap();
        assert!(connections.open(one).is_none());
        let _third = connections.open(other).unwrap();
        drop(first);
        let _fourth = connections.open(one).unwrap();
        drop(second);
        assert_eq!(lock(&connections.open).len(), 2);
    }

    #[test]
    fn clients_that_have_gone_are_forgotten() {
        let connections = Arc::new(Connections::new(2));
        drop(connections.open("2001:db8::1".parse().unwrap()));
        assert!(lock(&connections.open).is_empty());
    }
}
