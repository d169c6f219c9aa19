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

    func fail(_ text: String) { failure.withLock { $0 = text } }
}
