import CascadeFeatures
import CascadeNN

/// Blocks of HSTU over the steps and the candidate behind them, oldest first, each seeing what is before it; a row gets
/// what the candidate's place has become.
///
///     [U, V, Q, K] = silu(W norm(x));  A = silu(Q Kᵀ + bias by place and time) / n;  x ← x + O (U ⊙ norm(A V))
///
/// n is the longest sequence; there is a bias by time where times are read. Source: Zhai et al. 2024, "Actions Speak Louder than Words", arXiv 2402.17152.
struct SequentialTransducer: HistoryEncoder {
    static let name = "hstu"

    private struct Block {
        let first: LayerNorm
        let second: LayerNorm
        let maps: Dense
        let output: Dense
        let places: Parameter
        let times: Parameter?
    }

    let width: Int
    private let heads: Int
    private let longest: Int
    private let dropout: Float
    private let vectors: StepVectors
    private let target: Dense
    private let blocks: [Block]

    init(_ store: ParameterStore, shape: HistoryShape, settings: RankerSettings) throws {
        let width = settings.historyWidth
        self.width = width
        heads = settings.historyHeads
        dropout = Float(settings.historyDropout)
        longest = shape.length + 1
        vectors = try StepVectors(store, name: "ranker.history.step", shape: shape, width: width)
        target = try Dense(store, name: "ranker.history.target", from: shape.itemWidth, to: width)
        blocks = try (0..<settings.historyLayers).map { index in
            let name = "ranker.history.block.\(index)"
            return Block(
                first: try LayerNorm(store, name: "\(name).norm.0", width: width),
                second: try LayerNorm(store, name: "\(name).norm.1", width: width),
                maps: try Dense(store, name: "\(name).maps", from: width, to: 4 * width),
                output: try Dense(store, name: "\(name).output", from: width, to: width),
                places: try store.parameter(
                    "\(name).places", rows: 1, columns: 2 * shape.length + 1, .normal(0.02), options: .withoutDecay),
                times: shape.readsTimes
                    ? try store.parameter(
                        "\(name).times", rows: 1, columns: TimeFeatures.buckets, .normal(0.02), options: .withoutDecay)
                    : nil)
        }
    }

    var stepWidths: [Int] { [width] }
    var unrolling: Unrolling { .stepsAndCandidate }

    func recordSteps(_ plan: Plan, _ steps: HistorySteps) -> [Value] { [vectors.record(plan, steps)] }

    func recordRows(_ plan: Plan, _ rows: HistoryRows) -> Value {
        let own = target.record(plan, rows.candidates)
        guard let unrolled = rows.unrolled else { return own }
        var x = plan.add(plan.take(rows.steps[0], unrolled.step), plan.take(own, unrolled.candidate))
        for block in blocks {
            let maps = block.maps.record(plan, block.first.record(plan, x), activation: .silu)
            func part(_ number: Int) -> Value {
                plan.slice(maps, columns: (number * width)..<((number + 1) * width))
            }
            let attended = plan.pointwiseAttention(
                query: part(2), key: part(3), value: part(1), unrolled.offsets, heads: heads,
                divisor: Float(longest), positionBias: plan.parameter(block.places),
                timeBias: block.times.map { plan.parameter($0) }, times: block.times == nil ? nil : unrolled.times)
            let gated = plan.multiply(part(0), block.second.record(plan, attended))
            let change = block.output.record(plan, dropout > 0 ? plan.dropout(gated, rate: dropout) : gated)
            x = plan.add(x, change)
        }
        return plan.take(x, unrolled.last)
    }
}
