/// How the examples of an epoch are cut into steps, and a step among workers.
struct StepSizes {
    /// Examples of a step.
    let batch: Int
    /// Examples of a worker's part of a step, at most.
    let shard: Int
    /// Targets of a step, about.
    let targets: Int
    /// Steps of an epoch.
    let steps: Int
    private let workers: Int

    /// - Parameters:
    ///   - examples: of an epoch.
    ///   - targets: of all examples.
    ///   - wanted: targets of a step.
    init(examples: Int, targets: Int, wanted: Int, workers: Int) {
        self.workers = workers
        batch = min(max(workers, wanted * examples / max(1, targets)), max(workers, examples))
        shard = (batch + workers - 1) / workers
        self.targets = max(1, batch * targets / max(1, examples))
        steps = max(1, examples / batch)
    }

    /// Targets of a worker's part of a step, about.
    var targetsOfWorker: Int { (targets + workers - 1) / workers }

    /// The examples of a step, in the order of an epoch.
    func examples(of step: Int, _ order: [Int32]) -> ArraySlice<Int32> {
        order[(step * batch)..<min(order.count, (step + 1) * batch)]
    }

    /// The part of a step that a worker takes.
    func part(_ rows: ArraySlice<Int32>, worker: Int) -> ArraySlice<Int32> {
        let share = (rows.count + workers - 1) / workers
        let start = min(rows.endIndex, rows.startIndex + worker * share)
        return rows[start..<min(rows.endIndex, start + share)]
    }
}
