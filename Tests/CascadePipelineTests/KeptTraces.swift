import CascadePipeline
import Foundation
import Synchronization

/// Keeps so many traces as they would be stored, and refuses the rest.
final class KeptTraces: TraceSink {
    private let capacity: Int
    private let kept = Mutex<[PendingTrace]>([])

    init(capacity: Int = 100) { self.capacity = capacity }

    func offer(_ trace: PendingTrace) -> Bool {
        kept.withLock {
            guard $0.count < capacity else { return false }
            $0.append(trace)
            return true
        }
    }

    /// In the order in which they came.
    func traces() throws -> [PipelineTrace] {
        try kept.withLock { $0 }.map { try JSONDecoder().decode(PipelineTrace.self, from: Data($0.json().utf8)) }
    }
}
