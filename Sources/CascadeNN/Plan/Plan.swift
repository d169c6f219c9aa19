/// A recorded computation that is run again for every batch that fits.
///
/// Record dimensions, inputs and operations, call `seal()` once, then for every batch: set counts, fill inputs,
/// `forward()` and in training `backward(from:)`. A warm pass allocates nothing. A plan belongs to one thread at a time
/// and reads the weights of its store in place; one that packs multiplies with what they were when it was recorded, so they must not
/// change.
///
/// Recording never throws: the first misfit is remembered and thrown by `seal()`.
package final class Plan {
    /// What a plan is for.
    package enum Mode: Sendable {
        /// Keeps what the backward pass needs; dropout is on.
        case training
        /// Forward only: no gradients, dropout off, buffers of values that are no longer needed are used again.
        case inference
    }

    enum Storage {
        /// A part of the arena of its own.
        case arena
        /// Weights of the store: pointer, and offset in the flat gradient buffer.
        case parameter(UnsafeMutablePointer<Float>, gradientOffset: Int)
        /// Columns or rows of another value, `offset` floats plus `row` rows from its start.
        case view(of: Int, column: Int, row: Int, sharesGradient: Bool)
    }

    struct ValueRecord {
        var dimension: Dimension
        var columns: Int
        var storage: Storage
        var needsGradient: Bool
        var name: String
        /// Inputs, parameters and kept values are readable at any time.
        var kept = false
        /// Auxiliary buffers die with their operation in an inference plan.
        var auxiliary = false
        var firstUse = Int.max
        var lastUse = -1
    }

    struct IntegerRecord {
        var name: String
        var dimension: Dimension
        var count: Int
    }

    struct OperationRecord {
        var name: String
        var operation: any Operation
        var outputs: [Value]
        var needsBackward: Bool
    }

    /// What the plan is for.
    package let mode: Mode
    let store: ParameterStore
    let seed: UInt64
    /// Where an inference plan takes packed weights from; nil: it multiplies with weights as they lie.
    let packing: WeightPacking?
    /// In what numbers `linear`, `matmul`, `fieldLinear` and the cross layers multiply where weights are not packed.
    let products: ProductPrecision

    var dimensions: [(name: String, dimension: Dimension, fixed: Bool)] = []
    /// By number of a dimension: those that have so many times its rows.
    var multiples: [Int: [(dimension: Dimension, factor: Int)]] = [:]
    var values: [ValueRecord] = []
    var integerRecords: [IntegerRecord] = []
    var operations: [OperationRecord] = []
    /// Operations that look rows up in tables, with what the sparse update needs.
    var lookups: [any LookupOperation] = []
    var parameterValues: [Int: Value] = [:]
    /// The same values in the order of their first use.
    var parameterList: [Value] = []
    /// By the index of a value: it rounded; see `factor`.
    var roundedFactors: [Int: Value] = [:]
    private(set) var recordingError: NNError?
    private var scratchUsed = 0
    private(set) var scratchPeak = 0
    private var randomStreams: UInt64 = 0

    // Set by seal().
    var buffers: [AlignedBuffer] = []
    var denseGradient: AlignedBuffer?
    var memory: Memory?
    var pointers: [UnsafeMutableRawPointer] = []

    /// Starts an empty plan over an allocated store. `seed` separates the dropout of one plan from that of another;
    /// `packing` is for inference with weights that no longer change, `products` for weights that are not packed.
    package init(
        store: ParameterStore, mode: Mode, seed: UInt64 = 0, packing: WeightPacking? = nil,
        products: ProductPrecision = .float32
    ) {
        self.store = store
        self.packing = packing
        self.products = products
        self.mode = mode
        self.seed = seed
        if !products.isForTraining {
            fail(
                .plan(
                    "products of \(products.rawValue) are for weights that do not change; train in float32 or bfloat16")
            )
        }
        if !store.isAllocated { fail(.plan("the store is not allocated; call allocate(seed:) before recording plans")) }
    }

    deinit {
        memory?.state.deallocate()
        for pointer in pointers { pointer.deallocate() }
    }

    // MARK: dimensions and inputs

    /// A symbolic number of rows; its count is 0 until `setCount`.
    package func dimension(_ name: String, capacity: Int) -> Dimension {
        newDimension(name, capacity: capacity, fixed: false)
    }

    /// A dimension whose count is always `rows`.
    package func fixed(_ rows: Int) -> Dimension {
        if let known = dimensions.first(where: { $0.fixed && $0.dimension.capacity == rows }) { return known.dimension }
        return newDimension("fixed \(rows)", capacity: rows, fixed: true)
    }

    /// A dimension that always has `factor` times the rows of another; its count is set with that of the other.
    package func multiple(of dimension: Dimension, by factor: Int) -> Dimension {
        if let known = multiples[dimension.index]?.first(where: { $0.factor == factor }) { return known.dimension }
        let entry = dimensions[dimension.index]
        if factor < 1 {
            fail(.shape(operation: "multiple of \(entry.name)", detail: "the factor \(factor) is below 1"))
        }
        let result = newDimension(
            "\(factor) × \(entry.name)", capacity: dimension.capacity * max(1, factor), fixed: entry.fixed)
        multiples[dimension.index, default: []].append((result, factor))
        return result
    }

    private func newDimension(_ name: String, capacity: Int, fixed: Bool) -> Dimension {
        if capacity < 0 { fail(.shape(operation: "dimension \(name)", detail: "the capacity \(capacity) is negative")) }
        let dimension = Dimension(index: dimensions.count, capacity: max(capacity, 0))
        dimensions.append((name, dimension, fixed))
        return dimension
    }

    /// A matrix that the caller fills before each pass. Its gradient is computed only if `differentiable`.
    package func input(
        _ dimension: Dimension, columns: Int, name: String = "input", differentiable: Bool = false
    ) -> Value {
        let value = makeValue(dimension, columns: columns, needsGradient: differentiable, name: name)
        values[value.index].kept = true
        return value
    }

    /// Row numbers that the caller fills before each pass.
    package func indices(_ dimension: Dimension, width: Int = 1, name: String = "indices") -> Indices {
        integerRecords.append(
            IntegerRecord(name: name, dimension: dimension, count: dimension.capacity * max(width, 0)))
        return Indices(index: integerRecords.count - 1, dimension: dimension, width: width)
    }

    /// Segment borders that the caller fills before each pass.
    package func offsets(
        segments: Dimension, of items: Dimension, maximumLength: Int, name: String = "offsets"
    ) -> Offsets {
        integerRecords.append(IntegerRecord(name: name, dimension: segments, count: segments.capacity + 1))
        return Offsets(
            index: integerRecords.count - 1, segments: segments, items: items, maximumLength: maximumLength)
    }

    // MARK: weights

    /// The weights of a dense tensor as a value of a fixed dimension.
    package func parameter(_ parameter: Parameter) -> Value {
        if let known = parameterValues[parameter.index] { return known }
        let value = makeValue(
            fixed(parameter.rows), columns: parameter.columns,
            needsGradient: mode == .training && !store.options(parameter).frozen, name: parameter.name)
        if store.isAllocated, let base = store.weights(parameter).baseAddress {
            values[value.index].storage = .parameter(base, gradientOffset: parameter.offset)
        }
        values[value.index].kept = true
        parameterValues[parameter.index] = value
        parameterList.append(value)
        return value
    }

    /// Some rows of a dense tensor, in place: the part of a linear map that belongs to some of its inputs.
    package func parameter(_ parameter: Parameter, rows: Range<Int>) -> Value {
        let whole = self.parameter(parameter)
        guard rows.lowerBound >= 0, rows.upperBound <= parameter.rows else {
            fail(.shape(operation: "parameter \(parameter.name)", detail: "has no rows \(rows)"))
            return makeValue(fixed(rows.count), columns: parameter.columns, needsGradient: false)
        }
        return makeView(
            of: whole, dimension: fixed(rows.count), columns: parameter.columns, column: 0, row: rows.lowerBound)
    }

    // MARK: names

    /// Names a value in error texts.
    package func label(_ value: Value, _ name: String) {
        values[value.index].name = name
    }

    /// Keeps a value readable after `forward` in an inference plan.
    package func keep(_ value: Value) {
        values[rootIndex(value.index)].kept = true
    }

    // MARK: what operations record with

    func fail(_ error: NNError) {
        if recordingError == nil { recordingError = error }
    }

    /// Remembers a misfit unless `condition` holds; returns whether it holds.
    @discardableResult
    func require(_ condition: Bool, _ operation: String, _ detail: @autoclosure () -> String) -> Bool {
        if !condition { fail(.shape(operation: operation, detail: detail())) }
        return condition
    }

    func makeValue(_ dimension: Dimension, columns: Int, needsGradient: Bool, name: String = "value") -> Value {
        if columns <= 0 { fail(.shape(operation: name, detail: "has \(columns) columns")) }
        values.append(
            ValueRecord(
                dimension: dimension, columns: columns, storage: .arena,
                needsGradient: needsGradient && mode == .training, name: name))
        return Value(index: values.count - 1, dimension: dimension, columns: columns)
    }

    /// A buffer between forward and backward of one operation.
    func auxiliary(_ dimension: Dimension, columns: Int) -> Value {
        let value = makeValue(dimension, columns: columns, needsGradient: false, name: "auxiliary")
        values[value.index].auxiliary = true
        return value
    }

    func makeView(
        of parent: Value, dimension: Dimension, columns: Int, column: Int, row: Int = 0, sharesGradient: Bool = true
    ) -> Value {
        let record = values[parent.index]
        values.append(
            ValueRecord(
                dimension: dimension, columns: columns,
                storage: .view(of: parent.index, column: column, row: row, sharesGradient: sharesGradient),
                needsGradient: record.needsGradient && sharesGradient, name: record.name, kept: record.kept))
        return Value(index: values.count - 1, dimension: dimension, columns: columns)
    }

    func needsGradient(_ inputs: [Value]) -> Bool {
        inputs.contains { values[$0.index].needsGradient }
    }

    /// Room inside one forward or backward call; the calls of different operations share it.
    func scratch(_ floats: Int) -> Scratch {
        let scratch = Scratch(offset: scratchUsed)
        scratchUsed += aligned(floats)
        return scratch
    }

    /// A stream number for an operation that draws random numbers.
    func randomStream() -> UInt64 {
        randomStreams += 1
        return randomStreams
    }

    func record(
        _ operation: any Operation, _ name: String, inputs: [Value], outputs: [Value], auxiliaries: [Value] = []
    ) {
        scratchPeak = max(scratchPeak, scratchUsed)
        scratchUsed = 0
        let position = operations.count
        for value in inputs + outputs + auxiliaries {
            let root = rootIndex(value.index)
            values[root].firstUse = min(values[root].firstUse, position)
            values[root].lastUse = max(values[root].lastUse, position)
        }
        // Nobody has read an output yet: it lives to the end unless a later operation reads it.
        for input in inputs { values[input.index].lastUse = max(values[input.index].lastUse, position) }
        for output in outputs where values[output.index].name == "value" {
            values[output.index].name = "\(name) (operation \(position))"
        }
        operations.append(
            OperationRecord(
                name: name, operation: operation, outputs: outputs,
                needsBackward: outputs.contains { values[$0.index].needsGradient }))
        if let lookup = operation as? any LookupOperation { lookups.append(lookup) }
    }

    func rootIndex(_ index: Int) -> Int {
        var current = index
        while case .view(let parent, _, _, _) = values[current].storage { current = parent }
        return current
    }
}
