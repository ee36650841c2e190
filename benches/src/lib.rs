//! What the benchmarks share: the scoring of the networks, and the memory that was taken.

pub mod evaluate;
pub mod memory;
