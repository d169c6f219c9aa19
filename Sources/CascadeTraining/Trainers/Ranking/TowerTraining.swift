import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN

/// Trains the towers that the ranker's training rows are told of: for each fold of users a retrieval model on the
/// interactions of the others, so that nothing of a row is in what it is told.
///
/// The spaces of models lie in any direction, so each is turned onto that of the served model, whose towers tell of rows in
/// service and in evaluation. Nothing but this one rotation, of all items together, knows of a fold's own rows.
struct TowerTraining {
    let settings: TrainingSettings
    /// Where a killed training is taken up, and this one is kept.
    var checkpoints: TrainingCheckpoints?

    /// Pasts that are encoded at a time.
    private static let pastsAtATime = 1 << 16

    /// `data` with what its rows are told; as it is where the ranker is told nothing.
    func told(
        _ data: TrainingData, _ served: (model: any RetrievalModel, store: ParameterStore),
        report: @escaping @Sendable (TrainingReport) -> Void
    ) throws -> TrainingData {
        guard settings.ranker.towers != .none, !data.map.heads.isEmpty else { return data }
        let all = RetrievalInference(
            model: served.model, map: data.map, store: served.store, catalog: data.retrievalItems)
        let target = try all.itemVectors(rows: 0..<data.rows.items.count)
        let folds = settings.ranker.towerFolds
        var rows = TowerRows(
            data, fields: TowerFields(form: settings.ranker.towers, dimension: all.dimension),
            folds: CounterEncoder.folds(of: data.rows.users, count: folds), count: folds)
        for fold in 0..<folds {
            report(.step("training towers without the users of fold \(fold + 1) of \(folds)"))
            try add(fold, of: data, target: target, to: &rows, report: report)
        }
        return data.with(towers: rows)
    }

    private func add(
        _ fold: Int, of data: TrainingData, target: [Float], to rows: inout TowerRows,
        report: @escaping @Sendable (TrainingReport) -> Void
    ) throws {
        let own = rows.pasts(of: fold)
        guard !own.isEmpty, let towers = try train(fold, rows.folds, data, report: report) else { return }
        let rotation = try towers.rotation(onto: target)
        rows.set(items: rotation.applied(to: towers.items), of: fold)
        let pasts = rows.pasts
        for start in stride(from: 0, to: own.count, by: Self.pastsAtATime) {
            let places = own[start..<min(own.count, start + Self.pastsAtATime)]
            let vectors = try parallelMap(places.count) { index in
                let past = pasts[places[places.startIndex + index]]
                return try data.log.withHistory(user: Int(past.user), end: Int(past.end)) {
                    try towers.model.userVector(users: data.retrievalUsers, row: Int(past.user), history: $0)
                }
            }
            rows.set(users: rotation.applied(to: vectors.flatMap { $0 }), at: places)
        }
    }

    /// The towers of a fold; nil where the other folds have no row.
    private func train(
        _ fold: Int, _ folds: [UInt8], _ data: TrainingData, report: @escaping @Sendable (TrainingReport) -> Void
    ) throws -> FoldTowers? {
        let others = data.forRetrieval { folds[Int(data.log.user[$0])] != UInt8(fold) }
        guard others.log.count > 0 else { return nil }
        var settings = settings.retrieval
        if self.settings.ranker.towerEpochs > 0 { settings.epochs = self.settings.ranker.towerEpochs }
        let (name, seed) = ("towers \(fold + 1)", self.settings.seed &+ UInt64(fold) &+ 1)
        let trained = try RetrievalTrainer(settings: settings, seed: seed, workers: self.settings.threadCount).train(
            others, name: name, progress: { report(.progress($0)) }, checkpoint: checkpoints?.stage(name, seed: seed))
        return try FoldTowers(
            others,
            RetrievalInference(
                model: trained.model, map: others.map, store: trained.store, catalog: others.retrievalItems))
    }
}

/// Towers that some users' interactions were kept from, in a space of their own.
struct FoldTowers: Sendable {
    let model: RetrievalInference
    /// [items × d].
    let items: [Float]
    /// Rows of the items that they met.
    let met: [Int32]

    /// - Parameter data: what they were trained on.
    init(_ data: TrainingData, _ model: RetrievalInference) throws {
        self.model = model
        items = try model.itemVectors(rows: 0..<data.rows.items.count)
        met = Set(data.log.item).sorted()
    }

    /// The map of their space onto the one of `target` [items × d], by the items that they met.
    func rotation(onto target: [Float]) throws -> Rotation {
        let d = model.dimension
        func rows(_ vectors: [Float]) -> [Float] {
            met.flatMap { vectors[(Int($0) * d)..<((Int($0) + 1) * d)] }
        }
        return try Rotation(of: rows(items), onto: rows(target), dimension: d)
    }
}
