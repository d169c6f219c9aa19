import CascadeNN

/// The last layers: a tower of its own for each head where the settings ask for some, then a linear map to its logit, or
/// to the outputs of a value head.
///
/// A second linear map of the same rows is for what teachers foretold, so that their errors reach the layers below, but
/// not the logits that are served. Source of the separation: Liu et al. 2024, "Bridging the Gap: Unpacking the Hidden
/// Challenges in Knowledge Distillation for Online Ranking Systems", arXiv 2408.14678.
struct Towers {
    private struct Tower {
        let layers: [DeepLayer]
        let last: Dense
        let taught: Dense?
    }

    /// One a head, value heads last; empty where heads are columns of one map.
    private let towers: [Tower]
    private let joint: Dense?
    private let jointTaught: Dense?
    /// One a value head beside that one map.
    private let values: [Dense]
    private let heads: HeadShape

    /// - Parameter apart: whether heads read rows of their own, so that one map for all cannot be.
    init(_ store: ParameterStore, input: Int, heads: HeadShape, apart: Bool, settings: RankerSettings) throws {
        self.heads = heads
        func taught(_ name: String, from width: Int, to columns: Int) throws -> Dense? {
            settings.hasTaughtLogits ? try Dense(store, name: name, from: width, to: columns) : nil
        }
        guard apart || !settings.tower.isEmpty else {
            joint = try Dense(store, name: "ranker.deep.heads", from: input, to: heads.logits)
            jointTaught = try taught("ranker.deep.taught", from: input, to: heads.logits)
            values = try heads.values.enumerated().map { number, columns in
                try Dense(store, name: "ranker.deep.value.\(number)", from: input, to: columns)
            }
            towers = []
            return
        }
        joint = nil
        jointTaught = nil
        values = []
        let columns = [Int](repeating: 1, count: heads.logits) + heads.values
        towers = try columns.enumerated().map { head, columns in
            var layers: [DeepLayer] = []
            var width = input
            for (index, next) in settings.tower.enumerated() {
                layers.append(
                    try DeepLayer(
                        store, name: "ranker.tower.\(head).\(index)", from: width, to: next, settings: settings))
                width = next
            }
            return Tower(
                layers: layers, last: try Dense(store, name: "ranker.tower.\(head).last", from: width, to: columns),
                taught: head < heads.logits ? try taught("ranker.tower.\(head).taught", from: width, to: 1) : nil)
        }
    }

    /// What the heads give for rows that all of them read.
    func record(_ plan: Plan, _ shared: Value) -> HeadLogits {
        guard let joint else { return record(plan, apart: towers.map { _ in shared }) }
        return HeadLogits(
            heads: joint.record(plan, shared),
            taught: plan.mode == .training ? jointTaught?.record(plan, shared) : nil,
            values: values.map { $0.record(plan, shared) })
    }

    /// What the heads give for rows of their own, one a head.
    func record(_ plan: Plan, apart rows: [Value]) -> HeadLogits {
        let hidden = zip(towers, rows).map { tower, row in tower.layers.reduce(row) { $1.record(plan, $0) } }
        let logits = zip(towers, hidden).map { $0.last.record(plan, $1) }
        let taught =
            plan.mode == .training
            ? zip(towers, hidden).compactMap { tower, row in tower.taught?.record(plan, row) } : []
        return HeadLogits(
            heads: Self.joined(plan, Array(logits.prefix(heads.logits))),
            taught: taught.isEmpty ? nil : Self.joined(plan, taught), values: Array(logits.dropFirst(heads.logits)))
    }

    private static func joined(_ plan: Plan, _ columns: [Value]) -> Value {
        columns.count == 1 ? columns[0] : plan.concat(columns)
    }
}
