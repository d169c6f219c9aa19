package import CascadeCore

/// Time as a pipeline sees it: a wall clock for "now", a steady one for durations, and alarms; tests have their own.
package struct PipelineClock: Sendable {
    /// The wall clock.
    package var now: @Sendable () -> Timestamp
    /// Nanoseconds that only grow, from any start.
    package var nanoseconds: @Sendable () -> UInt64
    /// Does something short after a while, unless it is called off before.
    package var alarm: @Sendable (Duration, @escaping @Sendable () -> Void) -> Alarm

    package init(
        now: @escaping @Sendable () -> Timestamp, nanoseconds: @escaping @Sendable () -> UInt64,
        alarm: @escaping @Sendable (Duration, @escaping @Sendable () -> Void) -> Alarm
    ) {
        self.now = now
        self.nanoseconds = nanoseconds
        self.alarm = alarm
    }

    /// The clocks of the machine.
    package static let system: PipelineClock = {
        let start = ContinuousClock.now
        return PipelineClock(
            now: { .now },
            nanoseconds: { UInt64(max(0, (ContinuousClock.now - start) / .nanoseconds(1))) },
            alarm: { AlarmClock.shared.alarm(after: $0, $1) })
    }()

    func milliseconds(since start: UInt64) -> Double {
        let now = nanoseconds()
        return now > start ? Double(now - start) / 1e6 : 0
    }
}
