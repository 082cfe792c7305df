//! The originals in Python, and ours beside them.
//!
//! Each original runs in a process of its own (`originals.py`), which reads the name of a row, runs
//! it once, and writes the time by its own clock. Ours and the originals thus take turns as all
//! columns do, and starting Python is in no row. The interpreter is part of what is measured: a
//! program that is ported to Rust loses that cost, too.

pub mod python;
pub mod rows;
