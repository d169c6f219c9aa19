package import CascadeCore
import CascadeFeatures
package import CascadeModels
import Foundation

/// Makes a new release from the models of the active one and the present catalog.
package struct IndexRebuild: Sendable {
    package let catalog: any CatalogStore & CatalogChangeStore
    package let feedback: any FeedbackStore & FeedbackUserList
    package let releases: any ReleaseStore
    package let artifacts: any ArtifactStore
    package let settings: IndexSettings
    package let threads: Int
    /// Clusters of fewer items get no graph; nil: as the release was trained to.
    package let exactBelow: Int?

    package init(
        catalog: any CatalogStore & CatalogChangeStore, feedback: any FeedbackStore & FeedbackUserList,
        releases: any ReleaseStore,
        artifacts: any ArtifactStore,
        settings: IndexSettings, threads: Int, exactBelow: Int? = nil
    ) {
        self.catalog = catalog
        self.feedback = feedback
        self.releases = releases
        self.artifacts = artifacts
        self.settings = settings
        self.threads = threads
        self.exactBelow = exactBelow
    }

    /// The new release and what its index is like.
    package struct Result: Sendable {
        package let release: Release
        package let items: Int
        package let seconds: Double
        package let recall: Double
    }

    /// Users whose vectors the recall is measured with.
    private static let sample = 200

    /// Builds, verifies the recall, registers, and activates unless told not to.
    package func run(activate: Bool = true) async throws -> Result {
        guard let active = try await releases.activeRelease() else { throw TrainingError.noActiveRelease }
        let compute = ComputePool(threads: 1, name: "index")
        defer { compute.shutdown() }
        let (source, former) = try await compute.run { _ in
            let folder = try artifacts.open(active).folder
            return (folder, try ModelBundle(folder: folder))
        }
        let kinds = former.map.retrieval.items.vectors.map(\.definition)
        try await check(kinds)
        let items = try await catalog.items()
        let deleted = Set(try await catalog.deletedItems())
        let users = try await UserSample.read(Self.sample, catalog: catalog, feedback: feedback)
        // Read after the items, so that no vector is older than its item says.
        let vectors = try await ItemVectors.read(kinds, of: items, from: catalog)
        // Again, since a kind may have gone while they were read.
        try await check(kinds)
        let made = try await compute.run { _ in
            try build(from: active, former, source, items: items, vectors: vectors, without: deleted, users: users)
        }
        try await releases.register(made.release, models: [])
        guard activate else { return made }
        guard made.recall >= settings.minimumRecall else {
            throw TrainingError.recallTooLow(recall: made.recall, required: settings.minimumRecall)
        }
        try await releases.activate(made.release.id)
        return Result(
            release: try await releases.release(made.release.id) ?? made.release, items: made.items,
            seconds: made.seconds, recall: made.recall)
    }

    /// Throws where the catalog has no vectors of one of the `kinds` that the models read: without them every item would
    /// be embedded as if it showed nothing.
    private func check(_ kinds: [VectorDefinition]) async throws {
        if kinds.isEmpty { return }
        let declared = try await catalog.vectorDefinitions()
        for kind in kinds where !declared.contains(kind) {
            throw TrainingError.vectorsGone(
                name: kind.name, width: kind.width, declared: declared.first { $0.name == kind.name }?.width)
        }
    }

    private func build(
        from active: Release, _ former: ModelBundle, _ source: ArtifactFolder, items: [Item], vectors: ItemVectors,
        without deleted: Set<ItemID>, users: UserSample
    ) throws -> Result {
        let now = Timestamp.now
        var random = SystemRandomNumberGenerator()
        let manifest = Manifest(
            releaseID: ReleaseNames.make("rel", at: now, random: random.next()),
            retrievalModelID: active.retrievalModelID, rankerModelID: active.rankerModelID, builtAt: now.rfc3339)
        // Items that only events name are in no catalog; what was trained on them stays. What was deleted goes.
        let known = Set(items.map(\.id)).union(deleted)
        let rows = EntityRows(users: [], items: items + former.rows.items.filter { !known.contains($0.id) })
        guard !rows.items.isEmpty else { throw TrainingError.emptyCatalog }
        let content = vectors.renumbered(count: rows.items.count) { rows.itemRow[items[$0].id] }
        let parts = ReleaseBuild.Parts(
            map: former.map, settings: former.settings, counters: former.counterSet, items: rows.items,
            vectors: content,
            neighbours: former.neighbours.renumbered(count: rows.items.count) {
                rows.itemRow[former.rows.items[Int($0)].id]
            },
            clusters: try former.interests?.clusters(of: rows.items, vectors: content, former: former)
        ) { folder in
            let rankers = (0..<former.settings.ranker.seeds).map(ModelBundle.FileName.ranker)
            for name in rankers + [ModelBundle.FileName.retrieval, InterestModel.fileName, RankerCalibration.fileName]
            where FileManager.default.fileExists(atPath: source.path(name)) {
                try FileManager.default.copyItem(atPath: source.path(name), toPath: folder.path(name))
            }
            try former.retrieval.linear?.renumbered(count: rows.items.count) {
                rows.itemRow[former.rows.items[Int($0)].id]
            }.save(to: folder.path(LinearAutoencoder.fileName))
        }
        let built = try ReleaseBuild(artifacts: artifacts, index: settings, threads: threads, exactBelow: exactBelow)
            .build(parts, manifest: manifest) { bundle in try users.vectors(bundle) }
        let release = try ReleaseRecord.release(
            manifest, checksum: built.manifestChecksum, createdAt: now, configJSON: active.configJSON,
            metrics: ["index.recall": built.recall], windows: former.map.windows)
        return Result(release: release, items: rows.items.count, seconds: built.indexSeconds, recall: built.recall)
    }
}
