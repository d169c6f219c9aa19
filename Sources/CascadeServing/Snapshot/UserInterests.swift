import CascadeCore
import CascadeFeatures
import CascadeModels
import Synchronization

/// The interests of one user in one request, computed when they are first asked for and then kept: what a refill round
/// asks again costs nothing.
final class UserInterests: Sendable {
    private struct Known {
        var intent: [Float]?
        var vectors: [Int32: [Float]] = [:]
    }

    /// The user as the retrieval models read one.
    private let users: EncodedEntities
    private let history: EncodedHistory
    /// Newest first.
    let entries: [HistoryEntry]
    private let known = Mutex(Known())

    init(users: EncodedEntities, history: EncodedHistory, entries: [HistoryEntry]) {
        self.users = users
        self.history = history
        self.entries = entries
    }

    /// [clusters] how likely the user's next item lies in each. *Computes.*
    ///
    /// - Parameter cluster: that of an item of the past, nil for one that is in none.
    func intent(
        _ encoder: any InterestEncoding, _ later: LaterItems, cluster: (Int32) -> Int32?
    ) throws -> [Float] {
        if let intent = known.withLock({ $0.intent }) { return intent }
        let intent = try history.lend {
            try encoder.intent(users: users, row: 0, history: $0, later: later, cluster: cluster)
        }
        guard intent.allSatisfy(\.isFinite) else { throw ServingError.unusableIntent }
        known.withLock { $0.intent = intent }
        return intent
    }

    /// The user's vector for each of some clusters; those that are not known yet are made in one batch. *Computes.*
    func vectors(
        _ clusters: [Int32], _ encoder: any InterestEncoding, _ later: LaterItems
    ) throws -> [[Float]] {
        let held = known.withLock { $0.vectors }
        let missing = clusters.filter { held[$0] == nil }
        guard !missing.isEmpty else { return clusters.compactMap { held[$0] } }
        let width = encoder.dimension
        let made = try history.lend {
            try encoder.userVectors(users: users, row: 0, history: $0, clusters: missing, later: later)
        }
        let vectors = known.withLock { known in
            for (index, cluster) in missing.enumerated() {
                known.vectors[cluster] = Array(made[(index * width)..<((index + 1) * width)])
            }
            return known.vectors
        }
        return clusters.compactMap { vectors[$0] }
    }
}
