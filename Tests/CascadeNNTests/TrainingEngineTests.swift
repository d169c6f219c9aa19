import CAllocationCounter
import Testing

@testable import CascadeNN

@Suite struct TrainingEngineTests {
    /// A network with one hidden layer learns the exclusive or, so every part of a step points the right way.
    @Test(arguments: [1, 2])
    func learnsExclusiveOr(workers: Int) throws {
        let store = ParameterStore()
        let w1 = try store.parameter("w1", rows: 2, columns: 8)
        let b1 = try store.parameter("b1", rows: 1, columns: 8, .zeros)
        let w2 = try store.parameter("w2", rows: 8, columns: 1)
        try store.allocate(seed: 7)
        let engine = try TrainingEngine(
            store: store,
            options: TrainingOptions(workers: workers, seed: 1, dense: Adam(), schedule: ConstantRate(0.05))
        ) { _, plan in
            let rows = plan.dimension("rows", capacity: 4)
            let x = plan.input(rows, columns: 2)
            let y = plan.input(rows, columns: 1)
            let hidden = plan.linear(x, plan.parameter(w1), bias: plan.parameter(b1), activation: .tanh)
            return ((rows, x, y), plan.binaryCrossEntropy(logits: plan.linear(hidden, plan.parameter(w2)), labels: y))
        }
        defer { engine.close() }
        var losses: [Float] = []
        for _ in 0..<200 {
            losses.append(
                try engine.step { worker, plan, inputs in
                    let mine = (0..<4).filter { $0 % workers == worker }
                    try plan.setCount(inputs.0, mine.count)
                    for (row, number) in mine.enumerated() {
                        plan.floats(inputs.1)[2 * row] = Float(number & 1)
                        plan.floats(inputs.1)[2 * row + 1] = Float(number >> 1)
                        plan.floats(inputs.2)[row] = number == 1 || number == 2 ? 1 : 0
                    }
                }.loss)
        }
        #expect(losses[0] > 0.6)
        #expect(losses[199] < 0.05)
    }

    @Test func sameSeedAndWorkersGiveTheSameBits() throws {
        func trained(seed: UInt64) throws -> [UInt32] {
            let model = try TinyRanker()
            let engine = try model.engine(workers: 2, seed: seed)
            defer { engine.close() }
            for step in 0..<20 { _ = try engine.step(TinyRanker.batch(step, workers: 2)) }
            return model.bits
        }
        let first = try trained(seed: 3)
        #expect(try trained(seed: 3) == first)
        #expect(try trained(seed: 4) != first)
    }

    /// The loss and the update are those of the whole batch, however many workers share it (even more than rows).
    @Test func workersShareOneBatch() throws {
        func trained(_ workers: Int, rows: Int) throws -> (losses: [Float], weights: [Float]) {
            let model = try TinyRanker(dropout: 0)
            // Without in-batch negatives, which depend on who is in a worker's part.
            let store = model.store
            let engine = try TrainingEngine(
                store: store,
                options: TrainingOptions(
                    workers: workers, seed: 1, dense: SGD(), tables: SparseSGD(), schedule: ConstantRate(0.1),
                    clipNorm: 0.05)
            ) { _, plan in
                let built = model.record(plan).built
                return (built, plan.binaryCrossEntropy(logits: built.logit, labels: built.labels))
            }
            defer { engine.close() }
            var losses: [Float] = []
            for step in 0..<5 {
                losses.append(try engine.step(TinyRanker.batch(step, rows: rows, workers: workers)).loss)
            }
            let weights = store.parameters.flatMap { Array(store.weights($0)) } + Array(store.weights(model.table))
            return (losses, weights)
        }
        for rows in [3, 14] {
            let one = try trained(1, rows: rows)
            for workers in [2, 5] {
                let several = try trained(workers, rows: rows)
                expectClose(several.losses, one.losses, "losses of \(workers) workers")
                expectClose(several.weights, one.weights, "weights of \(workers) workers", absolute: 1e-5)
            }
        }
    }

    @Test func warmStepsAllocateNothing() throws {
        #expect(allocation_counter_works() == 1)
        let model = try TinyRanker()
        let engine = try model.engine(workers: 2, averaging: Averaging(decay: 0.9, tables: true))
        defer { engine.close() }
        let watched: TrainingEngine<TinyRanker.Inputs>.Fill = { worker, plan, inputs in
            allocation_counter_watch_in_group(1)
            try TinyRanker.fill(plan, inputs, rows: worker * 12..<worker * 12 + 12)
        }
        // The measured fill leaves the inputs alone: what it would allocate is not the engine's. The group holds the
        // worker threads and, below, this one.
        let quiet = BatchFill<TinyRanker.Inputs> { _, _, _ in }
        for _ in 0..<5 { _ = try engine.step(watched) }
        for _ in 0..<5 { _ = try engine.step(quiet) }
        allocation_counter_watch_in_group(1)
        let before = allocation_counter_group_count(1)
        for _ in 0..<100 { _ = try engine.step(quiet) }
        let count = allocation_counter_group_count(1) - before
        allocation_counter_watch_this_thread(0)
        #expect(count == 0)
    }

    @Test func notANumberStopsTrainingAndIsNamed() throws {
        let model = try TinyRanker(dropout: 0)
        let engine = try model.engine(workers: 2)
        defer { engine.close() }
        for step in 0..<3 { _ = try engine.step(TinyRanker.batch(step, workers: 2)) }
        let before = model.bits
        let poisoned: TrainingEngine<TinyRanker.Inputs>.Fill = { worker, plan, inputs in
            try TinyRanker.fill(plan, inputs, rows: worker * 4..<worker * 4 + 4)
            if worker == 1 { plan.floats(inputs.numeric)[2] = .nan }
        }
        let error = #expect(throws: NNError.self) { try engine.step(poisoned) }
        #expect(error == .nonFinite(step: 3, tensor: "numeric"))
        #expect(model.bits == before)
        #expect(engine.stepCount == 3)
        _ = try engine.step(TinyRanker.batch(3, workers: 2))
        #expect(model.bits != before)
    }

    @Test func infiniteGradientsStopTrainingToo() throws {
        let store = ParameterStore()
        let w = try store.parameter("w", rows: 1, columns: 1, .zeros)
        try store.allocate(seed: 1)
        let engine = try TrainingEngine(
            store: store, options: TrainingOptions(workers: 1, seed: 1, dense: SGD(), schedule: ConstantRate(1))
        ) { _, plan in
            let rows = plan.dimension("rows", capacity: 1)
            let x = plan.input(rows, columns: 1)
            return (
                (rows, x), plan.sum(plan.multiply(plan.broadcast(plan.parameter(w), to: rows), plan.scale(x, by: 1e30)))
            )
        }
        defer { engine.close() }
        let error = #expect(throws: NNError.self) {
            try engine.step { _, plan, inputs in
                try plan.setCount(inputs.0, 1)
                plan.floats(inputs.1)[0] = 1e30
            }
        }
        #expect(error?.description.contains("step 0") == true)
        #expect(store.weights(w)[0] == 0)
    }

    @Test func errorsOfAWorkerAreThrownAndTrainingGoesOn() throws {
        struct Broken: Error {}
        let model = try TinyRanker()
        let engine = try model.engine(workers: 2)
        defer { engine.close() }
        let before = model.bits
        #expect(throws: Broken.self) {
            try engine.step { worker, _, _ in if worker == 1 { throw Broken() } }
        }
        let badIndex = #expect(throws: NNError.self) {
            try engine.step { worker, plan, inputs in
                try TinyRanker.fill(plan, inputs, rows: worker * 4..<worker * 4 + 4)
                if worker == 0 { plan.integers(inputs.ids)[3] = 50 }
            }
        }
        #expect(badIndex == .indexOutOfRange(indices: "ids", position: 3, index: 50, limit: 50))
        #expect(model.bits == before)
        #expect(try engine.step(TinyRanker.batch(0, workers: 2)).step == 0)
    }

    /// Failures of changing workers at changing places never leave one waiting for another.
    @Test func failuresNeverBlockTheOthers() throws {
        struct Broken: Error {}
        let model = try TinyRanker()
        let engine = try model.engine(workers: 3)
        defer { engine.close() }
        let before = model.bits
        for round in 0..<300 {
            #expect(throws: (any Error).self) {
                try engine.step { worker, plan, inputs in
                    try TinyRanker.fill(plan, inputs, rows: worker * 2..<worker * 2 + 2)
                    guard worker == round % 3 else { return }
                    if round % 2 == 0 { throw Broken() }
                    plan.integers(inputs.ids)[0] = 1000
                }
            }
        }
        #expect(model.bits == before)
    }

    @Test func frozenTensorsStay() throws {
        let model = try TinyRanker(frozen: ["cross.weight"])
        let frozen = try #require(model.weights["cross.weight"])
        let free = try #require(model.weights["deep.weight"])
        let before = (Array(model.store.weights(frozen)), Array(model.store.weights(free)))
        let engine = try model.engine(workers: 2)
        defer { engine.close() }
        for step in 0..<3 { _ = try engine.step(TinyRanker.batch(step, workers: 2)) }
        #expect(Array(model.store.weights(frozen)) == before.0)
        #expect(Array(model.store.weights(free)) != before.1)
    }

    /// Rows that begin later keep their bits until then and take no part in the length of a gradient; the others do not
    /// notice.
    @Test func someRowsBeginLater() throws {
        func run(_ frozen: FrozenRows?) throws -> (rows: [[Float]], norms: [Float]) {
            let store = ParameterStore()
            let table = try store.table("t", rows: 40, dimension: 5, .uniform(1))
            try store.allocate(seed: 2)
            let engine = try TrainingEngine(
                store: store,
                options: TrainingOptions(
                    workers: 2, seed: 1, dense: SGD(), tables: SparseAdam(weightDecay: 0.1),
                    schedule: ConstantRate(0.1), frozenRows: frozen)
            ) { _, plan in
                let rows = plan.dimension("rows", capacity: 20)
                let ids = plan.indices(rows)
                return ((rows, ids), plan.sum(plan.gather(table, ids)))
            }
            defer { engine.close() }
            var found = [Array(store.weights(table))]
            var norms: [Float] = []
            for _ in 0..<4 {
                let result = try engine.step { worker, plan, inputs in
                    try plan.setCount(inputs.0, 20)
                    for row in 0..<20 { plan.integers(inputs.1)[row] = Int32(row + 10 * worker) }
                }
                norms.append(result.gradientNorm)
                found.append(Array(store.weights(table)))
            }
            return (found, norms)
        }
        let frozen: Set<Int32> = [0, 3, 7, 8, 21, 29, 35]
        let (plain, whole) = try run(nil)
        let (late, part) = try run(FrozenRows(rows: ["t": frozen, "other": [1]], steps: 2))
        func row(_ values: [Float], _ row: Int32) -> ArraySlice<Float> { values[(Int(row) * 5)..<(Int(row) * 5 + 5)] }
        for number in 0..<Int32(30) {
            let stays = frozen.contains(number)
            #expect((row(late[2], number) == row(late[0], number)) == stays, "row \(number)")
            #expect(row(late[4], number) != row(late[2], number), "row \(number)")
            if !stays { #expect(row(late[4], number) == row(plain[4], number), "row \(number)") }
        }
        #expect(part[0] < whole[0] && part[1] < whole[1] && part[3] == whole[3])
    }

    /// Looked-up rows are brought to the length, those of no step keep theirs, and a table at rest keeps its bits.
    @Test func noUpdatedRowIsLongerThanItMayBe() throws {
        let store = ParameterStore()
        let table = try store.table("t", rows: 40, dimension: 5, .uniform(1))
        try store.allocate(seed: 2)
        let before = Array(store.weights(table))
        let engine = try TrainingEngine(
            store: store,
            options: TrainingOptions(
                workers: 2, seed: 1, dense: SGD(), tables: SparseSGD(),
                schedule: StoppedRate(after: 3, of: ConstantRate(0.1)), tableNorm: 0.75)
        ) { _, plan in
            let rows = plan.dimension("rows", capacity: 20)
            let ids = plan.indices(rows)
            return ((rows, ids), plan.sum(plan.gather(table, ids)))
        }
        defer { engine.close() }
        func step() throws {
            _ = try engine.step { worker, plan, inputs in
                try plan.setCount(inputs.0, 10)
                for row in 0..<10 { plan.integers(inputs.1)[row] = Int32(row + 10 * worker) }
            }
        }
        for _ in 0..<3 { try step() }
        let after = Array(store.weights(table))
        func lengths(_ values: [Float], _ rows: Range<Int>) -> [Float] {
            rows.map { row in values[(row * 5)..<(row * 5 + 5)].reduce(0) { $0 + $1 * $1 }.squareRoot() }
        }
        #expect(lengths(before, 0..<20).contains { $0 > 1 })
        #expect(lengths(after, 0..<20).allSatisfy { $0 <= 0.75 * (1 + 1e-6) })
        #expect(lengths(after, 0..<20).contains { $0 < 0.7 }, "shorter rows are not stretched")
        #expect(Array(after[100...]) == Array(before[100...]))
        for _ in 0..<3 { try step() }
        #expect(Array(store.weights(table)) == after)
    }

    @Test(arguments: [0, -1, Float.infinity, .nan]) func lengthsThatRowsCannotHaveAreRefused(longest: Float) throws {
        let store = ParameterStore()
        _ = try store.table("t", rows: 2, dimension: 1)
        try store.allocate(seed: 1)
        #expect(throws: NNError.self) {
            try TrainingEngine(
                store: store,
                options: TrainingOptions(
                    workers: 1, seed: 1, dense: SGD(), schedule: ConstantRate(1), tableNorm: longest)
            ) { _, plan in ((), plan.sum(plan.input(plan.dimension("rows", capacity: 1), columns: 1))) }
        }
    }

    @Test func averagesFollowTheWeights() throws {
        let store = ParameterStore()
        let w = try store.parameter("w", rows: 1, columns: 1, .zeros)
        let table = try store.table("t", rows: 3, dimension: 1, .zeros)
        try store.allocate(seed: 1)
        let averaging = Averaging(decay: 0.5, tables: true)
        let engine = try TrainingEngine(
            store: store,
            options: TrainingOptions(
                workers: 2, seed: 1, dense: SGD(), tables: SparseSGD(), schedule: ConstantRate(1), averaging: averaging)
        ) { _, plan in
            let rows = plan.dimension("rows", capacity: 1)
            let ids = plan.indices(rows)
            let both = plan.add(plan.gather(table, ids), plan.broadcast(plan.parameter(w), to: rows))
            return ((rows, ids), plan.scale(plan.sum(both), by: -1))
        }
        defer { engine.close() }
        var expected: Float = 0
        for step in 0..<6 {
            _ = try engine.step { worker, plan, inputs in
                try plan.setCount(inputs.0, worker == 0 ? 1 : 0)
                if worker == 0 { plan.integers(inputs.1)[0] = 1 }
            }
            let decay = min(0.5, Float(1 + step) / Float(10 + step))
            expected = decay * expected + (1 - decay) * Float(step + 1)
        }
        #expect(store.weights(w)[0] == 6)
        try engine.swapAverages()
        #expect(engine.averagesInUse)
        #expect(abs(store.weights(w)[0] - expected) < 1e-5)
        #expect(abs(store.weights(table)[1] - expected) < 1e-5)
        #expect(store.weights(table)[0] == 0)
        #expect(throws: NNError.self) { try engine.step { _, _, _ in } }
        try engine.swapAverages()
        #expect(store.weights(w)[0] == 6)
        #expect(store.weights(table)[1] == 6)
    }

    /// Saving after some steps and going on in a new engine gives the bits of training through.
    @Test func trainingResumesWithTheSameBits() throws {
        try withTemporaryFolder { folder in
            let averaging = Averaging(decay: 0.9, tables: true)
            let through = try TinyRanker()
            let first = try through.engine(workers: 2, averaging: averaging)
            for step in 0..<6 { _ = try first.step(TinyRanker.batch(step, workers: 2)) }
            try through.store.save(to: folder + "/weights")
            try first.saveState(to: folder + "/state")
            for step in 6..<10 { _ = try first.step(TinyRanker.batch(step, workers: 2)) }
            try first.swapAverages()
            first.close()

            let resumed = try TinyRanker(seed: 99)
            try resumed.store.load(from: folder + "/weights")
            let second = try resumed.engine(workers: 2, averaging: averaging)
            try second.loadState(from: folder + "/state")
            #expect(second.stepCount == 6)
            for step in 6..<10 { _ = try second.step(TinyRanker.batch(step, workers: 2)) }
            try second.swapAverages()
            second.close()
            #expect(resumed.bits == through.bits)

            let other = try TinyRanker()
            let wrong = try other.engine(workers: 2, dense: SGD())
            defer { wrong.close() }
            #expect(throws: NNError.self) { try wrong.loadState(from: folder + "/state") }
            #expect(throws: NNError.self) { try wrong.loadState(from: folder + "/weights") }
            #expect(throws: NNError.self) { try wrong.swapAverages() }
        }
    }
}
