package import CascadeCore
import CascadeFeatures
package import CascadeModels
import Foundation

/// Divides the catalog of the active release into different numbers of clusters, and measures what each is good for.
package struct InterestTuning: Sendable {
    package let catalog: any CatalogStore
    package let feedback: any FeedbackStore
    package let releases: any ReleaseStore
    package let artifacts: any ArtifactStore
    /// What clusters are made by; their number is not looked at.
    package let settings: InterestSettings
    package let seed: UInt64
    package let threads: Int

    package init(
        catalog: any CatalogStore, feedback: any FeedbackStore, releases: any ReleaseStore,
        artifacts: any ArtifactStore,
        settings: InterestSettings, seed: UInt64, threads: Int
    ) {
        self.catalog = catalog
        self.feedback = feedback
        self.releases = releases
        self.artifacts = artifacts
        self.settings = settings
        self.seed = seed
        self.threads = threads
    }

    /// A number of clusters and its figures.
    package struct Row: Hashable, Sendable {
        package let sizes: ClusterSizes
        package let fit: ClusterFit
        /// Mean inner product of an item's vector, of length one, with the direction of its cluster's mean, in the space of
        /// the item tower.
        package let similarity: Double
    }

    /// All numbers, and the one that the rule takes.
    package struct Tuning: Sendable {
        package let releaseID: String
        /// Where the targets begin.
        package let split: Timestamp
        /// The n of the coverage.
        package let levels: [Int]
        /// By number of clusters, ascending.
        package let rows: [Row]
        /// The most clusters with which `reach` of the targets lie in the `most` clusters that their users took most from;
        /// where no number gives so much, the one that gives most, of equals the largest.
        package let best: Row
        package let reach: Double
        /// Whether the clusters are of an item tower that was trained on the very items they are measured on, so that the
        /// figures flatter them.
        package let towerHasSeen: Bool
    }

    /// The numbers of clusters that are tried where none are named.
    package static let counts = [8, 16, 32, 64, 128]

    /// Clusters made from what happened before `until` are measured on what was taken from then on. The item tower has seen
    /// the end of its own training data; see `Tuning.towerHasSeen`.
    ///
    /// - Parameters:
    ///   - until: nil takes the end of the release's training data; where nothing was taken after it, the moment that a
    ///     tenth of all takes follow.
    ///   - reach: see `Tuning.best`.
    /// - Throws: `TrainingError.badArgument`, `.noActiveRelease`, `.nothingToEvaluate`, `.clusters`.
    package func run(counts: [Int] = counts, until: Timestamp? = nil, reach: Double = 0.8) async throws -> Tuning {
        guard !counts.isEmpty, counts.allSatisfy({ (2...4096).contains($0) }) else {
            throw TrainingError.badArgument("--clusters must be numbers from 2 to 4096")
        }
        guard reach > 0, reach <= 1 else { throw TrainingError.badArgument("--reach must be above 0, at most 1") }
        guard let active = try await releases.activeRelease() else { throw TrainingError.noActiveRelease }
        let model = try await releases.modelVersion(active.retrievalModelID)
        let log = try await feedback.interactions(in: Period())
        let users = try await catalog.users()
        let compute = ComputePool(threads: 1, name: "interests")
        defer { compute.shutdown() }
        return try await compute.run { _ in
            let inputs = try Inputs(artifacts.bundle(of: active), log: log, users: users)
            let split = try inputs.split(until, trained: model?.dataPeriod.until)
            let levels = Set([1, 2, 4, 8, settings.most]).sorted()
            let rows = try measure(inputs, counts: Set(counts).sorted(), split: split, levels: levels)
            guard let best = Self.best(rows, level: levels.firstIndex(of: settings.most) ?? 0, reach: reach) else {
                throw TrainingError.nothingToEvaluate
            }
            return Tuning(
                releaseID: active.id, split: Timestamp(microseconds: split), levels: levels, rows: rows, best: best,
                reach: reach,
                towerHasSeen: settings.clusterBy == .itemTower
                    && (model?.dataPeriod.until).map { split < $0.microseconds } ?? true)
        }
    }

    /// The catalog and the log in the rows of the release.
    private struct Inputs {
        let items: [Item]
        let tower: ItemSpace
        let vectors: [Float]
        let log: EncodedLog
        private let interactions: InteractionLog
        private let rows: EntityRows
        private let map: FeatureMap

        init(_ bundle: ModelBundle, log: InteractionLog, users: [User]) throws {
            items = bundle.rows.items
            vectors = try bundle.retrieval.itemVectors(rows: 0..<items.count)
            tower = ItemSpace(
                vectors, dimension: bundle.retrieval.dimension, rows: (0..<Int32(items.count)).map { $0 })
            interactions = log
            map = bundle.map
            rows = EntityRows(users: users, items: items, log: log, catalogIsClosed: true)
            self.log = EncodedLog(
                log, catalog: rows, heads: map.heads, historySignals: map.historySignals,
                surfaces: map.historySurfaces ?? [])
        }

        /// What happened before `split`.
        func past(_ split: Int64) -> EncodedLog {
            EncodedLog(
                interactions.rows { interactions.time[$0] < split }, catalog: rows, heads: map.heads,
                historySignals: map.historySignals,
                surfaces: map.historySurfaces ?? [])
        }

        func split(_ asked: Timestamp?, trained: Timestamp?) throws -> Int64 {
            if let asked { return asked.microseconds }
            let taken = (0..<log.count).filter { log.isTaken($0) }.map { log.time[$0] }.sorted()
            guard let latest = taken.last else { throw TrainingError.nothingToEvaluate }
            if let trained, latest >= trained.microseconds { return trained.microseconds }
            return taken[taken.count * 9 / 10]
        }
    }

    private func measure(_ inputs: Inputs, counts: [Int], split: Int64, levels: [Int]) throws -> [Row] {
        let past = inputs.past(split)
        func row(_ clusters: ClusterBuild.Clusters) throws -> Row {
            Row(
                sizes: ClusterSizes(clusters.assignments, count: clusters.count),
                fit: try ClusterFit(
                    clusters.assignments, count: clusters.count, log: inputs.log, split: split, levels: levels),
                similarity: inputs.tower.similarity(clusters.assignments, count: clusters.count))
        }
        let build = ClusterBuild(settings: settings, seed: seed, threads: threads)
        guard settings.clusterBy != .category else {
            let clusters = try build.assign(
                log: past, items: inputs.items, itemVectors: inputs.vectors, dimension: inputs.tower.dimension)
            return [try row(clusters)]
        }
        let space = try build.space(log: past, tower: inputs.tower)
        let met = Set(past.item).sorted()
        var rows: [Row] = []
        for count in counts {
            let clusters = try build.divide(space, met: met, tower: inputs.tower, into: count)
            // Fewer items than clusters give the same again.
            if rows.last?.sizes.clusters != clusters.count { rows.append(try row(clusters)) }
        }
        return rows
    }

    /// - Parameter level: which of the coverages the rule goes by.
    static func best(_ rows: [Row], level: Int, reach: Double) -> Row? {
        let measured = rows.filter { $0.fit.targets > 0 }
        if let most = measured.last(where: { $0.fit.coverage[level] >= reach }) { return most }
        return measured.reduce(nil) { best, row in
            guard let best, row.fit.coverage[level] < best.fit.coverage[level] else { return row }
            return best
        }
    }
}
