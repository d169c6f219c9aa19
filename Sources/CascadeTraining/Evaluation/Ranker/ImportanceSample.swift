import CascadeCore
import CascadeFeatures
import CascadeModels

/// Impressions of some users, whose features can be exchanged before they are scored.
///
/// Nothing here knows what a model is: entities are exchanged as they are encoded. Each impression is given an item of its
/// own behind the catalog, so that what is changed of it changes no past.
struct ImportanceSample: Sendable {
    private let data: EvaluationData
    private let contexts: [ScoredImpressions.Contexts]
    /// [contexts] rows of the sample.
    private let rowsOf: [Range<Int>]
    /// [rows] rows of the log.
    private let rows: [Int]
    /// [contexts] rows of `users`.
    private let userRow: [Int]
    /// The encoded users of the sample.
    private let users: EncodedEntities
    private let items: EncodedEntities
    /// [rows × columns].
    private let counters: [Float]
    private let random: SeededRandom

    private var columns: Int { data.bundle.map.counterLayout.columns }

    /// Those among them that tell times.
    private var timeColumns: Range<Int> {
        let layout = data.bundle.map.counterLayout
        return layout.timeOffset..<layout.timeOffset + layout.timeColumns
    }

    /// Which values the rows are scored with.
    private struct Exchange: Sendable {
        var users: EncodedEntities
        var items: LaterItems
        /// [contexts] whose past is read, as long ago as it was.
        var pasts: [Int]
        /// [contexts] in whose moment they are asked.
        var moments: [Int]
        /// [rows] whose counters are read.
        var counters: [Int]
        /// [rows] whose times are read.
        var times: [Int]
    }

    init(_ data: EvaluationData, history: HistoryMode, options: ImportanceOptions) {
        self.data = data
        let drawn = shuffled(data.users.indices.map { Int32($0) }, seed: options.seed)
        var contexts: [ScoredImpressions.Contexts] = []
        var rowsOf: [Range<Int>] = []
        var rows: [Int] = []
        var users: [Int] = []
        var userRow: [Int] = []
        for user in drawn where rows.count < options.rows {
            let own = ScoredImpressions.Contexts.of(Int(user), data, history)
            if !own.isEmpty { users.append(Int(user)) }
            for context in own {
                contexts.append(context)
                rowsOf.append(rows.count..<(rows.count + context.rows.count))
                rows += context.rows
                userRow.append(users.count - 1)
            }
        }
        self.contexts = contexts
        self.rowsOf = rowsOf
        self.rows = rows
        self.userRow = userRow
        self.users = data.bundle.rankerUsers.encode(users.map { data.users[$0] })
        items = data.bundle.map.ranker.encode(data.bundle.rows, vectors: data.bundle.vectors).items
        random = SeededRandom(seed: options.seed)
        counters = Self.counters(data, contexts)
    }

    private static func counters(_ data: EvaluationData, _ contexts: [ScoredImpressions.Contexts]) -> [Float] {
        let columns = data.bundle.map.counterLayout.columns
        guard columns > 0 else { return [] }
        var result: [Float] = []
        var values = [Float](repeating: 0, count: columns)
        for context in contexts {
            data.log.withHistory(user: context.user, end: context.historyEnd) { history in
                let past = data.bundle.counters.past(history)
                for row in context.rows {
                    values.withUnsafeMutableBufferPointer { output in
                        guard let base = output.baseAddress else { return }
                        data.writeCounters(
                            past, user: context.user, item: data.log.item[row], at: data.moment(of: row),
                            rolling: context.isRolling ? row : nil, into: base)
                    }
                    result += values
                }
            }
        }
        return result
    }

    /// Scores the sample with true values, then with each feature permuted.
    func importance() throws -> FeatureImportance {
        var random = random
        let catalogRows = rows.map { Int(data.log.item[$0]) }
        let towers = data.bundle.retrievalItems
        let met = towers.gathered(catalogRows)
        let plain = LaterItems(bundle: data.bundle, ranker: items.gathered(catalogRows), towers: met)
        let whole = Exchange(
            users: users, items: plain, pasts: Array(contexts.indices), moments: Array(contexts.indices),
            counters: Array(rows.indices), times: Array(rows.indices))
        let truth = try score(whole)
        var permuted: [(feature: String, scores: [Float])] = []
        for feature in EntityFeature.all(of: users.layout) {
            let donors = permutation(users.count, &random)
            var exchange = whole
            exchange.users = users.gathered(Array(0..<users.count), taking: feature, from: donors)
            permuted.append((feature.name, try score(exchange)))
        }
        for feature in EntityFeature.all(of: items.layout) {
            let donors = permutation(rows.count, &random).map { catalogRows[$0] }
            var exchange = whole
            exchange.items = LaterItems(
                bundle: data.bundle, ranker: items.gathered(catalogRows, taking: feature, from: donors), towers: met)
            permuted.append((feature.name, try score(exchange)))
        }
        var other = whole
        other.pasts = permutation(contexts.count, &random)
        permuted.append(("history", try score(other)))
        if columns > 0 {
            other = whole
            other.counters = permutation(rows.count, &random)
            permuted.append(("counters", try score(other)))
        }
        if data.bundle.ranker?.readsTowers == true {
            let donors = permutation(rows.count, &random).map { catalogRows[$0] }
            other = whole
            other.items = LaterItems(
                bundle: data.bundle, ranker: items.gathered(catalogRows), towers: towers.gathered(donors))
            permuted.append(("towers", try score(other)))
        }
        if timeColumns.count > 0 {
            // With times each context has one row, so that both exchange the same moments.
            other = whole
            other.moments = permutation(contexts.count, &random)
            other.times = other.moments
            permuted.append(("times", try score(other)))
        }
        return FeatureImportance(
            rows: rows.count, users: users.count,
            heads: data.bundle.map.heads.indices.compactMap { head($0, truth, permuted) })
    }

    private func permutation(_ count: Int, _ random: inout SeededRandom) -> [Int] {
        shuffled((0..<count).map { Int32($0) }, seed: random.next()).map { Int($0) }
    }

    private func score(_ exchange: Exchange) throws -> [Float] {
        guard let ranker = data.bundle.ranker else { return [] }
        let firstRow = data.bundle.rows.items.count
        let columns = columns
        return try parallelMap(contexts.count) { index -> [Float] in
            let past = contexts[exchange.pasts[index]]
            let moment = moment(exchange.moments[index])
            let since = moment.microseconds - self.moment(exchange.pasts[index]).microseconds
            let context = try data.log.withHistory(user: past.user, end: past.historyEnd) { history in
                try history.lend(later: since) {
                    try ranker.context(
                        users: exchange.users, row: userRow[index], history: $0, at: moment,
                        tower: try data.bundle.tower(of: data.users[contexts[index].user], history: $0))
                }
            }
            let probabilities = try ranker.probabilities(
                context: context, items: rowsOf[index].map { Int32(firstRow + $0) }, later: exchange.items,
                columns: columns,
                counters: { item, output in
                    let place = Int(item) - firstRow
                    for column in 0..<columns {
                        let row = (timeColumns.contains(column) ? exchange.times : exchange.counters)[place]
                        output[column] = counters[row * columns + column]
                    }
                }, check: {})
            return data.bundle.served(probabilities)
        }.flatMap { $0 }
    }

    /// When a context is asked; see `ScoredImpressions.Contexts`.
    private func moment(_ context: Int) -> Timestamp { data.moment(of: contexts[context].rows[0]) }

    /// Nil where the sample lacks one of the outcomes.
    private func head(
        _ head: Int, _ truth: [Float], _ permuted: [(feature: String, scores: [Float])]
    ) -> FeatureImportance.Head? {
        let heads = data.bundle.map.outputs
        let bit = UInt32(1) << UInt32(head)
        let recorded = rows.indices.filter { data.log.observed[rows[$0]] & bit != 0 }
        let labels = recorded.map { data.log.positives[rows[$0]] & bit != 0 }
        func figures(_ scores: [Float]) -> (auc: Double, logLoss: Double)? {
            let own = recorded.map { scores[$0 * heads.count + head] }
            guard let auc = RankingMetrics.auc(scores: own, labels: labels),
                let loss = RankingMetrics.logLoss(scores: own, labels: labels)
            else { return nil }
            return (auc, loss)
        }
        guard let whole = figures(truth) else { return nil }
        let losses = permuted.compactMap { feature, scores in
            figures(scores).map {
                FeatureImportance.Loss(
                    feature: feature, auc: whole.auc - $0.auc, logLoss: $0.logLoss - whole.logLoss)
            }
        }
        return FeatureImportance.Head(
            head: heads[head], rows: recorded.count, auc: whole.auc, logLoss: whole.logLoss,
            losses: losses.sorted { ($0.logLoss, $1.feature) > ($1.logLoss, $0.feature) })
    }
}

extension HistorySlice {
    /// Lends the same past so many microseconds later.
    fileprivate func lend<Result>(
        later microseconds: Int64, _ body: (HistorySlice) throws -> Result
    ) rethrows -> Result {
        guard microseconds != 0 else { return try body(self) }
        return try HistorySlice.lend(
            items: Array(UnsafeBufferPointer(start: items, count: count)),
            codes: Array(UnsafeBufferPointer(start: codes, count: count)),
            times: UnsafeBufferPointer(start: times, count: count).map { $0 + microseconds }, body)
    }
}
