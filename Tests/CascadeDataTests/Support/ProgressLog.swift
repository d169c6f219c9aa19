import CascadeData
import Synchronization

/// Keeps what an import said of its progress.
final class ProgressLog: Sendable {
    private let entries = Mutex([ImportProgress]())

    func add(_ progress: ImportProgress) { entries.withLock { $0.append(progress) } }

    var all: [ImportProgress] { entries.withLock { $0 } }
}
