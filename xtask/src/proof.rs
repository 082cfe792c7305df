//! Evidence: models, sanitizers, mutants, sweeps, random operations.

pub(crate) mod cargo_mutants;
pub(crate) mod coverage;
pub(crate) mod faults;
pub(crate) mod fuzz;
pub(crate) mod instructions;
pub(crate) mod loom;
mod machine_code;
pub(crate) mod mutants;
pub(crate) mod ordering_mutants;
pub(crate) mod orderings;
pub(crate) mod sanitizers;
pub(crate) mod signal_safety;
pub(crate) mod signal_sweep;
pub(crate) mod stress;
