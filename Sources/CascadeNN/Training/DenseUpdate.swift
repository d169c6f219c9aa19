import CKernels

/// Reduction of the workers' dense gradients and the update of the dense weights, each thread on its own range.
final class DenseUpdate {
    /// A run of weights with one set of options.
    private struct Run {
        var start: Int
        var count: Int
        var options: ParameterOptions
    }

    let store: ParameterStore
    let optimizer: any DenseOptimizer
    let states: [AlignedBuffer]
    /// Moving average of the flat buffer, gaps included.
    let average: AlignedBuffer?
    private let runs: [[Run]]
    private let ranges: [Range<Int>]
    /// For each thread, the start of its range in each worker's gradients.
    private let sources: [UnsafeMutablePointer<UnsafePointer<Float>?>]
    private let gradients: [UnsafeMutablePointer<Float>]

    init(
        store: ParameterStore, optimizer: any DenseOptimizer, gradients: [UnsafeMutablePointer<Float>], averaged: Bool
    ) throws(NNError) {
        self.store = store
        self.optimizer = optimizer
        self.gradients = gradients
        let workers = gradients.count
        let share = aligned((store.denseCount + workers - 1) / workers)
        ranges = (0..<workers).map {
            min($0 * share, store.denseCount)..<min(($0 + 1) * share, store.denseCount)
        }
        var states: [AlignedBuffer] = []
        for _ in 0..<optimizer.stateCount { states.append(try AlignedBuffer(count: store.denseCount)) }
        self.states = states
        if averaged {
            let buffer = try AlignedBuffer(count: store.denseCount)
            buffer.base.update(from: store.dense, count: store.denseCount)
            average = buffer
        } else {
            average = nil
        }
        runs = ranges.map { Self.runs(in: $0, store) }
        var sources: [UnsafeMutablePointer<UnsafePointer<Float>?>] = []
        for range in ranges {
            let list = UnsafeMutablePointer<UnsafePointer<Float>?>.allocate(capacity: workers)
            for worker in 0..<workers {
                (list + worker).initialize(to: UnsafePointer(gradients[worker] + range.lowerBound))
            }
            sources.append(list)
        }
        self.sources = sources
    }

    deinit {
        for list in sources { list.deallocate() }
    }

    private static func runs(in range: Range<Int>, _ store: ParameterStore) -> [Run] {
        store.parameters.compactMap { parameter in
            let options = store.options(parameter)
            let part = range.clamped(to: parameter.offset..<parameter.offset + parameter.count)
            return part.isEmpty || options.frozen
                ? nil : Run(start: part.lowerBound, count: part.count, options: options)
        }
    }

    /// Sums the thread's range over the workers, in their order, into worker 0's gradients; returns Σ g².
    func reduce(_ thread: Int) -> Double {
        let range = ranges[thread]
        guard !range.isEmpty else { return 0 }
        return ck_reduce(gradients[0] + range.lowerBound, sources[thread], gradients.count, range.count)
    }

    /// Updates the weights of the thread's range.
    func update(_ thread: Int, rate: Float, scale: Float, step: Int, averageDecay: Float) {
        let runs = runs[thread]
        for index in runs.indices {
            let run = runs[index]
            let update = UpdateStep(
                rate: rate * run.options.learningRateMultiplier, gradientScale: scale,
                decays: run.options.weightDecay, number: step + 1)
            optimizer.update(
                store.dense + run.start, gradient: gradients[0] + run.start,
                first: states.isEmpty ? nil : states[0].base + run.start,
                second: states.count < 2 ? nil : states[1].base + run.start, count: run.count, step: update)
            if let average { ck_average(average.base + run.start, store.dense + run.start, run.count, averageDecay) }
        }
    }

    /// The first dense tensor with a gradient that is not finite.
    func firstNonFinite() -> String? {
        store.parameters.first {
            ck_first_non_finite(gradients[0] + $0.offset, $0.count, 1, $0.count) >= 0
        }?.name
    }
}
