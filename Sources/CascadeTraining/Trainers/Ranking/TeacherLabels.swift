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
    private var sums: Column<Float>
    /// Rows that are scored at a time.
    private static let chunk = 512
    /// Rows whose scores are in memory at a time.
    private static let stretch = 200 * chunk

    /// - Parameter teachers: how many will be added.
    init(_ data: TrainingData, teachers: Int) {
        heads = data.map.heads.count
        count = Float(max(1, teachers))
        sums = Column(repeating: 0, count: data.log.count * heads, at: data.log.place)
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
        for start in stride(from: 0, to: rows.count, by: Self.stretch) {
            let stretch = rows[start..<min(rows.count, start + Self.stretch)]
            let logits = try parallelMap((stretch.count + Self.chunk - 1) / Self.chunk, piece: 4) { piece in
                try workspaces.lend { plan, graph in
                    for row in stretch.dropFirst(piece * Self.chunk).prefix(Self.chunk) {
                        graph.add(row: Int(row), historyEnd: Int(data.historyEnd[Int(row)]), inPeriod: true)
                    }
                    try graph.load(plan)
                    try plan.forward()
                    return plan.values(of: graph.logits)
                }
            }
            add(logits.joined(), to: stretch)
        }
    }

    /// Adds the probabilities of [rows × heads] logits.
    private mutating func add(_ logits: some Sequence<Float>, to rows: ArraySlice<Int32>) {
        for (index, logit) in logits.enumerated() {
            let place = Int(rows[rows.startIndex + index / heads]) * heads + index % heads
            sums[place] += 1 / (1 + exp(-logit))
        }
    }

    /// The mean probability of a head for a row of the log.
    func probability(row: Int, head: Int) -> Float { sums[row * heads + head] / count }
}
