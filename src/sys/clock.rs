//! The system's clocks, in nanoseconds: those that the standard library has no access to, too.

#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(windows)]
pub(crate) use windows::*;

#[cfg(unix)]
mod unix {
    /// The monotonic clock, in nanoseconds; stands still while the machine is suspended.
    pub(crate) fn monotonic() -> u64 {
        read_clock(libc::CLOCK_MONOTONIC).unwrap_or_default()
    }

    /// The wall clock, in nanoseconds since the Unix epoch; zero before it.
    pub(crate) fn wall() -> u64 {
        read_clock(libc::CLOCK_REALTIME).unwrap_or_default()
    }

    /// The monotonic clock that goes on while the machine is suspended, where there is one.
    pub(crate) fn boot() -> Option<u64> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        return read_clock(libc::CLOCK_BOOTTIME);
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        return None;
    }

    /// As [`monotonic`], cheaper and late by up to a tick of the kernel's timer (at most 10 ms).
    pub(crate) fn coarse_monotonic() -> u64 {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        return read_clock(libc::CLOCK_MONOTONIC_COARSE).unwrap_or_default();
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        return monotonic();
    }

    /// As [`wall`], cheaper and late by up to a tick of the kernel's timer (at most 10 ms).
    pub(crate) fn coarse_wall() -> u64 {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        return read_clock(libc::CLOCK_REALTIME_COARSE).unwrap_or_default();
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        return wall();
    }

    /// In nanoseconds, which 64 bits hold for 584 years.
    fn read_clock(clock: libc::clockid_t) -> Option<u64> {
        let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `now` is a valid place to write to.
        let failed = unsafe { libc::clock_gettime(clock, &mut now) } != 0;
        // The wall clock can be set to before the epoch.
        (!failed && now.tv_sec >= 0).then(|| {
            (now.tv_sec as u64).wrapping_mul(1_000_000_000).wrapping_add(now.tv_nsec as u64)
        })
    }
}

#[cfg(windows)]
mod windows {
    use std::time::SystemTime;

    const NS_PER_INTERVAL: u64 = 100;
    /// Intervals of 100 ns between 1601, where a `FILETIME` begins, and the Unix epoch.
    const EPOCH: u64 = 116_444_736_000_000_000;

    #[repr(C)]
    struct FileTime {
        low: u32,
        high: u32,
    }

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn QueryUnbiasedInterruptTime(intervals: *mut u64) -> i32;
        fn GetTickCount64() -> u64;
        fn GetSystemTimeAsFileTime(now: *mut FileTime);
    }

    /// The monotonic clock, in nanoseconds; stands still while the machine is suspended. Late by up to a tick of the
    /// system's timer (at most 16 ms): the precise reading of this clock begins with Windows 10.
    pub(crate) fn monotonic() -> u64 {
        let mut intervals = 0;
        // SAFETY: `intervals` is a valid place to write to.
        unsafe { QueryUnbiasedInterruptTime(&mut intervals) };
        intervals.wrapping_mul(NS_PER_INTERVAL)
    }

    /// The wall clock, in nanoseconds since the Unix epoch; zero before it.
    pub(crate) fn wall() -> u64 {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        since_epoch.unwrap_or_default().as_nanos() as u64
    }

    /// The monotonic clock that goes on while the machine is suspended; late as [`monotonic`] is.
    pub(crate) fn boot() -> Option<u64> {
        // SAFETY: it returns a number.
        Some(unsafe { GetTickCount64() }.wrapping_mul(1_000_000))
    }

    /// As [`monotonic`], which is cheap.
    pub(crate) fn coarse_monotonic() -> u64 {
        monotonic()
    }

    /// As [`wall`], cheaper and late by up to a tick of the system's timer (at most 16 ms).
    pub(crate) fn coarse_wall() -> u64 {
        let mut now = FileTime { low: 0, high: 0 };
        // SAFETY: `now` is a valid place to write to.
        unsafe { GetSystemTimeAsFileTime(&mut now) };
        let intervals = u64::from(now.high) << 32 | u64::from(now.low);
        intervals.saturating_sub(EPOCH).wrapping_mul(NS_PER_INTERVAL)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_coarse_wall_clock_shows_what_the_precise_one_shows() {
            assert!(wall().abs_diff(coarse_wall()) < 1_000_000_000);
        }

        #[test]
        fn the_clocks_that_count_from_the_start_go_on() {
            let before = (monotonic(), boot().unwrap());
            std::thread::sleep(std::time::Duration::from_millis(100));
            let after = (monotonic(), boot().unwrap());
            for passed in [after.0 - before.0, after.1 - before.1] {
                // Each reading is late by up to a tick.
                assert!(passed >= 60_000_000, "{passed}");
            }
        }
    }
}
