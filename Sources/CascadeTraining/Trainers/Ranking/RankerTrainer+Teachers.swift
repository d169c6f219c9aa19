import CascadeModels

extension RankerTrainer {
    /// Trains the teachers of the settings on the same data, one after another, and asks each for `rows`; nil without any.
    func teach(
        _ data: TrainingData, rows: [Int32], progress: ProgressHandler?, checkpoints: TrainingCheckpoints?
    ) throws -> TeacherLabels? {
        guard settings.teachers > 0 else { return nil }
        var alone = settings
        alone.teachers = 0
        var labels = TeacherLabels(data, teachers: settings.teachers)
        for number in 1...settings.teachers {
            let trainer = RankerTrainer(settings: alone, seed: seed &+ UInt64(number), workers: workers)
            let teacher = try trainer.train(
                data, name: "ranker teacher \(number)", progress: progress, checkpoints: checkpoints)
            try labels.add(teacher.model, teacher.store, data, rows: rows)
        }
        return labels
    }
}
