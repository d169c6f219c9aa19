package import CascadeModels
package import CascadeNN

/// The rankers of a release, one a seed.
package struct TrainedRankers {
    package let members: [RankerEnsemble.Member]
    /// Rows and seconds of all together, the loss of the last.
    package let summary: TrainingSummary
}

extension RankerTrainer {
    /// How far the seeds of members lie apart, so that none is that of another's teacher.
    private static let stride: UInt64 = 1000

    /// Trains `ranker.seeds` rankers on the same data, one after another; the first is the one that `train` gives.
    ///
    /// - Parameter initial: puts the weights that a member, from 0, goes on from into its store.
    package func trainAll(
        _ data: TrainingData, progress: ProgressHandler? = nil,
        initial: ((Int, ParameterStore) throws -> Void)? = nil, checkpoints: TrainingCheckpoints? = nil
    ) throws -> TrainedRankers {
        var members: [RankerEnsemble.Member] = []
        var summaries: [TrainingSummary] = []
        for number in 0..<settings.seeds {
            let trainer = RankerTrainer(
                settings: settings, seed: seed &+ UInt64(number) * Self.stride, workers: workers)
            let name = number == 0 ? "ranker" : "ranker \(number + 1)"
            let trained = try trainer.train(
                data, name: name, progress: progress, initial: initial.map { put in { try put(number, $0) } },
                checkpoints: checkpoints)
            members.append((trained.model, trained.store))
            summaries.append(trained.summary)
        }
        let rows = summaries.reduce(0) { $0 + $1.rows }
        let seconds = summaries.reduce(0) { $0 + $1.seconds }
        return TrainedRankers(
            members: members,
            summary: TrainingSummary(
                loss: summaries.last?.loss ?? 0, rows: rows, rowsPerSecond: seconds > 0 ? Double(rows) / seconds : 0,
                seconds: seconds))
    }
}
