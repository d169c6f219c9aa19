extension Duration {
    /// Whole nanoseconds, 0 for a negative duration, clamped to what fits.
    package var clampedNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max / 2 : min(product &+ UInt64(attoseconds / 1_000_000_000), .max / 2)
    }
}
