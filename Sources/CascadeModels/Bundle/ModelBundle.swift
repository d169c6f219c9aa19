package import CascadeCore
package import CascadeFeatures
package import CascadeNN
import Foundation

/// Everything of a release but its index: the models ready for use, the feature map, the counters and the catalog.
///
/// Files: `feature_map.json`, `counters.bin`, `settings.json`, `retrieval.safetensors`, `ranker.safetensors`,
/// `catalog.ndjson`, `item_neighbours.bin`, and `item_vectors.bin` where the feature map reads content vectors; no
/// ranker where it has no heads, `ranker.2.safetensors` and so on where it was trained with several seeds; `calibration.json`
/// where its probabilities are calibrated; `item_clusters.bin` and `interests.safetensors` where users are retrieved for in several interests; `linear_autoencoder.safetensors` where one
/// stands beside the towers. Weights stay in the mapped files.
package struct ModelBundle: Sendable {
    package let map: FeatureMap
    package let settings: ModelSettings
    package let rows: EntityRows
    package let counters: CounterEncoder
    package let counterSet: CounterSet
    package let retrieval: RetrievalVectors
    /// Nil where the feature map has no heads: no signal had enough impressions with and without it.
    package let ranker: RankerEnsemble?
    /// How to encode a user for each model.
    package let retrievalUsers: EntityEncoder
    package let rankerUsers: EntityEncoder
    /// What users took together with each item; none in a release that was made before there were any.
    package let neighbours: ItemNeighbours
    /// The content vectors of the items; none where the models read none.
    package let vectors: ItemVectors
    /// The items as the retrieval models see them.
    package let retrievalItems: EncodedEntities
    /// Nil in a release without interests.
    package private(set) var interests: InterestModel?
    /// What becomes of the ranker's probabilities; nil where they are served as they are.
    package private(set) var calibration: RankerCalibration?

    package enum FileName {
        package static let map = "feature_map.json"
        package static let counters = "counters.bin"
        package static let settings = "settings.json"
        package static let retrieval = "retrieval.safetensors"
        package static let ranker = "ranker.safetensors"
        /// Of the member of an ensemble, from 0.
        package static func ranker(_ member: Int) -> String {
            member == 0 ? ranker : "ranker.\(member + 1).safetensors"
        }
        /// Written and mapped by the targets that know indexes.
        package static let index = "index.hnsw"
    }

    /// Loads the models of a verified folder.
    ///
    package init(folder: ArtifactFolder, options: InferenceOptions = InferenceOptions()) throws {
        let map = try FeatureMap.decode(try Self.read(folder, FileName.map))
        let counters = try CounterFile.decode(try Self.read(folder, FileName.counters), map: map)
        let settings = try SettingsFile.decode(
            try Self.read(folder, FileName.settings), over: ModelSettings(), path: folder.path(FileName.settings))
        let catalog = folder.path(CatalogFile.name)
        let items = try CatalogFile.decode(try Self.read(folder, CatalogFile.name), path: catalog)
        let retrievalStore = ParameterStore()
        let retrieval = try RetrievalModels.make(settings: settings.retrieval, map: map, store: retrievalStore)
        try retrievalStore.map(weights: folder.path(FileName.retrieval))
        try self.init(
            map: map, settings: settings, rows: EntityRows(users: [], items: items), counters: counters,
            retrieval: (retrieval, retrievalStore), rankers: try Self.rankers(folder, map, settings.ranker),
            neighbours: try ItemNeighbours(path: folder.path(ItemNeighbours.name), items: items.count),
            vectors: try Self.vectors(folder, map, items: items.count),
            linear: settings.retrieval.linearRank > 0
                ? try LinearAutoencoder(path: folder.path(LinearAutoencoder.fileName), items: items.count) : nil,
            options: options)
        if settings.interests.enabled {
            interests = try InterestModel(folder: folder, settings: settings, map: map, catalog: retrievalItems)
        }
        let path = folder.path(RankerCalibration.fileName)
        if FileManager.default.fileExists(atPath: path) {
            calibration = try RankerCalibration.decode(
                try Self.read(folder, RankerCalibration.fileName), heads: map.heads, path: path)
        }
    }

    private static func vectors(_ folder: ArtifactFolder, _ map: FeatureMap, items: Int) throws -> ItemVectors {
        let features = map.retrieval.items.vectors
        if features.isEmpty { return .none }
        return try ItemVectorsFile.read(path: folder.path(ItemVectorsFile.name), items: items, features: features)
    }

    /// None where the feature map has no heads.
    private static func rankers(
        _ folder: ArtifactFolder, _ map: FeatureMap, _ settings: RankerSettings
    ) throws -> [RankerEnsemble.Member] {
        guard !map.heads.isEmpty else { return [] }
        return try (0..<settings.seeds).map { member in
            let store = ParameterStore()
            let model = try RankingModel(settings: settings, map: map, store: store)
            try store.map(weights: folder.path(FileName.ranker(member)))
            return (model, store)
        }
    }

    /// Puts trained models to use over the items of `rows`, whose content vectors are `vectors`; their weights must not change
    /// from here on.
    package init(
        map: FeatureMap, settings: ModelSettings, rows: EntityRows, counters: CounterSet,
        retrieval: (model: any RetrievalModel, store: ParameterStore),
        rankers: [RankerEnsemble.Member], neighbours: ItemNeighbours = .none,
        vectors: ItemVectors = .none, linear: LinearAutoencoder? = nil, options: InferenceOptions = InferenceOptions()
    ) throws {
        self.map = map
        self.vectors = vectors
        self.neighbours = neighbours
        self.settings = settings
        self.rows = rows
        counterSet = counters
        self.counters = CounterEncoder(counters: ItemCounters(map: map, tables: counters.tables, items: rows.items))
        retrievalItems = map.retrieval.encode(rows, vectors: vectors, knows: counters.knows).items
        let towers = RetrievalInference(
            model: retrieval.model, map: map, store: retrieval.store, catalog: retrievalItems)
        self.retrieval = RetrievalVectors(
            towers: towers, linear: linear, weight: settings.retrieval.linearWeight
        ) { rows.itemRow[$0] }
        self.ranker =
            rankers.isEmpty
            ? nil
            : try RankerEnsemble(
                rankers, map: map, catalog: map.ranker.encode(rows, vectors: vectors).items, retrieval: towers,
                options: options)
        retrievalUsers = EntityEncoder(layout: map.retrieval.users, table: map.retrieval.table)
        rankerUsers = EntityEncoder(layout: map.ranker.users, table: map.ranker.table)
    }

    /// What the ranker is to be told of the user tower: the vector of `user` with a past; empty where it reads none.
    ///
    /// - Parameter later: items behind the catalog that the past may hold.
    package func tower(of user: User, history: HistorySlice, later: LaterItems? = nil) throws -> [Float] {
        guard ranker?.readsTowers == true else { return [] }
        return try retrieval.towers.userVector(
            users: retrievalUsers.encode([user]), row: 0, history: history, later: later)
    }

    /// The same with a model of interests over `retrievalItems`.
    package func with(interests: InterestModel?) -> ModelBundle {
        var bundle = self
        bundle.interests = interests
        return bundle
    }

    /// What is served for what the ranker gives, [rows × (heads + value heads)]: calibrated probabilities where the release
    /// has a calibration, and values as they are.
    package func served(_ scores: [Float]) -> [Float] {
        calibration?.calibrated(scores, columns: map.outputs.count) ?? scores
    }

    /// The same with other calibrated probabilities.
    package func with(calibration: RankerCalibration?) -> ModelBundle {
        var bundle = self
        bundle.calibration = calibration
        return bundle
    }

    /// Writes everything but the weights, the neighbours and the index into `folder`.
    package static func write(
        map: FeatureMap, settings: ModelSettings, counters: CounterSet, items: [Item], vectors: ItemVectors = .none,
        to folder: ArtifactFolder
    ) throws {
        let parts = [
            (FileName.map, try map.encoded()),
            (FileName.counters, CounterFile.encode(counters, heads: map.counterHeads)),
            (FileName.settings, try SettingsFile.encode(settings)),
            (CatalogFile.name, try CatalogFile.encode(items)),
        ]
        for (name, data) in parts { try data.write(to: folder.url.appendingPathComponent(name), options: .atomic) }
        let kinds = map.retrieval.items.vectors.map(\.name)
        if kinds.isEmpty { return }
        try ItemVectorsFile.write(vectors, names: kinds, to: folder.path(ItemVectorsFile.name))
    }

    private static func read(_ folder: ArtifactFolder, _ name: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: folder.path(name)) else {
            throw ModelError.corruptArtifact(file: folder.path(name), reason: "the file is missing")
        }
        return data
    }
}

/// The settings that both models of a release were made with.
package struct ModelSettings: Hashable, Sendable, Codable {
    package var retrieval = RetrievalSettings()
    package var ranker = RankerSettings()
    package var interests = InterestSettings()

    package init(
        retrieval: RetrievalSettings = .init(), ranker: RankerSettings = .init(), interests: InterestSettings = .init()
    ) {
        self.retrieval = retrieval
        self.ranker = ranker
        self.interests = interests
    }
}
