import CKernels

/// The sparse update of one embedding table: gradients of the same row are summed, then each touched row is updated.
///
/// Rows are dealt out to the threads by number; every thread scans all lookups in the same order and takes its own
/// rows, so the sums do not depend on timing.
final class TableUpdate {
    /// What one thread has collected.
    private final class Part {
        let touched: UnsafeMutablePointer<Int32>
        let sums: AlignedBuffer
        /// Rows that the step touched.
        var used = 0
        /// Those of them, the first ones, that it trains.
        var trained = 0

        init(capacity: Int, dimension: Int) throws(NNError) {
            touched = .allocate(capacity: max(capacity, 1))
            sums = try AlignedBuffer(count: capacity * dimension)
        }

        deinit {
            touched.deallocate()
        }
    }

    let table: Table
    let options: ParameterOptions
    let optimizer: any TableOptimizer
    let elementStates: [AlignedBuffer]
    let rowState: AlignedBuffer?
    let average: AlignedBuffer?
    /// The length that no row has more of after an update; nil: any.
    private let longest: Float?
    /// Whether each row stays over the first steps, and over how many; nil where none does.
    private let frozen: (rows: [Bool], steps: Int)?
    private let weights: UnsafeMutablePointer<Float>
    private let slots: UnsafeMutablePointer<Int32>
    private let parts: [Part]
    private let lists: UnsafeMutablePointer<ck_lookups>
    private let operations: [[any LookupOperation]]
    private let perWorker: Int

    /// `operations` are the table's lookups in each worker's plan.
    init(
        store: ParameterStore, table: Table, optimizer: any TableOptimizer, operations: [[any LookupOperation]],
        averaged: Bool, longest: Float?, frozen: FrozenRows? = nil
    ) throws(NNError) {
        self.table = table
        self.longest = longest
        self.frozen = frozen.flatMap { frozen in
            frozen.rows[table.name].map { own in ((0..<Int32(table.rows)).map(own.contains), frozen.steps) }
        }
        self.optimizer = optimizer
        self.operations = operations
        options = store.options(table)
        weights = store.weights(table).baseAddress!
        perWorker = operations.first?.count ?? 0
        let capacity = min(operations.joined().reduce(0) { $0 + $1.capacity }, table.rows)
        var parts: [Part] = []
        for _ in operations { parts.append(try Part(capacity: capacity, dimension: table.dimension)) }
        self.parts = parts
        slots = .allocate(capacity: table.rows)
        slots.initialize(repeating: -1, count: table.rows)
        lists = .allocate(capacity: max(perWorker * operations.count, 1))
        lists.initialize(repeating: ck_lookups(), count: max(perWorker * operations.count, 1))
        var states: [AlignedBuffer] = []
        for _ in 0..<optimizer.elementStateCount { states.append(try AlignedBuffer(count: table.count)) }
        elementStates = states
        rowState = optimizer.rowStateCount > 0 ? try AlignedBuffer(count: table.rows) : nil
        average = averaged ? try AlignedBuffer(count: table.count) : nil
        average?.base.update(from: weights, count: table.count)
    }

    deinit {
        slots.deallocate()
        lists.deallocate()
    }

    /// Publishes the lookups of one worker's pass; before the threads meet.
    func publish(_ worker: Int, _ memory: Memory) {
        for index in 0..<perWorker {
            lists[worker * perWorker + index] = operations[worker][index].lookups(memory)
        }
    }

    /// Sums the gradients of the thread's rows; returns Σ g² of those that the step trains.
    func collect(_ thread: Int, step: Int) -> Double {
        let part = parts[thread]
        part.used = ck_collect_rows(
            lists, perWorker * operations.count, Int32(thread), Int32(parts.count), table.dimension, slots,
            part.touched, part.sums.base)
        part.trained = part.used
        if let frozen, step < frozen.steps { part.trained = Self.bringForward(part, frozen.rows, table.dimension) }
        return ck_sum_squares(part.sums.base, part.trained * table.dimension)
    }

    /// Puts the rows that do not stay before those that do, with their sums; returns how many there are.
    private static func bringForward(_ part: Part, _ stays: borrowing [Bool], _ dimension: Int) -> Int {
        var front = 0
        var index = 0
        while index < part.used {
            let row = part.touched[index]
            if !stays[Int(row)] {
                part.touched[index] = part.touched[front]
                part.touched[front] = row
                // What stays behind is not read again.
                if index > front {
                    (part.sums.base + front * dimension).update(
                        from: part.sums.base + index * dimension, count: dimension)
                }
                front += 1
            }
            index += 1
        }
        return front
    }

    /// Updates the thread's rows.
    func update(_ thread: Int, rate: Float, scale: Float, step: Int, averageDecay: Float) {
        let part = parts[thread]
        let update = UpdateStep(
            rate: rate * options.learningRateMultiplier, gradientScale: scale, decays: options.weightDecay,
            number: step + 1)
        let rows = TouchedRows(
            table: weights, dimension: table.dimension, rows: part.touched, gradients: part.sums.base,
            count: part.trained, first: elementStates.isEmpty ? nil : elementStates[0].base,
            second: elementStates.count < 2 ? nil : elementStates[1].base, row: rowState?.base)
        optimizer.update(rows, step: update)
        // A table that stands still keeps its bits: to scale a row at its limit again could change the last one.
        if let longest, rate != 0 { ck_limit_rows(weights, part.touched, part.trained, table.dimension, longest) }
        if let average {
            ck_average_rows(average.base, weights, part.touched, part.trained, table.dimension, averageDecay)
        }
    }

    /// Makes the optimizer's state that of the beginning, and the averages the rows as they are; between steps.
    func forget() {
        for state in elementStates { state.base.update(repeating: 0, count: table.count) }
        rowState?.base.update(repeating: 0, count: table.rows)
        average?.base.update(from: weights, count: table.count)
    }

    /// Forgets the thread's rows; after every `collect`, whether or not there was an update.
    func release(_ thread: Int) {
        ck_release_rows(slots, parts[thread].touched, parts[thread].used)
        parts[thread].used = 0
    }
}
