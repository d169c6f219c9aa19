package import CascadeCore
import CascadeFeatures
import CascadeIndex
package import CascadeModels
import Foundation

/// Looks into the index of the active release: whether it is sound, and how thoroughly it must be searched.
package struct IndexInspection: Sendable {
    package let catalog: any CatalogStore
    package let feedback: any FeedbackStore & FeedbackUserList
    package let releases: any ReleaseStore
    package let artifacts: any ArtifactStore

    package init(
        catalog: any CatalogStore, feedback: any FeedbackStore & FeedbackUserList, releases: any ReleaseStore,
        artifacts: any ArtifactStore
    ) {
        self.catalog = catalog
        self.feedback = feedback
        self.releases = releases
        self.artifacts = artifacts
    }

    /// What was found to be sound.
    package struct Soundness: Hashable, Sendable {
        package let releaseID: String
        package let items: Int
        /// Rows whose vector was held against the item tower's.
        package let compared: Int
        package let queries: Int
        package let recall: Double
        /// Nil in a release without interests.
        package let interests: InterestSoundness?
    }

    /// What was found to be sound of the clusters.
    package struct InterestSoundness: Hashable, Sendable {
        /// Clusters that have items, and those of them that have a graph.
        package let clusters: Int
        package let graphs: Int
        /// Rows whose vector was held against the item tower's of the interest model.
        package let compared: Int
        /// Users whose likeliest interest was searched.
        package let queries: Int
        package let recall: Double
    }

    /// An index at several efforts, and the least that is good enough.
    package struct Tuning: Sendable {
        package let releaseID: String
        package let queries: Int
        /// Whether the queries are users; items where no user has a past.
        package let ofUsers: Bool
        package let efforts: [Effort]
        package let best: Effort
    }

    /// A search effort and the recall that it gives.
    package struct Effort: Hashable, Sendable {
        package let effort: Int
        package let recall: Double
    }

    struct Opened {
        let bundle: ModelBundle
        let index: HNSWIndex
        /// Nil in a release without interests.
        let interests: (model: InterestModel, index: ClusteredIndex)?
    }

    /// By how much a component of the index's vector, which is a float32 in every storage, may differ from the item tower's.
    static let sameness: Float = 1e-4

    /// Users that the recall is measured with.
    private static let queries = 300

    /// Verifies the checksums of the active release, that every vector of its index is finite and a sample of them is
    /// what the item tower gives, and that searches find at least `minimumRecall` of the first 100.
    ///
    /// - Throws: `TrainingError.indexUnsound` with what is wrong, `.noActiveRelease`.
    package func verify(minimumRecall: Double, sample: Int = 1000) async throws -> Soundness {
        guard let active = try await releases.activeRelease() else { throw TrainingError.noActiveRelease }
        let users = try await UserSample.read(Self.queries, catalog: catalog, feedback: feedback)
        return try await compute {
            let opened: Opened
            do {
                opened = try open(active)
            } catch {
                throw TrainingError.indexUnsound("\(error)")
            }
            try checkFinite(opened.index)
            let compared = try compare(opened, sample: sample)
            let (queries, _) = try vectors(users, opened)
            let depth = min(ReleaseBuild.recallDepth, opened.index.count)
            let recall = try measureRecall(
                of: opened.index, against: opened.index.exact, queries: queries, k: depth, effort: active.efSearch)
            guard recall >= minimumRecall else {
                throw TrainingError.indexUnsound(
                    "searches find \(recall) of the first \(depth), \(minimumRecall) is required (index.minimum_recall); "
                        + "'cascade index tune' may help")
            }
            return Soundness(
                releaseID: active.id, items: opened.index.count, compared: compared,
                queries: queries.count / opened.index.dimension, recall: recall,
                interests: try opened.interests.map {
                    try check(
                        $0.model, $0.index, opened.bundle, users, minimumRecall: minimumRecall, effort: active.efSearch,
                        sample: sample)
                })
        }
    }

    /// Finds the least effort with which searches find `recall` of the true first `k`, and the recall of some others.
    ///
    /// - Throws: `TrainingError.badArgument`, `.recallUnreachable`, `.noActiveRelease`.
    package func tune(recall: Double, k: Int, queries count: Int) async throws -> Tuning {
        guard recall > 0, recall <= 1 else { throw TrainingError.badArgument("--recall must be above 0, at most 1") }
        guard (1...10_000).contains(k) else { throw TrainingError.badArgument("--k must be 1 to 10000") }
        guard (1...100_000).contains(count) else { throw TrainingError.badArgument("--queries must be 1 to 100000") }
        guard let active = try await releases.activeRelease() else { throw TrainingError.noActiveRelease }
        let users = try await UserSample.read(count, catalog: catalog, feedback: feedback)
        return try await compute {
            let opened = try open(active)
            let index = opened.index
            let (queries, ofUsers) = try vectors(users, opened, limit: count)
            let depth = min(k, max(1, index.count))
            let best = try least(index, queries: queries, k: depth, target: recall)
            let truth = try GroundTruth(exact: index.exact, queries: queries, k: depth)
            var efforts: [Effort] = []
            var effort = depth
            repeat {
                efforts.append(Effort(effort: effort, recall: try truth.recall(of: index, effort: effort)))
                effort *= 2
            } while effort <= max(4 * best.effort, depth)
            return Tuning(
                releaseID: active.id, queries: queries.count / index.dimension, ofUsers: ofUsers,
                efforts: efforts, best: best)
        }
    }

    private func least(_ index: HNSWIndex, queries: [Float], k: Int, target: Double) throws -> Effort {
        do {
            let found = try leastEffort(for: index, against: index.exact, queries: queries, k: k, target: target)
            return Effort(effort: found.effort, recall: found.recall)
        } catch {
            guard case .recallUnreachable(let target, let best, let effort) = error else { throw error }
            throw TrainingError.recallUnreachable(recall: best, required: target, effort: effort)
        }
    }

    private func compute<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        let pool = ComputePool(threads: 1, name: "index")
        defer { pool.shutdown() }
        return try await pool.run { _ in try work() }
    }

    private func open(_ release: Release) throws -> Opened {
        let (folder, manifest) = try artifacts.open(release)
        let bundle = try ModelBundle(folder: folder)
        let index = try HNSWIndex(path: folder.path(ModelBundle.FileName.index))
        guard index.count == bundle.rows.items.count, index.dimension == bundle.retrieval.dimension else {
            throw TrainingError.indexUnsound(
                "it has \(index.count) × \(index.dimension) numbers, the models \(bundle.rows.items.count) × "
                    + "\(bundle.retrieval.dimension)")
        }
        guard let model = bundle.interests, manifest.files[ClusteredIndex.fileName] != nil else {
            return Opened(bundle: bundle, index: index, interests: nil)
        }
        let clustered = try ClusteredIndex(
            path: folder.path(ClusteredIndex.fileName), assignments: model.clusters.assignments,
            clusters: model.clusters.count)
        return Opened(bundle: bundle, index: index, interests: (model, clustered))
    }

    private func vectors(
        _ users: UserSample, _ opened: Opened, limit: Int = queries
    ) throws -> (queries: [Float], ofUsers: Bool) {
        let found = try users.vectors(opened.bundle)
        guard found.isEmpty else { return (found, true) }
        let items = opened.index.count
        let rows = stride(from: 0, to: items, by: max(1, items / limit)).prefix(limit)
        return (try rows.flatMap { try opened.index.vector(at: $0) }, false)
    }

    private func checkFinite(_ index: HNSWIndex) throws {
        for row in 0..<index.count where try !index.vector(at: row).allSatisfy(\.isFinite) {
            throw TrainingError.indexUnsound("the vector of row \(row) is not finite")
        }
    }

    /// Holds rows spread over the index against the item tower; gives how many.
    private func compare(_ opened: Opened, sample: Int) throws -> Int {
        let items = opened.index.count
        var compared = 0
        for row in stride(from: 0, to: items, by: max(1, items / max(1, sample))) {
            let stored = try opened.index.vector(at: row)
            let made = try opened.bundle.retrieval.itemVectors(rows: row..<(row + 1))
            guard zip(stored, made).allSatisfy({ abs($0 - $1) <= Self.sameness * max(1, abs($1)) }) else {
                throw TrainingError.indexUnsound(
                    "the vector of row \(row) (item \(opened.bundle.rows.items[row].id)) is not the item tower's")
            }
            compared += 1
        }
        return compared
    }
}
