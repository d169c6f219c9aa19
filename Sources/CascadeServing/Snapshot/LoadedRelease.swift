package import CascadeCore
import CascadeFeatures
package import CascadeIndex
package import CascadeModels
package import CascadePipeline
import Foundation

/// The artifacts of a release, mapped and put in order once; every snapshot of the release shares them.
package final class LoadedRelease: Sendable {
    package let release: Release
    package let manifest: Manifest
    package let stamp: ReleaseStamp
    package let heads: [HeadWeight]
    package let bundle: ModelBundle
    package let index: HNSWIndex
    /// Nil in a release without a model of interests.
    package let interests: LoadedInterests?
    let columns: CatalogColumns
    /// Rows that were not hidden when the release was built, most popular first.
    let popular: [ScoredRow]
    /// Rows with a time of creation, newest first.
    let fresh: [Int32]
    /// Rows that were hidden when the release was built.
    let hidden: RowSet
    /// The rows of each category as bitmaps.
    let categoryRows: CategoryRows
    /// The rows of each creator that were not hidden when the release was built.
    let creators: CreatorLists

    /// Verifies the checksum of every artifact, then maps them.
    ///
    /// - Throws: `ModelError.corruptArtifact` naming the file, `ServingError.mismatchedRelease` where the parts are of
    ///   different runs.
    package convenience init(
        _ release: Release, artifacts: any ArtifactStore, configHash: String, creatorAttribute: String = "",
        quotas: InterestQuotas? = nil, options: InferenceOptions = InferenceOptions()
    ) throws {
        let (folder, manifest) = try artifacts.open(release)
        guard manifest.releaseID == release.id, manifest.retrievalModelID == release.retrievalModelID,
            manifest.rankerModelID == release.rankerModelID
        else {
            throw ServingError.mismatchedRelease(
                id: release.id, reason: "its folder holds release \(manifest.releaseID) of other models")
        }
        let bundle = try ModelBundle(folder: folder, options: options)
        try self.init(
            release: release, manifest: manifest, bundle: bundle,
            index: HNSWIndex(path: folder.path(ModelBundle.FileName.index)),
            interests: LoadedInterests(bundle, folder: folder, manifest: manifest, quotas: quotas),
            configHash: configHash,
            creatorAttribute: creatorAttribute)
    }

    init(
        release: Release, manifest: Manifest, bundle: ModelBundle, index: HNSWIndex,
        interests: LoadedInterests? = nil, configHash: String, creatorAttribute: String = ""
    ) throws(ServingError) {
        guard index.count == bundle.rows.items.count, index.dimension == bundle.retrieval.dimension else {
            throw .mismatchedRelease(
                id: release.id,
                reason: "its index has \(index.count) × \(index.dimension) numbers, its models "
                    + "\(bundle.rows.items.count) × \(bundle.retrieval.dimension)")
        }
        if let interests {
            guard interests.index.count == index.count, interests.index.dimension == interests.encoder.dimension else {
                throw .mismatchedRelease(
                    id: release.id,
                    reason: "the index of its interests has \(interests.index.count) × \(interests.index.dimension) "
                        + "numbers, its models \(index.count) × \(interests.encoder.dimension)")
            }
        }
        self.interests = interests
        self.release = release
        self.manifest = manifest
        self.bundle = bundle
        self.index = index
        stamp = ReleaseStamp(
            releaseID: release.id, retrievalVersion: release.retrievalModelID, rankerVersion: release.rankerModelID,
            indexVersion: manifest.files[ModelBundle.FileName.index]?.sha256.prefix(12).description ?? release.id,
            configHash: configHash)
        heads =
            bundle.map.heads.map { HeadWeight(name: $0, weight: 1) }
            + bundle.map.valueHeads.map { HeadWeight(name: $0.name, weight: 0, isValue: true) }
        let items = bundle.rows.items
        let columns = CatalogColumns(items: items)
        self.columns = columns
        hidden = RowSet(universe: items.count, rows: (0..<Int32(items.count)).filter { items[Int($0)].hidden })
        categoryRows = CategoryRows(columns)
        creators = CreatorLists(
            items.enumerated().map { (Int32($0.offset), $0.element) }, attribute: creatorAttribute)
        popular = Self.byPopularity(bundle)
        fresh = Self.byCreation(items)
    }

    /// The number of rows.
    package var count: Int { columns.count }

    private static func byPopularity(_ bundle: ModelBundle) -> [ScoredRow] {
        let items = bundle.rows.items
        let counts = bundle.counterSet.popularity(of: items)
        return (0..<Int32(items.count)).filter { !items[Int($0)].hidden }
            .map { ScoredRow(row: $0, score: counts[Int($0)]) }
            .sorted { ($0.score, $1.row) > ($1.score, $0.row) }
    }

    private static func byCreation(_ items: [Item]) -> [Int32] {
        let dated = (0..<Int32(items.count)).compactMap { row in items[Int(row)].createdAt.map { (row, $0) } }
        return dated.sorted { ($0.1, $1.0) > ($1.1, $0.0) }.map(\.0)
    }
}
