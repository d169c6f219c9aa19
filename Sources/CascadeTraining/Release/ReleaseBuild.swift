package import CascadeCore
package import CascadeFeatures
import CascadeIndex
package import CascadeModels
import CascadeNN
import Foundation

/// Writes the artifacts of a release: under another name first, moved to its own when all is there.
package struct ReleaseBuild: Sendable {
    /// Where the release goes.
    package let artifacts: any ArtifactStore
    package let index: IndexSettings
    package let threads: Int
    /// Clusters of fewer items get no graph; nil: as the release was trained to.
    package let exactBelow: Int?

    /// Neighbours that the recall of an index is measured with.
    package static let recallDepth = 100

    package init(artifacts: any ArtifactStore, index: IndexSettings, threads: Int, exactBelow: Int? = nil) {
        self.artifacts = artifacts
        self.index = index
        self.threads = threads
        self.exactBelow = exactBelow
    }

    /// The models of a release and what they were fitted with.
    package struct Parts {
        package let map: FeatureMap
        package let settings: ModelSettings
        package let counters: CounterSet
        package let items: [Item]
        /// The content vectors of the items, by row.
        package let vectors: ItemVectors
        /// What goes together with each item.
        package let neighbours: ItemNeighbours
        /// The clusters of the items; nil without interests.
        package let clusters: ItemClusters?
        /// Writes the weights of the models into the folder.
        package let writeWeights: (ArtifactFolder) throws -> Void

        package init(
            map: FeatureMap, settings: ModelSettings, counters: CounterSet, items: [Item],
            vectors: ItemVectors = .none, neighbours: ItemNeighbours, clusters: ItemClusters? = nil,
            writeWeights: @escaping (ArtifactFolder) throws -> Void
        ) {
            self.map = map
            self.settings = settings
            self.counters = counters
            self.items = items
            self.vectors = vectors
            self.neighbours = neighbours
            self.clusters = clusters
            self.writeWeights = writeWeights
        }
    }

    /// What was built.
    package struct Built {
        package let folder: ArtifactFolder
        package let bundle: ModelBundle
        package let manifestChecksum: String
        package let indexSeconds: Double
        /// Of the index, and of the clusters that have graphs, against exact search: the lesser.
        package let recall: Double
    }

    /// Builds the folder of release `manifest.releaseID`.
    ///
    /// - Parameter queries: gives vectors to measure the recall with: `[count × dimension]`.
    package func build(
        _ parts: Parts, manifest: Manifest, queries: (ModelBundle) throws -> [Float]
    ) throws -> Built {
        let (folder, checksum, built) = try artifacts.publish(manifest) { folder in
            try ModelBundle.write(
                map: parts.map, settings: parts.settings, counters: parts.counters, items: parts.items,
                vectors: parts.vectors, to: folder)
            try parts.neighbours.write(to: folder.path(ItemNeighbours.name))
            try parts.clusters?.write(to: folder.path(ItemClusters.name))
            try parts.writeWeights(folder)
            let bundle = try ModelBundle(folder: folder)
            let (seconds, recall) = try buildIndex(bundle, folder, queries)
            return (seconds: seconds, recall: min(recall, try buildInterests(bundle, folder)))
        }
        return Built(
            folder: folder, bundle: try ModelBundle(folder: folder), manifestChecksum: checksum,
            indexSeconds: built.seconds, recall: built.recall)
    }

    /// The index of each cluster, where the release has a model of interests; gives what searches of graphs find.
    private func buildInterests(_ bundle: ModelBundle, _ folder: ArtifactFolder) throws -> Double {
        guard let model = bundle.interests else { return 1 }
        let building = ClusteredIndex.Building(
            parameters: try index.parameters(), exactBelow: exactBelow ?? model.settings.exactBelow, threads: threads)
        let built = try building.build(
            vectors: model.inference.itemVectors(rows: 0..<bundle.rows.items.count),
            dimension: model.inference.dimension, assignments: model.clusters.assignments,
            clusters: model.clusters.count, path: folder.path(ClusteredIndex.fileName))
        return try built.recall(of: try built.samples(each: 20), k: Self.recallDepth, effort: nil)
    }

    private func buildIndex(
        _ bundle: ModelBundle, _ folder: ArtifactFolder, _ queries: (ModelBundle) throws -> [Float]
    ) throws -> (seconds: Double, recall: Double) {
        let started = ContinuousClock.now
        let dimension = bundle.retrieval.dimension
        let vectors = try bundle.retrieval.itemVectors(rows: 0..<bundle.rows.items.count)
        let built = try HNSWBuilder(parameters: index.parameters(), threads: threads).build(
            vectors: vectors, dimension: dimension, path: folder.path(ModelBundle.FileName.index))
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        let asked = try queries(bundle)
        let recall = try measureRecall(
            of: built, against: built.exact, queries: asked.isEmpty ? vectors : asked,
            k: min(Self.recallDepth, built.count))
        return (seconds, recall)
    }
}
