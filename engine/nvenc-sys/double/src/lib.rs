//! A double of NVIDIA's driver for tests. The library has the functions of the CUDA driver and of
//! NVENC, is loaded in their place, and encodes on the CPU. It checks versions, the order of
//! calls, and that all is given back, and keeps what it finds wrong.
//!
//! Tests link to this crate for [`Double`], which finds the library beside the test's executable
//! and gives each test a copy with a state of its own. A whole program is given the library by
//! path; there [`SCENARIO_VARIABLE`] and [`LOG_VARIABLE`] in the environment take the place of
//! [`Double`]'s functions.

// The other side of the driver's interface: pointers come in from whoever is tested.
#![allow(unsafe_code)]

mod control;
mod cuda;
mod h264;
mod nvenc;
mod scenario;
mod state;

pub use control::Double;
pub use scenario::{LOG_VARIABLE, SCENARIO_VARIABLE, Scenario, UUID_VARIABLE};
