package import CascadeCore
package import CascadeFeatures
import CascadeNN

/// What a release retrieves for a user's interests with: clusters of its items and the trained model over them.
///
/// Files: `item_clusters.bin`, `interests.safetensors`; a release has both or neither.
package struct InterestModel: Sendable {
    package static let fileName = "interests.safetensors"

    package let clusters: ItemClusters
    package let settings: InterestSettings
    package let inference: InterestInference

    package init(clusters: ItemClusters, settings: InterestSettings, inference: InterestInference) {
        self.clusters = clusters
        self.settings = settings
        self.inference = inference
    }

    /// The probability of each cluster for the next positive of a user whose past holds items of the release alone: [K].
    package func intent(users: EncodedEntities, row: Int, history: HistorySlice) throws -> [Float] {
        try inference.intent(users: users, row: row, history: history) { clusters.assignments[Int($0)] }
    }

    /// The same by the histogram of the past, which the intent stands on.
    package func histogram(of history: HistorySlice) -> [Float] {
        inference.histogram.probabilities(of: history) { clusters.assignments[Int($0)] }
    }

    /// The clusters for another catalog: items that the release has keep theirs, the others, and those whose cluster goes by
    /// another name by now, are assigned as they arrive.
    ///
    /// - Parameters:
    ///   - former: the bundle of this model.
    ///   - vectors: content vectors of `items`, by their places.
    package func clusters(of items: [Item], vectors: ItemVectors, former: ModelBundle) throws -> ItemClusters {
        var later = LaterItems(bundle: former)
        let kept = items.map { item in
            former.rows.itemRow[item.id].flatMap { row in
                let isNamedAlike =
                    settings.clusterName(of: item) == settings.clusterName(of: former.rows.items[Int(row)])
                return isNamedAlike ? clusters.assignments[Int(row)] : nil
            }
        }
        let new = kept.indices.filter { kept[$0] == nil }
        later.append(new.map { items[$0] }, content: new.flatMap { vectors.vectors(ofRow: $0, id: items[$0].id) })
        let first = former.rows.items.count
        let embedded = try inference.itemVectors(rows: first..<later.endRow, later: later)
        var assignments = kept.map { $0 ?? 0 }
        for (place, index) in new.enumerated() {
            let vector = embedded[(place * inference.dimension)..<((place + 1) * inference.dimension)]
            assignments[index] = clusters.cluster(of: vector, named: settings.clusterName(of: items[index]))
        }
        return clusters.with(assignments: assignments)
    }

    /// Maps the files of a verified folder.
    init(folder: ArtifactFolder, settings: ModelSettings, map: FeatureMap, catalog: EncodedEntities) throws {
        let clusters = try ItemClusters(
            path: folder.path(ItemClusters.name), items: catalog.count, dimension: map.retrieval.table.dimension)
        let store = ParameterStore()
        let towers = try InterestTowers(
            settings: settings.retrieval, interests: settings.interests, clusters: clusters.count, map: map,
            store: store)
        try store.map(weights: folder.path(Self.fileName))
        self.init(
            clusters: clusters, settings: settings.interests,
            inference: InterestInference(towers: towers, map: map, store: store, catalog: catalog))
    }
}
