import CascadeCore
import Synchronization
import Testing

@Suite struct AlarmTests {
    @Test func ringsOnceUnlessItIsCalledOff() {
        let rings = Atomic<Int>(0)
        let rung = Alarm { rings.add(1, ordering: .relaxed) }
        rung.ring()
        rung.ring()
        #expect(!rung.cancel())
        let called = Alarm { rings.add(1, ordering: .relaxed) }
        #expect(called.cancel() && !called.cancel())
        called.ring()
        let count = rings.load(ordering: .relaxed)
        #expect(count == 1)
    }

    @Test func whatACalledOffAlarmHoldsIsLetGo() {
        final class Held: Sendable {}
        var held: Held? = Held()
        weak let watched = held
        let alarm = AlarmClock.shared.alarm(after: .seconds(3600)) { [held] in _ = held }
        held = nil
        #expect(watched != nil)
        alarm.cancel()
        #expect(watched == nil)
    }

    /// In the order in which they are due, however they are set, none early, and none that was called off.
    @Test(arguments: [1, 2, 3] as [UInt64]) func ringInTheirOrder(seed: UInt64) async {
        typealias Moment = ContinuousClock.Instant
        var random = SeededRandom(seed: seed)
        let delays = (0..<60).map { _ in Duration.milliseconds(100 + random.below(60) * 5) }
        let rung = Mutex<[(number: Int, at: Moment)]>([])
        // Each is due from the first of its moments to the second: setting takes a while too.
        var due: [(first: Moment, last: Moment)] = []
        var alarms: [Alarm] = []
        for (number, delay) in delays.enumerated() {
            let start = Moment.now
            alarms.append(
                AlarmClock.shared.alarm(after: delay) { rung.withLock { $0.append((number, .now)) } })
            due.append((start + delay, .now + delay))
        }
        let calledOff = Set(delays.indices.filter { $0.isMultiple(of: 3) && alarms[$0].cancel() })
        let last = delays.count - calledOff.count
        for _ in 0..<2000 where rung.withLock({ $0.count }) < last { try? await Task.sleep(for: .milliseconds(5)) }
        let found = rung.withLock { $0 }
        #expect(Set(found.map(\.number)) == Set(delays.indices).subtracting(calledOff), "seed \(seed)")
        for (place, ring) in found.enumerated() {
            #expect(ring.at >= due[ring.number].first, "seed \(seed): \(ring.number) rang early")
            let overtaken = found[..<place].first { due[$0.number].first > due[ring.number].last }
            #expect(overtaken == nil, "seed \(seed): \(ring.number) rang late")
        }
    }

    @Test func aDurationIsWholeNanosecondsAtMost() {
        #expect(Duration.milliseconds(3).clampedNanoseconds == 3_000_000)
        #expect(Duration.seconds(-1).clampedNanoseconds == 0)
        #expect(Duration.seconds(Int64.max).clampedNanoseconds == UInt64.max / 2)
    }
}
