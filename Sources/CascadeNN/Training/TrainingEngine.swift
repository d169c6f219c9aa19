/// A closure that fills the inputs of one worker's plan, made ready to be called by a generic engine.
///
/// Passing a closure to `step` makes one of these each time, at the cost of one allocation; a loop that wants none makes
/// it once.
package struct BatchFill<Built>: Sendable {
    let body: @Sendable (_ worker: Int, _ plan: Plan, _ built: Built) throws -> Void

    /// `body` runs on each worker's thread: it sets counts and writes inputs of that worker's plan.
    package init(_ body: @escaping @Sendable (_ worker: Int, _ plan: Plan, _ built: Built) throws -> Void) {
        self.body = body
    }
}

/// Trains a store on several threads: each has its own plan and takes its own part of the batch.
///
/// A step is: fill and count, forward and backward on every worker, sum the gradients in a fixed order, clip, update.
/// The same seed and number of workers give the same bits. A warm step allocates nothing. OpenBLAS is set to one
/// thread for the whole process.
///
/// Loops that run in every step go over indices: unoptimised, an array's iterator allocates.
package final class TrainingEngine<Built>: @unchecked Sendable {  // why: workers touch their own state, and shared
    // state only between the barriers of a step; the caller is blocked meanwhile
    /// What fills the inputs of one worker's plan.
    package typealias Fill = @Sendable (_ worker: Int, _ plan: Plan, _ built: Built) throws -> Void

    final class Worker {
        let plan: Plan
        let built: Built
        let loss: Value
        /// What went wrong while filling, and while computing. Two places, because a fast worker may already compute
        /// while a slow one still looks whether all have filled.
        var fillError: (any Error)?
        var error: (any Error)?
        var lossValue: Float = 0
        var squares = 0.0

        init(plan: Plan, built: Built, loss: Value) {
            self.plan = plan
            self.built = built
            self.loss = loss
        }
    }

    /// Number of threads.
    package let workers: Int
    let store: ParameterStore
    let options: TrainingOptions
    let members: [Worker]
    let dense: DenseUpdate
    let tables: [TableUpdate]
    private var team: ThreadTeam?
    private var fill: BatchFill<Built>?
    private var stepRate: Float = 0
    private var tableRate: Float = 0
    private var averageDecay: Float = 0
    private var failed = false
    private var norm = 0.0
    /// Steps done.
    package internal(set) var stepCount = 0
    /// Whether the store holds the averages at the moment.
    package private(set) var averagesInUse = false

    /// Builds a plan for every worker and starts the threads. `build` records inputs and a scalar loss; the engine
    /// seals the plan. It must record the same plan for every worker.
    package init(
        store: ParameterStore, options: TrainingOptions,
        build: (_ worker: Int, _ plan: Plan) throws -> (built: Built, loss: Value)
    ) throws {
        guard options.workers > 0 else { throw NNError.plan("training needs at least one worker") }
        guard store.isAllocated, !store.isReadOnly else {
            throw NNError.store("only a store filled with allocate(seed:) can be trained")
        }
        if let longest = options.tableNorm, !(longest > 0 && longest.isFinite) {
            throw NNError.plan("the longest row of a table is \(longest); it must be above 0, or nil for any length")
        }
        self.store = store
        self.options = options
        workers = options.workers
        members = try (0..<options.workers).map { worker in
            let plan = Plan(
                store: store, mode: .training, seed: mixedSeed(options.seed, UInt64(worker)),
                products: options.products)
            let (built, loss) = try build(worker, plan)
            try plan.seal()
            return Worker(plan: plan, built: built, loss: loss)
        }
        dense = try DenseUpdate(
            store: store, optimizer: options.dense, gradients: members.compactMap { $0.plan.denseGradient?.base },
            averaged: options.averaging != nil)
        tables = try Self.tableUpdates(store, options, members)
        team = try ThreadTeam(count: options.workers) { [unowned self] number in self.work(number) }
    }

    private static func tableUpdates(
        _ store: ParameterStore, _ options: TrainingOptions, _ members: [Worker]
    ) throws(NNError) -> [TableUpdate] {
        var updates: [TableUpdate] = []
        for table in store.tables where !store.options(table).frozen {
            let operations = members.map { member in member.plan.lookups.filter { $0.table == table } }
            guard operations.contains(where: { !$0.isEmpty }) else { continue }
            guard operations.allSatisfy({ $0.count == operations[0].count }) else {
                throw .plan("the plans of the workers differ; build must record the same operations for all")
            }
            updates.append(
                try TableUpdate(
                    store: store, table: table, optimizer: options.tables, operations: operations,
                    averaged: options.averaging?.tables ?? false, longest: options.tableNorm,
                    frozen: options.frozenRows))
        }
        return updates
    }

    deinit {
        close()
    }

    /// Ends the threads; the engine cannot step afterwards. Also done when the engine goes away.
    package func close() {
        team?.close()
        team = nil
    }

    // MARK: a step

    /// Trains on one batch. `fill` runs on every worker's thread: it sets counts and writes inputs of its plan.
    ///
    /// Blocks the calling thread until the weights are updated. If it throws, the weights are as before the step.
    package func step(_ fill: @escaping Fill) throws -> StepResult {
        try step(BatchFill(fill))
    }

    /// Trains on one batch; as `step` with a closure, without its allocation.
    package func step(_ fill: BatchFill<Built>) throws -> StepResult {
        guard let team else { throw NNError.plan("the engine is closed; make a new one") }
        guard !averagesInUse else { throw NNError.plan("the store holds the averages; swapAverages() before training") }
        self.fill = fill
        stepRate = options.schedule.rate(at: stepCount)
        tableRate = options.tableSchedule?.rate(at: stepCount) ?? stepRate
        averageDecay = options.averaging?.decay(at: stepCount) ?? 0
        failed = false
        team.run()
        self.fill = nil
        for index in members.indices {
            if let error = members[index].fillError ?? members[index].error { throw error }
        }
        let loss = losses()
        if failed || !loss.isFinite || !norm.isFinite {
            throw NNError.nonFinite(step: stepCount, tensor: firstNonFinite())
        }
        let result = StepResult(
            loss: loss, gradientNorm: Float(norm), learningRate: stepRate, step: stepCount)
        stepCount += 1
        return result
    }

    /// One worker's part of a step. Every path meets the others equally often.
    private func work(_ number: Int) {
        guard let team else { return }
        let member = members[number]
        member.error = nil
        member.plan.setStep(stepCount)
        member.fillError = attempt { try fill?.body(number, member.plan, member.built) }
        team.meet()
        for index in members.indices where members[index].fillError != nil { return }
        countRows(member)
        member.error = attempt { try compute(number, member) }
        team.meet()
        if anyError() || !losses().isFinite {
            if number == 0 { failed = true }
            return
        }
        member.squares = dense.reduce(number)
        for index in tables.indices { member.squares += tables[index].collect(number, step: stepCount) }
        team.meet()
        update(number)
    }

    private func attempt(_ body: () throws -> Void) -> (any Error)? {
        do { try body() } catch { return error }
        return nil
    }

    private func anyError() -> Bool {
        for index in members.indices where members[index].error != nil { return true }
        return false
    }

    private func losses() -> Float {
        var sum: Float = 0
        for index in members.indices { sum += members[index].lossValue }
        return sum
    }

    /// Rows of each dimension over all workers, so that means are means over the batch.
    private func countRows(_ member: Worker) {
        guard let memory = member.plan.memory else { return }
        for dimension in member.plan.dimensions.indices {
            var total = 0
            for index in members.indices {
                total += members[index].plan.memory?.state.pointee.counts[dimension] ?? 0
            }
            memory.state.pointee.globalCounts[dimension] = total
        }
    }

    private func compute(_ number: Int, _ member: Worker) throws {
        try member.plan.forward()
        member.lossValue = member.plan.scalar(member.loss)
        try member.plan.backward(from: member.loss)
        guard let memory = member.plan.memory else { return }
        for index in tables.indices { tables[index].publish(number, memory) }
    }

    private func update(_ number: Int) {
        var squares = 0.0
        for index in members.indices { squares += members[index].squares }
        let length = squares.squareRoot()
        if number == 0 { norm = length }
        var scale: Float = 1
        if let limit = options.clipNorm, length > Double(limit) { scale = Float(Double(limit) / length) }
        if length.isFinite {
            dense.update(number, rate: stepRate, scale: scale, step: stepCount, averageDecay: averageDecay)
            for index in tables.indices {
                tables[index].update(
                    number, rate: tableRate, scale: scale, step: stepCount, averageDecay: averageDecay)
            }
        }
        for index in tables.indices { tables[index].release(number) }
    }

    private func firstNonFinite() -> String {
        for member in members {
            if let name = member.plan.firstNonFinite() { return name }
        }
        return dense.firstNonFinite().map { "the gradient of \($0)" } ?? "the gradient of a table"
    }

    /// Begins a table anew between steps: its rows as `allocate` would fill them with another seed, its optimizer's
    /// state as before the first step, and its averages with it.
    package func restart(_ table: Table, seed: UInt64) {
        store.reinitialise(table, seed: seed)
        for update in tables where update.table == table { update.forget() }
    }

    // MARK: averages

    /// Exchanges the weights and their moving averages: call it before evaluating, and again before training on.
    package func swapAverages() throws(NNError) {
        guard let average = dense.average else {
            throw .plan("the engine keeps no averages; set TrainingOptions.averaging")
        }
        swapBuffers(store.dense, average.base, store.denseCount)
        for update in tables {
            guard let rows = update.average, let weights = store.weights(update.table).baseAddress else { continue }
            swapBuffers(weights, rows.base, update.table.count)
        }
        averagesInUse.toggle()
    }
}
