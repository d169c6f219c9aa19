import CascadeNN

/// The last layers: a tower of its own for each head where the settings ask for some, then a linear map to its logit.
struct Towers {
    private struct Tower {
        let layers: [DeepLayer]
        let last: Dense
    }

    /// One a head; empty where heads are columns of one map.
    private let towers: [Tower]
    private let joint: Dense?

    /// - Parameter apart: whether heads read rows of their own, so that one map for all cannot be.
    init(_ store: ParameterStore, input: Int, heads: Int, apart: Bool, settings: RankerSettings) throws {
        guard apart || !settings.tower.isEmpty else {
            joint = try Dense(store, name: "ranker.deep.heads", from: input, to: heads)
            towers = []
            return
        }
        joint = nil
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
                layers: layers, last: try Dense(store, name: "ranker.tower.\(head).last", from: width, to: 1))
        }
    }

    /// The logits [R × heads] of rows that all heads read.
    func record(_ plan: Plan, _ shared: Value) -> Value {
        joint?.record(plan, shared) ?? record(plan, apart: towers.map { _ in shared })
    }

    /// The logits [R × heads] of rows of their own for each head.
    func record(_ plan: Plan, apart rows: [Value]) -> Value {
        let logits = zip(towers, rows).map { tower, row in
            tower.last.record(plan, tower.layers.reduce(row) { $1.record(plan, $0) })
        }
        return logits.count == 1 ? logits[0] : plan.concat(logits)
    }
}
