import Synchronization

/// The snapshot that requests are answered from; swapping it does not disturb requests that hold the former.
package final class ReleaseHolder: Sendable {
    private let snapshot = Mutex<ReleaseSnapshot?>(nil)
    private let failure = Mutex<String?>(nil)

    package init() {}

    package var current: ReleaseSnapshot? { snapshot.withLock { $0 } }

    /// Why the active release of the database is not the one that is served; nil when it is.
    package var problem: String? { failure.withLock { $0 } }

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
