import Dispatch
import HeapModule
import Synchronization

/// Rings alarms when they are due, all of them by one timer of the system.
///
/// Nearly all deadlines are called off, so what counts is what setting and calling off cost: an entry of a heap, and no task. The timer
/// is set anew only for an alarm that is due before it would go off; one that was called off meanwhile lets it go off in vain, and then
/// it passes over all that were.
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
        /// When the timer goes off.
        var wakes = UInt64.max
    }

    private let state = Mutex(State())
    // Counts by a clock that nobody sets: a step of the wall clock moves no deadline.
    private nonisolated(unsafe) let timer: any DispatchSourceTimer  // why: used with `state` locked only

    private init() {
        timer = DispatchSource.makeTimerSource(
            flags: .strict, queue: DispatchQueue(label: "alarms", qos: .userInteractive))
        timer.setEventHandler { [self] in ring() }
        timer.activate()
    }

    /// Does `action` after `delay`; it must be short.
    package func alarm(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> Alarm {
        let alarm = Alarm(action)
        let due = Self.now + delay.clampedNanoseconds
        state.withLock { state in
            state.entries.insert(Entry(due: due, alarm: alarm))
            if due < state.wakes { wake(at: due, &state) }
        }
        return alarm
    }

    /// Rings what is due, and sets the timer for the next.
    private func ring() {
        let due = state.withLock { state -> [Alarm] in
            let now = Self.now
            var due: [Alarm] = []
            while let first = state.entries.min {
                let isOver = first.alarm.isOver
                guard isOver || first.due <= now else { break }
                if !isOver { due.append(first.alarm) }
                state.entries.removeMin()
            }
            wake(at: state.entries.min?.due ?? .max, &state)
            return due
        }
        for alarm in due { alarm.ring() }
    }

    private func wake(at moment: UInt64, _ state: inout State) {
        state.wakes = moment
        timer.schedule(
            deadline: moment == .max ? .distantFuture : DispatchTime(uptimeNanoseconds: moment), leeway: .nanoseconds(0)
        )
    }

    private static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }
}
