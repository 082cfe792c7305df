//! The originals in Python, and ours in their place.
//!
//! Each original runs in a process of its own (`originals.py`), which waits for the name of a row, runs it once,
//! and answers with what its own clock says. So ours and the originals take turns as all columns do, and
//! starting Python is in no row. What is measured beside ours is the interpreter, too: that is what who moves
//! from there to here leaves behind.

pub mod python;
pub mod rows;

pub use rows::Case;
