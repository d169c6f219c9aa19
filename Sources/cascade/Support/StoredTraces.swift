import CascadePipeline
import CascadeStorage
import Foundation

/// Traces of recommendations as the database keeps them.
struct StoredTraces: TraceReader {
    let store: TraceStore

    func trace(_ recommendationID: String) async throws -> PipelineTrace? {
        guard let stored = try await store.trace(recommendationID) else { return nil }
        do {
            return try JSONDecoder().decode(PipelineTrace.self, from: Data(stored.json.utf8))
        } catch {
            throw StorageError.corruptValue(
                reason: "the trace of \(recommendationID) is of a version that this one does not read (\(error))")
        }
    }
}
