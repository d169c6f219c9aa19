import CascadeNN

/// The last layers: a tower of its own for each head where the settings ask for some, then a linear map to its logit.
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

    /// One a head; empty where heads are columns of one map.
    private let towers: [Tower]
    private let joint: Dense?
    private let jointTaught: Dense?

    /// - Parameter apart: whether heads read rows of their own, so that one map for all cannot be.
    init(_ store: ParameterStore, input: Int, heads: Int, apart: Bool, settings: RankerSettings) throws {
        func taught(_ name: String, from width: Int, to columns: Int) throws -> Dense? {
            settings.hasTaughtLogits ? try Dense(store, name: name, from: width, to: columns) : nil
        }
        guard apart || !settings.tower.isEmpty else {
            joint = try Dense(store, name: "ranker.deep.heads", from: input, to: heads)
            jointTaught = try taught("ranker.deep.taught", from: input, to: heads)
            towers = []
            return
        }
        joint = nil
        jointTaught = nil
        towers = try (0..<heads).map { head in
            var layers: [DeepLayer] = []
            var width = input
            for (index, next) in settings.tower.enumerated() {
                layers.append(
                    try DeepLayer(
                        store, name: "ranker.tower.\(head).\(index)", from: width, to: next, settings: settings))
                width = next
            }
            return Tower(
                layers: layers, last: try Dense(store, name: "ranker.tower.\(head).last", from: width, to: 1),
                taught: try taught("ranker.tower.\(head).taught", from: width, to: 1))
        }
    }

    /// The logits [R × heads] of rows that all heads read.
    func record(_ plan: Plan, _ shared: Value) -> HeadLogits {
        guard let joint else { return record(plan, apart: towers.map { _ in shared }) }
        return HeadLogits(
            heads: joint.record(plan, shared),
            taught: plan.mode == .training ? jointTaught?.record(plan, shared) : nil)
    }

    /// The logits [R × heads] of rows of their own for each head.
    func record(_ plan: Plan, apart rows: [Value]) -> HeadLogits {
        let hidden = zip(towers, rows).map { tower, row in tower.layers.reduce(row) { $1.record(plan, $0) } }
        let logits = zip(towers, hidden).map { $0.last.record(plan, $1) }
        let taught =
            plan.mode == .training
            ? zip(towers, hidden).compactMap { tower, row in tower.taught?.record(plan, row) } : []
        return HeadLogits(heads: Self.joined(plan, logits), taught: taught.isEmpty ? nil : Self.joined(plan, taught))
    }

    private static func joined(_ plan: Plan, _ columns: [Value]) -> Value {
        columns.count == 1 ? columns[0] : plan.concat(columns)
    }
}
