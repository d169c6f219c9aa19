import CascadeCore
import CascadeModels
import Foundation

/// Turns what a run made into the rows of the database.
enum ReleaseRecord {
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func release(
        _ manifest: Manifest, checksum: String, createdAt: Timestamp, configJSON: String, metrics: [String: Double],
        windows: WindowedCounters?, efSearch: Int? = nil
    ) throws -> Release {
        Release(
            id: manifest.releaseID, state: .ready, createdAt: createdAt, activatedAt: nil,
            retrievalModelID: manifest.retrievalModelID, rankerModelID: manifest.rankerModelID,
            path: manifest.releaseID, manifestChecksum: checksum, configJSON: configJSON,
            metricsJSON: try json(metrics), efSearch: efSearch, windows: windows)
    }
}
