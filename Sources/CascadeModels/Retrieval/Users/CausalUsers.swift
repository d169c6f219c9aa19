import CascadeFeatures
import CascadeNN

/// SASRec's blocks. Source: Kang and McAuley 2018, with pre-normalisation.
typealias SASRecUsers = CausalUsers<TransformerBlock>
/// Gated blocks with SwiGLU. Source: the LiGR layer as used by eSASRec (2025).
typealias GatedUsers = CausalUsers<GatedBlock>

/// A causal transformer over the past; the vector after each step is trained to find the next item.
///
/// A sequence is a start step, then the items of the past, oldest first:
///
///     x_t = √d · e(item_t) + user features + code(feedback_t) + position(steps to the end)
///     y   = norm(blocks(dropout(x)));   vector after step t = y_t / |y_t|
///
/// The start step has no item, and a code and a position of its own, so a user without a past is told by the features alone.
struct CausalUsers<Block: SequenceBlock>: UserEncoder {
    static var name: String { Block.towerName }
    static var readsItems: Bool { true }

    private let settings: RetrievalSettings
    private let map: FeatureMap
    private let users: SummedEntity
    private let codes: Parameter
    private let positions: Parameter
    private let blocks: [Block]
    private let norm: LayerNorm

    init(settings: RetrievalSettings, map: FeatureMap, store: ParameterStore, table: Table) throws {
        self.settings = settings
        self.map = map
        let space = map.retrieval
        let width = table.dimension
        users = try SummedEntity(
            store, name: "retrieval.user", layout: space.users, table: table, numericWidth: map.numericWidth)
        codes = try store.parameter(
            "retrieval.code", rows: map.historyCodes + 1, columns: width, .normal(0.02))
        positions = try store.parameter(
            "retrieval.position", rows: space.historyLength + 1, columns: width, .normal(0.02))
        blocks = try (0..<settings.layers).map {
            try Block(
                store, name: "retrieval.block.\($0)",
                shape: BlockShape(
                    width: width, heads: settings.heads, hidden: settings.hidden, dropout: Float(settings.dropout),
                    causal: true))
        }
        norm = try LayerNorm(store, name: "retrieval.norm", width: width)
    }

    func record(
        _ plan: Plan, capacity: Int, steps most: Int?, items: ItemTower?, interests: InterestConditioning?
    ) -> UserTower {
        let (inputs, own) = users.record(
            plan, capacity: capacity, numericWidth: map.numericWidth, name: "contexts")
        let contexts = inputs.dimension
        let reading = interests?.record(plan, contexts: contexts)
        let features = reading?.withOwn(plan, own) ?? own
        let longest = map.retrieval.historyLength + 1
        let steps = plan.dimension("sequence", capacity: min(capacity * longest, most ?? .max))
        let sequence = SequenceInputs(
            steps: steps, item: plan.indices(steps, name: "sequence.item"),
            context: plan.indices(steps, name: "sequence.context"), code: plan.indices(steps, name: "sequence.code"),
            age: plan.indices(steps, name: "sequence.age"),
            offsets: plan.offsets(segments: contexts, of: steps, maximumLength: longest, name: "sequence"),
            last: plan.indices(contexts, name: "sequence.last"), startCode: Int32(map.historyCodes),
            startAge: Int32(map.retrieval.historyLength))

        var x = plan.add(
            plan.take(features, sequence.context), plan.take(plan.parameter(codes), sequence.code))
        x = plan.add(x, plan.take(plan.parameter(positions), sequence.age))
        if let items {
            let own = plan.scale(
                plan.take(items.embeddings, sequence.item), by: Float(map.retrieval.table.dimension).squareRoot())
            x = plan.add(x, own)
        }
        x = reading?.input(plan, x, of: sequence.context) ?? x
        if settings.dropout > 0 { x = plan.dropout(x, rate: Float(settings.dropout)) }
        for block in blocks { x = block.record(plan, x, sequence.offsets) }
        let read = norm.record(plan, x)
        let vectors = plan.normalizeRows(reading?.output(plan, read, of: sequence.context) ?? read)
        return UserTower(vectors: plan.take(vectors, sequence.last), steps: vectors) { [users] batch, plan in
            try users.load(batch.users, into: plan, inputs)
            reading?.load(batch.contextReading, into: plan)
            try sequence.load(batch, into: plan)
        }
    }
}

/// The steps of sequences in a plan.
private struct SequenceInputs {
    let steps: Dimension
    let item: Indices
    let context: Indices
    let code: Indices
    let age: Indices
    let offsets: Offsets
    let last: Indices
    let startCode: Int32
    /// The position of every start, whatever the length of its past, so that training knows those without one.
    let startAge: Int32

    /// Turns pasts, which a batch holds newest first, into sequences.
    func load(_ batch: Batch, into plan: Plan) throws {
        try plan.setCount(steps, batch.steps + batch.contexts)
        let item = plan.integers(item)
        let context = plan.integers(context)
        let code = plan.integers(code)
        let age = plan.integers(age)
        let offsets = plan.integers(offsets)
        let last = plan.integers(last)
        var step = 0
        offsets[0] = 0
        for number in 0..<batch.contexts {
            let first = Int(batch.historyOffsets[number])
            let end = Int(batch.historyOffsets[number + 1])
            item[step] = -1
            context[step] = Int32(number)
            code[step] = startCode
            age[step] = startAge
            step += 1
            for source in stride(from: end - 1, through: first, by: -1) {
                item[step] = batch.historyItem[source]
                context[step] = Int32(number)
                code[step] = batch.historyCode[source]
                age[step] = batch.historyAge[source]
                step += 1
            }
            offsets[number + 1] = Int32(step)
            last[number] = Int32(step - 1)
        }
    }
}
