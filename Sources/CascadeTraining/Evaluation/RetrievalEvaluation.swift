package import CascadeCore
import CascadeFeatures
import CascadeModels

/// How well one way to retrieve finds the targets, averaged over users.
package struct RetrievalMetrics: Sendable, Codable, Equatable {
    package let name: String
    /// Recall at each of `RetrievalEvaluation.cutoffs`: the share of a user's targets among the first k.
    package let recall: [Double]
    /// NDCG at each of `RetrievalEvaluation.gainCutoffs`: Σ over targets among the first k of 1 / log₂(rank + 1), over what
    /// the best order would give.
    package let ndcg: [Double]
    /// Half the width of the 95 % confidence interval of each recall, then of each NDCG: 1.96 standard errors of the mean
    /// over users.
    package let margins: [Double]
    /// How the first `RetrievalEvaluation.listed` items of every user are spread over the catalog.
    package let popularity: PopularityReport
    /// How many of a user's planted interests the lists reach; nil where none are known.
    package let planted: PlantedReach?
}

/// Measures candidate generation: of the items a user gave a signal to in the period and had not been shown before, how many
/// are among the first k of all items that had not been shown to the user before. Pasts are frozen.
package struct RetrievalEvaluation: Sendable {
    package static let cutoffs = [10, 20, 50, 100, 500, 1000]
    package static let gainCutoffs = [10, 20]
    /// Items of a user's list that count for the popularity report.
    package static let listed = 20
    /// Users that a member scores at a time at most, and the scores that they may take.
    private static let blockUsers = 64
    private static let blockScores = 1 << 22

    /// The feedback whose items are to be found.
    package let signal: String
    package let users: Int
    package let targets: Int
    package let results: [RetrievalMetrics]
    /// Baselines of `all` that cannot be had of this catalog, each with the reason.
    package let omitted: [String]
    /// Nil for a release without interests.
    package let intent: IntentReport?
    /// Slates of the ranker over candidates of each source; empty where nothing is ranked.
    package let slates: [SlateMetrics]

    /// Evaluates the model, exactly searched, beside baselines.
    ///
    /// - Parameters:
    ///   - log: the interactions as they were read.
    ///   - signal: number of the feedback among the map's history signals.
    ///   - planted: the interests of a generated world, which lists are held against.
    ///   - candidates: how many of each source are ranked for the slates; nil ranks none.
    package init(
        _ data: EvaluationData, log: InteractionLog, signal: Int, baselines: [Baseline],
        planted: PlantedInterests? = nil, candidates: Int? = nil, wanted: ((Item) -> Bool)? = nil,
        of measured: MeasuredUsers = .all
    ) throws {
        let tasks = RetrievalTask.all(data, signal: signal, wanted: wanted, of: measured)
        guard measured == .all || !tasks.isEmpty else { throw TrainingError.noUsers(measured) }
        let truth = tasks.isEmpty ? nil : try planted.map { try PlantedRows($0, tasks, data) }
        let name = data.bundle.map.historySignals[signal]
        self.signal = name
        users = tasks.count
        targets = tasks.reduce(0) { $0 + $1.targets.count }
        let popularity = PastItems.counts(data, signal: signal)
        let towers = try TwoTowerRecommender(data)
        let interests = try data.bundle.interests.map { try InterestRecommender(data, $0) }
        var results = [try Self.measure(towers, tasks, popularity, truth)]
        if let interests { results.append(try Self.measure(interests, tasks, popularity, truth)) }
        intent = try interests.map { try IntentReport($0, tasks) }
        slates =
            try candidates.map {
                try SlateEvaluation.run(
                    data, tasks, towers: towers, interests: interests, signal: name, candidates: $0)
            } ?? []
        omitted = try BaselineFitting(data: data, log: log, signal: signal, popularity: popularity).each(baselines) {
            results.append(try Self.measure($0, tasks, popularity, truth))
        }
        self.results = results
    }

    /// What `body` makes of each task's targets among the items that the user had not been shown, and of the scores of all items;
    /// in the order of tasks.
    ///
    /// - Parameter items: of the catalog.
    static func eachUser<Result: Sendable>(
        _ tasks: [RetrievalTask], of member: any CandidateRecommender, items: Int,
        _ body: @escaping @Sendable (RetrievalRanks, [Float]) -> Result
    ) throws -> [Result] {
        let block = max(1, min(blockUsers, blockScores / max(1, items)))
        return try parallelMap((tasks.count + block - 1) / block, piece: 1) { index in
            let part = tasks[(index * block)..<min(tasks.count, (index + 1) * block)]
            return zip(part, try member.scores(for: part)).map { task, scores in
                var scores = scores
                for item in task.shown { scores[Int(item)] = -.infinity }
                return body(RetrievalRanks(scores: scores, targets: task.targets), scores)
            }
        }.flatMap(\.self)
    }

    private static func measure(
        _ member: any CandidateRecommender, _ tasks: [RetrievalTask], _ popularity: [Float], _ truth: PlantedRows?
    ) throws -> RetrievalMetrics {
        let length = max(listed, truth == nil ? 0 : PlantedReach.cutoffs.max() ?? 0)
        let perUser = try eachUser(tasks, of: member, items: popularity.count) {
            ranks, scores -> (figures: [Double], first: [Int32]) in
            let figures = cutoffs.map { ranks.recall(at: $0) } + gainCutoffs.map { ranks.ndcg(at: $0) }
            return (figures, RetrievalRanks.first(length, of: scores))
        }
        let zeros = [Double](repeating: 0, count: cutoffs.count + gainCutoffs.count)
        let count = Double(max(1, tasks.count))
        let means = perUser.reduce(zeros) { zip($0, $1.figures).map(+) }.map { $0 / count }
        let squares = perUser.reduce(zeros) { sums, user in
            zip(sums, zip(user.figures, means)).map { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        var recommended = [Int](repeating: 0, count: popularity.count)
        for user in perUser { for item in user.first.prefix(listed) { recommended[Int(item)] += 1 } }
        return RetrievalMetrics(
            name: member.name, recall: Array(means.prefix(cutoffs.count)), ndcg: Array(means.suffix(gainCutoffs.count)),
            margins: squares.map { 1.96 * ($0 / max(1, count - 1) / count).squareRoot() },
            popularity: PopularityReport(recommended: recommended, popularity: popularity, norms: member.norms),
            planted: truth.map {
                PlantedReach(lists: perUser.map(\.first), interests: $0.tasks, items: $0.items)
            })
    }
}

/// One user of a retrieval evaluation.
package struct RetrievalTask: Sendable {
    let user: Int
    /// The row where the past ends.
    let historyEnd: Int
    /// Distinct items that were shown or acted on before.
    let shown: [Int32]
    /// Distinct items to be found.
    let targets: [Int32]

    /// - Parameter wanted: which items are to be found; nil: all.
    static func all(
        _ data: EvaluationData, signal: Int, wanted: ((Item) -> Bool)? = nil, of measured: MeasuredUsers = .all
    ) -> [RetrievalTask] {
        let bit = UInt8(1) << UInt8(signal)
        let isWanted = wanted.map { data.bundle.rows.items.map($0) }
        return data.users.indices.compactMap { user in
            let rows = data.evaluatedRows(of: user)
            let past = Int(data.log.userStart[user])..<rows.lowerBound
            guard measured.takes(past: past.count) else { return nil }
            let shown = Set(past.map { data.log.item[$0] })
            let targets = Set(rows.filter { data.log.code[$0] & bit != 0 }.map { data.log.item[$0] })
                .subtracting(shown).filter { isWanted?[Int($0)] ?? true }
            guard !targets.isEmpty else { return nil }
            return RetrievalTask(
                user: user, historyEnd: rows.lowerBound, shown: shown.sorted(), targets: targets.sorted())
        }
    }
}

/// A way to score all items of the catalog for a user; the baselines and the model are members.
package protocol CandidateRecommender: Sendable {
    var name: String { get }
    /// [items] lengths of the items' embeddings; nil for what has none.
    var norms: [Float]? { get }
    /// [items] scores, higher is better.
    func scores(for task: RetrievalTask) throws -> [Float]
    /// The same for several users at a time, which products of matrices make faster.
    func scores(for tasks: ArraySlice<RetrievalTask>) throws -> [[Float]]
}

extension CandidateRecommender {
    package var norms: [Float]? { nil }
    package func scores(for tasks: ArraySlice<RetrievalTask>) throws -> [[Float]] {
        try tasks.map { try scores(for: $0) }
    }
}
