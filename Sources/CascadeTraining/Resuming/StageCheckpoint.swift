import CascadeCore
import CascadeNN
import Foundation

/// How far the training of one model is, kept in a folder of its own; see `TrainingCheckpoints`.
package struct StageCheckpoint {
    private let run: TrainingCheckpoints
    private let folder: URL

    private enum Name {
        static let weights = "weights.safetensors"
        static let state = "state.safetensors"
        static let memory = "memory.columns"
        /// The folder of a model that is trained.
        static let finished = "finished"
        /// Before the number of steps in the name of the folder of one that is not.
        static let steps = "step-"
        static let loss = "loss"
    }

    init(_ run: TrainingCheckpoints, folder: URL) {
        self.run = run
        self.folder = folder
    }

    /// The last loss of a model that a former run finished, whose weights `store` has then; nil where it did not.
    func restore(_ store: ParameterStore) -> Float? {
        let path = folder.appendingPathComponent(Name.finished).appendingPathComponent(Name.weights).path
        guard let file = try? Checkpoint(path: path), let loss = file.metadata[Name.loss].flatMap(Float.init),
            (try? store.load(file)) != nil
        else { return nil }
        return loss
    }

    /// How far a former run came with a model.
    struct Kept {
        /// Steps done; 0 where nothing that is whole was kept.
        var steps = 0
        /// Of the last of them.
        var loss: Float = 0
        /// What the trainer remembered.
        var memory: [Float] = []
    }

    /// How far a former run came with the model, whose weights `store` and whose state `engine` have then.
    ///
    /// - Throws: `NNError.checkpoint` where weights and state are of different models.
    func restore<Built>(_ store: ParameterStore, _ engine: TrainingEngine<Built>) throws -> Kept {
        for (steps, path) in kept {
            let weights = path.appendingPathComponent(Name.weights).path
            // Each file is checked whole before anything of it is taken.
            guard (try? Checkpoint(path: weights)) != nil,
                let memory = try? Self.memory(path.appendingPathComponent(Name.memory).path),
                (try? engine.loadState(from: path.appendingPathComponent(Name.state).path)) != nil
            else { continue }
            try store.load(from: weights)
            return Kept(steps: steps, loss: memory.loss, memory: memory.values)
        }
        return Kept()
    }

    private static func memory(_ path: String) throws -> (loss: Float, values: [Float]) {
        var loss: Float = 0
        var file = try ColumnFileReader(path, header: &loss)
        return (loss, Array(try file.column(Float.self)))
    }

    /// Keeps weights and state behind a step, where it is time to.
    ///
    /// - Parameters:
    ///   - steps: done so far.
    ///   - loss: of the last.
    ///   - memory: what the trainer remembers from one step to another.
    func keep<Built>(
        _ store: ParameterStore, _ engine: TrainingEngine<Built>, steps: Int, loss: Float,
        memory: @autoclosure () -> [Float] = []
    ) throws {
        guard run.isDue() else { return }
        try write(Name.steps + String(steps)) { part in
            try store.save(to: part.appendingPathComponent(Name.weights).path)
            try engine.saveState(to: part.appendingPathComponent(Name.state).path)
            let file = try ColumnFileWriter(part.appendingPathComponent(Name.memory).path, header: loss)
            try file.column(Column(memory()))
            try file.close()
        }
    }

    /// Keeps the weights of the model, which is trained, where the run keeps anything.
    func finish(_ store: ParameterStore, loss: Float) throws {
        guard run.isKept || run.isDue() else { return }
        try write(Name.finished) { part in
            try store.save(
                to: part.appendingPathComponent(Name.weights).path, metadata: [Name.loss: String(loss)])
        }
    }

    /// Writes a folder whole, then removes the others.
    private func write(_ name: String, _ body: (URL) throws -> Void) throws {
        try run.begin()
        let files = FileManager.default
        let final = folder.appendingPathComponent(name, isDirectory: true)
        let part = folder.appendingPathComponent(".part", isDirectory: true)
        try? files.removeItem(at: part)
        try files.createDirectory(at: part, withIntermediateDirectories: true)
        try body(part)
        try? files.removeItem(at: final)
        try files.moveItem(at: part, to: final)
        for other in try files.contentsOfDirectory(atPath: folder.path) where other != name {
            try? files.removeItem(at: folder.appendingPathComponent(other))
        }
    }

    /// The folders of unfinished training, furthest first.
    private var kept: [(steps: Int, path: URL)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix(Name.steps), let steps = Int(name.dropFirst(Name.steps.count)) else { return nil }
            return (steps, folder.appendingPathComponent(name, isDirectory: true))
        }
        .sorted { $0.steps > $1.steps }
    }
}
