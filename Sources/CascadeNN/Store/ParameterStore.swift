/// The weights of a model: named dense tensors in one flat buffer, and named embedding tables.
///
/// Declare everything, then `allocate`. Plans read the weights through handles; only a `TrainingEngine` changes them.
package final class ParameterStore: @unchecked Sendable {  // why: written only before sharing, or by engine threads
    // that own disjoint ranges between barriers
    struct Declared {
        var initialiser: Initialiser
        var options: ParameterOptions
    }

    /// The dense tensors in the order of their declaration.
    package private(set) var parameters: [Parameter] = []
    /// The tables in the order of their declaration.
    package private(set) var tables: [Table] = []

    private var parameterDeclarations: [Declared] = []
    private var tableDeclarations: [Declared] = []
    private var names: Set<String> = []
    /// Length of the flat buffer of dense weights in floats, gaps included.
    private(set) var denseCount = 0
    private var owned: [AlignedBuffer] = []
    private var mapping: Checkpoint?
    private var parameterBases: [UnsafeMutablePointer<Float>] = []
    private var tableBases: [UnsafeMutablePointer<Float>] = []

    /// An empty store; declare tensors, then allocate.
    package init() {}

    /// Whether the weights exist.
    package var isAllocated: Bool { !owned.isEmpty || mapping != nil }

    /// Whether the weights lie in a mapped file and so cannot be trained.
    package var isReadOnly: Bool { mapping != nil }

    /// Start of the flat buffer of dense weights. Only for stores that own their weights.
    var dense: UnsafeMutablePointer<Float> { owned[0].base }

    /// Declares a dense tensor [rows × columns].
    package func parameter(
        _ name: String, rows: Int, columns: Int, _ initialiser: Initialiser = .glorot,
        options: ParameterOptions = .init()
    ) throws(NNError) -> Parameter {
        try declare(name, rows, columns)
        let parameter = Parameter(
            index: parameters.count, name: name, rows: rows, columns: columns, offset: denseCount)
        denseCount += aligned(parameter.count)
        parameters.append(parameter)
        parameterDeclarations.append(Declared(initialiser: initialiser, options: options))
        return parameter
    }

    /// Declares an embedding table [rows × dimension].
    package func table(
        _ name: String, rows: Int, dimension: Int, _ initialiser: Initialiser = .uniform(0.05),
        options: ParameterOptions = .init()
    ) throws(NNError) -> Table {
        try declare(name, rows, dimension)
        guard rows <= Int(Int32.max) else {
            throw .store("table \(name) has \(rows) rows; row numbers are 32-bit, so use at most \(Int32.max)")
        }
        let table = Table(index: tables.count, name: name, rows: rows, dimension: dimension)
        tables.append(table)
        tableDeclarations.append(Declared(initialiser: initialiser, options: options))
        return table
    }

    private func declare(_ name: String, _ rows: Int, _ columns: Int) throws(NNError) {
        guard !isAllocated else { throw .store("\(name) is declared after allocate(); declare all tensors before it") }
        guard rows > 0, columns > 0 else {
            throw .store("\(name) has the shape \(rows) × \(columns); both extents must be positive")
        }
        guard names.insert(name).inserted else {
            throw .store("two tensors are named \(name); give each its own name")
        }
    }

    /// Allocates all tensors and fills them; each draws from its own stream of (seed, name).
    package func allocate(seed: UInt64) throws(NNError) {
        guard !isAllocated else { throw .store("the store is allocated already; make a new one") }
        owned.append(try AlignedBuffer(count: denseCount))
        for table in tables { owned.append(try AlignedBuffer(count: table.count)) }
        parameterBases = parameters.map { owned[0].base + $0.offset }
        tableBases = tables.map { owned[$0.index + 1].base }
        for parameter in parameters {
            parameterDeclarations[parameter.index].initialiser.fill(
                parameterBases[parameter.index], rows: parameter.rows, columns: parameter.columns,
                seed: mixedSeed(seed, stableHash(parameter.name)))
        }
        for table in tables {
            tableDeclarations[table.index].initialiser.fill(
                tableBases[table.index], rows: table.rows, columns: table.dimension,
                seed: mixedSeed(seed, stableHash(table.name)))
        }
    }

    /// Uses the tensors of a mapped file in place: nothing is read or copied until it is used. For inference only.
    package func allocate(mapping checkpoint: Checkpoint) throws(NNError) {
        guard !isAllocated else { throw .store("the store is allocated already; make a new one") }
        try checkNames(checkpoint)
        for parameter in parameters {
            parameterBases.append(try checkpoint.pointer(parameter.name, [parameter.rows, parameter.columns]))
        }
        for table in tables {
            tableBases.append(try checkpoint.pointer(table.name, [table.rows, table.dimension]))
        }
        mapping = checkpoint
    }

    /// Takes over the weights of every tensor of `other` that has the name and the shape of one here; returns how many.
    /// Both stores must be allocated, this one for training.
    @discardableResult
    package func copy(from other: ParameterStore) -> Int {
        var copied = 0
        func take(_ target: UnsafeMutableBufferPointer<Float>, _ source: UnsafeMutableBufferPointer<Float>) {
            _ = target.update(fromContentsOf: source)
            copied += 1
        }
        for parameter in parameters {
            guard let same = other.parameters.first(where: { $0.name == parameter.name }),
                (same.rows, same.columns) == (parameter.rows, parameter.columns)
            else { continue }
            take(weights(parameter), other.weights(same))
        }
        for table in tables {
            guard let same = other.tables.first(where: { $0.name == table.name }),
                (same.rows, same.dimension) == (table.rows, table.dimension)
            else { continue }
            take(weights(table), other.weights(same))
        }
        return copied
    }

    /// The weights of a dense tensor, row-major. The store must be allocated.
    package func weights(_ parameter: Parameter) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: parameterBases[parameter.index], count: parameter.count)
    }

    /// The rows of a table, row-major. The store must be allocated.
    package func weights(_ table: Table) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: tableBases[table.index], count: table.count)
    }

    /// How a dense tensor takes part in training.
    package func options(_ parameter: Parameter) -> ParameterOptions { parameterDeclarations[parameter.index].options }

    /// How a table takes part in training.
    package func options(_ table: Table) -> ParameterOptions { tableDeclarations[table.index].options }

    /// Changes how a dense tensor takes part in training; plans and engines made before keep the old options.
    package func setOptions(_ parameter: Parameter, _ options: ParameterOptions) {
        parameterDeclarations[parameter.index].options = options
    }

    /// Changes how a table takes part in training; plans and engines made before keep the old options.
    package func setOptions(_ table: Table, _ options: ParameterOptions) {
        tableDeclarations[table.index].options = options
    }

    /// Fills one table anew, as `allocate` did; a different seed gives different numbers.
    package func reinitialise(_ table: Table, seed: UInt64) {
        tableDeclarations[table.index].initialiser.fill(
            tableBases[table.index], rows: table.rows, columns: table.dimension,
            seed: mixedSeed(seed, stableHash(table.name)))
    }
}
