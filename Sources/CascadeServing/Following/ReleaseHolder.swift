import Synchronization

/// The snapshot that requests are answered from; swapping it does not disturb requests that hold the former.
package final class ReleaseHolder: Sendable {
    private let snapshot = Mutex<ReleaseSnapshot?>(nil)
    private let failure = Mutex<String?>(nil)
    private let followed = Mutex<ContinuousClock.Instant?>(nil)

    package init() {}

    package var current: ReleaseSnapshot? { snapshot.withLock { $0 } }

    /// Why the active release of the database is not the one that is served; nil when it is.
    package var problem: String? { failure.withLock { $0 } }

    /// Seconds since changes of the catalog were last looked for with success; nil before the first time. What was written since may
    /// not be served yet.
    package var catalogLag: Double? {
        followed.withLock { $0.map { (ContinuousClock.now - $0) / .seconds(1) } }
    }

    /// Says that all that was written before `moment` is served.
    func markFollowed(at moment: ContinuousClock.Instant) { followed.withLock { $0 = moment } }

    package func swap(_ new: ReleaseSnapshot?) {
        snapshot.withLock { $0 = new }
        failure.withLock { $0 = nil }
    }

    /// Replaces the snapshot by what `change` makes of it, if there is one; a problem stays.
    func update(_ change: (ReleaseSnapshot) -> ReleaseSnapshot) {
        snapshot.withLock { if let current = $0 { $0 = change(current) } }
    }

    func fail(_ text: String) { failure.withLock { $0 = text } }
}
