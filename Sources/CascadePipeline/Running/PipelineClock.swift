package import CascadeCore

/// Time as a pipeline sees it: a wall clock for "now", a steady one for durations, and waiting; tests have their own.
package struct PipelineClock: Sendable {
    /// The wall clock.
    package var now: @Sendable () -> Timestamp
    /// Nanoseconds that only grow, from any start.
    package var nanoseconds: @Sendable () -> UInt64
    /// Waits; throws when its task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Timestamp, nanoseconds: @escaping @Sendable () -> UInt64,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.nanoseconds = nanoseconds
        self.sleep = sleep
    }

    /// The clocks of the machine.
    package static let system: PipelineClock = {
        let start = ContinuousClock.now
        return PipelineClock(
            now: { .now },
            nanoseconds: { UInt64(max(0, (ContinuousClock.now - start) / .nanoseconds(1))) },
            sleep: { try await Task.sleep(for: $0) })
    }()

    func milliseconds(since start: UInt64) -> Double {
        let now = nanoseconds()
        return now > start ? Double(now - start) / 1e6 : 0
    }
}

extension Duration {
    /// Whole nanoseconds, 0 for a negative duration, clamped to what fits.
    var clampedNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max / 2 : min(product &+ UInt64(attoseconds / 1_000_000_000), .max / 2)
    }
}
