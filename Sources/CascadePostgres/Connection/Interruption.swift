import Synchronization

/// Tells the thread of a connection that nobody waits for the running work any more.
final class Interruption: Sendable {
    private let flag = Atomic<Bool>(false)
    private let signal: WakeSignal

    init(_ signal: WakeSignal) { self.signal = signal }

    var isRaised: Bool { flag.load(ordering: .acquiring) }

    func raise() {
        flag.store(true, ordering: .releasing)
        signal.wake()
    }
}
