package import CascadeCore
import CascadeFeatures
import CascadeIndex
package import CascadeModels
package import CascadePipeline
package import Foundation

/// A release ready to serve: models, index and catalog of one build, immutable, shared by all requests.
package final class ReleaseSnapshot: ReleaseView {
    package let stamp: ReleaseStamp
    package let heads: [HeadWeight]
    package let popular: [ScoredRow]
    package let fresh: [Int32]
    package let release: Release
    package let manifest: Manifest
    package let relations: any ItemRelations
    private let snapshotCatalog: SnapshotCatalog
    private let bundle: ModelBundle
    private let index: HNSWIndex

    package var catalog: any CatalogView { snapshotCatalog }

    /// Verifies the checksum of every artifact under `directory`, then maps them.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the file, `ServingError.mismatchedRelease` where the parts are of
    ///   different runs.
    package convenience init(
        _ release: Release, directory: URL, configHash: String, creatorAttribute: String = ""
    ) throws {
        let folder = ArtifactFolder(directory.appendingPathComponent(release.path))
        let manifest = try folder.verify(manifestChecksum: release.manifestChecksum)
        guard manifest.releaseID == release.id, manifest.retrievalModelID == release.retrievalModelID,
            manifest.rankerModelID == release.rankerModelID
        else {
            throw ServingError.mismatchedRelease(
                id: release.id, reason: "its folder holds release \(manifest.releaseID) of other models")
        }
        try self.init(
            release: release, manifest: manifest, bundle: ModelBundle(folder: folder),
            index: HNSWIndex(path: folder.path(ModelBundle.FileName.index)), configHash: configHash,
            creatorAttribute: creatorAttribute)
    }

    init(
        release: Release, manifest: Manifest, bundle: ModelBundle, index: HNSWIndex, configHash: String,
        creatorAttribute: String = ""
    ) throws(ServingError) {
        guard index.count == bundle.rows.items.count, index.dimension == bundle.retrieval.dimension else {
            throw .mismatchedRelease(
                id: release.id,
                reason: "its index has \(index.count) × \(index.dimension) numbers, its models "
                    + "\(bundle.rows.items.count) × \(bundle.retrieval.dimension)")
        }
        self.release = release
        self.manifest = manifest
        self.bundle = bundle
        self.index = index
        stamp = ReleaseStamp(
            releaseID: release.id, retrievalVersion: release.retrievalModelID, rankerVersion: release.rankerModelID,
            indexVersion: manifest.files[ModelBundle.FileName.index]?.sha256.prefix(12).description ?? release.id,
            configHash: configHash)
        heads = bundle.map.heads.map { HeadWeight(name: $0, weight: 1) }
        let catalog = SnapshotCatalog(items: bundle.rows.items, rows: bundle.rows.itemRow)
        snapshotCatalog = catalog
        popular = Self.byPopularity(bundle, catalog)
        fresh = Self.byCreation(catalog)
        relations = SnapshotRelations(
            bundle: bundle, index: index, creators: CreatorLists(bundle.rows.items, attribute: creatorAttribute))
    }

    private struct Prepared: PreparedUser {
        let releaseID: String
        let history: EncodedHistory
        let vector: [Float]
        /// Nil in a release without a ranker.
        let context: RankerContext?

        var historyCount: Int { history.count }
    }

    package func prepare(_ state: UserState) throws -> any PreparedUser {
        let user = state.user ?? User(id: state.userID ?? UserID(""))
        let history = EncodedHistory(state.history, bundle: bundle)
        return try history.lend { slice in
            Prepared(
                releaseID: stamp.releaseID, history: history,
                vector: try bundle.retrieval.userVector(
                    users: bundle.retrievalUsers.encode([user]), row: 0, history: slice),
                context: try bundle.ranker?.context(
                    users: bundle.rankerUsers.encode([user]), row: 0, history: slice))
        }
    }

    package func retrieve(
        _ user: any PreparedUser, limit: Int, excluding excluded: Set<Int32>, cancellation: ComputePool.Cancellation
    ) throws -> [ScoredRow] {
        let prepared = try own(user)
        try cancellation.check()
        let filter = excluded.isEmpty ? nil : IndexFilter.blocking(RowSet(universe: index.count, rows: excluded))
        return try index.search(prepared.vector, k: limit, filter: filter)
            .map { ScoredRow(row: $0.row, score: $0.score) }
    }

    package func score(
        _ user: any PreparedUser, rows: [Int32], cancellation: ComputePool.Cancellation
    ) throws -> HeadScores {
        let prepared = try own(user)
        guard let ranker = bundle.ranker, let context = prepared.context else {
            return HeadScores(probabilities: [], headCount: 0)
        }
        let probabilities = try prepared.history.lend { history in
            try ranker.probabilities(
                context: context, items: rows, columns: bundle.map.counterLayout.columns,
                counters: { bundle.counters.write(history: history, item: $0, fold: nil, into: $1) },
                check: cancellation.check)
        }
        return HeadScores(probabilities: probabilities, headCount: heads.count)
    }

    private func own(_ user: any PreparedUser) throws -> Prepared {
        guard let prepared = user as? Prepared, prepared.releaseID == stamp.releaseID else {
            throw ServingError.foreignPreparedUser
        }
        return prepared
    }

    private static func byPopularity(_ bundle: ModelBundle, _ catalog: SnapshotCatalog) -> [ScoredRow] {
        let counts = bundle.counterSet.popularity(of: bundle.rows.items)
        return (0..<Int32(catalog.count)).filter { !catalog.isHidden($0) }
            .map { ScoredRow(row: $0, score: counts[Int($0)]) }
            .sorted { ($0.score, $1.row) > ($1.score, $0.row) }
    }

    private static func byCreation(_ catalog: SnapshotCatalog) -> [Int32] {
        let dated = (0..<Int32(catalog.count)).compactMap { row in catalog.createdAt(row).map { (row, $0) } }
        return dated.sorted { ($0.1, $1.0) > ($1.1, $0.0) }.map(\.0)
    }
}
