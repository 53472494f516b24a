//! How many strangers may be connected at once, in all and from one place.
//!
//! A stranger is a connection that has not shown a good key. Those who have are not counted.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::net::Place;

/// Strangers in all.
const MAX_STRANGERS: usize = 512;

/// Strangers from one place.
const MAX_PER_PLACE: usize = 16;

/// Counts strangers.
#[derive(Debug, Default)]
pub struct Gate {
    places: Mutex<HashMap<Place, usize>>,
}

/// One stranger's place in the count; given back when dropped.
#[derive(Debug)]
pub struct Pass {
    gate: Arc<Gate>,
    place: Place,
}

impl Gate {
    /// Lets a stranger in, unless there are too many.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Pass> {
        let place = Place::of(address);
        let mut places = self.lock();
        let here = places.get(&place).copied().unwrap_or(0);
        let in_all: usize = places.values().sum();
        if here >= MAX_PER_PLACE || in_all >= MAX_STRANGERS {
            return None;
        }
        places.insert(place, here + 1);
        Some(Pass { gate: Arc::clone(self), place })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Place, usize>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut places = self.gate.lock();
        if let Some(count) = places.get_mut(&self.place) {
            *count -= 1;
            if *count == 0 {
                places.remove(&self.place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_place_may_not_take_all() {
        let gate = Arc::new(Gate::default());
        let passes: Vec<_> = (0..20).filter_map(|_| gate.enter(address("10.0.0.1"))).collect();
        assert_eq!(passes.len(), 16);
        assert!(gate.enter(address("::ffff:10.0.0.1")).is_none());
        assert!(gate.enter(address("10.0.0.2")).is_some());
        drop(passes);
        assert!(gate.enter(address("10.0.0.1")).is_some());
    }

    #[test]
    fn an_ipv6_network_is_one_place() {
        let gate = Arc::new(Gate::default());
        let passes: Vec<_> =
            (0..20).filter_map(|n| gate.enter(address(&format!("2a00:1:2:3::{n}")))).collect();
        assert_eq!(passes.len(), 16);
        assert!(gate.enter(address("2a00:1:2:4::1")).is_some());
    }

    #[test]
    fn all_places_together_are_bounded_and_nothing_is_left_over() {
        let gate = Arc::new(Gate::default());
        let passes: Vec<_> = (0..600u32).filter_map(|n| gate.enter(IpAddr::V4((n << 8).into()))).collect();
        assert_eq!(passes.len(), MAX_STRANGERS);
        drop(passes);
        assert!(gate.lock().is_empty());
    }
}
