//! What can run networks here is found out without harm.

use fabula_devices::{DeviceChoice, candidates};

#[test]
fn every_candidate_has_a_reason_and_the_processor_always_works() {
    let found = candidates();
    assert_eq!(found.len(), 3);
    assert!(found.iter().all(|candidate| !candidate.reason.is_empty()));
    assert!(found[2].usable && found[2].choice == DeviceChoice::Cpu);
}
