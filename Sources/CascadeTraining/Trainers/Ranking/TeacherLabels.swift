import CascadeCore
import CascadeFeatures
import CascadeModels
import CascadeNN
import Foundation

/// What teachers foretell of the rows of a log: the mean of their probabilities. Their values teach nothing.
struct TeacherLabels: Sendable {
    private let heads: Int
    private let count: Float
    /// [rows of the log × heads]; zeros where the rows were not asked for.
    private var sums: [Float]
    /// Rows that are scored at a time.
    private static let chunk = 512

    /// - Parameter teachers: how many will be added.
    init(_ data: TrainingData, teachers: Int) {
        heads = data.map.heads.count
        count = Float(max(1, teachers))
        sums = [Float](repeating: 0, count: data.log.count * heads)
    }

    /// Adds the probabilities of one teacher for training rows.
    ///
    /// Blocks the calling thread: not for the cooperative pool.
    mutating func add(_ model: RankingModel, _ store: ParameterStore, _ data: TrainingData, rows: [Int32]) throws {
        let workspaces = WorkspacePool { () throws -> (plan: Plan, graph: RankerGraph) in
            let plan = Plan(store: store, mode: .inference)
            let graph = RankerGraph(plan, model: model, data: data, capacity: Self.chunk)
            try plan.seal()
            return (plan, graph)
        }
        let pieces = (rows.count + Self.chunk - 1) / Self.chunk
        let logits = try parallelMap(pieces, piece: 4) { piece in
            try workspaces.lend { plan, graph in
                for row in rows[(piece * Self.chunk)..<min(rows.count, (piece + 1) * Self.chunk)] {
                    graph.add(row: Int(row), historyEnd: Int(data.historyEnd[Int(row)]), inPeriod: true)
                }
                try graph.load(plan)
                try plan.forward()
                return plan.values(of: graph.logits)
            }
        }
        for (row, logit) in zip(rows.flatMap { row in (0..<heads).map { Int(row) * heads + $0 } }, logits.joined()) {
            sums[row] += 1 / (1 + exp(-logit))
        }
    }

    /// The mean probability of a head for a row of the log.
    func probability(row: Int, head: Int) -> Float { sums[row * heads + head] / count }
}
