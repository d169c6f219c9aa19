package import CascadeCore
package import CascadeFeatures
package import CascadeNN

/// The rankers of a release in use, one a seed that it was trained with: what their heads give on the mean, from any thread.
package final class RankerEnsemble: Sendable {
    package typealias Member = (model: RankingModel, store: ParameterStore)

    /// What a member computes of the user, in the order of the members.
    package typealias Context = [RankerContext]

    private let members: [RankerInference]

    /// - Parameters:
    ///   - members: at least one, all of the same settings and map.
    ///   - catalog: the encoded items of the release, in row order.
    ///   - retrieval: the towers of the release, of which the ranker may be told.
    ///   - options: whose memory for items is shared out to the members.
    package init(
        _ members: [Member], map: FeatureMap, catalog: EncodedEntities, retrieval: RetrievalInference? = nil,
        options: InferenceOptions = InferenceOptions()
    ) throws {
        var own = options
        own.itemBytes /= members.count
        self.members = try members.map {
            try RankerInference(
                model: $0.model, map: map, store: $0.store, catalog: catalog, retrieval: retrieval,
                options: own)
        }
    }

    /// Bytes of what is kept of the items of the catalog; 0 where it is computed in each request.
    package var itemBytes: Int { members.reduce(0) { $0 + $1.itemBytes } }

    /// Whether rows are told of the retrieval model's vectors.
    package var readsTowers: Bool { members[0].readsTowers }

    /// Computes the part of a context once for all its rows; see `RankerInference.context`.
    package func context(
        users: EncodedEntities, row: Int, history: HistorySlice, at moment: Timestamp, later: LaterItems? = nil,
        tower: [Float] = []
    ) throws -> Context {
        try members.map {
            try $0.context(users: users, row: row, history: history, at: moment, later: later, tower: tower)
        }
    }

    /// The mean probability of each head, then the mean value of each value head, for catalog rows: [items × heads]; see
    /// `RankerInference.probabilities`.
    package func probabilities(
        context: Context, items: [Int32], later: LaterItems? = nil, columns: Int,
        counters: (Int32, UnsafeMutablePointer<Float>) -> Void, check: () throws -> Void
    ) throws -> [Float] {
        if members.count == 1 {
            return try members[0].probabilities(
                context: context[0], items: items, later: later, columns: columns, counters: counters, check: check)
        }
        // Counted once for all members.
        let numbers = Self.table(items, columns, counters)
        var sum = [Float](repeating: 0, count: items.count * members[0].heads.count)
        for (member, own) in zip(members, context) {
            let scores = try member.probabilities(
                context: own, items: items, later: later, columns: columns,
                counters: { item, output in
                    if let row = numbers[item] { for column in 0..<columns { output[column] = row[column] } }
                }, check: check)
            for place in sum.indices { sum[place] += scores[place] }
        }
        let share = 1 / Float(members.count)
        return sum.map { $0 * share }
    }

    /// Makes what the rows of a context share; see `RankerInference.makeProducts`.
    package func makeProducts(of context: Context, forRows count: Int) throws {
        for (member, own) in zip(members, context) { try member.makeProducts(of: own, forRows: count) }
    }

    /// Rows in as equal parts as there are threads, each of whole chunks, so that a row's scores are the same bits however many
    /// threads there are.
    package static func parts(ofRows rows: Int, threads: Int) -> [Range<Int>] {
        let chunk = RankerInference.chunk
        let chunks = (rows + chunk - 1) / chunk
        let parts = max(1, min(threads, chunks))
        return (0..<parts).map { part in
            min(rows, chunks * part / parts * chunk)..<min(rows, chunks * (part + 1) / parts * chunk)
        }
    }

    /// The numbers that `counters` writes of each item.
    private static func table(
        _ items: [Int32], _ columns: Int, _ counters: (Int32, UnsafeMutablePointer<Float>) -> Void
    ) -> [Int32: [Float]] {
        guard columns > 0 else { return [:] }
        var table: [Int32: [Float]] = [:]
        for item in items where table[item] == nil {
            table[item] = [Float](unsafeUninitializedCapacity: columns) { buffer, count in
                guard let base = buffer.baseAddress else { return }
                base.initialize(repeating: 0, count: columns)
                counters(item, base)
                count = columns
            }
        }
        return table
    }
}
