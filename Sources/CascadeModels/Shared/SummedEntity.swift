import CascadeFeatures
import CascadeNN

/// The features of an entity as one vector: the sum over all lookups of the unified table plus linear maps of the
/// numbers and of the content vectors. Every feature writes to the same d columns, so the tables' dimension is the vector's.
struct SummedEntity {
    private let layout: EntityLayout
    private let table: Table
    private let numericWeight: Parameter?
    private let vectorWeight: Parameter?

    init(_ store: ParameterStore, name: String, layout: EntityLayout, table: Table, numericWidth: Int) throws {
        self.layout = layout
        self.table = table
        numericWeight =
            layout.numeric.isEmpty
            ? nil
            : try store.parameter(
                "\(name).numeric.weight", rows: layout.numeric.count * numericWidth, columns: table.dimension,
                .normal(0.02))
        vectorWeight =
            layout.vectors.isEmpty
            ? nil
            : try store.parameter(
                "\(name).vectors.weight", rows: layout.vectorWidth, columns: table.dimension, .normal(0.05))
    }

    /// The inputs of the sum: one ragged list of rows an entity.
    struct Inputs {
        let dimension: Dimension
        fileprivate let count: Dimension
        fileprivate let rows: Indices
        fileprivate let offsets: Offsets
        fileprivate let numeric: Value?
        fileprivate let content: Value?
    }

    /// Records inputs for at most `capacity` entities and their vectors [E × d].
    func record(_ plan: Plan, capacity: Int, numericWidth: Int, name: String) -> (inputs: Inputs, vectors: Value) {
        let most = layout.lookupWidth + layout.multi.reduce(0) { $0 + $1.rowsPerToken * EntityLayout.maximumTokens }
        let entities = plan.dimension(name, capacity: capacity)
        let count = plan.dimension("\(name).rows", capacity: capacity * max(1, most))
        let rows = plan.indices(count, name: "\(name).rows")
        let offsets = plan.offsets(segments: entities, of: count, maximumLength: max(1, most), name: name)
        var vectors = plan.gatherPooled(table, rows, offsets, mode: .sum)
        var numeric: Value?
        if let numericWeight {
            let input = plan.input(entities, columns: layout.numeric.count * numericWidth, name: "\(name).numeric")
            vectors = plan.add(vectors, plan.linear(input, plan.parameter(numericWeight)))
            numeric = input
        }
        var content: Value?
        if let vectorWeight {
            let input = plan.input(entities, columns: layout.vectorWidth, name: "\(name).vectors")
            vectors = plan.add(vectors, plan.linear(input, plan.parameter(vectorWeight)))
            content = input
        }
        let inputs = Inputs(
            dimension: entities, count: count, rows: rows, offsets: offsets, numeric: numeric, content: content)
        return (inputs, vectors)
    }

    /// Copies a block into the plan.
    func load(_ block: EntityBlock, into plan: Plan, _ inputs: Inputs) throws {
        let width = layout.lookupWidth
        let tokenRows = block.tokens.reduce(0) { $0 + $1.count }
        try plan.setCount(inputs.dimension, block.count)
        try plan.setCount(inputs.count, block.count * width + tokenRows)
        let rows = plan.integers(inputs.rows)
        let offsets = plan.integers(inputs.offsets)
        var position = 0
        offsets[0] = 0
        block.lookups.withUnsafeBufferPointer { lookups in
            for entity in 0..<block.count {
                for column in 0..<width {
                    rows[position] = lookups[entity * width + column]
                    position += 1
                }
                for (feature, tokens) in block.tokens.enumerated() {
                    let perToken = layout.multi[feature].rowsPerToken
                    let first = Int(block.tokenOffsets[feature][entity]) * perToken
                    let last = Int(block.tokenOffsets[feature][entity + 1]) * perToken
                    for index in first..<last {
                        rows[position] = tokens[index]
                        position += 1
                    }
                }
                offsets[entity + 1] = Int32(position)
            }
        }
        if let numeric = inputs.numeric { plan.floats(numeric).copy(block.numeric) }
        if let content = inputs.content { plan.floats(content).copy(block.vectors) }
    }
}
