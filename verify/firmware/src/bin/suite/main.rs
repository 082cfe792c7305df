//! All cases: those that the host runs, too; real exceptions; and one at every instruction.

#![no_std]
#![no_main]

use reveille_firmware::suite;

#[allow(dead_code, reason = "a waker that counts more than every case asks for")]
mod cases {
    include!(concat!(env!("OUT_DIR"), "/cases.rs"));
}
mod embassy;
mod exceptions;
#[cfg(feature = "alloc")]
mod heap;
mod sweep;

#[cortex_m_rt::entry]
fn main() -> ! {
    suite::run(&[
        cases::event::CASES,
        cases::flag::CASES,
        exceptions::CASES,
        embassy::CASES,
        #[cfg(feature = "alloc")]
        heap::CASES,
        sweep::CASES,
    ])
}
