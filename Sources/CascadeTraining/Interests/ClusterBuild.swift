package import CascadeCore
package import CascadeFeatures
import CascadeIndex
package import CascadeModels
import CascadeNN

/// Divides a catalog into clusters, by the source that the settings name.
package struct ClusterBuild: Sendable {
    package let settings: InterestSettings
    package let seed: UInt64
    package let threads: Int

    /// The cluster of each item, the clusters' names (none for clusters that were found), and how many there are.
    package typealias Clusters = (assignments: [Int32], names: [String], count: Int)

    /// More names than these are no interests of users, and each needs an index of its own.
    package static let mostCategories = 4096
    private static let rounds = 25
    /// Tokens of a skip-gram run over all passes, where so many passes are allowed.
    private static let skipGramTokens = 2_000_000

    package init(settings: InterestSettings, seed: UInt64, threads: Int) {
        self.settings = settings
        self.seed = seed
        self.threads = threads
    }

    /// Divides the items of training data.
    ///
    /// - Parameter itemVectors: [items × dimension] of the trained retrieval model, finite.
    /// - Throws: `TrainingError.clusters` where the source tells nothing of the items; blocks the calling thread.
    package func assign(_ data: TrainingData, itemVectors: [Float], dimension: Int) throws -> Clusters {
        try assign(log: data.log, items: data.rows.items, itemVectors: itemVectors, dimension: dimension)
    }

    /// Divides `items`, whose interactions are those of `log`.
    package func assign(
        log: EncodedLog, items: [Item], itemVectors: [Float], dimension: Int
    ) throws -> Clusters {
        let problems = settings.problems()
        guard problems.isEmpty else { throw ModelError.badSettings(problems) }
        guard !items.isEmpty else { throw TrainingError.emptyCatalog }
        guard dimension > 0, itemVectors.count == items.count * dimension else {
            throw TrainingError.clusters(
                "there are \(itemVectors.count) floats of item vectors for \(items.count) items of \(dimension) columns; "
                    + "take the vectors from the model that knows these items")
        }
        if settings.clusterBy == .category { return try byName(items) }
        let tower = ItemSpace(itemVectors, dimension: dimension, rows: (0..<Int32(items.count)).map { $0 })
        return try divide(
            try space(log: log, tower: tower), met: Set(log.item).sorted(), tower: tower, into: settings.clusters)
    }

    // MARK: Clusters that are found

    /// What items are placed by; those without a vector there come afterwards, by that of the item tower.
    func space(log: EncodedLog, tower: ItemSpace) throws -> ItemSpace {
        switch settings.clusterBy {
        case .itemTower, .category: return tower
        case .skipGram:
            let sequences = Self.sequences(log)
            let items = tower.rows.count
            let met = try sequences.counts(vocabulary: items).count { $0 > 0 }
            guard met > 0 else {
                throw TrainingError.clusters(
                    "skip_gram learns from what users took one after another, but no user took two items; choose "
                        + "interests.cluster_by: item_tower, or a longer period")
            }
            let found = try skipGram(tokens: sequences.tokens.count, met: met).train(sequences, vocabulary: items)
            return ItemSpace(
                found.vectors, dimension: found.dimension,
                rows: (0..<Int32(items)).filter { found.counts[Int($0)] > 0 })
        }
    }

    /// Small catalogs get smaller steps and more passes, so that there are enough steps for vectors to part.
    private func skipGram(tokens: Int, met: Int) -> SkipGram {
        var run = SkipGram()
        run.seed = StableHash.mix(seed ^ 0x736B_6970)
        run.threads = threads
        run.epochs = max(5, min(50, Self.skipGramTokens / tokens))
        run.batch = max(16, min(1024, tokens / 100))
        // Only items ten times as frequent as the mean are thinned out.
        run.subsampling = min(1, 10 / Double(met))
        return run
    }

    /// Divides the items of `tower` into at most `count` clusters, and no more than there are items that users met.
    ///
    /// - Parameter met: rows of items with interactions, ascending; where there are none, all items count as met.
    func divide(_ space: ItemSpace, met: [Int32], tower: ItemSpace, into wanted: Int) throws -> Clusters {
        let items = tower.rows.count
        let counted = Set(met.isEmpty ? tower.rows : met).intersection(space.rows)
        let count = max(1, min(wanted, counted.count))
        let places = space.rows.indices.filter { counted.contains(space.rows[$0]) }
        let fitted = places.flatMap { space.vectors[($0 * space.dimension)..<(($0 + 1) * space.dimension)] }
        let means = KMeans(
            clusters: count, iterations: Self.rounds, seed: UInt32(truncatingIfNeeded: StableHash.mix(seed)),
            threads: threads, isSpherical: true)
        let centroids = try means.fit(vectors: fitted, dimension: space.dimension).centroids
        var balance = BalancedAssignment()
        balance.threads = threads
        let own = try balance.assign(
            vectors: space.vectors, centroids: centroids, dimension: space.dimension,
            capacities: capacities(rows: space.rows.count, count: count))
        var assignments = [Int32](repeating: 0, count: items)
        for (place, cluster) in own.enumerated() { assignments[Int(space.rows[place])] = cluster }
        try place(without: space, own, tower: tower, count: count, into: &assignments)
        return (assignments, [], count)
    }

    private func capacities(rows: Int, count: Int) -> [Int] {
        let capacity = BalancedAssignment.capacity(rows: rows, clusters: count, slack: settings.slack)
        return [Int](repeating: capacity, count: count)
    }

    /// Gives the items that `space` says nothing of to the clusters whose items are nearest in the space of the item tower,
    /// as far as there is room.
    private func place(
        without space: ItemSpace, _ own: [Int32], tower: ItemSpace, count: Int, into assignments: inout [Int32]
    ) throws {
        guard space.rows.count < tower.rows.count else { return }
        let dimension = tower.dimension
        var means = [Float](repeating: 0, count: count * dimension)
        var room = capacities(rows: tower.rows.count, count: count)
        for (place, cluster) in own.enumerated() {
            room[Int(cluster)] -= 1
            for column in 0..<dimension {
                means[Int(cluster) * dimension + column] += tower.vectors[Int(space.rows[place]) * dimension + column]
            }
        }
        let centroids = ItemSpace(means, dimension: dimension, rows: (0..<Int32(count)).map { $0 })
        let known = Set(space.rows)
        let others = ItemSpace(tower.vectors, dimension: dimension, rows: tower.rows.filter { !known.contains($0) })
        var balance = BalancedAssignment()
        balance.threads = threads
        let found = try balance.assign(
            vectors: others.vectors, centroids: centroids.vectors, dimension: dimension, capacities: room)
        for (row, cluster) in zip(others.rows, found) { assignments[Int(row)] = cluster }
    }

    /// What each user took, in the order of time: what was shown and passed over is left out.
    static func sequences(_ log: EncodedLog) -> TokenSequences {
        var sequences = TokenSequences()
        for user in 0..<(log.userStart.count - 1) {
            let rows = Int(log.userStart[user])..<Int(log.userStart[user + 1])
            sequences.append(rows.lazy.filter { log.isTaken($0) }.map { log.item[$0] })
        }
        return sequences
    }

    // MARK: Clusters with names

    private func byName(_ items: [Item]) throws -> Clusters {
        let names = items.map { settings.clusterName(of: $0) ?? "" }
        let known = Set(names).sorted()
        let source = settings.category.isEmpty ? "a category" : "the attribute '\(settings.category)'"
        guard known != [""] else {
            throw TrainingError.clusters(
                "no item has \(source); set interests.category to an attribute that items have, or choose "
                    + "interests.cluster_by: item_tower")
        }
        guard known.count <= Self.mostCategories else {
            throw TrainingError.clusters(
                "\(source) has \(known.count) values, at most \(Self.mostCategories) can be clusters; set interests.category "
                    + "to a coarser attribute, or choose interests.cluster_by: item_tower")
        }
        let numbers = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, Int32($0)) })
        return (names.map { numbers[$0] ?? 0 }, known, known.count)
    }
}

extension EncodedLog {
    /// Whether a row tells what its user wanted: an event, or an impression with feedback.
    func isTaken(_ row: Int) -> Bool { isGiven(row) || !isImpression[row] }
}
