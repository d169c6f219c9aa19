import CascadeCore
import CascadeFeatures
import CascadeModels

/// The impressions of a period with what a ranker makes of them, user by user.
package struct ScoredImpressions: Sendable {
    package let heads: [String]
    /// Value heads, whose columns lie behind those of the heads.
    let valueHeads: [ValueHead]
    /// [rows] row of the user.
    package private(set) var user: [Int32] = []
    /// [rows] row of the item.
    package private(set) var item: [Int32] = []
    /// [rows] microseconds since 1970.
    private var time: [Int64] = []
    /// [rows] bit k: head k was recorded.
    package private(set) var observed: [UInt32] = []
    /// [rows] bit k: head k was given.
    package private(set) var positives: [UInt32] = []
    /// One a value head, each [rows]: the value that happened, NaN where none is known.
    private var values: [[Float]] = []
    /// [rows × (heads + value heads)] the probabilities of the ranker itself, and its values.
    package private(set) var raw: [Float] = []
    /// The same with probabilities as they are served; those of the ranker where nothing is calibrated.
    package private(set) var served: [Float] = []

    package var count: Int { user.count }
    private var columns: Int { heads.count + valueHeads.count }

    /// Scores through the very path that serves requests; nothing without a ranker.
    package init(_ data: EvaluationData, history: HistoryMode) throws {
        heads = data.bundle.map.heads
        valueHeads = data.bundle.map.valueHeads
        values = valueHeads.map { _ in [] }
        guard data.bundle.ranker != nil else { return }
        let parts = try parallelMap(data.users.count) { user in
            try Contexts.of(user, data, history).map { context in
                (context.rows, try context.probabilities(data))
            }
        }
        for (rows, probabilities) in parts.joined() {
            for row in rows {
                user.append(data.log.user[row])
                item.append(data.log.item[row])
                time.append(data.log.time[row])
                observed.append(data.log.observed[row])
                positives.append(data.log.positives[row])
                for head in values.indices { values[head].append(data.log.values[head][row]) }
            }
            raw += probabilities
        }
        served = data.bundle.served(raw)
    }

    /// The rows on which a head was recorded.
    ///
    /// - Parameter isRaw: with the probabilities of the ranker itself, before they are calibrated.
    package func rows(of head: Int, isRaw: Bool = false) -> HeadRows {
        let bit = UInt32(1) << UInt32(head)
        var result = HeadRows()
        for row in 0..<count where observed[row] & bit != 0 {
            result.scores.append((isRaw ? raw : served)[row * columns + head])
            result.labels.append(positives[row] & bit != 0)
            result.users.append(user[row])
            result.places.append(Int32(row))
        }
        return result
    }

    /// The rows on which the value of a value head is known.
    package func rows(ofValue head: Int) -> ValueRows {
        var result = ValueRows()
        for row in 0..<count where !values[head][row].isNaN {
            result.scores.append(served[row * columns + heads.count + head])
            result.values.append(values[head][row])
            result.users.append(user[row])
        }
        return result
    }

    /// Gives each row of each head, and then of each value head, to `body`.
    ///
    /// - Parameters:
    ///   - users: what the rows of users are of.
    ///   - items: what the rows of items are of. Experiments keep impressions, so catalogs are not kept with them.
    func forEachPrediction(users: [User], items: [Item], _ body: (Prediction) throws -> Void) rethrows {
        func prediction(_ row: Int, _ head: String, _ column: Int, _ outcome: Float) -> Prediction {
            Prediction(
                user: users[Int(user[row])].id, item: items[Int(item[row])].id,
                time: Timestamp(microseconds: time[row]), head: head, outcome: outcome,
                served: served[row * columns + column], raw: raw[row * columns + column])
        }
        for (head, name) in heads.enumerated() {
            let bit = UInt32(1) << UInt32(head)
            for row in 0..<count where observed[row] & bit != 0 {
                try body(prediction(row, name, head, positives[row] & bit == 0 ? 0 : 1))
            }
        }
        for (place, head) in valueHeads.enumerated() {
            for row in 0..<count where !values[place][row].isNaN {
                try body(prediction(row, head.name, heads.count + place, values[place][row]))
            }
        }
    }

    /// The impressions of a user that see the same past at the same moment; the moment is nothing to a ranker that reads
    /// no times.
    struct Contexts: Sendable {
        let user: Int
        /// The first row that is not in the past.
        let historyEnd: Int
        /// Rows of the log.
        let rows: [Int]
        /// Whether they see what was counted up to the one row, rather than up to where the period begins.
        let isRolling: Bool

        /// Of one user in the evaluated period; one where pasts are frozen and no times are read.
        static func of(_ user: Int, _ data: EvaluationData, _ history: HistoryMode) -> [Contexts] {
            let rows = data.evaluatedRows(of: user).filter(data.log.isTold)
            guard !rows.isEmpty else { return [] }
            switch history {
            case .frozen:
                let end = data.evaluatedRows(of: user).lowerBound
                let groups = data.bundle.map.ranker.times == nil ? [rows] : rows.map { [$0] }
                return groups.map { Contexts(user: user, historyEnd: end, rows: $0, isRolling: false) }
            case .rolling:
                return rows.map {
                    Contexts(user: user, historyEnd: data.log.historyEnd(of: $0), rows: [$0], isRolling: true)
                }
            }
        }

        func probabilities(_ data: EvaluationData) throws -> [Float] {
            try data.probabilities(
                of: rows.map { data.log.item[$0] }, user: user, historyEnd: historyEnd, row: rows[0],
                rolling: isRolling ? rows.first : nil) ?? []
        }
    }
}

/// The rows of one head: what was foretold, what happened, whose they are.
package struct HeadRows: Sendable {
    /// [rows] probabilities.
    package var scores: [Float] = []
    package var labels: [Bool] = []
    /// [rows] numbers of the users.
    package var users: [Int32] = []
    /// [rows] where each row lies among the scored impressions.
    package var places: [Int32] = []

    package init() {}

    package var count: Int { scores.count }
    package var positives: Int { labels.count { $0 } }

    /// The rows whose place is among those that `include` takes.
    func filter(_ include: (Int) -> Bool) -> HeadRows {
        var result = HeadRows()
        for row in 0..<count where include(Int(places[row])) {
            result.scores.append(scores[row])
            result.labels.append(labels[row])
            result.users.append(users[row])
            result.places.append(places[row])
        }
        return result
    }
}
