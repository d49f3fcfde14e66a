//! Asks for memory before it is needed, so that it arrives while the processor computes.

/// Asks for so many of the values from `first` on, as far as there are, to be brought near; it changes nothing but time.
#[allow(unsafe_code, reason = "a prefetch takes a pointer")]
pub(crate) fn prefetch<T>(values: &[T], first: usize, count: usize) {
    let values = &values[first.min(values.len())..];
    let values = &values[..count.min(values.len())];
    #[cfg(target_arch = "x86_64")]
    for line in values.chunks((64 / size_of::<T>()).max(1)) {
        // SAFETY: a prefetch reads and writes nothing that a program can see, and faults at no address; this one lies
        // within the slice.
        unsafe { std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}
