import Dispatch
import Foundation
import HeapModule
import Synchronization

/// Rings alarms when they are due, all of them from one thread.
///
/// Nearly all deadlines are called off, so what counts is what setting and calling off cost: no task, no system call, and nobody
/// is woken but for an alarm that is due before all others that are left.
package final class AlarmClock: Sendable {
    /// Of the process.
    package static let shared = AlarmClock()

    private struct Entry: Comparable, Sendable {
        let due: UInt64
        let alarm: Alarm

        static func < (left: Entry, right: Entry) -> Bool { left.due < right.due }
        static func == (left: Entry, right: Entry) -> Bool { left.due == right.due }
    }

    private struct State {
        var entries = Heap<Entry>()
        /// When the thread looks next.
        var wakes = UInt64.max
    }

    private let state = Mutex(State())
    private let isEarlier = DispatchSemaphore(value: 0)

    private init() {
        let thread = Thread { [self] in
            while true { wait(until: ring()) }
        }
        thread.name = "alarms"
        thread.start()
    }

    /// Does `action` after `delay`; it must be short.
    package func alarm(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> Alarm {
        let alarm = Alarm(action)
        let due = Self.now + delay.clampedNanoseconds
        let wakesThread = state.withLock { state in
            state.entries.insert(Entry(due: due, alarm: alarm))
            guard due < state.wakes else { return false }
            state.wakes = due
            return true
        }
        if wakesThread { isEarlier.signal() }
        return alarm
    }

    /// Rings what is due; gives when the next is.
    private func ring() -> UInt64 {
        let (due, next) = state.withLock { state -> ([Alarm], UInt64) in
            let now = Self.now
            var due: [Alarm] = []
            while let first = state.entries.min, first.due <= now || first.alarm.isOver {
                _ = state.entries.popMin()
                due.append(first.alarm)
            }
            state.wakes = state.entries.min?.due ?? .max
            return (due, state.wakes)
        }
        for alarm in due { alarm.ring() }
        return next
    }

    private func wait(until moment: UInt64) {
        if moment == .max {
            isEarlier.wait()
        } else {
            _ = isEarlier.wait(timeout: DispatchTime(uptimeNanoseconds: moment))
        }
    }

    private static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }
}

extension Duration {
    /// Whole nanoseconds, 0 for a negative duration, clamped to what fits.
    package var clampedNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max / 2 : min(product &+ UInt64(attoseconds / 1_000_000_000), .max / 2)
    }
}
