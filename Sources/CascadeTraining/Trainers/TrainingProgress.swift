/// What a trainer says while it works.
package struct TrainingProgress: Sendable {
    package let model: String
    package let epoch: Int
    package let epochs: Int
    package let step: Int
    package let steps: Int
    /// Mean loss since the last report.
    package let loss: Float
    package let rowsPerSecond: Double
}

/// Receives progress, from the thread that trains.
package typealias ProgressHandler = @Sendable (TrainingProgress) -> Void

/// Counts steps and time and reports about every second.
struct ProgressMeter {
    let model: String
    let epochs: Int
    let stepsPerEpoch: Int
    let handler: ProgressHandler?
    private let clock = ContinuousClock()
    private var start: ContinuousClock.Instant
    private var lastReport: ContinuousClock.Instant
    private var rows = 0
    private var step = 0
    private var lossSum: Float = 0
    private var lossSteps = 0

    init(model: String, epochs: Int, stepsPerEpoch: Int, handler: ProgressHandler?) {
        self.model = model
        self.epochs = epochs
        self.stepsPerEpoch = stepsPerEpoch
        self.handler = handler
        start = clock.now
        lastReport = start
    }

    /// Rows so far, over all epochs.
    var totalRows: Int { rows }

    /// Rows a second since the start.
    var rate: Double {
        let seconds = (clock.now - start) / .seconds(1)
        return seconds > 0 ? Double(rows) / seconds : 0
    }

    /// Counts steps that a former run did.
    mutating func skip(steps: Int) { step += steps }

    mutating func add(rows count: Int, loss: Float) {
        rows += count
        step += 1
        lossSum += loss
        lossSteps += 1
        let now = clock.now
        let last = step == epochs * stepsPerEpoch
        guard let handler, last || now - lastReport > .seconds(1) else { return }
        handler(
            TrainingProgress(
                model: model, epoch: min(epochs, (step - 1) / max(1, stepsPerEpoch) + 1), epochs: epochs, step: step,
                steps: epochs * stepsPerEpoch, loss: lossSum / Float(lossSteps), rowsPerSecond: rate))
        lastReport = now
        lossSum = 0
        lossSteps = 0
    }
}

/// What a trained model leaves behind beside its weights.
package struct TrainingSummary: Sendable {
    package let loss: Float
    package let rows: Int
    package let rowsPerSecond: Double
    package let seconds: Double
}

extension TrainingSummary {
    /// Of a model that a former run had finished.
    init(kept loss: Float) { self.init(loss: loss, rows: 0, rowsPerSecond: 0, seconds: 0) }
}
