import CascadeCore
import CascadeFeatures
package import CascadeIndex
package import CascadeModels

/// What retrieval by interests asks of a model.
protocol InterestEncoding: Sendable {
    /// Columns of a vector.
    var dimension: Int { get }

    /// [clusters] how likely the user's next item lies in each.
    ///
    /// - Parameter cluster: that of an item of the past, nil for one that is in none.
    func intent(
        users: EncodedEntities, row: Int, history: HistorySlice, later: LaterItems?, cluster: (Int32) -> Int32?
    ) throws -> [Float]

    /// [clusters.count × d] the user's vector for each of some clusters, all in one batch.
    func userVectors(
        users: EncodedEntities, row: Int, history: HistorySlice, clusters: [Int32], later: LaterItems?
    ) throws -> [Float]

    /// [rows × d]
    func itemVectors(rows: Range<Int>, later: LaterItems?) throws -> [Float]
}

extension InterestInference: InterestEncoding {}

/// What a release retrieves by interests with: the model, the clusters and the index of each.
package struct LoadedInterests: Sendable {
    package let clusters: ItemClusters
    let settings: InterestSettings
    /// How requests are shared out.
    let quotas: InterestQuotas
    let encoder: any InterestEncoding
    package let index: ClusteredIndex

    /// What the clusters of a release are like.
    package struct Figures: Hashable, Sendable {
        package let clusters: Int
        /// Clusters with a graph, and those that are searched exactly; the rest is empty.
        package let graphs: Int
        package let exact: Int
        package let empty: Int
        /// Items of the smallest cluster that is not empty, of the one in the middle and of the largest.
        package let smallest: Int
        package let median: Int
        package let largest: Int
    }

    package var figures: Figures {
        let clusters = (0..<Int32(index.clusterCount)).filter { index.size(of: $0) > 0 }
        let sizes = clusters.map { index.size(of: $0) }.sorted()
        let graphs = clusters.count { index.hasGraph($0) }
        return Figures(
            clusters: index.clusterCount, graphs: graphs, exact: clusters.count - graphs,
            empty: index.clusterCount - clusters.count,
            smallest: sizes.first ?? 0, median: sizes.isEmpty ? 0 : sizes[sizes.count / 2], largest: sizes.last ?? 0)
    }

    /// What a cluster is called; nil where clusters were found, and for the items without a category.
    func name(of cluster: Int32) -> String? {
        let names = clusters.names
        return names.isEmpty || names[Int(cluster)].isEmpty ? nil : names[Int(cluster)]
    }
}

extension LoadedInterests {
    /// What a verified folder holds of them; nil where it has no model of interests or no index of their clusters.
    ///
    /// - Parameter quotas: how requests are shared out; nil: as the release was trained to.
    init?(_ bundle: ModelBundle, folder: ArtifactFolder, manifest: Manifest, quotas: InterestQuotas? = nil) throws {
        guard let model = bundle.interests, manifest.files[ClusteredIndex.fileName] != nil else { return nil }
        self.init(
            clusters: model.clusters, settings: model.settings, quotas: quotas ?? model.settings.quotas,
            encoder: model.inference,
            index: try ClusteredIndex(
                path: folder.path(ClusteredIndex.fileName), assignments: model.clusters.assignments,
                clusters: model.clusters.count))
    }
}
