//! The floating-point environment of a thread (`fenv.h` of C).
//!
//! A thread of Linux inherits it from the one that starts it. Where a program has operations trap, as Free Pascal does
//! from the start, a number in a server's answer that is too large for a double would end the process. Windows
//! gives each thread the default.

/// Gives this thread the default: no operation traps, and each rounds to the nearest.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
pub(super) fn use_default() {
    const SSE: u32 = 0x1F80;
    const X87: u16 = 0x37F;
    // SAFETY: both instructions read a constant, and change nothing but the environment, into the one that Rust's own
    // code expects.
    unsafe {
        std::arch::asm!(
            "ldmxcsr [{sse}]",
            "fldcw [{x87}]",
            sse = in(reg) &SSE,
            x87 = in(reg) &X87,
            options(nostack, readonly),
        );
    }
}

/// As above.
#[cfg(target_arch = "aarch64")]
pub(super) fn use_default() {
    // SAFETY: the instruction changes nothing but the environment, into the one that Rust's own code expects.
    unsafe { std::arch::asm!("msr fpcr, xzr", options(nostack, nomem)) };
}

/// As above, for a processor whose traps are not known here: most have none.
#[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) fn use_default() {}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use std::arch::asm;
    use std::sync::mpsc;
    use std::thread;

    use crate::sys::spawn;

    /// What traps, and how is rounded.
    fn environment() -> u32 {
        let mut all = 0_u32;
        // SAFETY: the instruction writes to the place that it is given.
        unsafe { asm!("stmxcsr [{}]", in(reg) &mut all, options(nostack)) };
        const FLAGS: u32 = 0x3F;
        all & !FLAGS
    }

    #[test]
    // promise: no-trap
    fn a_thread_of_the_library_does_not_trap_where_the_program_does() {
        let program = thread::spawn(|| {
            let default = environment();
            let overflow_traps = default & !(1 << 10);
            // SAFETY: nothing that overflows follows on this thread.
            unsafe { asm!("ldmxcsr [{}]", in(reg) &overflow_traps, options(nostack)) };
            let (send, receive) = mpsc::channel();
            spawn("test", move || send.send(environment()).unwrap()).unwrap();
            assert_eq!(receive.recv().unwrap(), default);
            assert_eq!(environment(), overflow_traps);
        });
        program.join().unwrap();
    }
}
