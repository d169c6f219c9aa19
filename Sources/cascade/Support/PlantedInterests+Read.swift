import CascadeCore
import CascadeData
import CascadeTraining
import Foundation

extension PlantedInterests {
    /// Reads the truth that `cascade generate` wrote beside a world. Not for the cooperative pool.
    init(truth path: String) throws {
        let truth = try WorldTruth(contentsOf: URL(fileURLWithPath: path))
        self.init(users: truth.users, items: truth.items)
    }

    /// The same on a thread of its own.
    static func read(_ path: String) async throws -> PlantedInterests {
        let compute = ComputePool(threads: 1, name: "truth")
        defer { compute.shutdown() }
        return try await compute.run { _ in try PlantedInterests(truth: path) }
    }
}
