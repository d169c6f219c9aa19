import CascadeNN

/// A transformer over the steps and the candidate behind them; a row gets what the candidate's place has become.
///
/// Source: Chen et al. 2019, "Behavior Sequence Transformer", arXiv 1905.06874, with learned positions and normalisation
/// before each part.
struct BehaviourSequenceTransformer: HistoryEncoder {
    static let name = "bst"

    let width: Int
    private let vectors: StepVectors
    private let target: Dense
    private let positions: Parameter
    private let blocks: [TransformerBlock]
    private let norm: LayerNorm

    init(_ store: ParameterStore, shape: HistoryShape, settings: RankerSettings) throws {
        let width = settings.historyWidth
        self.width = width
        vectors = try StepVectors(store, name: "ranker.history.step", shape: shape, width: width, readsAge: false)
        target = try Dense(store, name: "ranker.history.target", from: shape.itemWidth, to: width)
        positions = try store.parameter(
            "ranker.history.position", rows: shape.length + 1, columns: width, .normal(0.05))
        let block = BlockShape(
            width: width, heads: settings.historyHeads, hidden: 2 * width, dropout: Float(settings.historyDropout),
            causal: false)
        blocks = try (0..<settings.historyLayers).map {
            try TransformerBlock(store, name: "ranker.history.block.\($0)", shape: block)
        }
        norm = try LayerNorm(store, name: "ranker.history.norm", width: width)
    }

    var stepWidths: [Int] { [width] }
    var unrolling: Unrolling { .stepsAndCandidate }

    func recordSteps(_ plan: Plan, _ steps: HistorySteps) -> [Value] { [vectors.record(plan, steps)] }

    func recordRows(_ plan: Plan, _ rows: HistoryRows) -> Value {
        let own = target.record(plan, rows.candidates)
        guard let unrolled = rows.unrolled else { return own }
        var x = plan.add(plan.take(rows.steps[0], unrolled.step), plan.take(own, unrolled.candidate))
        x = plan.add(x, plan.take(plan.parameter(positions), unrolled.distance))
        for block in blocks { x = block.record(plan, x, unrolled.offsets) }
        return plan.take(norm.record(plan, x), unrolled.last)
    }
}
