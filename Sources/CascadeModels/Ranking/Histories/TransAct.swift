import CascadeNN

/// A transformer over the steps, each beside the candidate, without positions; a row gets its newest steps side by side
/// and a linear map of the largest value of each column over all of them:
///
///     x_s = [h_s ; W e_i],  z = blocks(x),  out = [z₁ ; … ; z_K ; V max_s z_s]
///
/// Source: Xia et al. 2023, "TransAct: Transformer-based Realtime User Action Model for Recommendation at Pinterest", with
/// normalisation before each part of a block.
struct TransAct: HistoryEncoder {
    static let name = "transact"

    /// Newest steps that a row gets each by itself, at most.
    private static let newestSteps = 10

    let newest: Int
    let width: Int
    private let vectors: StepVectors
    private let target: Dense
    private let blocks: [TransformerBlock]
    private let summary: Dense

    init(_ store: ParameterStore, shape: HistoryShape, settings: RankerSettings) throws {
        let width = settings.historyWidth
        newest = min(Self.newestSteps, shape.length)
        self.width = (newest + 1) * width
        vectors = try StepVectors(
            store, name: "ranker.history.step", shape: shape, width: width / 2, readsAge: false)
        target = try Dense(store, name: "ranker.history.target", from: shape.itemWidth, to: width / 2)
        let block = BlockShape(
            width: width, heads: settings.historyHeads, hidden: width, dropout: Float(settings.historyDropout),
            causal: false)
        blocks = try (0..<settings.historyLayers).map {
            try TransformerBlock(store, name: "ranker.history.block.\($0)", shape: block)
        }
        summary = try Dense(store, name: "ranker.history.summary", from: width, to: width)
    }

    var stepWidths: [Int] { [width / (newest + 1) / 2] }
    var unrolling: Unrolling { .steps }

    func recordSteps(_ plan: Plan, _ steps: HistorySteps) -> [Value] { [vectors.record(plan, steps)] }

    func recordRows(_ plan: Plan, _ rows: HistoryRows) -> Value {
        let own = target.record(plan, rows.candidates)
        guard let unrolled = rows.unrolled else { return own }
        var tokens = plan.concat([plan.take(rows.steps[0], unrolled.step), plan.take(own, unrolled.row)])
        for block in blocks { tokens = block.record(plan, tokens, unrolled.offsets) }
        let largest = summary.record(plan, plan.segmentMax(tokens, unrolled.offsets))
        return plan.concat(unrolled.newest.map { plan.take(tokens, $0) } + [largest])
    }
}
